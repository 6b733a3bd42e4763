"""The work that others ask of purchasing, and purchasing of others."""

from collections.abc import Mapping
from typing import Any

from core.contracts import Check, Field, Slot, Targets, TaskType
from core.messages import N_
from plugins.purchasing.orders import TEAM

DAY = 480  # working minutes of an office day
GOODS = Field("goods", N_("Articles"), "list", required=True, help=N_("One a line: merchant code, name, pieces."))


def prefill(record: Mapping[str, Any]) -> dict[str, Any]:
    """Brief values of a product, SKU or suggestion that a request is drafted from."""
    said = (record.get(name) for name in ("merchant_code", "title", "quantity"))
    line = " · ".join(str(value) for value in said if value)
    return {"goods": [line]} if line else {}


REQUEST = TaskType(
    name="purchasing.request",
    label=N_("Purchase request"),
    team=TEAM,
    icon="cart",
    fields=(
        GOODS,
        Field("needed_on", N_("Needed on"), "date", required=True),
        Field(
            "why",
            N_("What it is needed for"),
            "longtext",
            required=True,
            help=N_("A campaign, a stock-out, a new article."),
        ),
        Field("budget", N_("At most"), "money"),
    ),
    checklist=(
        Check("ordered", N_("Ordered in the quantity that was asked for, or the difference is explained")),
        Check("date", N_("The date of delivery is confirmed")),
    ),
    slots=(Slot("quotation", N_("Quotations"), ("pdf", "sheet", "image"), required=False),),
    targets=Targets(accept=240, deliver=3 * DAY, check=DAY),
    from_records=("core.product", "core.sku"),
    prefill=prefill,
)
CLAIM = TaskType(
    name="purchasing.claim",
    label=N_("Supplier claim"),
    team=TEAM,
    icon="returned",
    fields=(
        Field("supplier", N_("Supplier"), required=True),
        Field("goods", N_("What was wrong"), "list", required=True),
        Field("amount", N_("Claimed"), "money", required=True),
        Field("why", N_("Grounds"), "longtext", required=True),
    ),
    checklist=(Check("answered", N_("The supplier's answer is attached or written down")),),
    slots=(Slot("evidence", N_("Pictures and papers"), ("image", "pdf", "video"), required=False, many=True),),
    targets=Targets(accept=240, deliver=5 * DAY, check=DAY),
    from_records=("purchasing.discrepancy",),
    prefill=lambda record: {name: record.get(name) for name in ("supplier", "goods", "amount", "why")},
)
CAUSES = {
    "damaged": N_("Broken or leaking"),
    "wrong_item": N_("Wrong or too few in the package"),
    "quality": N_("Quality of the goods"),
    "description": N_("Other than described"),
    "other": N_("Something else"),
}
COMPLAINT = TaskType(
    name="purchasing.supplier_complaint",
    label=N_("Supplier complaint"),
    team=TEAM,
    icon="alert",
    fields=(
        Field("what", N_("What the complaint says"), "longtext", required=True, max_length=4000),
        Field("cause", N_("Cause of the complaint"), "choice", required=True, options=tuple(CAUSES.items())),
        Field("merchant_code", N_("Merchant code"), max_length=80, help=N_("It tells whose goods they are.")),
        Field("quantity", N_("Pieces complained of"), "number", help=N_("Empty: one.")),
        Field("order_no", N_("Order number"), max_length=80),
    ),
    checklist=(
        Check("asked", N_("The supplier was asked and has answered")),
        Check("judged", N_("It is said who is at fault, and why"), mandatory=False),
    ),
    slots=(Slot("evidence", N_("Pictures and papers"), ("image", "pdf", "video"), required=False, many=True),),
    targets=Targets(accept=240, deliver=3 * DAY, check=DAY),
    from_records=("core.order", "core.sku"),
    prefill=lambda record: {name: record[name] for name in ("order_no", "merchant_code") if record.get(name)},
)
RENEWAL = TaskType(
    name="purchasing.licence_renewal",
    label=N_("Licence renewal"),
    team=TEAM,
    icon="document",
    fields=(
        Field("supplier", N_("Supplier"), required=True),
        Field("licence", N_("Licence"), required=True),
        Field("expires", N_("Last day"), "date", required=True),
    ),
    checklist=(Check("entered", N_("The new licence is noted at the supplier, with its file")),),
    slots=(Slot("licence", N_("The new licence"), ("pdf", "image"), required=False),),
    targets=Targets(accept=DAY, deliver=10 * DAY, check=DAY),
)
TASK_TYPES = {kind.name: kind for kind in (REQUEST, CLAIM, COMPLAINT, RENEWAL)}
