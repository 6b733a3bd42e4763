"""A supplier's statement against what was ordered, received and paid; what a person has put together by hand."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import or_, select

from core import localtime
from core.answers import Receipt
from core.contracts import Actor
from core.extensions import db
from core.messages import Refusal, Stale, msg
from core.questions import asked
from core.transactions import transaction
from plugins.finance.books.models import Line
from plugins.finance.partners.models import ColumnMap, PurchaseOrder, SupplierLine, SupplierMatch
from plugins.finance.partners.movements import span
from plugins.finance.partners.rules import Item, Suggestion, ThreeWay, suggestions

EVER = date(2000, 1, 1), date(2100, 12, 31)
MANY = 200


@dataclass
class Purchase:
    """One purchase with what belongs to it, and how the three sides compare."""

    order: PurchaseOrder
    lines: list[SupplierLine] = field(default_factory=list)
    payments: list[Line] = field(default_factory=list)
    receipts: list[Receipt] = field(default_factory=list)
    together: tuple[int, ...] = ()  # several purchases on one line: the ids of all

    @property
    def compared(self) -> ThreeWay:
        billed = sum(line.amount for line in self.lines) if self.lines and len(self.together) < 2 else None
        pieces = [each.quantity for each in self.receipts if each.quantity is not None]
        worth = [each.amount for each in self.receipts if each.amount is not None]
        return ThreeWay(
            self.order.paid,
            billed=billed,
            received=sum(worth) if worth else None,
            paid=-sum(line.amount for line in self.payments) if self.payments else None,
            ordered_pieces=self.order.quantity,
            received_pieces=sum(pieces) if pieces else None,
        )


@dataclass
class Account:
    """All of one supplier: its purchases, the lines that belong to none, what may belong together, what was put so."""

    supplier: str
    purchases: list[Purchase] = field(default_factory=list)
    open_lines: list[SupplierLine] = field(default_factory=list)
    suggestions: list[Suggestion] = field(default_factory=list)
    matches: list[SupplierMatch] = field(default_factory=list)
    receipts: list[Receipt] = field(default_factory=list)  # of no purchase

    @property
    def billed(self) -> int:
        lines = {line.id: line.amount for each in self.purchases for line in each.lines}
        return sum(lines.values()) + sum(line.amount for line in self.open_lines)

    @property
    def came(self) -> Mapping[str, int]:
        """What came in without an imported purchase is worth, by the number of its order and of its receipt."""
        worth: Counter[str] = Counter()
        for each in self.receipts:
            worth.update(dict.fromkeys({each.purchase_no, each.number} - {""}, each.amount or 0))
        return worth

    @property
    def ordered(self) -> int:
        return sum(each.order.paid for each in self.purchases)

    @property
    def paid(self) -> int:
        return -sum(line.amount for each in self.purchases for line in each.payments)


def suppliers(store_id: int) -> list[str]:
    """Everybody from whom the store has a statement, a purchase or columns named."""
    names: set[str | None] = set(db.session.scalars(select(ColumnMap.supplier)))
    for model in (SupplierLine, PurchaseOrder):
        names.update(db.session.scalars(select(model.supplier).where(model.store_id == store_id).distinct()))
    return sorted(name for name in names if name)


def account(store_id: int, supplier: str, first: date | None = None, last: date | None = None) -> Account:
    """A supplier's account over these days."""
    lines = _of(SupplierLine, store_id, supplier, SupplierLine.on, (first, last))
    orders = _of(PurchaseOrder, store_id, supplier, PurchaseOrder.ordered_at, (first, last))
    found = Account(supplier, [Purchase(order) for order in orders], matches=standing(store_id, supplier))
    left = _by_hand(found, lines)
    found.open_lines = _by_number(found, left)
    _payments(store_id, found)
    _receipts(store_id, found, first, last)
    free = [each.order for each in found.purchases if not each.lines]
    found.suggestions = suggestions(list(map(_item, found.open_lines)), list(map(_order, free)))
    return found


def _of(model: Any, store_id: int, supplier: str, day: Any, days: tuple[date | None, date | None]) -> Sequence[Any]:
    query = select(model).where(model.store_id == store_id, model.supplier == supplier, *span(day, *days))
    return db.session.scalars(query.order_by(day, model.id)).all()


def _item(line: SupplierLine) -> Item:
    return Item(line.id, line.amount, localtime.day_of(line.on) if line.on else None)


