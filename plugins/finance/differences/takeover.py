"""What a run found becomes differences: new ones open, those that are there stay, what has arrived closes by itself."""

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pyarrow as pa
from sqlalchemy import case, or_, select, update

from core import bulk
from core.access import NOBODY
from core.board import notices
from core.board.models import Task
from core.columns import now
from core.contracts import Actor
from core.extensions import db
from core.messages import msg
from core.registry import registry
from core.stores.models import Order
from plugins.finance.books.models import Line
from plugins.finance.differences import handoff, rules, steps
from plugins.finance.differences.models import Difference
from plugins.finance.differences.rules import Found, Policy
from plugins.finance.matching.models import Result, RuleSet, Run
from plugins.finance.periods.rules import bounds

CHUNK = 5_000
SIDES = {"order": 0, "line": 1}
COMPARED = (
    "code",
    "amount",
    "expected",
    "found",
    "findings",
    "pattern",
    "order_no",
    "order_id",
    "line_id",
    "happened_at",
)
ALIKE = ("store_id", "first_run_id", "last_run_id", "state", "created_at")  # in all that one run opens
MOMENT = pa.timestamp("us", "UTC")
TYPES = {name: pa.int64() for name in ("amount", "expected", "found", "order_id", "line_id")}
TYPES |= {"happened_at": MOMENT, "due_at": MOMENT}
BY = " · "  # between the run that saw a difference arrive and the line that did
AGAIN = msg("It was found again.")
CARRIED = msg("It was carried to this period.")
OTHER_AMOUNT = msg("Its amount has changed.")


@dataclass(frozen=True)
class Taken:
    """What became of a run's findings, as numbers of differences."""

    opened: int = 0
    kept: int = 0
    changed: int = 0
    closed: int = 0
    drafted: int = 0  # tasks that the rules handed out


def take_over(
    run: Run, found: Sequence[Found], actor: Actor | None = None, settled: Collection[str] = frozenset()
) -> Taken:
    """Take over what ``run`` found; inside the transaction that writes the run.

    New differences open; those still there stay as they are, unless their amount has changed; those of the run's rows
    that it did not find again have arrived, and close, as do those of the ``settled`` orders of earlier periods.
    Differences of rows that the run did not look at are left, and so is what a later period has closed.
    """
    actor = actor or Actor(run.by_id, run.by_name, source="job")
    policy, at = policy_of(run.rule_set_id), now()
    wanted = {each.key: each for each in found}
    if len(wanted) != len(found):
        raise ValueError("a run found two differences of one key")
    known = {row.key: row for row in _known(run.store_id, wanted)}
    fresh = [_values(run, each, policy, at) for each in found if each.key not in known]
    with bulk.many(Difference.__table__) if len(fresh) > CHUNK else nullcontext():
        for rows in _chunks(fresh):
            _open(rows)
    same, changed, closed_later = [], [], _closed_by_later(run, known.values())
    for row in known.values():
        if row.id not in closed_later:
            (same if _is_same(row, wanted[row.key]) else changed).append(row.id)
    for ids in _chunks(same):
        db.session.execute(
            update(Difference)
            .where(Difference.id.in_(ids))
            .values(last_run_id=run.id)
            .execution_options(synchronize_session=False)
        )
    for row in rows_of(changed):
        _take_change(row, wanted[row.key], run, policy, actor)
    closed = _close_arrived(run, set(wanted), settled, actor)
    drafted = handoff.by_rule(run, policy, actor) if fresh else 0
    return Taken(len(fresh), len(same), len(changed), closed, drafted)


def _closed_by_later(run: Run, rows: Iterable[Any]) -> set[int]:
    """Differences that the run of a later period has seen arrive."""
    arrived = [row for row in rows if row.state == rules.CLOSED and row.resolution == rules.ARRIVED]
    later: set[int] = set()
    for chunk in _chunks({row.last_run_id for row in arrived}):
        later.update(db.session.scalars(select(Run.id).where(Run.id.in_(chunk), Run.first > run.last)))
    return {row.id for row in arrived if row.last_run_id in later}


