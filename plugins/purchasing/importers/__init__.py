"""Formats that purchasing reads."""

from plugins.purchasing.importers.platform import ORDERS_1688
from plugins.purchasing.importers.stock import MOVES, SNAPSHOT

IMPORTERS = [SNAPSHOT, MOVES, ORDERS_1688]
