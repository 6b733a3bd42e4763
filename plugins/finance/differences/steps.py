"""One step of a difference: its new state, its line in the log, and the counter-entry where one is due."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import aliased

from core.audit import services as audit
from core.columns import now
from core.contracts import Actor, Ref
from core.extensions import db
from core.messages import Refusal
from plugins.finance.differences import rules
from plugins.finance.differences.models import Difference, Entry

KIND = "finance.difference"


def ref(row: Difference) -> Ref:
    """What the event log and tasks call a difference."""
    return Ref(KIND, row.id)


def take(row: Difference, verb: str, actor: Actor, data: Mapping[str, Any]) -> None:
    """Do ``verb``; refuses what the table of states does not have."""
    step = rules.STEPS[verb]
    if reason := rules.objection(verb, row.state):
        raise Refusal(reason)
    before, row.state = row.state, step.to or row.state
    row.version += 1
    data = {"from": before, "to": row.state, **data}
    audit.record(actor, step.label, ref(row), data, store_id=row.store_id, team=rules.TEAM)


def book(row: Difference, actor: Actor, memo: str) -> None:
    """Put the difference to the account that its resolution names, where it names one."""
    account = rules.BOOKED.get(row.resolution)
    if account is None:
        return
    entry = Entry(
        store_id=row.store_id,
        difference_id=row.id,
        account=account,
        amount=row.amount,
        memo=memo,
        by_id=actor.user_id,
        at=now(),
    )
    db.session.add(entry)


def reverse_entries(row: Difference, actor: Actor) -> None:
    """Take back what was booked for the difference, by counter-entries."""
    later = aliased(Entry)
    reversed_ = select(later.id).where(later.reverses_id == Entry.id).exists()
    standing = select(Entry).where(Entry.difference_id == row.id, Entry.reverses_id.is_(None), ~reversed_)
    for entry in db.session.scalars(standing).all():
        db.session.add(
            Entry(
                store_id=entry.store_id,
                difference_id=entry.difference_id,
                account=entry.account,
                amount=-entry.amount,
                memo=entry.memo,
                reverses_id=entry.id,
                by_id=actor.user_id,
                at=now(),
            )
        )


def forget_resolution(row: Difference) -> None:
    """Leave nothing of a resolution that was taken back; the log remembers it."""
    row.resolution = row.reason = ""
    row.resolved_by_id = row.resolved_at = row.approved_by_id = row.approved_at = None
    row.task_id = None
