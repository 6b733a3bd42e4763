"""The kinds of records that payouts of Tmall Global are read into."""

from core.contracts import RecordType
from core.messages import N_
from plugins.finance.books.models import SettlementBatch, SettlementDetail, SettlementFee

VIEW = "finance.view"
RECORD_TYPES = [
    RecordType("finance.settlement", N_("Settlement batch"), SettlementBatch, "finance.settlement", VIEW, key="key"),
    RecordType(
        "finance.settlement_detail",
        N_("Payout detail"),
        SettlementDetail,
        "finance.settlement_detail",
        VIEW,
        key="key",
    ),
    RecordType("finance.settlement_fee", N_("Payout fee"), SettlementFee, "finance.settlement_fee", VIEW, key="key"),
]
