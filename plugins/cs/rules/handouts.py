"""What a ticket hands to other teams: whom, as which kind of task, and what the brief says. Pure.

Other teams' kinds of task are known by name alone: of those named the first that is offered is taken, and only the
fields that it has are filled. A team without any of them is asked by a general request; one that is not there is not.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from core.contracts import Field
from core.messages import N_

GENERAL = "core.general"
PAYMENT = "cs.payment"


@dataclass(frozen=True)
class Handout:
    """One piece of work that a ticket may ask for; ``types`` in the order in which they are wanted.

    ``evidence``: whether the ticket's evidence goes with it.
    """

    code: str
    label: str
    team: str
    types: tuple[str, ...] = ()
    general: bool = True  # whether a general request can stand for it
    evidence: bool = True


HANDOUTS = {
    each.code: each
    for each in (
        Handout("warehouse", N_("Warehouse check"), "logistics", ("logistics.warehouse_check",)),
        Handout("intercept", N_("Intercept the parcel"), "logistics", ("logistics.intercept",)),
        Handout("courier_claim", N_("Courier claim"), "logistics", ("logistics.courier_claim",)),
        Handout("refund", N_("Payment to the buyer"), "finance", (PAYMENT,), general=False, evidence=False),
        Handout(
            "supplier",
            N_("Complaint to the supplier"),
            "purchasing",
            ("purchasing.supplier_complaint", "purchasing.complaint", "purchasing.quality_issue"),
        ),
        Handout("page_fix", N_("Correct the page"), "design", ("design.page_request",)),
    )
}
# What a cause usually leads to, offered as one click.
BY_CAUSE = {
    "damaged": ("warehouse", "courier_claim", "refund"),
    "lost": ("warehouse", "courier_claim", "refund"),
    "late": ("courier_claim",),
    "wrong_item": ("warehouse", "refund"),
    "quality": ("supplier", "refund"),
    "description": ("page_fix", "refund"),
    "price": ("refund",),
    "postage": ("refund",),
}
KINDS = {"damaged": ("damaged",), "lost": ("lost",), "late": ("stuck", "late")}


def chosen_type(handout: Handout, types: Collection[str], teams: Collection[str]) -> str | None:
    """The kind of task that a hand-out becomes here; None where nobody could take it."""
    if handout.team not in teams:
        return None
    found = next((name for name in handout.types if name in types), None)
    return found or (GENERAL if handout.general and GENERAL in types else None)


def brief_for(fields: Iterable[Field], known: Mapping[str, Any]) -> dict[str, Any]:
    """What is known, as values of a brief's fields; a choice only where it is one of the options."""
    found = {}
    for field in fields:
        value = known.get(field.name)
        if field.kind == "choice":
            options = dict(field.options)
            value = next((each for each in _several(value) if each in options), None)
        elif field.kind in ("list", "choices"):
            value = [str(each)[:500] for each in _several(value)]
        elif field.kind in ("text", "longtext"):
            value = str(next(iter(_several(value)), ""))[: field.max_length]
        if value not in (None, "", []):
            found[field.name] = value
    return found


def _several(value: Any) -> list[Any]:
    if value in (None, ""):
        return []
    return list(value) if isinstance(value, (list, tuple)) else [value]


def known(ticket: Mapping[str, Any], text: str) -> dict[str, Any]:
    """All that may stand in another team's brief, by the names that their fields go by."""
    cause = ticket.get("cause", "")
    product = " · ".join(str(ticket[name]) for name in ("items", "merchant_code") if ticket.get(name))
    what = text or ticket.get("what", "")
    return {
        "what": what,
        "why": ticket.get("number", ""),
        "text": what,
        "reason": what,
        "order_no": ticket.get("order_no", ""),
        "waybill_no": ticket.get("waybill_no", ""),
        "carrier": ticket.get("carrier", ""),
        "merchant_code": ticket.get("merchant_code", ""),
        "sku": ticket.get("merchant_code", ""),
        "items": product,
        "products": product,
        "amount": ticket.get("amount"),
        "quantity": ticket.get("quantity"),
        "kind": KINDS.get(cause, (cause,)),
        "cause": (cause, "other"),
        "remedy": "resend" if cause == "wrong_item" else "",
        "ticket": ticket.get("number", ""),
        # a page request: everything that corrects a detail page
        "page_type": "detail",
        "platforms": ["tmall"],
        "size": [790, 1200],
        "audience": product or ticket.get("number", ""),
        "selling_points": [what.replace("\n", " ")] if what else [],
        "notes": what,
    }
