"""The work that logistics takes on, and what it asks of finance."""

from collections.abc import Mapping
from typing import Any

from core.contracts import Check, Field, Slot, Targets, TaskType
from core.messages import N_
from plugins.logistics.rules.exceptions import KINDS, REMEDIES

TEAM, FINANCE = "logistics", "finance"
HOUR, DAY = 60, 480
FOUND = ("logistics.case", "logistics.parcel", "logistics.claim", "core.order")

ORDER = Field("order_no", N_("Order number"), max_length=200)
WAYBILL = Field("waybill_no", N_("Waybill"), max_length=200)
CARRIER = Field("carrier", N_("Courier"), max_length=80)
AMOUNT = Field("amount", N_("Money at risk"), "money")
REASON = Field("kind", N_("What is wrong"), "choice", required=True, options=tuple(KINDS.items()))
EVIDENCE = Slot("evidence", N_("Evidence files"), ("image", "pdf", "sheet", "video", "zip"), required=False, many=True)


def prefill(record: Mapping[str, Any]) -> dict[str, Any]:
    """Brief values of an order, parcel, exception or claim that a task is drafted from."""
    names = ("order_no", "waybill_no", "carrier", "kind", "remedy", "amount", "what")
    return {name: record[name] for name in names if record.get(name)}


EXCEPTION = TaskType(
    name="logistics.exception",
    label=N_("Exception handling"),
    team=TEAM,
    icon="alert",
    fields=(
        REASON,
        Field("remedy", N_("Remedy"), "choice", options=tuple(REMEDIES.items())),
        ORDER,
        WAYBILL,
        CARRIER,
        AMOUNT,
        Field("what", N_("What happened to it"), "longtext", max_length=4000),
    ),
    checklist=(
        Check("reached", N_("The courier or warehouse has answered")),
        Check("settled", N_("The parcel or the money is settled")),
        Check("told", N_("Whoever waits for it was told"), mandatory=False),
    ),
    slots=(EVIDENCE,),
    targets=Targets(accept=2 * HOUR, deliver=2 * DAY, check=DAY),
    from_records=FOUND,
    prefill=prefill,
)
INTERCEPT = TaskType(
    name="logistics.intercept",
    label=N_("Intercept a parcel"),
    team=TEAM,
    icon="blocked",
    fields=(
        Field("waybill_no", N_("Waybill"), required=True, max_length=200),
        CARRIER,
        ORDER,
        Field("what", N_("Why"), "longtext", required=True),
        Field("back_to", N_("Send it back to"), max_length=200),
    ),
    checklist=(
        Check("stopped", N_("The courier has confirmed the interception")),
        Check("back", N_("The parcel is back and checked in"), mandatory=False),
    ),
    slots=(EVIDENCE,),
    targets=Targets(accept=HOUR, deliver=DAY, check=DAY),
    from_records=FOUND,
    prefill=prefill,
)
CLAIM = TaskType(
    name="logistics.courier_claim",
    label=N_("Courier claim"),
    team=TEAM,
    icon="coin",
    fields=(
        Field("waybill_no", N_("Waybill"), required=True, max_length=200),
        REASON,
        Field("amount", N_("Amount to claim"), "money", required=True),
        CARRIER,
        ORDER,
        Field("what", N_("What happened to it"), "longtext", max_length=4000),
    ),
    checklist=(
        Check("sent", N_("The claim is with the courier")),
        Check("result", N_("The courier's answer is in the claim register")),
    ),
    slots=(EVIDENCE,),
    targets=Targets(accept=4 * HOUR, deliver=5 * DAY, check=DAY),
    from_records=FOUND,
    prefill=prefill,
)
WAREHOUSE_CHECK = TaskType(
    name="logistics.warehouse_check",
    label=N_("Warehouse check"),
    team=TEAM,
    icon="truck",
    fields=(
        Field("what", N_("What to check"), "longtext", required=True, max_length=4000),
        ORDER,
        WAYBILL,
        Field("items", N_("Articles"), "list", help=N_("One a line: article, quantity.")),
        Field("warehouse", N_("Warehouse"), max_length=80),
    ),
    checklist=(
        Check("looked", N_("Looked at in the warehouse")),
        Check("cause", N_("The cause is named")),
    ),
    slots=(Slot("finding", N_("Photos and findings"), EVIDENCE.accept, required=False, many=True),),
    targets=Targets(accept=2 * HOUR, deliver=DAY, check=DAY),
    prefill=prefill,
)
TASK_TYPES = {kind.name: kind for kind in (EXCEPTION, INTERCEPT, CLAIM, WAREHOUSE_CHECK)}

# Offered where there is a finance team: what logistics found, for the books.
MONEY = TaskType(
    name="logistics.money",
    label=N_("Money found by logistics"),
    team=FINANCE,
    icon="coin",
    fields=(
        Field("amount", N_("Amount"), "money", required=True),
        Field("what", N_("What happened to it"), "longtext", required=True, max_length=4000),
        ORDER,
        WAYBILL,
        CARRIER,
    ),
    checklist=(Check("booked", N_("It is in the books, or refused with a reason")),),
    slots=(EVIDENCE,),
    targets=Targets(accept=DAY, deliver=3 * DAY, check=DAY),
    from_records=("logistics.case", "logistics.claim", "logistics.bill_line"),
    prefill=prefill,
)
