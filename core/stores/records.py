"""The kinds of store records that core offers, and their plain values for briefs and documents."""

from collections.abc import Mapping
from typing import Any

from core.contracts import RecordType
from core.messages import N_
from core.stores.models import Order, OrderLine, Product, Sku, Store
from core.stores.rules import ORDER_STATES, PRODUCT_STATES, STORE_STATES


def _store(store: Store) -> Mapping[str, Any]:
    return {"title": store.name, "platform": store.platform}


def _product(product: Product) -> Mapping[str, Any]:
    return {
        "title": product.title,
        "item_id": product.item_id,
        "merchant_code": product.merchant_code or "",
        "price": product.list_price,
        "store": product.store.name,
        "platform": product.store.platform,
    }


def _sku(sku: Sku) -> Mapping[str, Any]:
    return {
        "title": sku.title,
        "item_id": sku.item_id,
        "merchant_code": sku.merchant_code or "",
        "barcode": sku.barcode or "",
        "attributes": dict(sku.attributes or {}),
        "price": sku.daily_price or sku.list_price,
        "store": sku.store.name,
        "platform": sku.store.platform,
    }


def _order(order: Order) -> Mapping[str, Any]:
    return {
        "title": order.items or order.order_no,
        "order_no": order.order_no,
        "status": order.status,
        "total": order.total,
        "ordered_at": order.ordered_at,
        "waybill_no": order.waybill_no or "",
        "carrier": order.carrier or "",
        "store": order.store.name,
    }


RECORD_TYPES = [
    RecordType("core.store", N_("Store"), Store, "stores.store", "stores.view", _store, states=STORE_STATES),
    RecordType(
        "core.product",
        N_("Product"),
        Product,
        "stores.product",
        "stores.view",
        _product,
        key="item_id",
        states=PRODUCT_STATES,
    ),
    RecordType(
        "core.sku",
        N_("SKU"),
        Sku,
        "stores.sku",
        "stores.view",
        _sku,
        key="key",
        links={"product_id": ("item_id", "core.product")},
        states=PRODUCT_STATES,
    ),
    RecordType(
        "core.order", N_("Order"), Order, "stores.order", "orders.view", _order, key="order_no", states=ORDER_STATES
    ),
    RecordType(
        "core.order_line",
        N_("Order line"),
        OrderLine,
        "stores.order_line",
        "orders.view",
        key="key",
        alias="fingerprint",
        like=("order_no", "title", "list_price", "quantity", "attributes", "merchant_code"),
        links={"order_id": ("order_no", "core.order")},
        states=ORDER_STATES,
    ),
]
