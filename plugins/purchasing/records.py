"""The kinds of records that purchasing offers, and their plain values for briefs and documents."""

from collections.abc import Mapping
from typing import Any

from core.contracts import RecordType
from core.messages import N_
from core.web import say
from plugins.purchasing.models import Discrepancy, Inquiry, PurchaseOrder, Quote, StockDay, StockMove, SupplierReturn

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
        "purchasing.stock_day", N_("Stock of a day"), StockDay, "purchasing.stock_day", "purchasing.view", key="key"
    ),
    RecordType(
        "purchasing.stock_move", N_("Stock movement"), StockMove, "purchasing.stock_move", "purchasing.view", key="key"
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
