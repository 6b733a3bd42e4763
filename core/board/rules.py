"""The table of verbs: who may do what to a task, from which state to which, and what must be true. Pure.

This is the only place that decides a move; pages, drags, bulk actions, imports and plugins all come through it.
"""

from collections.abc import Mapping, Set
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from core.contracts import Actor
from core.messages import LIST, N_, Message, msg, together

DRAFT, OFFERED, ACCEPTED, DOING, WAITING = "draft", "offered", "accepted", "doing", "waiting"
DELIVERED, DONE, RETURNED, CANCELLED = "delivered", "done", "returned", "cancelled"

STATES = {
    DRAFT: N_("Draft"),
    OFFERED: N_("Offered"),
    ACCEPTED: N_("Accepted"),
    DOING: N_("In progress"),
    WAITING: N_("Waiting"),
    DELIVERED: N_("Delivered"),
    RETURNED: N_("Returned"),
    DONE: N_("Done"),
    CANCELLED: N_("Cancelled"),
}
OPEN = frozenset(STATES) - {DONE, CANCELLED}
IN_HAND = frozenset({ACCEPTED, DOING, WAITING})

# Sides: what an actor is to a task.
REQUESTER, REQUESTER_LEAD = "requester", "requester lead"
RESPONSIBLE, RESPONSIBLE_LEAD, HOLDER = "responsible", "responsible lead", "holder"
ASKED, MANAGER = "asked to co-sign", "manager"

RETURN_REASONS = {
    "missing_info": N_("Something is missing in the brief"),
    "wrong_team": N_("Wrong team"),
    "not_feasible": N_("Not feasible by the date"),
    "duplicate": N_("Duplicate"),
    "wrong_data": N_("Wrong price or data"),
    "other": N_("Other"),
}
REWORK_REASONS = {
    "check_failed": N_("A check failed"),
    "brief_not_met": N_("The brief is not met"),
    "brief_changed": N_("The brief changed"),
    "other": N_("Other"),
}
REASONS = {**RETURN_REASONS, **REWORK_REASONS}
PRIORITIES = (N_("Low"), N_("Normal"), N_("High"), N_("Rush"))
URGE_EVERY = timedelta(hours=2)


@dataclass(frozen=True)
class Verb:
    """One row of the table; ``to`` is empty where the state stays; ``asks`` names what must be said with it."""

    name: str
    label: str
    sides: Set[str]
    origins: Set[str]
    to: str = ""
    asks: tuple[str, ...] = ()
    reasons: Mapping[str, str] = field(default_factory=dict)


