"""Payouts of a Tmall Global store: what each holds, and whether its details and fees add up to it."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, or_, select

from core.extensions import db
from core.imports.plans import chunks
from core.stores.models import Order
from plugins.finance.books.models import SettlementBatch, SettlementDetail, SettlementFee
from plugins.finance.books.settlement_rules import Payout, belonging, home_of

TIED, DIFFERENCES, FAILED = 0, 1, 2
Group = tuple[str, int, str]  # order, gross amount, currency
D, F = SettlementDetail, SettlementFee


@dataclass
class Settled:
    """One payout with its details and fees, as rows of their tables; ``fees`` are those that belong to it,
    ``other_fees`` of the same orders those that do not."""

    batch: SettlementBatch
    details: list[Any] = field(default_factory=list)
    fees: list[Any] = field(default_factory=list)
    other_fees: list[Any] = field(default_factory=list)
    untied: list[Group] = field(default_factory=list)
    imported: set[str] = field(default_factory=set)  # those of its orders that are among the imported ones

    def total(self, name: str) -> int:
        """What the details sum to."""
        return sum(getattr(detail, name) for detail in self.details)

    @property
    def fee_total(self) -> int:
        return sum(fee.fee for fee in self.fees)

    @property
    def sums(self) -> list[tuple[str, int, int]]:
        """Amount, fee and settlement: what the payout says, and what its details sum to."""
        return [(name, getattr(self.batch, name), self.total(name)) for name in ("amount", "fee", "settlement")]

    @property
    def details_tie(self) -> bool:
        return bool(self.details) and all(said == found for _, said, found in self.sums)

    @property
    def fees_tie(self) -> bool:
        return bool(self.details) and not self.untied and self.fee_total == self.batch.fee

    @property
    def other_period(self) -> list[Any]:
        """The details whose orders are not imported."""
        return [detail for detail in self.details if detail.order_no not in self.imported]

    @property
    def by_type(self) -> list[tuple[str, int, int, int]]:
        """Type of fee, how many, and their sums in foreign money and in RMB; the largest first."""
        found: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
        for each in self.fees:
            for place, value in enumerate((1, each.fee, each.rmb_fee)):
                found[each.fee_type][place] += value
        return sorted(((name, *sums) for name, sums in found.items()), key=lambda row: (-row[2], row[0]))

    @property
    def outcome(self) -> int:
        """``TIED``, ``DIFFERENCES`` where a file is yet to come, or ``FAILED`` where what is there does not add up."""
        if self.details_tie and self.fees_tie:
            return TIED
        waits = not self.details or (self.details_tie and not self.fees)
        return DIFFERENCES if waits else FAILED


def settlements(store_id: int, only: Collection[int] | None = None) -> list[Settled]:
    """The store's payouts, newest first; ``only`` asks for some of them by their database ids."""
    query = select(SettlementBatch).where(SettlementBatch.store_id == store_id)
    batches = db.session.scalars(query.order_by(SettlementBatch.settled_at.desc(), SettlementBatch.key)).all()
    payouts = [Payout(batch.key, batch.settled_at, batch.currency) for batch in batches]
    found = {batch.key: Settled(batch) for batch in batches if only is None or batch.id in only}
    if only is None:
        here: tuple[ColumnElement[bool], ...] = ()
    else:
        times = {each.batch.settled_at for each in found.values()}
        here = (or_(D.settled_at.in_(times), D.batch_no.in_(set(found))),)
    for home, detail in _at_home(_details(store_id, *here), payouts):
        if home in found:
            found[home].details.append(detail)
    orders = {detail.order_no for each in found.values() for detail in each.details}
    _share_fees(store_id, found, orders, payouts)
    known = {row.order_no for row in _some(Order, (Order.order_no,), store_id, orders)}
    for each in found.values():
        each.imported = known
    return list(found.values())


def homeless(store_id: int) -> list[Any]:
    """The details of which no payout is imported."""
    query = select(SettlementBatch.key, SettlementBatch.settled_at, SettlementBatch.currency)
    payouts = [Payout(*row) for row in db.session.execute(query.where(SettlementBatch.store_id == store_id))]
    return [detail for home, detail in _at_home(_details(store_id), payouts) if home is None]


def _details(store_id: int, *here: ColumnElement[bool]) -> Iterable[Any]:
    columns = (D.id, D.order_no, D.batch_no, D.type, D.amount, D.rmb_amount, D.fee, D.settlement, D.rmb_settlement)
    query = select(*columns, D.currency, D.paid_at, D.settled_at).where(D.store_id == store_id, *here)
    return db.session.execute(query.order_by(D.id))


def _at_home(details: Iterable[Any], payouts: Sequence[Payout]) -> Iterator[tuple[str | None, Any]]:
    homes: dict[Any, str | None] = {}
    for detail in details:
        told = (detail.batch_no, detail.settled_at, detail.currency)
        if told not in homes:
            homes[told] = home_of(*told, payouts)
        yield homes[told], detail


def _share_fees(store_id: int, found: dict[str, Settled], orders: set[str], payouts: Sequence[Payout]) -> None:
    due: dict[Group, dict[str | None, int]] = defaultdict(lambda: defaultdict(int))
    columns = (D.order_no, D.amount, D.currency, D.fee, D.batch_no, D.settled_at)
    for home, detail in _at_home(_some(D, columns, store_id, orders), payouts):
        due[(detail.order_no, detail.amount, detail.currency)][home] += detail.fee
    offered: dict[Group, list[Any]] = defaultdict(list)
    for fee in _some(F, (F.id, F.key, F.order_no, F.gross, F.currency, F.fee_type, F.fee, F.rmb_fee), store_id, orders):
        offered[(fee.order_no, fee.gross, fee.currency)].append(fee)
    of_order: dict[str, list[Any]] = defaultdict(list)
    for group, fees in offered.items():
        fees.sort(key=_sets)
        of_order[group[0]] += fees
    groups: dict[str | None, list[Group]] = defaultdict(list)
    for group in sorted(due):
        for home in due[group]:
            groups[home].append(group)
    for key, each in found.items():
        for group in groups[key]:
            elsewhere = sum(fee for home, fee in due[group].items() if home != key)
            fees = offered.get(group, [])
            chosen = belonging(due[group][key], group[1] < 0, elsewhere, [fee.fee for fee in fees])
            if chosen is None:
                each.untied.append(group)
                chosen = list(range(len(fees)))
            each.fees += [fees[place] for place in chosen]
        taken = {fee.id for fee in each.fees}
        mine = sorted({detail.order_no for detail in each.details})
        each.other_fees = [fee for number in mine for fee in of_order[number] if fee.id not in taken]


def _sets(fee: Any) -> tuple[int, str]:
    """An order in which the fees of one of several equal refunds come first, one of each kind."""
    again = fee.key.partition(".")[2]
    return (int(again) if again else 1, fee.key)


def _some(model: Any, columns: Sequence[Any], store_id: int, orders: Iterable[str]) -> Iterator[Any]:
    """Rows of the store's ``orders``."""
    more = (F.source == "settlement",) if model is F else ()
    for part in chunks(sorted(orders)):
        yield from db.session.execute(
            select(*columns).where(model.store_id == store_id, model.order_no.in_(part), *more)
        )
