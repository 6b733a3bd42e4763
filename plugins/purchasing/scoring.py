"""How a supplier does: on time, in full, undamaged, without complaints, and where its prices go. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction


@dataclass(frozen=True)
class Delivery:
    """One order as it was delivered: ``lines`` are pieces and fen a piece by article, ``came`` good and damaged
    pieces, ``done_on`` the day on which everything was there or given up."""

    ordered_on: date
    expected_on: date | None
    done_on: date | None
    lines: Mapping[str, tuple[int, int]]
    came: Mapping[str, Mapping[str, int]]


@dataclass(frozen=True)
class Score:
    """Shares are of 1; None where nothing can be said yet."""

    orders: int
    due: int
    on_time: int
    pieces: int
    short: int
    damaged: int
    price: Fraction | None  # what is bought now, at the newest prices over what it cost at first
    came: int = 0  # pieces that arrived, of all orders
    complaints: Mapping[str, int] = field(default_factory=dict)  # pieces of upheld complaints, by cause

    @property
    def on_time_share(self) -> Fraction | None:
        return Fraction(self.on_time, self.due) if self.due else None

    @property
    def short_share(self) -> Fraction | None:
        return Fraction(self.short, self.pieces) if self.pieces else None

    @property
    def damaged_share(self) -> Fraction | None:
        return Fraction(self.damaged, self.pieces) if self.pieces else None

    @property
    def complained(self) -> int:
        return sum(self.complaints.values())

    @property
    def complaint_share(self) -> Fraction | None:
        return Fraction(self.complained, self.came) if self.came else None


def score(deliveries: Iterable[Delivery], today: date, complaints: Mapping[str, int] | None = None) -> Score:
    """A supplier's score over these orders. An order is due once it is done, or its day is over; short and damaged
    pieces are counted of those that are done. ``complaints`` are pieces by cause, of all that arrived."""
    rows = sorted(deliveries, key=lambda each: each.ordered_on)
    due = [each for each in rows if each.expected_on and (each.done_on or each.expected_on < today)]
    done = [each for each in rows if each.done_on]
    return Score(
        orders=len(rows),
        due=len(due),
        on_time=sum(1 for each in due if each.done_on and each.expected_on and each.done_on <= each.expected_on),
        pieces=sum(pieces for each in done for pieces, _ in each.lines.values()),
        short=sum(max(pieces - _came(each, code), 0) for each in done for code, (pieces, _) in each.lines.items()),
        damaged=sum(counts.get("damaged", 0) for each in done for counts in each.came.values()),
        price=price_trend(rows),
        came=sum(_came(each, code) for each in rows for code in each.came),
        complaints=dict(sorted((complaints or {}).items())),
    )


def _came(delivery: Delivery, code: str) -> int:
    return sum(delivery.came.get(code, {}).values())


def price_trend(rows: Sequence[Delivery]) -> Fraction | None:
    """What articles that were ordered more than once cost at last over what they did at first; weighed by the last
    quantity. ``rows`` are the oldest first; None where nothing was bought twice."""
    first: dict[str, int] = {}
    last: dict[str, tuple[int, int]] = {}
    again: set[str] = set()
    for each in rows:
        for code, (pieces, price) in each.lines.items():
            if code in first:
                again.add(code)
            first.setdefault(code, price)
            last[code] = (pieces, price)
    before = sum(last[code][0] * first[code] for code in again)
    return Fraction(sum(last[code][0] * last[code][1] for code in again), before) if before else None


def percent(share: Fraction | None, decimals: int = 1) -> str:
    """A share in percent, for people."""
    return "" if share is None else f"{float(share * 100):.{decimals}f}%"
