"""Tables of purchasing: suppliers and what they offer, stock, and the way of an order from request to invoice."""

from plugins.purchasing.models.complaints import Complaint
from plugins.purchasing.models.inquiries import Inquiry, Quote
from plugins.purchasing.models.orders import Approval, Discrepancy, Invoice, Limit, PurchaseLine, PurchaseOrder, Receipt
from plugins.purchasing.models.platform import PlatformLine, PlatformOrder, SellerArticle, SellerName
from plugins.purchasing.models.returns import SupplierReturn
from plugins.purchasing.models.stock import StockDay, StockMove, Suggestion, Uplift
from plugins.purchasing.models.suppliers import Licence, Offer, Supplier

__all__ = [
    "Approval",
    "Complaint",
    "Discrepancy",
    "Inquiry",
    "Invoice",
    "Licence",
    "Limit",
    "Offer",
    "PlatformLine",
    "PlatformOrder",
    "PurchaseLine",
    "PurchaseOrder",
    "Quote",
    "Receipt",
    "SellerArticle",
    "SellerName",
    "StockDay",
    "StockMove",
    "Suggestion",
    "Supplier",
    "SupplierReturn",
    "Uplift",
]
