"""The ticket queue: what waits, the soonest due first, by the team's own clocks and the platform's."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Select, case, func, select
from sqlalchemy.orm import aliased, joinedload

from core.board import rules
from core.board.models import Task
from core.columns import now
from core.contracts import Actor
from core.extensions import db
from core.imports.plans import chunks
from core.listing import everything, paged
from core.messages import N_
from core.stores.models import Order
from core.web import local, say, whole_number
from plugins.cs import tickets
from plugins.cs.models import Ticket
from plugins.cs.rules.words import CAUSES
from plugins.cs.types import TASK_TYPES, TEAM

TABS = {
    "open": N_("All open"),
    "new": N_("To be answered"),
    "mine": N_("In my hands"),
    "waiting": N_("On hold"),
    "check": N_("To be checked"),
    "closed": N_("Closed tickets"),
}
SOON = 24 * 3600
COLUMNS = (
    N_("Number"),
    N_("Ticket"),
    N_("Kind"),
    N_("State"),
    N_("Order"),
    N_("Cause"),
    N_("Handled by"),
    N_("Parts open"),
    N_("Opened at"),
    N_("Our time"),
    N_("Platform decides"),
    N_("The buyer gets (yuan)"),
    N_("Satisfaction"),
)


@dataclass(frozen=True)
class Entry:
    """A ticket in the queue, with how many of its parts are open of how many."""

    task: Task
    ticket: Ticket
    order_no: str
    parts: int
    open_parts: int

    def late(self, at: datetime) -> bool:
        """Whether the team's own time is up."""
        return self.task.leg_due_at is not None and self.task.state in rules.OPEN and self.task.leg_due_at < at

    def judged(self, at: datetime) -> str:
        """How near the platform's own decision is: "", soon or past."""
        if self.ticket.platform_due_at is None or self.task.state not in rules.OPEN:
            return ""
        left = (self.ticket.platform_due_at - at).total_seconds()
        return "past" if left < 0 else "soon" if left < SOON else ""


def _states(tab: str, actor: Actor) -> ColumnElement[bool]:
    return {
        "new": Task.state == rules.OFFERED,
        "mine": (Task.holder_id == actor.user_id) & Task.state.in_(rules.IN_HAND),
        "waiting": Task.state == rules.WAITING,
        "check": Task.state == rules.DELIVERED,
        "closed": Task.closed_at.is_not(None),
    }.get(tab, Task.state.in_(rules.OPEN))


def _tickets(actor: Actor, args: Mapping[str, str]) -> list[ColumnElement[bool]]:
    found = [Task.type.in_(TASK_TYPES), Task.responsible_team == TEAM, Task.visible_to(actor)]
    if args.get("type") in TASK_TYPES:
        found.append(Task.type == args["type"])
    if args.get("cause") in CAUSES:
        found.append(Ticket.cause == args["cause"])
    if (store_id := whole_number(args.get("store"))) is not None:
        found.append(Ticket.store_id == store_id)
    for word in args.get("q", "")[:100].split()[:8]:
        sought = (Task.title, Task.number, Order.order_no, Ticket.case_no, Ticket.merchant_code)
        tried = [column.icontains(word, autoescape=True) for column in sought]
        found.append(tried[0] | tried[1] | tried[2] | tried[3] | tried[4])
    return found


def page(actor: Actor, args: Mapping[str, str], tab: str) -> tuple[Any, list[Entry]]:
    """One page of the queue: the pagination, and its entries."""
    found = paged(_ids(actor, args, tab), args)
    return found, _entries(found.items)


def table(actor: Actor, args: Mapping[str, str], tab: str) -> Iterator[list[Any]]:
    """All that the queue's address asks for, as a file holds it: under ``COLUMNS``."""
    for ids in chunks(everything(_ids(actor, args, tab))):
        for entry in _entries(ids):
            task, ticket = entry.task, entry.ticket
            yield [
                task.number,
                task.title,
                say(TASK_TYPES[task.type].label),
                say(rules.STATES[task.state]),
                entry.order_no,
                say(CAUSES.get(ticket.cause, ticket.cause)) if ticket.cause else "",
                task.holder.name if task.holder else "",
                entry.open_parts,
                *(local(moment) for moment in (ticket.opened_at, task.leg_due_at, ticket.platform_due_at)),
                Decimal(ticket.amount) / 100 if ticket.amount is not None else "",
                ticket.satisfaction or "",
            ]


