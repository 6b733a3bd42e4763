"""Orders and lines of a store's period from the database, as the frames that the engine takes."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from sqlalchemy import ColumnElement, and_, case, func, or_, select

from core.extensions import db
from core.stores import rules as stores
from core.stores.models import Order
from plugins.finance.books.models import Line
from plugins.finance.matching import loading_lines, verdicts
from plugins.finance.matching.engine import telling
from plugins.finance.matching.frames import TEXT, WHOLE, column, joined, numbers, table, texts
from plugins.finance.matching.groups import Ints
from plugins.finance.matching.keys import NONE, Codes
from plugins.finance.matching.rates import rates
from plugins.finance.matching.rules import CONFIRMATION, PAYMENT, RuleSet
from plugins.finance.periods.rules import bounds

UNSAID = np.iinfo(np.int64).min
PAID_STATES = (stores.PAID, stores.PART_SHIPPED, stores.SHIPPED, stores.DONE)


@dataclass(frozen=True)
class Span:
    """A period as moments: from ``start`` up to, but not including, ``end``; late from ``cutoff`` on."""

    start: datetime
    end: datetime
    cutoff: datetime

    @classmethod
    def of(cls, first: date, last: date, rules: RuleSet) -> "Span":
        start, end = bounds(first, last)
        return cls(start, end, max(start, end - timedelta(days=rules.cutoff_days)))


@dataclass
class Books:
    """What one run is about; ``order_codes`` and ``trade_codes`` are shared by both frames."""

    span: Span
    orders: pd.DataFrame
    lines: pd.DataFrame
    subjects: list[str]  # by ``lines["what"]``: every subject, agreed or not
    usual: str = PAYMENT  # when money is due, as all orders of the store show


def load(store_id: int, first: date, last: date, rules: RuleSet) -> Books:
    """Read what a run needs. No database id takes part in any decision."""
    span = Span.of(first, last, rules)
    order_codes, trade_codes = Codes(), Codes()
    orders = _orders(store_id, span, rules, order_codes, trade_codes)
    lines, subjects = loading_lines.lines(store_id, span, rules, order_codes, trade_codes)
    lines["elsewhere"] = loading_lines.elsewhere(store_id, lines, orders)
    known = telling(orders["flags"].to_numpy()).any()
    return Books(span, orders, lines, subjects, PAYMENT if known else _usual(store_id, span))


def paid() -> ColumnElement[bool]:
    """Whether an order was paid, also where the export does not say when."""
    refunded = and_(Order.status == stores.CLOSED, func.coalesce(Order.refund, 0) > 0)
    return or_(Order.paid_at.is_not(None), Order.status.in_(PAID_STATES), refunded)


def moment() -> ColumnElement[Any]:
    """When an order was paid, or made if that is all there is."""
    return func.coalesce(Order.paid_at, Order.ordered_at)


def _orders(store_id: int, span: Span, rules: RuleSet, order_codes: Codes, trade_codes: Codes) -> pd.DataFrame:
    within = and_(moment() >= span.start, moment() < span.end)
    found = table(told(span), Order, store_id, [or_(within, _carried(store_id, span))])
    frame = _without_early(store_id, span, framed(found, order_codes, trade_codes), trade_codes)
    return rated(store_id, frame, rules)


def told(span: Span) -> dict[str, tuple[Any, pa.DataType]]:
    """What of orders is read, and as what."""
    return {
        "id": (Order.id, WHOLE),
        "key": (Order.order_no, TEXT),
        "pay": (Order.payment_no, TEXT),
        "total": (Order.total, WHOLE),
        "kept": (Order.kept, WHOLE),
        "refund": (Order.refund, WHOLE),
        "rate": (Order.commission_rate, WHOLE),
        "flags": (_flags(span), WHOLE),
    }


def framed(found: pa.Table, order_codes: Codes, trade_codes: Codes) -> pd.DataFrame:
    """Orders as the engine takes them, but for the rates of fees."""
    return pd.DataFrame(
        {
            "id": numbers(found, "id"),
            "no": order_codes(column(found, "key")),
            "pay": trade_codes(column(found, "pay")),
            "key": pd.Series(column(found, "key"), dtype=pd.ArrowDtype(TEXT)),
            "flags": numbers(found, "flags").astype(np.uint8),
            "own_rate": numbers(found, "rate", verdicts.UNKNOWN_RATE),
            **money(*(numbers(found, name, UNSAID) for name in ("total", "kept", "refund"))),
        },
        copy=False,
    )


def rated(store_id: int, frame: pd.DataFrame, rules: RuleSet) -> pd.DataFrame:
    """Orders with the rate of every agreed fee."""
    for subject, rate in rates(store_id, frame, rules).items():
        frame[f"rate:{subject}"] = rate
    return frame


def money(total: Ints, kept: Ints, refund: Ints) -> dict[str, Any]:
    """Total, refund, and whether what is kept is lower by the refund. A missing refund is what is not kept."""
    total = np.where(total == UNSAID, np.where(kept == UNSAID, 0, kept), total)
    kept = np.where(kept == UNSAID, total, kept)
    refund = np.where(refund == UNSAID, np.maximum(total - kept, 0), refund)
    return {"total": total, "refund": refund, "net": (refund > 0) & (kept == total - refund)}


def _flags(span: Span) -> ColumnElement[int]:
    confirmed = Order.confirmed_at
    over = and_(Order.status == stores.DONE, or_(confirmed.is_(None), confirmed < span.end))
    late = moment() >= span.cutoff
    told = (
        (verdicts.PAID, paid()),
        (verdicts.CARRIED, moment() < span.start),
        (verdicts.LATE, late),
        (verdicts.CONFIRMED, and_(confirmed >= span.start, confirmed < span.end)),
        (verdicts.DONE, Order.status == stores.DONE),
        (verdicts.WAITING, and_(Order.status != stores.CLOSED, Order.status != "", ~over)),
        (verdicts.CLOSED, Order.status == stores.CLOSED),
        (verdicts.DUE_LATE, or_(confirmed >= span.cutoff, and_(confirmed.is_(None), late))),
    )
    flags: Any = 0
    for bit, condition in told:
        flags = flags + case((condition, bit), else_=0)
    return flags


def _usual(store_id: int, span: Span) -> str:
    """When money is due, as most orders up to the period's end that still wait for their confirmation show."""
    waiting = select(Order.order_no).where(
        Order.store_id == store_id, Order.status.in_(PAID_STATES[:-1]), paid(), moment() < span.end
    )
    count, received = (
        db.session.scalar(select(func.count()).select_from(query.subquery())) or 0
        for query in (waiting, waiting.where(_came(store_id, span.end)))
    )
    return CONFIRMATION if 2 * received < count else PAYMENT


