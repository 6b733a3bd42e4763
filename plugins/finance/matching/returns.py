"""What went back to buyers: which lines are refunds of which orders. Pure."""

from itertools import chain

import numpy as np
import pandas as pd

from plugins.finance.matching.classes import PAY, REFUND
from plugins.finance.matching.groups import NONE, Back, Ints, Receipts, receipts, sums
from plugins.finance.matching.verdicts import DONE, has

Share = tuple[int, int]


def taken_back(orders: pd.DataFrame, lines: pd.DataFrame) -> Ints:
    """The lines by which the platform took an early receipt back (交易还款) for a refund that is in no order export."""
    part, amount = lines["part"].to_numpy(), lines["amount"].to_numpy()
    if not ((part == PAY) & (amount < 0)).any():
        return np.zeros(0, np.int64)
    got = receipts(orders, lines)
    rows = np.flatnonzero((part == PAY) & (got.line_group != NONE))
    whole = sums(got.line_group[rows], amount[rows], len(got.due))
    complete = (whole == got.due) | (whole == got.reduced)
    rows = rows[amount[rows] < 0]
    return rows[~complete[got.line_group[rows]]]


def returned(orders: pd.DataFrame, lines: pd.DataFrame, got: Receipts) -> Back:
    """Every refund by its order. One that names only a payment of several orders is shared among them, and ``got``
    then has a place for it."""
    part, amount = lines["part"].to_numpy(), lines["amount"].to_numpy()
    rows = np.flatnonzero((part == REFUND) & (got.place != NONE))
    named = Back(rows, got.place[rows], -amount[rows])
    loose = np.flatnonzero((part == REFUND) & (got.place == NONE) & (got.line_group != NONE))
    if not len(loose):
        return named
    told = lines.iloc[loose][["at", "key"]]
    ordered = sorted(zip(*(told[name].tolist() for name in told), loose.tolist(), strict=True))
    found = sums(named.places, named.amounts, len(orders))
    together, pieces = _together(orders, got, np.unique(got.line_group[loose])), []
    for *_, row in ordered:
        members = together[int(got.line_group[row])]
        need, room = _open(orders, got, found, members)
        for which, fen in shares(need, room, -int(amount[row])):
            pieces.append((row, members[which], fen))
            found[members[which]] += fen
            got.place[row] = members[which]
    more = np.array(pieces, np.int64).T
    return Back(*(np.concatenate(both) for both in zip((named.rows, named.places, named.amounts), more, strict=True)))


def _together(orders: pd.DataFrame, got: Receipts, groups: Ints) -> dict[int, list[int]]:
    """The orders of payments: those that are completed first, for they may be refunded later, then by number."""
    rows = np.flatnonzero(np.isin(got.group, groups))
    done, numbers = has(orders["flags"].to_numpy()[rows], DONE), orders["key"].iloc[rows].tolist()
    found: dict[int, list[int]] = {}
    for _, _, row in sorted(zip((~done).tolist(), numbers, rows.tolist(), strict=True)):
        found.setdefault(int(got.group[row]), []).append(row)
    return found


def _open(orders: pd.DataFrame, got: Receipts, found: Ints, members: list[int]) -> tuple[list[int], list[int]]:
    """Of each order what the books say is still to go back, and what could go back beyond that."""
    total, refund = orders["total"].to_numpy()[members], orders["refund"].to_numpy()[members]
    lowered, back = got.lowered[got.group[members]], found[members]
    need = np.where(lowered, 0, np.maximum(refund - back, 0))
    room = np.maximum(total - np.where(lowered, refund, 0) - back - need, 0)
    return need.tolist(), room.tolist()


def shares(need: list[int], room: list[int], amount: int) -> list[Share]:
    """How a refund is shared among orders that were paid together: which of them, and how much.

    The one whose books wait for exactly that, all that wait, or the one that comes to exactly that; else one after the
    other, and what none can hold goes to the first.
    """
    if amount <= 0 or not need:
        return [(0, amount)]
    if amount in need:
        return [(need.index(amount), amount)]
    if sum(need) == amount:
        return [(which, fen) for which, fen in enumerate(need) if fen]
    if amount in room:
        return [(room.index(amount), amount)]
    found: list[Share] = []
    for which, fen in chain(enumerate(need), enumerate(room)):
        part = min(fen, amount)
        amount -= part
        found += [(which, part)] if part else []
    return [*found, (0, amount)] if amount else found
