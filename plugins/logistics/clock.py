"""The dispatch clock: until when each paid order must be sent out, by the rule of the day it was paid."""

from collections.abc import Callable
from datetime import datetime
from functools import cache

from sqlalchemy import select

from core import localtime
from core.extensions import db
from core.stores.models import Order
from plugins.logistics import parcels
from plugins.logistics.models import Parcel, ParcelOrder, Rule
from plugins.logistics.rules import dispatch
from plugins.logistics.rules.exceptions import DISPATCH, counting

MOST = 20_000


def rules_of(kind: str) -> list[Rule]:
    """The rules of a kind, of whatever days."""
    query = select(Rule).where(Rule.kind == kind).order_by(Rule.since, Rule.id)
    return list(db.session.scalars(query))


def deadline() -> Callable[[datetime], datetime | None]:
    """A function that gives the deadline of an order by when it was paid; None where no rule holds."""
    known, here = rules_of(DISPATCH), localtime.zone()

    def due(paid_at: datetime) -> datetime | None:
        rule = counting(known, paid_at.astimezone(here).date())
        return dispatch.due(paid_at, rule.hours, rule.by_day, here) if rule else None  # type: ignore[attr-defined]

    return due


def waiting() -> list[dispatch.Waiting]:
    """Paid orders that are not sent out, with their deadlines, the nearest first."""
    due, usual = deadline(), cache(parcels.usual_warehouse)
    sent = select(ParcelOrder.id).join(Parcel, Parcel.id == ParcelOrder.parcel_id)
    sent = sent.where(ParcelOrder.order_id == Order.id, Parcel.shipped_at.is_not(None))
    place = select(Parcel.warehouse).join(ParcelOrder, ParcelOrder.parcel_id == Parcel.id)
    place = place.where(ParcelOrder.order_id == Order.id).limit(1).scalar_subquery()
    here = (Order.status.in_(["paid", "part_shipped"]), Order.paid_at.is_not(None), ~sent.exists())
    columns = (Order.id, Order.order_no, Order.store_id, place, Order.paid_at, Order.total)
    query = select(*columns).where(*here).order_by(Order.paid_at).limit(MOST)
    found = [
        dispatch.Waiting(order_id, number, store_id, name or usual(store_id), paid_at, total or 0, due(paid_at))
        for order_id, number, store_id, name, paid_at, total in db.session.execute(query)
    ]
    return sorted((each for each in found if each.due_at), key=lambda each: (each.due_at, each.order_id))


def of_order(order: Order) -> datetime | None:
    """Until when one order must be sent out; None when it was, or is not paid."""
    if order.paid_at is None or order.status not in ("paid", "part_shipped"):
        return None
    return deadline()(order.paid_at)
