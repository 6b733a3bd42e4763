"""The kinds of records that customer service has, and their plain values for briefs and documents."""

from collections.abc import Mapping
from typing import Any

from core.contracts import RecordType
from core.messages import N_
from plugins.cs.models import AfterSale, Member, Promise, Rating, ShopScore
from plugins.cs.rules.words import AFTER_SALE_STATES, cause_of

VIEW = "cs.view"


def _after_sale(case: AfterSale) -> Mapping[str, Any]:
    said = " ".join(filter(None, [case.reason, case.explanation]))
    return {
        "title": (case.items or case.refund_no)[:200],
        "order_no": case.order_no,
        "merchant_code": case.merchant_code or "",
        "channel": "platform",
        "case_no": case.refund_no,
        "kind": case.kind,
        "cause": cause_of(said),
        "what": said,
        "amount": case.amount,
        "waybill_no": case.return_waybill_no or "",
        "carrier": case.return_carrier or "",
        "items": case.items or "",
    }


def _rating(rating: Rating) -> Mapping[str, Any]:
    return {
        "title": rating.title,
        "item_id": rating.item_id,
        "channel": "rating",
        "cause": rating.cause,
        "what": "\n".join(filter(None, [rating.text, rating.later_text])),
    }


WHAT_CASES_SAY = {
    "refund_no": (N_("Refund number"), "text"),
    "amount": (N_("Amount asked for"), "money"),
    "paid": (N_("Paid by the buyer"), "money"),
    "kind_text": (N_("After-sale type"), "text"),
    "goods_text": (N_("Where the goods are"), "text"),
    "reason": (N_("Reason given"), "text"),
    "explanation": (N_("What the buyer says"), "text"),
    "return_waybill_no": (N_("Sent back with"), "text"),
    "applied_at": (N_("Applied for at"), "when"),
    "due_at": (N_("Decides by itself"), "when"),
    "returned_at": (N_("Sent back at"), "when"),
    "completed_at": (N_("Finished"), "when"),
}
WHAT_RATINGS_SAY = {
    "text": (N_("Comment"), "text"),
    "later_text": (N_("Added later"), "text"),
    "colour": (N_("Variant"), "text"),
    "grade": (N_("Grade"), "text"),
    "rated_at": (N_("Rated"), "when"),
}

RECORD_TYPES = [
    RecordType(
        "cs.after_sale",
        N_("After-sale case"),
        AfterSale,
        "cs.after_sale",
        VIEW,
        _after_sale,
        key="refund_no",
        links={"order_id": ("order_no", "core.order")},
        labels=WHAT_CASES_SAY,
        states=AFTER_SALE_STATES,
    ),
    RecordType(
        "cs.rating",
        N_("Rating"),
        Rating,
        "cs.rating",
        VIEW,
        _rating,
        key="key",
        links={"product_id": ("item_id", "core.product")},
        labels=WHAT_RATINGS_SAY,
    ),
    RecordType("cs.shop_score", N_("Shop scores of a day"), ShopScore, "cs.shop_score", VIEW, key="key"),
    RecordType("cs.promise", N_("Promised payment"), Promise, "cs.promise", VIEW),
    RecordType("cs.member", N_("Member"), Member, "cs.member", VIEW),
]
