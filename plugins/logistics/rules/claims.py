"""A claim on a courier: what it may be for, and the way it goes."""

from collections.abc import Mapping
from datetime import date, timedelta

from core.messages import N_, Message, msg
from plugins.logistics.rules.exceptions import KINDS
from plugins.logistics.rules.freight import FINDINGS

FREIGHT = "freight"
CLAIM_KINDS = {**KINDS, **FINDINGS, FREIGHT: N_("Freight differences")}

DRAFT, SENT, GRANTED, REFUSED, PAID, DROPPED = "draft", "sent", "granted", "refused", "paid", "dropped"
STATES = {
    DRAFT: N_("Not sent yet"),
    SENT: N_("With the courier"),
    GRANTED: N_("Granted"),
    REFUSED: N_("Refused by the courier"),
    PAID: N_("Paid by the courier"),
    DROPPED: N_("Dropped"),
}
STEPS: Mapping[str, tuple[str, tuple[str, ...], str]] = {
    "send": (N_("Send to the courier"), (DRAFT,), SENT),
    "grant": (N_("Courier grants it"), (SENT,), GRANTED),
    "refuse": (N_("Courier refuses"), (SENT,), REFUSED),
    "pay": (N_("Money has come"), (SENT, GRANTED), PAID),
    "again": (N_("Claim again"), (REFUSED,), SENT),
    "drop": (N_("Drop it"), (DRAFT, SENT, REFUSED), DROPPED),
}
PENDING = (DRAFT, SENT, GRANTED)
SETTLED = (PAID, DROPPED)
DAYS = timedelta(days=30)  # where nobody says until when a courier takes claims


def steps(state: str) -> list[tuple[str, str]]:
    """What can be done with a claim that stands there: step and label."""
    return [(name, label) for name, (label, origins, _) in STEPS.items() if state in origins]


def problems(step: str, state: str, amount: int, granted: int, result: str) -> dict[str, Message]:
    """Why a step may not be taken, by field."""
    found: dict[str, Message] = {}
    if step not in STEPS or state not in STEPS[step][1]:
        return {"": msg("This claim has gone on meanwhile; look at it again.")}
    if step in ("grant", "pay") and not 0 < granted <= amount:
        found["granted"] = msg("Give what is paid: more than nothing, at most what was claimed.")
    if step in ("refuse", "drop") and not result:
        found["result"] = msg("Say why in a few words.")
    return found


def deadline(day: date) -> date:
    """Until when a claim of ``day`` should be with the courier, where nobody says otherwise."""
    return day + DAYS
