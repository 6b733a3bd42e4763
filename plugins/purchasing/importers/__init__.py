"""Formats that purchasing reads."""

from plugins.purchasing.importers.stock import MOVES, SNAPSHOT

IMPORTERS = [SNAPSHOT, MOVES]