VERBS: dict[str, Verb] = {
    verb.name: verb
    for verb in (
        Verb("offer", N_("Hand over"), {REQUESTER}, {DRAFT, RETURNED}, OFFERED),
        Verb("accept", N_("Accept"), {RESPONSIBLE}, {OFFERED}, ACCEPTED),
        Verb("start", N_("Start"), {HOLDER}, {ACCEPTED}, DOING),
        Verb("deliver", N_("Deliver"), {HOLDER}, {DOING}, DELIVERED),
        Verb("sign_off", N_("Sign off"), {REQUESTER}, {DELIVERED}, DONE),
        Verb("rework", N_("Rework"), {REQUESTER}, {DELIVERED}, DOING, asks=("reason", "text"), reasons=REWORK_REASONS),
        Verb("resume", N_("Resume"), {HOLDER}, {WAITING}, DOING),
        Verb("wait", N_("Put on hold"), {HOLDER}, {DOING}, WAITING, asks=("waiting_for", "text", "until")),
        Verb(
            "return",
            N_("Send back"),
            {RESPONSIBLE},
            {OFFERED, ACCEPTED, DOING},
            RETURNED,
            asks=("reason", "text"),
            reasons=RETURN_REASONS,
        ),
        Verb("withdraw", N_("Withdraw"), {REQUESTER}, {OFFERED, RETURNED}, DRAFT),
        Verb("ask_withdraw", N_("Ask to withdraw"), {REQUESTER}, IN_HAND, asks=("text",)),
        Verb("agree_withdraw", N_("Agree to withdraw"), {HOLDER}, IN_HAND, DRAFT),
        Verb("refuse_withdraw", N_("Refuse to withdraw"), {HOLDER}, IN_HAND, asks=("text",)),
        Verb("reassign", N_("Reassign"), {HOLDER, RESPONSIBLE_LEAD, MANAGER}, IN_HAND, asks=("user",)),
        Verb("urge", N_("Urge"), {REQUESTER}, {OFFERED, *IN_HAND}),
        Verb("cc", N_("Copy to"), {REQUESTER, RESPONSIBLE, MANAGER}, OPEN - {DRAFT}, asks=("users",)),
        Verb("ask_cosign", N_("Ask to co-sign"), {REQUESTER}, {DELIVERED}, asks=("users", "everyone")),
        Verb("cosign", N_("Co-sign"), {ASKED}, {DELIVERED}, asks=("agreed", "text")),
        Verb("cancel", N_("Cancel task"), {REQUESTER}, {DRAFT, OFFERED, RETURNED}, CANCELLED, asks=("text",)),
        Verb(
            "cancel_late",
            N_("Cancel task"),
            {REQUESTER_LEAD, MANAGER},
            {*IN_HAND, DELIVERED},
            CANCELLED,
            asks=("text",),
        ),
    )
}

# What the table cannot say by state alone: these need an open request to withdraw, or none.
WITHDRAW_ANSWERS = {"agree_withdraw", "refuse_withdraw"}

# The leg's phase by state, and whose hands the task is in.
PHASES = {
    DRAFT: ("prepare", REQUESTER),
    RETURNED: ("prepare", REQUESTER),
    OFFERED: ("accept", RESPONSIBLE),
    ACCEPTED: ("deliver", RESPONSIBLE),
    DOING: ("deliver", RESPONSIBLE),
    WAITING: ("wait", ""),
    DELIVERED: ("check", REQUESTER),
}


@dataclass(frozen=True)
class Situation:
    """What the rules need to know of a task: who is who, and what is still open."""

    state: str
    requester_team: str
    responsible_team: str
    holder_id: int | None = None
    withdraw_asked: bool = False
    urged_at: datetime | None = None
    asked: frozenset[int] = frozenset()  # users asked to co-sign this round who have not answered
    brief_problems: Mapping[str, Message] = field(default_factory=dict)
    open_blockers: tuple[str, ...] = ()
    open_children: tuple[str, ...] = ()
    empty_slots: tuple[str, ...] = ()
    open_checks: tuple[str, ...] = ()
    cosigns: tuple[tuple[bool, bool | None], ...] = ()  # (everyone, agreed) of this round


def sides(task: Situation, actor: Actor) -> frozenset[str]:
    """What ``actor`` is to ``task``. An administrator manages, but signs nothing for a team that is not theirs."""
    found = set()
    if actor.in_team(task.requester_team):
        found.add(REQUESTER)
    if actor.roles.get(task.requester_team) == "lead":
        found.add(REQUESTER_LEAD)
    if actor.in_team(task.responsible_team):
        found.add(RESPONSIBLE)
    if actor.roles.get(task.responsible_team) == "lead":
        found |= {RESPONSIBLE_LEAD, HOLDER}  # a lead stands in for an absent holder
    if actor.in_team(task.responsible_team) and actor.user_id == task.holder_id:
        found.add(HOLDER)
    if actor.user_id in task.asked:
        found.add(ASKED)
    if actor.admin:
        found.add(MANAGER)
    return frozenset(found)


def legal(task: Situation, actor: Actor) -> list[Verb]:
    """The verbs open to ``actor`` now, most natural first; whether each goes through is ``objections``' word."""
    held = sides(task, actor)
    return [verb for verb in VERBS.values() if not _forbidden(task, verb, held)]


