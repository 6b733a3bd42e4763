"""Tickets: opened, kept in step with their task, edited, approved, merged; who looks at one right now."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, select, update

from core import localtime
from core.board import contents, moves, notices, rules, services
from core.board.models import Task
from core.board.services import Draft
from core.columns import now
from core.contracts import SYSTEM, Actor, Ref
from core.extensions import db
from core.imports.rules import money_text
from core.messages import N_, Refusal, Stale, msg, refuse
from core.stores.models import Order, Sku, Store
from core.transactions import transaction
from plugins.cs import guards
from plugins.cs.models import AfterSale, Playbook, Presence, Ticket
from plugins.cs.rules import playbooks
from plugins.cs.rules.words import CAUSES
from plugins.cs.types import OPERATIONS, TASK_TYPES, TEAM

SEEN_FOR = timedelta(seconds=45)  # after its last sign of life somebody is taken to be gone
CASE = "cs.after_sale"


def ticket_of(task: Task) -> Ticket:
    """The ticket beside a task; inside a transaction it is made where the task came another way."""
    return db.session.get(Ticket, task.id) or _made(task)


def _made(task: Task) -> Ticket:
    ticket = Ticket(task_id=task.id, opened_at=task.created_at, channel="wangwang", cause="", payer="", version=1)
    ticket.amount = task.brief.get("amount")
    _read_brief(ticket, task)
    return ticket


def _read_brief(ticket: Ticket, task: Task) -> None:
    """What the brief says of the case; what was decided on the ticket itself stays."""
    brief = task.brief
    ticket.store_id = task.store_id
    ticket.merchant_code = brief.get("merchant_code")
    ticket.channel = brief.get("channel") or ticket.channel
    ticket.case_no = brief.get("case_no")
    ticket.cause = ticket.cause or brief.get("cause", "")
    order = _order(brief, task.store_id)
    ticket.order_id = order.id if order else None
    if order and ticket.store_id is None:
        ticket.store_id = order.store_id
    _take_case(ticket, task)
    _take_playbook(ticket)


def _order(brief: Mapping[str, Any], store_id: int | None) -> Order | None:
    stores = [store_id] if store_id else select(Store.id)  # with a store an order's number is in an index
    mine = select(Order).where(Order.store_id.in_(stores), Order.order_no == brief.get("order_no"))
    return db.session.scalar(mine.order_by(Order.id).limit(1)) if brief.get("order_no") else None


def _take_case(ticket: Ticket, task: Task) -> None:
    linked = next((link.record_id for link in task.links if link.kind == CASE), None)
    case = db.session.get(AfterSale, linked) if linked else None
    if case is None and ticket.case_no:
        case = db.session.scalar(select(AfterSale).where(AfterSale.refund_no == ticket.case_no).limit(1))
    if case is None or ticket.after_sale_id == case.id:
        return
    ticket.after_sale_id = case.id
    ticket.order_id = ticket.order_id or case.order_id
    ticket.store_id = ticket.store_id or case.store_id
    ticket.amount = case.amount if ticket.amount is None else ticket.amount
    ticket.platform_due_at = ticket.platform_due_at or case.evidence_due_at or case.due_at


def _take_playbook(ticket: Ticket) -> None:
    books = db.session.scalars(select(Playbook).where(Playbook.code == ticket.cause)).all()
    book = playbooks.current(books, ticket.cause, localtime.day_of(ticket.opened_at))
    if book is None or book.id != ticket.playbook_id:
        ticket.playbook_id = book.id if book else None
        ticket.payer = book.payer if book else ticket.payer


def keep(task: Task) -> Ticket:
    """Store the ticket beside a task, or bring it in step with the task's brief."""
    with transaction() as session:
        task = session.get_one(Task, task.id)
        ticket = session.get(Ticket, task.id)
        if ticket is None:
            ticket = _made(task)
            session.add(ticket)
        else:
            _read_brief(ticket, task)
        services.link(task, _records(ticket), SYSTEM)
    return ticket


def _records(ticket: Ticket) -> list[Ref]:
    """The order and the SKU that a ticket is about, to be found from their pages."""
    found = [Ref("core.order", ticket.order_id)] if ticket.order_id else []
    if ticket.merchant_code and ticket.store_id:
        mine = (Sku.merchant_code == ticket.merchant_code, Sku.store_id == ticket.store_id)
        sku_id = db.session.scalar(select(Sku.id).where(*mine).limit(1))
        found += [Ref("core.sku", sku_id)] if sku_id else []
    return found


