"""What a task holds: checks, files in slots, comments and watchers."""

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, func, select

from core import plugins
from core.access import NOBODY
from core.accounts.models import User
from core.board import clocks, moves, notices, rules
from core.board.models import Task, TaskComment, TaskFile, TaskWatcher
from core.board.situation import situation
from core.board.types import task_type
from core.columns import now
from core.contracts import Actor, Slot
from core.extensions import db
from core.files import services as files
from core.files.rules import Accepted
from core.messages import Refusal, msg
from core.transactions import transaction

BRIEF_SLOT = "brief"
ATTACHMENTS = Slot(BRIEF_SLOT, "", ("image", "pdf", "sheet", "zip"), many=True)
RESULTS = ("pass", "fail", "na")
MENTION = re.compile(r"@(([A-Za-z0-9_.@+-]*)[\w.@+-]*)")


def set_check(task_id: int, name: str, result: str, note: str, actor: Actor, *, at: datetime | None = None) -> Task:
    """Record one line of the checklist: the requesting team checks what was delivered."""
    with transaction():
        task = moves.locked(task_id)
        check = next((check for check in task.checks if check.name == name), None)
        if check is None or result not in ("", *RESULTS):
            raise Refusal(msg("There is no such check."))
        moves.demand_available(task)
        if rules.REQUESTER not in rules.sides(situation(task), actor) or task.state != rules.DELIVERED:
            raise Refusal(msg("The requesting team checks a task when it has been delivered."))
        if result == "fail" and not note.strip():
            raise Refusal(fields={f"note_{name}": msg("Say what is wrong.")})
        before = check.result
        check.result, check.note = result or None, note.strip()[:1000]
        check.by_id, check.at = actor.user_id, at or now()
        moves.touch(task, actor, "check", {"check": name, "before": before, "after": result, "note": check.note})
    return task


def slots_of(task: Task) -> list[Slot]:
    """The deliverable slots of the task's type, and any that only its files remember."""
    slots = list(task_type(task.type).slots)
    known = {slot.name for slot in slots} | {BRIEF_SLOT}
    return slots + [Slot(name, name) for name in dict.fromkeys(f.slot for f in task.files) if name not in known]


def slot_of(task: Task, name: str) -> Slot:
    """The slot called so, that of the brief too; raises ``Refusal`` for one that the task does not have."""
    found = next((slot for slot in (ATTACHMENTS, *slots_of(task)) if slot.name == name), None)
    if found is None:
        raise Refusal(msg("There is no such place for a file."))
    return found


def add_file(task_id: int, slot: str, accepted: Accepted, actor: Actor, *, at: datetime | None = None) -> Task:
    """Put a new version into a slot; older ones stay. It voids a sign-off that was given for an older version."""
    row = files.put(accepted, actor)
    with transaction() as session:
        task = moves.locked(task_id)
        _may_add(task, slot, actor)
        session.add(row)
        session.flush()
        latest = session.scalar(
            select(func.max(TaskFile.version)).where(TaskFile.task_id == task.id, TaskFile.slot == slot)
        )
        added = TaskFile(
            slot=slot,
            version=(latest or 0) + 1,
            file_id=row.id,
            sha256=row.sha256,
            by_id=actor.user_id,
            at=at or now(),
        )
        task.files.append(added)
        data = {"slot": slot, "version": added.version, "sha256": row.sha256, "name": row.name}
        if slot != BRIEF_SLOT:
            data |= _void_approvals(task, actor)
        moves.touch(task, actor, "add_file", data)
    return task


def _may_add(task: Task, slot: str, actor: Actor) -> None:
    moves.demand_available(task)
    held = rules.sides(situation(task), actor)
    if slot == BRIEF_SLOT:
        if rules.REQUESTER not in held or task.state not in rules.OPEN:
            raise Refusal(msg("Only the requesting team adds to the brief, while the task is open."))
    elif rules.HOLDER not in held:
        raise Refusal(msg("Only the holder puts in deliverables; accept the task first."))
    elif task.state not in (*rules.IN_HAND, rules.DELIVERED, rules.DONE):
        raise Refusal(msg("Deliverables can be added once the task is accepted."))
    elif task.state == rules.DONE and task.parent and task.parent.state not in rules.OPEN:
        raise Refusal(
            msg("%(number)s, which this is a part of, is closed; draft a new task.", number=task.parent.number)
        )


