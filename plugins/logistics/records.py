"""The kinds of records that logistics has, and their plain values for briefs and documents."""

from collections.abc import Mapping
from typing import Any

from core.contracts import RecordType
from core.messages import N_
from plugins.logistics.imports import BILL_LINE, ITEM, LINK, PARCEL
from plugins.logistics.models import BillLine, Case, Claim, Manifest, Parcel, ParcelItem, ParcelOrder
from plugins.logistics.rules.parcels import STATES

CASE, CLAIM, MANIFEST = "logistics.case", "logistics.claim", "logistics.manifest"
VIEW = "logistics.view"


def _parcel(parcel: Parcel) -> Mapping[str, Any]:
    return {
        "title": parcel.title,
        "waybill_no": parcel.waybill_no or parcel.key,
        "carrier": parcel.carrier or "",
        "warehouse": parcel.warehouse or "",
        "order_no": " ".join(link.order_no for link in parcel.orders[:8]),
        "status": parcel.status,
        "shipped_at": parcel.shipped_at,
    }


def _case(case: Case) -> Mapping[str, Any]:
    return {
        "title": case.subject,
        "kind": case.kind,
        "remedy": case.remedy,
        "waybill_no": case.parcel.title if case.parcel else "",
        "order_no": case.order.order_no if case.order else "",
        "carrier": case.carrier or "",
        "amount": case.at_risk,
        "what": case.note,
    }


def _claim(claim: Claim) -> Mapping[str, Any]:
    return {
        "title": claim.number,
        "kind": claim.kind,
        "waybill_no": claim.subject,
        "carrier": claim.carrier,
        "amount": claim.amount,
        "what": claim.evidence,
    }


def _bill_line(line: BillLine) -> Mapping[str, Any]:
    return {
        "title": line.waybill_no,
        "waybill_no": line.waybill_no,
        "carrier": line.carrier or "",
        "amount": sum(finding.amount for finding in line.findings),
    }


WHAT_PARCELS_SAY = {
    "logistics_no": (N_("Logistics order"), "text"),
    "warehouse_no": (N_("Warehouse order"), "text"),
    "warehouse": (N_("Warehouse"), "text"),
    "city": (N_("City"), "text"),
    "grams": (N_("Weight (grams)"), "number"),
    "volume": (N_("Volume"), "number"),
    "collected_at": (N_("Collected at"), "when"),
    "last_at": (N_("Last scan"), "when"),
    "promised_at": (N_("Promised"), "when"),
    "signed_at": (N_("Signed for at"), "when"),
}
WHAT_ITEMS_SAY = {
    "name": (N_("Article"), "text"),
    "goods_code": (N_("Goods code"), "text"),
    "tax": (N_("Tax"), "money"),
}
WHAT_LINES_SAY = {"grams": (N_("Billed grams"), "number"), "amount": (N_("Billed"), "money")}

RECORD_TYPES = [
    RecordType(
        PARCEL,
        N_("Parcel"),
        Parcel,
        "logistics.parcel",
        VIEW,
        _parcel,
        key="key",
        alias="logistics_no",
        labels=WHAT_PARCELS_SAY,
        states=STATES,
    ),
    RecordType(
        LINK,
        N_("Parcel of an order"),
        ParcelOrder,
        "logistics.parcel_order",
        VIEW,
        key="key",
        alias="alias",
        links={"parcel_id": ("parcel_key", PARCEL), "order_id": ("order_no", "core.order")},
        labels={"amount": (N_("Amount of the order"), "money")},
    ),
    RecordType(
        ITEM,
        N_("Article in a parcel"),
        ParcelItem,
        "logistics.parcel_item",
        VIEW,
        key="key",
        links={"parcel_id": ("parcel_key", PARCEL)},
        labels=WHAT_ITEMS_SAY,
    ),
    RecordType(
        BILL_LINE,
        N_("Line of a courier bill"),
        BillLine,
        "logistics.bill_line",
        VIEW,
        _bill_line,
        key="key",
        links={"parcel_id": ("waybill_no", PARCEL)},
        labels=WHAT_LINES_SAY,
    ),
    RecordType(CASE, N_("Exception"), Case, "logistics.case", VIEW, _case),
    RecordType(CLAIM, N_("Courier claim"), Claim, "logistics.claim", VIEW, _claim),
    RecordType(MANIFEST, N_("Handover manifest"), Manifest, "logistics.manifest", VIEW),
]