def follow(task: Task, verb: str, at: datetime | None = None) -> None:
    """Let the ticket keep when it was first answered and when it was resolved."""
    at = at or now()
    with transaction() as session:
        ticket = keep(task)
        legs = session.get_one(Task, task.id).legs
        accepted = [leg.started_at for leg in legs if leg.state == rules.ACCEPTED]
        delivered = [leg.started_at for leg in legs if leg.state == rules.DELIVERED]
        ticket.replied_at = min(accepted, default=None)
        if verb == "rework":
            ticket.resolved_at = None
        elif delivered and task.state in (rules.DELIVERED, rules.DONE):
            ticket.resolved_at = max(delivered)


def open_ticket(
    actor: Actor,
    type_name: str,
    draft: Draft,
    *,
    answered: bool = False,
    due: datetime | None = None,
    at: datetime | None = None,
) -> Task:
    """Open a ticket of the team's own: drafted, handed over, and, if it is ``answered`` already, accepted.

    ``due`` is when the platform decides by itself, if that is not known from an after-sale case.
    """
    if type_name not in TASK_TYPES:
        raise Refusal(fields={"type": msg("Choose a kind of ticket.")})
    if draft.store_id is None and (order := _order(draft.brief, None)):
        draft = replace(draft, store_id=order.store_id)
    with transaction():
        task = services.draft_task(actor, type_name, TEAM, draft, at)
        ticket = keep(task)
        ticket.platform_due_at = due or ticket.platform_due_at
        moves.move(task.id, "offer", actor, at=at)
        if answered:
            moves.move(task.id, "accept", actor, at=at)
    return task


def held(task_id: int, version: int | None = None) -> Ticket:
    """The ticket, read afresh and held until the transaction ends."""
    ticket = db.session.get(Ticket, task_id, with_for_update=True, populate_existing=True)
    if ticket is None:
        raise Refusal(msg("This ticket no longer exists."))
    if version is not None and ticket.version != version:
        raise Stale(msg("Somebody else changed this ticket first."))
    return ticket


def edit(task_id: int, actor: Actor, version: int | None, values: Mapping[str, Any]) -> Ticket:
    """Say what came of a ticket: cause, who pays, how much, until when the platform waits, how content the buyer is.

    Another amount or cause voids an approval.
    """
    amount, content = values.get("amount"), values.get("satisfaction")
    refuse(
        cause=None if values.get("cause", "") in CAUSES else msg("Choose one of the options."),
        payer=None if values.get("payer", "") in ("", *playbooks.PAYERS) else msg("Choose one of the options."),
        amount=msg("An amount cannot be negative.") if (amount or 0) < 0 else None,
        satisfaction=None if content is None or 1 <= content <= 5 else msg("Give one to five."),
    )
    with transaction() as session:
        task, ticket = moves.locked(task_id), held(task_id, version)
        before = {name: getattr(ticket, name) for name in values}
        for name, value in values.items():
            setattr(ticket, name, value)
        changed = {name: [str(before[name]), str(value)] for name, value in values.items() if before[name] != value}
        if changed.keys() & {"amount", "cause"}:
            ticket.approved_by_id = ticket.approved_at = None
        if "cause" in changed:
            _take_playbook(ticket)
            if "payer" in changed and values["payer"]:
                ticket.payer = values["payer"]
        ticket.version += 1
        session.flush()
        if changed:
            moves.touch(task, actor, N_("changed the ticket"), {"changes": changed})
    return ticket


def approve(task_id: int, actor: Actor, version: int | None, *, beyond: bool) -> Ticket:
    """Agree to the amount of a ticket; above what a lead may decide only who is ``beyond`` may."""
    with transaction() as session:
        task, ticket = moves.locked(task_id), held(task_id, version)
        if waits_for(ticket) == playbooks.BEYOND and not beyond:
            raise Refusal(msg("This amount is above what the team's lead may approve: an operations lead decides."))
        ticket.approved_by_id, ticket.approved_at = actor.user_id, now()
        ticket.version += 1
        session.flush()
        moves.touch(task, actor, N_("approved the amount"), {"amount": ticket.amount})
        said = msg("%(actor)s approved the amount of %(number)s %(title)s.")
        notices.notify(task, [task.holder_id, task.requester_id], actor, said)
    return ticket


