"""Lists of store records, and what happened to one of them."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from operator import attrgetter
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from core.access import allowed
from core.accounts.models import User
from core.contracts import Actor
from core.extensions import db
from core.imports.models import CREATED, ImportBatch, ImportRow
from core.listing import Choice, Column, Listing, among, called, numbered
from core.messages import N_
from core.registry import registry
from core.stores.fields import LABELS
from core.stores.models import Order, OrderLine, Product, RecordChange, Sku, Store
from core.stores.rules import ORDER_STATES, PLATFORMS, PRODUCT_STATES, STORE_STATES

MANY = 200
FOUND = 10  # of each kind, by a search


def store_names(actor: Actor) -> Sequence[tuple[Any, str]]:
    """Id and name of every store the actor sees."""
    query = select(Store.id, Store.name).where(Store.visible_to(actor)).order_by(Store.name)
    return list(db.session.execute(query))


def of_store(column: Any) -> Choice:
    """The filter of a list by store; ``column`` holds the store's id."""
    return Choice("store", N_("All stores"), store_names, numbered(column))


def _column(name: str, model: Any, kind: Any = "text", wide: bool = False) -> Column:
    return Column(name, LABELS[name][0], attrgetter(name), kind, getattr(model, name), wide)


def _state(model: Any, named: dict[str, str]) -> Column:
    return Column("status", N_("Status"), called(named, "status"), "label", model.status)


def _store(model: Any) -> Column:
    return Column("store", N_("Store"), lambda row: row.store.name, sort=model.store_id, wide=True)


STORES = Listing(
    "stores",
    Store,
    (
        _column("name", Store, "link"),
        Column("platform", N_("Platform"), called(PLATFORMS, "platform"), "label", Store.platform),
        _state(Store, STORE_STATES),
        Column("owner", N_("Owner"), lambda row: row.owner.name if row.owner else None),
    ),
    search=(Store.name, Store.platform_id),
    order=(Store.name,),
    filters=(among("status", N_("Any status"), STORE_STATES, Store.status),),
    options=(joinedload(Store.owner),),
)
PRODUCTS = Listing(
    "products",
    Product,
    (
        _column("title", Product, "link"),
        _column("item_id", Product, wide=True),
        _column("merchant_code", Product),
        _state(Product, PRODUCT_STATES),
        _column("list_price", Product, "money"),
        _column("stock", Product, "number", wide=True),
        _store(Product),
    ),
    search=(Product.title, Product.item_id, Product.merchant_code),
    order=(Product.id.desc(),),
    filters=(of_store(Product.store_id), among("status", N_("Any status"), PRODUCT_STATES, Product.status)),
    options=(joinedload(Product.store),),
)
ORDERS = Listing(
    "orders",
    Order,
    (
        _column("order_no", Order, "link"),
        _column("items", Order, wide=True),
        _state(Order, ORDER_STATES),
        _column("total", Order, "money"),
        _column("kept", Order, "money", wide=True),
        _column("payout", Order, "money", wide=True),
        _column("ordered_at", Order, "when"),
        _column("region", Order, wide=True),
        _column("waybill_no", Order, wide=True),
        _store(Order),
    ),
    search=(Order.order_no, Order.items, Order.waybill_no, Order.note),
    order=(Order.ordered_at.desc(), Order.id.desc()),
    filters=(of_store(Order.store_id), among("status", N_("Any status"), ORDER_STATES, Order.status)),
    day=Order.ordered_at,
    options=(joinedload(Order.store),),
)


def history(kind: str, record_id: int) -> list[dict[str, Any]]:
    """What happened to a record, newest first: who or which import changed what, and which one made it."""
    changed = (
        select(RecordChange, ImportBatch.file_name)
        .outerjoin(ImportBatch, ImportBatch.id == RecordChange.batch_id)
        .where(RecordChange.kind == kind, RecordChange.record_id == record_id)
        .order_by(RecordChange.id.desc())
        .limit(MANY)
    )
    made = (
        select(ImportBatch)
        .join(ImportRow, ImportRow.batch_id == ImportBatch.id)
        .where(ImportRow.tells_of(kind, record_id), ImportRow.action == CREATED)
    )
    users = dict(db.session.execute(select(User.id, User.name)).all())
    lines = [
        {
            "at": change.at,
            "who": change.actor_name,
            "source": change.source,
            "batch_id": change.batch_id,
            "file_name": name,
            "changes": told(kind, change.changes, users),
        }
        for change, name in db.session.execute(changed)
    ]
    for batch in db.session.scalars(made):
        origin = {"at": batch.applied_at, "who": batch.actor_name, "source": "import", "changes": []}
        lines.append(origin | {"batch_id": batch.id, "file_name": batch.file_name})
    return lines


def told(kind: str, changes: Mapping[str, Sequence[Any]], users: Mapping[int, str]) -> list[dict[str, Any]]:
    """Changed fields of a record, before and after, under their labels."""
    offer = registry().record_types.get(kind)
    labels = {**LABELS, **(offer.labels if offer else {})}
    return [_change(kind, labels[field], values, users) for field, values in changes.items() if field in labels]


def _change(of: str, field: tuple[str, str], values: Sequence[Any], users: Mapping[int, str]) -> dict[str, Any]:
    label, kind = field
    before, after = (_shown(of, kind, value, users) for value in values)
    return {"label": label, "kind": kind, "before": before, "after": after}


def _shown(of: str, kind: str, value: Any, users: Mapping[int, str]) -> Any:
    if kind == "state":
        offer = registry().record_types.get(of)
        return offer.states.get(value, value) if offer else value
    if kind == "when":
        return datetime.fromisoformat(value) if value else None
    if kind == "platform":
        return PLATFORMS.get(value, value)
    if kind == "user":
        return users.get(value, value)
    return "; ".join(map(str, value.values())) if kind == "pairs" and value else value


def matching(actor: Actor, text: str) -> list[dict[str, Any]]:
    """Stores, products and orders that a search finds, as far as the actor may open them: kind, title and id."""
    found = []
    for listing, kind in ((STORES, "core.store"), (PRODUCTS, "core.product"), (ORDERS, "core.order")):
        offer = registry().record_types[kind]
        if text.strip() and allowed(actor, offer.permission):
            rows = db.session.scalars(listing.query(actor, {"q": text}).limit(FOUND))
            found += [
                {"label": offer.label, "title": row.title, "endpoint": offer.endpoint, "id": row.id} for row in rows
            ]
    return found


def counts_of(store_id: int) -> dict[str, int]:
    """How many records a store has."""
    return {
        name: db.session.scalar(select(func.count()).select_from(model).where(model.store_id == store_id)) or 0
        for name, model in (("products", Product), ("skus", Sku), ("orders", Order), ("lines", OrderLine))
    }
