"""Payments that customer service promised to buyers, against the transfers that were made."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import select

from core.answers import Promise
from core.extensions import db
from core.imports.plans import chunks
from core.questions import asked
from core.stores.models import Order
from plugins.finance.books.models import Line
from plugins.finance.partners.movements import of_subject
from plugins.finance.partners.rules import NOT_PROMISED, PAID, PROMISE_FINDINGS, Item, Kept, kept_promises

EVER = date(2000, 1, 1), date(2100, 12, 31)


@dataclass
class Promised:
    """A promise and what became of it, or a transfer that nobody promised."""

    finding: str
    order_no: str
    promise: Promise | None = None
    transfers: list[Line] = field(default_factory=list)
    refunded: int = 0

    @property
    def paid(self) -> int:
        return -sum(line.amount for line in self.transfers)


def promises(store_id: int, first: date | None = None, last: date | None = None) -> list[Promised]:
    """Every promise of these days with its transfers, and the transfers of these days that nobody promised."""
    told = asked("promised_payments", store_id=store_id, first=first or EVER[0], last=last or EVER[1])
    of_order: dict[str, list[Promise]] = defaultdict(list)
    for promise in sorted(told, key=lambda each: (each.promised_at, each.number)):
        of_order[promise.order_no].append(promise)
    lines: dict[str, list[Line]] = defaultdict(list)
    here = {line.id for line in of_subject(store_id, "goodwill", first, last)}
    for line in of_subject(store_id, "goodwill"):
        if line.amount < 0 and (line.order_no in of_order or line.id in here):
            lines[line.order_no or ""].append(line)
    refunds = _refunds(store_id, of_order)
    found = []
    for number in sorted({*of_order, *lines}):
        found += _of_order(number, of_order[number], lines[number], refunds.get(number, []))
    return found


def _of_order(number: str, told: list[Promise], lines: list[Line], refunds: list[int]) -> list[Promised]:
    by_id = {line.id: line for line in lines}
    kept, left = kept_promises([each.amount for each in told], [Item(line.id, -line.amount) for line in lines], refunds)
    found = [_promised(promise, each, by_id, refunds) for promise, each in zip(told, kept, strict=True)]
    return found + [Promised(NOT_PROMISED, number, None, [by_id[item.id]]) for item in left]


def _promised(promise: Promise, kept: Kept, by_id: dict[int, Line], refunds: list[int]) -> Promised:
    transfers = [by_id[item.id] for item in kept.transfers]
    return Promised(kept.finding, promise.order_no, promise, transfers, sum(refunds))


def _refunds(store_id: int, numbers: dict[str, list[Promise]]) -> dict[str, list[int]]:
    """What was refunded of each order by the platform's own way: before settlement, and by later lines."""
    found: dict[str, list[int]] = defaultdict(list)
    for part in chunks(sorted(numbers)):
        mine = (Order.store_id == store_id, Order.order_no.in_(part), Order.refund > 0)
        for number, refund in db.session.execute(select(Order.order_no, Order.refund).where(*mine)):
            found[number].append(refund)
        negative = (Line.store_id == store_id, Line.order_no.in_(part), Line.amount < 0, Line.kind.contains("退款"))
        for number, amount in db.session.execute(select(Line.order_no, Line.amount).where(*negative)):
            found[number].append(-amount)
    return found


def summed(found: list[Promised]) -> dict[str, tuple[int, int]]:
    """How many of each finding, and how much was paid or is to be."""
    sums = dict.fromkeys(PROMISE_FINDINGS, (0, 0))
    for each in found:
        count, amount = sums[each.finding]
        due = each.promise.amount if each.promise and each.finding != PAID and not each.transfers else each.paid
        sums[each.finding] = (count + 1, amount + due)
    return sums
