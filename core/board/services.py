"""Drafting and editing tasks: the published use cases; moving them is ``moves.move``."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select

from core import plugins
from core.access import record
from core.audit.rules import changes
from core.board import clocks, moves, rules
from core.board.models import Task, TaskBlocker, TaskCheck, TaskLink
from core.board.situation import relatives
from core.board.types import task_type
from core.columns import now
from core.contracts import Actor, Ref, TaskType
from core.extensions import db
from core.messages import Refusal, Stale, msg
from core.numbers import next_number
from core.registry import registry
from core.transactions import before_commit, transaction

RUSH = len(rules.PRIORITIES) - 1


@dataclass(frozen=True)
class Draft:
    """What a task says before it is handed over; ``brief`` is as ``brief.parse`` gives it.

    ``to`` is the team that is to do it, where that is not the one its type belongs to.
    """

    title: str
    brief: Mapping[str, Any] = field(default_factory=dict)
    priority: int = 1
    due_at: datetime | None = None
    store_id: int | None = None
    parent_id: int | None = None
    blockers: tuple[int, ...] = ()
    records: tuple[Ref, ...] = ()
    to: str = ""


def draft_task(actor: Actor, type_name: str, team: str, draft: Draft, at: datetime | None = None) -> Task:
    """Draft a task of ``team`` for the team it is for; raises ``Refusal`` with a reason per field."""
    kind = registry().task_types.get(type_name)
    if kind is None:
        raise Refusal(fields={"type": msg("Choose a kind of task.")})
    if not actor.in_team(team) and actor.source == "web":
        raise Refusal(fields={"team": msg("Choose one of your teams.")})
    responsible = draft.to or kind.team
    if responsible not in registry().teams:
        raise Refusal(fields={"to": msg("Choose a team that works here.")})
    at = at or now()
    with transaction() as session:
        task = Task(
            number=f"{registry().teams[responsible].prefix}-{next_number(f'task.{responsible}')}",
            type=kind.name,
            state=rules.DRAFT,
            requester_team=team,
            responsible_team=responsible,
            requester_id=actor.user_id,
            created_at=at,
        )
        task.checks = [TaskCheck(name=c.name, label=c.label, mandatory=c.mandatory) for c in kind.checklist]
        _write(task, kind, actor, draft)
        session.add(task)
        session.flush()
        clocks.open_leg(task, at)
        _relate(task, draft, actor)
        session.flush()
        moves.touch(task, actor, "draft", {"type": kind.name, "to": task.state, **_facts(task)})
        plugins.tell_later("task_created", task=task, actor=actor)
    return task


def edit_task(task_id: int, actor: Actor, draft: Draft, version: int | None = None) -> Task:
    """Rewrite a draft or returned task; one that is in another team's hands is not changed behind their back."""
    with transaction() as session:
        task = moves.locked(task_id)
        if version is not None and version != task.version:
            raise Stale(
                msg("Somebody else changed this task meanwhile. Your text is kept below; load it again to compare.")
            )
        if task.state not in (rules.DRAFT, rules.RETURNED):
            raise Refusal(msg("It is in the other team's hands: withdraw it first, or ask for it in a comment."))
        if not actor.in_team(task.requester_team):
            raise Refusal(msg("Only the requesting team changes the brief."))
        moves.demand_available(task)
        before = _facts(task)
        _write(task, task_type(task.type), actor, draft)
        _relate(task, draft, actor)
        session.flush()
        moves.touch(task, actor, "edit", changes(before, _facts(task)))
        before_commit(lambda: _refuse_circle(task.id))  # again, when nobody else can tie tasks at the same time
    return task


def _facts(task: Task) -> dict[str, Any]:
    """What the log keeps of a draft, and compares when it is edited."""
    return {
        **{name: getattr(task, name) for name in ("title", "priority", "due_at", "store_id", "parent_id", "points")},
        "brief": dict(task.brief),
        "blockers": sorted(other.number for other in relatives(task).blockers),
        "records": [Ref(row.kind, row.record_id) for row in task.links],
    }


def _write(task: Task, kind: TaskType, actor: Actor, draft: Draft) -> None:
    title = draft.title.strip()
    if not title:
        raise Refusal(fields={"title": msg("Give the task a title.")})
    if len(title) > 200:
        raise Refusal(fields={"title": msg("At most %(count)s characters.", count=200)})
    if draft.priority not in range(len(rules.PRIORITIES)):
        raise Refusal(fields={"priority": msg("Choose one of the options.")})
    task.title, task.priority, task.due_at, task.store_id = title, draft.priority, draft.due_at, draft.store_id
    task.brief = dict(draft.brief)
    task.points = kind.estimate(task.brief) if kind.estimate else 1
    task.parent_id = _parent(task, draft.parent_id, actor)


def _parent(task: Task, parent_id: int | None, actor: Actor) -> int | None:
    if parent_id in (None, task.parent_id):
        return parent_id
    # held, so that it is not closed in the same moment
    parent = db.session.scalar(Task.held(Task.id == parent_id, Task.visible_to(actor)))
    if parent is None or parent.state not in rules.OPEN:
        raise Refusal(fields={"parent": msg("The task it is to be part of is not there or already closed.")})
    above: Task | None = parent
    while above is not None:
        if above.id == task.id:
            raise Refusal(fields={"parent": msg("A task cannot be part of itself.")})
        above = above.parent
    return parent_id


def _relate(task: Task, draft: Draft, actor: Actor) -> None:
    mine = TaskBlocker.task_id == task.id
    db.session.execute(delete(TaskBlocker).where(mine, TaskBlocker.blocker_id.not_in(draft.blockers)))
    for blocker_id in set(draft.blockers) - set(db.session.scalars(select(TaskBlocker.blocker_id).where(mine))):
        block(task, blocker_id)
    link(task, draft.records, actor)


def block(task: Task, blocker_id: int) -> None:
    """Let ``task`` wait for another; a circle is refused. Inside a transaction."""
    db.session.add(TaskBlocker(task_id=task.id, blocker_id=blocker_id))
    db.session.flush()
    _refuse_circle(task.id)


def _refuse_circle(task_id: int) -> None:
    blocker = select(TaskBlocker.blocker_id.label("id"))
    found = blocker.where(TaskBlocker.task_id == task_id).cte(recursive=True)
    found = found.union(blocker.join(found, TaskBlocker.task_id == found.c.id))  # which a circle ends, not repeats
    if db.session.scalar(select(found.c.id).where(found.c.id == task_id)) is not None:
        raise Refusal(fields={"blockers": msg("These tasks would wait for each other for ever.")})


def link(task: Task, records: Iterable[Ref], actor: Actor) -> None:
    """Tie the task to store records that ``actor`` may see; each is found from the other's page."""
    present = {(row.kind, row.record_id) for row in task.links}
    for ref in dict.fromkeys(records):
        found = record(ref, actor)
        if found is not None and (ref.kind, ref.id) not in present:
            task.links.append(TaskLink(kind=ref.kind, record_id=ref.id, title=found.title))
