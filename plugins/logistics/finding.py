"""Find exceptions: what the dated rules say of parcels and orders as they stand now."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, select, true

from core import localtime
from core.extensions import db
from core.stores.models import Order
from plugins.logistics import clock
from plugins.logistics.models import Parcel, ParcelOrder, Rule
from plugins.logistics.rules import exceptions as rules

HEARD = func.coalesce(Parcel.last_at, Parcel.collected_at, Parcel.shipped_at)
DAY_OF = func.coalesce(Parcel.shipped_at, Parcel.ordered_at)  # which decides about the version of a rule
ARRIVED = func.coalesce(Parcel.signed_at, Parcel.last_at, Parcel.shipped_at)
BEGINNING = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Found:
    """An exception that stands at the moment."""

    kind: str
    rule: Rule
    store_id: int
    subject: str
    since_at: datetime
    parcel_id: int | None = None
    order_id: int | None = None
    warehouse: str | None = None
    carrier: str | None = None

    @property
    def key(self) -> str:
        """What tells it apart within its store: an order's trouble is one, however many its parcels."""
        return f"{self.kind}:order:{self.order_id}" if self.order_id else f"{self.kind}:parcel:{self.parcel_id}"


def everything(at: datetime) -> Iterator[Found]:
    """All exceptions at this moment; each parcel under the gravest kind that fits it."""
    seen: set[int] = set()
    for kind in (*rules.BY_STATE, rules.STUCK, rules.NOT_COLLECTED):
        for found in _of_parcels(kind, at):
            if found.parcel_id not in seen:
                seen.add(found.parcel_id or 0)
                yield found
    taken: set[int] = set()
    for kind in rules.BY_ORDER:
        for found in _of_orders(kind, at):
            if found.order_id not in taken:
                taken.add(found.order_id or 0)
                yield found
    yield from _late(at)


def _of_parcels(kind: str, at: datetime) -> Iterator[Found]:
    columns = (Parcel.id, Parcel.store_id, Parcel.key, Parcel.warehouse, Parcel.carrier, func.coalesce(HEARD, DAY_OF))
    for segment in rules.segments(clock.rules_of(kind)):
        rule: Any = segment.rule
        here = [_within(segment), _fits(kind, rule, at)]
        for row in db.session.execute(select(*columns).where(*here).order_by(Parcel.id)):
            parcel_id, store_id, key, warehouse, carrier, heard = row
            since = heard or at
            if kind in rules.BY_SILENCE and kind not in rules.BY_STATE:
                since += timedelta(hours=rule.hours or 0)
            yield Found(kind, rule, store_id, key, min(since, at), parcel_id, None, warehouse, carrier)


def _fits(kind: str, rule: Any, at: datetime) -> ColumnElement[bool]:
    """The state says it, or nothing was heard for too long."""
    told = Parcel.status.in_(rules.BY_STATE.get(kind, ()))
    if kind not in rules.BY_SILENCE or rule.hours is None:
        return told
    silent = and_(Parcel.status.in_(rules.BY_SILENCE[kind]), at - timedelta(hours=rule.hours) > HEARD)
    return told | silent if kind in rules.BY_STATE else silent


def _of_orders(kind: str, at: datetime) -> Iterator[Found]:
    states, in_shop = rules.BY_ORDER[kind]
    for segment in rules.segments(clock.rules_of(kind)):
        rule: Any = segment.rule
        query = _tied().where(Parcel.status.in_(states), Order.status.in_(in_shop), _within(segment))
        wait = timedelta(hours=rule.hours or 0)
        if rule.hours:
            query = query.where(at - wait > ARRIVED)
        for parcel_id, store_id, order_id, number, warehouse, carrier, arrived in db.session.execute(query):
            since = (arrived or at) + wait
            yield Found(kind, rule, store_id, number, min(since, at), parcel_id, order_id, warehouse, carrier)


def _tied() -> Select[Any]:
    columns = (Parcel.id, Order.store_id, Order.id, Order.order_no, Parcel.warehouse, Parcel.carrier, ARRIVED)
    query = select(*columns).join(ParcelOrder, ParcelOrder.parcel_id == Parcel.id)
    return query.join(Order, Order.id == ParcelOrder.order_id).order_by(Order.id, Parcel.id)


def _late(at: datetime) -> Iterator[Found]:
    known = clock.rules_of(rules.DISPATCH)
    for order in clock.waiting():
        if order.due_at and order.due_at < at:
            rule: Any = rules.counting(known, localtime.day_of(order.paid_at))
            yield Found(
                rules.LATE, rule, order.store_id, order.order_no, order.due_at, None, order.order_id, order.warehouse
            )


def _within(segment: rules.Segment) -> ColumnElement[bool]:
    """That a parcel belongs to the days of a rule's version."""
    bounds = [_midnight(segment.first) <= DAY_OF]
    if segment.last is not None:
        bounds.append(_midnight(segment.last + timedelta(days=1)) > DAY_OF)
    return and_(true(), *bounds)


def _midnight(day: date) -> datetime:
    return max(datetime.combine(day, time(), localtime.zone()).astimezone(UTC), BEGINNING)
