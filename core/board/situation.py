"""What the rules need to know of a task, read from the database."""

from sqlalchemy import select

from core.board import brief, rules
from core.board.models import Task, TaskBlocker
from core.board.types import task_type
from core.extensions import db


def situation(task: Task) -> rules.Situation:
    """The task as the rules see it, with everything that may stand in a move's way."""
    kind = task_type(task.type)
    filled = {file.slot for file in task.files}
    cosigns = [sign for sign in task.cosigns if sign.round == task.round]
    return rules.Situation(
        **standing(task),
        withdraw_asked=task.withdraw_asked,
        urged_at=task.urged_at,
        asked=frozenset(sign.user_id for sign in cosigns if sign.agreed is None),
        brief_problems=brief.missing(kind.fields, task.brief),
        open_blockers=tuple(other.number for other in blockers_of(task) if other.state in rules.OPEN),
        open_children=tuple(child.number for child in children_of(task) if child.state in rules.OPEN),
        empty_slots=tuple(slot.label for slot in kind.slots if slot.required and slot.name not in filled),
        open_checks=tuple(check.label for check in task.checks if check.mandatory and check.result != "pass"),
        cosigns=tuple((sign.everyone, sign.agreed) for sign in cosigns),
    )


def standing(task: Task) -> dict[str, object]:
    """Only who is who and the state: enough to list the verbs on a card."""
    return {
        "state": task.state,
        "requester_team": task.requester_team,
        "responsible_team": task.responsible_team,
        "requester_id": task.requester_id,
        "holder_id": task.holder_id,
    }


def blockers_of(task: Task) -> list[Task]:
    """The tasks that ``task`` waits for."""
    ids = select(TaskBlocker.blocker_id).where(TaskBlocker.task_id == task.id)
    return list(db.session.scalars(select(Task).where(Task.id.in_(ids)).order_by(Task.id)))


def is_blocked(task: Task) -> bool:
    """Whether a task that ``task`` waits for is still open, as it is stored now."""
    blockers = select(TaskBlocker.blocker_id).where(TaskBlocker.task_id == task.id)
    return (
        db.session.scalar(select(Task.id).where(Task.id.in_(blockers), Task.state.in_(rules.OPEN)).limit(1)) is not None
    )


def blocked_by(task: Task) -> list[Task]:
    """The tasks that wait for ``task``."""
    ids = select(TaskBlocker.task_id).where(TaskBlocker.blocker_id == task.id)
    return list(db.session.scalars(select(Task).where(Task.id.in_(ids)).order_by(Task.id)))


def children_of(task: Task) -> list[Task]:
    return list(db.session.scalars(select(Task).where(Task.parent_id == task.id).order_by(Task.id)))
