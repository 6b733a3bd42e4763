"""What can be done with differences: resolve them together, approve a write-off, take a settlement back, hand over."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import select

from core.board.models import Task
from core.columns import now
from core.contracts import Actor
from core.extensions import db
from core.messages import Refusal, Stale, msg, refuse
from core.transactions import transaction
from plugins.finance.differences import handoff, rules, steps
from plugins.finance.differences.models import Difference
from plugins.finance.differences.takeover import policy_of, take_over
from plugins.finance.matching.models import RuleSet, Run
from plugins.finance.periods import locks

__all__ = ["approve", "decline", "hand_over", "locked", "resolve", "take_over", "undo"]

MOST = 2_000  # in one go: each is a line in the log
LONGEST = 500


def locked(ids: Iterable[int]) -> Sequence[Difference]:
    """The differences, read afresh and held until the transaction ends; refuses none and too many."""
    wanted = sorted(set(ids))
    if not wanted:
        raise Refusal(msg("Choose at least one difference."))
    if len(wanted) > MOST:
        raise Refusal(msg("At most %(count)s differences in one go.", count=MOST))
    query = select(Difference).where(Difference.id.in_(wanted)).order_by(Difference.id)
    rows = db.session.scalars(query.execution_options(populate_existing=True).with_for_update()).all()
    if len(rows) != len(wanted):
        raise Refusal(msg("One of these differences is not there any more."))
    return rows


def resolve(ids: Iterable[int], actor: Actor, kind: str, reason: str, version: int | None = None) -> int:
    """Settle differences together; a write-off beyond the limit waits for a second person. Returns how many."""
    reason = _reason(reason)
    if kind not in rules.KINDS:
        refuse(kind=msg("Choose how it is settled."))
    with transaction():
        rows = locked(ids)
        _demand_unchanged(rows, version)
        _demand_open(rows)
        verb = rules.verb_for(kind, sum(abs(row.amount) for row in rows), _limit(rows, actor))
        for row in rows:
            steps.take(row, verb, actor, {"kind": kind, "amount": row.amount, "reason": reason})
            row.resolution, row.reason = kind, reason
            row.resolved_by_id, row.resolved_at = actor.user_id, now()
            if verb != "ask":
                steps.book(row, actor, reason)
    return len(rows)


def approve(ids: Iterable[int], actor: Actor) -> int:
    """Approve write-offs that somebody else asked for; they are booked."""
    with transaction():
        rows = locked(ids)
        _demand_open(rows)
        for row in rows:
            _demand_asked(row)
            if actor.user_id is None or row.resolved_by_id == actor.user_id:
                raise Refusal(msg("You asked for this write-off: somebody else has to approve it."))
            steps.take(row, "approve", actor, {"amount": row.amount})
            row.approved_by_id, row.approved_at = actor.user_id, now()
            steps.book(row, actor, row.reason)
    return len(rows)


def decline(ids: Iterable[int], actor: Actor, reason: str) -> int:
    """Decline write-offs that were asked for; the differences are open again."""
    reason = _reason(reason)
    with transaction():
        rows = locked(ids)
        _demand_open(rows)
        for row in rows:
            _demand_asked(row)
            steps.take(row, "decline", actor, {"reason": reason})
            steps.forget_resolution(row)
    return len(rows)


def undo(ids: Iterable[int], actor: Actor, reason: str) -> int:
    """Take settlements back: counter-entries reverse what was booked, and the differences are open again."""
    reason = _reason(reason)
    with transaction():
        rows = locked(ids)
        _demand_open(rows)
        for row in rows:
            if row.resolution in rules.BY_ITSELF:
                raise Refusal(msg("It closed by itself: only another run can open it again."))
            data = {"kind": row.resolution, "before": row.reason, "reason": reason}
            steps.take(row, "undo", actor, data)
            steps.reverse_entries(row, actor)
            steps.forget_resolution(row)
    return len(rows)


def hand_over(ids: Iterable[int], actor: Actor, team: str = "", what: str = "", at: datetime | None = None) -> Task:
    """Draft one task for the team that is to settle these differences; without ``team``, for their owner."""
    with transaction():
        rows = locked(ids)
        _demand_open(rows)
        return handoff.draft(rows, actor, team, what, at)


def policy_in_force(store_id: int) -> rules.Policy:
    """What the rules in force for a store say about differences."""
    query = select(RuleSet.id).where((RuleSet.store_id == store_id) | RuleSet.store_id.is_(None))
    newest = db.session.scalar(query.order_by(RuleSet.store_id.is_(None), RuleSet.version.desc()).limit(1))
    return policy_of(newest)


def _limit(rows: Sequence[Difference], actor: Actor) -> int:
    return min(policy_in_force(store_id).limit(actor) for store_id in {row.store_id for row in rows})


def _reason(text: str) -> str:
    text = text.replace("\r\n", "\n").strip()
    if not text:
        refuse(reason=msg("Say why in a few words."))
    if len(text) > LONGEST:
        refuse(reason=msg("At most %(count)s characters.", count=LONGEST))
    return text


def _demand_unchanged(rows: Sequence[Difference], version: int | None) -> None:
    if version is not None and any(row.version != version for row in rows):
        raise Stale(msg("Somebody else changed this difference meanwhile: look at it again."))


def _demand_open(rows: Sequence[Difference]) -> None:
    """Refuse while a period that found one of them is signed."""
    runs = {row.last_run_id for row in rows}
    spans = db.session.execute(select(Run.store_id, Run.first, Run.last).where(Run.id.in_(runs)))
    locks.demand_all_open({(store_id, first, last) for store_id, first, last in spans})


def _demand_asked(row: Difference) -> None:
    if not rules.waits_for_approval(row.state, row.resolution):
        raise Refusal(msg("No write-off waits for approval here any more."))
