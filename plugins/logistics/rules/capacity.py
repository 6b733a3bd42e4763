"""Expected parcels per day against what warehouses and couriers can take."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

USUAL = 100  # percent


@dataclass(frozen=True)
class DayLoad:
    """One day of one warehouse or courier: what comes in, what was left over, and what it can take."""

    day: date
    expected: int
    carried: int
    capacity: int | None  # None: nobody has said

    @property
    def load(self) -> int:
        return self.expected + self.carried

    @property
    def left(self) -> int:
        """What stays for the next day."""
        return 0 if self.capacity is None else max(0, self.load - self.capacity)

    @property
    def percent(self) -> int | None:
        return 100 * self.load // self.capacity if self.capacity else None


def share(total: int, weights: Mapping[str, int]) -> dict[str, int]:
    """``total`` in whole parts by weight, which add up to it; the largest remainders are rounded up."""
    whole = sum(weights.values())
    if not whole:
        return {}
    parts = {name: total * weight // whole for name, weight in weights.items()}
    by_remainder = sorted(weights, key=lambda name: (-(total * weights[name] % whole), name))
    for name in by_remainder[: total - sum(parts.values())]:
        parts[name] += 1
    return parts


def expected(per_day: int, percents: Sequence[int]) -> int:
    """Parcels of a day of which campaigns say how much of the usual is to come; the highest counts."""
    return -(-per_day * max(percents, default=USUAL) // 100)


def loads(first: date, incoming: Iterable[int], capacities: Iterable[int | None]) -> list[DayLoad]:
    """Day by day: what cannot be taken on one day comes to the next."""
    found: list[DayLoad] = []
    for offset, (count, capacity) in enumerate(zip(incoming, capacities, strict=True)):
        carried = found[-1].left if found else 0
        found.append(DayLoad(first + timedelta(days=offset), count, carried, capacity))
    return found
