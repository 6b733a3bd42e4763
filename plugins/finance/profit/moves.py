"""What the store's accounts say of orders: received, given back, charged; and charges that belong to no order."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, select

from core.extensions import db
from core.stores.models import Order
from plugins.finance.books.models import Line
from plugins.finance.matching import kinds
from plugins.finance.matching.frames import BLOCK
from plugins.finance.matching.manual import given
from plugins.finance.matching.versions import current_rules

PAY, REFUND, FEE = "pay", "refund", "fee"
AFFILIATE, GOODWILL = "affiliate", "goodwill"


@dataclass(frozen=True)
class Move:
    """One movement: of which order, by number, and what it is to it."""

    id: int
    order_no: str | None
    part: str
    subject: str
    amount: int
    at: datetime


class Sorter:
    """Tells the part of lines by the store's current rules, and by what people said of single ones."""

    def __init__(self, store_id: int):
        self.kinds = current_rules(store_id)[1].kinds
        self.hand = given(store_id)
        self.known: dict[tuple[str, str, str, bool], list[kinds.Kind]] = {}

    def __call__(self, row: Any) -> Move:
        told = (row.account.partition(":")[0], row.kind or "", row.subject or "", row.amount > 0)
        if told not in self.known:
            self.known[told] = kinds.classify(self.kinds, [told])[0]
        found = kinds.chosen(self.known[told], row.memo or "", row.merchant_no or "")
        part = self.hand.parts.get(row.id, found.part)
        return Move(row.id, self.hand.orders.get(row.id, row.order_no), part, found.subject, row.amount, row.at)


def of_orders(store_id: int, *which: ColumnElement[bool]) -> Iterator[Move]:
    """Movements of the orders that ``which`` selects, whenever they were."""
    numbers = select(Order.order_no).where(Order.store_id == store_id, *which)
    sorter = Sorter(store_id)
    by_hand = [line for line, number in sorter.hand.orders.items() if number]
    yield from _moves(store_id, sorter, Line.order_no.in_(numbers) | Line.id.in_(by_hand))


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
        yield sorter(row)
