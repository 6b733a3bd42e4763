"""The kinds of records that money files are read into."""

from core.contracts import RecordType
from core.messages import N_
from plugins.finance.books.models import Control, Line, Trade

RECORD_TYPES = [
    RecordType("finance.line", N_("Account line"), Line, "finance.line", "finance.view", key="key"),
    RecordType("finance.control", N_("Statement totals"), Control, "finance.control", "finance.view", key="key"),
    RecordType("finance.trade", N_("Trade"), Trade, "finance.trade", "finance.view", key="key"),
]
