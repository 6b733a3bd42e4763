"""The dispatch clock: until when each paid order must be sent out, by the rule of the day it was paid."""

from collections import Counter
from collections.abc import Callable
from datetime import date, datetime
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, func, or_, select

from core import localtime
from core.extensions import db
from core.stores.models import Order
from plugins.logistics import parcels
from plugins.logistics.models import Parcel, ParcelOrder, Rule
from plugins.logistics.rules import dispatch
from plugins.logistics.rules.exceptions import DISPATCH, counting
from plugins.logistics.rules.parcels import WAITING

MOST = 20_000


def rules_of(kind: str) -> list[Rule]:
    """The rules of a kind, of whatever days."""
    query = select(Rule).where(Rule.kind == kind).order_by(Rule.since, Rule.id)
    return list(db.session.scalars(query))


def deadline() -> Callable[[datetime], datetime | None]:
    """A function that gives the deadline of an order by when it was paid; None where no rule holds."""
    known, here = rules_of(DISPATCH), localtime.zone()

    @cache
    def rule_of(day: date) -> Any:
        return counting(known, day)

    def due(paid_at: datetime) -> datetime | None:
        rule = rule_of(paid_at.astimezone(here).date())
        return dispatch.due(paid_at, rule.hours, rule.by_day, here) if rule else None

    return due


def waiting() -> list[dispatch.Waiting]:
    """Paid orders that are not sent out, with their deadlines, the nearest first."""
    due, usual = deadline(), cache(parcels.usual_warehouse)
    columns = (Order.id, Order.order_no, Order.store_id, _place(), Order.paid_at, Order.total)
    query = select(*columns).where(*_unsent()).order_by(Order.paid_at).limit(MOST)
    found = [
        dispatch.Waiting(order_id, number, store_id, name or usual(store_id), paid_at, total or 0, due(paid_at))
        for order_id, number, store_id, name, paid_at, total in db.session.execute(query)
    ]
    return sorted((each for each in found if each.due_at), key=lambda each: (each.due_at, each.order_id))


def _unsent() -> tuple[ColumnElement[bool], ...]:
    """That an order is paid and something of it is still to be sent out, as far as orders and parcels tell."""
    mine = select(ParcelOrder.id).join(Parcel, Parcel.id == ParcelOrder.parcel_id)
    mine = mine.where(ParcelOrder.order_id == Order.id)
    sent, left = mine.where(Parcel.shipped_at.is_not(None)), mine.where(Parcel.status == WAITING)
    paid = (Order.status.in_(["paid", "part_shipped"]), Order.paid_at.is_not(None))
    return (*paid, or_(~sent.exists(), left.exists()))


def _place() -> Any:
    """The warehouse of an order's first parcel."""
    mine = select(Parcel.warehouse).join(ParcelOrder, ParcelOrder.parcel_id == Parcel.id)
    return mine.where(ParcelOrder.order_id == Order.id).order_by(ParcelOrder.id).limit(1).scalar_subquery()


def backlog() -> Counter[str]:
    """How many orders wait in each warehouse to be sent out, due or not."""
    usual, found = cache(parcels.usual_warehouse), Counter[str]()
    waiting = select(Order.store_id, _place().label("place")).where(*_unsent()).subquery()
    columns = (waiting.c.store_id, waiting.c.place)
    for store_id, place, count in db.session.execute(select(*columns, func.count()).group_by(*columns)):
        found[place or usual(store_id)] += count
    return found


def of_order(order: Order) -> datetime | None:
    """Until when one order must be sent out; None when it was, or is not paid."""
    if db.session.scalar(select(Order.id).where(Order.id == order.id, *_unsent())) is None:
        return None
    return deadline()(order.paid_at) if order.paid_at else None
