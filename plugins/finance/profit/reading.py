"""Which orders of a store belong to some days, and what is being read of them."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, case, func, select
from sqlalchemy.orm import aliased

from core.stores.models import Order
from plugins.finance.books.models import Line
from plugins.finance.matching.loading import paid
from plugins.finance.periods.rules import bounds
from plugins.finance.profit.rules import INVOICED, ORDERED, SETTLED, SHIPPED

Where = tuple[ColumnElement[bool], ...]


@dataclass
class Span:
    """Days of a store, by which date orders are put to them."""

    store_id: int
    first: date
    last: date
    basis: str = ORDERED

    @property
    def moments(self) -> tuple[datetime, datetime]:
        return bounds(self.first, self.last)

    @property
    def at(self) -> Any:
        """The moment of an order that counts."""
        if self.basis == SETTLED:
            line = aliased(Line)
            mine = (line.store_id == Order.store_id, line.order_no == Order.order_no)
            came = case((line.amount > 0, line.at))  # the smallest moment alone is sought among all lines of the store
            return select(func.min(came)).where(*mine).correlate(Order).scalar_subquery()
        return {ORDERED: Order.ordered_at, SHIPPED: Order.shipped_at, INVOICED: Order.confirmed_at}[self.basis]

    @property
    def orders(self) -> Where:
        """Paid orders of the store that belong to these days."""
        start, end = self.moments
        return Order.store_id == self.store_id, paid(), self.at >= start, self.at < end


@dataclass
class Reading:
    """What is being read: the orders by number and waybill, and what was found so far."""

    span: Span
    ids: list[int] = field(default_factory=list)
    places: dict[str, int] = field(default_factory=dict)
    parcels: dict[str, list[int]] = field(default_factory=dict)
    totals: list[int] = field(default_factory=list)
    charges: list[tuple[Any, ...]] = field(default_factory=list)

    def charge(self, source: tuple[str, int], part: str, place: int, day: date, amount: int) -> None:
        """An amount of an order, or of none and a day; ``source`` is what it comes from and its record."""
        self.charges.append((*source, part, place, day.toordinal(), amount))
