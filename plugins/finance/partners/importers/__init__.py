"""The files of partners: affiliates, suppliers, couriers, advertising."""

from plugins.finance.partners.importers.ads import ADS
from plugins.finance.partners.importers.affiliates import REFUNDED, SETTLED
from plugins.finance.partners.importers.costs import COSTS
from plugins.finance.partners.importers.couriers import COURIER
from plugins.finance.partners.importers.purchases import PURCHASES
from plugins.finance.partners.importers.suppliers import SUPPLIER

IMPORTERS = [SETTLED, REFUNDED, PURCHASES, COURIER, ADS, SUPPLIER, COSTS]
