"""How a courier does in a month: what it carried, what went wrong on its way, what was claimed and came back. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from plugins.logistics.rules.exceptions import DAMAGED, LOST, NOT_COLLECTED, STUCK

WRONG = {DAMAGED: "damaged", LOST: "lost", STUCK: "stuck", NOT_COLLECTED: "stuck"}  # what a courier answers for


@dataclass
class Score:
    """One courier's month. ``late`` are parcels signed for after the promised time, of the ``promised`` that had one
    and were signed for; amounts are fen."""

    carrier: str
    month: date
    parcels: int = 0
    promised: int = 0
    late: int = 0
    damaged: int = 0
    lost: int = 0
    stuck: int = 0
    claims: int = 0
    claimed: int = 0
    back: int = 0

    @property
    def wrong(self) -> int:
        return self.damaged + self.lost + self.stuck

    @property
    def wrong_share(self) -> Fraction | None:
        return Fraction(self.wrong, self.parcels) if self.parcels else None

    @property
    def late_share(self) -> Fraction | None:
        return Fraction(self.late, self.promised) if self.promised else None

    @property
    def back_share(self) -> Fraction | None:
        return Fraction(self.back, self.claimed) if self.claimed else None


def percent(share: Fraction | None, decimals: int = 2) -> str:
    """A share in percent, for people; a dash where there is nothing to share."""
    return "—" if share is None else f"{float(share * 100):.{decimals}f}%"


def next_month(first: date) -> date:
    """The first day of the month after ``first``'s."""
    return date(first.year + first.month // 12, first.month % 12 + 1, 1)


def months(today: date, count: int) -> Iterator[date]:
    """The first days of the last ``count`` months, this one first."""
    place = today.year * 12 + today.month - 1
    for back in range(count):
        year, month = divmod(place - back, 12)
        yield date(year, month + 1, 1)
