"""Lists of tasks: boards, desks, and what changed since a board was drawn."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cache, lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, bindparam, exists, func, or_, select, tuple_
from sqlalchemy.orm import aliased

from core.accounts.models import User
from core.board import rules
from core.board.models import Task, TaskBlocker, TaskCosign, TaskLink
from core.columns import now
from core.contracts import Actor, Ref
from core.extensions import db

PER_COLUMN = 100
PER_SECTION = 50  # of the desk
DONE_FOR = timedelta(days=14)
COLUMNS = (
    rules.DRAFT,
    rules.OFFERED,
    rules.ACCEPTED,
    rules.DOING,
    rules.WAITING,
    rules.DELIVERED,
    rules.RETURNED,
    rules.DONE,
)
SIDES = ("", "to", "from")


@dataclass(frozen=True)
class Filter:
    """What a board shows: tasks to the team, from it, or both; of a type, holder, priority, or late; matching text."""

    side: str = ""
    type: str = ""
    holder: int | None = None
    priority: int | None = None
    late: bool = False
    text: str = ""

    def conditions(self, at: Any) -> list[ColumnElement[bool]]:
        found: list[ColumnElement[bool]] = []
        if self.type:
            found.append(Task.type == self.type)
        if self.holder:
            found.append(Task.holder_id == self.holder)
        if self.priority is not None:
            found.append(Task.priority >= self.priority)
        if self.late:
            found.append(Task.leg_due_at < at)
        if self.text:
            found.append(matching(self.text))
        return found


def matching(text: str) -> ColumnElement[bool]:
    """Tasks whose number or title contains every word of ``text``."""
    return and_(
        *(
            or_(Task.title.icontains(word, autoescape=True), Task.number.icontains(word, autoescape=True))
            for word in text.split()[:8]
        )
    )


def _shown(team: Any, wanted: Filter, at: Any, done_since: Any) -> tuple[ColumnElement[bool], ...]:
    """What a team's board shows: what it was asked for and what it asked for itself, until a while after its end."""
    made = Task.requester_team == team
    to = and_(Task.responsible_team == team, or_(Task.state != rules.DRAFT, made))
    fresh = or_(Task.closed_at.is_(None), Task.closed_at >= done_since)
    sides = {"": or_(to, made), "to": to, "from": made}
    return sides[wanted.side], Task.state.in_(COLUMNS), fresh, *wanted.conditions(at)


@cache
def _cards() -> Select[Any]:
    holder = aliased(User)
    blocker = aliased(Task)
    waits = exists().where(
        TaskBlocker.task_id == Task.id, blocker.id == TaskBlocker.blocker_id, blocker.state.in_(rules.OPEN)
    )
    return select(
        Task.id,
        Task.number,
        Task.version,
        Task.title,
        Task.type,
        Task.state,
        Task.priority,
        Task.requester_team,
        Task.responsible_team,
        Task.holder_id,
        Task.leg_due_at,
        Task.due_at,
        Task.round,
        Task.points,
        Task.changed,
        holder.name.label("holder_name"),
        waits.label("blocked"),
    ).outerjoin(holder, holder.id == Task.holder_id)


@cache
def width() -> int:
    """How many values a card has; a board's rows carry more."""
    return len(_cards().selected_columns)


# The most urgent first; of closed tasks the latest.
ORDER = (Task.leg_due_at.is_(None), Task.leg_due_at, Task.closed_at.desc(), Task.id)


def column(team: str, state: str, wanted: Filter, offset: int = 0) -> Sequence[Any]:
    """Cards of one column, from the one at ``offset``."""
    at = now()
    here = _cards().where(Task.state == state, *_shown(team, wanted, at, at - DONE_FOR))
    return db.session.execute(here.order_by(*ORDER).offset(offset).limit(PER_COLUMN)).all()


@lru_cache(maxsize=200)
def _board(wanted: Filter) -> Select[Any]:
    """A board's cards in one statement, whatever the number of columns."""
    at, done_since = bindparam("at", type_=Task.due_at.type), bindparam("done_since", type_=Task.due_at.type)
    ranked = (
        select(
            Task.id,
            func.count().over(partition_by=Task.state).label("total"),
            func.row_number().over(partition_by=Task.state, order_by=ORDER).label("place"),
        )
        .where(*_shown(bindparam("team"), wanted, at, done_since))
        .subquery()
    )
    return (
        _cards()
        .add_columns(ranked.c.total)
        .join(ranked, ranked.c.id == Task.id)
        .where(ranked.c.place <= bindparam("per_column"))
        .order_by(ranked.c.place)
    )


def board(team: str, wanted: Filter) -> dict[str, tuple[int, Sequence[Any]]]:
    """Per state: how many tasks, and the first cards."""
    at = now()
    given = {"team": team, "at": at, "done_since": at - DONE_FOR, "per_column": PER_COLUMN}
    rows = db.session.connection().execute(_board(wanted), given).all()  # nothing of them is an object to be kept
    found: dict[str, tuple[int, list[Any]]] = {state: (0, []) for state in COLUMNS}
    for row in rows:
        found[row.state][1].append(row)
    return {state: (cards[0].total if cards else 0, cards) for state, (_, cards) in found.items()}


