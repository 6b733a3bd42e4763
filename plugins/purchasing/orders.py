"""The way of a purchase order: drafted, approved by tier, sent, received in parts, closed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import update

from core.access import allowed
from core.audit import services as audit
from core.board import services as board
from core.board.models import Task
from core.board.notices import members
from core.columns import now
from core.contracts import Actor, Ref
from core.extensions import db
from core.messages import LIST, N_, Message, Refusal, Stale, msg, refuse, together
from core.numbers import number_of_month
from core.transactions import transaction
from core.web import yuan
from plugins.purchasing import limits, rules
from plugins.purchasing.models import Approval, Offer, PurchaseLine, PurchaseOrder, Suggestion, Supplier

TEAM = "purchasing"
KIND = "purchasing.order"

DRAFT, APPROVAL, APPROVED, SENT, PARTLY, RECEIVED, CLOSED, REFUSED, CANCELLED = (
    "draft",
    "approval",
    "approved",
    "sent",
    "partly",
    "received",
    "closed",
    "refused",
    "cancelled",
)
STATES = {
    DRAFT: N_("Draft"),
    APPROVAL: N_("Waits for approval"),
    APPROVED: N_("Approved"),
    SENT: N_("Sent"),
    PARTLY: N_("Received in part"),
    RECEIVED: N_("All received"),
    CLOSED: N_("Order finished"),
    REFUSED: N_("Not approved"),
    CANCELLED: N_("Cancelled"),
}
OPEN = (APPROVED, SENT, PARTLY)  # what is on its way
NOT_APPROVED = (DRAFT, APPROVAL)
REACH = {"member": "purchasing.buy", "lead": "purchasing.approve"}
BEFORE_SENDING = (DRAFT, APPROVAL, APPROVED, REFUSED)


@dataclass(frozen=True)
class Wanted:
    """An order to be written: what, of whom, for which store. ``lines`` are code, name, pieces, fen a piece."""

    store_id: int
    supplier_id: int
    lines: Sequence[tuple[str, str, int, int]]
    freight: int = 0
    discount: int = 0
    expected_on: date | None = None
    note: str = ""
    platform_no: str | None = None


def draft_order(actor: Actor, wanted: Wanted, task: Task | None = None) -> PurchaseOrder:
    """Write a new order, to be found from the request that it is for; raises ``Refusal`` with a reason per field."""
    _demand_sound(wanted)
    with transaction() as session:
        order = PurchaseOrder(
            number=number_of_month("PO", "purchasing.order"),
            store_id=wanted.store_id,
            supplier_id=wanted.supplier_id,
            by_id=actor.user_id,
        )
        _write(order, wanted)
        session.add(order)
        session.flush()
        if task is not None:
            board.link(session.get_one(Task, task.id), [Ref(KIND, order.id)], actor)
        log(actor, order, N_("drafted an order"), {"total": order.total})
    return order


def edit_order(actor: Actor, order_id: int, wanted: Wanted, version: int | None = None) -> PurchaseOrder:
    """Rewrite an order that is not sent yet; it is a draft again, and approval is asked for anew."""
    _demand_sound(wanted)
    with transaction():
        order = locked(order_id, version)
        _demand(order, *BEFORE_SENDING)
        before = order.total
        order.state = DRAFT
        _write(order, wanted)
        log(actor, order, N_("changed an order"), {"before": before, "total": order.total})
    return order


def _demand_sound(wanted: Wanted) -> None:
    problems: dict[str, Message] = {}
    supplier = db.session.get(Supplier, wanted.supplier_id)
    if supplier is None or supplier.status != "active":
        problems["supplier"] = msg("Choose a supplier that is bought from.")
    if not wanted.lines:
        problems["lines"] = msg("An order needs at least one line.")
    if any(pieces < 1 or price < 0 or not code for code, _, pieces, price in wanted.lines):
        problems["lines"] = msg("Each line needs a code, at least one piece and a price.")
    if twice := rules.twice(code for code, *_ in wanted.lines):
        problems["lines"] = msg("%(code)s stands on two lines; put them together.", code=twice)
    goods = sum(pieces * price for _, _, pieces, price in wanted.lines)
    if wanted.freight < 0 or not 0 <= wanted.discount <= goods + max(wanted.freight, 0):
        problems["discount"] = msg("Freight and discount cannot be negative, nor the discount more than the order.")
    refuse(**problems)


def _write(order: PurchaseOrder, wanted: Wanted) -> None:
    order.freight, order.discount = wanted.freight, wanted.discount
    order.expected_on, order.note, order.supplier_id = wanted.expected_on, wanted.note.strip(), wanted.supplier_id
    order.platform_no = (wanted.platform_no or "").strip()[:40] or None
    order.lines = [
        PurchaseLine(merchant_code=code, name=name, quantity=pieces, price=price)
        for code, name, pieces, price in wanted.lines
    ]


def locked(order_id: int, version: int | None = None) -> PurchaseOrder:
    """An order, held until the end of the transaction; raises ``Stale`` if it is not as it was seen."""
    order = db.session.get(PurchaseOrder, order_id, with_for_update=True, populate_existing=True)
    if order is None or version not in (None, order.version):
        raise Stale(msg("Somebody else changed this order meanwhile; look at it again."))
    order.version += 1
    return order


def _demand(order: PurchaseOrder, *states: str) -> None:
    if order.state not in states:
        raise Refusal(
            msg(
                "%(number)s is “%(state)s”; that cannot be done now.",
                number=order.number,
                state=Message(STATES[order.state]),
            )
        )


def submit(actor: Actor, order_id: int, version: int | None = None) -> PurchaseOrder:
    """Ask for approval. Whoever may approve all of it by themselves still asks: nobody approves their own order."""
    with transaction():
        order = locked(order_id, version)
        _demand(order, DRAFT)
        if unpriced := [line.merchant_code for line in order.lines if not line.price]:
            raise Refusal(msg("Give the price of %(codes)s.", codes=together(unpriced[:5], LIST)))
        order.state, order.submitted_at = APPROVAL, now()
        log(
            actor,
            order,
            N_("asked for approval"),
            {"total": order.total, "tier": rules.tier(order.total, limits_of(order))},
        )
    return order


def said(order: PurchaseOrder) -> list[Approval]:
    """What was said since approval was last asked for."""
    return [each for each in order.approvals if order.submitted_at is None or each.at >= order.submitted_at]


def limits_of(order: PurchaseOrder) -> tuple[int, int]:
    """The limits that an order is approved under: those of the moment at which approval was asked for."""
    return limits.at(order.submitted_at if order.state == APPROVAL and order.submitted_at else now())


def pending(order: PurchaseOrder) -> list[int]:
    """The tiers whose yes an order still needs. Where nobody but the buyer leads purchasing, an administrator is
    enough."""
    needed = rules.approvers(order.total, limits_of(order))
    if len(needed) > 1 and not {*members(TEAM, "lead")} - {order.by_id}:
        needed = needed[-1:]
    given = {each.tier for each in said(order) if each.yes and each.total == order.total}
    return [place for place in needed if place not in given]


def may_approve(actor: Actor, order: PurchaseOrder) -> int | None:
    """The tier that an actor may say yes for: not of their own order, and nobody for two."""
    spoke = {each.by_id for each in said(order)}
    if actor.user_id in spoke | {order.by_id} and actor.user_id is not None:
        return None
    reached = (place for place in reversed(pending(order)) if _reaches(actor, rules.ROLES[place]))
    return next(reached, None)


def _reaches(actor: Actor, role: str) -> bool:
    return actor.admin or (role in REACH and allowed(actor, REACH[role]))


def may_refuse(actor: Actor, order: PurchaseOrder) -> bool:
    """Whoever may approve may also say no, and a lead to any order that is not theirs."""
    own = order.by_id == actor.user_id and actor.user_id is not None
    return may_approve(actor, order) is not None or (not own and _reaches(actor, "lead"))


def decide(actor: Actor, order_id: int, yes: bool, reason: str, version: int | None = None) -> PurchaseOrder:
    """Approve an order for one tier, or refuse it with a reason; the last tier's yes approves it, one no stops it."""
    reason = reason.strip()[:500]
    if not yes and not reason:
        raise Refusal(fields={"reason": msg("Say why in a few words.")})
    with transaction() as session:
        order = locked(order_id, version)
        _demand(order, APPROVAL)
        tier = may_approve(actor, order)
        if (tier is None) if yes else not may_refuse(actor, order):
            raise Refusal(msg("An order of %(total)s is approved by somebody else.", total=yuan(order.total)))
        place = rules.tier(order.total, limits_of(order)) if tier is None else tier
        given = Approval(tier=place, total=order.total, yes=yes, reason=reason, by_id=actor.user_id, at=now())
        order.approvals.append(given)
        session.flush()
        order.state = REFUSED if not yes else APPROVAL if pending(order) else APPROVED
        log(actor, order, N_("approved an order") if yes else N_("refused an order"), {"text": reason, "tier": place})
    return order


