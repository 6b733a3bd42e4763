"""The kinds of records that partners' files are read into."""

from core.contracts import RecordType
from core.messages import N_
from plugins.finance.partners.models import AdSpend, AffiliateLine, Cost, CourierLine, PurchaseOrder, SupplierLine

VIEW = "finance.view"
PURCHASE = {
    "supplier": (N_("Supplier"), "text"),
    "paid": (N_("Amount"), "money"),
    "freight": (N_("Freight"), "money"),
    "goods": (N_("Goods bought"), "text"),
    "ordered_at": (N_("Ordered"), "when"),
}
AD = {
    "on": (N_("Day"), "text"),
    "channel": (N_("Channel"), "text"),
    "plan": (N_("Plan"), "text"),
    "spend": (N_("Amount"), "money"),
}
SUPPLIER = {
    "on": (N_("Date"), "when"),
    "document_no": (N_("Document number"), "text"),
    "goods": (N_("Goods bought"), "text"),
    "amount": (N_("Amount"), "money"),
}
COMMISSION = {
    "order_no": (N_("Order number"), "text"),
    "commission": (N_("Commission"), "money"),
    "settled_at": (N_("Settled at"), "when"),
}
COST = {"since": (N_("From"), "text"), "amount": (N_("Amount"), "money")}
RECORD_TYPES = [
    RecordType(
        "finance.affiliate_line",
        N_("Taobaoke line"),
        AffiliateLine,
        "finance.affiliate_line",
        VIEW,
        key="key",
        labels=COMMISSION,
    ),
    RecordType(
        "finance.purchase", N_("Purchase order"), PurchaseOrder, "finance.purchase", VIEW, key="key", labels=PURCHASE
    ),
    RecordType("finance.courier_line", N_("Courier line"), CourierLine, "finance.courier_line", VIEW, key="key"),
    RecordType("finance.ad_spend", N_("Ad spend"), AdSpend, "finance.ad_spend", VIEW, key="key", labels=AD),
    RecordType(
        "finance.supplier_line",
        N_("Supplier line"),
        SupplierLine,
        "finance.supplier_line",
        VIEW,
        key="key",
        labels=SUPPLIER,
    ),
    RecordType("finance.cost", N_("Cost of an article"), Cost, "finance.cost", VIEW, key="key", labels=COST),
]
