"""Tie-outs: sums that must be equal, each with what was expected and what was found. Pure, and checked in every run."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from core.imports.rules import money_text
from plugins.finance.matching.classes import FEE, PAY, REFUND, line_code, order_code
from plugins.finance.matching.engine import Outcome, open_amount, totals_by_part
from plugins.finance.matching.groups import NONE, Ints
from plugins.finance.matching.rules import RuleSet
from plugins.finance.matching.totals import Class
from plugins.finance.matching.verdicts import CARRIED, has


@dataclass(frozen=True)
class Tie:
    """One tie-out; ``count`` says that it is about rows, not money."""

    name: str
    expected: int
    found: int
    count: bool = False
    breaks: int = 0  # places where a chain of balances does not hold

    @property
    def ok(self) -> bool:
        return self.expected == self.found and not self.breaks

    def data(self) -> dict[str, Any]:
        """The tie-out as the command prints it."""
        told = [value if self.count else money_text(value) for value in (self.expected, self.found)]
        return {"name": self.name, "expected": told[0], "found": told[1], "ok": self.ok}


def partition(name: str, rows: int, money: int, found: Mapping[str, Class]) -> Iterator[Tie]:
    """That every row is in one class: as many rows as there are, summing to what they sum to."""
    yield Tie(f"{name} rows", rows, sum(each.count for each in found.values()), count=True)
    yield Tie(f"{name} money", money, sum(each.amount for each in found.values()))


def books_to_statement(orders: pd.DataFrame, lines: pd.DataFrame, found: Outcome) -> Iterator[Tie]:
    """From the books to the statement: receipts, refunds and fees, each explained by classes to the last fen."""
    amount, part = lines["amount"].to_numpy(), lines["part"].to_numpy()
    stated = totals_by_part(lines)
    got = found.receipts
    paid = int(orders["total"].to_numpy()[found.paid].sum())
    lowered = int((got.due - got.reduced)[(got.lines > 0) & (got.came == got.reduced)].sum())
    never = int(orders["total"].to_numpy()[~found.received & found.paid].sum())
    yield Tie(
        "receipts: books to statement",
        paid - never - lowered + int(found.off.sum()) + _unmatched(found, amount, part == PAY, "DUP_PAY"),
        stated[PAY],
    )
    for which, name, verdict in ((REFUND, "refunds", found.refunds), (FEE, "fees", found.fees)):
        apart = int((verdict.found - verdict.expected).sum())
        loose = _loose(found, lines, amount, which)
        yield Tie(
            f"{name}: books to statement",
            -int(verdict.expected.sum()) - apart + loose + _of_no_order(found, amount, part == which),
            stated[which],
        )


def _unmatched(found: Outcome, amount: Ints, rows: Any, *more: str) -> int:
    codes = [line_code(name) for name in ("STMT_ONLY", "OTHER_PERIOD", "OTHER", *more)]
    return int(amount[rows & np.isin(found.lines, codes)].sum())


def _of_no_order(found: Outcome, amount: Ints, rows: Any) -> int:
    """What is of no order, or of one that is not in the run."""
    return int(amount[rows & (found.receipts.place == NONE)].sum())


def _loose(found: Outcome, lines: pd.DataFrame, amount: Ints, which: int) -> int:
    """Fees of orders that nothing is agreed about: what the statement says stands."""
    if which != FEE:
        return 0
    rows = (lines["part"].to_numpy() == FEE) & (lines["subject"].to_numpy() == NONE) & (found.receipts.place != NONE)
    return int(amount[rows].sum())


def carry(orders: pd.DataFrame, found: Outcome) -> Iterator[Tie]:
    """What was open, less what arrived, and what is newly open, is what is open at the end."""
    carried = has(orders["flags"].to_numpy(), CARRIED)
    due = np.where(found.received, orders["total"].to_numpy(), 0) + open_amount(found, orders)
    left = open_amount(found, orders)
    before, arrived = int(due[carried].sum()), int(due[carried & found.received].sum())
    yield Tie("carried forward", before - arrived + int(left[~carried].sum()), int(left.sum()))


def tolerated(found: Outcome, rules: RuleSet) -> Iterator[Tie]:
    """That what was tolerated stays, taken together, within the bound of the period."""
    for name, off in (
        ("pay", found.off[np.unique(found.receipts.group[_near(found)])]),
        ("refund", (found.refunds.found - found.refunds.expected)[found.refunds.near]),
        ("fee", (found.fees.found - found.fees.expected)[found.fees.near]),
    ):
        most = rules.tolerance[name].total
        if most is not None:
            sum_ = abs(int(off.sum()))
            yield Tie(f"tolerated: {name}", min(sum_, most), sum_)


def _near(found: Outcome) -> Any:
    return (found.orders != order_code("AMOUNT")) & (found.off != 0)[found.receipts.group]


def chain(account: str, before: Ints, after: Ints, at: Any) -> Tie:
    """That opening + in - out = closing, from row to row, in whatever order the rows come.

    Every balance before a movement is one after another, but for the opening and the closing balance. Where more are
    left over, movements are missing.
    """
    moved = int(after.sum() - before.sum())
    if len(after) and (before[1:] == after[:-1]).all():  # most files are in order
        return Tie(f"balance {account}", int(before[0]) + moved, int(after[-1]))
    begins, ends = _left_over(before, after)
    if len(begins) <= 1:
        opening = int(begins[0]) if len(begins) else 0
        return Tie(f"balance {account}", opening + moved, int(ends[0]) if len(ends) else opening)
    order = np.argsort(np.asarray(at), kind="stable")
    opening = int(next(each for each in before[order] if each in begins))
    closing = int(next(each for each in after[order[::-1]] if each in ends))
    return Tie(f"balance {account}", opening + moved, closing, breaks=len(begins) - 1)


def _left_over(these: Ints, those: Ints) -> tuple[Ints, Ints]:
    """What is in one multiset and not in the other, and the other way round; sorted."""
    values, codes = np.unique(np.concatenate([these, those]), return_inverse=True)
    here, there = (np.bincount(part, minlength=len(values)) for part in np.split(codes, [len(these)]))
    return np.repeat(values, np.maximum(here - there, 0)), np.repeat(values, np.maximum(there - here, 0))


def footers(controls: Iterable[Mapping[str, Any]]) -> Iterator[Tie]:
    """What statements say of themselves, against the lines that are stored."""
    for each in controls:
        name = f"statement {each['account']} {each['period']}"
        for said, stored, count in (
            ("in_count", "stored_in_count", True),
            ("in_sum", "stored_in", False),
            ("out_count", "stored_out_count", True),
            ("out_sum", "stored_out", False),
        ):
            if each[said] is not None:
                yield Tie(f"{name} {said.replace('_', ' ')}", each[said], each[stored], count)
