"""What the rules need to know of a task, read from the database."""

from collections.abc import Collection
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import Select, bindparam, exists, or_, select
from sqlalchemy.orm.attributes import set_committed_value

from core.board import brief, rules
from core.board.models import Task, TaskBlocker, TaskWatcher
from core.board.types import task_type
from core.extensions import db


@dataclass(frozen=True)
class Relatives:
    """The tasks around one: those it waits for, those that wait for it, and its parts."""

    blockers: tuple[Task, ...]
    waiters: tuple[Task, ...]
    children: tuple[Task, ...]


@cache
def _parts() -> Select[Any]:
    """Which of a task's collections hold anything, whether tasks are around it, and whether it is watched."""
    me, other = bindparam("me"), Task.__table__.alias()
    parts = {part.key: part.mapper.class_.task_id == me for part in Task.__mapper__.relationships if part.uselist}
    blocks = exists().where(or_(TaskBlocker.task_id == me, TaskBlocker.blocker_id == me))
    return select(
        *(exists().where(held).label(name) for name, held in parts.items()),
        or_(blocks, exists().where(other.c.parent_id == me)).label("relatives"),
        exists().where(TaskWatcher.task_id == me).label("watchers"),
    )


def parts(task: Task) -> set[str]:
    """Names of those of the task's collections that hold anything. Of most tasks most are empty: to learn that of all
    in one statement spares one each."""
    row = db.session.execute(_parts(), {"me": task.id}).one()._mapping
    for part in Task.__mapper__.relationships:
        if part.uselist and not row[part.key]:
            set_committed_value(task, part.key, [])
    return {name for name, held in row.items() if held}


def relatives(task: Task, held: Collection[str] | None = None) -> Relatives:
    """The tasks around ``task``, oldest first, read in one statement; in none if its ``parts`` say there are none."""
    if held is not None and "relatives" not in held:
        return Relatives((), (), ())
    blocks = Task.id.in_(select(TaskBlocker.blocker_id).where(TaskBlocker.task_id == task.id))
    waits = Task.id.in_(select(TaskBlocker.task_id).where(TaskBlocker.blocker_id == task.id))
    child = Task.parent_id == task.id
    query = select(Task, blocks, waits, child).where(or_(blocks, waits, child)).order_by(Task.id)
    rows = db.session.execute(query).all()
    return Relatives(*(tuple(row[0] for row in rows if row[place]) for place in (1, 2, 3)))


def situation(task: Task, around: Relatives | None = None) -> rules.Situation:
    """The task as the rules see it, with everything that may stand in a move's way."""
    around = around or relatives(task, parts(task))
    kind = task_type(task.type)
    filled = {file.slot for file in task.files}
    signs = [sign for sign in task.cosigns if sign.round == task.round]
    cosigns = [sign for sign in signs if sign.agreed is not None or sign.user.active]  # who has left will not answer
    return rules.Situation(
        **standing(task),
        withdraw_asked=task.withdraw_asked,
        urged_at=task.urged_at,
        asked=frozenset(sign.user_id for sign in cosigns if sign.agreed is None),
        brief_problems=brief.missing(kind.fields, task.brief),
        open_blockers=tuple(other.number for other in around.blockers if other.state in rules.OPEN),
        open_children=tuple(child.number for child in around.children if child.state in rules.OPEN),
        empty_slots=tuple(slot.label for slot in kind.slots if slot.required and slot.name not in filled),
        open_checks=tuple(check.label for check in task.checks if check.mandatory and check.result != "pass"),
        cosigns=tuple((sign.everyone, sign.agreed) for sign in cosigns),
    )


def standing(task: Any) -> dict[str, Any]:
    """Only who is who and the state: enough to list the verbs on a card."""
    return {
        "state": task.state,
        "requester_team": task.requester_team,
        "responsible_team": task.responsible_team,
        "holder_id": task.holder_id,
    }


def is_blocked(task: Task) -> bool:
    """Whether a task that ``task`` waits for is still open, as it is stored now."""
    blockers = select(TaskBlocker.blocker_id).where(TaskBlocker.task_id == task.id)
    return (
        db.session.scalar(select(Task.id).where(Task.id.in_(blockers), Task.state.in_(rules.OPEN)).limit(1)) is not None
    )
