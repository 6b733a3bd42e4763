"""The matrix counted by the database, and what says that a task stands behind one of its numbers."""

from collections import Counter, defaultdict
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, String, and_, bindparam, case, cast, exists, func, or_, select
from sqlalchemy.orm import aliased

from core import localtime
from core.board import rules
from core.board.matrix.rules import LEGS, RUNNING, Cell, Matrix, Scope
from core.board.models import Leg, Task, TaskRound
from core.columns import UTCDateTime, now
from core.extensions import db
from core.registry import registry

AT = bindparam("at", type_=UTCDateTime)
BEGIN, END = bindparam("begin", type_=UTCDateTime), bindparam("end", type_=UTCDateTime)


def told(scope: Scope) -> dict[str, Any]:
    """What the conditions here have to be told: the bounds of the period, this moment, the store, the team."""
    bounds = {"begin": localtime.begins(scope.first), "end": localtime.ends(scope.last)}
    return {**bounds, "at": now(), "store": scope.store_id, "team": scope.team}


@cache
def counted(store: bool = False, team: bool = False) -> tuple[ColumnElement[bool], ...]:
    """That a task was first handed over in the period: however often it came back, it counts once. One that was
    withdrawn is a draft again, and none of the other team's business."""
    earlier = aliased(Leg)
    before = exists().where(earlier.task_id == Leg.task_id, earlier.state == rules.OFFERED, earlier.id < Leg.id)
    offers = select(Leg.task_id).where(Leg.state == rules.OFFERED, Leg.started_at >= BEGIN, Leg.started_at < END)
    found: list[ColumnElement[bool]] = [Task.id.in_(offers.where(~before)), Task.state != rules.DRAFT]
    if store:
        found.append(Task.store_id == bindparam("store", type_=Task.store_id.type))
    if team:
        mine = bindparam("team", type_=Task.requester_team.type)
        found.append(or_(Task.requester_team == mine, Task.responsible_team == mine))
    return tuple(found)


# A leg that ended late, or is late and still runs.
BREACHED = or_(Leg.breached, and_(Leg.ended_at.is_(None), Leg.due_at < AT))


def late(leg: str = "") -> ColumnElement[bool]:
    """That a task has a breach, in one leg or in any."""
    return exists().where(Leg.task_id == Task.id, BREACHED, *([Leg.phase == leg] if leg else []))


def sent_back(reason: str = "") -> ColumnElement[bool]:
    """That a task was sent back, for one reason or for any."""
    given = [TaskRound.reason == reason] if reason else []
    return exists().where(TaskRound.task_id == Task.id, TaskRound.verb == "return", *given)


def over(leg: str) -> ColumnElement[bool]:
    """That a task has a leg behind it, so that its time is known."""
    return and_(Task.state.not_in(RUNNING[leg]), exists().where(Leg.task_id == Task.id, Leg.phase == leg))


def seconds(leg: str) -> Any:
    """Working seconds that a leg took of a task, in all its rounds, by the calendar of the team that had it."""
    return select(func.sum(Leg.working_seconds)).where(Leg.task_id == Task.id, Leg.phase == leg).scalar_subquery()


def matrix(scope: Scope) -> Matrix:
    """The handoffs of the scope, team by team: two statements, however many tasks there are."""
    found, ask = Matrix(list(registry().teams)), db.session.connection().execute
    rows = ask(_cells(scope.store_id is not None, bool(scope.team)), told(scope)).all()
    reasons: dict[int, set[str]] = defaultdict(set)
    if rows:  # ids rise with time, so that these are few more than those that count
        bounds = {"first": min(row.first for row in rows), "last": max(row.last for row in rows)}
        for task_id, reason in ask(RETURNS, bounds):
            reasons[task_id].add(reason)
    for row in rows:
        returned = reasons.keys() & set(_numbers(row.ids))
        found.cells[row.requester_team, row.responsible_team] = Cell(
            row.handoffs,
            row.late,
            len(returned),
            {leg: _numbers(getattr(row, leg)) for leg in LEGS},
            Counter({leg: count for leg in LEGS if (count := getattr(row, f"{leg}_late"))}),
            Counter(reason for task_id in returned for reason in reasons[task_id]),
        )
    return found


def _numbers(joined: str | None) -> list[int]:
    return list(map(int, joined.split(","))) if joined else []


RETURNS = select(TaskRound.task_id, TaskRound.reason).where(
    TaskRound.verb == "return", TaskRound.task_id.between(bindparam("first"), bindparam("last"))
)


@cache
def _cells(store: bool, team: bool) -> Any:
    """What there is to say of each pair of teams: minutes and ids joined to one text, which is sooner read than as
    many rows."""
    spent = {leg: func.sum(Leg.working_seconds).filter(Leg.phase == leg) // 60 for leg in LEGS}
    minutes = [case((Task.state.not_in(states), spent[leg])).label(leg) for leg, states in RUNNING.items()]
    late_in = func.aggregate_strings(case((BREACHED, Leg.phase)), ",").label("late_in")
    query = select(Task.id, Task.requester_team, Task.responsible_team, *minutes, late_in)
    tasks = query.join(Leg, Leg.task_id == Task.id).where(*counted(store, team)).group_by(Task.id).subquery().c
    late = {leg: tasks.late_in.contains(leg) for leg in LEGS}
    columns = [func.count().label("handoffs"), func.count(case((or_(*late.values()), 1))).label("late")]
    columns += [func.min(tasks.id).label("first"), func.max(tasks.id).label("last"), _joined(tasks.id, "ids")]
    columns += [func.count(case((late[leg], 1))).label(f"{leg}_late") for leg in LEGS]
    columns += [_joined(tasks[leg], leg) for leg in LEGS]
    pair = tasks.requester_team, tasks.responsible_team
    return select(*pair, *columns).group_by(*pair)


def _joined(numbers: ColumnElement[Any], name: str) -> Any:
    return func.aggregate_strings(cast(numbers, String), ",").label(name)
