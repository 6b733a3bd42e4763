"""The queue designers pick from: what waits, what it weighs, and who has room for it."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from core.board import notices
from core.board.clocks import calendar_of
from core.board.contents import BRIEF_SLOT
from core.board.models import Leg, Task, TaskFile
from core.board.queries import Filter
from core.board.rules import ACCEPTED, DOING, OFFERED
from core.board.services import RUSH
from core.board.types import task_type
from core.columns import now
from core.contracts import Actor, TaskType
from core.extensions import db
from core.files.models import File
from plugins.design import rules
from plugins.design.models import Capacity, RushDecision
from plugins.design.types import TEAM

SHOWN = 100


@dataclass(frozen=True)
class Load:
    """The size points a designer has in hand, and may have."""

    user_id: int
    name: str
    held: int
    capacity: int

    def fits(self, points: int) -> bool:
        return rules.capacity_objection(self.held, points, self.capacity) is None


@dataclass(frozen=True)
class Entry:
    """A request that waits to be picked; ``minutes`` of working time are left to do so, or have gone by (negative)."""

    task: Task
    kind: TaskType
    empty: list[str]
    minutes: int | None
    picture: File | None
    rush: RushDecision | None
    fits: bool

    @property
    def held_back(self) -> bool:
        """Whether a member must wait for the lead's word before picking it."""
        return self.task.priority == RUSH and self.rush is None


def waiting(actor: Actor, wanted: Filter, limit: int = SHOWN) -> tuple[int, list[Entry]]:
    """How many requests wait for design, and the first of them: rush requests, then those that are late first."""
    here = (Task.responsible_team == TEAM, Task.state == OFFERED, *wanted.conditions(now()))
    total = db.session.scalar(select(func.count()).select_from(Task).where(*here)) or 0
    order = (Task.priority != RUSH, Task.leg_due_at.is_(None), Task.leg_due_at, Task.id)
    query = select(Task).options(joinedload(Task.requester)).where(*here).order_by(*order).limit(limit)
    tasks = list(db.session.scalars(query))
    ids = [task.id for task in tasks]
    pictures, decisions = _pictures(ids), _decisions(ids)
    mine = load_of(actor)
    entries = []
    for task in tasks:
        kind = task_type(task.type)
        entries.append(
            Entry(
                task=task,
                kind=kind,
                empty=rules.left_empty(kind.fields, task.brief),
                minutes=_minutes_left(task),
                picture=pictures.get(task.id),
                rush=decisions.get(task.id),
                fits=mine is None or mine.fits(task.points),
            )
        )
    return total, entries


def _minutes_left(task: Task) -> int | None:
    if task.leg_due_at is None:
        return None
    calendar, at = calendar_of(TEAM), now()
    if at <= task.leg_due_at:
        return calendar.seconds_between(at, task.leg_due_at) // 60
    return -(calendar.seconds_between(task.leg_due_at, at) // 60) or -1


def _pictures(ids: Iterable[int]) -> dict[int, File]:
    """The first picture attached to each brief."""
    attached = (TaskFile.task_id.in_(ids), TaskFile.slot == BRIEF_SLOT, File.thumb.is_not(None))
    query = select(TaskFile.task_id, File).join(File, File.id == TaskFile.file_id).where(*attached)
    return dict(db.session.execute(query.order_by(TaskFile.id.desc())).all())


def _decisions(ids: Iterable[int]) -> dict[int, RushDecision]:
    """The lead's word on each request as it is offered now."""
    query = select(RushDecision).join(Leg, Leg.id == RushDecision.leg_id)
    found = db.session.scalars(query.where(RushDecision.task_id.in_(ids), Leg.ended_at.is_(None)))
    return {decision.task_id: decision for decision in found}


def held(user_ids: Iterable[int]) -> dict[int, int]:
    """Size points in hand by designer; what waits for somebody else, or for sign-off, leaves the hands free."""
    in_hand = (Task.responsible_team == TEAM, Task.state.in_([ACCEPTED, DOING]), Task.holder_id.in_(user_ids))
    query = select(Task.holder_id, func.sum(Task.points)).where(*in_hand).group_by(Task.holder_id)
    return {user_id: int(points) for user_id, points in db.session.execute(query)}


def loads(user_ids: Iterable[int] | None = None) -> list[Load]:
    """The load of these designers, or of the whole team; the least burdened first."""
    ids = notices.members(TEAM) if user_ids is None else list(user_ids)
    points = held(ids)
    limits = {row.user_id: row.points for row in db.session.scalars(select(Capacity).where(Capacity.user_id.in_(ids)))}
    found = [
        Load(user_id, name, points.get(user_id, 0), limits.get(user_id, rules.CAPACITY))
        for user_id, name in notices.people(ids)
    ]
    return sorted(found, key=lambda load: load.held / load.capacity)


def load_of(actor: Actor) -> Load | None:
    """The actor's own load; None for who is no designer."""
    if actor.user_id is None or not actor.in_team(TEAM):
        return None
    return loads([actor.user_id])[0]
