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
    icon="return",
    fields=(
        Field("supplier", N_("Supplier"), required=True),
        Field("goods", N_("What was wrong"), "list", required=True),
        Field("amount", N_("Claimed"), "money", required=True),
        Field("why", N_("Grounds"), "longtext", required=True),
    ),
    checklist=(Check("answered", N_("The supplier's answer is attached or written down")),),
    slots=(Slot("evidence", N_("Pictures and papers"), ("image", "pdf", "video"), required=False),),
    targets=Targets(accept=240, deliver=5 * DAY, check=DAY),
    from_records=("purchasing.discrepancy",),
    prefill=lambda record: {name: record.get(name) for name in ("supplier", "goods", "amount", "why")},
)
TASK_TYPES = {kind.name: kind for kind in (REQUEST, CLAIM)}
