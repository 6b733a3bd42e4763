"""What was spent besides what the statements charge: couriers, affiliates, advertising, shared costs, goods."""

from collections.abc import Iterable
from typing import Any

import pandas as pd
from sqlalchemy import select

from core.extensions import db
from core.stores.models import Order
from plugins.finance.books.models import Line
from plugins.finance.partners.models import AdSpend, AffiliateLine, Cost, CourierLine, SharedCost
from plugins.finance.periods.rules import book_day
from plugins.finance.profit import rules
from plugins.finance.profit.facts import NOTHING, frame
from plugins.finance.profit.reading import Reading, Span, Where
from plugins.finance.profit.rules import ADS, FREIGHT


def affiliates(reading: Reading, charged: set[str]) -> None:
    """Commissions of affiliates, of orders that no statement charged them for."""
    span = reading.span
    start, end = span.moments
    numbers = select(Order.order_no).where(*span.orders)
    stored = select(Order.id).where(Order.store_id == span.store_id, Order.order_no == AffiliateLine.order_no).exists()
    named = select(Line.id).where(Line.store_id == span.store_id, Line.order_no == AffiliateLine.order_no).exists()
    loose = (AffiliateLine.settled_at >= start) & (AffiliateLine.settled_at < end) & ~stored & ~named
    query = select(AffiliateLine).where(
        AffiliateLine.store_id == span.store_id, AffiliateLine.order_no.in_(numbers) | loose
    )
    for row in db.session.scalars(query.order_by(AffiliateLine.id)):
        if row.order_no in charged:
            continue
        amount = abs(row.commission) + abs(row.service_fee)
        place = reading.places.get(row.order_no, NOTHING)
        day = book_day(row.settled_at) if row.settled_at else span.first
        reading.charge(("affiliate", row.id), ADS, place, day, amount if row.kind == "refund" else -amount)


def parcels(reading: Reading, delivered: set[str]) -> None:
    """What couriers ask for; a parcel of several orders is shared by their totals.

    Orders whose delivery the platform has charged (``delivered``) have it among their fees: it counts once.
    """
    charged = {reading.places[number] for number in delivered if number in reading.places}
    span = reading.span
    start, end = span.moments
    waybills = select(Order.waybill_no).where(*span.orders, Order.waybill_no.is_not(None))
    stored = (
        select(Order.id).where(Order.store_id == span.store_id, Order.waybill_no == CourierLine.waybill_no).exists()
    )
    loose = (CourierLine.shipped_at >= start) & (CourierLine.shipped_at < end) & ~stored
    query = select(CourierLine.id, CourierLine.waybill_no, CourierLine.amount, CourierLine.shipped_at).where(
        CourierLine.store_id == span.store_id, CourierLine.waybill_no.in_(waybills) | loose
    )
    for row in db.session.execute(query.order_by(CourierLine.id)):
        day = book_day(row.shipped_at) if row.shipped_at else span.first
        places = reading.parcels.get(row.waybill_no, [NOTHING])
        if charged.intersection(places):
            continue
        weights = [reading.totals[place] if place >= 0 else 1 for place in places]
        for place, amount in zip(places, rules.portions(-row.amount, weights), strict=True):
            reading.charge(("parcel", row.id), FREIGHT, place, day, amount)


def ads(span: Span, articles: dict[str, tuple[int, str]]) -> pd.DataFrame:
    """What each plan spent on each day; an article that nobody bought is one, too."""
    query = select(AdSpend.id, AdSpend.on, AdSpend.item_id, AdSpend.spend)
    rows = db.session.execute(query.where(*_days(AdSpend, span)).order_by(AdSpend.id)).all()
    for row in rows:
        if row.item_id:
            articles.setdefault(row.item_id, (len(articles), row.item_id))
    return frame(
        "ads",
        (
            (
                row.id,
                row.on.toordinal(),
                row.item_id or "",
                articles[row.item_id][0] if row.item_id else NOTHING,
                row.spend,
            )
            for row in rows
        ),
    )


def _days(model: Any, span: Span) -> Where:
    return model.store_id == span.store_id, model.on >= span.first, model.on <= span.last


def shared(span: Span) -> pd.DataFrame:
    """Shared costs, a day a row."""
    touching = (SharedCost.first <= span.last, SharedCost.last >= span.first)
    query = select(SharedCost).where(SharedCost.store_id == span.store_id, *touching).order_by(SharedCost.id)
    rows = [
        (row.id, day.toordinal(), row.kind == "gifts", amount)
        for row in db.session.scalars(query)
        for day, amount in rules.by_days(row.amount, row.first, row.last).items()
        if span.first <= day <= span.last
    ]
    return frame("shared", rows)


def costs(store_id: int) -> pd.DataFrame:
    """What articles cost, from which day on."""
    query = select(Cost.merchant_code, Cost.since, Cost.amount).where(Cost.store_id == store_id)
    rows: Iterable[Any] = db.session.execute(query)
    return frame("costs", ((row.merchant_code, row.since.toordinal(), row.amount) for row in rows))
