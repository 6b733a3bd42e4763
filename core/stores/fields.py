"""The fields of store records: what they are called, how they are shown, which of them people may change. Pure."""

from collections.abc import Mapping
from typing import Any

from core.contracts import Field
from core.messages import N_, Message, msg
from core.stores.rules import PLATFORMS, PRODUCT_STATES, STORE_STATES

# The fields of a record by name: label, and how a value of it is shown.
LABELS = {
    "name": (N_("Store name"), "text"),
    "platform": (N_("Platform"), "platform"),
    "platform_id": (N_("Platform's shop id"), "text"),
    "owner_id": (N_("Owner"), "user"),
    "item_id": (N_("Item id"), "text"),
    "sku_id": (N_("SKU id"), "text"),
    "key": (N_("Key"), "text"),
    "merchant_code": (N_("Merchant code"), "text"),
    "outer_code": (N_("External code"), "text"),
    "barcode": (N_("Barcode"), "text"),
    "title": (N_("Title"), "text"),
    "category": (N_("Category"), "text"),
    "attributes": (N_("Attributes"), "pairs"),
    "list_price": (N_("List price"), "money"),
    "daily_price": (N_("Daily price"), "money"),
    "stock": (N_("Stock"), "number"),
    "order_no": (N_("Order number"), "text"),
    "sub_order_no": (N_("Sub-order number"), "text"),
    "parent_order_no": (N_("Parent order"), "text"),
    "payment_no": (N_("Payment number"), "text"),
    "status": (N_("Status"), "state"),
    "status_text": (N_("Status on the platform"), "text"),
    "closed_reason": (N_("Closed because"), "text"),
    "goods_due": (N_("Goods"), "money"),
    "postage_due": (N_("Postage"), "money"),
    "list_total": (N_("At list price"), "money"),
    "total": (N_("Order total"), "money"),
    "kept": (N_("Paid, less refunds"), "money"),
    "refund": (N_("Refunded before settlement"), "money"),
    "refund_text": (N_("Refund status"), "text"),
    "payout": (N_("Payout"), "money"),
    "ordered_at": (N_("Ordered"), "when"),
    "paid_at": (N_("Paid"), "when"),
    "shipped_at": (N_("Shipped at"), "when"),
    "confirmed_at": (N_("Confirmed"), "when"),
    "items": (N_("Items"), "text"),
    "quantity": (N_("Quantity"), "number"),
    "carrier": (N_("Carrier"), "text"),
    "waybill_no": (N_("Waybill"), "text"),
    "region": (N_("Region"), "text"),
    "buyer_message": (N_("Buyer's message"), "text"),
    "note": (N_("Seller's note"), "text"),
}

STORE_FIELDS = (
    Field("name", N_("Store name"), required=True, max_length=80),
    Field("platform", N_("Platform"), "choice", required=True, options=tuple(PLATFORMS.items())),
    Field("platform_id", N_("Platform's shop id"), max_length=64),
    Field("status", N_("Status"), "choice", required=True, options=tuple(STORE_STATES.items())),
)
PRODUCT_FIELDS = (
    Field("title", N_("Title"), "longtext", required=True, max_length=200),
    Field("merchant_code", N_("Merchant code"), max_length=64),
    Field("category", N_("Category"), max_length=100),
    Field("status", N_("Status"), "choice", options=tuple(PRODUCT_STATES.items())),
    Field("list_price", N_("List price"), "money"),
)
SKU_FIELDS = (
    Field("merchant_code", N_("Merchant code"), max_length=64),
    Field("barcode", N_("Barcode"), max_length=64),
    Field("list_price", N_("List price"), "money"),
    Field("daily_price", N_("Daily price"), "money"),
)


def problems(fields: tuple[Field, ...], values: Mapping[str, Any]) -> dict[str, Message]:
    """What is wrong with values entered by hand, by field."""
    found = {
        field.name: msg("“%(field)s” must be filled in.", field=Message(field.label))
        for field in fields
        if field.required and values.get(field.name) in (None, "")
    }
    for field in fields:
        if field.kind == "money" and (values.get(field.name) or 0) < 0:
            found[field.name] = msg("A price cannot be negative.")
    return found
