"""The handoff review: the matrix of some days as a numbered document for the weekly meeting."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import or_, select

from core.board import rules as board
from core.board.matrix import queries, tasks
from core.board.matrix.models import Review
from core.board.matrix.rules import LEGS, Cell, Matrix, Scope
from core.board.models import Task
from core.contracts import DocumentType, RecordType
from core.extensions import db
from core.messages import N_
from core.registry import team_label
from core.transactions import transaction

KIND = "core.handoff_review"
DISCUSSED = 60


def review_of(scope: Scope) -> Review:
    """The review of a scope; made when it is asked for first."""
    with transaction() as session:
        found = known(scope)
        if found is None:
            found = Review(first=scope.first, last=scope.last, store_id=scope.store_id, team=scope.team)
            session.add(found)
    return found


def known(scope: Scope) -> Review | None:
    """The review of a scope, if one was ever issued."""
    same = Review.first == scope.first, Review.last == scope.last, Review.team == scope.team
    return db.session.scalar(select(Review).where(*same, Review.store_id.is_not_distinct_from(scope.store_id)))


def figures(cell: Cell) -> dict[str, Any]:
    """What the document says of a cell."""
    return {
        "handoffs": cell.handoffs,
        "legs": [{"minutes": cell.median(leg), "late": cell.late_in[leg]} for leg in LEGS],
        "late": cell.late,
        "returned": cell.returned,
        "share": cell.share,
        "reason": cell.why,
    }


def snapshot(review: Review) -> dict[str, Any]:
    """All that the document shows: ``counts`` row by row, ``pairs`` with the legs, ``discussed`` tasks that were late
    or sent back. Labels are message ids, times are working minutes."""
    matrix, found = queries.matrix(review.scope), _to_discuss(review.scope)
    return {
        "period": {"first": review.first, "last": review.last},
        "store": review.store.name if review.store else "",
        "team": team_label(review.team) if review.team else "",
        "legs": list(LEGS.values()),
        "whole": figures(matrix.total()),
        "columns": [team_label(code) for code in matrix.responsibles],
        "counts": [_row(matrix, code) for code in matrix.requesters],
        "pairs": [
            {"from": team_label(requester), "to": team_label(responsible), **figures(cell)}
            for requester, responsible, cell in matrix.pairs()
        ],
        "discussed": [_line(task) for task in found[:DISCUSSED]],
        "left_out": max(0, len(found) - DISCUSSED),
    }


def _row(matrix: Matrix, requester: str) -> dict[str, Any]:
    cells = [matrix.cells.get((requester, code), Cell()) for code in matrix.responsibles]
    total = matrix.total(requester)
    counts = [{"handoffs": cell.handoffs, "late": cell.late} for cell in [*cells, total]]
    return {"team": team_label(requester), "counts": counts}


def _to_discuss(scope: Scope) -> Sequence[Task]:
    conditions = queries.counted(scope.store_id is not None, bool(scope.team))
    query = select(Task).where(*conditions, or_(queries.late(), queries.sent_back())).options(*tasks.HANDOFFS.options)
    return db.session.scalars(query.order_by(Task.id).params(queries.told(scope))).all()


def _line(task: Task) -> Mapping[str, Any]:
    return {
        "number": task.number,
        "title": task.title,
        "from": team_label(task.requester_team),
        "to": team_label(task.responsible_team),
        "state": board.STATES[task.state],
        "late": [LEGS[leg] for leg in tasks.late_legs(task)],
        "returned": tasks.reasons(task),
    }


REVIEW = RecordType(KIND, N_("Handoff review"), Review, "board.review_page", "board.matrix")
PAPER = DocumentType(
    name=KIND,
    label=N_("Handoff review"),
    prefix="REV",
    template="documents/review.html",
    version="1",
    snapshot=snapshot,
    subject=KIND,
    permission="board.matrix",
)
