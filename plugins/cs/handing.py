"""What a ticket hands to other teams: drafted as its parts, handed over, at once or one after another."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from core.board import contents, moves, rules, services
from core.board.models import Task, TaskBlocker, TaskFile
from core.board.services import Draft
from core.board.types import task_type
from core.columns import now
from core.contracts import Actor, Ref
from core.extensions import db
from core.messages import Message, Refusal, msg
from core.registry import registry, team_label
from core.stores.models import OrderLine
from core.transactions import transaction
from core.web import say
from plugins.cs import guards, promises, tickets
from plugins.cs.models import AfterSale, Ticket
from plugins.cs.rules import handouts
from plugins.cs.rules.handouts import HANDOUTS, Handout
from plugins.cs.types import EVIDENCE, TEAM


@dataclass(frozen=True)
class Part:
    """A child of a ticket as its agent sees it, whoever's board it is on."""

    number: str
    label: str
    state: str
    state_label: str
    team: str
    holder: str
    waits_for: tuple[str, ...]
    visible: bool


def offered() -> list[tuple[Handout, str]]:
    """What can be handed out here, with the kind of task that it becomes."""
    types, teams = registry().task_types, registry().teams
    found = [(each, handouts.chosen_type(each, types, teams)) for each in HANDOUTS.values()]
    return [(each, name) for each, name in found if name]


def usual(ticket: Ticket) -> tuple[str, ...]:
    """What is usually handed out for a ticket's cause: as its playbook says, or else as the trade does.

    What the supplier is to pay for, the supplier is told of.
    """
    steps = ticket.playbook.steps if ticket.playbook else handouts.BY_CAUSE.get(ticket.cause, ())
    more = ("supplier",) if ticket.payer == "supplier" and "supplier" not in steps else ()
    return (*steps, *more)


def hand_out(
    task_id: int,
    codes: Sequence[str],
    actor: Actor,
    text: str = "",
    *,
    in_order: bool = False,
    at: datetime | None = None,
) -> tuple[list[Task], list[Message]]:
    """Hand parts of a ticket to other teams; the parts, and why some of them are still drafts.

    ``in_order`` lets each wait for the one before it. All of them are drafted or none is.
    """
    kinds = {each.code: (each, name) for each, name in offered()}
    chosen = [code for code in HANDOUTS if code in codes and code in kinds]
    if not chosen:
        raise Refusal(fields={"codes": msg("Choose at least one.")})
    made: list[Task] = []
    with transaction():
        parent, ticket = moves.locked(task_id), tickets.held(task_id)
        if parent.state not in rules.OPEN:
            raise Refusal(msg("The ticket is closed."))
        known = handouts.known(_facts(parent, ticket), text.strip())
        for code in chosen:
            blockers = (made[-1].id,) if in_order and made else ()
            made.append(_draft(parent, ticket, kinds[code], actor, known=known, blockers=blockers, at=at))
        left = [why for child in made for why in _offer(child, actor, at)]
    return made, left


def _draft(
    parent: Task,
    ticket: Ticket,
    chosen: tuple[Handout, str],
    actor: Actor,
    *,
    known: Mapping[str, Any],
    blockers: tuple[int, ...],
    at: datetime | None,
) -> Task:
    handout, name = chosen
    kind = task_type(name)
    draft = Draft(
        f"{say(handout.label)} · {parent.title}"[:200],
        handouts.brief_for(kind.fields, known),
        parent.priority,
        store_id=ticket.store_id,
        parent_id=parent.id,
        blockers=blockers,
        records=tuple(Ref(link.kind, link.record_id) for link in parent.links),
        to="" if kind.team == handout.team else handout.team,
    )
    if handout.code == "refund" and (why := guards.waits_for_approval(ticket)):
        raise Refusal(why)
    child = services.draft_task(actor, name, TEAM, draft, at)
    if handout.evidence:
        _enclose(child, [file for file in parent.files if file.slot == EVIDENCE], actor, at)
    if handout.code == "refund":
        promise = promises.of_ticket(ticket, str(known["order_no"]), child, actor)
        services.link(child, [Ref(promises.KIND, promise.id)], actor)
    return child


def _enclose(child: Task, files: Sequence[TaskFile], actor: Actor, at: datetime | None) -> None:
    """Let whoever gets a part see the ticket's evidence, which they could not open on the ticket itself."""
    for number, file in enumerate(files, 1):
        same = {"file_id": file.file_id, "sha256": file.sha256, "by_id": file.by_id, "at": at or now()}
        child.files.append(TaskFile(slot=contents.BRIEF_SLOT, version=number, **same))
    if files:
        moves.touch(child, actor, "add_file", {"slot": contents.BRIEF_SLOT, "name": files[-1].file.name})


def _offer(child: Task, actor: Actor, at: datetime | None) -> list[Message]:
    """Hand a part over; one whose brief the other team wants to know more in stays a draft of ours."""
    try:
        moves.move(child.id, "offer", actor, at=at)
    except Refusal as refusal:
        return [msg("%(number)s is still a draft: %(why)s", number=child.number, why=why) for why in refusal.reasons]
    return []


def _facts(task: Task, ticket: Ticket) -> dict[str, Any]:
    order = ticket.order
    case = db.session.get(AfterSale, ticket.after_sale_id) if ticket.after_sale_id else None
    return {
        "number": task.number,
        "what": task.brief.get("what", ""),
        "cause": ticket.cause,
        "amount": ticket.amount,
        **_goods(ticket),
        "order_no": order.order_no if order else task.brief.get("order_no", ""),
        "items": order.items if order else "",
        "waybill_no": (case and case.return_waybill_no) or (order and order.waybill_no) or "",
        "carrier": (case and case.return_carrier) or (order and order.carrier) or "",
    }


def _goods(ticket: Ticket) -> dict[str, Any]:
    """Which article a ticket is about (the only one of its order, if none is named), and how many pieces of it."""
    mine = select(OrderLine.merchant_code, func.sum(OrderLine.quantity)).where(OrderLine.order_id == ticket.order_id)
    lines = dict(db.session.execute(mine.group_by(OrderLine.merchant_code)).all()) if ticket.order_id else {}
    code = ticket.merchant_code or (next(iter(lines)) if len(lines) == 1 else None)
    return {"merchant_code": code, "quantity": lines.get(code)}


def parts_of(task: Task, actor: Actor) -> list[Part]:
    """Every part of a ticket: how it stands, in whose hands, and what it waits for."""
    children = list(db.session.scalars(select(Task).where(Task.parent_id == task.id).order_by(Task.id)))
    ids = [child.id for child in children]
    seen = set(db.session.scalars(select(Task.id).where(Task.id.in_(ids), Task.visible_to(actor))))
    ties = (
        select(TaskBlocker.task_id, Task.number)
        .join(Task, Task.id == TaskBlocker.blocker_id)
        .where(TaskBlocker.task_id.in_(ids), Task.state.in_(rules.OPEN))
    )
    waits: dict[int, list[str]] = {}
    for child_id, number in db.session.execute(ties):
        waits.setdefault(child_id, []).append(number)
    return [
        Part(
            child.number,
            task_type(child.type).label,
            child.state,
            rules.STATES[child.state],
            team_label(child.responsible_team),
            child.holder.name if child.holder else "",
            tuple(waits.get(child.id, ())),
            child.id in seen,
        )
        for child in children
    ]