_tasks, _team = Task.__table__.c, bindparam("team")
_CURSOR = select(  # put together once: every open board asks it every two seconds
    *(
        select(func.max(_tasks.changed)).where(side == _team).scalar_subquery()
        for side in (_tasks.responsible_team, _tasks.requester_team)
    )
)


def cursor(team: str) -> int:
    """Where the log stood when the team's board last changed."""
    to, made = db.session.connection().execute(_CURSOR, {"team": team}).one()
    return max(to or 0, made or 0)


def changed_since(team: str, since: int, wanted: Filter) -> tuple[Sequence[Any], list[int]]:
    """Cards that changed and belong on the board as filtered, and ids of changed tasks that no longer do."""
    recent = and_(or_(Task.responsible_team == team, Task.requester_team == team), Task.changed > since)
    at = now()
    here = _cards().where(recent, *_shown(team, wanted, at, at - DONE_FOR))
    cards = db.session.execute(here.order_by(*ORDER)).all()
    kept = {card.id for card in cards}
    return cards, [task_id for task_id in db.session.scalars(select(Task.id).where(recent)) if task_id not in kept]


@cache
def _desk() -> dict[str, tuple[Select[Any], Select[Any]]]:
    """Per section of a desk the statements that count its tasks and read their cards, put together once."""
    teams, me, at = bindparam("teams", expanding=True), bindparam("me"), bindparam("at", type_=Task.due_at.type)
    ours, asked_by_us = Task.responsible_team.in_(teams), Task.requester_team.in_(teams)
    asked_to_sign = select(TaskCosign.task_id, TaskCosign.round).where(
        TaskCosign.user_id == me, TaskCosign.agreed.is_(None)
    )
    cosign = tuple_(Task.id, Task.round).in_(asked_to_sign)
    # who has left a team has left its tasks
    asked, held = and_(asked_by_us, Task.requester_id == me), and_(ours, Task.holder_id == me)
    sections: dict[str, ColumnElement[bool]] = {
        "to_accept": and_(ours, Task.state == rules.OFFERED),
        "to_do": or_(
            and_(held, Task.state.in_([rules.ACCEPTED, rules.DOING])),
            and_(asked, Task.state.in_([rules.DRAFT, rules.RETURNED])),
        ),
        "to_check": and_(Task.state == rules.DELIVERED, or_(asked_by_us, cosign)),
        "waiting": or_(
            and_(asked, Task.state.in_([rules.OFFERED, *rules.IN_HAND])),
            and_(held, Task.state.in_([rules.WAITING, rules.DELIVERED])),
        ),
        "overdue": and_(
            Task.state.in_(rules.OPEN),
            or_(Task.leg_due_at < at, Task.due_at < at),
            or_(asked, held, Task.leg_team.in_(teams)),
        ),
    }
    return {
        name: (select(func.count(Task.id)).where(wanted), _cards().where(wanted).order_by(*ORDER).limit(PER_SECTION))
        for name, wanted in sections.items()
    }


def desk(actor: Actor) -> dict[str, tuple[int, Sequence[Any]]]:
    """The actor's desk over all their teams: what to accept, do and check, what waits on others, what is overdue.

    Of each section how many tasks it has, and the cards of the first.
    """
    given = {"teams": list(actor.roles), "me": actor.user_id, "at": now()}
    connection = db.session.connection()
    found = {}
    for name, (count, cards) in _desk().items():
        rows = connection.execute(cards, given).all()
        found[name] = (len(rows) if len(rows) < PER_SECTION else connection.scalar(count, given), rows)
    return found


@lru_cache(maxsize=200)  # by what the actor may see: to put the statement together takes longer than to ask
def _card(visible: ColumnElement[bool]) -> Select[Any]:
    return _cards().where(Task.number == bindparam("number"), visible)


def card(number: str, actor: Actor) -> Any | None:
    """One task as its card, if ``actor`` may see it."""
    return db.session.connection().execute(_card(Task.visible_to(actor)), {"number": number}).first()


def visible(ids: Iterable[int], actor: Actor) -> set[int]:
    """Those of the tasks ``ids`` that ``actor`` may open."""
    return set(db.session.scalars(select(Task.id).where(Task.id.in_(ids), Task.visible_to(actor))))


def tasks_of(ref: Ref, actor: Actor) -> Sequence[Any]:
    """Cards of the tasks linked to a record, as far as ``actor`` sees them; the newest first."""
    linked = select(TaskLink.task_id).where(TaskLink.kind == ref.kind, TaskLink.record_id == ref.id)
    query = _cards().where(Task.id.in_(linked), Task.visible_to(actor)).order_by(Task.id.desc())
    return db.session.execute(query).all()


def search(actor: Actor, text: str, limit: int = 30) -> Sequence[Any]:
    """Cards of visible tasks that match ``text``, open ones first."""
    query = _cards().where(matching(text), Task.visible_to(actor))
    return db.session.execute(query.order_by(Task.closed_at.is_not(None), Task.id.desc()).limit(limit)).all()
