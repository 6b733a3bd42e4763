"""What logistics prints: the handover manifest, gift instructions, the claim to a courier."""

from typing import Any

from core.contracts import DocumentType
from core.files.models import File
from core.messages import N_
from plugins.logistics import code128, manifests
from plugins.logistics.models import Claim, Manifest, Parcel
from plugins.logistics.rules.claims import CLAIM_KINDS
from plugins.logistics.rules.freight import FINDINGS


def barcode(text: str) -> dict[str, Any] | None:
    """A barcode to draw; None for a number that none can hold."""
    try:
        return {"path": code128.path(code128.widths(text)), "modules": code128.modules(text)}
    except ValueError:
        return None


def _head(manifest: Manifest) -> dict[str, Any]:
    names = {name: getattr(manifest, name) for name in ("number", "warehouse", "carrier", "day")}
    return {**names, "store": manifest.store.name, "by": manifest.by.name if manifest.by else ""}


def _row(parcel: Parcel) -> dict[str, Any]:
    return {
        "waybill_no": parcel.title,
        "barcode": barcode(parcel.title),
        "orders": [link.order_no for link in parcel.orders],
        "place": " ".join(filter(None, [parcel.region, parcel.city])),
        "pieces": sum(item.quantity for item in parcel.items),
        "grams": parcel.grams,
    }


def handover(manifest: Manifest) -> dict[str, Any]:
    """All parcels handed over, each with its barcode, and how many there are."""
    rows = [_row(parcel) for parcel in manifests.parcels_of(manifest)]
    known = [row["grams"] for row in rows if row["grams"]]
    return {
        "manifest": _head(manifest),
        "barcode": barcode(manifest.number),
        "rows": rows,
        "totals": {
            "parcels": len(rows),
            "orders": manifests.order_count(manifest),
            "pieces": sum(row["pieces"] for row in rows),
            "grams": sum(known),
            "weighed": len(known),
        },
    }


def gifts(manifest: Manifest) -> dict[str, Any]:
    """What goes into which parcel beside the goods, and what is to be laid ready."""
    rows = manifests.gifts_for(manifest)
    for row in rows:
        row["barcode"] = barcode(row["waybill_no"])
    pick = [{"put_in": put_in, "count": count} for put_in, count in manifests.to_pick(rows)]
    return {"manifest": _head(manifest), "rows": rows, "pick": pick}


def claim(found: Claim) -> dict[str, Any]:
    """What is claimed, why, with which evidence, line by line where a bill is in dispute."""
    return {
        "number": found.number,
        "store": found.store.name,
        "carrier": found.carrier,
        "kind": CLAIM_KINDS.get(found.kind, found.kind),
        "waybill_no": found.subject,
        "barcode": barcode(found.subject) if found.subject else None,
        "parcel": _sent(found.parcel) if found.parcel else None,
        "amount": found.amount,
        "evidence": found.evidence,
        "files": [_shown(each.file) for each in found.files],
        "deadline": found.deadline,
        "lines": [
            {
                "waybill_no": finding.line.waybill_no,
                "kind": FINDINGS[finding.kind],
                "billed": finding.line.amount,
                "billed_grams": finding.line.grams,
                "grams": finding.line.own_grams,
                "region": finding.line.region or "",
                "amount": finding.amount,
            }
            for finding in found.findings
        ],
    }


def _shown(file: File) -> dict[str, Any]:
    """One piece of evidence; ``picture`` is the thumbnail's SHA-256, empty for what is not an image."""
    return {"name": file.name, "size": file.size, "sha256": file.sha256, "picture": file.thumb or ""}


def _sent(parcel: Parcel) -> dict[str, Any]:
    times = {name: getattr(parcel, name) for name in ("shipped_at", "collected_at", "last_at", "signed_at")}
    place = " ".join(filter(None, [parcel.region, parcel.city]))
    return {**times, "place": place, "status": parcel.status_text or "", "warehouse": parcel.warehouse or ""}


ISSUE = "logistics.handle"
HANDOVER = DocumentType(
    name="logistics.handover",
    label=N_("Handover list"),
    prefix="LOG",
    template="logistics/documents/handover.html",
    version="1",
    snapshot=handover,
    subject="logistics.manifest",
    permission=ISSUE,
)
GIFTS = DocumentType(
    name="logistics.gifts",
    label=N_("Gift and insert instructions"),
    prefix="LOG",
    template="logistics/documents/gifts.html",
    version="2",
    snapshot=gifts,
    subject="logistics.manifest",
    permission=ISSUE,
)
CLAIM = DocumentType(
    name="logistics.claim_letter",
    label=N_("Claim to the courier"),
    prefix="LOG",
    template="logistics/documents/claim.html",
    version="2",
    snapshot=claim,
    subject="logistics.claim",
    permission=ISSUE,
)
DOCUMENTS = (HANDOVER, GIFTS, CLAIM)