def _came(store_id: int, before: datetime) -> ColumnElement[bool]:
    """Whether money for an order came before a moment.

    The moment is hidden from SQLite, which would go through all lines up to it for every order rather than look the
    order's lines up.
    """
    mine = Line.store_id == store_id, Line.order_no == Order.order_no
    return select(Line.id).where(*mine, func.coalesce(Line.at, Line.at) < before, Line.amount > 0).exists()


def _carried(store_id: int, span: Span) -> ColumnElement[bool]:
    """Paid before the period, with no receipt before it, and something to come."""
    nothing = and_(Order.kept == 0, Order.refund >= Order.total, Order.total > 0)
    return and_(paid(), moment() < span.start, ~func.coalesce(nothing, False), ~_came(store_id, span.start))


def _without_early(store_id: int, span: Span, frame: pd.DataFrame, codes: Codes) -> pd.DataFrame:
    """Leave out carried orders that a merged payment paid before the period."""
    carried = (frame["flags"].to_numpy() & verdicts.CARRIED) != 0
    if not carried.any():
        return frame
    query = select(Line.trade_no).where(
        Line.store_id == store_id,
        Line.at < span.start,
        Line.amount > 0,
        Line.order_no.is_(None),
        Line.trade_no.is_not(None),
    )
    early = codes(texts(joined(query)[0]))
    gone = carried & np.isin(frame["pay"].to_numpy(), early) & (frame["pay"].to_numpy() != NONE)
    return frame[~gone].reset_index(drop=True) if gone.any() else frame