def _ids(actor: Actor, args: Mapping[str, str], tab: str) -> Select[Any]:
    """The ids of the tickets that an address asks for, in order; whole tickets take much longer to sort."""
    sooner = case(
        (Task.leg_due_at.is_(None), Ticket.platform_due_at),
        (Ticket.platform_due_at.is_(None), Task.leg_due_at),
        (Ticket.platform_due_at < Task.leg_due_at, Ticket.platform_due_at),
        else_=Task.leg_due_at,
    )
    query = select(Task.id).where(*_tickets(actor, args), _states(tab, actor))
    if tab != "closed" or any(args.get(name) for name in ("q", "cause", "store")):  # else the task alone tells
        query = query.outerjoin(Ticket, Ticket.task_id == Task.id)
    if args.get("q"):
        query = query.outerjoin(Order, Order.id == Ticket.order_id)
    order = (Task.closed_at.desc(), Task.id.desc()) if tab == "closed" else (sooner.is_(None), sooner, Task.id)
    return query.order_by(*order)


def _entries(ids: Sequence[int]) -> list[Entry]:
    """The tickets of these ids, in their order."""
    loads = (joinedload(Ticket.task, innerjoin=True), joinedload(Ticket.order))
    whole = select(Ticket).where(Ticket.task_id.in_(ids)).options(*loads)
    known = {ticket.task_id: ticket for ticket in db.session.scalars(whole)}
    parts, found = _parts(ids), []
    for task_id in ids:
        ticket = known.get(task_id)
        task = ticket.task if ticket else db.session.get_one(Task, task_id)
        ticket = ticket or tickets.ticket_of(task)
        order_no = ticket.order.order_no if ticket.order else ""
        found.append(Entry(task, ticket, order_no, *parts.get(task_id, (0, 0))))
    return found


def _parts(ids: Sequence[int]) -> dict[int, tuple[int, int]]:
    child = aliased(Task)
    running = func.sum(case((child.state.in_(rules.OPEN), 1), else_=0))
    query = select(child.parent_id, func.count(), running).where(child.parent_id.in_(ids)).group_by(child.parent_id)
    return {parent: (count, int(open_)) for parent, count, open_ in db.session.execute(query)}


def counts(actor: Actor) -> dict[str, int]:
    """How many tickets stand behind each tab but the closed ones."""
    here = (Task.type.in_(TASK_TYPES), Task.responsible_team == TEAM, Task.visible_to(actor))
    tabs = [name for name in TABS if name != "closed"]
    columns = [func.sum(case((_states(name, actor), 1), else_=0)) for name in tabs]
    row = db.session.execute(select(*columns).select_from(Task).where(*here, Task.state.in_(rules.OPEN))).one()
    return {name: int(value or 0) for name, value in zip(tabs, row, strict=True)}


def pressing(actor: Actor) -> dict[str, int]:
    """What must not wait: nobody has answered it, the team's time is up, the platform decides within a day."""
    at = now()
    here = (
        Task.type.in_(TASK_TYPES),
        Task.responsible_team == TEAM,
        Task.visible_to(actor),
        Task.state.in_(rules.OPEN),
    )
    sums = {
        "new": Task.state == rules.OFFERED,
        "late": Task.leg_due_at < at,
        "judged": Ticket.platform_due_at < at + timedelta(seconds=SOON),
    }
    columns = [func.sum(case((condition, 1), else_=0)) for condition in sums.values()]
    query = select(*columns).select_from(Task).outerjoin(Ticket, Ticket.task_id == Task.id).where(*here)
    row = db.session.execute(query).one()
    return {name: int(value or 0) for name, value in zip(sums, row, strict=True)}
