"""What there is of each article: on hand, reserved, on its way, how long it lasts, what does not move."""

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from fractions import Fraction

from sqlalchemy import String, func, select, type_coerce
from sqlalchemy.orm import selectinload

from core import localtime
from core.extensions import db
from core.messages import N_
from core.stores.models import Order, OrderLine
from core.stores.rules import PAID, PART_SHIPPED
from plugins.purchasing import booking, orders, receiving, rules
from plugins.purchasing.models import PurchaseOrder, StockDay, StockMove

SEEN_DAYS = 28
SLOW_DAYS = 90
LEAD_DAYS = 7  # where no offer says how long a supplier takes
SOLD = ("交易出库", "销售出库")
OUT, DEAD, SLOW, SHORT = "out", "dead", "slow", "short"
STANDINGS = {OUT: N_("Out of stock"), SHORT: N_("Soon gone"), SLOW: N_("Slow"), DEAD: N_("Not sold")}


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
    lead_days: int = LEAD_DAYS

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
        """``out`` where nothing is left, ``dead`` where nothing was sold, ``slow`` where it lasts for a season,
        ``short`` where it is gone before an order made today would come."""
        if self.good <= 0:
            return OUT if self.coming or any(self.sold) else ""
        if not any(self.sold):
            return DEAD
        if (self.cover or 0) > SLOW_DAYS:
            return SLOW
        return SHORT if (self.cover or 0) < self.lead_days else ""


def articles(store_id: int, on: date | None = None) -> dict[str, Article]:
    """Every article of a store that a stock file told of, as of its newest snapshot up to ``on`` and what moved since,
    or that is coming."""
    found: dict[str, Article] = {}
    last = select(func.max(StockDay.on)).where(StockDay.store_id == store_id)
    newest = db.session.scalar(last.where(StockDay.on <= on) if on else last)
    if newest is None:
        return found
    columns = (StockDay.merchant_code, StockDay.name, StockDay.warehouse, StockDay.good, StockDay.defective)
    rows = select(*columns).where(StockDay.store_id == store_id, StockDay.on == newest)
    for code, name, warehouse, good, defective in db.session.execute(rows.order_by(StockDay.merchant_code)):
        article = found.setdefault(code, Article(code, name, newest))
        article.warehouses[warehouse] = article.warehouses.get(warehouse, 0) + good
        article.good += good
        article.defective += defective
    for code, warehouse, sellable, pieces in booking.since(store_id, newest, on):
        article = found.setdefault(code, Article(code, "", newest))
        if sellable:
            article.warehouses[warehouse] = article.warehouses.get(warehouse, 0) + pieces
            article.good += pieces
        else:
            article.defective += pieces
    for code, days in sold(store_id, newest).items():
        if code in found:
            found[code].sold = days
    for code, (pieces, name) in coming(store_id).items():
        found.setdefault(code, Article(code, name, newest)).coming = pieces
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
    mornings = [localtime.begins(first + timedelta(days=place)) for place in range(days + 1)]
    moved = select(StockMove.merchant_code, StockMove.at, StockMove.quantity).where(
        StockMove.store_id == store_id,
        StockMove.kind.in_(SOLD),
        StockMove.at >= mornings[0],
        StockMove.at < mornings[-1],
    )
    for code, at, quantity in db.session.execute(moved):
        place = bisect_right(mornings, at) - 1
        counts[code][place] -= quantity
        told.add((code, place))
    dates = [first + timedelta(days=place) for place in range(days)]
    # half a million rows: a day is told by what the database gives for it, and where nothing was sold nothing is read
    places = {given: place for place, day in enumerate(dates) for given in (day, day.isoformat())}
    daily = select(StockDay.merchant_code, type_coerce(StockDay.on, String), StockDay.sold).where(
        StockDay.store_id == store_id, StockDay.on >= first, StockDay.on <= until, StockDay.sold != 0
    )
    for code, on, quantity in db.session.execute(daily):
        place = places[on]
        if (code, place) not in told:
            counts[code][place] += quantity
    return dict(counts)


def coming(store_id: int) -> dict[str, tuple[int, str]]:
    """Pieces ordered and not yet received, and the name on the order, by article."""
    found: dict[str, tuple[int, str]] = {}
    on_their_way = (
        select(PurchaseOrder)
        .where(PurchaseOrder.store_id == store_id, PurchaseOrder.state.in_(orders.OPEN))
        .options(selectinload(PurchaseOrder.lines), selectinload(PurchaseOrder.receipts))
    )
    for order in db.session.scalars(on_their_way):
        came = receiving.arrived(order)
        for line in order.lines:
            rest = max(0, line.quantity - came.get(line.merchant_code, Counter()).total())
            if rest:
                found[line.merchant_code] = found.get(line.merchant_code, (0, ""))[0] + rest, line.name
    return found


def reserved(store_id: int) -> dict[str, int]:
    """Pieces of paid orders that are not shipped yet, by merchant code."""
    query = (
        select(OrderLine.merchant_code, func.sum(OrderLine.quantity))
        .join(Order, Order.id == OrderLine.order_id)
        .where(Order.store_id == store_id, Order.status.in_((PAID, PART_SHIPPED)), OrderLine.merchant_code.is_not(None))
        .group_by(OrderLine.merchant_code)
    )
    return {code: int(pieces or 0) for code, pieces in db.session.execute(query)}


def snapshot_of(article: Article, store_id: int) -> Sequence[StockDay]:
    """An article's rows of the newest day, by warehouse."""
    here = (StockDay.store_id == store_id, StockDay.merchant_code == article.merchant_code, StockDay.on == article.on)
    return db.session.scalars(select(StockDay).where(*here).order_by(StockDay.warehouse)).all()


def moves_of(store_id: int, merchant_code: str, limit: int = 100) -> Sequence[StockMove]:
    """The newest movements of an article."""
    return db.session.scalars(
        select(StockMove)
        .where(StockMove.store_id == store_id, StockMove.merchant_code == merchant_code)
        .order_by(StockMove.at.desc(), StockMove.id.desc())
        .limit(limit)
    ).all()
