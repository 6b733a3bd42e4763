"""Complaint playbooks: evidence to be had, amounts by role, who pays. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Protocol, TypeVar

from core.imports.rules import money_text
from core.messages import LIST, N_, Message, msg, together

PAYERS = {"store": N_("The store"), "courier": N_("The courier"), "supplier": N_("The supplier")}
MEMBER, LEAD, BEYOND = "member", "lead", "beyond"


class Dated(Protocol):
    """A playbook as far as choosing one needs it."""

    code: str
    since: date


Book = TypeVar("Book", bound=Dated)


def current(books: Iterable[Book], code: str, day: date) -> Book | None:
    """The playbook of a cause that holds on ``day``: the latest that began."""
    return max((each for each in books if each.code == code and each.since <= day), key=lambda b: b.since, default=None)


@dataclass(frozen=True)
class Case:
    """What the check needs to know of a ticket."""

    cause: str
    amount: int | None
    approved: bool
    evidence: bool  # whether a file is in the slot
    complaint: bool


@dataclass(frozen=True)
class Limits:
    """What a playbook asks for."""

    title: str
    evidence: tuple[str, ...]
    member_limit: int
    lead_limit: int


def level(amount: int | None, limits: Limits) -> str:
    """Who must agree to an amount: any member, a lead, or somebody beyond customer service."""
    if (amount or 0) <= limits.member_limit:
        return MEMBER
    return LEAD if (amount or 0) <= limits.lead_limit else BEYOND


def objections(case: Case, limits: Limits | None) -> list[Message]:
    """Why a ticket cannot be called resolved yet."""
    if case.complaint and not case.cause:
        return [msg("Name the cause of the complaint first: it says how it is handled.")]
    if limits is None:
        return []
    found = []
    if limits.evidence and not case.evidence:
        found.append(
            msg(
                "“%(playbook)s” asks for evidence: %(evidence)s. Put it into the evidence slot.",
                playbook=limits.title,
                evidence=together(limits.evidence, LIST),
            )
        )
    needed = level(case.amount, limits)
    if needed != MEMBER and not case.approved:
        limit = limits.member_limit if needed == LEAD else limits.lead_limit
        found.append(
            msg(
                "The amount is above the limit of %(limit)s yuan and has not been approved.",
                limit=money_text(limit),
            )
        )
    return found
