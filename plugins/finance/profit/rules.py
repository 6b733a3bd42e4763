"""The arithmetic of profit: what was refunded, and money put to parts so that the parts always add up. Fen only."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

import numpy as np

from core.messages import N_

SALES, REFUNDS, GOODS, GIFTS, FREIGHT, FEES, ADS, SHARED = (
    "sales", "refunds", "goods", "gifts", "freight", "fees", "ads", "shared",
)  # fmt: skip
PARTS = {
    SALES: N_("Sales revenue"),
    REFUNDS: N_("Refunds"),
    GOODS: N_("Cost of goods"),
    GIFTS: N_("Gifts"),
    FREIGHT: N_("Freight"),
    FEES: N_("Platform fees"),
    ADS: N_("Advertising"),
    SHARED: N_("Shared costs"),
}
OPEN, RISK, GAIN = "open", "risk", "gain"  # sales not reconciled yet; what profit may still lose, and gain
RANGE = (OPEN, RISK, GAIN)
COLUMNS = (*PARTS, *RANGE)

ORDERED, SHIPPED, SETTLED, INVOICED = "ordered", "shipped", "settled", "invoiced"
BASES = {
    ORDERED: N_("Day of the order"),
    SHIPPED: N_("Day of shipping"),
    SETTLED: N_("Day of settlement"),
    INVOICED: N_("Day of the invoice"),  # due when the buyer confirms receipt: the exports name no day of their own
}
GROUPS = {
    "day": N_("By day"),
    "article": N_("By SKU"),
    "campaign": N_("By campaign"),
    "store": N_("By store"),
}
COST_KINDS = {
    "rent": N_("Rent"),
    "wages": N_("Wages"),
    "gifts": N_("Gifts"),
    "packing": N_("Packing"),
    "software": N_("Software"),
    "other": N_("Other"),
}

GONE = frozenset({"MISSING_STMT", "CROSS_OUT", "CARRY_OPEN", "AMOUNT", "STMT_ONLY", "DUP_PAY"})
EXACT = 2**62  # products beyond this are left to Python's own integers


def portions(amount: int, weights: Sequence[int]) -> list[int]:
    """``amount`` by shares of ``weights`` (not negative): the largest remainders get what is over, so that it adds up.

    Equal remainders are served from the first on; without any weight all parts are equal.
    """
    if not weights:
        raise ValueError("nothing to put the amount to")
    total = sum(weights)
    shares, total = (weights, total) if total else ([1] * len(weights), len(weights))
    size = abs(amount)
    parts = [size * each // total for each in shares]
    rests = [size * each % total for each in shares]
    for place in sorted(range(len(parts)), key=lambda place: (-rests[place], place))[: size - sum(parts)]:
        parts[place] += 1
    return parts if amount >= 0 else [-part for part in parts]


def spread(amounts: Any, groups: Any, weights: Any) -> Any:
    """``portions`` for many amounts at once: member ``i`` has its part of ``amounts[groups[i]]``."""
    amounts, groups, weights = (np.asarray(each, np.int64) for each in (amounts, groups, weights))
    if not len(groups):
        return np.zeros(0, np.int64)
    totals = _sums(groups, weights, len(amounts))
    weights = np.where(totals[groups] == 0, 1, weights)
    totals = _sums(groups, weights, len(amounts))
    if int(np.abs(amounts).max()) * int(weights.max()) >= EXACT:
        return _spread_exactly(amounts, groups, weights)
    sizes = np.abs(amounts)[groups]
    parts, rests = sizes * weights // totals[groups], sizes * weights % totals[groups]
    over = np.abs(amounts) - _sums(groups, parts, len(amounts))
    order = np.lexsort((np.arange(len(groups)), -rests, groups))
    starts = np.r_[0, np.flatnonzero(np.diff(groups[order])) + 1]
    rank = np.arange(len(groups)) - np.repeat(starts, np.diff(np.r_[starts, len(groups)]))
    parts[order] += rank < over[groups[order]]
    return parts * np.where(amounts < 0, -1, 1)[groups]


def _sums(groups: Any, values: Any, count: int) -> Any:
    """Sums by group; ``bincount`` with weights would go through floats."""
    sums = np.zeros(count, np.int64)
    np.add.at(sums, groups, values)
    return sums


def _spread_exactly(amounts: Any, groups: Any, weights: Any) -> Any:
    parts = np.zeros(len(groups), np.int64)
    for group in np.unique(groups):
        members = np.flatnonzero(groups == group)
        parts[members] = portions(int(amounts[group]), [int(each) for each in weights[members]])
    return parts


def by_days(amount: int, first: date, last: date) -> dict[date, int]:
    """A cost of some days as one of each day, even to the cent."""
    days = [date.fromordinal(number) for number in range(first.toordinal(), last.toordinal() + 1)]
    return dict(zip(days, portions(amount, [1] * len(days)), strict=True))


def refunded(total: Any, kept: Any, refund: Any, received: Any, returned: Any) -> Any:
    """What an order's buyers got back: ``refund`` as the order says it, ``returned`` as negative lines of a statement.

    A refund before settlement lowers what is kept and leaves no line, so that lines come on top of it. Where the whole
    total was received, or the order still keeps it, the lines are that refund and count once.
    """
    apart = (kept == total - refund) & (received < total)
    return np.where(apart, refund + returned, np.maximum(refund, returned))


def at_stake(code: str, amount: int) -> tuple[int, int]:
    """How an open difference may still move the profit: at worst (not positive) and at best (not negative).

    ``amount`` is what the statement has more than the books. Profit counts an order as sold and fees as charged; of two
    refunds it counts the larger.
    """
    if code in GONE:
        return min(amount, 0), max(amount, 0)
    if code == "REFUND":
        return 0, abs(amount)
    if code == "FEE":
        return min(-amount, 0), max(-amount, 0)
    return 0, 0


def profit(figures: Mapping[str, int]) -> int:
    """What is left: every part has its own sign."""
    return sum(figures[part] for part in PARTS)


def between(figures: Mapping[str, int]) -> tuple[int, int]:
    """The least and the most that profit can come to when all that is open is settled."""
    middle = profit(figures)
    return middle + figures[RISK], middle + figures[GAIN]


def per_mille(part: int, whole: int) -> int | None:
    """``part`` of ``whole`` in thousandths, rounded half up; None of nothing."""
    if not whole:
        return None
    sign = -1 if (part < 0) != (whole < 0) else 1
    return sign * ((abs(part) * 2000 + abs(whole)) // (2 * abs(whole)))


def added(rows: Iterable[Mapping[str, int]]) -> dict[str, int]:
    """The sums of all columns."""
    sums = dict.fromkeys(COLUMNS, 0)
    for row in rows:
        for column in COLUMNS:
            sums[column] += row[column]
    return sums
