"""Promised payments: found in notes, confirmed, approved, handed to finance as one task, paid once."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, delete, func, insert, select

from core import answers, localtime
from core.audit import services as audit
from core.board import moves, services
from core.board.models import Task, TaskLink
from core.board.services import Draft
from core.columns import now
from core.contracts import Actor, Ref
from core.extensions import db
from core.imports.models import ImportRow, through
from core.imports.plans import chunks
from core.imports.rules import money_text
from core.messages import N_, Message, Refusal, msg
from core.registry import registry
from core.stores.models import Order
from core.transactions import transaction
from core.web import say
from plugins.cs.models import AfterSale, Promise, Ticket
from plugins.cs.rules import promises as rules
from plugins.cs.rules.handouts import PAYMENT
from plugins.cs.types import TEAM

KIND = "cs.promise"
MOST = 500  # of one task for finance


def scan_batch(batch_id: int) -> int:
    """Draft a promise for each amount that the notes of the orders of an import name; how many are new."""
    here = (ImportRow.batch_id == batch_id, ImportRow.kind == "core.order", ImportRow.record_id.is_not(None))
    ids = through(db.session.execute(select(ImportRow.record_id, ImportRow.last_id).where(*here)))
    return sum(scan(part) for part in chunks(sorted(ids)))


def scan(order_ids: Sequence[int]) -> int:
    """Draft promises from the notes of these orders; each is found once, however often its note is read."""
    noted = (Order.id.in_(order_ids), Order.note.is_not(None), Order.note != "")
    fields = (Order.id, Order.store_id, Order.order_no, Order.note, Order.paid_at, Order.ordered_at)
    found: dict[tuple[int, str], dict[str, Any]] = {}
    for order_id, store_id, order_no, note, paid_at, ordered_at in db.session.execute(
        select(*fields).where(*noted).order_by(Order.id)
    ):
        for said in rules.promises_in(note):
            key = rules.key(order_no, said.amount)
            found[store_id, key] = {
                "store_id": store_id,
                "key": key,
                "order_no": order_no,
                "order_id": order_id,
                "amount": said.amount,
                "kind": said.kind,
                "source": "note",
                "text": note,
                "state": rules.SAID_PAID if said.settled else rules.DRAFT,
                "promised_at": paid_at or ordered_at or now(),
            }
    if not found:
        return 0
    with transaction() as session:
        keys = [key for _, key in found]
        known = set(session.execute(select(Promise.store_id, Promise.key).where(Promise.key.in_(keys))))
        rows = [row for key, row in found.items() if key not in known]
        if rows:
            session.execute(insert(Promise), rows)
    return len(rows)


def forget(store_id: int) -> int:
    """Drop a store's drafts that no order's note tells of any more; how many. Inside a transaction.

    What somebody has confirmed, or what a task is about, stays.
    """
    linked = select(TaskLink.task_id).where(TaskLink.kind == KIND, TaskLink.record_id == Promise.id)
    drafts = (Promise.store_id == store_id, Promise.source == "note", Promise.state.in_([rules.DRAFT, rules.SAID_PAID]))
    query = select(Promise.id, Promise.amount, Order.note).outerjoin(Order, Order.id == Promise.order_id)
    gone = [
        promise_id
        for promise_id, amount, note in db.session.execute(query.where(*drafts, ~linked.exists()))
        if amount not in {said.amount for said in rules.promises_in(note)}
    ]
    for part in chunks(gone):
        dropped = delete(Promise).where(Promise.id.in_(part))
        db.session.execute(dropped.execution_options(synchronize_session=False))
    return len(gone)


def refunds(promises: Iterable[Promise]) -> dict[int, list[rules.Refunded]]:
    """What is refunded another way of each promise's order: by cases that give money back, or as the order says."""
    promises = list(promises)
    wanted = {(each.store_id, each.order_no) for each in promises}
    stores = {store_id for store_id, _ in wanted}
    cases: dict[tuple[int, str], list[rules.Refunded]] = defaultdict(list)
    for part in chunks(sorted({number for _, number in wanted})):
        of_cases = select(AfterSale.store_id, AfterSale.order_no, AfterSale.refund_no, AfterSale.amount)
        given = (AfterSale.order_no.in_(part), AfterSale.status.not_in(rules.NO_REFUND), AfterSale.amount > 0)
        for store_id, order_no, refund_no, amount in db.session.execute(of_cases.where(*given)):
            cases[store_id, order_no].append(rules.Refunded(refund_no, amount))
        of_orders = select(Order.store_id, Order.order_no, Order.refund).where(
            Order.store_id.in_(stores), Order.order_no.in_(part), Order.refund > 0
        )
        for store_id, order_no, refund in db.session.execute(of_orders):
            if not cases[store_id, order_no]:
                cases[store_id, order_no].append(rules.Refunded("", refund))
    return {each.id: cases.get((each.store_id, each.order_no), []) for each in promises}


