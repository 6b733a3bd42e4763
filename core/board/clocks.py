"""Team calendars and legs: who holds the task, since when, and until when."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from flask import g
from sqlalchemy import bindparam, select

from core import localtime
from core.board import rules
from core.board.calendar import FOLLOWS_HOLIDAYS, HOURS, WorkingCalendar, parse_hours
from core.board.models import CalendarDay, Leg, Task
from core.board.types import task_type
from core.columns import now
from core.extensions import db
from core.registry import registry

_days = CalendarDay.__table__.c
# The team's own word comes after, and over, the word for all.
_DAYS = select(_days.day, _days.hours).where(_days.team.in_(["", bindparam("team")])).order_by(_days.team)


def calendar_of(team: str) -> WorkingCalendar:
    """The team's working calendar with the administrator's days; read once per request."""
    calendars: dict[str, WorkingCalendar] = g.setdefault("calendars", {})
    if team not in calendars:
        offered = registry().teams.get(team)
        hours = offered.hours if offered else "office"
        days = db.session.connection().execute(_DAYS, {"team": team})
        calendars[team] = WorkingCalendar(
            zone=localtime.zone(),
            spans=parse_hours(HOURS.get(hours, hours)),
            follows_holidays=hours in FOLLOWS_HOLIDAYS,
            exceptions={date.fromisoformat(row.day): parse_hours(row.hours) for row in days},
        )
    return calendars[team]


_LEGS = select(*Leg.__table__.c).where(Leg.task_id == bindparam("task")).order_by(Leg.id)


def legs_of(task: Task) -> Sequence[Any]:
    """The task's legs, only to be read: in a tenth of the time that objects take."""
    return db.session.connection().execute(_LEGS, {"task": task.id}).all()


def spent(leg: Any, at: datetime | None = None) -> int:
    """Working seconds of a leg by its team's calendar, up to ``at`` while it runs; nobody's clock runs outside."""
    if leg.working_seconds is not None:
        return leg.working_seconds
    return calendar_of(leg.team).seconds_between(leg.started_at, at or now()) if leg.team else 0


def running(legs: Sequence[Any]) -> Any | None:
    """The leg that has not ended; None of a closed task."""
    return next((leg for leg in reversed(legs) if leg.ended_at is None), None)


def used(legs: Sequence[Any], phase: str) -> int:
    """Working seconds of ``phase`` in earlier legs: only the work on a task is interrupted, by waiting or by passing
    it on; whoever is to accept or to check begins anew."""
    total = 0
    for leg in reversed(legs if phase == "deliver" else []):
        if leg.phase not in ("deliver", "wait"):
            break
        if leg.phase == phase:
            total += leg.working_seconds or 0
    return total


def _deadline(team: str, start: datetime, seconds: int) -> datetime:
    return calendar_of(team).after(start, max(0, seconds))


def open_leg(task: Task, at: datetime) -> Leg:
    """Begin the leg of the task's present state and round, with what remains of its phase's target."""
    phase, side = rules.PHASES[task.state]
    team = {rules.REQUESTER: task.requester_team, rules.RESPONSIBLE: task.responsible_team}.get(side, "")
    if task.state == rules.WAITING:
        team = (task.waiting or {}).get("team", "")
    target = getattr(task_type(task.type).targets, phase, None)
    due = None if target is None else _deadline(team, at, target * 60 - used(task.legs, phase))
    leg = Leg(
        team=team,
        user_id=task.holder_id if side == rules.RESPONSIBLE else None,
        state=task.state,
        phase=phase,
        round=task.round,
        started_at=at,
        target_minutes=target,
        due_at=due,
    )
    task.legs.append(leg)
    task.leg_team, task.leg_due_at, task.breach_told = team, due, False
    return leg


def close_leg(task: Task, at: datetime) -> None:
    """End the running leg; a breach stands against its team alone."""
    leg = running(task.legs)
    if leg is None:
        return
    leg.working_seconds = spent(leg, at)
    leg.ended_at = at
    leg.breached = leg.due_at is not None and at > leg.due_at
    task.leg_team, task.leg_due_at = "", None


def recompute_deadlines() -> int:
    """Give the running legs new deadlines after a calendar changed; returns how many moved."""
    g.pop("calendars", None)
    moved = 0
    for task in db.session.scalars(Task.held(Task.leg_due_at.is_not(None))).all():
        leg = running(task.legs)
        due = _deadline(leg.team, leg.started_at, (leg.target_minutes or 0) * 60 - used(task.legs, leg.phase))
        if due != leg.due_at:
            leg.due_at = task.leg_due_at = due
            moved += 1
    return moved
