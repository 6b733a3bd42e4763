"""What a run saw: its own differences, and those that a later period has found again since."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, and_, or_, select

from core.extensions import db
from core.imports.plans import chunks
from plugins.finance.differences.models import Difference
from plugins.finance.matching.classes import AGREEING, ORDER, ORDER_CLASSES
from plugins.finance.matching.models import Result, Run
from plugins.finance.periods.rules import bounds


def seen_by(run: Run) -> ColumnElement[bool]:
    """Whether a run saw a difference last, or a later period did after it: that does not take it from the earlier."""
    mine = Difference.last_run_id == run.id
    later = list(db.session.scalars(select(Run.id).where(Run.store_id == run.store_id, Run.first > run.last)))
    if not later:
        return mine
    _, end = bounds(run.first, run.last)
    known = and_(Difference.first_run_id <= run.id, Difference.happened_at < end)
    return or_(mine, and_(Difference.store_id == run.store_id, Difference.last_run_id.in_(later), known))


def codes_in(run: Run, rows: Sequence[Difference]) -> dict[int, str]:
    """The class in that run of the differences that a later one has put into its own, as far as its rows are kept."""
    again = {row.order_id: row.id for row in rows if row.last_run_id != run.id and row.order_id}
    query = select(Result.record_id, Result.code).where(Result.run_id == run.id, Result.side == ORDER)
    found = (row for part in chunks(list(again)) for row in db.session.execute(query.where(Result.record_id.in_(part))))
    named = ((again[record], ORDER_CLASSES[code]) for record, code in found)
    return {row: code for row, code in named if code not in AGREEING}
