"""Reconcile a period: read, match, check, and keep what came out as a run that is never changed."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Any

import numpy as np
from sqlalchemy import func, select

from core.audit import services as audit
from core.columns import now
from core.contracts import Actor, Ref
from core.extensions import db
from core.messages import Refusal, msg
from core.transactions import transaction
from plugins.finance.books.models import Line
from plugins.finance.differences.rules import Found
from plugins.finance.differences.services import take_over
from plugins.finance.matching import controls, keeping, repeats, result, suborders, superseded, ties, totals
from plugins.finance.matching.earlier import Earlier, homeless, look_back
from plugins.finance.matching.engine import Outcome
from plugins.finance.matching.findings import found_by
from plugins.finance.matching.inputs import inputs
from plugins.finance.matching.loading import Books, load
from plugins.finance.matching.manual import match_by_hand, undo_match
from plugins.finance.matching.models import RuleSet as Version
from plugins.finance.matching.models import Run
from plugins.finance.matching.result import matched
from plugins.finance.matching.rules import RuleSet
from plugins.finance.matching.totals import Side
from plugins.finance.matching.versions import current_rules
from plugins.finance.periods import locks
from plugins.finance.periods import services as periods
from plugins.finance.periods.balances import KEPT, measure

__all__ = ["Made", "make", "match_by_hand", "prepared", "reconcile", "store", "undo_match"]

Progress = Callable[..., None]
STEPS = 4
LONGEST = 400  # days


@dataclass
class Made:
    """A reconciliation that is not stored yet."""

    store_id: int
    first: date
    last: date
    version: Version | None
    rules: RuleSet
    at: datetime
    inputs: list[dict[str, Any]]
    books: Books
    outcome: Outcome
    again: tuple[repeats.Rows, repeats.Rows]
    rows: tuple[Side, ...]
    checks: list[ties.Tie]
    digest: str
    earlier: Earlier

    @cached_property
    def found(self) -> list[Found]:
        """Every difference, each matter once."""
        return found_by(self.books, self.outcome, self.again, self.earlier.expected)

    def summary(self) -> dict[str, Any]:
        """What the command prints, without the differences."""
        return result.summary(self.books, self.outcome, self.rows, self.checks)


def reconcile(store_id: int, first: date, last: date, actor: Actor, progress: Progress | None = None) -> Run:
    """Reconcile a store from ``first`` to ``last``, both inclusive, by its current rules.

    Everything slow is done before the write lock is taken. If nothing has changed since the newest run of these days
    (same files, same rules, same digest), that run is returned and nothing is written.
    """
    return store(make(store_id, first, last, progress), actor, progress)


def make(
    store_id: int,
    first: date,
    last: date,
    progress: Progress | None = None,
    given: tuple[Version | None, RuleSet] | None = None,
) -> Made:
    """Read, match and check, without storing what comes out; by the ``given`` rules, or the store's current ones."""
    say = progress or (lambda *_: None)
    demand_days(first, last)
    at = now()
    say(0, STEPS, msg("Reading orders and lines"))
    version, rules = given or current_rules(store_id)
    taken = repeats.files(store_id)
    books = load(store_id, first, last, rules)
    say(1, STEPS, msg("Matching"))
    outcome = matched(books, rules)
    lost = books.lines["id"].to_numpy()[homeless(books, outcome)]
    if suborders.put_to_orders(store_id, first, last, lost.tolist()):
        books = load(store_id, first, last, rules)
        outcome = matched(books, rules)
    back = look_back(store_id, books, outcome, rules)
    again = (
        repeats.repeated(taken, repeats.ORDER, books.orders["id"].to_numpy()),
        repeats.repeated(taken, repeats.LINE, books.lines["id"].to_numpy()),
    )
    rows = totals.sides(books.orders, books.lines, outcome, again)
    say(2, STEPS, msg("Checking the sums"))
    checks = _checks(store_id, books, outcome, rows, rules)
    header = json.dumps([first.isoformat(), last.isoformat(), rules.data()], sort_keys=True, ensure_ascii=False)
    name, came = totals.digest(header, rows), inputs(taken, books)
    return Made(store_id, first, last, version, rules, at, came, books, outcome, again, rows, checks, name, back)


def demand_days(first: date, last: date) -> None:
    """Refuse days that are no period."""
    if last < first:
        raise Refusal(msg("The period ends before it begins."))
    if (last - first).days > LONGEST:
        raise Refusal(msg("A period of more than %(days)s days is too long.", days=LONGEST))


def _checks(store_id: int, books: Books, outcome: Outcome, rows: tuple[Side, ...], rules: RuleSet) -> list[ties.Tie]:
    """Every tie-out of a run; that all rows are there is asked of the database once more."""
    span = books.span
    within = (Line.store_id == store_id, Line.at >= span.start, Line.at < span.end)
    count = db.session.scalar(select(func.count()).select_from(Line).where(*within)) or 0
    return [*result.checks(count, books, outcome, rows, rules), *controls.checks(store_id, books)]


def store(made: Made, actor: Actor, progress: Progress | None = None) -> Run:
    """Keep a reconciliation as a run, and tell the differences; an equal run that still stands is returned instead."""
    return prepared(made, actor, progress)()


def prepared(made: Made, actor: Actor, progress: Progress | None = None) -> Callable[[], Run]:
    """Do what is slow about keeping a reconciliation; the rest is done when what this returns is called."""
    known = periods.latest_run(made.store_id, made.first, made.last)
    if known is not None and _same(known, made):
        return lambda: known
    locks.demand_open(made.store_id, made.first, made.last)
    found = made.found
    values = {
        "store_id": made.store_id,
        "first": made.first,
        "last": made.last,
        "rule_set_id": made.version.id if made.version else None,
        "digest": made.digest,
        "inputs": made.inputs,
        "by_id": actor.user_id,
        "by_name": actor.name,
        "at": made.at,
    }
    codes = (made.outcome.orders.astype(np.int64), made.outcome.lines.astype(np.int64))
    sheet = measure(Run(**values), made.books, made.outcome.receipts, codes, made.rules)
    more = {"differences": len(found), "repeats": repeats.told(made.inputs, made.again), KEPT: sheet.data()}
    values["totals"] = made.summary() | more
    say = progress or (lambda *_: None)
    say(3, STEPS, msg("Storing the result"))
    kept = keeping.ahead(values, made.rows)
    return lambda: _finish(values, made, found, kept, actor)


def _finish(values: dict[str, Any], made: Made, found: list[Found], kept: int | None, actor: Actor) -> Run:
    with transaction() as session:
        locks.demand_open(values["store_id"], values["first"], values["last"])  # nobody signs from here on
        run = session.get_one(Run, kept, populate_existing=True) if kept else Run(**values)
        run.digest = values["digest"]
        session.add(run)
        session.flush()
        if not kept:
            for part in keeping.blocks(run.id, made.rows):
                keeping.put(*part)
        periods.begin(run, actor)
        take_over(run, found, actor, made.earlier.settled)
        data = {"run": run.id, "digest": run.digest, "differences": len(found)}
        superseded.ask(run, actor)
        audit.record(actor, "reconciled", Ref("finance.run", run.id), data, store_id=run.store_id, team="finance")
    return run


def _same(known: Run, made: Made) -> bool:
    version = made.version.id if made.version else None
    same = (known.digest, known.rule_set_id, known.inputs) == (made.digest, version, made.inputs)
    return same and periods.newer_than(known) is None
