"""How the payouts of a Tmall Global store add up. Pure."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from hashlib import blake2b
from typing import Any

BATCH = re.compile(r"(?<!\d)\d{24,40}(?!\d)")
IN_FEE_TYPE = re.compile(r"\s*[(（](\d{15,20})[)）]\s*$")
WHOLE_UNITS = {"JPY", "KRW"}  # currencies without cents
SUBSETS = 50_000


def batch_in(name: str) -> str | None:
    """The payout's number in a file's name, if the name tells one."""
    found = BATCH.findall(name)
    return found[0] if len(set(found)) == 1 else None


def fee_kind(fee_type: str) -> tuple[str, str | None]:
    """A fee's type without the number written into it, and that number."""
    found = IN_FEE_TYPE.search(fee_type)
    return (fee_type[: found.start()], found[1]) if found else (fee_type.strip(), None)


def in_rmb(amount: int, rmb: int, rate: str | None, currency: str, *, converted: bool = False) -> bool:
    """Whether both amounts say the same at ``rate``.

    The foreign amount was rounded from the one in RMB, by half a cent at most; ``converted``, RMB was worked out from
    the foreign amount, and is right to 0.01.
    """
    try:
        exact = Decimal(rate) if rate else None
    except InvalidOperation:
        return False
    if exact is None:
        return True  # a refund's fees name no rate
    unit = 100 if currency in WHOLE_UNITS else 1
    near = Decimal(1) if converted else max(Decimal(1), unit * exact / 2)
    return abs(amount * exact - rmb) <= near


def digest(values: Mapping[str, Any]) -> str:
    """A short name for a row that has none, of all that it says."""
    told = repr(sorted((name, str(value)) for name, value in values.items()))
    return blake2b(told.encode(), digest_size=8).hexdigest()


@dataclass(frozen=True)
class Payout:
    """A batch as its file tells it."""

    number: str
    settled_at: Any
    currency: str


def home_of(batch_no: str | None, settled_at: Any, currency: str, payouts: Sequence[Payout]) -> str | None:
    """The payout that a detail belongs to: the one paid at its moment in its currency.

    The number in the file's name decides only where the moment does not: a file may have been renamed.
    """
    same = [p.number for p in payouts if (p.settled_at, p.currency) == (settled_at, currency)]
    if len(same) == 1:
        return same[0]
    named = [p.number for p in payouts if p.number == batch_no and p.currency == currency]
    return named[0] if named and (not same or named[0] in same) else None


def belonging(due: int, refunded: bool, elsewhere: int, fees: Sequence[int]) -> list[int] | None:
    """Which of ``fees``, all of one order and gross amount, belong to a payout that charges ``due`` for them.

    All of them, as a rule. But equal refunds of one order have fees that look alike, in one payout or several: of
    those, and of what other payouts charge (``elsewhere``), any set that makes up ``due`` will do. None if there is no
    such set: the fees do not tie.
    """
    if sum(fees) == due:
        return list(range(len(fees)))
    return _making_up(due, fees) if refunded or elsewhere else None


def _making_up(due: int, fees: Sequence[int]) -> list[int] | None:
    """The first set of ``fees`` that sums to ``due``, those that come first preferred."""
    sets: dict[int, tuple[int, ...]] = {0: ()}
    for position, fee in enumerate(fees):
        for total, chosen in list(sets.items()):
            sets.setdefault(total + fee, (*chosen, position))
        if len(sets) > SUBSETS:
            return None
    found = sets.get(due)
    return list(found) if found is not None else None
