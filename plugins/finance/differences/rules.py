"""The rules of differences: their states, how they are settled, whose they are, what may be written off. Pure."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from core.contracts import Actor
from core.messages import N_, Message, msg

TEAM = "finance"

OPEN, ASSIGNED, RESOLVED, CLOSED = "open", "assigned", "resolved", "closed"
STATES = {
    OPEN: N_("Unsettled"),
    ASSIGNED: N_("Handed over"),
    RESOLVED: N_("Decided"),  # a second person, or the money itself, is still to come
    CLOSED: N_("Settled"),
}
PENDING = frozenset({OPEN, ASSIGNED, RESOLVED})

MATCHED, ENTRY, REFUNDED, CLAIM = "matched", "entry", "refunded", "claim"
CARRY, WRITE_OFF, DATA_ERROR, ARRIVED, WITHDRAWN = "carry", "write_off", "data_error", "arrived", "withdrawn"
KINDS = {
    MATCHED: N_("Matched by hand"),
    ENTRY: N_("Adjusting entry"),
    REFUNDED: N_("Refunded to the buyer"),
    CLAIM: N_("Claimed from the platform"),
    CARRY: N_("Carried to the next period"),
    WRITE_OFF: N_("Written off"),
    DATA_ERROR: N_("Data error"),
}
RESOLUTIONS = {**KINDS, ARRIVED: N_("Arrived by itself"), WITHDRAWN: N_("Its file was taken back")}
BY_ITSELF = frozenset({ARRIVED, WITHDRAWN})  # what a run opens again as soon as it finds it again
PROMISES = frozenset({REFUNDED, CLAIM, CARRY})  # the statement is still to show it: a later run closes these
BOOKED = {ENTRY: "adjustment", REFUNDED: "refund", CLAIM: "claim", WRITE_OFF: "write_off"}  # kind -> account
ACCOUNTS = {
    "adjustment": N_("Adjustments"),
    "refund": N_("Refunds to buyers"),
    "claim": N_("Claims on the platform"),
    "write_off": N_("Write-offs"),
}
OUTCOMES = (REFUNDED, CLAIM, ENTRY, DATA_ERROR)  # what another team's work can come to
MATTERS = frozenset({"AMOUNT", "REFUND", "FEE"})  # classes in which both sides say something
ABSENT, UNEXPECTED, SHORT, EXCESS = "absent", "unexpected", "short", "excess"
FINDINGS = {  # how the two sides stand, in those classes
    ABSENT: N_("Missing on the statement"),
    UNEXPECTED: N_("Missing in the books"),
    SHORT: N_("Too little on the statement"),
    EXCESS: N_("Too much on the statement"),
}


@dataclass(frozen=True)
class Found:
    """A difference as one run finds it. ``amount`` is signed fen: what the statement has more than the books.

    ``key`` (``order:<number>``, ``line:<key>``) is the same in every run; ``findings`` are the further things wrong
    with the same row, each with a ``code``; ``happened_at`` is the order's payment or the line's time.
    """

    key: str
    side: str  # order or line
    code: str
    amount: int
    happened_at: datetime
    expected: int | None = None
    found: int | None = None
    findings: tuple[Mapping[str, Any], ...] = ()
    order_no: str | None = None
    order_id: int | None = None
    line_id: int | None = None
    pattern: str = ""


def pattern_of(code: str, amount: int, day: date) -> str:
    """What differences that repeat alike have in common: class, amount and day."""
    return f"{code}:{amount}:{day.isoformat()}"


def alike(pattern: str) -> tuple[str, int, str]:
    """The class, the amount and the day that a pattern is made of."""
    code, amount, day = pattern.split(":")
    return code, int(amount), day


@dataclass(frozen=True)
class Step:
    """One row of the table of states: from which to which, and what the log says was done."""

    origins: frozenset[str]
    to: str
    label: str


def _step(origins: Collection[str], to: str, label: str) -> Step:
    return Step(frozenset(origins), to, label)


LOST = N_("opened the difference again: what had arrived was taken back")
STEPS = {
    "hand_over": _step([OPEN], ASSIGNED, N_("handed the difference over")),
    "give_back": _step([ASSIGNED], OPEN, N_("took the difference back from the team")),
    "sign_off": _step([ASSIGNED], CLOSED, N_("settled the difference by the team's work")),
    "promise": _step([OPEN], RESOLVED, N_("decided on the difference")),
    "settle": _step([OPEN], CLOSED, N_("settled the difference")),
    "ask": _step([OPEN], RESOLVED, N_("asked to write the difference off")),
    "approve": _step([RESOLVED], CLOSED, N_("approved the write-off")),
    "decline": _step([RESOLVED], OPEN, N_("declined the write-off")),
    "undo": _step([RESOLVED, CLOSED], OPEN, N_("took the settlement back")),
    "void": _step([CLOSED], ASSIGNED, N_("took the team's sign-off back")),
    "arrive": _step(PENDING, CLOSED, N_("closed the difference: it arrived")),
    "withdraw": _step(PENDING, CLOSED, N_("closed the difference: its file was taken back")),
    "reopen": _step([RESOLVED, CLOSED], OPEN, N_("opened the difference again")),
    "lose": _step([CLOSED], OPEN, LOST),
    "lose_theirs": _step([CLOSED], ASSIGNED, LOST),
    "change": _step(PENDING, "", N_("found the difference changed")),
}


def objection(verb: str, state: str) -> Message | None:
    """Why ``verb`` is not possible for a difference in ``state``; None when it is."""
    if state in STEPS[verb].origins:
        return None
    if state == ASSIGNED:
        return msg("It is in the hands of the team that was asked: cancel the task first, or wait for its sign-off.")
    return msg("It is “%(state)s” by now: look at it again.", state=Message(STATES[state]))


def verb_for(kind: str, total: int, limit: int) -> str:
    """By which step a difference is resolved; ``total`` is the sum of absolute amounts settled in one go."""
    if kind == WRITE_OFF and total > limit:
        return "ask"
    return "promise" if kind in PROMISES else "settle"


def waits_for_approval(state: str, resolution: str) -> bool:
    """Whether a write-off waits for a second person."""
    return state == RESOLVED and resolution == WRITE_OFF


@dataclass(frozen=True)
class Owner:
    """A row of the owner table: whose a difference is and in how many days it is due. An empty ``finding`` fits all."""

    code: str
    finding: str
    team: str
    days: int


OWNERS = (
    Owner("REFUND", ABSENT, "cs", 2),  # promised to the buyer and not paid back
    Owner("REFUND", "", "cs", 3),
    Owner("MISSING_STMT", "lost_parcel", "logistics", 3),
    Owner("CARRY_OPEN", "lost_parcel", "logistics", 3),
    Owner("SHORT_RECEIPT", "", "purchasing", 5),
    Owner("FEE", "", TEAM, 5),
    Owner("CROSS_OUT", "", TEAM, 10),
    Owner("MISSING_STMT", "", TEAM, 3),
    Owner("", "", TEAM, 5),
)
LIMITS = {"member": 1_000, "lead": 50_000}  # fen that may be written off in one go without a second person


@dataclass(frozen=True)
class Policy:
    """The part of a rule set that is about differences; ``hand_over`` names classes that are handed over at once."""

    owners: tuple[Owner, ...] = OWNERS
    limits: Mapping[str, int] = field(default_factory=lambda: LIMITS)
    hand_over: frozenset[str] = frozenset()

    def owner(self, code: str, finding: str, teams: Collection[str]) -> tuple[str, int]:
        """The team that a difference belongs to and the days it has; finance stands in for a team that is not there."""
        for row in self.owners:
            if row.code in ("", code) and row.finding in ("", finding):
                return (row.team if row.team in teams else TEAM), row.days
        return TEAM, 5

    def limit(self, actor: Actor) -> int:
        """How many fen ``actor`` may write off in one go."""
        if actor.leads(TEAM):
            return self.limits.get("lead", 0)
        return self.limits.get("member", 0) if actor.in_team(TEAM) else 0


def policy(data: Mapping[str, Any] | None) -> Policy:
    """What a rule set's ``owners``, ``write_off`` and ``hand_over`` say; the default where it says nothing."""
    data = data or {}
    rows = tuple(
        Owner(row.get("code", ""), row.get("finding", ""), row["team"], int(row.get("days", 5)))
        for row in data.get("owners", ())
    )
    limits = {**LIMITS, **{role: int(fen) for role, fen in data.get("write_off", {}).items()}}
    return Policy((*rows, *OWNERS) if rows else OWNERS, limits, frozenset(data.get("hand_over", ())))


