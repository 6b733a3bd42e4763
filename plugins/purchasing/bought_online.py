"""Orders placed on 1688, made into purchase orders: sellers and their goods are matched once and remembered."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import exists, select

from core import localtime
from core.columns import now
from core.contracts import Actor
from core.extensions import db
from core.messages import N_, Message, Refusal, msg, refuse
from core.stores.rules import UNPAID, order_state
from core.transactions import transaction
from plugins.purchasing import orders
from plugins.purchasing.models import (
    Offer,
    PlatformLine,
    PlatformOrder,
    PurchaseOrder,
    SellerArticle,
    SellerName,
    Supplier,
)

SHUT = "交易关闭"
TAKEN = exists().where(PurchaseOrder.store_id == PlatformOrder.store_id, PurchaseOrder.platform_no == PlatformOrder.key)


@dataclass(frozen=True)
class Matched:
    """What is known of an order's seller and goods: of each line our code and how many of ours one of theirs is."""

    supplier_id: int | None
    lines: Sequence[tuple[PlatformLine, str, int]]

    @property
    def whole(self) -> bool:
        return self.supplier_id is not None and bool(self.lines) and all(code for _, code, _ in self.lines)


def lines_of(order: PlatformOrder) -> Sequence[PlatformLine]:
    """The articles of an order on 1688."""
    here = (PlatformLine.store_id == order.store_id, PlatformLine.order_no == order.key)
    return db.session.scalars(select(PlatformLine).where(*here).order_by(PlatformLine.id)).all()


def made_of(order: PlatformOrder) -> PurchaseOrder | None:
    """The purchase order that it is, made of it or written before."""
    here = (PurchaseOrder.store_id == order.store_id, PurchaseOrder.platform_no == order.key)
    return db.session.scalar(select(PurchaseOrder).where(*here).order_by(PurchaseOrder.id).limit(1))


def of_purchase(order: PurchaseOrder) -> PlatformOrder | None:
    """What 1688 says of a purchase order."""
    if not order.platform_no:
        return None
    here = (PlatformOrder.store_id == order.store_id, PlatformOrder.key == order.platform_no)
    return db.session.scalar(select(PlatformOrder).where(*here))


def matched(order: PlatformOrder) -> Matched:
    """Whom and what an order's names mean: as a buyer said, or as supplier and offer are called."""
    known = select(SellerName.supplier_id).where(SellerName.name == order.seller)
    named = select(Supplier.id).where(Supplier.name == order.seller)
    supplier_id = db.session.scalar(known) or db.session.scalar(named)
    codes: dict[str, tuple[str, int]] = {}
    if supplier_id is not None:
        offered = (Offer.store_id == order.store_id, Offer.supplier_id == supplier_id, Offer.supplier_code != "")
        codes = {
            theirs: (ours, 1)
            for theirs, ours in db.session.execute(select(Offer.supplier_code, Offer.merchant_code).where(*offered))
        }
        said = (SellerArticle.store_id == order.store_id, SellerArticle.supplier_id == supplier_id)
        codes |= {
            row.article: (row.merchant_code, row.pieces)
            for row in db.session.scalars(select(SellerArticle).where(*said))
        }
    return Matched(supplier_id, [(line, *codes.get(line.article, ("", 1))) for line in lines_of(order)])


def remember(actor: Actor, order_id: int, supplier_id: int | None, said: Mapping[str, tuple[str, int]]) -> Matched:
    """Keep whom a seller is and what its articles are (our code, how many of ours one is), for all its orders."""
    problems: dict[str, Message] = {}
    if supplier_id is None or db.session.get(Supplier, supplier_id) is None:
        problems["supplier"] = msg("Choose one of the options.")
    if any(pieces < 1 for _, pieces in said.values()):
        problems["lines"] = msg("At least one piece.")
    refuse(**problems)
    with transaction() as session:
        order = session.get_one(PlatformOrder, order_id)
        name = session.scalar(select(SellerName).where(SellerName.name == order.seller))
        if name is None:
            name = SellerName(name=order.seller)
            session.add(name)
        name.supplier_id = supplier_id
        for article, (code, pieces) in said.items():
            here = (SellerArticle.store_id == order.store_id, SellerArticle.supplier_id == supplier_id)
            row = session.scalar(select(SellerArticle).where(*here, SellerArticle.article == article))
            if not code:
                continue
            if row is None:
                row = SellerArticle(store_id=order.store_id, supplier_id=supplier_id, article=article)
                session.add(row)
            row.merchant_code, row.pieces = code[:80], pieces
        session.flush()
    return matched(order)


def take_over(actor: Actor, order_id: int) -> PurchaseOrder:
    """Make a purchase order of an order on 1688 whose seller and goods are matched; what was paid there is its total.

    One that is paid there is on its way here, without the approval that it would have needed; one that is not is a
    draft.
    """
    with transaction() as session:
        order = session.get_one(PlatformOrder, order_id, with_for_update=True)
        found = matched(order)
        if (made := made_of(order)) is not None:
            raise Refusal(msg("%(number)s is already this order.", number=made.number))
        if order.status_text == SHUT:
            raise Refusal(msg("The order was closed on 1688; nothing will come of it."))
        if not found.whole or found.supplier_id is None:
            raise Refusal(msg("Say first who the seller is, and what each article is here."))
        made = orders.draft_order(actor, _wanted(order, found, found.supplier_id))
        if order_state(order.status_text) != UNPAID:
            made.state, made.ordered_at = orders.SENT, order.paid_at or order.ordered_at or now()
        orders.log(actor, made, N_("took an order over from 1688"), {"text": order.key})
    return made


def _wanted(order: PlatformOrder, found: Matched, supplier_id: int) -> orders.Wanted:
    pieces: dict[str, int] = {}
    sums: dict[str, int] = {}
    names: dict[str, str] = {}
    for line, code, each in found.lines:
        pieces[code] = pieces.get(code, 0) + line.quantity * each
        sums[code] = sums.get(code, 0) + line.quantity * line.price
        names.setdefault(code, line.name[:200])
    lines = [(code, names[code], count, sums[code] // count) for code, count in pieces.items()]
    # a fen that does not divide by the pieces, and what was bargained, stand in freight and discount
    rest = order.paid - sum(count * price for _, _, count, price in lines)
    freight = max(order.freight, rest)
    bought = localtime.day_of(order.ordered_at or now())
    supplier = db.session.get_one(Supplier, supplier_id)
    return orders.Wanted(
        order.store_id,
        supplier_id,
        lines,
        freight=freight,
        discount=freight - rest,
        expected_on=bought + timedelta(days=supplier.lead_days),
        platform_no=order.key,
    )


def take_all(actor: Actor, store_id: int | None = None) -> tuple[int, int]:
    """Make purchase orders of all that are matched: how many were made, and how many still have to be matched."""
    query = select(PlatformOrder).where(~TAKEN, PlatformOrder.status_text != SHUT).order_by(PlatformOrder.id)
    waiting = db.session.scalars(query if store_id is None else query.where(PlatformOrder.store_id == store_id)).all()
    ready = [order.id for order in waiting if matched(order).whole]
    with transaction():
        for order_id in ready:
            take_over(actor, order_id)
    return len(ready), len(waiting) - len(ready)
