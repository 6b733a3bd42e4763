"""What statements say of themselves, and the stored lines that must agree with it."""

from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime, timedelta
from functools import partial
from itertools import groupby
from typing import Any

import numpy as np
from sqlalchemy import case, func, select

from core.columns import now
from core.extensions import db
from plugins.finance.books.models import Control, Line, SettlementBatch
from plugins.finance.books.settlements import settlements
from plugins.finance.matching import ties
from plugins.finance.matching.groups import Ints
from plugins.finance.matching.loading import Books, Span
from plugins.finance.matching.loading_lines import MISSING_BALANCE
from plugins.finance.periods.rules import BOOKS, book_day, bounds

DATED = "alipay:"  # others state no period, or that from the first movement to the last
RECENT = timedelta(days=31)
ORDER = (Control.account, Control.first_at, Control.until)


def checks(store_id: int, books: Books) -> Iterator[ties.Tie]:
    """The tie-outs of every account: its running balance, and the footers of files that lie within the period."""
    controls = _controls(store_id, books.span.start, books.span.end)
    yield from stated(books, controls, partial(_stored, store_id, books))
    yield from _payouts(store_id, books.span)


def _controls(store_id: int, start: datetime, end: datetime) -> list[Control]:
    here = (Control.store_id == store_id, Control.first_at < end, Control.until > start)
    return list(db.session.scalars(select(Control).where(*here).order_by(*ORDER)))


def uncovered(store_id: int, first: date, last: date) -> dict[str, list[tuple[date, date]]]:
    """By account, the days that none of its statements covers; of accounts whose statements say their days and
    that had one in these days or shortly before."""
    start, end = bounds(first, last)
    over = [(end, end)] if end <= now() else []
    found: dict[str, list[tuple[date, date]]] = {}
    for account, mine in groupby(_controls(store_id, start - RECENT, end), lambda each: each.account):
        covered = start
        spans = [(each.first_at, each.until) for each in mine] if account.startswith(DATED) else []
        for since, until in [*spans, *over] if spans else []:
            if since > covered:
                found.setdefault(account, []).append((book_day(covered), book_day(since - timedelta(seconds=1))))
            covered = max(covered, until)
    return found


def stated(
    books: Books, controls: Sequence[Control], lines_of: Callable[[Control], tuple[int, ...]]
) -> Iterator[ties.Tie]:
    """The tie-outs of these statements; ``lines_of`` counts and sums the lines of a file's period."""
    span = books.span
    yield from _balances(books, controls)
    within = [each for each in controls if each.first_at >= span.start and each.until <= span.end]
    yield from ties.footers(_told(each, lines_of(each)) for each in within)


def _payouts(store_id: int, span: Span) -> Iterator[ties.Tie]:
    """That the details of each payout of the period, and its fees, make up what it says; what is not imported yet is
    no tie-out."""
    within = (SettlementBatch.settled_at >= span.start, SettlementBatch.settled_at < span.end)
    ids = db.session.scalars(select(SettlementBatch.id).where(SettlementBatch.store_id == store_id, *within)).all()
    for each in settlements(store_id, ids) if ids else ():
        name = f"payout {each.batch.key}"
        if each.details:
            yield from (ties.Tie(f"{name} {what}", said, found) for what, said, found in each.sums)
        if each.details and each.fees:
            yield ties.Tie(f"{name} fees", each.batch.fee, each.fee_total)


def _balances(books: Books, controls: Sequence[Control]) -> Iterator[ties.Tie]:
    lines, names = books.lines, books.lines.attrs["accounts"]
    chained = {each.account for each in controls} - {each.account for each in controls if not each.chained}
    account, balance, amount = (lines[name].to_numpy() for name in ("account", "balance", "amount"))
    for name in sorted(chained & set(names)):
        mine = account == names.index(name)
        rows = slice(None) if mine.all() else np.flatnonzero(mine)
        if (balance[rows] != MISSING_BALANCE).all():
            after = balance[rows]
            yield ties.chain(name, after - amount[rows], after, lines["at"].iloc[rows])


def _stored(store_id: int, books: Books, control: Control) -> tuple[int, ...]:
    """Count and sum of the stored lines of a file's period, money in and money out."""
    if (control.first_at, control.until) == (books.span.start, books.span.end):
        return counted_of(books, control.account)
    incoming = Line.amount > 0
    query = select(
        func.count(case((incoming, 1))),
        func.coalesce(func.sum(case((incoming, Line.amount))), 0),
        func.count(case((Line.amount < 0, 1))),
        func.coalesce(func.sum(case((Line.amount < 0, -Line.amount))), 0),
    ).where(
        Line.store_id == store_id, Line.account == control.account, Line.at >= control.first_at, Line.at < control.until
    )
    return tuple(map(int, db.session.execute(query).one()))


def counted(amount: Ints) -> tuple[int, ...]:
    """Count and sum of movements, money in and money out; both sums positive."""
    came = amount[amount > 0]
    return len(came), int(came.sum()), int(np.count_nonzero(amount < 0)), int(came.sum() - amount.sum())


def counted_of(books: Books, account: str) -> tuple[int, ...]:
    """The same of an account's lines of the period."""
    names, lines = books.lines.attrs["accounts"], books.lines
    mine = lines["account"].to_numpy() == (names.index(account) if account in names else -1)
    amount = lines["amount"].to_numpy()
    return counted(amount if mine.all() else amount[mine])


def _told(control: Control, stored: tuple[int, ...]) -> dict[str, Any]:
    names = ("stored_in_count", "stored_in", "stored_out_count", "stored_out")
    said = {name: getattr(control, name) for name in ("account", "in_count", "in_sum", "out_count", "out_sum")}
    first = control.first_at.astimezone(BOOKS).date()
    last = (control.until - timedelta(seconds=1)).astimezone(BOOKS).date()  # a bill may end in the middle of a day
    return said | dict(zip(names, stored, strict=True)) | {"period": f"{first}/{last + timedelta(days=1)}"}
