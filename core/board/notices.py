"""Who is told what: notices of tasks, one line each, in the app."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import func, select, update

from core.accounts.models import Membership, User
from core.board.models import Notice, Task, TaskWatcher
from core.columns import now
from core.contracts import Actor
from core.extensions import db
from core.messages import Message


def notify(task: Task, users: Iterable[int | None], actor: Actor, message: Message) -> None:
    """Tell ``users`` about ``task``, each once and never about what they did themselves."""
    params = {"number": task.number, "title": task.title, "actor": actor.name, **plain(message.params)}
    for user_id in {*users} - {None, actor.user_id}:
        db.session.add(Notice(user_id=user_id, task_id=task.id, text=message.text, params=params))


def plain(params: Any) -> dict[str, Any]:
    return {key: str(value) if isinstance(value, Message) else value for key, value in params.items()}


def members(team: str, role: str | None = None) -> list[int]:
    """Active members of a team (only its leads, say) by id."""
    query = select(Membership.user_id).join(User).where(Membership.team == team, User.active)
    return list(db.session.scalars(query.where(Membership.role == role) if role else query))


def watchers(task: Task) -> list[int]:
    return list(db.session.scalars(select(TaskWatcher.user_id).where(TaskWatcher.task_id == task.id)))


def unread(user_id: int) -> int:
    return db.session.scalar(
        select(func.count()).select_from(Notice).where(Notice.user_id == user_id, Notice.read_at.is_(None))
    )


def recent(user_id: int, limit: int = 50) -> list[Notice]:
    query = select(Notice).where(Notice.user_id == user_id).order_by(Notice.id.desc()).limit(limit)
    return list(db.session.scalars(query))


def mark_read(user_id: int) -> None:
    """Mark all of the user's notices read, inside a transaction."""
    db.session.execute(update(Notice).where(Notice.user_id == user_id, Notice.read_at.is_(None)).values(read_at=now()))


def people(ids: Iterable[int]) -> list[tuple[int, str]]:
    """Ids and names, by name."""
    query = select(User.id, User.name).where(User.id.in_(list(ids))).order_by(User.name)
    return list(db.session.execute(query).tuples())


def everybody() -> list[tuple[int, str]]:
    """Ids and names of all active users, by name."""
    return list(db.session.execute(select(User.id, User.name).where(User.active).order_by(User.name)).tuples())
