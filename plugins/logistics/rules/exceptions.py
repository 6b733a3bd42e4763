"""What counts as an exception, under which of several dated rules, and what is to be done about it."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import zip_longest
from typing import Protocol

from core.messages import N_
from plugins.logistics.rules import parcels

DISPATCH = "dispatch"
LATE, NOT_COLLECTED, STUCK, LOST, DAMAGED, REFUSED, WRONG_ADDRESS, BACK, INTERCEPT, SIGNED_CLOSED, SIGNED_OPEN = (
    "late",
    "not_collected",
    "stuck",
    "lost",
    "damaged",
    "refused",
    "wrong_address",
    "back",
    "intercept",
    "signed_closed",
    "signed_open",
)
KINDS = {
    LATE: N_("Not sent out in time"),
    NOT_COLLECTED: N_("Not collected"),
    STUCK: N_("Stuck on the way"),
    LOST: N_("Lost"),
    DAMAGED: N_("Damaged"),
    REFUSED: N_("Refused"),
    WRONG_ADDRESS: N_("Wrong address"),
    BACK: N_("Sent back"),
    INTERCEPT: N_("To be intercepted"),
    SIGNED_CLOSED: N_("Signed for, but closed in the shop"),
    SIGNED_OPEN: N_("Signed for, not confirmed in the shop"),
}
RULE_KINDS = {DISPATCH: N_("Dispatch"), **{name: label for name, label in KINDS.items() if name != LATE}}

OPEN, DOING, CLOSED, GONE = "open", "doing", "closed", "gone"
STATES = {
    OPEN: N_("Not handled yet"),
    DOING: N_("Being handled"),
    CLOSED: N_("Handled"),
    GONE: N_("Settled by itself"),
}
UNSETTLED = (OPEN, DOING)

REMEDIES = {
    "ship": N_("Send it out at once"),
    "urge": N_("Urge the courier"),
    "trace": N_("Have it traced"),
    "claim": N_("Claim from the courier"),
    "resend": N_("Send again"),
    "redirect": N_("Correct the address"),
    "intercept": N_("Intercept and take back"),
    "check_in": N_("Take back into stock"),
    "money": N_("Get the money back from the buyer"),
    "remind": N_("Remind the buyer to confirm"),
}

# By which of a parcel's states a kind is known; of several kinds that fit one parcel, the first here counts.
BY_STATE = {
    LOST: (parcels.LOST,),
    DAMAGED: (parcels.DAMAGED,),
    REFUSED: (parcels.REFUSED,),
    WRONG_ADDRESS: (parcels.WRONG_ADDRESS,),
    BACK: (parcels.BACK,),
}
# By how long nothing was heard of a parcel in one of these states.
BY_SILENCE = {LOST: parcels.MOVING, STUCK: parcels.MOVING, NOT_COLLECTED: (parcels.SHIPPED,)}
# By what the parcel's state and the order's in the shop say together.
BY_ORDER = {
    SIGNED_CLOSED: ((parcels.SIGNED,), ("closed",)),
    INTERCEPT: (parcels.UNDER_WAY, ("closed",)),
    SIGNED_OPEN: ((parcels.SIGNED,), ("shipped", "part_shipped")),
}
# What people see of a parcel before any file tells of it.
REPORTED = (DAMAGED, LOST, REFUSED, WRONG_ADDRESS, INTERCEPT, STUCK, NOT_COLLECTED, BACK)
AT_RISK = (SIGNED_CLOSED, INTERCEPT, SIGNED_OPEN, LOST, DAMAGED, REFUSED, BACK)  # the order's money is in question


class Dated(Protocol):
    """What holds from one day to another."""

    id: int
    since: date
    until: date | None


@dataclass(frozen=True)
class Segment:
    """The days ``first`` to ``last`` (None: for good) on which ``rule`` is the one that counts."""

    rule: Dated
    first: date
    last: date | None


def counting(rules: Iterable[Dated], day: date) -> Dated | None:
    """The rule that counts on ``day``: of those that hold, the one that began last."""
    held = [rule for rule in rules if rule.since <= day and (rule.until is None or rule.until >= day)]
    return max(held, key=lambda rule: (rule.since, rule.id), default=None)


def segments(rules: Sequence[Dated]) -> Iterator[Segment]:
    """The days of each rule, none in two of them: a campaign's rule interrupts the one that goes on after it."""
    edges = {rule.since for rule in rules} | {rule.until + timedelta(days=1) for rule in rules if rule.until}
    ordered = sorted(edges)
    for first, following in zip_longest(ordered, ordered[1:]):
        rule = counting(rules, first)
        if rule is not None:
            yield Segment(rule, first, following - timedelta(days=1) if following else None)


def holds(rule: Dated, day: date) -> bool:
    """Whether ``day`` is one of the rule's."""
    return rule.since <= day and (rule.until is None or day <= rule.until)