def _void_approvals(task: Task, actor: Actor) -> dict[str, str]:
    """What was checked is not what is there now; a task that was done is to be checked again."""
    at, origin, asked = now(), task.state, set[int]()
    for approval in task.approvals:
        approval.voided_at = approval.voided_at or at
    if origin in (rules.DONE, rules.DELIVERED):
        for check in task.checks:
            check.result = None
        asked = _ask_again(task, actor)
    if origin != rules.DONE:
        return {}
    task.state, task.closed_at = rules.DELIVERED, None
    clocks.open_leg(task, at)
    moves.tell_waiters(task, actor)
    plugins.tell_later("task_moved", task=task, verb="add_file", origin=origin, actor=actor)
    message = msg("A newer file voids the sign-off of %(number)s; check it again.")
    notices.notify(task, {task.requester_id, *notices.watchers(task)} - asked, NOBODY, message)
    return {"from": origin, "to": task.state}


def _ask_again(task: Task, actor: Actor) -> set[int]:
    """Who co-signed this round, yes or no, is asked anew: that was for the older file."""
    answered = [sign for sign in task.cosigns if sign.round == task.round and sign.agreed is not None]
    for sign in answered:
        sign.agreed, sign.note, sign.at = None, "", None
    asked = {sign.user_id for sign in answered}
    notices.notify(task, asked, actor, msg("A newer file voids what you co-signed of %(number)s; look at it again."))
    return asked


def comment(task_id: int, body: str, actor: Actor) -> Task:
    """Say something; whoever is mentioned (@login) is told and may read the task from then on."""
    body = body.replace("\r\n", "\n").strip()
    if not body:
        raise Refusal(fields={"body": msg("Write something first.")})
    if len(body) > 5000:
        raise Refusal(fields={"body": msg("At most %(count)s characters.", count=5000)})
    with transaction():
        task = moves.locked(task_id)
        task.comments.append(TaskComment(by_id=actor.user_id, at=now(), body=body))
        mentioned = list(db.session.scalars(select(User.id).where(User.login.in_(mentions(body)), User.active)))
        moves.watch(task, mentioned)
        moves.touch(task, actor, "comment", {"body": body}, outdates=False)
        told = {task.requester_id, task.holder_id, *notices.watchers(task)} - {*mentioned}
        notices.notify(task, mentioned, actor, msg("%(actor)s mentions you on %(number)s %(title)s."))
        notices.notify(task, told, actor, msg("%(actor)s commented on %(number)s %(title)s."))
    return task


_comments, _authors = TaskComment.__table__, User.__table__
_COMMENTS = (
    select(_authors.c.name, _comments.c.at, _comments.c.body)
    .join_from(_comments, _authors, _comments.c.by_id == _authors.c.id)
    .where(_comments.c.task_id == bindparam("task"))
    .order_by(_comments.c.id)
)


def comments_of(task: Task) -> Sequence[Any]:
    """Who said what when, the oldest first."""
    return db.session.connection().execute(_COMMENTS, {"task": task.id}).all()


def mentions(body: str) -> list[str]:
    """Log-ins that may be mentioned in a comment, lower-case; Chinese text often follows one without a blank."""
    found = {name.lower().rstrip(".-") for names in MENTION.findall(body) for name in names}
    return sorted(found - {""})


def set_watching(task_id: int, actor: Actor, watching: bool) -> Task:
    """Follow a task, or no longer."""
    with transaction() as session:
        task = moves.locked(task_id)
        row: Any = session.get(TaskWatcher, (task.id, actor.user_id))
        if watching:
            moves.watch(task, [actor.user_id])
        elif row is not None:
            session.delete(row)
    return task
