"""The books of one store and some days, read for its profit."""

from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd
from sqlalchemy import and_, func, or_, select

from core.extensions import db
from core.stores import rules as stores
from core.stores.models import Order, OrderLine
from plugins.finance.differences.models import Difference
from plugins.finance.differences.rules import PENDING
from plugins.finance.matching.classes import ORDER, ORDER_CLASSES
from plugins.finance.matching.models import Result, Run
from plugins.finance.periods.rules import book_day, bounds
from plugins.finance.profit import moves, rules, spending
from plugins.finance.profit.facts import NOTHING, Books, frame
from plugins.finance.profit.reading import Reading, Span
from plugins.finance.profit.rules import ADS, FEES, GAIN, REFUNDS, RISK

AHEAD = timedelta(hours=8)  # of UTC, in which times are stored; Shanghai has no summer time
RUNS = 24  # of the newest runs over these days: which class an order is in now
CONFIRMED = frozenset({"OK", "TOL", "CROSS_IN"})
AWAITED = frozenset({"", "IN_TRANSIT", "UNPAID"})  # never looked at, or nothing has come and nothing is due
SENT = (stores.PART_SHIPPED, stores.SHIPPED, stores.DONE)


def books(span: Span) -> Books:
    """Everything that profit is worked out from."""
    reading = Reading(span)
    orders = _orders(reading)
    affiliated, delivered = _moves(reading, orders)
    spending.affiliates(reading, affiliated)
    spending.parcels(reading, delivered | moves.delivered(span.store_id, *span.orders))
    _stakes(reading, orders)
    lines, articles = _lines(reading)
    return Books(
        orders=frame("orders", zip(*(orders[name] for name in orders), strict=True)),
        lines=lines,
        charges=frame("charges", reading.charges),
        ads=spending.ads(span, articles),
        shared=spending.shared(span),
        costs=spending.costs(span.store_id),
        articles=[(key, label) for key, (_, label) in articles.items()],
    )


def _orders(reading: Reading) -> dict[str, list[Any]]:
    query = select(
        Order.id, Order.order_no, Order.waybill_no, Order.status, Order.total, Order.kept, Order.refund,
        Order.shipped_at, Order.paid_at, Order.ordered_at, reading.span.at.label("day_at"),
    ).where(*reading.span.orders)  # fmt: skip
    names = ("id", "day", "paid_on", "total", "kept", "refund", "received", "returned", "sent", "open", "risk", "gain")
    rows = []
    for place, row in enumerate(db.session.execute(query.order_by(Order.id))):
        record, number, waybill, status, total, kept, refund, shipped, paid_at, ordered_at, at = row
        total = total if total is not None else kept or 0
        kept = kept if kept is not None else total
        refund = refund if refund is not None else max(total - kept, 0)
        sent = bool(shipped or waybill) or (status in SENT and refund < total)
        paid_on = _ordinal(paid_at or ordered_at or at)
        rows.append((record, _ordinal(at), paid_on, total, kept, refund, 0, 0, sent, True, 0, 0))
        reading.places[number] = place
        reading.totals.append(total)
        if waybill:
            reading.parcels.setdefault(waybill, []).append(place)
    columns = zip(*rows, strict=True) if rows else ((),) * len(names)
    found = {name: list(column) for name, column in zip(names, columns, strict=True)}
    reading.ids = found["id"]
    return found


def _ordinal(at: datetime) -> int:
    """The day of the books as a number; ``book_day`` for many."""
    return (at + AHEAD).toordinal()


def _moves(reading: Reading, orders: dict[str, list[Any]]) -> tuple[set[str], set[str]]:
    """Put movements to their orders; returns the numbers of orders that a statement charged affiliates for, and of
    those whose delivery it charged."""
    span, affiliated, delivered = reading.span, set(), set()
    for move in moves.of_orders(span.store_id, *span.orders):
        place = reading.places.get(move.order_no or "")
        if place is None:
            continue
        if move.delivery:
            delivered.add(move.order_no or "")
        if move.part == moves.PAY:
            orders["received"][place] += move.amount
        elif move.part == moves.REFUND:
            orders["returned"][place] -= move.amount
        elif _charge(reading, move, place) and move.subject == moves.AFFILIATE:
            affiliated.add(move.order_no or "")
    for move in moves.of_none(span.store_id, *span.moments):
        if move.part not in (moves.PAY, moves.REFUND):
            _charge(reading, move, NOTHING)
    return affiliated, delivered