def policy_of(rule_set_id: int | None) -> Policy:
    """What a rule set says about differences."""
    data = db.session.scalar(select(RuleSet.data).where(RuleSet.id == rule_set_id)) if rule_set_id else None
    return rules.policy(data)


def _chunks(items: Iterable[Any]) -> Iterator[list[Any]]:
    held = list(items)
    return (held[place : place + CHUNK] for place in range(0, len(held), CHUNK))


def _known(store_id: int, keys: Collection[str]) -> Iterator[Any]:
    columns = [getattr(Difference, name) for name in ("id", "key", "state", "resolution", "last_run_id", *COMPARED)]
    query = select(*columns).where(Difference.store_id == store_id)
    if len(keys) > CHUNK:  # a database that does not know how many there are looks up many keys in a very slow way
        yield from (row for row in db.session.execute(query) if row.key in keys)
        return
    yield from db.session.execute(query.where(Difference.key.in_(keys)))


def _open(rows: Sequence[Mapping[str, Any]]) -> None:
    """Write new differences."""
    same = bulk.defaults(Difference.__table__) | {name: rows[0][name] for name in ALIKE}
    columns = {name: [row[name] for row in rows] for name in rows[0] if name not in ALIKE}
    columns["findings"] = [json.dumps(each) for each in columns["findings"]]
    ready = {name: pa.array(each, TYPES.get(name, pa.string())) for name, each in columns.items()}
    bulk.insert(Difference.__table__, ready, {name: each for name, each in same.items() if name not in ready})


def rows_of(ids: Iterable[int]) -> Iterator[Difference]:
    """These differences as they are now, held until the end of the transaction."""
    for chunk in _chunks(ids):
        query = select(Difference).where(Difference.id.in_(chunk)).order_by(Difference.id)
        yield from db.session.scalars(query.execution_options(populate_existing=True).with_for_update())


def _values(run: Run, each: Found, policy: Policy, at: datetime) -> dict[str, Any]:
    team, days = _owner(policy, each)
    return {
        **_compared(each),
        "store_id": run.store_id,
        "key": each.key,
        "side": each.side,
        "first_run_id": run.id,
        "last_run_id": run.id,
        "state": rules.OPEN,
        "owner_team": team,
        "due_at": at + timedelta(days=days),
        "created_at": at,
    }


def _compared(each: Found) -> dict[str, Any]:
    return {name: getattr(each, name) for name in COMPARED} | {"findings": [dict(one) for one in each.findings]}


def _owner(policy: Policy, each: Found) -> tuple[str, int]:
    reason = rules.finding(each.code, each.expected, each.found, each.findings)
    return policy.owner(each.code, reason, registry().teams)


def _is_same(row: Any, each: Found) -> bool:
    if row.state == rules.CLOSED and row.resolution in rules.BY_ITSELF:
        return False  # it is there again
    if row.resolution == rules.CARRY and row.state == rules.RESOLVED and each.code != row.code:
        return False  # the next period found it, to which it was carried
    new = _compared(each)
    return all(getattr(row, name) == value for name, value in new.items())


def _take_change(row: Difference, each: Found, run: Run, policy: Policy, actor: Actor) -> None:
    before = {"code": row.code, "amount": row.amount}
    again = row.state == rules.CLOSED and row.resolution in rules.BY_ITSELF
    carried = row.resolution == rules.CARRY and row.state == rules.RESOLVED and each.code != row.code
    for name, value in _compared(each).items():
        setattr(row, name, value)
    row.last_run_id = run.id
    if row.state in (rules.RESOLVED, rules.CLOSED) and (again or carried or before["amount"] != row.amount):
        why = AGAIN if again else CARRIED if carried else OTHER_AMOUNT
        steps.reverse_entries(row, actor)
        steps.take(row, "reopen", actor, {"run": run.id, "reason": why, **_changes(before, row)})
        steps.forget_resolution(row)
    elif (changes := _changes(before, row)) and row.state in rules.PENDING:
        steps.take(row, "change", actor, {"run": run.id, **changes})
    if row.state == rules.OPEN:
        row.owner_team, days = _owner(policy, each)
        row.due_at = row.due_at or now() + timedelta(days=days)


