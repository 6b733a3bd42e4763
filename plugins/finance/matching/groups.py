"""Receipts: which line pays which orders. Pure, on whole columns of integers.

Orders that share a payment number were paid together and are compared together. A payment may come in parts, such as a
deposit and its balance: the parts count for as long as they make up what is due, and what comes after that was paid
twice.
"""

from dataclasses import dataclass, field
from itertools import groupby
from operator import itemgetter
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from plugins.finance.matching.classes import OTHER, PAY

NONE = -1  # of a code or a place: there is none
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


@dataclass
class Back:
    """What went back to buyers, by the orders it is of: rows of the lines and of the orders, and how much."""

    rows: Ints = field(default_factory=lambda: np.zeros(0, np.int64))
    places: Ints = field(default_factory=lambda: np.zeros(0, np.int64))
    amounts: Ints = field(default_factory=lambda: np.zeros(0, np.int64))


@dataclass
class Receipts:
    """``group`` of each order and, with ``place`` (its order's row), of each line; then by group: what is ``due``, or
    ``reduced`` by refunds before the settlement, and what ``came``. ``twice`` says of each line whether it pays again,
    ``back`` what was refunded.
    """

    group: Ints
    place: Ints
    line_group: Ints
    size: Ints
    due: Ints
    reduced: Ints
    came: Ints
    lines: Ints
    twice: Bools
    back: Back = field(default_factory=Back)

    @property
    def lowered(self) -> Bools:
        """Of each payment group whether its receipts came without what had been refunded by then."""
        return (self.lines > 0) & (self.came == self.reduced) & (self.reduced != self.due)


def sums(codes: Ints, values: Ints, length: int) -> Ints:
    """Exact totals of ``values`` by code."""
    found = np.zeros(length, np.int64)
    np.add.at(found, codes, values)
    return found


def receipts(orders: pd.DataFrame, lines: pd.DataFrame) -> Receipts:
    """Put every line to its order and every receipt to its payment."""
    group, numbers = _together(orders["pay"].to_numpy())
    part = lines["part"].to_numpy()
    place = (
        lines["place"].to_numpy().copy()
        if "place" in lines
        else places(orders["no"].to_numpy(), lines["order"].to_numpy())
    )
    line_group = np.where(place != NONE, group[place], NONE) if len(orders) else place.copy()
    _by_trade(lines, numbers, line_group, np.flatnonzero((place == NONE) & (part != OTHER)))
    group = _apart(orders, lines, group, place, line_group)
    length = int(group.max(initial=-1)) + 1
    size = np.bincount(group, minlength=length).astype(np.int64)
    alone = np.full(length, NONE, np.int64)
    alone[group] = np.arange(len(group))
    lost = np.flatnonzero((place == NONE) & (line_group != NONE))
    lost = lost[size[line_group[lost]] == 1]
    place[lost] = alone[line_group[lost]]
    total = orders["total"].to_numpy()
    lower = np.where(orders["net"].to_numpy(), total - orders["refund"].to_numpy(), total)
    found = Receipts(
        group,
        place,
        line_group,
        size,
        due=sums(group, total, length),
        reduced=sums(group, lower, length),
        came=np.zeros(length, np.int64),
        lines=np.zeros(length, np.int64),
        twice=np.zeros(len(lines), np.bool_),
    )
    _count(found, lines, np.flatnonzero((part == PAY) & (line_group != NONE)))
    return found


def places(orders: Ints, named: Ints) -> Ints:
    """Where the order that each line names stands among the orders."""
    found = np.full(len(named), NONE, np.int64)
    rows = np.flatnonzero(named != NONE)
    found[rows] = pd.Index(orders).get_indexer(named[rows])
    return found


def _together(pay: Ints) -> tuple[Ints, Any]:
    """The payment group of each order, and the payment number of each group that has one."""
    codes, numbers = pd.factorize(pay)
    codes = codes.astype(np.int64, copy=False)
    if NONE in numbers:
        own = np.flatnonzero(pay == NONE)
        codes[own] = len(numbers) + np.arange(len(own))
    return codes, numbers


def _by_trade(lines: pd.DataFrame, numbers: Any, line_group: Ints, rows: Ints) -> None:
    """Lines that name no order of the run, by the payment number that they name."""
    trade = lines["trade"].to_numpy()[rows]
    rows, trade = rows[trade != NONE], trade[trade != NONE]
    if len(rows) and len(numbers):
        line_group[rows] = pd.Index(numbers).get_indexer(trade)


def _apart(orders: pd.DataFrame, lines: pd.DataFrame, group: Ints, place: Ints, line_group: Ints) -> Ints:
    """Take groups apart whose receipts come order by order, though they were paid in one go."""
    length = int(group.max(initial=-1)) + 1
    size = np.bincount(group, minlength=length)
    rows = np.flatnonzero((place != NONE) & (lines["part"].to_numpy() == PAY))
    rows = rows[size[group[place[rows]]] > 1]
    if not len(rows):
        return group
    total, amount = orders["total"].to_numpy(), lines["amount"].to_numpy()
    due = sums(group, total, length)
    own = (amount[rows] == total[place[rows]]) & (amount[rows] != due[group[place[rows]]])
    split = np.zeros(length, np.bool_)
    split[group[place[rows[own]]]] = True
    moved = np.flatnonzero(split[group])
    group = group.copy()
    group[moved] = length + np.arange(len(moved))
    named = rows[split[line_group[rows]]]
    line_group[named] = group[place[named]]
    return group


def _count(found: Receipts, lines: pd.DataFrame, rows: Ints) -> None:
    """What came for each group, and which of its lines pay again."""
    amount, code = lines["amount"].to_numpy(), found.line_group
    length = len(found.due)
    found.lines = np.bincount(code[rows], minlength=length).astype(np.int64)
    several = found.lines[code[rows]] > 1
    found.came = sums(code[rows[~several]], amount[rows[~several]], length)
    rows = rows[several]
    if not len(rows):
        return
    whole = sums(code[rows], amount[rows], length)
    complete = (whole == found.due) | (whole == found.reduced)
    ready = complete[code[rows]]
    found.came[code[rows[ready]]] = whole[code[rows[ready]]]
    rows = rows[~ready]
    told = lines.iloc[rows][["at", "key", "amount"]]
    table = sorted(zip(code[rows].tolist(), *(told[name].tolist() for name in told), rows.tolist(), strict=True))
    for number, parts in groupby(table, key=itemgetter(0)):
        amounts = [(part[3], part[4]) for part in parts]
        kept = accepted([each for each, _ in amounts], int(found.due[number]), int(found.reduced[number]))
        found.came[number] = sum(each for (each, _), keep in zip(amounts, kept, strict=True) if keep)
        for (_, row), keep in zip(amounts, kept, strict=True):
            found.twice[row] = not keep


def accepted(amounts: list[int], due: int, reduced: int) -> list[bool]:
    """Which receipts, in their order, make up what is due; the others were paid again.

    Those from the first on that sum to exactly what is due; if none do, the first and each that does not go beyond it.
    """
    for target in (due, reduced):
        total = 0
        for number, amount in enumerate(amounts):
            total += amount
            if total == target:
                return [place <= number for place in range(len(amounts))]
    total, kept = amounts[0], [True]
    for amount in amounts[1:]:
        fits = total + amount <= due
        kept.append(fits)
        total += amount if fits else 0
    return kept
