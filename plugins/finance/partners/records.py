"""The kinds of records that partners' files are read into."""

from core.contracts import RecordType
from core.messages import N_
from plugins.finance.partners.models import AdSpend, AffiliateLine, Cost, CourierLine, PurchaseOrder, SupplierLine

VIEW = "finance.view"
RECORD_TYPES = [
    RecordType("finance.affiliate_line", N_("Taobaoke line"), AffiliateLine, "finance.affiliate_line", VIEW, key="key"),
    RecordType("finance.purchase", N_("Purchase order"), PurchaseOrder, "finance.purchase", VIEW, key="key"),
    RecordType("finance.courier_line", N_("Courier line"), CourierLine, "finance.courier_line", VIEW, key="key"),
    RecordType("finance.ad_spend", N_("Ad spend"), AdSpend, "finance.ad_spend", VIEW, key="key"),
    RecordType("finance.supplier_line", N_("Supplier line"), SupplierLine, "finance.supplier_line", VIEW, key="key"),
    RecordType("finance.cost", N_("Cost of an article"), Cost, "finance.cost", VIEW, key="key"),
]
