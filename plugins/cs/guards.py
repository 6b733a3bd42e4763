"""What customer service has against a move of one of its tasks, beyond core's table of verbs."""

from core.board.models import Task
from core.contracts import Actor
from core.extensions import db
from core.messages import Message, msg
from plugins.cs import promises
from plugins.cs.models import Playbook, Ticket
from plugins.cs.rules import playbooks
from plugins.cs.rules.handouts import PAYMENT
from plugins.cs.types import COMPLAINT, EVIDENCE, TASK_TYPES


def objections(task: Task, verb: str, _actor: Actor) -> list[Message]:
    """Reasons not to deliver a ticket against its playbook, nor to pay what is refunded another way."""
    if task.type == PAYMENT and verb in ("offer", "accept", "deliver"):
        return promises.conflicts_of_task(task)
    if task.type not in TASK_TYPES or verb != "deliver":
        return []
    ticket = db.session.get(Ticket, task.id)
    if ticket is None:
        return []
    return playbooks.objections(case_of(task, ticket), limits(ticket.playbook))


def case_of(task: Task, ticket: Ticket) -> playbooks.Case:
    """What the playbook's check needs to know."""
    return playbooks.Case(
        cause=ticket.cause,
        amount=ticket.amount,
        approved=ticket.approved_at is not None,
        evidence=any(file.slot == EVIDENCE for file in task.files),
        complaint=task.type == COMPLAINT.name,
    )


def limits(book: Playbook | None) -> playbooks.Limits | None:
    """A playbook as the check reads it."""
    if book is None:
        return None
    return playbooks.Limits(book.title, tuple(book.evidence), book.member_limit, book.lead_limit)


def waits_for_approval(ticket: Ticket) -> Message | None:
    """Why an amount may not be paid yet."""
    book = limits(ticket.playbook)
    if book is None or ticket.approved_at or playbooks.level(ticket.amount, book) == playbooks.MEMBER:
        return None
    return msg("The amount has to be approved first.")
