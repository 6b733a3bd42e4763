"""What there is of each article: on hand, reserved, on its way, how long it lasts, what does not move."""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from functools import cached_property
from typing import Any

from sqlalchemy import ColumnElement, and_, func, select

from core.extensions import db
from core.messages import N_
from core.stores.models import Order, OrderLine
from core.stores.rules import PAID, PART_SHIPPED
from plugins.purchasing import booking, orders, rules, sales
from plugins.purchasing.models import PurchaseLine, PurchaseOrder, Receipt, StockDay, StockMove

SLOW_DAYS = 90
LEAD_DAYS = 7  # where no offer says how long a supplier takes
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
    drafted: int = 0  # on orders that are not approved yet
    sold: list[int] = field(default_factory=list)
    lead_days: int = LEAD_DAYS

    @property
    def free(self) -> int:
        return self.good - self.reserved

    @cached_property
    def daily(self) -> Fraction:
        return rules.speed(self.sold)

    @cached_property
    def cover(self) -> int | None:
        return rules.days_of_cover(self.free, self.daily)

    @cached_property
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


def articles(store_id: int, on: date | None = None, code: str | None = None) -> dict[str, Article]:
    """Every article of a store (or this one) that a stock file told of, as of its newest snapshot up to ``on`` and what
    moved since, or that is coming."""
    found: dict[str, Article] = {}
    last = select(func.max(StockDay.on)).where(StockDay.store_id == store_id)
    newest = db.session.scalar(last.where(StockDay.on <= on) if on else last)
    if newest is None:
        return found
    columns = (StockDay.merchant_code, StockDay.name, StockDay.warehouse, StockDay.good, StockDay.defective)
    rows = select(*columns).where(*here(StockDay, store_id, code), StockDay.on == newest)
    for each, name, warehouse, good, defective in db.session.execute(rows.order_by(StockDay.merchant_code)):
        article = found.get(each) or found.setdefault(each, Article(each, name, newest))
        article.warehouses[warehouse] = article.warehouses.get(warehouse, 0) + good
        article.good += good
        article.defective += defective
    for each, warehouse, sellable, pieces in booking.since(store_id, newest, on, code):
        article = found.setdefault(each, Article(each, "", newest))
        if sellable:
            article.warehouses[warehouse] = article.warehouses.get(warehouse, 0) + pieces
            article.good += pieces
        else:
            article.defective += pieces
    for each, (pieces, name) in coming(store_id, code).items():
        found.setdefault(each, Article(each, name, newest)).coming = pieces
    for each, (pieces, _name) in coming(store_id, code, orders.NOT_APPROVED).items():
        if each in found:
            found[each].drafted = pieces
    days, taken = sales.sold(store_id, newest, code=code), reserved(store_id, code)
    for each, article in found.items():
        article.sold, article.reserved = days.get(each, []), taken.get(each, 0)
    return found


def here(of: Any, store_id: int, code: str | None = None) -> list[ColumnElement[bool]]:
    """The rows of a store, or those of one of its articles."""
    return [of.store_id == store_id, *([of.merchant_code == code] if code else [])]


def names(store_id: int, codes: Collection[str]) -> dict[str, str]:
    """What some articles are called in the newest stock that names them."""
    newest = (
        select(StockDay.merchant_code, func.max(StockDay.on).label("on"))
        .where(StockDay.store_id == store_id, StockDay.merchant_code.in_(codes), StockDay.name != "")
        .group_by(StockDay.merchant_code)
        .subquery()
    )
    rows = select(StockDay.merchant_code, StockDay.name).join(
        newest, and_(StockDay.merchant_code == newest.c.merchant_code, StockDay.on == newest.c.on)
    )
    return dict(db.session.execute(rows.where(StockDay.store_id == store_id)).all())


def named(store_id: int, lines: Iterable[Sequence[Any]]) -> list[Any]:
    """Lines, which begin with code and name, with what stock calls an article where they do not say it."""
    given = list(lines)
    known = names(store_id, [code for code, name, *_ in given if not name])
    return [(code, name or known.get(code, ""), *rest) for code, name, *rest in given]


def coming(store_id: int, code: str | None = None, states: Collection[str] = orders.OPEN) -> dict[str, tuple[int, str]]:
    """Pieces ordered and not yet received, and the name on the order, by article (of this one)."""
    here = (PurchaseOrder.store_id == store_id, PurchaseOrder.state.in_(states))
    own = [PurchaseLine.merchant_code == code] if code else []
    columns = (PurchaseLine.order_id, PurchaseLine.merchant_code, PurchaseLine.quantity, PurchaseLine.name)
    lines = select(*columns).join(PurchaseOrder, PurchaseOrder.id == PurchaseLine.order_id).where(*here, *own)
    rows = db.session.execute(lines.order_by(PurchaseLine.id)).all()
    with_lines = select(PurchaseLine.order_id).join(PurchaseOrder, PurchaseOrder.id == PurchaseLine.order_id)
    receipts = select(Receipt.order_id, Receipt.lines).where(Receipt.order_id.in_(with_lines.where(*here, *own)))
    came: Counter[tuple[int, str]] = Counter()
    for order_id, counted in db.session.execute(receipts):
        came.update({(order_id, line["merchant_code"]): line["good"] + line["damaged"] for line in counted})
    found: dict[str, tuple[int, str]] = {}
    for order_id, each, quantity, name in rows:
        if (rest := quantity - came[order_id, each]) > 0:
            found[each] = found.get(each, (0, ""))[0] + rest, name
    return found


def reserved(store_id: int, code: str | None = None) -> dict[str, int]:
    """Pieces of paid orders that are not shipped yet, by merchant code (of this one)."""
    query = (
        select(OrderLine.merchant_code, func.sum(OrderLine.quantity))
        .join(Order, Order.id == OrderLine.order_id)
        .where(Order.store_id == store_id, Order.status.in_((PAID, PART_SHIPPED)), OrderLine.merchant_code.is_not(None))
        .group_by(OrderLine.merchant_code)
    )
    if code:
        query = query.where(OrderLine.merchant_code == code)
    return {each: int(pieces or 0) for each, pieces in db.session.execute(query)}


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
