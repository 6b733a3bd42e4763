"""The tickets that customer service works on, and what it asks of finance."""

from collections.abc import Mapping
from typing import Any

from core.contracts import Check, Field, Slot, Targets, TaskType
from core.messages import N_
from plugins.cs.rules.handouts import PAYMENT as PAYMENT_NAME
from plugins.cs.rules.words import AFTER_SALE_KINDS, CAUSES

TEAM, FINANCE, OPERATIONS = "cs", "finance", "operations"
EVIDENCE = "evidence"
FOUND = ("core.order", "core.product", "core.sku", "cs.after_sale", "cs.rating")
FILES = ("image", "pdf", "sheet", "video", "zip")
HOUR, DAY = 60, 840  # working minutes; the team's day is from 9 to 23

CHANNELS = (
    ("wangwang", N_("Wangwang")),
    ("phone", N_("Telephone")),
    ("platform", N_("Platform case")),
    ("rating", N_("Rating")),
    ("other", N_("Another way")),
)
WISHES = (
    ("answer", N_("An answer")),
    ("refund", N_("Money back")),
    ("return", N_("Return and refund")),
    ("exchange", N_("Exchange")),
    ("reissue", N_("Send again")),
    ("compensation", N_("Compensation")),
)


def _options(words: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    return tuple((name, label) for name, label in words.items() if name)


WHAT = Field("what", N_("What the buyer says"), "longtext", required=True, max_length=4000)
ABOUT = (
    Field("order_no", N_("Order number"), max_length=80),
    Field("merchant_code", N_("Merchant code"), max_length=80),
    Field("channel", N_("Channel"), "choice", options=CHANNELS),
    Field("case_no", N_("Case number of the platform"), max_length=80),
)
WISH = Field("wish", N_("What the buyer wants"), "choice", options=WISHES)
CAUSE = Field("cause", N_("Cause"), "choice", options=_options(CAUSES))
TOLD = Check("told", N_("The buyer was told the outcome"))
KEPT = Check("kept", N_("What was promised is done or handed over"))
SLOT = Slot(EVIDENCE, N_("Evidence of the case"), FILES, required=False, many=True)


def prefill(record: Mapping[str, Any]) -> dict[str, Any]:
    """Brief values of an order, product, after-sale case or rating that a ticket is opened from."""
    names = ("order_no", "merchant_code", "channel", "case_no", "cause", "kind", "what", "amount")
    return {name: record[name] for name in names if record.get(name)}


INQUIRY = TaskType(
    name="cs.inquiry",
    label=N_("Inquiry"),
    team=TEAM,
    icon="comment",
    fields=(WHAT, *ABOUT),
    checklist=(TOLD,),
    slots=(SLOT,),
    targets=Targets(accept=15, deliver=4 * HOUR, check=DAY),
    from_records=FOUND,
    prefill=prefill,
)
COMPLAINT = TaskType(
    name="cs.complaint",
    label=N_("Complaint"),
    team=TEAM,
    icon="alert",
    fields=(WHAT, CAUSE, WISH, *ABOUT),
    checklist=(TOLD, KEPT),
    slots=(SLOT,),
    targets=Targets(accept=30, deliver=2 * DAY, check=DAY),
    from_records=FOUND,
    prefill=prefill,
)
AFTER_SALE = TaskType(
    name="cs.after_sale",
    label=N_("After-sale case"),
    team=TEAM,
    icon="round",
    fields=(
        WHAT,
        Field("kind", N_("After-sale type"), "choice", options=_options(AFTER_SALE_KINDS)),
        CAUSE,
        Field("amount", N_("Amount asked for"), "money"),
        *ABOUT,
    ),
    checklist=(TOLD, KEPT),
    slots=(SLOT,),
    targets=Targets(accept=HOUR, deliver=2 * DAY, check=DAY),
    from_records=FOUND,
    prefill=prefill,
)
TASK_TYPES = {kind.name: kind for kind in (INQUIRY, COMPLAINT, AFTER_SALE)}

# Offered where there is a finance team: payments to buyers beside the platform's own refunds.
PAYMENT = TaskType(
    name=PAYMENT_NAME,
    label=N_("Payment to buyers"),
    team=FINANCE,
    icon="coin",
    fields=(
        Field("amount", N_("Amount"), "money", required=True),
        Field("what", N_("Paid for what"), "longtext", required=True, max_length=20_000),
        Field("order_no", N_("Order number"), max_length=80),
        Field("count", N_("Number of payments"), "number"),
    ),
    checklist=(Check("paid", N_("Every payment was made, or refused with a reason")),),
    slots=(Slot("receipt", N_("Proof of payment"), FILES, required=False),),
    targets=Targets(accept=240, deliver=960, check=480),
)
