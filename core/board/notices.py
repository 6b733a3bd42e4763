"""Who is told what: notices of tasks, one line each, in the app."""

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import bindparam, func, select, update

from core.accounts.models import Membership, User
from core.board import rules
from core.board.models import Notice, Task, TaskWatcher
from core.columns import now
from core.contracts import Actor
from core.extensions import db
from core.messages import Message, msg


def notify(task: Task, users: Iterable[int | None], actor: Actor, message: Message) -> None:
    """Tell ``users`` about ``task``, each once and never about what they did themselves; of a draft only its team."""
    params = {"number": task.number, "title": task.title, "actor": actor.name, **plain(message.params)}
    told = {*users} - {None, actor.user_id}
    if told and task.state == rules.DRAFT:
        told &= {*members(task.requester_team)}
    for user_id in told:
        db.session.add(Notice(user_id=user_id, task_id=task.id, text=message.text, params=params))


def plain(params: Any) -> dict[str, Any]:
    return {key: str(value) if isinstance(value, Message) else value for key, value in params.items()}


def members(team: str, role: str | None = None) -> list[int]:
    """Active members of a team (only its leads, say) by id."""
    query = select(Membership.user_id).join(User).where(Membership.team == team, User.active)
    return list(db.session.scalars(query.where(Membership.role == role) if role else query))


_WATCHERS = select(TaskWatcher.user_id).where(TaskWatcher.task_id == bindparam("task"))


def watchers(task: Task) -> list[int]:
    return list(db.session.scalars(_WATCHERS, {"task": task.id}))


_NAMED = select(User.id, User.name).order_by(User.name)


def followers(task: Task) -> list[tuple[int, str]]:
    """Ids and names of the task's watchers, by name."""
    watching = _NAMED.join(TaskWatcher, TaskWatcher.user_id == User.id).where(TaskWatcher.task_id == task.id)
    return list(db.session.execute(watching))


SHOWN = 50
_NOTICES = Notice.__table__
_UNREAD = select(func.count()).where(_NOTICES.c.user_id == bindparam("me"), _NOTICES.c.read_at.is_(None))


def unread(user_id: int) -> int:
    return db.session.connection().scalar(_UNREAD, {"me": user_id})


def recent(user_id: int | None) -> list[Notice]:
    query = select(Notice).where(Notice.user_id == user_id).order_by(Notice.id.desc()).limit(SHOWN)
    return list(db.session.scalars(query))


def mark_read(user_id: int) -> None:
    """Mark all of the user's notices read, inside a transaction."""
    db.session.execute(update(Notice).where(Notice.user_id == user_id, Notice.read_at.is_(None)).values(read_at=now()))


_COLLEAGUES = _NAMED.join(Membership).where(Membership.team == bindparam("team"), User.active)


def colleagues(team: str) -> list[tuple[int, str]]:
    """Ids and names of a team's active members, by name."""
    return list(db.session.execute(_COLLEAGUES, {"team": team}))


def people(ids: Iterable[int]) -> list[tuple[int, str]]:
    """Ids and names, by name."""
    return list(db.session.execute(_NAMED.where(User.id.in_(list(ids)))))


def everybody() -> list[tuple[int, str]]:
    """Ids and names of all active users, by name."""
    return list(db.session.execute(_NAMED.where(User.active)))


_SENTENCES = {
    "offer": msg("%(actor)s handed over %(number)s %(title)s."),
    "accept": msg("%(actor)s accepted %(number)s %(title)s."),
    "return": msg("%(actor)s sent back %(number)s: %(text)s"),
    "rework": msg("%(actor)s asks for rework on %(number)s: %(text)s"),
    "wait": msg("%(actor)s put %(number)s on hold: %(text)s"),
    "deliver": msg("%(actor)s delivered %(number)s %(title)s."),
    "sign_off": msg("%(actor)s signed off %(number)s %(title)s."),
    "ask_withdraw": msg("%(actor)s asks to withdraw %(number)s: %(text)s"),
    "agree_withdraw": msg("%(actor)s agreed to withdraw %(number)s."),
    "refuse_withdraw": msg("%(actor)s will not give back %(number)s: %(text)s"),
    "reassign": msg("%(actor)s gave %(number)s %(title)s to you."),
    "urge": msg("%(actor)s urges %(number)s %(title)s."),
    "cc": msg("%(actor)s copied you in on %(number)s %(title)s."),
    "ask_cosign": msg("%(actor)s asks you to co-sign %(number)s %(title)s."),
    "cosign": msg("%(actor)s answered your request to co-sign %(number)s."),
    "cancel": msg("%(actor)s cancelled %(number)s: %(text)s"),
    "cancel_late": msg("%(actor)s cancelled %(number)s: %(text)s"),
}


def of_move(task: Task, verb: rules.Verb, actor: Actor, said: Mapping[str, Any]) -> None:
    """Tell those whom a move concerns: the people it names, the team that is to take the task, or both sides."""
    if verb.name not in _SENTENCES:
        return
    if verb.asks[:1] in (("users",), ("user",)):
        told = said["users"] if "users" in said else [said["user"]]
    elif verb.name in ("offer", "urge") and task.holder_id is None:
        told = members(task.responsible_team)
    else:
        told = [task.requester_id, task.holder_id, *watchers(task)]
    notify(task, told, actor, Message(_SENTENCES[verb.name].text, {"text": said.get("text", "")}))
