"""Moving a task: the one way in for pages, drags, bulk actions, imports and plugins."""

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Select, bindparam, func, select, update

from core import plugins
from core.access import NOBODY
from core.audit import services as audit
from core.audit.models import Event
from core.board import clocks, notices, rules
from core.board.models import Task, TaskApproval, TaskBlocker, TaskCosign, TaskRound, TaskWatcher
from core.board.situation import is_blocked, situation
from core.board.types import available, task_type
from core.columns import now
from core.contracts import Actor, Ref
from core.extensions import db
from core.messages import N_, Message, Refusal, Stale, msg
from core.transactions import before_commit, transaction


def move(
    task_id: int,
    verb_name: str,
    actor: Actor,
    said: Mapping[str, Any] | None = None,
    *,
    version: int | None = None,
    at: datetime | None = None,
) -> Task:
    """Do a verb to a task; returns the task as it stands afterwards.

    ``version`` is what the mover saw: if the task has changed since, ``Stale`` says who changed it. ``said`` holds
    what the verb asks for. Raises ``Refusal`` with every reason, each at its field.
    """
    said, at = said or {}, at or now()
    with transaction():
        task = locked(task_id)
        verb = rules.VERBS.get(verb_name)
        if verb is None:
            raise Refusal(msg("There is no such action."))
        if version is not None and version != task.version:
            raise Stale(_what_happened(task))
        demand_available(task)
        found = rules.objections(situation(task), verb, actor, said, at)
        if found:
            refused = [message for name, message in found.items() if not name]
            raise Refusal(*refused, fields={name: message for name, message in found.items() if name})
        if objections := list(plugins.collect("move_objections", task=task, verb=verb.name, actor=actor)):
            raise Refusal(*objections)
        origin = task.state
        effect = _EFFECTS.get(verb.name)
        details = effect(task, actor, said, at) if effect else None
        if details is None:  # nothing but what was said
            details = {name: said.get(name) for name in verb.asks}
        if verb.to:
            _enter(task, verb.to, actor, at)
        touch(task, actor, verb.name, {"from": origin, "to": task.state, **details})
        plugins.tell_later("task_moved", task=task, verb=verb.name, origin=origin, actor=actor)
        notices.of_move(task, verb, actor, said)
    return task


@cache
def _locked() -> Select[Any]:
    return Task.held(Task.id == bindparam("task"))


def locked(task_id: int) -> Task:
    """The task, read afresh and held until the transaction ends."""
    task = db.session.scalar(_locked(), {"task": task_id})
    if task is None:
        raise Refusal(msg("This task no longer exists."))
    return task


def demand_available(task: Task) -> None:
    """Refuse what would change a task whose type nobody offers at present."""
    if not available(task.type):
        raise Refusal(msg("The plugin of this kind of task is switched off; it can be read, not moved."))


def touch(task: Task, actor: Actor, verb: str, data: Mapping[str, Any], *, outdates: bool = True) -> None:
    """Log a change of the task and let every board that shows it know. One that ``outdates`` what others see of the
    task raises its version: their next move is stale."""
    task.version += outdates
    audit.record(actor, verb, Ref("core.task", task.id), dict(data), store_id=task.store_id, team=task.responsible_team)
    task_id = task.id

    # by then the log's head is locked, so that the boards' cursor never runs past a change still to be stored
    before_commit(lambda: db.session.connection().execute(_STAMP, {"task": task_id}))


_STAMP = (
    update(Task.__table__)
    .where(Task.__table__.c.id == bindparam("task"))
    .values(changed=select(func.max(Event.__table__.c.id)).scalar_subquery())
)


def _enter(task: Task, state: str, actor: Actor, at: datetime) -> None:
    clocks.close_leg(task, at)
    task.state = state
    task.waiting = task.waiting if state == rules.WAITING else None
    task.withdraw_asked = task.withdraw_asked and state in rules.IN_HAND
    if state in rules.OPEN:
        clocks.open_leg(task, at)
    else:
        task.closed_at = at
        tell_waiters(task, actor)


def tell_waiters(task: Task, actor: Actor) -> None:
    """Let the tasks that wait for this one know that it was closed, or opened again. Inside a transaction."""
    closed = task.state not in rules.OPEN
    ids = select(TaskBlocker.task_id).where(TaskBlocker.blocker_id == task.id)
    waiters = Task.held(Task.id.in_(ids), Task.state.in_(rules.OPEN))
    # held one after another: of two blockers closed at once, one sees that it was the last
    for waiter in db.session.scalars(waiters).all():
        touch(waiter, actor, "unblocked" if closed else "blocked", {"by": task.number}, outdates=False)
        if closed and not is_blocked(waiter):
            message = msg("%(blocker)s is closed: nothing holds up %(number)s %(title)s any more.", blocker=task.number)
            notices.notify(waiter, [waiter.holder_id, waiter.requester_id], NOBODY, message)


def _what_happened(task: Task) -> Message:
    last = audit.last_event(Ref("core.task", task.id))
    verb = rules.VERBS.get(last.verb) if last else None
    return msg(
        "%(who)s changed %(number)s first (%(what)s). It is now “%(state)s”; nothing of yours was done.",
        who=last.actor_name if last else "",
        number=task.number,
        what=Message(verb.label if verb else N_("Change")),
        state=Message(rules.STATES[task.state]),
    )


