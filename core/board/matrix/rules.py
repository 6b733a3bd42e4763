"""What the matrix says of the handoffs between two teams, and of which days. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from statistics import median

from core.board import rules
from core.messages import N_

# The legs that have a target, and what they are called where they stand side by side.
LEGS = {"accept": N_("Accept"), "deliver": N_("Work"), "check": N_("Sign off")}

# While a task is in one of these states, the time of the leg is not known yet.
RUNNING: dict[str, frozenset[str]] = {
    leg: frozenset(state for state, (phase, _) in rules.PHASES.items() if phase == leg) for leg in LEGS
}
RUNNING["deliver"] |= {rules.WAITING}

ANY = "any"
EARLIEST, LATEST = date(2000, 1, 1), date(2199, 12, 31)


@dataclass(frozen=True)
class Scope:
    """Which handoffs count: those first handed over from ``first`` to ``last``, of one store, from or to one team."""

    first: date
    last: date
    store_id: int | None = None
    team: str = ""


def weeks_and_months(today: date) -> list[tuple[str, date, date]]:
    """The periods that are asked for most, named, with their first and last day; weeks begin on Monday."""
    monday = today - timedelta(days=today.weekday())
    month = today.replace(day=1)
    before = (month - timedelta(days=1)).replace(day=1)
    after = (month + timedelta(days=31)).replace(day=1)
    day, week = timedelta(days=1), timedelta(days=7)
    return [
        (N_("This week"), monday, monday + week - day),
        (N_("Last week"), monday - week, monday - day),
        (N_("This month"), month, after - day),
        (N_("Last month"), before, month - day),
    ]


def period(first: str, last: str, today: date) -> tuple[date, date]:
    """The days that an address names; without both, the running week."""
    begin, end = _day(first), _day(last)
    if begin is None and end is None:
        return weeks_and_months(today)[0][1:]
    begin, end = begin or end or today, end or begin or today
    return min(begin, end), max(begin, end)


def _day(text: str) -> date | None:
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return None
    return found if EARLIEST <= found <= LATEST else None


@dataclass
class Cell:
    """The handoffs between two teams, or of several cells together.

    ``times`` holds, for each leg, the working minutes that it took of each task in all its rounds; ``late`` counts the
    tasks with a breach, ``late_in`` those with one in a leg; ``returned`` the tasks sent back, ``reasons`` those sent
    back for a reason.
    """

    handoffs: int = 0
    late: int = 0
    returned: int = 0
    times: dict[str, list[int]] = field(default_factory=lambda: {leg: [] for leg in LEGS})
    late_in: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)

    def add(self, other: Cell) -> None:
        """Count the handoffs of another cell too."""
        self.handoffs += other.handoffs
        self.late += other.late
        self.returned += other.returned
        self.late_in.update(other.late_in)
        self.reasons.update(other.reasons)
        for leg, minutes in other.times.items():
            self.times[leg] += minutes

    def median(self, leg: str) -> int | None:
        """Working minutes; None while no task has that leg behind it."""
        return int(median(self.times[leg])) if self.times[leg] else None

    @property
    def told(self) -> bool:
        """Whether there is anything to say of the legs."""
        return any(self.times.values()) or bool(self.late_in)

    @property
    def share(self) -> int:
        """Handoffs that were sent back, in whole percent."""
        return round(100 * self.returned / self.handoffs) if self.handoffs else 0

    @property
    def worst(self) -> str:
        """The reason most often given for sending back; of equals, the one that the table names first."""
        known = list(rules.RETURN_REASONS)
        ranked = sorted(self.reasons, key=lambda reason: (-self.reasons[reason], _place(reason, known), reason))
        return ranked[0] if ranked else ""

    @property
    def why(self) -> str:
        """What the worst reason is called."""
        return rules.RETURN_REASONS.get(self.worst, self.worst)


def _place(name: str, known: Sequence[str]) -> int:
    return known.index(name) if name in known else len(known)


@dataclass
class Matrix:
    """The cells by requesting and responsible team; ``order`` is that of all teams known."""

    order: Sequence[str]
    cells: dict[tuple[str, str], Cell] = field(default_factory=dict)

    @property
    def requesters(self) -> list[str]:
        return self._ranked(requester for requester, _ in self.cells)

    @property
    def responsibles(self) -> list[str]:
        return self._ranked(responsible for _, responsible in self.cells)

    def _ranked(self, codes: Iterable[str]) -> list[str]:
        return sorted(set(codes), key=lambda code: (_place(code, self.order), code))

    def pairs(self) -> list[tuple[str, str, Cell]]:
        """The cells that hold anything, those with the most handoffs first."""
        places = [(row, column) for row in self.requesters for column in self.responsibles]
        found = [(row, column, self.cells[row, column]) for row, column in places if (row, column) in self.cells]
        return sorted(found, key=lambda pair: -pair[2].handoffs)

    def total(self, requester: str = "", responsible: str = "") -> Cell:
        """All cells of a requesting or a responsible team together, or of the whole house."""
        found = Cell()
        for (row, column), cell in self.cells.items():
            if requester in ("", row) and responsible in ("", column):
                found.add(cell)
        return found
