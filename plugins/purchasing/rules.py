"""What purchasing works out: how fast an article sells, what to reorder and why, who must approve, what is payable.

Pure, in whole pieces and fen. Rates of sale are kept as fractions until the last step, which rounds up.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import ceil

from core.messages import N_

PRICE = re.compile(r"[0-9]{1,7}(\.[0-9]{1,2})?")
TIERS = ((500_000, "member"), (5_000_000, "lead"), (None, "admin"))  # up to this many fen, whose yes is the last


@dataclass(frozen=True)
class Demand:
    """What a suggestion is worked out from. ``sold`` are pieces a day, the newest last; ``uplift`` percents of coming
    days, the first of them tomorrow."""

    sold: Sequence[int]
    on_hand: int
    reserved: int = 0
    on_order: int = 0
    lead_days: int = 7
    cover_days: int = 14
    safety_days: int = 3
    minimum: int = 1
    pack: int = 1
    uplift: Sequence[int] = ()


@dataclass(frozen=True)
class Step:
    """One line of the arithmetic: what it is and how much, in pieces unless the label says otherwise."""

    label: str
    value: str


@dataclass(frozen=True)
class Advice:
    """How much to reorder, and the lines that lead to it: ``expected`` pieces sold in ``days``, of which ``spare`` are
    there beyond the safety stock."""

    quantity: int
    steps: tuple[Step, ...]
    days: int = 0
    expected: int = 0
    spare: int = 0


def speed(sold: Sequence[int]) -> Fraction:
    """Pieces a day: the mean of the days seen, the last week counting as much as all days before it."""
    if not sold:
        return Fraction(0)
    week, before = sold[-7:], sold[:-7]
    if not before:
        return Fraction(sum(week), len(week))
    return Fraction(sum(week) * len(before) + sum(before) * len(week), 2 * len(week) * len(before))


def trend(sold: Sequence[int]) -> Fraction:
    """The last week's daily sale over that of the week before, between one half and two; 1 where one is missing."""
    week, before = sold[-7:], sold[-14:-7]
    now, then = sum(week), sum(before)
    if len(before) < 7 or not then:
        return Fraction(1)
    return Fraction(2) if now >= 2 * then else Fraction(1, 2) if 2 * now <= then else Fraction(now, then)


def expected(daily: Fraction, days: int, uplift: Sequence[int] = ()) -> Fraction:
    """Pieces sold over the coming ``days``; a day with an uplift of 150 sells half as much again."""
    told = uplift[:days]
    return daily * Fraction(sum(told) + 100 * (days - len(told)), 100)


