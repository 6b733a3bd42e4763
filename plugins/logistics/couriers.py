"""The scorecard of couriers: parcels, what went wrong, claims and what came back of them, month by month."""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import aliased

from core import localtime
from core.extensions import db
from plugins.logistics.models import Case, Claim, Parcel
from plugins.logistics.rules import claims as claim_rules
from plugins.logistics.rules.couriers import WRONG, Score, next_month
from plugins.logistics.rules.exceptions import GONE


def of_month(first: date, carrier: str = "") -> list[Score]:
    """Every courier's score of the month that begins on ``first``, or that of one, by name."""
    known = (_carried(name, first) for name in ([carrier] if carrier else _carriers()))
    found = {score.carrier: score for score in known if score.parcels or carrier}
    for name, *sums in _of(_claimed(first), carrier):
        score = found.setdefault(name, Score(name, first))
        score.claims, score.claimed, score.back = (int(value or 0) for value in sums)
    for query in (_wrong(first), _claimed_only(first)):
        for name, kind, count in _of(query, carrier):
            score = found.setdefault(name, Score(name, first))
            setattr(score, WRONG[kind], getattr(score, WRONG[kind]) + count)
    return [found[name] for name in sorted(found)]


def of_courier(carrier: str, months: Sequence[date]) -> list[Score]:
    """One courier's score of each of these months, the newest first, back to the first that has any."""
    found = [score for first in months for score in of_month(first, carrier)]
    while len(found) > 1 and not any((found[-1].parcels, found[-1].wrong, found[-1].claims)):
        found.pop()
    return found


def _of(query: Select[Any], carrier: str) -> Sequence[Any]:
    """The rows of one courier, or of all that have a name, which stands first in each."""
    name = next(iter(query.selected_columns))
    return db.session.execute(query.where(name == carrier if carrier else name != "")).all()


def _within(column: Any, first: date) -> tuple[Any, Any]:
    return column >= localtime.begins(first), column < localtime.begins(next_month(first))


def _carriers() -> Iterator[str]:
    """Every courier's name, each found by one step in the index: to look at all parcels takes too long."""
    name: str | None = ""
    while (name := db.session.scalar(select(func.min(Parcel.carrier)).where(Parcel.carrier > name))) is not None:
        yield name


def _carried(carrier: str, first: date) -> Score:
    """What a courier was handed in a month, and how much of it came late; read from the index alone."""
    known = Parcel.promised_at.is_not(None) & Parcel.signed_at.is_not(None)
    late = func.count().filter(Parcel.signed_at > Parcel.promised_at)
    query = select(func.count(), func.count().filter(known), late)
    row = db.session.execute(query.where(Parcel.carrier == carrier, *_within(Parcel.shipped_at, first))).one()
    return Score(carrier, first, *row)


def _wrong(first: date) -> Select[Any]:
    here = Case.kind.in_(WRONG), Case.state != GONE, *_within(Case.since_at, first)
    return select(Case.carrier, Case.kind, func.count()).where(*here).group_by(Case.carrier, Case.kind)


def _claimed_only(first: date) -> Select[Any]:
    """What nobody but a claim tells of, as one that came from a buyer's complaint."""
    known = aliased(Case)
    same = select(known.id).where(known.parcel_id == Claim.parcel_id, known.kind == Claim.kind, known.state != GONE)
    here = Claim.kind.in_(WRONG), Claim.case_id.is_(None), ~same.exists(), *_standing(first)
    return select(Claim.carrier, Claim.kind, func.count()).where(*here).group_by(Claim.carrier, Claim.kind)


def _claimed(first: date) -> Select[Any]:
    back = func.sum(Claim.granted).filter(Claim.state == claim_rules.PAID)
    query = select(Claim.carrier, func.count(), func.sum(Claim.amount), back).where(*_standing(first))
    return query.group_by(Claim.carrier)


def _standing(first: date) -> tuple[Any, ...]:
    return Claim.state != claim_rules.DROPPED, *_within(Claim.created_at, first)