def _hold(task: Task, user_id: int | None) -> None:
    task.holder_id = user_id
    db.session.expire(task, ["holder"])  # or it would go on naming the one before


def _accept(task: Task, actor: Actor, said: Mapping[str, Any], at: datetime) -> dict[str, Any]:
    _hold(task, actor.user_id)
    return {"holder": actor.name}


def _go_back(task: Task, actor: Actor, said: Mapping[str, Any], at: datetime) -> dict[str, Any]:
    rework = task.state == rules.DELIVERED
    failed = [check.name for check in task.checks if check.result == "fail"] if rework else []
    task.rounds.append(
        TaskRound(
            round=task.round,
            verb="rework" if rework else "return",
            reason=said["reason"],
            text=said["text"],
            failed_checks=failed,
            by_id=actor.user_id,
            at=at,
        )
    )
    clocks.close_leg(task, at)  # the old round's leg ends before the new round's begins
    asked = [sign for sign in task.cosigns if sign.round == task.round]
    task.round += 1
    for sign in asked:
        task.cosigns.append(TaskCosign(round=task.round, user_id=sign.user_id, everyone=sign.everyone))
    if rework:
        for check in task.checks:
            check.result = None
    else:
        _hold(task, None)
    return {"reason": said["reason"], "text": said["text"], "round": task.round}


def _wait(task: Task, actor: Actor, said: Mapping[str, Any], at: datetime) -> dict[str, Any]:
    waited_for = said["waiting_for"]
    task.waiting = {
        "team": waited_for if waited_for != "outside" else "",
        "why": said["text"],
        "until": said.get("until"),
    }
    return dict(task.waiting)


def _withdraw(task: Task, actor: Actor, said: Mapping[str, Any], at: datetime) -> None:
    _hold(task, None)


def _ask_withdraw(task: Task, actor: Actor, said: Mapping[str, Any], at: datetime) -> None:
    task.withdraw_asked = True


def _refuse_withdraw(task: Task, actor: Actor, said: Mapping[str, Any], at: datetime) -> None:
    task.withdraw_asked = False


def _reassign(task: Task, actor: Actor, said: Mapping[str, Any], at: datetime) -> dict[str, Any]:
    if said["user"] not in notices.members(task.responsible_team):
        raise Refusal(fields={"user": msg("Choose somebody of the responsible team.")})
    before = task.holder.name if task.holder else ""
    _hold(task, said["user"])
    clocks.close_leg(task, at)
    clocks.open_leg(task, at)
    return {"before": before, "user": said["user"]}


def _urge(task: Task, actor: Actor, said: Mapping[str, Any], at: datetime) -> dict[str, Any]:
    task.urged_at, task.urges = at, task.urges + 1
    return {"urges": task.urges}


def _cc(task: Task, actor: Actor, said: Mapping[str, Any], at: datetime) -> None:
    watch(task, said["users"])


def watch(task: Task, users: Any) -> None:
    """Let ``users`` follow the task."""
    for user_id in set(users) - set(notices.watchers(task)):
        db.session.add(TaskWatcher(task_id=task.id, user_id=user_id))


def _ask_cosign(task: Task, actor: Actor, said: Mapping[str, Any], at: datetime) -> None:
    asked = {sign.user_id for sign in task.cosigns if sign.round == task.round}
    for user_id in set(said["users"]) - asked:
        task.cosigns.append(TaskCosign(round=task.round, user_id=user_id, everyone=bool(said.get("everyone"))))
    watch(task, said["users"])


def _cosign(task: Task, actor: Actor, said: Mapping[str, Any], at: datetime) -> None:
    sign = next(s for s in task.cosigns if s.round == task.round and s.user_id == actor.user_id and s.agreed is None)
    sign.agreed, sign.note, sign.at = said["agreed"], said.get("text", ""), at


def _sign_off(task: Task, actor: Actor, said: Mapping[str, Any], at: datetime) -> dict[str, Any]:
    files = latest_files(task)
    task.approvals.append(TaskApproval(by_id=actor.user_id, at=at, files=files, note=said.get("text", "")))
    return {"files": files}


def latest_files(task: Task) -> list[dict[str, Any]]:
    """The newest version of each deliverable slot, and every file of one that holds many, with its hash: what a
    sign-off is bound to."""
    many = {slot.name for slot in task_type(task.type).slots if slot.many}
    newest = {(f.slot, f.version if f.slot in many else 0): f for f in task.files if f.slot != "brief"}
    return [{"slot": f.slot, "version": f.version, "sha256": f.sha256} for f in newest.values()]


# What a verb does beside the change of state; each may give the log more than, or other than, what was said.
_EFFECTS: dict[str, Callable[[Task, Actor, Mapping[str, Any], datetime], dict[str, Any] | None]] = {
    "accept": _accept,
    "return": _go_back,
    "rework": _go_back,
    "wait": _wait,
    "withdraw": _withdraw,
    "agree_withdraw": _withdraw,
    "ask_withdraw": _ask_withdraw,
    "refuse_withdraw": _refuse_withdraw,
    "reassign": _reassign,
    "urge": _urge,
    "cc": _cc,
    "ask_cosign": _ask_cosign,
    "cosign": _cosign,
    "sign_off": _sign_off,
}
