"""How accounts of partners are compared: pure, in fen, and never a guess that is taken for granted."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import combinations

from core.messages import N_, Message, msg

MOST_LINES = 4
MOST_IN_POOL = 20
BEFORE, AFTER = timedelta(days=7), timedelta(days=60)


@dataclass(frozen=True)
class Item:
    """One line of a statement, or one order: what it is worth, and of which day it is, if that is known."""

    id: int
    amount: int
    on: date | None = None


def covering(target: int, pool: Sequence[Item], fewest: int = 1) -> tuple[Item, ...] | None:
    """The one set of ``fewest`` to 4 items that makes up ``target``.

    None if there is none, if there are several, or if the pool is too large for a single set to mean anything: with
    amounts in whole yuan, pools beyond 20 nearly always hold some set by chance.
    """
    if len(pool) > MOST_IN_POOL:
        return None
    found = None
    for size in range(fewest, MOST_LINES + 1):
        for some in combinations(pool, size):
            if sum(item.amount for item in some) == target:
                if found is not None:
                    return None
                found = some
    return found


@dataclass(frozen=True)
class Suggestion:
    """Lines of a statement and purchases that may belong together, and why; for a person to accept."""

    lines: tuple[int, ...]
    purchases: tuple[int, ...]
    amount: int
    reason: Message


def suggestions(lines: Sequence[Item], purchases: Sequence[Item]) -> list[Suggestion]:
    """What may belong together among lines and purchases that no number connects, where it is unambiguous.

    One purchase and the lines that make it up (a delivery in parts), or one line and several purchases (put together on
    one bill). Whatever takes part in two suggestions is in none.
    """
    found = []
    for purchase in purchases:
        pool = [line for line in lines if _near(purchase.on, line.on)]
        if some := covering(purchase.amount, pool):
            found.append(_suggestion(some, (purchase,)))
    for line in lines:
        pool = [purchase for purchase in purchases if _near(purchase.on, line.on)]
        if some := covering(line.amount, pool, 2):
            found.append(_suggestion((line,), some))
    used = Counter(part for each in found for part in _parts(each))
    return [each for each in found if all(used[part] == 1 for part in _parts(each))]


def _near(ordered: date | None, billed: date | None) -> bool:
    return ordered is None or billed is None or -BEFORE <= billed - ordered <= AFTER


def _parts(each: Suggestion) -> list[tuple[str, int]]:
    return [*(("line", number) for number in each.lines), *(("purchase", number) for number in each.purchases)]


def _suggestion(lines: Sequence[Item], purchases: Sequence[Item]) -> Suggestion:
    if len(lines) == len(purchases) == 1:
        reason = msg("The only line of this amount near the order's day.")
    elif len(purchases) == 1:
        reason = msg("The only %(count)s lines that together make the order's amount.", count=len(lines))
    else:
        reason = msg("The only %(count)s orders that together make the line's amount.", count=len(purchases))
    ids = tuple(item.id for item in lines), tuple(item.id for item in purchases)
    return Suggestion(*ids, sum(item.amount for item in lines), reason)


BILLED_TWICE, UNKNOWN_WAYBILL, NOT_SHIPPED, AS_SHIPPED = "twice", "unknown", "not_shipped", "fine"
COURIER_FINDINGS = {
    BILLED_TWICE: N_("Billed twice"),
    UNKNOWN_WAYBILL: N_("Unknown waybill"),
    NOT_SHIPPED: N_("Not shipped"),
    AS_SHIPPED: N_("As shipped"),
}


def courier_findings(billed: Iterable[tuple[int, str]], shipped: Mapping[str, bool]) -> dict[int, str]:
    """What is wrong with each line of a courier's bill, by its id.

    ``billed`` are ids and waybills in the bill's order; ``shipped`` says of each waybill that anybody knows whether it
    was handed over. Of a parcel billed twice the first line is judged as if it were alone.
    """
    found, seen = {}, set()
    for number, waybill in billed:
        if waybill in seen:
            found[number] = BILLED_TWICE
        elif waybill not in shipped:
            found[number] = UNKNOWN_WAYBILL
        else:
            found[number] = AS_SHIPPED if shipped[waybill] else NOT_SHIPPED
        seen.add(waybill)
    return found


@dataclass
class Day:
    """One day of an advertising account: what was put in, what each channel spent, what is left."""

    on: date
    top_up: int = 0
    spent: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    balance: int = 0

    @property
    def spending(self) -> int:
        return sum(self.spent.values())


def ad_account(top_ups: Iterable[tuple[date, int]], spendings: Iterable[tuple[date, str, int]]) -> list[Day]:
    """The running balance of what was topped up less what the reports say was spent, day by day, from nothing."""
    days: dict[date, Day] = {}
    for on, amount in top_ups:
        days.setdefault(on, Day(on)).top_up += amount
    for on, channel, amount in spendings:
        days.setdefault(on, Day(on)).spent[channel] += amount
    balance = 0
    for on in sorted(days):
        balance += days[on].top_up - days[on].spending
        days[on].balance = balance
    return [days[on] for on in sorted(days)]


def spent_at(levels: Mapping[str, int]) -> int:
    """What was spent by reports that tell the same at several levels (account, plan, article): never their sum."""
    return max(levels.values(), default=0)


PAID, UNPAID, PAID_TWICE, OTHER_AMOUNT, ALSO_REFUNDED = "paid", "unpaid", "twice", "amount", "refunded"
NOT_PROMISED = "unpromised"
PROMISE_FINDINGS = {
    PAID: N_("Paid once"),
    UNPAID: N_("Not paid yet"),
    PAID_TWICE: N_("Paid more than once"),
    OTHER_AMOUNT: N_("Another amount was paid"),
    ALSO_REFUNDED: N_("Also refunded"),
    NOT_PROMISED: N_("Nobody promised it"),
}


@dataclass(frozen=True)
class Kept:
    """What became of a promise: the finding, and the transfers that were made for it."""

    finding: str
    transfers: tuple[Item, ...] = ()

    @property
    def paid(self) -> int:
        return sum(item.amount for item in self.transfers)


def kept_promises(
    promised: Sequence[int], transfers: Sequence[Item], refunded: Sequence[int]
) -> tuple[list[Kept], list[Item]]:
    """What became of the payments promised for one order, and the transfers that nobody promised.

    Every transfer is for one promise: first those of its very amount, then what is left over as one paid again, or as
    one of another amount. A promise whose amount was refunded as well was paid by two ways.
    """
    left = list(transfers)
    of: list[list[Item]] = []
    for amount in promised:
        same = next((item for item in left if item.amount == amount), None)
        of.append([same] if same else [])
        if same:
            left.remove(same)
    for place, amount in enumerate(promised):
        again = [item for item in left if item.amount == amount] if of[place] else []
        other = [] if of[place] or not left else [left[0]]
        for item in (*again, *other):
            of[place].append(item)
            left.remove(item)
    refunds = list(refunded)
    return [_kept(amount, some, refunds) for amount, some in zip(promised, of, strict=True)], left


def _kept(amount: int, some: Sequence[Item], refunds: list[int]) -> Kept:
    if len(some) > 1:
        finding = PAID_TWICE
    elif not some:
        finding = UNPAID
    elif some[0].amount != amount:
        finding = OTHER_AMOUNT
    elif amount in refunds:
        refunds.remove(amount)
        finding = ALSO_REFUNDED
    else:
        finding = PAID
    return Kept(finding, tuple(some))


@dataclass
class ThreeWay:
    """One purchase: what was ordered, billed, received and paid, in fen and pieces; None where nobody says."""

    ordered: int
    billed: int | None = None
    received: int | None = None
    paid: int | None = None
    ordered_pieces: int | None = None
    received_pieces: int | None = None

    @property
    def findings(self) -> list[Message]:
        """What of it does not agree, in sentences."""
        found = []
        if self.billed is not None and self.billed != self.ordered:
            found.append(msg("Billed for another amount than ordered."))
        if self.paid is not None and self.paid != self.ordered:
            found.append(msg("Paid another amount than ordered."))
        if None not in (self.received_pieces, self.ordered_pieces) and self.received_pieces != self.ordered_pieces:
            found.append(msg("Received another number of pieces than ordered."))
        elif None not in (self.received, self.billed) and self.received != self.billed:
            found.append(msg("Received for another amount than billed."))
        return found
