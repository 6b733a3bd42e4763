"""What the store's accounts say of orders: received, given back, charged; and charges that belong to no order."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, or_, select

from core.extensions import db
from core.stores.models import Order
from plugins.finance.books.models import Line, SettlementFee
from plugins.finance.matching import kinds
from plugins.finance.matching.frames import BLOCK
from plugins.finance.matching.manual import given
from plugins.finance.matching.versions import current_rules

PAY, REFUND, FEE = "pay", "refund", "fee"
AFFILIATE, GOODWILL, LOGISTICS = "affiliate", "goodwill", "logistics"
DELIVERY = ("服务费", "配送费", "运费")  # of what 菜鸟 charges: duty and compensation bring nothing to a buyer


class Move(NamedTuple):
    """One movement: of which order, by number, and what it is to it."""

    id: int
    order_no: str | None
    part: str
    subject: str
    amount: int
    at: datetime
    delivery: bool = False  # that the platform charges for bringing the parcel to the buyer


class Sorter:
    """Tells the part of lines by the store's current rules, and by what people said of single ones."""

    def __init__(self, store_id: int):
        self.kinds = current_rules(store_id)[1].kinds
        self.hand = given(store_id)
        self.known: dict[tuple[Any, ...], list[kinds.Kind]] = {}

    def __call__(self, row: tuple[Any, ...]) -> Move:
        line, order_no, account, kind, text, memo, merchant, amount, at = row
        alike = (account, kind, text, amount > 0)
        candidates = self.known.get(alike)
        if candidates is None:
            told = (account.partition(":")[0], kind or "", text or "", amount > 0)
            candidates = self.known[alike] = kinds.classify(self.kinds, [told])[0]
        found = candidates[0] if len(candidates) == 1 else kinds.chosen(candidates, memo or "", merchant or "")
        part = self.hand.parts.get(line, found.part)
        delivery = found.subject == LOGISTICS and any(word in (memo or "") for word in DELIVERY)
        return Move(line, self.hand.orders.get(line, order_no), part, found.subject, amount, at, delivery)


def of_orders(store_id: int, *which: ColumnElement[bool]) -> Iterator[Move]:
    """Movements of the orders that ``which`` selects, whenever they were."""
    numbers = select(Order.order_no).where(Order.store_id == store_id, *which)
    sorter = Sorter(store_id)
    by_hand = [line for line, number in sorter.hand.orders.items() if number]
    yield from _moves(store_id, sorter, Line.order_no.in_(numbers) | Line.id.in_(by_hand))


def delivered(store_id: int, *which: ColumnElement[bool]) -> set[str]:
    """Orders whose delivery the platform has taken out of a payout: the payout's fees tell."""
    numbers = select(Order.order_no).where(Order.store_id == store_id, *which)
    fees = select(SettlementFee.order_no).where(SettlementFee.store_id == store_id, SettlementFee.fee != 0)
    service = (SettlementFee.order_no.in_(numbers), or_(*(SettlementFee.memo.contains(word) for word in DELIVERY)))
    return set(db.session.scalars(fees.where(*service)))


def of_none(store_id: int, start: datetime, end: datetime) -> Iterator[Move]:
    """Movements between two moments that name no order, or none that is stored."""
    stored = select(Order.id).where(Order.store_id == store_id, Order.order_no == Line.order_no).exists()
    sorter = Sorter(store_id)
    for move in _moves(store_id, sorter, Line.at >= start, Line.at < end, ~stored):
        if move.id not in sorter.hand.orders:
            yield move


def _moves(store_id: int, sorter: Sorter, *which: ColumnElement[bool]) -> Iterator[Move]:
    query = select(
        Line.id, Line.order_no, Line.account, Line.kind, Line.subject, Line.memo, Line.merchant_no, Line.amount, Line.at
    ).where(Line.store_id == store_id, *which)
    for row in db.session.execute(query.order_by(Line.id).execution_options(yield_per=BLOCK)):
        yield sorter(tuple(row))
