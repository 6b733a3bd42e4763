"""What purchasing works out: how fast an article sells, what to reorder and why, who must approve, what is payable.

Pure, in whole pieces and fen. Rates of sale are kept as fractions until the last step, which rounds up.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from core.messages import N_

PRICE = re.compile(r"[0-9]{1,7}(\.[0-9]{1,2})?")
ROLES = ("member", "lead", "admin")  # whose yes is the last, tier by tier
LIMITS = (500_000, 5_000_000)  # fen that the first tiers reach up to, until somebody says otherwise


@dataclass(frozen=True)
class Demand:
    """What a suggestion is worked out from. ``sold`` are pieces a day, the newest last; ``uplift`` percents of coming
    days, the first of them tomorrow."""

    sold: Sequence[int]
    on_hand: int
    reserved: int = 0
    on_order: int = 0
    drafted: int = 0
    lead_days: int = 7
    cover_days: int = 14
    safety_days: int = 3
    minimum: int = 1
    pack: int = 1
    uplift: Sequence[int] = ()


class Step(NamedTuple):
    """One line of the arithmetic: what it is and how much, in pieces unless the label says otherwise."""

    label: str
    value: str


class Advice(NamedTuple):
    """How much to reorder, and what leads to it: ``expected`` pieces sold in ``days``, ``safety`` pieces beside them;
    ``spare`` are there beyond those."""

    quantity: int
    days: int
    expected: int
    safety: int
    short: int
    daily: Fraction
    slope: Fraction
    demand: Demand

    @property
    def spare(self) -> int:
        return self.expected - self.short

    @property
    def steps(self) -> tuple[Step, ...]:
        """The arithmetic line by line."""
        asked = self.demand
        return (
            Step(N_("Sold a day"), decimal(self.daily)),
            Step(N_("Trend of the last week"), f"× {decimal(self.slope)}"),
            Step(N_("Lead time and cover, in days"), f"{asked.lead_days} + {asked.cover_days} = {self.days}"),
            Step(N_("Expected to be sold, with campaigns"), str(self.expected)),
            Step(N_("Safety stock"), f"+ {self.safety}"),
            Step(N_("On hand, less reserved"), f"− {asked.on_hand - asked.reserved}"),
            Step(N_("On order"), f"− {asked.on_order}"),
            *([Step(N_("On orders not approved yet"), f"− {asked.drafted}")] if asked.drafted else []),
            Step(N_("Short of"), str(self.short)),
            Step(N_("In whole packs, at least the minimum"), str(self.quantity)),
        )


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


def percent_of(days: int, uplift: Sequence[int] = ()) -> int:
    """What the coming ``days`` sell, in percent of one ordinary day; a day with an uplift of 150 sells half as much
    again."""
    told = uplift[:days]
    return sum(told) + 100 * (days - len(told))


def packed(quantity: int, minimum: int, pack: int) -> int:
    """``quantity`` raised to what can be ordered: at least ``minimum``, whole packs."""
    if quantity <= 0:
        return 0
    wanted = max(quantity, minimum, 1)
    return -(-wanted // max(pack, 1)) * max(pack, 1)


def advise(demand: Demand) -> Advice:
    """What to reorder now so that stock lasts until the next delivery and ``cover_days`` beyond, line by line."""
    daily, slope = speed(demand.sold), trend(demand.sold)
    rate, over = daily.numerator * slope.numerator, daily.denominator * slope.denominator  # pieces a day: rate / over
    days = demand.lead_days + demand.cover_days
    needed = -(-rate * percent_of(days, demand.uplift) // (100 * over))
    safety = -(-rate * demand.safety_days // over)
    short = needed + safety - (demand.on_hand - demand.reserved + demand.on_order + demand.drafted)
    quantity = packed(short, demand.minimum, demand.pack)
    return Advice(quantity, days, needed, safety, short, daily, slope, demand)


def days_of_cover(free: int, daily: Fraction) -> int | None:
    """For how many whole days ``free`` pieces last; None when nothing is sold."""
    return max(free, 0) * daily.denominator // daily.numerator if daily else None


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


def twice(codes: Iterable[str]) -> str | None:
    """The first article that stands on two lines; None where each stands on one."""
    return next((code for code, lines in Counter(codes).items() if lines > 1), None)


def tier(total: int, limits: Sequence[int] = LIMITS) -> int:
    """Which tier an order of so many fen reaches."""
    return sum(total > limit for limit in limits)


def approvers(total: int, limits: Sequence[int] = LIMITS) -> list[int]:
    """The tiers whose yes an order of so many fen needs: a small one another buyer's, a larger one the lead's and
    that of every tier up to its own."""
    reached = tier(total, limits)
    return [reached] if reached == 0 else list(range(1, reached + 1))


@dataclass(frozen=True)
class Held:
    """Why part of an invoice may not be paid yet."""

    merchant_code: str
    why: str  # quantity, over, price, unordered, extra
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

    Pieces beyond those received, or ordered, are held at the invoiced price; for the others, what the price exceeds the
    ordered one by, unless it is at most ``tolerance`` fen a piece. ``extra`` is freight less discount, as agreed and as
    invoiced.
    """
    held = []
    for code, (pieces, price) in sorted(invoiced.items()):
        if code not in ordered:
            held.append(Held(code, "unordered", pieces * price))
            continue
        wanted, agreed_price = ordered[code]
        arrived = min(pieces, received.get(code, 0))
        payable = min(arrived, wanted)
        if pieces > arrived:
            held.append(Held(code, "quantity", (pieces - arrived) * price))
        if arrived > payable:
            held.append(Held(code, "over", (arrived - payable) * price))
        if price - agreed_price > tolerance and payable:
            held.append(Held(code, "price", payable * (price - agreed_price)))
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
