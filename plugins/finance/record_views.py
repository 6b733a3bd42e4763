"""Pages of records that are there to be looked up: what a row of a file said, and which file it was."""

from collections.abc import Callable
from typing import Any

from flask import render_template

from core.access import current_actor, load, needs
from core.messages import N_
from plugins.finance.books import queries
from plugins.finance.books.models import SettlementDetail, SettlementFee
from plugins.finance.pages import bp
from plugins.finance.partners.models import AdSpend, AffiliateLine, Cost, CourierLine, PurchaseOrder, SupplierLine

LABELS: dict[str, tuple[str, str]] = {
    "order_no": (N_("Order number"), "text"),
    "sub_order_no": (N_("Sub-order number"), "text"),
    "trade_no": (N_("Trade number"), "text"),
    "batch_no": (N_("Settlement batch"), "text"),
    "type": (N_("Kind"), "text"),
    "fee_type": (N_("Kind of fee"), "text"),
    "supplier": (N_("Supplier"), "text"),
    "document_no": (N_("Document number"), "text"),
    "waybill_no": (N_("Waybill number"), "text"),
    "carrier": (N_("Carrier"), "text"),
    "region": (N_("Destination"), "text"),
    "grams": (N_("Weight (g)"), "text"),
    "channel": (N_("Channel"), "text"),
    "plan": (N_("Plan"), "text"),
    "item_id": (N_("Item id"), "text"),
    "merchant_code": (N_("Merchant code"), "text"),
    "items": (N_("Articles"), "text"),
    "goods": (N_("Goods bought"), "text"),
    "quantity": (N_("Pieces"), "text"),
    "gross": (N_("Gross amount"), "money"),
    "rmb_gross": (N_("Gross amount in RMB"), "money"),
    "goods_total": (N_("Goods total"), "money"),
    "freight": (N_("Freight"), "money"),
    "adjustment": (N_("Price adjustment"), "money"),
    "amount": (N_("Amount"), "money"),
    "rmb_amount": (N_("Amount in RMB"), "money"),
    "paid": (N_("Paid amount"), "money"),
    "fee": (N_("Fee"), "money"),
    "rmb_fee": (N_("Fee in RMB"), "money"),
    "commission": (N_("Commission"), "money"),
    "service_fee": (N_("Service fee"), "money"),
    "settlement": (N_("Settled amount"), "money"),
    "rmb_settlement": (N_("Settled amount in RMB"), "money"),
    "spend": (N_("Spent"), "money"),
    "sales": (N_("Sales"), "money"),
    "clicks": (N_("Clicks"), "text"),
    "currency": (N_("Currency"), "text"),
    "rate": (N_("Exchange rate"), "text"),
    "status_text": (N_("Status"), "text"),
    "memo": (N_("Remark"), "text"),
    "on": (N_("Date"), "day"),
    "since": (N_("Valid from"), "day"),
    "ordered_at": (N_("Ordered"), "when"),
    "shipped_at": (N_("Shipped on"), "when"),
    "paid_at": (N_("Paid on"), "when"),
    "confirmed_at": (N_("Confirmed"), "when"),
    "settled_at": (N_("Settled at"), "when"),
}
PAGES = {
    "settlement_detail": (SettlementDetail, "settlements/details", "finance.settlements", N_("Payouts")),
    "settlement_fee": (SettlementFee, "settlements/fees", "finance.settlements", N_("Payouts")),
    "affiliate_line": (AffiliateLine, "partners/affiliate-lines", "finance.affiliates", N_("Taobaoke")),
    "purchase": (PurchaseOrder, "partners/purchases", "finance.suppliers", N_("Suppliers")),
    "supplier_line": (SupplierLine, "partners/supplier-lines", "finance.suppliers", N_("Suppliers")),
    "courier_line": (CourierLine, "partners/courier-lines", "finance.couriers", N_("Courier bills")),
    "ad_spend": (AdSpend, "partners/ad-spendings", "finance.advertising", N_("Advertising")),
    "cost": (Cost, "partners/costs", "finance.costs", N_("Costs of articles")),
}


def _page(name: str, model: Any, above: str, label: str) -> Callable[[int], str]:
    @needs("finance.view")
    def show(id: int) -> str:
        record = load(model, current_actor(), id=id)
        told = [(*LABELS[field], getattr(record, field)) for field in LABELS if hasattr(record, field)]
        return render_template(
            "finance/record.html",
            record=record,
            facts=[each for each in told if each[2] not in (None, "")],
            order=queries.order_of(record) if getattr(record, "order_no", None) else None,
            origins=queries.origins(f"finance.{name}", id),
            above=above,
            above_label=label,
        )

    return show


for _name, (_model, _path, _above, _label) in PAGES.items():
    bp.add_url_rule(f"/{_path}/<int:id>", _name, _page(_name, _model, _above, _label))
