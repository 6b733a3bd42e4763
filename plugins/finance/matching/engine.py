"""The reconciliation: orders and lines in, exactly one class for each of them out. Pure, in integers.

Orders are a frame of ``no`` and ``pay`` (codes of the order's and the payment's number, -1 for none), ``key`` (what
sorts orders by content), ``total`` and ``refund`` in fen, ``net`` (what the books keep is lower by the refund),
``flags`` (see ``verdicts``) and for every agreed fee a column ``rate:<subject>`` in basis points, -1 where it is not
known.

Lines are a frame of ``order`` and ``trade`` (codes as above), ``part``, ``subject`` (place among the agreed fees, or
-1), ``amount`` signed, ``at`` and ``key`` (what sorts lines by content), and ``elsewhere``: its order is stored but not
of this run, or its trade was paid when no order was imported; with ``place``, the row of the order that it names, where
that is known already.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from plugins.finance.matching.classes import FEE, OTHER, PAY, REFUND, line_code, order_code
from plugins.finance.matching.groups import NONE, Bools, Ints, Receipts, receipts, sums
from plugins.finance.matching.returns import returned
from plugins.finance.matching.rules import AUTO, CONFIRMATION, PAYMENT, RuleSet
from plugins.finance.matching.verdicts import (
    CARRIED,
    DUE_LATE,
    LATE,
    PAID,
    WAITING,
    Verdict,
    fees,
    has,
    refunds,
    within,
)


@dataclass
class Outcome:
    """Classes by place in ``classes``, and how they came about. ``off`` is what came for each payment group beyond what
    was due, 0 where nothing came."""

    orders: NDArray[np.uint8]
    lines: NDArray[np.uint8]
    receipts: Receipts
    refunds: Verdict
    fees: Verdict
    off: Ints
    paid: Bools
    received: Bools
    due: str  # payment or confirmation: when money is due in this store


def reconcile(orders: pd.DataFrame, lines: pd.DataFrame, rules: RuleSet, usual: str = PAYMENT) -> Outcome:
    """Put every order and every line into its one class. ``usual`` is when money is due where neither the rules nor the
    orders of the period tell."""
    got = receipts(orders, lines)
    got.back = returned(orders, lines, got)
    back = refunds(orders, got, rules)
    charged = fees(orders, lines, got, back, rules)
    came = got.lines > 0
    off = np.where(came & (got.came != got.reduced), got.came - got.due, 0)
    flags, received = orders["flags"].to_numpy(), came[got.group]
    paid = has(flags, PAID) | received
    due = _due(flags, received, rules, usual)
    found = Outcome(
        orders=np.zeros(len(orders), np.uint8),
        lines=np.full(len(lines), line_code("OTHER"), np.uint8),
        receipts=got,
        refunds=back,
        fees=charged,
        off=off,
        paid=paid,
        received=received,
        due=due,
    )
    apart = ~within(off, got.due, rules.tolerance["pay"])
    _orders(found, orders, flags, apart)
    _lines(found, lines, has(flags, CARRIED), apart)
    _demand_one_matter(found, lines)
    return found


def _due(flags: NDArray[np.uint8], received: Bools, rules: RuleSet, usual: str) -> str:
    """When money is due: as the rules say, or as most of the period's orders that wait for their confirmation show.

    Orders that are carried in show nothing: they are here because nothing came for them.
    """
    if rules.receipt_due != AUTO:
        return rules.receipt_due
    waiting = telling(flags)
    if not waiting.any():
        return usual
    return CONFIRMATION if 2 * int((waiting & received).sum()) < int(waiting.sum()) else PAYMENT


def telling(flags: NDArray[np.uint8]) -> Bools:
    """The orders that show when money is due: paid in the period and not confirmed at its end."""
    return has(flags, WAITING) & has(flags, PAID) & ~has(flags, CARRIED)


def _orders(found: Outcome, orders: pd.DataFrame, flags: NDArray[np.uint8], apart: Bools) -> None:
    """The classes of orders: what is written later stands above what was written before."""
    code, group = found.orders, found.receipts.group
    carried, received = has(flags, CARRIED), found.received
    nothing_due = orders["net"].to_numpy() & (orders["refund"].to_numpy() >= orders["total"].to_numpy())
    code[found.fees.near | found.refunds.near | (found.off != 0)[group]] = order_code("TOL")
    code[carried] = order_code("CROSS_IN")
    open_ = ~received & found.paid & ~nothing_due
    early = np.zeros(len(code), np.bool_)
    if found.due == CONFIRMATION:
        early = open_ & has(flags, WAITING)
        code[early] = order_code("IN_TRANSIT")
    code[~found.paid] = order_code("UNPAID")
    code[found.fees.wrong] = order_code("FEE")
    code[found.refunds.wrong] = order_code("REFUND")
    code[received & apart[group]] = order_code("AMOUNT")
    open_ &= ~early
    late = has(flags, DUE_LATE if found.due == CONFIRMATION else LATE)
    code[open_] = order_code("MISSING_STMT")
    code[open_ & carried] = order_code("CARRY_OPEN")
    code[open_ & late & (~carried if found.due == PAYMENT else True)] = order_code("CROSS_OUT")


def _lines(found: Outcome, lines: pd.DataFrame, carried: Bools, apart: Bools) -> None:
    got, part, code = found.receipts, lines["part"].to_numpy(), found.lines
    elsewhere = lines["elsewhere"].to_numpy()
    in_group = np.zeros(len(got.due), np.bool_)
    in_group[got.group[carried]] = True
    rows = np.flatnonzero(part == PAY)
    known = got.line_group[rows] != NONE
    rows, lost = rows[known], rows[~known]
    _unknown(code, lost, elsewhere)
    code[rows] = line_code("OK")
    group = got.line_group[rows]
    code[rows[in_group[group]]] = line_code("CROSS_IN")
    code[rows[apart[group]]] = line_code("AMOUNT")
    code[rows[got.twice[rows]]] = line_code("DUP_PAY")
    for which, verdict, name in ((REFUND, found.refunds, "REFUND"), (FEE, found.fees, "FEE")):
        rows = np.flatnonzero(part == which)
        known = got.place[rows] != NONE
        lost = rows[~known]
        if which == FEE:  # a fee of the store as a whole names no order
            lost = lost[lines["order"].to_numpy()[lost] != NONE]
        _unknown(code, lost, elsewhere)
        rows = rows[known]
        place = got.place[rows]
        code[rows] = line_code("OK")
        code[rows[carried[place]]] = line_code("CROSS_IN")
        wrong = verdict.wrong[place]
        if which == FEE:  # of fees that are not agreed on, none is wrong
            wrong &= lines["subject"].to_numpy()[rows] != NONE
        code[rows[wrong]] = line_code(name)


def _unknown(code: NDArray[np.uint8], rows: Ints, elsewhere: Bools) -> None:
    code[rows] = line_code("STMT_ONLY")
    code[rows[elsewhere[rows]]] = line_code("OTHER_PERIOD")


def _demand_one_matter(found: Outcome, lines: pd.DataFrame) -> None:
    """A line that is wrong belongs to an order that is: otherwise it would be listed nowhere."""
    agreeing = np.ones(256, np.bool_)
    for name in ("AMOUNT", "REFUND", "FEE", "MISSING_STMT", "CROSS_OUT", "CARRY_OPEN"):
        agreeing[order_code(name)] = False
    rows = np.flatnonzero(np.isin(found.lines, [line_code(name) for name in ("REFUND", "FEE")]))
    if agreeing[found.orders[found.receipts.place[rows]]].any():
        raise AssertionError("a line differs from an order that agrees")
    rows = np.flatnonzero(found.lines == line_code("AMOUNT"))
    wrong = np.zeros(len(found.receipts.due), np.bool_)
    wrong[found.receipts.group[found.orders == order_code("AMOUNT")]] = True
    if not wrong[found.receipts.line_group[rows]].all():
        raise AssertionError("a receipt differs from orders that agree")
    if (lines["part"].to_numpy()[found.lines == line_code("OTHER")] == PAY).any():
        raise AssertionError("a receipt is in no class of receipts")


def open_amount(found: Outcome, orders: pd.DataFrame) -> Ints:
    """What is still to come for each order of which nothing came: its total, less what was refunded before."""
    total = orders["total"].to_numpy()
    lower = np.where(orders["net"].to_numpy(), total - orders["refund"].to_numpy(), total)
    return np.where(found.received | ~found.paid, 0, lower)


def totals_by_part(lines: pd.DataFrame) -> dict[int, int]:
    """Signed totals of the lines of each part."""
    found = sums(lines["part"].to_numpy().astype(np.int64), lines["amount"].to_numpy(), OTHER + 1)
    return {part: int(found[part]) for part in (PAY, REFUND, FEE, OTHER)}