def _changes(before: Mapping[str, Any], row: Difference) -> dict[str, list[Any]]:
    after = {"code": row.code, "amount": row.amount}
    return {name: [before[name], after[name]] for name in before if before[name] != after[name]}


def _close_arrived(run: Run, found: set[str], settled: Collection[str], actor: Actor) -> int:
    start, end = bounds(run.first, run.last)
    side = case((Difference.side == "order", SIDES["order"]), else_=SIDES["line"])
    record = case((Difference.side == "order", Difference.order_id), else_=Difference.line_id)
    seen = select(Result.record_id).where(Result.run_id == run.id, Result.side == side, Result.record_id == record)
    within = (Difference.happened_at >= start) & (Difference.happened_at < end)
    query = select(Difference.id, Difference.key).where(
        Difference.store_id == run.store_id, Difference.state.in_(rules.PENDING), or_(within, seen.exists())
    )
    gone = [row.id for row in db.session.execute(query) if row.key not in found]
    known = set(gone)
    of_order = (Difference.store_id == run.store_id, Difference.state.in_(rules.PENDING))
    for chunk in _chunks(f"order:{number}" for number in settled):
        gone += [
            row_id
            for row_id in db.session.scalars(select(Difference.id).where(*of_order, Difference.key.in_(chunk)))
            if row_id not in known
        ]
    lines = dict(lines_of(run.store_id, gone))  # the newest of each is what has arrived
    for row in rows_of(gone):
        _close(row, run, lines.get(row.order_no or ""), actor)
    return len(gone)


def lines_of(store_id: int, ids: Iterable[int]) -> Iterator[tuple[str, str]]:
    """The orders of these differences and, the oldest first, what their lines are called: those that name the order,
    and those that only name the payment that it was part of."""
    line = (Line.flow_no, Line.key)
    for chunk in _chunks(ids):
        mine = (Difference.id.in_(chunk), Difference.order_no.is_not(None))
        named = select(Line.order_no, *line).where(
            Line.store_id == store_id, Line.order_no.in_(select(Difference.order_no).where(*mine))
        )
        for order_no, flow_no, key in db.session.execute(named.order_by(Line.created_at, Line.at, Line.id)):
            yield order_no, flow_no or key
        paid = select(Order.payment_no, Difference.order_no).join(Difference, Difference.order_id == Order.id)
        orders: dict[str, list[str]] = {}
        for payment, order_no in db.session.execute(paid.where(*mine, Order.payment_no.is_not(None))):
            orders.setdefault(payment, []).append(order_no)
        merged = select(Line.trade_no, *line).where(
            Line.store_id == store_id, Line.order_no.is_(None), Line.trade_no.in_(orders)
        )
        for payment, flow_no, key in db.session.execute(merged.order_by(Line.created_at, Line.at, Line.id)):
            yield from ((order_no, flow_no or key) for order_no in orders[payment])


def _close(row: Difference, run: Run, line: str | None, actor: Actor) -> None:
    was, task_id = row.state, row.task_id
    steps.take(row, "arrive", actor, {"run": run.id, "line": line, "resolution": [row.resolution, rules.ARRIVED]})
    row.resolution = rules.ARRIVED
    row.reason = f"#{run.id}{BY}{line}" if line else f"#{run.id}"
    row.last_run_id = run.id
    row.resolved_at, row.resolved_by_id = now(), run.by_id
    task = db.session.get(Task, task_id) if was == rules.ASSIGNED and task_id else None
    if task is not None:
        told = msg("The difference of %(order)s has settled itself; see whether %(number)s %(title)s is still needed.")
        notices.notify(task, [task.requester_id, task.holder_id], NOBODY, msg(told.text, order=row.title))
