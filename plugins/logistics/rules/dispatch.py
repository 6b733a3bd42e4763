"""Until when an order must be sent out, and how near that is."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from core.messages import N_

SOON = timedelta(hours=4)
BREACHED, NEXT_4_H, NEXT_24_H, LATER = "breached", "soon", "day", "later"
BANDS = {
    BREACHED: N_("Breached"),
    NEXT_4_H: N_("Breaches in the next 4 h"),
    NEXT_24_H: N_("Within 24 h"),
    LATER: N_("Later"),
}


@dataclass(frozen=True)
class Waiting:
    """An order that is paid and not sent out."""

    order_id: int
    order_no: str
    store_id: int
    warehouse: str
    paid_at: datetime
    total: int
    due_at: datetime | None = None


def due(paid_at: datetime, hours: int | None, by_day: date | None, zone: tzinfo) -> datetime:
    """The last moment to send an order out: so many hours after it was paid, or the end of a day, what is later.

    A campaign's rule names a day for all of its orders; hours alone are the usual rule.
    """
    moments = [paid_at + timedelta(hours=hours)] if hours is not None else []
    if by_day is not None:
        moments.append(datetime.combine(by_day + timedelta(days=1), time(), zone).astimezone(UTC))
    return max(moments) if moments else paid_at


def band(due_at: datetime, at: datetime) -> str:
    """How near the deadline is: one of ``BANDS``."""
    left = due_at - at
    if left < timedelta(0):
        return BREACHED
    if left <= SOON:
        return NEXT_4_H
    return NEXT_24_H if left <= timedelta(hours=24) else LATER


def table(orders: Iterable[Waiting], at: datetime) -> dict[str, Counter[str]]:
    """How many orders of each warehouse stand in each band."""
    found: dict[str, Counter[str]] = {}
    for order in orders:
        if order.due_at is not None:
            found.setdefault(order.warehouse, Counter())[band(order.due_at, at)] += 1
    return dict(sorted(found.items()))