def finding(code: str, expected: int | None, found: int | None, findings: Iterable[Mapping[str, Any]] = ()) -> str:
    """The sub-reason that the owner table asks for: what a finding names, or how the two sides stand."""
    for each in findings:
        if each.get("reason"):
            return str(each["reason"])
    if code not in MATTERS or expected is None:
        return ""
    if not found:
        return ABSENT if expected else ""
    if not expected:
        return UNEXPECTED
    return EXCESS if abs(found) > abs(expected) else SHORT


OUTCOME_OF = {"REFUND": REFUNDED, "FEE": CLAIM, "MISSING_STMT": CLAIM, "CARRY_OPEN": CLAIM}


def outcome(code: str) -> str:
    """What handing over a difference of this class is usually meant to come to."""
    return OUTCOME_OF.get(code, ENTRY)


# Age in days since it happened: name -> (label, from, up to but not including).
AGES: dict[str, tuple[str, int, int | None]] = {
    "3": (N_("up to 3 days"), 0, 4),
    "7": (N_("4 to 7 days"), 4, 8),
    "15": (N_("8 to 15 days"), 8, 16),
    "30": (N_("16 to 30 days"), 16, 31),
    "60": (N_("31 to 60 days"), 31, 61),
    "more": (N_("over 60 days"), 61, None),
}


def age(happened_at: datetime, at: datetime) -> int:
    """Whole days since ``happened_at``."""
    return max(0, (at - happened_at) // timedelta(days=1))


def bucket(days: int) -> str:
    """The age bucket that ``days`` fall into."""
    return next(name for name, (_, first, until) in AGES.items() if days >= first and (until is None or days < until))
