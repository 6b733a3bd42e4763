"""The running balance of a bill: whether each follows from another, and where one does not. Pure."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from core.imports.rules import SHANGHAI


@dataclass(frozen=True)
class Movement:
    """One row's money: when, how much (positive is in), and the balance after it."""

    row: int
    at: datetime | None
    amount: int
    balance: int | None


@dataclass(frozen=True)
class Gap:
    """Where the running balance breaks: at which row, what it should and does say; between lies ``missing``."""

    row: int
    expected: int
    found: int

    @property
    def missing(self) -> int:
        return self.found - self.expected


@dataclass(frozen=True)
class Chain:
    """What the running balance shows: the first and last balance where it holds, else where it breaks."""

    holds: bool
    opening: int | None = None
    closing: int | None = None
    gaps: Sequence[Gap] = ()


def chain_of(movements: Sequence[Movement]) -> Chain:
    """Whether every balance follows from another one, in whatever order the rows stand.

    Balances before the rows and balances after them are the same, but for the first and the last. Rows that stand apart
    from a file's order of time, put in from elsewhere, are left out if the rest holds without them.
    """
    rows = [each for each in movements if each.balance is not None]
    if not rows or len(rows) < len(movements):
        return Chain(False)
    found = _chain(rows)
    if not found.holds and (rest := _in_place(rows)) and len(rest) < len(rows):
        again = _chain(rest)
        if again.holds:
            return again
    return found


def _chain(rows: Sequence[Movement]) -> Chain:
    before: Counter[int] = Counter(each.balance - each.amount for each in rows)  # type: ignore[operator]
    after: Counter[int] = Counter(each.balance for each in rows)  # type: ignore[arg-type]
    first, last = before - after, after - before
    if first.total() == 1:
        return Chain(True, next(iter(first)), next(iter(last)))
    ordered = _ordered(rows)
    if not first:
        same = ordered[0].balance - ordered[0].amount  # type: ignore[operator]
        return Chain(True, same, same)
    starts: list[Movement] = []
    ends: list[Movement] = []
    for each in ordered:
        opening = each.balance - each.amount  # type: ignore[operator]
        if first[opening] > 0:
            first[opening] -= 1
            starts.append(each)
        if last[each.balance] > 0:  # type: ignore[index]
            last[each.balance] -= 1  # type: ignore[index]
            ends.append(each)
    gaps = [
        Gap(start.row, end.balance + start.amount, start.balance)  # type: ignore[arg-type, operator]
        for end, start in zip(ends, starts[1:], strict=False)
    ]
    return Chain(False, gaps=gaps)


def _falls(rows: Sequence[Movement]) -> bool:
    """Whether the newest row stands first."""
    times = [each.at for each in rows if each.at is not None]
    return sum(a < b for a, b in pairwise(times)) < sum(a > b for a, b in pairwise(times))


def _ordered(rows: Sequence[Movement]) -> list[Movement]:
    return sorted(reversed(rows) if _falls(rows) else rows, key=lambda each: each.at or EVER)


EVER = datetime.max.replace(tzinfo=SHANGHAI)


def _in_place(rows: Sequence[Movement]) -> list[Movement]:
    """The rows that follow the file's own order of time, if few do not."""
    kept: list[Movement] = []
    for each in reversed(rows) if _falls(rows) else rows:
        if each.at is not None and (not kept or each.at >= (kept[-1].at or EVER)):
            kept.append(each)
    return kept if 10 * (len(rows) - len(kept)) <= len(rows) else []


def broken(chain: Chain, count: int) -> Gap | None:
    """The first gap of a bill that lost a few rows; none of one that is a choice of rows, where many do not follow."""
    gaps = len(chain.gaps)
    return chain.gaps[0] if 0 < 4 * gaps < count or (gaps == 1 and count > 2) else None