def send(actor: Actor, order_id: int, version: int | None = None) -> PurchaseOrder:
    """Say that an approved order went out to the supplier."""
    with transaction():
        order = locked(order_id, version)
        _demand(order, APPROVED)
        order.state, order.ordered_at = SENT, now()
        log(actor, order, N_("sent an order"), {})
    return order


def cancel(actor: Actor, order_id: int, reason: str, version: int | None = None) -> PurchaseOrder:
    """Give an order up before anything of it arrived."""
    reason = reason.strip()[:500]
    if not reason:
        raise Refusal(fields={"reason": msg("Say why in a few words.")})
    with transaction():
        order = locked(order_id, version)
        _demand(order, DRAFT, APPROVAL, APPROVED, SENT, REFUSED)
        order.state = CANCELLED
        db.session.execute(update(Suggestion).where(Suggestion.order_id == order.id).values(order_id=None))
        log(actor, order, N_("cancelled an order"), {"text": reason})
    return order


def close(actor: Actor, order_id: int, reason: str, version: int | None = None) -> PurchaseOrder:
    """End an order: whole, or with a reason for what will not come any more."""
    with transaction():
        order = locked(order_id, version)
        _demand(order, PARTLY, RECEIVED)
        if order.state == PARTLY and not reason.strip():
            raise Refusal(fields={"reason": msg("Say what becomes of the rest.")})
        order.state = CLOSED
        log(actor, order, N_("closed an order"), {"text": reason.strip()[:500]})
    return order


def priced(offers: Mapping[str, Offer], lines: Sequence[tuple[str, str, int]]) -> list[tuple[str, str, int, int]]:
    """Lines with the price of the offer that the quantity reaches; without one, at 0 for the buyer to fill in."""
    return [
        (code, name, pieces, (rules.price_for(offers[code].prices, pieces) if code in offers else None) or 0)
        for code, name, pieces in lines
    ]


def log(actor: Actor, order: PurchaseOrder, verb: str, data: Mapping[str, Any]) -> None:
    """Put down in the log what was done with an order."""
    facts = {"number": order.number, "state": order.state, **data}
    audit.record(actor, verb, Ref(KIND, order.id), facts, store_id=order.store_id, team=TEAM)