def packed(quantity: int, minimum: int, pack: int) -> int:
    """``quantity`` raised to what can be ordered: at least ``minimum``, whole packs."""
    if quantity <= 0:
        return 0
    wanted = max(quantity, minimum, 1)
    return -(-wanted // max(pack, 1)) * max(pack, 1)


def advise(demand: Demand) -> Advice:
    """What to reorder now so that stock lasts until the next delivery and ``cover_days`` beyond, line by line."""
    daily, slope = speed(demand.sold), trend(demand.sold)
    rate = daily * slope
    days = demand.lead_days + demand.cover_days
    needed = ceil(expected(rate, days, demand.uplift))
    safety = ceil(rate * demand.safety_days)
    free = demand.on_hand - demand.reserved + demand.on_order
    short = needed + safety - free
    quantity = packed(short, demand.minimum, demand.pack)
    steps = (
        Step(N_("Sold a day"), decimal(daily)),
        Step(N_("Trend of the last week"), f"× {decimal(slope)}"),
        Step(N_("Lead time and cover, in days"), f"{demand.lead_days} + {demand.cover_days} = {days}"),
        Step(N_("Expected to be sold, with campaigns"), str(needed)),
        Step(N_("Safety stock"), f"+ {safety}"),
        Step(N_("On hand, less reserved"), f"− {demand.on_hand - demand.reserved}"),
        Step(N_("On order"), f"− {demand.on_order}"),
        Step(N_("Short of"), str(short)),
        Step(N_("In whole packs, at least the minimum"), str(quantity)),
    )
    return Advice(quantity, steps, days, needed, free - safety)


def enough(sold: int, spare: int) -> int:
    """What would have had to be ordered for what was sold, with so many pieces there beyond the safety stock."""
    return max(sold - spare, 0)


def days_of_cover(free: int, daily: Fraction) -> int | None:
    """For how many whole days ``free`` pieces last; None when nothing is sold."""
    return int(max(free, 0) / daily) if daily else None


def price_for(prices: Sequence[Sequence[int]], quantity: int) -> int | None:
    """Fen a piece for so many, by the price break that is reached; None below the first."""
    reached = [price for least, price in sorted(map(tuple, prices)) if quantity >= least]
    return reached[-1] if reached else None


def price_breaks(text: str) -> list[list[int]]:
    """Price breaks as people write them, one a line: from how many pieces, at how many yuan a piece (``100 11.80``).

    Raises ``ValueError`` for what is not that, for none, and for a quantity that is given twice.
    """
    found: dict[int, int] = {}
    for line in filter(None, map(str.strip, text.splitlines())):
        pieces, price = line.replace(":", " ").replace("\uff1a", " ").split()
        yuan = Decimal(price) if PRICE.fullmatch(price) else None
        if yuan is None or not pieces.isascii() or not pieces.isdigit() or len(pieces) > 7 or int(pieces) in found:
            raise ValueError(line)
        found[int(pieces)] = int(yuan * 100)
    if not found or 0 in found:
        raise ValueError(text)
    return [list(each) for each in sorted(found.items())]


def tier(total: int) -> int:
    """Which tier an order of so many fen reaches."""
    return next(place for place, (limit, _) in enumerate(TIERS) if limit is None or total <= limit)


def approvers(total: int) -> list[int]:
    """The tiers whose yes an order of so many fen needs: a small one another buyer's, a larger one the lead's and
    that of every tier up to its own."""
    reached = tier(total)
    return [reached] if reached == 0 else list(range(1, reached + 1))


@dataclass(frozen=True)
class Held:
    """Why part of an invoice may not be paid yet."""

    merchant_code: str
    why: str  # quantity, price, unordered, extra
    amount: int


def three_way(
    ordered: Mapping[str, tuple[int, int]],
    received: Mapping[str, int],
    invoiced: Mapping[str, tuple[int, int]],
    *,
    extra: tuple[int, int] = (0, 0),
    tolerance: int = 0,
) -> list[Held]:
    """What of an invoice disagrees with order and receipts (``code -> (pieces, fen a piece)``, for receipts pieces).

    Pieces beyond those received are held at the invoiced price; for the others, what the price exceeds the ordered one
    by, unless it is at most ``tolerance`` fen a piece. ``extra`` is freight less discount, as agreed and as invoiced.
    """
    held = []
    for code, (pieces, price) in sorted(invoiced.items()):
        if code not in ordered:
            held.append(Held(code, "unordered", pieces * price))
            continue
        arrived = min(pieces, received.get(code, 0))
        if pieces > arrived:
            held.append(Held(code, "quantity", (pieces - arrived) * price))
        if price - ordered[code][1] > tolerance and arrived:
            held.append(Held(code, "price", arrived * (price - ordered[code][1])))
    agreed, asked = extra
    if asked > agreed:
        held.append(Held("", "extra", asked - agreed))
    return held


def discrepancies(
    ordered: Mapping[str, tuple[int, int]], received: Mapping[str, Mapping[str, int]]
) -> list[dict[str, int | str]]:
    """What is short, over or damaged of an order: ``code -> (pieces, fen)`` against ``code -> good, damaged``."""
    found: list[dict[str, int | str]] = []
    for code in sorted({*ordered, *received}):
        pieces, price = ordered.get(code, (0, 0))
        good, damaged = (received.get(code, {}).get(name, 0) for name in ("good", "damaged"))
        for kind, count in (
            ("short", pieces - good - damaged),
            ("damaged", damaged),
            ("over", good + damaged - pieces),
        ):
            if count > 0:
                amount = 0 if kind == "over" else count * price
                found.append({"merchant_code": code, "kind": kind, "quantity": count, "amount": amount})
    return found


def decimal(value: Fraction) -> str:
    """A fraction with at most two decimals, for people."""
    hundredths, rest = divmod(value.numerator * 100, value.denominator)
    hundredths += 2 * rest > value.denominator or (2 * rest == value.denominator and hundredths % 2)
    return f"{hundredths // 100}.{hundredths % 100:02d}".rstrip("0").rstrip(".")
