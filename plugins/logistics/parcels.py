"""Parcels: made from orders that name a waybill, and found for an order."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import delete, func, insert, or_, select, update
from sqlalchemy.orm import selectinload

from core.board.models import TaskLink
from core.extensions import db
from core.imports.plans import chunks
from core.stores.models import Order
from plugins.logistics.imports import PARCEL, link_key
from plugins.logistics.models import Case, Claim, Parcel, ParcelItem, ParcelOrder
from plugins.logistics.rules import parcels as rules
from plugins.logistics.rules.exceptions import CLOSED, DOING

OF_ORDER = {"shipped": rules.SHIPPED, "part_shipped": rules.SHIPPED, "done": rules.SIGNED, "closed": rules.SHIPPED}
CHUNK = 2_000
LAST = 200


def from_orders() -> int:
    """Make the parcels that orders name and nobody has told of yet, and tie them. Inside a transaction."""
    # carriers' files tell their own parcels; an order that names several numbers is looked at each time
    known = or_(ParcelOrder.parcel_key == Order.waybill_no, Parcel.logistics_no.is_not(None))
    linked = select(ParcelOrder.id).join(Parcel, Parcel.id == ParcelOrder.parcel_id)
    linked = linked.where(ParcelOrder.order_id == Order.id, known)
    fresh = (Order.waybill_no.is_not(None), ~linked.exists())
    columns = ("id", "store_id", "order_no", "waybill_no", "carrier", "status", "region", "ordered_at", "paid_at")
    query = select(*(getattr(Order, name) for name in (*columns, "shipped_at", "total"))).where(*fresh)
    count = 0
    orders = db.session.execute(query.order_by(Order.id)).mappings().all()
    for start in range(0, len(orders), CHUNK):
        count += _tie(orders[start : start + CHUNK])
    _arrived()
    return count


def forget(store_id: int) -> int:
    """Drop a store's parcels that only orders told of and no order names any more; how many. Inside a transaction.

    One that somebody works with stays: handed over, claimed for, in a task, or an exception that is handled.
    """
    named = select(ParcelOrder.id).join(Order, Order.id == ParcelOrder.order_id)
    named = named.where(ParcelOrder.parcel_id == Parcel.id, Order.waybill_no.contains(ParcelOrder.parcel_key))
    untold = (Parcel.status_text.is_(None), Parcel.logistics_no.is_(None), Parcel.manifest_id.is_(None))
    held = (
        select(ParcelItem.id).where(ParcelItem.parcel_id == Parcel.id),
        select(Claim.id).where(Claim.parcel_id == Parcel.id),
        select(Case.id).where(Case.parcel_id == Parcel.id, Case.state.in_([DOING, CLOSED])),
        select(TaskLink.task_id).where(TaskLink.kind == PARCEL, TaskLink.record_id == Parcel.id),
    )
    alone = (Parcel.store_id == store_id, *untold, ~named.exists(), *(~each.exists() for each in held))
    gone = db.session.scalars(select(Parcel.id).where(*alone)).all()
    for part in chunks(gone):
        query = delete(Parcel).where(Parcel.id.in_(part))
        db.session.execute(query.execution_options(synchronize_session=False))
    return len(gone)


def _tie(orders: Sequence[Mapping[str, Any]]) -> int:
    pairs = [(order, number) for order in orders for number in rules.waybills(order["waybill_no"])]
    wanted: dict[tuple[int, str], Mapping[str, Any]] = {}
    for order, number in pairs:
        wanted.setdefault((order["store_id"], number), order)
    known = _known({number for _, number in wanted})
    if new := [_parcel(order, number) for (shop, number), order in wanted.items() if (shop, number) not in known]:
        db.session.execute(insert(Parcel), new)
        known = _known({number for _, number in wanted})
    links = [
        {
            "store_id": order["store_id"],
            "key": link_key(order["order_no"], number),
            "alias": link_key(order["order_no"], number),
            "parcel_key": number,
            "parcel_id": known[order["store_id"], number],
            "order_no": order["order_no"],
            "order_id": order["id"],
            "amount": order["total"],
        }
        for order, number in pairs
    ]
    present = _present({link["key"] for link in links})
    if links := [link for link in links if (link["store_id"], link["key"]) not in present]:
        db.session.execute(insert(ParcelOrder), links)
    return len(links)


def _present(keys: set[str]) -> set[tuple[int, str]]:
    query = select(ParcelOrder.store_id, ParcelOrder.key).where(ParcelOrder.key.in_(keys))
    return {(store_id, key) for store_id, key in db.session.execute(query)}


def _known(numbers: set[str]) -> dict[tuple[int, str], int]:
    query = select(Parcel.store_id, Parcel.key, Parcel.id).where(Parcel.key.in_(numbers))
    return {(store_id, key): parcel_id for store_id, key, parcel_id in db.session.execute(query)}


def _parcel(order: Mapping[str, Any], number: str) -> dict[str, Any]:
    place = (order["region"] or "").split()
    return {
        "store_id": order["store_id"],
        "key": number,
        "waybill_no": number,
        "carrier": order["carrier"],
        "status": OF_ORDER.get(order["status"], rules.WAITING),
        "region": rules.province(order["region"]),
        "city": place[1] if len(place) > 1 else None,
        **{name: order[name] for name in ("ordered_at", "paid_at", "shipped_at")},
    }


def _arrived() -> None:
    """Parcels that no carrier's file tells of have arrived when the buyer confirmed the order."""
    done = (
        select(ParcelOrder.id)
        .join(Order, Order.id == ParcelOrder.order_id)
        .where(ParcelOrder.parcel_id == Parcel.id, Order.status == "done")
    )
    untold = (Parcel.status_text.is_(None), Parcel.status.in_(rules.UNDER_WAY), done.exists())
    query = update(Parcel).where(*untold).values(status=rules.SIGNED)
    db.session.execute(query.execution_options(synchronize_session=False))


def of_order(order_id: int) -> list[Parcel]:
    """The parcels of an order."""
    mine = select(ParcelOrder.parcel_id).where(ParcelOrder.order_id == order_id)
    query = select(Parcel).where(Parcel.id.in_(mine)).options(selectinload(Parcel.items)).order_by(Parcel.id)
    return list(db.session.scalars(query))


def usual_warehouse(store_id: int) -> str:
    """The warehouse that sent most of a store's last parcels."""
    mine = (Parcel.store_id == store_id, Parcel.warehouse.is_not(None))
    last = select(Parcel.warehouse).where(*mine).order_by(Parcel.id.desc()).limit(LAST)
    return next((name for name, _ in Counter(db.session.scalars(last)).most_common(1)), "")


def named(column: Any) -> Iterator[str]:
    """Every warehouse or courier of parcels, each found by one step in the index: to look at all takes too long."""
    name: str | None = ""
    while (name := db.session.scalar(select(func.min(column)).where(column > name))) is not None:
        yield name
