"""Refunds and fees of each order against what the books expect. Pure, on whole columns of integers."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from plugins.finance.matching.classes import FEE
from plugins.finance.matching.groups import NONE, Bools, Ints, Receipts, sums
from plugins.finance.matching.rules import RuleSet, Tolerance, half_up

PAID, CARRIED, LATE, CONFIRMED, DONE, WAITING, CLOSED, DUE_LATE = (1 << bit for bit in range(8))
"""What the books say of an order: paid; before the period; in the cut-off window; confirmed within the period; at last
completed; at the period's end neither confirmed nor closed; closed; confirmed within the cut-off window."""

UNKNOWN_RATE = -1


def has(flags: NDArray[np.uint8], bit: int) -> Bools:
    """Of each order whether the books say so."""
    return (flags & bit) != 0


@dataclass
class Verdict:
    """Of each order what was ``expected`` and ``found``, whether it is ``wrong``, and whether it is only ``near``."""

    expected: Ints
    found: Ints
    wrong: Bools
    near: Bools
    later: Ints  # refunded after completion, which no order export shows


def within(difference: Ints, expected: Ints, allowed: Tolerance) -> Bools:
    """Whether each difference is tolerated."""
    most: Ints | int = allowed.fen
    if allowed.per_mille:
        most = np.maximum(allowed.fen, np.abs(expected) * allowed.per_mille // 1000)
    return np.abs(difference) <= most


def refunds(orders: pd.DataFrame, got: Receipts, rules: RuleSet) -> Verdict:
    """Refund lines against refunds in the books.

    A refund before the settlement may have left no line; one after completion is in no order export, and may be up to
    what was left of the order.
    """
    found = sums(got.back.places, got.back.amounts, len(orders))
    expected = orders["refund"].to_numpy()
    net, lowered = orders["net"].to_numpy(), got.lowered
    wrong = found != expected
    result = Verdict(expected.copy(), found, wrong, np.zeros(len(orders), np.bool_), np.zeros(len(orders), np.int64))
    twice = np.flatnonzero(net & ~wrong & lowered[got.group])  # the receipt was lower by it already
    few = np.flatnonzero(wrong)  # the rest of the work is on these
    _excuse(result, few, orders, got, rules.tolerance["refund"])
    result.wrong[twice] = True
    result.expected[twice] = 0
    return result


def _excuse(result: Verdict, few: Ints, orders: pd.DataFrame, got: Receipts, allowed: Tolerance) -> None:
    total, due, back = orders["total"].to_numpy()[few], result.expected[few], result.found[few]
    net, done = orders["net"].to_numpy()[few], has(orders["flags"].to_numpy()[few], DONE)
    group = got.group[few]
    silent = net & (back == 0) & (got.lowered[group] | done | (got.lines[group] == 0))
    near = within(back - due, due, allowed) & ~silent
    after = done & (back > 0) & np.where(net, back <= total - due, (due == 0) & (back <= total)) & ~near
    result.wrong[few] = ~(silent | near | after)
    result.near[few] = near
    result.later[few] = np.where(after, back, 0)
    result.expected[few] = np.where(silent, 0, np.where(after, back, due))


def fees(orders: pd.DataFrame, lines: pd.DataFrame, got: Receipts, back: Verdict, rules: RuleSet) -> Verdict:
    """Fee lines of the agreed subjects against the contract; a fee is due on orders confirmed within the period.

    ``lines["subject"]`` is a fee's place among the agreed subjects, or none.
    """
    size = len(orders)
    subject, part = lines["subject"].to_numpy(), lines["part"].to_numpy()
    confirmed = has(orders["flags"].to_numpy(), CONFIRMED)
    base = orders["total"].to_numpy() - orders["refund"].to_numpy()
    amounts, marks = [np.zeros(size, np.int64) for _ in range(3)], [np.zeros(size, np.bool_) for _ in range(2)]
    whole = Verdict(amounts[0], amounts[1], marks[0], marks[1], amounts[2])
    returned = np.flatnonzero(back.later)
    agreed = np.flatnonzero((part == FEE) & (subject != NONE) & (got.place != NONE))
    for number, name in enumerate(rules.contracted):
        rate = orders[f"rate:{name}"].to_numpy()
        rows = agreed[subject[agreed] == number]
        found = sums(got.place[rows], -lines["amount"].to_numpy()[rows], size)
        known = rate != UNKNOWN_RATE
        expected = np.where(confirmed & known, half_up(base, rate), 0)
        if not known.all():
            expected = np.where(known, expected, found)
        if len(returned):  # the platform gives the fee on them back, at once or later
            less = half_up(base[returned] - back.later[returned], rate[returned])
            nearer = np.abs(found[returned] - less) < np.abs(found[returned] - expected[returned])
            expected[returned] = np.where(nearer & known[returned] & confirmed[returned], less, expected[returned])
        off = found - expected
        tolerated = within(off, expected, rules.tolerance["fee"])
        whole.expected += expected
        whole.found += found
        whole.wrong |= ~tolerated
        whole.near |= tolerated & (off != 0)
    return whole