def _charge(reading: Reading, move: moves.Move, place: int) -> bool:
    if move.part == moves.FEE:
        part = ADS if move.subject == moves.AFFILIATE else FEES
    elif move.subject == moves.GOODWILL:
        part = REFUNDS
    else:
        return False
    reading.charge(("line", move.id), part, place, book_day(move.at), move.amount)
    return True


def _stakes(reading: Reading, orders: dict[str, list[Any]]) -> None:
    """Which orders the reconciliation has confirmed, and what those still open may change."""
    codes = _classes(reading.span)
    pending = _pending(reading)
    told = ("total", "kept", "refund", "received", "returned")
    back = rules.refunded(*(np.array(orders[name], np.int64) for name in told))
    for place, record in enumerate(reading.ids):
        code, stakes = codes.get(record, ""), pending.get(place)
        awaited = code in AWAITED
        orders["open"][place] = awaited or (code not in CONFIRMED and stakes is not None)  # else agreed, or settled
        if stakes is not None:
            orders["risk"][place], orders["gain"][place] = stakes
        elif awaited:
            orders["risk"][place] = -max(orders["total"][place] - int(back[place]), 0)


def _classes(span: Span) -> dict[int, str]:
    """The class of each order in the newest run that looked at it."""
    newest = (
        select(func.max(Run.id).label("id"))
        .where(Run.store_id == span.store_id)
        .group_by(Run.first, Run.last)
        .order_by(func.max(Run.id).desc())
        .limit(RUNS)
    )
    found: dict[int, str] = {}
    for run_id in reversed(list(db.session.scalars(newest))):
        query = select(Result.record_id, Result.code).join(Order, Order.id == Result.record_id)
        for record, code in db.session.execute(
            query.where(Result.run_id == run_id, Result.side == ORDER, *span.orders)
        ):
            found[record] = ORDER_CLASSES[code]
    return found


def _pending(reading: Reading) -> dict[int, tuple[int, int]]:
    """What open differences may change, by the order's place; what belongs to no order becomes a charge of its day."""
    span = reading.span
    found: dict[int, tuple[int, int]] = {}
    columns = [getattr(Difference, name) for name in ("id", "code", "amount", "order_no", "happened_at")]
    query = select(*columns).where(Difference.store_id == span.store_id, Difference.state.in_(sorted(PENDING)))
    stored = select(Order.id).where(Order.store_id == span.store_id, Order.order_no == Difference.order_no).exists()
    mine = Difference.order_no.in_(select(Order.order_no).where(*span.orders))
    start, end = bounds(span.first, span.last)
    here = and_(~stored, Difference.happened_at >= start, Difference.happened_at < end)
    for row in db.session.execute(query.where(or_(mine, here)).order_by(Difference.id)):
        risk, gain = rules.at_stake(row.code, row.amount)
        place = reading.places.get(row.order_no or "")
        day = book_day(row.happened_at)
        if place is not None:
            before = found.get(place, (0, 0))
            found[place] = (before[0] + risk, before[1] + gain)
        elif span.first <= day <= span.last:
            reading.charge(("difference", row.id), RISK, NOTHING, day, risk)
            reading.charge(("difference", row.id), GAIN, NOTHING, day, gain)
    return found


def _lines(reading: Reading) -> tuple[pd.DataFrame, dict[str, tuple[int, str]]]:
    query = (
        select(
            Order.order_no, OrderLine.item_id, OrderLine.merchant_code, OrderLine.outer_code, OrderLine.title,
            OrderLine.list_price, OrderLine.quantity, OrderLine.goods_due, OrderLine.refund,
        )
        .join(Order, (Order.order_no == OrderLine.order_no) & (Order.store_id == OrderLine.store_id))
        .where(*reading.span.orders)
        .order_by(OrderLine.id)
    )  # fmt: skip
    rows, articles, places = [], {}, reading.places
    for number, item, merchant, outer, title, price, pieces, due, refund in db.session.execute(query):
        code = merchant or outer or ""
        key = code or item or title[:60]
        known = articles.get(key)
        if known is None:
            known = articles[key] = (len(articles), title or key)
        weight = due if due is not None else (price or 0) * (pieces or 0)
        rows.append((places[number], known[0], item or "", code, pieces or 0, max(weight, 0), refund or 0, due == 0))
    return frame("lines", rows), articles
