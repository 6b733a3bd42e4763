"""Why requests come back, and whose: rounds by reason and by requester."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import and_, case, func, select

from core.accounts.models import User
from core.board.models import Task, TaskRound
from core.board.rules import DONE, DRAFT
from core.extensions import db
from plugins.design.types import TEAM


def rounds_by_reason(since: datetime) -> Sequence[Any]:
    """Rounds since a moment by verb and reason, the most frequent first: ``verb``, ``reason``, ``rounds``."""
    rounds = func.count().label("rounds")
    return db.session.execute(
        select(TaskRound.verb, TaskRound.reason, rounds)
        .join(Task)
        .where(Task.responsible_team == TEAM, TaskRound.at >= since)
        .group_by(TaskRound.verb, TaskRound.reason)
        .order_by(rounds.desc(), TaskRound.verb, TaskRound.reason)
    ).all()


def rounds_by_requester(since: datetime) -> Sequence[Any]:
    """Who asked for how many requests since a moment, and how often they came back, the most often first.

    ``returned`` counts those that design sent back, ``reworked`` those that the requester did; ``at_once`` are those of
    ``done`` that went through without either.
    """
    sent_back = func.count(case((TaskRound.verb == "return", TaskRound.id)))
    reworked = func.count(case((TaskRound.verb == "rework", TaskRound.id)))
    counted = (
        select(Task.id, Task.requester_id, Task.state, sent_back.label("returned"), reworked.label("reworked"))
        .outerjoin(TaskRound)
        .where(Task.responsible_team == TEAM, Task.state != DRAFT, Task.created_at >= since)
        .group_by(Task.id, Task.requester_id, Task.state)
        .subquery()
    )
    smooth = and_(counted.c.state == DONE, counted.c.returned + counted.c.reworked == 0)
    rounds = func.sum(counted.c.returned + counted.c.reworked)
    return db.session.execute(
        select(
            User.name,
            func.count().label("requests"),
            func.sum(counted.c.returned).label("returned"),
            func.sum(counted.c.reworked).label("reworked"),
            func.count(case((counted.c.state == DONE, 1))).label("done"),
            func.count(case((smooth, 1))).label("at_once"),
        )
        .join(counted, counted.c.requester_id == User.id)
        .group_by(User.id, User.name)
        .order_by(rounds.desc(), User.name)
    ).all()
