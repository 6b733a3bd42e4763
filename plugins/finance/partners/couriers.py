"""A courier's bills against what was shipped."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import or_, select

from core.extensions import db
from core.imports.plans import chunks
from core.questions import asked
from core.stores.models import Order
from core.stores.rules import PAID, UNPAID
from plugins.finance.partners.models import CourierLine
from plugins.finance.partners.movements import span
from plugins.finance.partners.rules import AS_SHIPPED, COURIER_FINDINGS, courier_findings


@dataclass
class Bill:
    """The lines of courier bills with what is wrong with each; ``sums`` by finding: how many, how much."""

    lines: list[tuple[CourierLine, str]] = field(default_factory=list)

    @property
    def sums(self) -> dict[str, tuple[int, int]]:
        found = dict.fromkeys(COURIER_FINDINGS, (0, 0))
        for line, name in self.lines:
            count, amount = found[name]
            found[name] = (count + 1, amount + line.amount)
        return found

    @property
    def total(self) -> int:
        return sum(line.amount for line, _ in self.lines)

    @property
    def wrong(self) -> list[tuple[CourierLine, str]]:
        return [(line, name) for line, name in self.lines if name != AS_SHIPPED]


def bill(store_id: int, first: date | None = None, last: date | None = None) -> Bill:
    """What the store's couriers billed for parcels of these days, against the orders and what others know of parcels.

    A parcel counts as billed twice when an earlier line of any bill has its waybill, in these days or before.
    """
    query = select(CourierLine).where(CourierLine.store_id == store_id, *span(CourierLine.shipped_at, None, last))
    lines = db.session.scalars(query.order_by(CourierLine.shipped_at, CourierLine.id)).all()
    shipped = handed_over(store_id, {line.waybill_no for line in lines})
    findings = courier_findings([(line.id, line.waybill_no) for line in lines], shipped)
    wanted = {line.id for line in lines} if first is None else _since(store_id, first)
    return Bill([(line, findings[line.id]) for line in lines if line.id in wanted])


def _since(store_id: int, first: date) -> set[int]:
    query = select(CourierLine.id).where(
        CourierLine.store_id == store_id,
        or_(CourierLine.shipped_at.is_(None), *span(CourierLine.shipped_at, first, None)),
    )
    return set(db.session.scalars(query))


def handed_over(store_id: int, waybills: Iterable[str]) -> dict[str, bool]:
    """Of every waybill that an order or a plugin knows, whether its parcel was handed over."""
    wanted, known = set(waybills), {}
    for numbers, status, shipped_at in _orders(store_id, wanted):
        for number in split(numbers):
            if number in wanted:
                known[number] = known.get(number, False) or shipped_at is not None or status not in (PAID, UNPAID)
    for parcel in asked("parcels", store_id=store_id, waybills=sorted(wanted)) if wanted else ():
        known[parcel.waybill_no] = parcel.shipped_at is not None
    return known


def _orders(store_id: int, wanted: Iterable[str]) -> Iterable[Sequence[Any]]:
    columns = (Order.waybill_no, Order.status, Order.shipped_at)
    for part in chunks(sorted(wanted)):
        yield from db.session.execute(select(*columns).where(Order.store_id == store_id, Order.waybill_no.in_(part)))
    # an order that went out in several parcels names them all in one cell
    several = or_(*(Order.waybill_no.contains(mark) for mark in (",", "，", ";", "；", " ", "|")))
    yield from db.session.execute(select(*columns).where(Order.store_id == store_id, several))


def split(numbers: str) -> list[str]:
    """The waybill numbers in one cell."""
    for mark in ("，", ";", "；", "|", " "):
        numbers = numbers.replace(mark, ",")
    return [number for number in numbers.split(",") if number]
