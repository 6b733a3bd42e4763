"""Differences become work: a task drafted with the lines as evidence, and what its end does to them."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from itertools import groupby
from typing import Any

from sqlalchemy import select

from core.board import rules as board
from core.board import services
from core.board.models import Task, TaskApproval, TaskComment
from core.columns import now
from core.contracts import Actor, Ref
from core.extensions import db
from core.messages import Refusal, msg
from core.registry import registry
from core.transactions import transaction
from core.web import say, yuan
from plugins.finance.differences import rules, steps
from plugins.finance.differences.models import Difference
from plugins.finance.differences.rules import TEAM, Policy
from plugins.finance.differences.types import NAME
from plugins.finance.matching.classes import LABELS
from plugins.finance.matching.models import Run
from plugins.finance.periods.rules import book_day

SHOWN = 45  # of the 50 lines that a brief's list may have
LINKED = 40


def draft(rows: Sequence[Difference], actor: Actor, team: str = "", what: str = "", at: datetime | None = None) -> Task:
    """Draft the task for ``rows``, which go over with it; inside a transaction."""
    if actor.user_id is None:
        raise Refusal(msg("Somebody has to ask: a task needs a requester."))
    if len({row.store_id for row in rows}) > 1:
        raise Refusal(msg("Hand over the differences of one store at a time."))
    team = team or _owner(rows)
    amount, outcomes = sum(row.amount for row in rows), {rules.outcome(row.code) for row in rows}
    brief = {
        "what": what.strip()[:2000] or say(_question(rows)),
        "lines": evidence(rows),
        "count": len(rows),
        "amount": amount,
        "outcome": outcomes.pop() if len(outcomes) == 1 else rules.ENTRY,
    }
    due = [row.due_at for row in rows if row.due_at]
    task = services.draft_task(
        actor,
        NAME,
        TEAM,
        services.Draft(
            say(_title(rows)),
            brief,
            due_at=min(due, default=None),
            store_id=rows[0].store_id,
            records=_records(rows),
            to=team,
        ),
        at,
    )
    for row in rows:
        steps.take(row, "hand_over", actor, {"task": task.number, "team": [row.owner_team, team]})
        row.task_id, row.owner_team = task.id, team
    return task


def _owner(rows: Sequence[Difference]) -> str:
    """The team that most of the differences belong to."""
    ((team, _),) = Counter(row.owner_team for row in rows).most_common(1)
    return team if team in registry().teams else TEAM


def _title(rows: Sequence[Difference]) -> Any:
    if len({row.code for row in rows}) > 1:
        return msg("%(count)s differences of several classes", count=len(rows))
    label = msg(LABELS[rows[0].code])
    if len(rows) == 1:
        return msg("%(label)s: order %(order)s", label=label, order=rows[0].title)
    return msg("%(label)s: %(count)s differences", label=label, count=len(rows))


def _question(rows: Sequence[Difference]) -> Any:
    if len(rows) == 1:
        return msg(
            "Find out why the two sides differ by %(amount)s yuan, and put it right.", amount=yuan(rows[0].amount)
        )
    total = yuan(sum(row.amount for row in rows))
    return msg("Find out why these %(count)s differ by %(amount)s yuan together.", count=len(rows), amount=total)


def evidence(rows: Sequence[Difference]) -> list[str]:
    """One line for each difference: order, day, class, both sides and the difference."""
    lines = [say(_line(row)) for row in rows[:SHOWN]]
    if len(rows) > SHOWN:
        lines.append(say(msg("and %(count)s more", count=len(rows) - SHOWN)))
    return lines


def _line(row: Difference) -> Any:
    return msg(
        "%(order)s, %(day)s, %(label)s: books %(expected)s, statement %(found)s, difference %(amount)s",
        order=row.title,
        day=book_day(row.happened_at).isoformat(),
        label=msg(LABELS[row.code]),
        expected=yuan(row.expected) or "—",
        found=yuan(row.found) or "—",
        amount=yuan(row.amount),
    )


def _records(rows: Sequence[Difference]) -> tuple[Ref, ...]:
    """The orders: a difference names its task itself."""
    return tuple(Ref("core.order", row.order_id) for row in rows[:LINKED] if row.order_id)


def by_rule(run: Run, policy: Policy, actor: Actor) -> int:
    """Draft tasks for new differences of the classes that the rule set hands over at once: one a team and class."""
    if not policy.hand_over or actor.user_id is None:
        return 0
    new = (Difference.first_run_id == run.id, Difference.state == rules.OPEN, Difference.code.in_(policy.hand_over))
    query = select(Difference).where(*new).order_by(Difference.owner_team, Difference.code, Difference.id)
    count = 0
    for _, rows in groupby(db.session.scalars(query).all(), lambda row: (row.owner_team, row.code)):
        draft(list(rows), actor)
        count += 1
    return count


def hear(task: Task, verb: str, origin: str, actor: Actor) -> None:
    """What became of a task changes its differences: signed off, cancelled, or checked again after all."""
    if task.type != NAME:
        return
    if task.state == board.DONE:
        _with_each(task, rules.ASSIGNED, lambda row, said: _signed_off(row, said, task, actor))
    elif task.state == board.CANCELLED:
        _with_each(task, rules.ASSIGNED, lambda row, said: _given_back(row, task, actor))
    elif origin == board.DONE:
        _with_each(task, rules.CLOSED, lambda row, said: _voided(row, task, actor))


def _with_each(task: Task, state: str, do: Any) -> None:
    with transaction():
        query = select(Difference).where(Difference.task_id == task.id, Difference.state == state)
        said = _said(task)
        for row in db.session.scalars(query.execution_options(populate_existing=True).with_for_update()).all():
            do(row, said)


def _said(task: Task) -> str:
    """What was said at the end: with the sign-off, or in the last comment."""
    note = db.session.scalar(
        select(TaskApproval.note)
        .where(TaskApproval.task_id == task.id, TaskApproval.note != "")
        .order_by(TaskApproval.id.desc())
        .limit(1)
    )
    comment = select(TaskComment.body).where(TaskComment.task_id == task.id).order_by(TaskComment.id.desc()).limit(1)
    said = note or db.session.scalar(comment) or task.title
    return f"{task.number}: {said}"[:500]


def _signed_off(row: Difference, said: str, task: Task, actor: Actor) -> None:
    outcome = task.brief.get("outcome")
    kind = outcome if outcome in rules.OUTCOMES else rules.ENTRY
    steps.take(row, "sign_off", actor, {"task": task.number, "kind": kind, "reason": said})
    row.resolution, row.reason = kind, said
    row.resolved_by_id, row.resolved_at = actor.user_id, now()
    steps.book(row, actor, said)


def _given_back(row: Difference, task: Task, actor: Actor) -> None:
    steps.take(row, "give_back", actor, {"task": task.number})
    row.task_id = None


def _voided(row: Difference, task: Task, actor: Actor) -> None:
    steps.take(row, "void", actor, {"task": task.number})
    steps.reverse_entries(row, actor)
    steps.forget_resolution(row)
    row.task_id = task.id


def catch_up(actor: Actor) -> int:
    """Do again what was not heard of: tasks that ended while their differences are still handed over."""
    waiting = select(Difference.task_id).where(Difference.state == rules.ASSIGNED)
    ended = (Task.id.in_(waiting), Task.state.in_([board.DONE, board.CANCELLED]))
    missed = db.session.scalars(select(Task).where(*ended).order_by(Task.id)).all()
    for task in missed:
        hear(task, "", "", actor)
    return len(missed)