def conflicts(promises: Iterable[Promise]) -> dict[int, Message]:
    """Why each of these may not be paid, by id; those without a reason are left out."""
    found = {promise_id: rules.conflict(each) for promise_id, each in refunds(promises).items()}
    return {promise_id: why for promise_id, why in found.items() if why}


def of_task(task: Task) -> list[Promise]:
    """The payments that a task of finance is to make."""
    return list(db.session.scalars(select(Promise).where(Promise.task_id == task.id).order_by(Promise.id)))


def conflicts_of_task(task: Task) -> list[Message]:
    """Why finance may not make the payments of a task now."""
    mine = of_task(task)
    refused = conflicts(mine)
    return [
        msg("%(order)s: %(why)s", order=each.order_no, why=refused[each.id]) for each in mine if each.id in refused
    ][:20]


def step(ids: Sequence[int], name: str, actor: Actor, reason: str = "") -> tuple[int, list[Message]]:
    """Take promises a step on together: how many went, and why the others did not.

    Who confirmed a promise may approve it, too, if they lead; a refunded order's promise is never approved.
    """
    _, target = rules.STEPS[name]
    if name == "drop" and not reason.strip():
        raise Refusal(fields={"reason": msg("Say why in a few words.")})
    at, done, refused = now(), 0, []
    with transaction() as session:
        rows = session.scalars(
            select(Promise)
            .where(Promise.id.in_(ids))
            .order_by(Promise.id)
            .with_for_update()
            .execution_options(populate_existing=True)
        ).all()
        against = conflicts(rows) if name == "approve" else {}
        for each in rows:
            if not rules.may(name, each.state):
                refused.append(
                    msg("%(order)s is “%(state)s”.", order=each.order_no, state=Message(rules.STATES[each.state]))
                )
            elif each.id in against:
                refused.append(msg("%(order)s: %(why)s", order=each.order_no, why=against[each.id]))
            else:
                _take(each, name, target, actor, at, reason=reason)
                done += 1
    return done, refused


def _take(promise: Promise, name: str, target: str, actor: Actor, at: datetime, *, reason: str = "") -> None:
    promise.state = target
    promise.version += 1
    if name == "confirm":
        promise.confirmed_by_id, promise.confirmed_at, promise.reason = actor.user_id, at, ""
    elif name == "approve":
        promise.approved_by_id, promise.approved_at = actor.user_id, at
    elif name == "drop":
        promise.reason = reason.strip()[:1000]
    elif name == "pay":
        promise.paid_at = at
    verb = {
        "confirm": N_("confirmed the promise"),
        "drop": N_("dropped the promise"),
        "approve": N_("approved the promise"),
        "hand": N_("handed the promise to finance"),
        "pay": N_("noted the payment"),
        "take_back": N_("took the promise back"),
    }[name]
    audit.record(actor, verb, Ref(KIND, promise.id), {"text": reason}, store_id=promise.store_id, team=TEAM)


