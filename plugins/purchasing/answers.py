"""What purchasing answers when other plugins ask."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import joinedload, selectinload

from core import localtime
from core.answers import Payable
from core.answers import Receipt as Answer
from core.contracts import Ref
from core.extensions import db
from core.messages import Message, msg
from plugins.purchasing import invoices, orders, receiving, returns, rules
from plugins.purchasing.models import Discrepancy, Invoice, PurchaseOrder, Receipt, SupplierReturn


def goods_received(store_id: int, first: date, last: date) -> Iterator[Answer]:
    """The deliveries of some days: the pieces that came in good order, at the price they were ordered for; and what
    was sent back of them, as less."""
    begin, end = localtime.begins(first), localtime.ends(last)
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
            on=localtime.day_of(receipt.at),
            purchase_no=order.platform_no or order.number,
            goods=" ".join(line["merchant_code"] for line in receipt.lines),
            quantity=sum(pieces for pieces, _ in good),
            amount=sum(pieces * price for pieces, price in good),
            ref=Ref(orders.KIND, order.id),
        )
    yield from _sent_back(store_id, begin, end)


def _sent_back(store_id: int, begin: datetime, end: datetime) -> Iterator[Answer]:
    these = (SupplierReturn.store_id == store_id, SupplierReturn.sent_at >= begin, SupplierReturn.sent_at < end)
    query = select(SupplierReturn).where(*these).order_by(SupplierReturn.id)
    for each in db.session.scalars(query.options(joinedload(SupplierReturn.order).joinedload(PurchaseOrder.supplier))):
        good = [line for line in each.lines if line["good"]]
        if good and each.sent_at:
            yield Answer(
                number=each.number,
                supplier=each.order.supplier.name,
                on=localtime.day_of(each.sent_at),
                purchase_no=each.order.platform_no or each.order.number,
                goods=" ".join(line["merchant_code"] for line in good),
                quantity=-sum(line["good"] for line in good),
                amount=-sum(line["good"] * line["price"] for line in good),
                ref=Ref(returns.KIND, each.id),
            )


def payables(store_id: int | None, first: date, last: date) -> Iterator[Payable]:
    """Invoices and open claims of some days; of no store are the invoices that are linked to no order."""
    mine = Invoice.order_id.is_(None) if store_id is None else PurchaseOrder.store_id == store_id
    query = (
        select(Invoice)
        .outerjoin(Invoice.order)
        .where(mine, Invoice.on >= first, Invoice.on <= last)
        .options(joinedload(Invoice.supplier), *(selectinload(Invoice.order).selectinload(each) for each in OF_ORDER))
    )
    for invoice in db.session.scalars(query.order_by(Invoice.on, Invoice.id)):
        held = () if invoice.released_at else invoices.held(invoice)
        yield Payable(
            number=invoice.number,
            supplier=invoice.supplier.name,
            on=invoice.on,
            purchase_no=invoice.order.number if invoice.order else "",
            amount=invoice.amount,
            held=invoices.held_amount(invoice),
            why=tuple(_why(invoice, each) for each in held),
            due_on=invoice.due_on,
            ref=Ref(orders.KIND, invoice.order_id) if invoice.order_id else None,
        )
    if store_id is not None:
        yield from _claims(Discrepancy.store_id == store_id, first, last)


OF_ORDER = (
    PurchaseOrder.lines,
    PurchaseOrder.receipts,
    PurchaseOrder.returns,
    PurchaseOrder.invoices,
    PurchaseOrder.discrepancies,
)


def _why(invoice: Invoice, held: rules.Held) -> Message:
    label = Message(invoices.WHY[held.why]) if invoice.order_id else msg("No order is linked")
    return msg("%(code)s %(why)s", code=held.merchant_code, why=label) if held.merchant_code else label


def _claims(mine: ColumnElement[bool], first: date, last: date) -> Iterator[Payable]:
    begin, end = (localtime.begins(day) for day in (first, last + timedelta(days=1)))
    query = (
        select(Discrepancy)
        .where(mine, Discrepancy.state == "open", Discrepancy.created_at >= begin, Discrepancy.created_at < end)
        .options(joinedload(Discrepancy.order).joinedload(PurchaseOrder.supplier))
    )
    for note in db.session.scalars(query.order_by(Discrepancy.id)):
        yield Payable(
            number=note.number,
            supplier=note.order.supplier.name,
            on=localtime.day_of(note.created_at),
            purchase_no=note.order.number,
            claimed=note.claimed,
            why=(msg("Claimed for what was short or damaged"),),
            ref=Ref(receiving.KIND, note.id),
        )
