"""Tables of purchasing: suppliers and what they offer, stock, and the way of an order from request to invoice."""

from plugins.purchasing.models.complaints import Complaint
from plugins.purchasing.models.orders import Approval, Discrepancy, Invoice, PurchaseLine, PurchaseOrder, Receipt
from plugins.purchasing.models.stock import StockDay, StockMove, Suggestion, Uplift
from plugins.purchasing.models.suppliers import Licence, Offer, Supplier

__all__ = [
    "Approval",
    "Complaint",
    "Discrepancy",
    "Invoice",
    "Licence",
    "Offer",
    "PurchaseLine",
    "PurchaseOrder",
    "Receipt",
    "StockDay",
    "StockMove",
    "Suggestion",
    "Supplier",
    "Uplift",
]
