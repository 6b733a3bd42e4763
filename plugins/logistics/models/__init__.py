"""Tables of logistics."""

from plugins.logistics.models.cases import BillLine, Case, Claim, ClaimFile, Finding
from plugins.logistics.models.parcels import Manifest, Parcel, ParcelItem, ParcelOrder
from plugins.logistics.models.settings import Campaign, Capacity, Gift, GoodsWeight, Rule, Tariff

__all__ = [
    "BillLine",
    "Campaign",
    "Capacity",
    "Case",
    "Claim",
    "ClaimFile",
    "Finding",
    "Gift",
    "GoodsWeight",
    "Manifest",
    "Parcel",
    "ParcelItem",
    "ParcelOrder",
    "Rule",
    "Tariff",
]
