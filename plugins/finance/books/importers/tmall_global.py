"""The files of a Tmall Global store's money."""

from plugins.finance.books.importers.global_statement import GLOBAL_STATEMENT
from plugins.finance.books.importers.settlement_fees import GLOBAL_TRADES, MONTHLY_FEES, PAYOUT_FEES
from plugins.finance.books.importers.settlements import BATCHES, SETTLED

IMPORTERS = [BATCHES, SETTLED, PAYOUT_FEES, MONTHLY_FEES, GLOBAL_TRADES, GLOBAL_STATEMENT]
