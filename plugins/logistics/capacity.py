"""Expected parcels per day of each warehouse and courier, and whether they can take them."""

from datetime import date, timedelta
from typing import Any

from sqlalchemy import func, select

from core import localtime
from core.extensions import db
from plugins.logistics import clock, parcels
from plugins.logistics.models import Campaign, Capacity, Parcel
from plugins.logistics.rules import capacity as rules
from plugins.logistics.rules.exceptions import counting, holds

LOOKED_BACK = 14  # days that say what is usual
AHEAD = 14


def forecast(first: date | None = None) -> list[dict[str, Any]]:
    """The coming days of each warehouse and courier: kind, name, what is usual, and each day's load."""
    first = first or localtime.today()
    days = [first + timedelta(days=offset) for offset in range(AHEAD)]
    campaigns = list(db.session.scalars(select(Campaign).where(Campaign.until >= first)))
    percents = [[each.percent for each in campaigns if holds(each, day)] for day in days]
    backlog, found = clock.backlog(), []
    for kind, column in (("warehouse", Parcel.warehouse), ("carrier", Parcel.carrier)):
        usual = _usual(column, first)
        per_day = -(-sum(usual.values()) // LOOKED_BACK)
        incoming = [rules.share(rules.expected(per_day, each), usual) for each in percents]
        for name in sorted({*usual, *_named(kind)}):
            counts = [each.get(name, 0) for each in incoming]
            waiting = backlog[name] if kind == "warehouse" else 0
            loads = rules.loads(first, [counts[0] + waiting, *counts[1:]], _capacities(kind, name, days))
            found.append({"kind": kind, "name": name, "usual": usual.get(name, 0) / LOOKED_BACK, "days": loads})
    return found


def _usual(column: Any, first: date) -> dict[str, int]:
    """How many parcels each warehouse or courier sent in the days before ``first``, each counted in the index."""
    since, until = localtime.begins(first - timedelta(days=LOOKED_BACK)), localtime.begins(first)
    sent = select(func.count()).where(Parcel.shipped_at >= since, Parcel.shipped_at < until)
    counts = {name: db.session.scalar(sent.where(column == name)) or 0 for name in parcels.named(column)}
    return {name: count for name, count in counts.items() if count}


def _named(kind: str) -> set[str]:
    return set(db.session.scalars(select(Capacity.name).where(Capacity.kind == kind)))


def _capacities(kind: str, name: str, days: list[date]) -> list[int | None]:
    rows = list(db.session.scalars(select(Capacity).where(Capacity.kind == kind, Capacity.name == name)))
    held: list[Any] = [counting(rows, day) for day in days]
    return [each.per_day if each else None for each in held]
