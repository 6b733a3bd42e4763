"""What purchasing answers when other plugins ask."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta

from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from core.answers import Receipt as Answer
from core.contracts import Ref
from core.extensions import db
from core.imports.rules import SHANGHAI
from plugins.purchasing import orders, receiving
from plugins.purchasing.models import PurchaseOrder, Receipt


def goods_received(store_id: int, first: date, last: date) -> Iterator[Answer]:
    """The deliveries of some days: the pieces that came in good order, at the price they were ordered for."""
    begin, end = (datetime.combine(day, time(), SHANGHAI) for day in (first, last + timedelta(days=1)))
    query = (
        select(Receipt, PurchaseOrder)
        .join(PurchaseOrder, PurchaseOrder.id == Receipt.order_id)
        .where(PurchaseOrder.store_id == store_id, Receipt.at >= begin, Receipt.at < end)
        .options(joinedload(PurchaseOrder.supplier), selectinload(PurchaseOrder.lines))
    )
    for receipt, order in db.session.execute(query.order_by(Receipt.at, Receipt.id)):
        asked = receiving.ordered(order)
        good = [(line["good"], asked.get(line["merchant_code"], (0, 0))[1]) for line in receipt.lines]
        yield Answer(
            number=receipt.number,
            supplier=order.supplier.name,
            on=receipt.at.astimezone(SHANGHAI).date(),
            purchase_no=order.platform_no or order.number,
            goods=" ".join(line["merchant_code"] for line in receipt.lines),
            quantity=sum(pieces for pieces, _ in good),
            amount=sum(pieces * price for pieces, price in good),
            ref=Ref(orders.KIND, order.id),
        )
