"""A file is taken back: what had closed by what it brought is open again, and what was about its rows closes."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import and_, or_, select

from core.access import NOBODY
from core.board import notices
from core.board import rules as board
from core.board.models import Task
from core.columns import now
from core.contracts import Actor
from core.extensions import db
from core.imports.models import UPDATED, ImportBatch, ImportRow
from core.messages import msg
from core.transactions import transaction
from plugins.finance.differences import rules, steps
from plugins.finance.differences.models import Difference
from plugins.finance.differences.takeover import BY, lines_of, rows_of
from plugins.finance.matching.models import Run


def hear_undone(batch: ImportBatch, actor: Actor) -> int:
    """Open the differences again that closed by lines which are gone with ``batch``, or by what it said of their
    orders; a team that still works on one has it again. Returns how many."""
    with transaction():
        rows = list(_closed_by(batch))
        standing = set(lines_of(batch.store_id, [row.id for row in rows])) if rows else set()
        orders = _corrected(batch) if rows else set()
        lost = [row for row in rows if row.order_id in orders or _line_gone(row, standing)]
        for row in lost:
            task = db.session.get(Task, row.task_id) if row.task_id else None
            theirs = task is not None and task.state in board.OPEN
            why = msg("%(file)s, by which it had arrived, was taken back.", file=batch.file_name)
            steps.take(row, "lose_theirs" if theirs else "lose", actor, {"batch": batch.id, "reason": why})
            steps.forget_resolution(row)
            row.task_id = task.id if task is not None and theirs else None
        _close_rowless(batch, actor)
    return len(lost)


def _close_rowless(batch: ImportBatch, actor: Actor) -> None:
    """Close what is pending about orders and lines that are no longer there: no run would look at it again."""
    order = and_(Difference.side == "order", Difference.order_id.is_(None))
    line = and_(Difference.side == "line", Difference.line_id.is_(None))
    mine = (Difference.store_id == batch.store_id, Difference.state.in_(rules.PENDING), or_(order, line))
    for row in rows_of(db.session.scalars(select(Difference.id).where(*mine))):
        task = db.session.get(Task, row.task_id) if row.state == rules.ASSIGNED and row.task_id else None
        steps.reverse_entries(row, actor)
        steps.take(row, "withdraw", actor, {"batch": batch.id, "resolution": [row.resolution, rules.WITHDRAWN]})
        row.resolution, row.reason = rules.WITHDRAWN, batch.file_name
        row.resolved_at, row.resolved_by_id = now(), actor.user_id
        if task is not None:
            told = msg(
                "%(order)s was taken back with its file; see whether %(number)s %(title)s is still needed.",
                order=row.title,
            )
            notices.notify(task, [task.requester_id, task.holder_id], NOBODY, told)


def _closed_by(batch: ImportBatch) -> Iterator[Difference]:
    """What runs closed by themselves that had the file among what went in."""
    runs = db.session.execute(select(Run.id, Run.inputs).where(Run.store_id == batch.store_id))
    arrived = (Difference.state == rules.CLOSED, Difference.resolution == rules.ARRIVED)
    for run_id, inputs in runs.all():
        if any(each.get("batch") == batch.id for each in inputs):
            query = select(Difference).where(Difference.last_run_id == run_id, *arrived).order_by(Difference.id)
            yield from db.session.scalars(query.execution_options(populate_existing=True).with_for_update())


def _line_gone(row: Difference, standing: set[tuple[Any, str]]) -> bool:
    line = row.reason.partition(BY)[2]
    return bool(line) and (row.order_no, line) not in standing


def _corrected(batch: ImportBatch) -> set[int]:
    """The orders to which the file had given other values."""
    mine = (ImportRow.batch_id == batch.id, ImportRow.kind == "core.order", ImportRow.action == UPDATED)
    return set(db.session.scalars(select(ImportRow.record_id).where(*mine)))
