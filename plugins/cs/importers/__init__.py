"""Formats that customer service reads."""

from plugins.cs.importers.after_sales import AFTER_SALES
from plugins.cs.importers.ratings import RATINGS, SCORES

IMPORTERS = [AFTER_SALES, RATINGS, SCORES]