def _forbidden(task: Situation, verb: Verb, held: frozenset[str]) -> Message | None:
    if task.state not in verb.origins:
        return msg(
            "%(verb)s is not possible in state “%(state)s”.",
            verb=Message(verb.label),
            state=Message(STATES[task.state]),
        )
    if not verb.sides & held:
        return msg(
            "%(verb)s is not yours to do here: it is for the %(side)s.", verb=Message(verb.label), side=_who(verb)
        )
    if verb.name in WITHDRAW_ANSWERS and not task.withdraw_asked:
        return msg("Nobody asked to withdraw this task.")
    if verb.name == "ask_withdraw" and task.withdraw_asked:
        return msg("Withdrawing was already asked for; the other side has to answer.")
    return None


def _who(verb: Verb) -> Message:
    if ASKED in verb.sides:
        return msg("person asked to co-sign")
    if HOLDER in verb.sides:
        return msg("holder")
    if REQUESTER_LEAD in verb.sides:
        return msg("requesting team's lead")
    return msg("requesting team") if REQUESTER in verb.sides else msg("responsible team")


def objections(task: Situation, verb: Verb, actor: Actor, said: Mapping[str, Any], at: datetime) -> dict[str, Message]:
    """Why ``actor`` may not do ``verb`` now, by the field it concerns ("" for the task); empty when it may."""
    if reason := _forbidden(task, verb, sides(task, actor)):
        return {"": reason}
    found = _unsaid(verb, said)
    if verb.name == "offer":
        found |= task.brief_problems
    if verb.name == "wait" and said.get("waiting_for") == task.responsible_team:
        found["waiting_for"] = msg("It is in that team's own hands; say for whom else it waits.")
    if reason := _obstacle(task, verb.name, at):
        found[""] = reason
    return found


_NEEDED = {
    "text": msg("Say why in a few words."),
    "waiting_for": msg("Say for whom the work waits."),
    "user": msg("Choose who takes it over."),
    "users": msg("Choose at least one person."),
}


def _unsaid(verb: Verb, said: Mapping[str, Any]) -> dict[str, Message]:
    found = {name: text for name, text in _NEEDED.items() if name in verb.asks and not said.get(name)}
    if "reason" in verb.asks and said.get("reason") not in verb.reasons:
        found = {"reason": msg("Choose a reason."), **found}
    if "agreed" in verb.asks and said.get("agreed") is not False:
        found.pop("text", None)  # who agrees need not say why
        if said.get("agreed") is not True:
            found["agreed"] = msg("Choose to agree or to refuse.")
    return found


def _obstacle(task: Situation, verb: str, at: datetime) -> Message | None:
    """What about the task itself stands against the verb."""
    if verb == "start" and task.open_blockers:
        return msg("It has to wait for %(tasks)s, which are not closed yet.", tasks=together(task.open_blockers, LIST))
    if verb == "deliver" and task.empty_slots:
        return msg("A file is still missing: %(slots)s.", slots=together(map(Message, task.empty_slots), LIST))
    if verb == "sign_off" and (reason := _unsigned(task)):
        return reason
    if verb in ("sign_off", "cancel", "cancel_late") and task.open_children:
        return msg("Its parts are still open: %(tasks)s.", tasks=together(task.open_children, LIST))
    if verb == "urge" and task.urged_at and at - task.urged_at < URGE_EVERY:
        return msg("It was urged less than two hours ago.")
    return None


def _unsigned(task: Situation) -> Message | None:
    """Which check or co-signature is missing."""
    if task.open_checks:
        return msg("These checks have not passed: %(checks)s.", checks=together(map(Message, task.open_checks), LIST))
    if any(agreed is False for _, agreed in task.cosigns):
        return msg("A co-signer refused; send it back for rework.")
    everyone = [agreed for all_, agreed in task.cosigns if all_]
    anyone = [agreed for all_, agreed in task.cosigns if not all_]
    if not all(everyone) or (anyone and not any(anyone)):
        return msg("Co-signatures are still missing.")
    return None
