"""The files that fill core's own records: order exports, order lines, product lists."""

from core.stores.importers.lines import LINES
from core.stores.importers.orders import ORDERS
from core.stores.importers.products import PRODUCTS

IMPORTERS = [ORDERS, LINES, PRODUCTS]
