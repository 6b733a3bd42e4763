"""Lines that come late, for orders of earlier periods: whether all that ever came for these still adds up. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from plugins.finance.matching.classes import FEE, PAY, line_code, order_code
from plugins.finance.matching.engine import Outcome, reconcile
from plugins.finance.matching.groups import NONE, Bools, Ints
from plugins.finance.matching.rules import RuleSet, Tolerance, half_up
from plugins.finance.matching.verdicts import UNKNOWN_RATE, within


@dataclass
class Late:
    """Of each line its class, and (signed) what of it was still to be expected; of each order whether all agrees by
    now."""

    codes: NDArray[np.uint8]
    expected: Ints
    settled: Bools


def look(orders: pd.DataFrame, lines: pd.DataFrame, now: Bools, rules: RuleSet) -> Late:
    """Judge the lines of ``now`` by all lines so far of orders that are not of this period.

    A refund, a fee or a further receipt of an earlier order is the usual course of things (OTHER_PERIOD), as long as
    the order's receipts, refunds and fees each stay within what the order comes to.
    """
    found = reconcile(orders, lines, rules)
    late = Late(
        np.full(len(lines), line_code("OTHER_PERIOD"), np.uint8),
        np.zeros(len(lines), np.int64),
        np.isin(found.orders, [order_code("OK"), order_code("TOL")]),
    )
    _receipts(late, lines, now, found)
    for part in (_refunds(orders, found, rules), *_fees(orders, lines, found, rules)):
        _judge(late, lines, part)
    return late


def _receipts(late: Late, lines: pd.DataFrame, now: Bools, found: Outcome) -> None:
    got = found.receipts
    late.codes[got.twice] = line_code("DUP_PAY")
    rows = np.flatnonzero((lines["part"].to_numpy() == PAY) & (got.line_group != NONE))
    before = np.bincount(got.line_group[rows[~now[rows]]], minlength=len(got.due))
    # the books do not know it as paid, and this is not what it comes to
    odd = (before == 0) & (found.off != 0)
    late.codes[rows[odd[got.line_group[rows]] & ~got.twice[rows]]] = line_code("STMT_ONLY")


@dataclass(frozen=True)
class Part:
    """Money that went out: ``rows`` of lines with the ``place`` of each one's order; ``limit`` is by order."""

    rows: pd.DataFrame
    limit: Ints
    tolerance: Tolerance
    name: str


def _refunds(orders: pd.DataFrame, found: Outcome, rules: RuleSet) -> Part:
    back, got = found.receipts.back, found.receipts
    lowered = got.lowered[got.group]
    limit = orders["total"].to_numpy() - np.where(lowered, orders["refund"].to_numpy(), 0)
    rows = pd.DataFrame({"row": back.rows, "place": back.places, "out": back.amounts})
    return Part(rows, limit, rules.tolerance["refund"], "REFUND")


def _fees(orders: pd.DataFrame, lines: pd.DataFrame, found: Outcome, rules: RuleSet) -> Iterator[Part]:
    """Of each agreed fee: at most what the contract says of the order as it was sold."""
    place, amount = found.receipts.place, lines["amount"].to_numpy()
    fees = (lines["part"].to_numpy() == FEE) & (place != NONE)
    base = orders["total"].to_numpy() - orders["refund"].to_numpy()
    for number, name in enumerate(rules.contracted):
        rate = orders[f"rate:{name}"].to_numpy()
        rows = np.flatnonzero(fees & (lines["subject"].to_numpy() == number))
        rows = rows[rate[place[rows]] != UNKNOWN_RATE]
        told = pd.DataFrame({"row": rows, "place": place[rows], "out": -amount[rows]})
        yield Part(told, half_up(base, rate), rules.tolerance["fee"], "FEE")


def _judge(late: Late, lines: pd.DataFrame, part: Part) -> None:
    """Money out, order by order as it went: each line that goes beyond the limit is wrong."""
    if not len(part.rows):
        return
    told = lines.iloc[part.rows["row"]]
    rows = part.rows.assign(at=told["at"].to_numpy(), key=told["key"].to_numpy())
    rows = rows.sort_values(["place", "at", "key"], kind="stable")
    place, out = rows["place"].to_numpy(), rows["out"].to_numpy()
    gone = rows.groupby("place", sort=False)["out"].cumsum().to_numpy()
    most = part.limit[place]
    wrong = (out > 0) & (gone > most) & ~within(gone - most, most, part.tolerance)
    hit = rows["row"].to_numpy()[wrong]
    late.codes[hit] = line_code(part.name)
    late.expected[hit] = -np.maximum(most - (gone - out), 0)[wrong]