def waits_for(ticket: Ticket) -> str:
    """Who has to agree to a ticket's amount, ``lead`` or ``beyond``; raises ``Refusal`` if nobody has to any more."""
    book = guards.limits(ticket.playbook)
    needed = playbooks.level(ticket.amount, book) if book and not ticket.approved_at else playbooks.MEMBER
    if needed == playbooks.MEMBER:
        raise Refusal(msg("There is no amount that waits for approval."))
    return needed


def ask_approval(task_id: int, actor: Actor) -> None:
    """Tell the leads who may agree to a ticket's amount; those of operations may read the ticket from then on."""
    with transaction():
        task, ticket = moves.locked(task_id), held(task_id)
        beyond = waits_for(ticket) == playbooks.BEYOND
        leads = notices.members(OPERATIONS if beyond else TEAM, "lead")
        if not leads:
            raise Refusal(msg("No lead is there to ask: an administrator can approve it."))
        if beyond:
            moves.watch(task, leads)
        moves.touch(task, actor, N_("asked for approval"), {"amount": ticket.amount}, outdates=False)
        amount = money_text(ticket.amount or 0)
        said = msg("%(actor)s asks you to approve ¥%(amount)s on %(number)s %(title)s.", amount=amount)
        notices.notify(task, leads, actor, said)


def merge(task_id: int, into: str, actor: Actor) -> Task:
    """Close a ticket that another one is about, too: its parts, its records and a note of it go to that one."""
    with transaction() as session:
        task = moves.locked(task_id)
        other = session.scalar(Task.held(Task.number == into.strip().upper(), Task.visible_to(actor)))
        if other is None or other.type not in TASK_TYPES or other.id == task.id or other.state not in rules.OPEN:
            raise Refusal(fields={"into": msg("Give the number of another open ticket.")})
        ticket = held(task.id)
        children = session.scalars(Task.held(Task.parent_id == task.id)).all()
        for child in children:
            child.parent_id = other.id
            moves.touch(child, actor, N_("moved to another ticket"), {"to": other.number})
        session.flush()
        services.link(other, [Ref(link.kind, link.record_id) for link in task.links], actor)
        ticket.merged_into_id = other.id
        contents.comment(other.id, f"{task.number} {task.title}", actor)
        _close_merged(task, actor, f"{task.number} → {other.number}")
    return other


def _close_merged(task: Task, actor: Actor, said: str) -> None:
    """Close a ticket that went into another: what is the team's own is cancelled, what others asked for goes back.

    Only a lead may cancel what is in hand, and every agent merges: theirs goes back as a duplicate first.
    """
    own = task.requester_team == TEAM
    if own and actor.roles.get(TEAM) == "lead" and task.state in (*rules.IN_HAND, rules.DELIVERED):
        moves.move(task.id, "cancel_late", actor, {"text": said})
        return
    if task.state == rules.WAITING:
        moves.move(task.id, "resume", actor)
    if not own or task.state not in (rules.DRAFT, rules.OFFERED, rules.RETURNED):
        moves.move(task.id, "return", actor, {"reason": "duplicate", "text": said})
    if own:
        moves.move(task.id, "cancel", actor, {"text": said})


def here(task_id: int, actor: Actor) -> Sequence[str]:
    """Say that ``actor`` looks at a ticket; names of those who do so, too."""
    at = now()
    with transaction() as session:
        session.execute(delete(Presence).where(Presence.at < at - 20 * SEEN_FOR))
        mine = (Presence.task_id == task_id, Presence.user_id == actor.user_id)
        if not session.execute(update(Presence).where(*mine).values(at=at)).rowcount:  # type: ignore[attr-defined]
            session.add(Presence(task_id=task_id, user_id=actor.user_id, at=at))
        session.flush()
        others = select(Presence).where(Presence.task_id == task_id, Presence.user_id != actor.user_id)
        return sorted(each.user.name for each in session.scalars(others.where(Presence.at >= at - SEEN_FOR)))
