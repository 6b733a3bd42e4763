"""The kinds of records that customer service has, and their plain values for briefs and documents."""

from collections.abc import Mapping
from typing import Any

from core.contracts import RecordType
from core.messages import N_
from plugins.cs.models import AfterSale, Member, Promise, Rating, ShopScore
from plugins.cs.rules.words import cause_of

VIEW = "cs.view"


def _after_sale(case: AfterSale) -> Mapping[str, Any]:
    said = " ".join(filter(None, [case.reason, case.explanation]))
    return {
        "title": case.refund_no,
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
    ),
    RecordType("cs.shop_score", N_("Shop scores of a day"), ShopScore, "cs.shop_score", VIEW, key="key"),
    RecordType("cs.promise", N_("Promised payment"), Promise, "cs.promise", VIEW),
    RecordType("cs.member", N_("Member"), Member, "cs.member", VIEW),
]