def _order(order: PurchaseOrder) -> Item:
    return Item(order.id, order.paid, localtime.day_of(order.ordered_at) if order.ordered_at else None)


def standing(store_id: int, supplier: str) -> list[SupplierMatch]:
    """The matches made by hand that nobody has undone."""
    rows = db.session.scalars(
        select(SupplierMatch)
        .where(SupplierMatch.store_id == store_id, SupplierMatch.supplier == supplier)
        .order_by(SupplierMatch.id)
    ).all()
    undone = {row.undoes_id for row in rows}
    return [row for row in rows if row.undoes_id is None and row.id not in undone]


def _by_hand(found: Account, lines: Sequence[SupplierLine]) -> list[SupplierLine]:
    """Put the lines that a person has put somewhere; the others."""
    by_id, purchases = {line.id: line for line in lines}, {each.order.id: each for each in found.purchases}
    for match in found.matches:
        some = [by_id.pop(number) for number in match.lines if number in by_id]
        for number in match.purchases:
            if number in purchases:
                purchases[number].lines += some
                purchases[number].together = tuple(match.purchases)
    return list(by_id.values())


def _by_number(found: Account, lines: Sequence[SupplierLine]) -> list[SupplierLine]:
    """Put the lines that name a purchase by its number; the others."""
    numbers, left = {each.order.key: each for each in found.purchases}, []
    for line in lines:
        text = f" {line.document_no or ''} {line.memo or ''} "
        named = [each for key, each in numbers.items() if key == line.document_no or f" {key} " in text]
        if len(named) == 1:
            named[0].lines.append(line)
        else:
            left.append(line)
    return left


def _payments(store_id: int, found: Account) -> None:
    numbers = {each.order.key: each for each in found.purchases}
    if not numbers:
        return
    keys = list(numbers)
    named = [column.in_(keys) for column in (Line.merchant_no, Line.order_no, Line.base_order_no)]
    if len(keys) <= MANY:
        named += [Line.memo.contains(key, autoescape=True) for key in keys]
    query = select(Line).where(Line.store_id == store_id, or_(*named)).order_by(Line.at, Line.id)
    for line in db.session.scalars(query):
        told = (line.merchant_no, line.order_no, line.base_order_no)
        own = [each for key, each in numbers.items() if key in told or key in (line.memo or "")]
        if len(own) == 1:
            own[0].payments.append(line)


def _receipts(store_id: int, found: Account, first: date | None, last: date | None) -> None:
    numbers = {each.order.key: each for each in found.purchases}
    for receipt in asked("goods_received", store_id=store_id, first=first or EVER[0], last=last or EVER[1]):
        if receipt.purchase_no in numbers:
            numbers[receipt.purchase_no].receipts.append(receipt)
        elif receipt.supplier == found.supplier:
            found.receipts.append(receipt)


def accept(
    store_id: int,
    supplier: str,
    wanted: tuple[Sequence[int], Sequence[int]],
    actor: Actor,
    *,
    first: date | None = None,
    last: date | None = None,
) -> SupplierMatch:
    """Take a suggestion, of lines and purchases; raises ``Stale`` when it is no longer one."""
    lines, purchases = map(tuple, wanted)
    with transaction() as session:
        offered = account(store_id, supplier, first, last).suggestions
        found = next((each for each in offered if (each.lines, each.purchases) == (lines, purchases)), None)
        if found is None:
            raise Stale(msg("This is no suggestion any more: something changed meanwhile."))
        made = SupplierMatch(
            store_id=store_id,
            supplier=supplier,
            lines=list(lines),
            purchases=list(purchases),
            reason=str(found.reason),
            by_id=actor.user_id,
            by_name=actor.name,
        )
        session.add(made)
    return made


def undo(match_id: int, actor: Actor, reason: str) -> SupplierMatch:
    """Take a match back by a counter-record."""
    if not reason.strip():
        raise Refusal(fields={"reason": msg("Say why.")})
    with transaction() as session:
        match = session.get(SupplierMatch, match_id, with_for_update=True)
        if match is None or match not in standing(match.store_id, match.supplier):
            raise Stale(msg("This match was undone already."))
        made = SupplierMatch(
            store_id=match.store_id,
            supplier=match.supplier,
            lines=match.lines,
            purchases=match.purchases,
            reason=reason.strip()[:500],
            undoes_id=match.id,
            by_id=actor.user_id,
            by_name=actor.name,
        )
        session.add(made)
    return made
