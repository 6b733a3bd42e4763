"""Commissions of 淘宝客 by its own report against what was charged."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import select

from core.extensions import db
from plugins.finance.books.models import Line
from plugins.finance.partners.models import AffiliateLine
from plugins.finance.partners.movements import of_subject, span


@dataclass
class Commission:
    """One order: what the report says is owed to affiliates, and what the account was charged, both positive."""

    order_no: str
    reported: int = 0
    charged: int = 0
    report: list[AffiliateLine] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)

    @property
    def difference(self) -> int:
        return self.charged - self.reported


@dataclass
class Commissions:
    """All of them, and the charges that name no order."""

    orders: list[Commission] = field(default_factory=list)
    nameless: list[Line] = field(default_factory=list)

    @property
    def differing(self) -> list[Commission]:
        return [each for each in self.orders if each.difference]

    @property
    def reported(self) -> int:
        return sum(each.reported for each in self.orders)

    @property
    def charged(self) -> int:
        return sum(each.charged for each in self.orders) - sum(line.amount for line in self.nameless)


def commissions(store_id: int, first: date | None = None, last: date | None = None) -> Commissions:
    """Every order with a commission reported or charged in these days, with all that was reported and charged of it."""
    found: dict[str, Commission] = {}
    all_lines = of_subject(store_id, "affiliate")
    report = db.session.scalars(
        select(AffiliateLine).where(AffiliateLine.store_id == store_id).order_by(AffiliateLine.id)
    ).all()
    here = _of_these_days(store_id, first, last)
    charged_here = {line.id for line in of_subject(store_id, "affiliate", first, last)}
    wanted = {each.order_no for each in report if each.id in here}
    wanted |= {line.order_no for line in all_lines if line.order_no and line.id in charged_here}
    found = defaultdict(lambda: Commission(""))
    for each in report:
        if each.order_no in wanted:
            one = found[each.order_no]
            owed = each.commission + each.service_fee
            one.reported += owed if each.kind == "settle" else -owed
            one.report.append(each)
    for line in all_lines:
        if line.order_no in wanted:
            found[line.order_no].charged -= line.amount
            found[line.order_no].lines.append(line)
    for number, one in found.items():
        one.order_no = number
    nameless = [line for line in all_lines if line.order_no is None and line.id in charged_here]
    return Commissions([found[number] for number in sorted(found)], nameless)


def _of_these_days(store_id: int, first: date | None, last: date | None) -> set[int]:
    days = span(AffiliateLine.settled_at, first, last)
    return set(db.session.scalars(select(AffiliateLine.id).where(AffiliateLine.store_id == store_id, *days)))
