"""Periods as pages show them, and their history over all stores."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from core.audit.models import Event
from core.contracts import Actor
from core.extensions import db
from core.listing import paged
from plugins.finance.differences.models import Difference
from plugins.finance.differences.rules import PENDING
from plugins.finance.matching.models import Run
from plugins.finance.periods.models import Period
from plugins.finance.periods.rules import STEPS
from plugins.finance.periods.services import KIND

WHOLE = (
    joinedload(Period.store),
    joinedload(Period.run),
    joinedload(Period.prepared_by),
    joinedload(Period.signed_by),
)


def periods(actor: Actor, args: Mapping[str, str], store_id: int | None = None) -> Any:
    """A page of periods, the newest first."""
    query = select(Period).where(Period.visible_to(actor)).options(*WHOLE)
    if store_id is not None:
        query = query.where(Period.store_id == store_id)
    return paged(query.order_by(Period.last.desc(), Period.store_id, Period.id.desc()), args)


def newest(store_id: int, limit: int = 6) -> Sequence[Period]:
    """The newest periods of a store."""
    query = select(Period).where(Period.store_id == store_id).options(*WHOLE)
    return db.session.scalars(query.order_by(Period.last.desc()).limit(limit)).all()


def pending(periods: Sequence[Period]) -> dict[int, int]:
    """How many differences of each period are not settled."""
    if not periods:
        return {}
    spans = {(period.store_id, period.first, period.last): period.id for period in periods}
    query = (
        select(Run.store_id, Run.first, Run.last, func.count(Difference.id))
        .join(Difference, Difference.last_run_id == Run.id)
        .where(Run.store_id.in_({span[0] for span in spans}), Difference.state.in_(sorted(PENDING)))
        .group_by(Run.store_id, Run.first, Run.last)
    )
    return {spans[tuple(row[:3])]: row[3] for row in db.session.execute(query) if tuple(row[:3]) in spans}


def history(args: Mapping[str, str], period_id: int | None = None) -> Any:
    """A page of the steps of all periods (or one), the newest first."""
    query = select(Event).where(Event.subject_kind == KIND, Event.verb.in_([step.label for step in STEPS.values()]))
    if period_id is not None:
        query = query.where(Event.subject_id == period_id)
    return paged(query.order_by(Event.id.desc()), args)


def named(ids: Sequence[int]) -> dict[int, Period]:
    """Periods by id, with their stores."""
    query = select(Period).where(Period.id.in_(set(ids))).options(joinedload(Period.store))
    return {period.id: period for period in db.session.scalars(query)}