def hand_over(store_id: int, actor: Actor, at: datetime | None = None) -> Task:
    """Hand all approved promises of a store to finance, as one task; those refunded meanwhile stay behind."""
    if PAYMENT not in registry().task_types:
        raise Refusal(msg("There is no finance team here to hand it to."))
    with transaction() as session:
        mine = (Promise.store_id == store_id, Promise.state == rules.APPROVED)
        query = select(Promise).where(*mine).order_by(Promise.id).limit(MOST).with_for_update()
        rows = session.scalars(query.execution_options(populate_existing=True)).all()
        against = conflicts(rows)
        rows = [each for each in rows if each.id not in against]
        if not rows:
            raise Refusal(msg("No approved promise waits to be handed over."))
        total = sum(each.amount for each in rows)
        lines = "\n".join(f"{each.order_no}  {money_text(each.amount)}" for each in rows)
        title = say(msg("%(count)s promised payments, %(amount)s yuan", count=len(rows), amount=money_text(total)))
        brief = {"amount": total, "count": len(rows), "what": lines}
        refs = tuple(Ref(KIND, each.id) for each in rows)
        task = services.draft_task(actor, PAYMENT, TEAM, Draft(title, brief, store_id=store_id, records=refs), at)
        for each in rows:
            each.task_id = task.id
            _take(each, "hand", rules.HANDED, actor, at or now())
        session.flush()
        moves.move(task.id, "offer", actor, at=at)
    return task


def of_ticket(ticket: Ticket, order_no: str, child: Task, actor: Actor) -> Promise:
    """The promise that a ticket's payment is, so that it is paid once; one there is already refuses it."""
    if ticket.store_id is None or not ticket.amount or not order_no:
        raise Refusal(msg("A payment needs the order and the amount: enter them on the ticket."))
    with transaction() as session:
        key = rules.key(order_no, ticket.amount)
        mine = (Promise.store_id == ticket.store_id, Promise.key == key)
        promise = session.scalar(select(Promise).where(*mine).with_for_update())
        if promise is not None and promise.state in (rules.HANDED, rules.PAID):
            raise Refusal(msg("%(order)s: this amount is promised and handed to finance already.", order=order_no))
        if promise is None:
            made = {"order_no": order_no, "order_id": ticket.order_id, "amount": ticket.amount, "key": key}
            promise = Promise(store_id=ticket.store_id, kind="goodwill", source="ticket", version=1, **made)
            session.add(promise)
        promise.state, promise.task_id, promise.approved_by_id = rules.HANDED, child.id, actor.user_id
        promise.approved_at = now()
        session.flush()
        if why := conflicts([promise]).get(promise.id):
            raise Refusal(why)
    return promise


def follow(task: Task, verb: str, actor: Actor) -> None:
    """Promises go the way of finance's task: signed off they are paid, cancelled they are approved again."""
    name = {"sign_off": "pay", "cancel": "take_back", "cancel_late": "take_back"}.get(verb)
    if task.type != PAYMENT or name is None:
        return
    with transaction() as session:
        mine = (Promise.task_id == task.id, Promise.state == rules.HANDED)
        for each in session.scalars(select(Promise).where(*mine)).all():
            _take(each, name, rules.STEPS[name][1], actor, now())
            if name == "take_back":
                each.task_id = None


def promised(store_id: int, first: date, last: date) -> Iterator[answers.Promise]:
    """Promises of a store that were made from one day to another and are meant to be kept."""
    begin, end = localtime.begins(first), localtime.ends(last)
    here = (Promise.store_id == store_id, Promise.promised_at >= begin, Promise.promised_at < end)
    for each in db.session.scalars(
        select(Promise).where(*here, Promise.state.in_(rules.STANDING)).order_by(Promise.id)
    ):
        yield answers.Promise(
            number=f"CSP-{each.id}",
            order_no=each.order_no,
            amount=each.amount,
            promised_at=each.promised_at,
            reason=say(rules.KINDS.get(each.kind, each.kind)),
            ref=Ref(KIND, each.id),
        )


def sums(among: Select[Any] | None = None) -> Mapping[str, tuple[int, int]]:
    """How many promises are in each state, and how much they come to; ``among`` selects those that are counted."""
    query = select(Promise.state, func.count(), func.sum(Promise.amount)).group_by(Promise.state)
    if among is not None:
        query = query.where(Promise.id.in_(among.with_only_columns(Promise.id).order_by(None)))
    return {state: (count, int(amount)) for state, count, amount in db.session.execute(query)}
