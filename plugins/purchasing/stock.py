"""What there is of each article: on hand, reserved, on its way, how long it lasts, what does not move."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from fractions import Fraction

from sqlalchemy import func, select

from core.columns import now
from core.extensions import db
from core.imports.rules import SHANGHAI
from core.stores.models import Order, OrderLine
from core.stores.rules import PAID, PART_SHIPPED
from plugins.purchasing import orders, receiving, rules
from plugins.purchasing.models import PurchaseOrder, StockDay, StockMove

SEEN_DAYS = 28
SLOW_DAYS = 90
SOLD = ("交易出库", "销售出库")


@dataclass
class Article:
    """The stock of one article over all warehouses, and its sales of each day, the newest last."""

    merchant_code: str
    name: str = ""
    on: date | None = None
    warehouses: dict[str, int] = field(default_factory=dict)
    good: int = 0
    defective: int = 0
    reserved: int = 0
    coming: int = 0
    sold: list[int] = field(default_factory=list)

    @property
    def free(self) -> int:
        return self.good - self.reserved

    @property
    def daily(self) -> Fraction:
        return rules.speed(self.sold)

    @property
    def cover(self) -> int | None:
        return rules.days_of_cover(self.free, self.daily)

    @property
    def standing(self) -> str:
        """``dead`` where nothing was sold, ``slow`` where it lasts for a season, ``short`` where it soon is gone."""
        if not self.good and not self.coming:
            return "out"
        if not any(self.sold):
            return "dead"
        if self.cover is not None and self.cover > SLOW_DAYS:
            return "slow"
        return ""


def today() -> date:
    """The day it is where the stores are."""
    return now().astimezone(SHANGHAI).date()


def articles(store_id: int, on: date | None = None) -> dict[str, Article]:
    """Every article of a store that a stock file told of, as of its newest snapshot up to ``on``."""
    found: dict[str, Article] = {}
    last = select(func.max(StockDay.on)).where(StockDay.store_id == store_id)
    newest = db.session.scalar(last.where(StockDay.on <= on) if on else last)
    if newest is None:
        return found
    for row in db.session.scalars(
        select(StockDay).where(StockDay.store_id == store_id, StockDay.on == newest).order_by(StockDay.merchant_code)
    ):
        article = found.setdefault(row.merchant_code, Article(row.merchant_code, row.name, newest))
        article.warehouses[row.warehouse] = article.warehouses.get(row.warehouse, 0) + row.closing
        article.good += row.good
        article.defective += row.defective
    for code, days in sold(store_id, newest).items():
        if code in found:
            found[code].sold = days
    for code, pieces in coming(store_id).items():
        found.setdefault(code, Article(code, on=newest)).coming = pieces
    for code, pieces in reserved(store_id).items():
        if code in found:
            found[code].reserved = pieces
    return found


def sold(store_id: int, until: date, days: int = SEEN_DAYS) -> dict[str, list[int]]:
    """Pieces sold of each article on each of the ``days`` up to ``until``: by stock movements, or by the snapshots of
    days of which there are no movements."""
    first = until - timedelta(days=days - 1)
    counts: dict[str, list[int]] = defaultdict(lambda: [0] * days)
    told: set[tuple[str, int]] = set()
    moved = select(StockMove.merchant_code, StockMove.at, StockMove.quantity).where(
        StockMove.store_id == store_id, StockMove.kind.in_(SOLD)
    )
    for code, at, quantity in db.session.execute(moved):
        place = (at.astimezone(SHANGHAI).date() - first).days
        if 0 <= place < days:
            counts[code][place] -= quantity
            told.add((code, place))
    daily = select(StockDay.merchant_code, StockDay.on, func.sum(StockDay.sold)).where(
        StockDay.store_id == store_id, StockDay.on >= first, StockDay.on <= until
    )
    for code, on, quantity in db.session.execute(daily.group_by(StockDay.merchant_code, StockDay.on)):
        place = (on - first).days
        if (code, place) not in told:
            counts[code][place] += quantity
    return dict(counts)


def coming(store_id: int) -> dict[str, int]:
    """Pieces ordered and not yet received, by article."""
    found: dict[str, int] = defaultdict(int)
    on_their_way = select(PurchaseOrder).where(PurchaseOrder.store_id == store_id, PurchaseOrder.state.in_(orders.OPEN))
    for order in db.session.scalars(on_their_way):
        came = receiving.arrived(order)
        for line in order.lines:
            counts = came.get(line.merchant_code, {})
            found[line.merchant_code] += max(0, line.quantity - counts.get("good", 0) - counts.get("damaged", 0))
    return dict(found)


def reserved(store_id: int) -> dict[str, int]:
    """Pieces of paid orders that are not shipped yet, by merchant code."""
    query = (
        select(OrderLine.merchant_code, func.sum(OrderLine.quantity))
        .join(Order, Order.id == OrderLine.order_id)
        .where(Order.store_id == store_id, Order.status.in_((PAID, PART_SHIPPED)), OrderLine.merchant_code.is_not(None))
        .group_by(OrderLine.merchant_code)
    )
    return {code: int(pieces or 0) for code, pieces in db.session.execute(query)}


def moves_of(store_id: int, merchant_code: str, limit: int = 100) -> Sequence[StockMove]:
    """The newest movements of an article."""
    return db.session.scalars(
        select(StockMove)
        .where(StockMove.store_id == store_id, StockMove.merchant_code == merchant_code)
        .order_by(StockMove.at.desc(), StockMove.id.desc())
        .limit(limit)
    ).all()
