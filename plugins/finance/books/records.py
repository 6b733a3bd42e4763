"""The kinds of records that money files are read into."""

from core.contracts import RecordType
from core.messages import N_
from plugins.finance.books.models import Control, Line, Trade

LINE = {
    "at": (N_("Time"), "when"),
    "kind": (N_("Kind"), "text"),
    "amount": (N_("Amount"), "money"),
    "balance": (N_("Balance"), "money"),
    "flow_no": (N_("Flow number"), "text"),
    "trade_no": (N_("Trade number"), "text"),
    "subject": (N_("Subject"), "text"),
    "memo": (N_("Memo"), "text"),
}
CONTROL = {
    "account": (N_("Account"), "text"),
    "first_at": (N_("From"), "when"),
    "until": (N_("Until before"), "when"),
    "in_count": (N_("Receipts, count"), "number"),
    "in_sum": (N_("Money in"), "money"),
    "out_count": (N_("Payments, count"), "number"),
    "out_sum": (N_("Money out"), "money"),
    "opening": (N_("Opening balance"), "money"),
    "closing": (N_("Closing balance"), "money"),
}
TRADE = {
    "type": (N_("Kind"), "text"),
    "amount": (N_("Amount"), "money"),
    "fee": (N_("Fee"), "money"),
    "settlement": (N_("Settled amount"), "money"),
    "trade_no": (N_("Trade number"), "text"),
    "paid_at": (N_("Paid"), "when"),
    "settled_at": (N_("Settled at"), "when"),
}

RECORD_TYPES = [
    RecordType("finance.line", N_("Account line"), Line, "finance.line", "finance.view", key="key", labels=LINE),
    RecordType(
        "finance.control", N_("Statement totals"), Control, "finance.control", "finance.view", key="key", labels=CONTROL
    ),
    RecordType("finance.trade", N_("Trade"), Trade, "finance.trade", "finance.view", key="key", labels=TRADE),
]
