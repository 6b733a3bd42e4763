"""The scorecard of couriers: parcels, what went wrong, claims and what came back of them, month by month."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from sqlalchemy import Select, case, func, literal_column, select
from sqlalchemy.orm import aliased

from core import localtime
from core.extensions import db
from plugins.logistics import parcels
from plugins.logistics.models import Case, Claim, Parcel
from plugins.logistics.rules import claims as claim_rules
from plugins.logistics.rules.couriers import WRONG, Score, next_month
from plugins.logistics.rules.exceptions import GONE

PLACE = literal_column("place")  # by its name: PostgreSQL takes the same expression with other parameters for another


def of_month(first: date) -> list[Score]:
    """Every courier's score of the month that begins on ``first``, by name."""
    found = _scores([first], parcels.named(Parcel.carrier))
    return sorted(
        (score for score in found if any((score.parcels, score.wrong, score.claims))), key=lambda s: s.carrier
    )


def of_courier(carrier: str, months: Sequence[date]) -> list[Score]:
    """One courier's score of each of these months, the newest first, back to the first that has any."""
    found = _scores(months, [carrier], carrier)
    while len(found) > 1 and not any((found[-1].parcels, found[-1].wrong, found[-1].claims)):
        found.pop()
    return found


def _scores(months: Sequence[date], names: Iterable[str], carrier: str = "") -> list[Score]:
    """The scores of ``names`` and of whoever else something is told of, or of one courier, in each of ``months``."""
    found = {(name, first): _carried(name, first) for name in names for first in months}
    for name, place, *sums in _of(_claimed(months), carrier):
        score = found.setdefault((name, months[place]), Score(name, months[place]))
        score.claims, score.claimed, score.back = (int(value or 0) for value in sums)
    for query in (_wrong(months), _claimed_only(months)):
        for name, place, kind, count in _of(query, carrier):
            score = found.setdefault((name, months[place]), Score(name, months[place]))
            setattr(score, WRONG[kind], getattr(score, WRONG[kind]) + count)
    return list(found.values())


def _of(query: Select[Any], carrier: str) -> Sequence[Any]:
    """The rows of one courier, or of all that have a name, which stands first in each."""
    name = next(iter(query.selected_columns))
    return db.session.execute(query.where(name == carrier if carrier else name != "")).all()


def _month(column: Any, months: Sequence[date]) -> Any:
    """Which of ``months``, one before the other, a time lies in."""
    return case(*((column >= localtime.begins(first), place) for place, first in enumerate(months))).label("place")


def _within(column: Any, months: Sequence[date]) -> tuple[Any, Any]:
    return column >= localtime.begins(months[-1]), column < localtime.begins(next_month(months[0]))


def _carried(carrier: str, first: date) -> Score:
    """What a courier was handed in a month, and how much of it came late; read from the index alone."""
    known = Parcel.promised_at.is_not(None) & Parcel.signed_at.is_not(None)
    late = func.count().filter(Parcel.signed_at > Parcel.promised_at)
    query = select(func.count(), func.count().filter(known), late)
    row = db.session.execute(query.where(Parcel.carrier == carrier, *_within(Parcel.shipped_at, [first]))).one()
    return Score(carrier, first, *row)


def _wrong(months: Sequence[date]) -> Select[Any]:
    here = Case.kind.in_(WRONG), Case.state != GONE, *_within(Case.since_at, months)
    by = Case.carrier, _month(Case.since_at, months), Case.kind
    return select(*by, func.count()).where(*here).group_by(by[0], PLACE, *by[2:])


def _claimed_only(months: Sequence[date]) -> Select[Any]:
    """What nobody but a claim tells of, as one that came from a buyer's complaint."""
    known = aliased(Case)
    same = select(known.id).where(known.parcel_id == Claim.parcel_id, known.kind == Claim.kind, known.state != GONE)
    here = Claim.kind.in_(WRONG), Claim.case_id.is_(None), ~same.exists(), *_standing(months)
    by = Claim.carrier, _month(Claim.created_at, months), Claim.kind
    return select(*by, func.count()).where(*here).group_by(by[0], PLACE, *by[2:])


def _claimed(months: Sequence[date]) -> Select[Any]:
    back = func.sum(Claim.granted).filter(Claim.state == claim_rules.PAID)
    by = Claim.carrier, _month(Claim.created_at, months)
    return (
        select(*by, func.count(), func.sum(Claim.amount), back)
        .where(*_standing(months))
        .group_by(by[0], PLACE, *by[2:])
    )


def _standing(months: Sequence[date]) -> tuple[Any, ...]:
    return Claim.state != claim_rules.DROPPED, *_within(Claim.created_at, months)
