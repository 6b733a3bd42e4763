"""Handover manifests: which parcels a warehouse hands to a courier, and what goes into each beside the goods."""

from collections import Counter
from collections.abc import Iterable
from datetime import date
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import selectinload

from core import localtime
from core.audit import services as audit
from core.contracts import Actor, Ref
from core.extensions import db
from core.messages import N_, Refusal, msg
from core.numbers import next_number
from core.stores.models import Order
from core.transactions import transaction
from plugins.logistics.models import Gift, Manifest, Parcel, ParcelOrder
from plugins.logistics.rules.exceptions import holds
from plugins.logistics.rules.parcels import SHIPPED, WAITING
from plugins.logistics.types import TEAM

MOST = 400  # parcels on one manifest: more are handed over with a second one


def ready() -> list[dict[str, Any]]:
    """Parcels with a waybill that no courier has collected and no manifest lists, by store, warehouse and courier."""
    columns = (Parcel.store_id, Parcel.warehouse, Parcel.carrier)
    query = select(*columns, func.count().label("count")).where(*_handed_over_next()).group_by(*columns)
    rows = db.session.execute(query.order_by(*columns))
    return [dict(row) for row in rows.mappings()]


def _handed_over_next() -> tuple[Any, ...]:
    state = Parcel.status.in_([WAITING, SHIPPED])
    return (state, Parcel.waybill_no.is_not(None), Parcel.collected_at.is_(None), Parcel.manifest_id.is_(None))


def make(actor: Actor, store_id: int, warehouse: str, carrier: str, day: date | None = None) -> Manifest:
    """A manifest of all parcels that are ready for one courier in one warehouse, at most ``MOST``."""
    day = day or localtime.today()
    with transaction() as session:
        place = (func.coalesce(Parcel.warehouse, "") == warehouse, func.coalesce(Parcel.carrier, "") == carrier)
        query = select(Parcel.id).where(Parcel.store_id == store_id, *place, *_handed_over_next())
        ids = session.scalars(query.order_by(Parcel.key).limit(MOST).with_for_update()).all()
        if not ids:
            raise Refusal(msg("No parcel waits to be handed over there."))
        number = f"HAND-{next_number('logistics.manifest')}"
        made = Manifest(
            store_id=store_id, number=number, warehouse=warehouse, carrier=carrier, day=day, by_id=actor.user_id
        )
        session.add(made)
        session.flush()
        taken = update(Parcel).where(Parcel.id.in_(ids)).values(manifest_id=made.id)
        session.execute(taken.execution_options(synchronize_session=False))
        data = {"number": number, "parcels": len(ids)}
        audit.record(
            actor, N_("made the manifest"), Ref("logistics.manifest", made.id), data, store_id=store_id, team=TEAM
        )
    return made


def parcels_of(manifest: Manifest) -> list[Parcel]:
    """The parcels of a manifest with what is in them."""
    query = select(Parcel).where(Parcel.manifest_id == manifest.id).order_by(Parcel.key)
    return list(db.session.scalars(query.options(selectinload(Parcel.items), selectinload(Parcel.orders))))


def gifts_for(manifest: Manifest) -> list[dict[str, Any]]:
    """What goes into each parcel beside its goods; an order sent in several parcels gets its gift in the first."""
    gifts = list(db.session.scalars(select(Gift).order_by(Gift.id)))
    parcels, done = parcels_of(manifest), set[tuple[int, int]]()
    orders = _orders(link.order_id for parcel in parcels for link in parcel.orders if link.order_id)
    found = []
    for parcel in parcels:
        codes = {item.merchant_code for item in parcel.items}
        lines = []
        for order in (orders[link.order_id] for link in parcel.orders if link.order_id in orders):
            for gift in gifts:
                if (order.id, gift.id) not in done and earned(gift, order, codes):
                    done.add((order.id, gift.id))
                    lines.append({"order_no": order.order_no, "gift": gift.name, "put_in": gift.put_in})
        if lines:
            found.append({"waybill_no": parcel.title, "lines": lines})
    return found


def earned(gift: Gift, order: Order, codes: set[str | None]) -> bool:
    """Whether an order of these articles gets a gift, by the day it was paid."""
    paid = order.paid_at or order.ordered_at
    if paid is None or not holds(gift, localtime.day_of(paid)) or (order.total or 0) < gift.least:
        return False
    return not gift.merchant_code or gift.merchant_code in codes


def _orders(ids: Iterable[int]) -> dict[int, Order]:
    return {order.id: order for order in db.session.scalars(select(Order).where(Order.id.in_(set(ids))))}


def to_pick(rows: list[dict[str, Any]]) -> list[tuple[str, int]]:
    """How many of each gift the warehouse lays ready."""
    return sorted(Counter(line["put_in"] for row in rows for line in row["lines"]).items())


def order_count(manifest: Manifest) -> int:
    """How many orders the parcels of a manifest carry."""
    mine = ParcelOrder.parcel_id.in_(select(Parcel.id).where(Parcel.manifest_id == manifest.id))
    return db.session.scalar(select(func.count(ParcelOrder.order_no.distinct())).where(mine)) or 0
