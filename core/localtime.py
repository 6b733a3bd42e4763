"""The stores' calendar days: which day a moment falls on, and when a day begins, in the zone ``TIME_ZONE``."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from flask import current_app

from core.columns import now


def zone() -> ZoneInfo:
    """Where the stores' days begin and end, wherever the reader is."""
    return ZoneInfo(current_app.config["TIME_ZONE"])


def day_named(text: str) -> date | None:
    """The day that a form or an address names (``2026-11-30``); None for anything else."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def day_of(moment: datetime) -> date:
    """The day of a moment where the stores are."""
    return moment.astimezone(zone()).date()


def today() -> date:
    """The day it is where the stores are."""
    return day_of(now())


def begins(day: date) -> datetime:
    """When a day begins where the stores are; in UTC."""
    return datetime.combine(day, time(), zone()).astimezone(UTC)


def ends(day: date) -> datetime:
    """When a day is over where the stores are; in UTC."""
    return begins(day + timedelta(days=1))
