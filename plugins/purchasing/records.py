"""The kinds of records that purchasing offers, and their plain values for briefs and documents."""

from collections.abc import Mapping
from typing import Any

from core.contracts import RecordType
from core.messages import N_
from core.web import say
from plugins.purchasing.models import (
    Discrepancy,
    Inquiry,
    PlatformLine,
    PlatformOrder,
    PurchaseOrder,
    Quote,
    StockDay,
    StockMove,
    SupplierReturn,
)

KINDS = {"short": N_("Short"), "damaged": N_("Damaged"), "over": N_("Too many")}


def _order(order: PurchaseOrder) -> Mapping[str, Any]:
    return {
        "title": order.number,
        "supplier": order.supplier.name,
        "total": order.total,
        "expected_on": order.expected_on.isoformat() if order.expected_on else "",
        "store": order.store.name,
    }


def _discrepancy(found: Discrepancy) -> Mapping[str, Any]:
    return {
        "title": found.number,
        "supplier": found.order.supplier.name,
        "goods": [f"{line['merchant_code']} · {say(KINDS[line['kind']])} · {line['quantity']}" for line in found.lines],
        "amount": found.claimed,
        "why": f"{found.number} / {found.order.number}",
        "store": found.order.store.name,
    }


def _inquiry(found: Inquiry) -> Mapping[str, Any]:
    return {"title": found.number, "goods": [line["merchant_code"] for line in found.lines], "store": found.store.name}


def _quote(found: Quote) -> Mapping[str, Any]:
    return {"title": found.title, "supplier": found.supplier.name, "store": found.inquiry.store.name}


def _return(found: SupplierReturn) -> Mapping[str, Any]:
    order = found.order
    return {"title": found.number, "supplier": order.supplier.name, "amount": found.amount, "store": order.store.name}


RECORD_TYPES = [
    RecordType(
        "purchasing.stock_day",
        N_("Stock of a day"),
        StockDay,
        "purchasing.stock_day",
        "purchasing.view",
        key="key",
        labels={
            "name": (N_("Article name"), "text"),
            "on": (N_("Day"), "text"),
            "warehouse": (N_("Warehouse"), "text"),
            "opening": (N_("Opening"), "number"),
            "entered": (N_("In"), "number"),
            "left": (N_("Out"), "number"),
            "closing": (N_("Closing"), "number"),
            "good": (N_("Good"), "number"),
            "defective": (N_("Defective"), "number"),
        },
    ),
    RecordType(
        "purchasing.stock_move",
        N_("Stock movement"),
        StockMove,
        "purchasing.stock_move",
        "purchasing.view",
        key="key",
        labels={
            "name": (N_("Article name"), "text"),
            "warehouse": (N_("Warehouse"), "text"),
            "at": (N_("Time"), "when"),
            "kind": (N_("Kind"), "text"),
            "quantity": (N_("Pieces"), "number"),
            "balance": (N_("Left"), "number"),
        },
    ),
    RecordType(
        "purchasing.platform_order",
        N_("1688 order"),
        PlatformOrder,
        "purchasing.platform_order",
        "purchasing.view",
        key="key",
        labels={
            "key": (N_("1688 order number"), "text"),
            "seller": (N_("Seller"), "text"),
            "goods_total": (N_("Goods in all"), "money"),
            "freight": (N_("Freight"), "money"),
            "adjustment": (N_("Surcharge or discount"), "money"),
            "paid": (N_("Amount paid"), "money"),
            "status_text": (N_("State on 1688"), "text"),
            "ordered_at": (N_("Ordered on"), "when"),
        },
    ),
    RecordType(
        "purchasing.platform_line",
        N_("Article of a 1688 order"),
        PlatformLine,
        "purchasing.platform_line",
        "purchasing.view",
        key="key",
        links={"platform_order_id": ("order_no", "purchasing.platform_order")},
        labels={
            "name": (N_("Article name"), "text"),
            "article": (N_("Supplier's code"), "text"),
            "price": (N_("Unit price"), "money"),
            "quantity": (N_("Quantity"), "number"),
        },
    ),
    RecordType("purchasing.inquiry", N_("Price inquiry"), Inquiry, "purchasing.inquiry", "purchasing.view", _inquiry),
    RecordType("purchasing.quote", N_("Quote"), Quote, "purchasing.quote", "purchasing.view", _quote),
    RecordType("purchasing.order", N_("Purchase order"), PurchaseOrder, "purchasing.order", "purchasing.view", _order),
    RecordType(
        "purchasing.return", N_("Return to a supplier"), SupplierReturn, "purchasing.return", "purchasing.view", _return
    ),
    RecordType(
        "purchasing.discrepancy",
        N_("Receiving discrepancy"),
        Discrepancy,
        "purchasing.discrepancy",
        "purchasing.view",
        _discrepancy,
    ),
]
