"""Service figures by definition: what counts, within which hours and days, and what is asked for. Pure.

A definition is data, for platforms change theirs and two pages of one platform disagree; the same contacts under two
definitions give two figures, both right.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from statistics import fmean, median
from typing import Any, NamedTuple

from core.contracts import Field
from core.imports.rules import SHANGHAI
from core.messages import N_, Message, msg

REPLY, RESOLVE, SATISFACTION = "reply_rate", "resolve_time", "satisfaction"
FIGURES = {REPLY: N_("Reply rate"), RESOLVE: N_("Time to resolve"), SATISFACTION: N_("Satisfaction")}

_DAYS = Field("days", N_("Days looked at"), "number", required=True, help=N_("1: the day alone; 30: the last 30 days."))
_LEAST = Field("least", N_("Ignored below"), "number", help=N_("So few contacts give no figure."))
_TARGET = Field("target", N_("Asked for"), "number", help=N_("Per cent; minutes for the time to resolve."))
PARAMETERS: dict[str, tuple[Field, ...]] = {
    REPLY: (
        Field("within", N_("Answered within (minutes)"), "number", required=True),
        Field("first_hour", N_("From hour"), "number", help=N_("Contacts that come earlier do not count.")),
        Field("last_hour", N_("Until hour"), "number", help=N_("Contacts that come later do not count.")),
        _DAYS,
        _LEAST,
        _TARGET,
    ),
    RESOLVE: (
        Field(
            "measure",
            N_("Measure"),
            "choice",
            required=True,
            options=(("median", N_("Median")), ("mean", N_("Mean"))),
        ),
        Field(
            "begins",
            N_("Counts from"),
            "choice",
            required=True,
            options=(("opened", N_("The contact")), ("replied", N_("The first reply"))),
        ),
        _DAYS,
        _LEAST,
        _TARGET,
    ),
    SATISFACTION: (
        Field("good_from", N_("Content from (1 to 5)"), "number", required=True),
        Field(
            "of",
            N_("Share of"),
            "choice",
            required=True,
            options=(("rated", N_("Contacts that were rated")), ("all", N_("All resolved contacts"))),
        ),
        _DAYS,
        _LEAST,
        _TARGET,
    ),
}


class Contact(NamedTuple):
    """One contact with a buyer, as far as figures need it."""

    opened_at: datetime
    replied_at: datetime | None = None
    resolved_at: datetime | None = None
    satisfaction: int | None = None


@dataclass(frozen=True)
class Figure:
    """A figure in per cent or minutes, None where nothing counted: ``of`` contacts counted, ``hits`` of them did it."""

    value: float | None
    of: int
    hits: int | None = None
    enough: bool = True
    met: bool | None = None


def figure(name: str, parameters: Mapping[str, Any], contacts: Iterable[Contact], day: date) -> Figure:
    """The figure ``name`` on ``day`` (of the store) under one definition."""
    first = day - timedelta(days=max(parameters.get("days", 1), 1) - 1)
    begin, end = (datetime.combine(each, time(), SHANGHAI).astimezone(UTC) for each in (first, day + timedelta(days=1)))
    chosen = [each for each in contacts if begin <= each.opened_at < end]
    value, of, hits = _FIGURES[name](parameters, chosen)
    if not of or of < parameters.get("least", 0):
        return Figure(None, of, hits, enough=False)
    target = parameters.get("target")
    met = None if target is None else value <= target if name == RESOLVE else value >= target
    return Figure(value, of, hits, True, met)


def problems(name: str, parameters: Mapping[str, Any]) -> dict[str, Message]:
    """Why numbers cannot define a figure, by field."""
    found = {}
    first, last = parameters.get("first_hour", 0), parameters.get("last_hour", 24)
    if not 1 <= parameters.get("days", 1) <= 366:
        found["days"] = msg("Give 1 to 366 days.")
    if not 0 <= first <= 23:
        found["first_hour"] = msg("Give an hour from 0 to 23.")
    if not 1 <= last <= 24 or last <= first <= 23:
        found["last_hour"] = msg("Give an hour after the first, up to 24.")
    if parameters.get("within", 1) < 1:
        found["within"] = msg("Give at least one minute.")
    if not 1 <= parameters.get("good_from", 1) <= 5:
        found["good_from"] = msg("Give one to five.")
    if name != RESOLVE and not 0 <= parameters.get("target", 0) <= 100:
        found["target"] = msg("Give 0 to 100 per cent.")
    if parameters.get("svip_from", 1) <= parameters.get("vip_from", 0):
        found["svip_from"] = msg("A top member has spent more than a good member.")
    return found


def valid(since: date, until: date | None, day: date) -> bool:
    """Whether a definition holds on ``day``."""
    return since <= day and (until is None or day <= until)


def _reply(parameters: Mapping[str, Any], contacts: list[Contact]) -> tuple[float, int, int]:
    first, last = parameters.get("first_hour", 0), parameters.get("last_hour", 24)
    counted = [each for each in contacts if first <= each.opened_at.astimezone(SHANGHAI).hour < last]
    limit = timedelta(minutes=parameters["within"])
    hits = sum(1 for each in counted if each.replied_at is not None and each.replied_at - each.opened_at <= limit)
    return _share(hits, len(counted)), len(counted), hits


def _resolve(parameters: Mapping[str, Any], contacts: list[Contact]) -> tuple[float, int, None]:
    minutes = []
    for each in contacts:
        begun = each.opened_at if parameters["begins"] == "opened" else each.replied_at
        if begun is not None and each.resolved_at is not None:
            minutes.append((each.resolved_at - begun).total_seconds() / 60)
    measure = median if parameters["measure"] == "median" else fmean
    return (round(measure(minutes), 1) if minutes else 0.0), len(minutes), None


def _satisfaction(parameters: Mapping[str, Any], contacts: list[Contact]) -> tuple[float, int, int]:
    rated = parameters["of"] == "rated"
    counted = [each for each in contacts if (each.satisfaction if rated else each.resolved_at) is not None]
    hits = sum(1 for each in counted if (each.satisfaction or 0) >= parameters["good_from"])
    return _share(hits, len(counted)), len(counted), hits


def _share(hits: int, of: int) -> float:
    return round(100 * hits / of, 2) if of else 0.0


_FIGURES = {REPLY: _reply, RESOLVE: _resolve, SATISFACTION: _satisfaction}
