"""Complaints that a supplier answers for: taken over with their task, judged by a buyer, counted once signed off."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from core.audit import services as audit
from core.board import moves, rules
from core.board.models import Task
from core.columns import now
from core.contracts import Actor, Ref
from core.extensions import db
from core.messages import N_, Message, Refusal, Stale, msg, refuse
from core.transactions import transaction
from plugins.purchasing.models import Complaint, Offer, PurchaseLine, PurchaseOrder, Receipt, Supplier
from plugins.purchasing.types import CAUSES, COMPLAINT, TEAM

UPHELD, NOT_THEIRS = "upheld", "not_theirs"
VERDICTS = {UPHELD: N_("The supplier's fault"), NOT_THEIRS: N_("Not the supplier's fault")}
NOT_OURS = (rules.DRAFT, rules.OFFERED, rules.RETURNED, rules.CANCELLED)
SHOWN = 50


def of_task(task: Task) -> Complaint:
    """The complaint beside a task; until it is stored, as the brief tells it."""
    found = db.session.scalar(select(Complaint).where(Complaint.task_id == task.id))
    if found is None:
        found = Complaint(task_id=task.id, verdict="", answer="", version=0)
        _read_brief(found, task)
    return found


def _read_brief(found: Complaint, task: Task) -> None:
    brief = task.brief
    found.store_id = task.store_id
    found.merchant_code = str(brief.get("merchant_code", ""))[:80]
    found.cause = brief.get("cause") if brief.get("cause") in CAUSES else "other"
    found.order_no = str(brief.get("order_no", ""))[:80]
    found.quantity = brief.get("quantity") or 1
    found.supplier_id = supplier_of(found.store_id, found.merchant_code)


def supplier_of(store_id: int | None, merchant_code: str) -> int | None:
    """Whose an article is: of who delivered it last, or else of who is to be asked for it first."""
    if store_id is None or not merchant_code:
        return None
    came = (
        select(PurchaseOrder.supplier_id)
        .join(PurchaseLine, PurchaseLine.order_id == PurchaseOrder.id)
        .join(Receipt, Receipt.order_id == PurchaseOrder.id)
        .where(PurchaseOrder.store_id == store_id, PurchaseLine.merchant_code == merchant_code)
        .order_by(Receipt.at.desc(), Receipt.id.desc())
    )
    asked = (
        select(Offer.supplier_id)
        .where(Offer.store_id == store_id, Offer.merchant_code == merchant_code)
        .order_by(Offer.preferred.desc(), Offer.id)
    )
    return db.session.scalar(came.limit(1)) or db.session.scalar(asked.limit(1))


def follow(task: Task, verb: str, actor: Actor) -> None:
    """Take a complaint over when its task is accepted, and count it when the answer is signed off."""
    if task.type != COMPLAINT.name or task.state in NOT_OURS:
        return
    with transaction() as session:
        task = moves.locked(task.id)
        found = of_task(task)
        if verb == "accept" and not found.verdict:
            _read_brief(found, task)
        done = task.state == rules.DONE
        if done and found.counted_at is None and found.verdict == UPHELD and found.supplier_id:
            _log(actor, found, task)
        found.counted_at = (found.counted_at or now()) if done else None
        session.add(found)


def _log(actor: Actor, found: Complaint, task: Task) -> None:
    data = {"text": task.number, "cause": found.cause, "quantity": found.quantity}
    verb = N_("counted a complaint against the supplier")
    ref = Ref("purchasing.supplier", found.supplier_id or 0)
    audit.record(actor, verb, ref, data, store_id=found.store_id, team=TEAM)


def judge(task_id: int, actor: Actor, version: int | None, given: Mapping[str, Any]) -> Complaint:
    """Say whose goods a complaint is about, how many pieces, and whether the supplier is at fault."""
    verdict, quantity, supplier_id = given.get("verdict", ""), given.get("quantity"), given.get("supplier_id")
    refuse(
        verdict=None if verdict in VERDICTS else msg("Choose one of the options."),
        quantity=None if quantity and quantity > 0 else msg("At least one piece."),
        supplier=_unknown(supplier_id, verdict),
    )
    with transaction() as session:
        task = moves.locked(task_id)
        if task.state not in rules.IN_HAND:
            raise Refusal(msg("It is judged while purchasing has the task in hand."))
        found = of_task(task)
        if version is not None and version != found.version:
            raise Stale(msg("Somebody else judged this complaint meanwhile; look at it again."))
        found.verdict, found.quantity, found.supplier_id = verdict, quantity or 1, supplier_id
        found.answer = str(given.get("answer", "")).strip()[:2000]
        found.version += 1
        session.add(found)
        session.flush()
        supplier = session.get(Supplier, supplier_id) if supplier_id else None
        told = {"verdict": verdict, "supplier": supplier.name if supplier else "", "quantity": quantity}
        moves.touch(task, actor, N_("judged the complaint"), told)
    return found


def _unknown(supplier_id: int | None, verdict: str) -> Message | None:
    if supplier_id is None:
        return msg("Name the supplier whose fault it is.") if verdict == UPHELD else None
    return None if db.session.get(Supplier, supplier_id) else msg("Choose one of the options.")


def objections(task: Task, verb: str) -> list[Message]:
    """A complaint is not answered before it is judged."""
    if task.type != COMPLAINT.name or verb != "deliver" or of_task(task).verdict:
        return []
    return [msg("Say first, in the box “Supplier complaint”, whether the supplier is at fault.")]


def counted(since: datetime, supplier_id: int | None = None) -> dict[int, Counter[str]]:
    """Pieces of upheld complaints by cause that were signed off after ``since``, by supplier."""
    query = (
        select(Complaint.supplier_id, Complaint.cause, func.sum(Complaint.quantity))
        .where(Complaint.verdict == UPHELD, Complaint.counted_at >= since, Complaint.supplier_id.is_not(None))
        .group_by(Complaint.supplier_id, Complaint.cause)
    )
    if supplier_id is not None:
        query = query.where(Complaint.supplier_id == supplier_id)
    found: dict[int, Counter[str]] = {}
    for number, cause, pieces in db.session.execute(query):
        found.setdefault(number, Counter())[cause] = int(pieces)
    return found


def of_supplier(supplier_id: int) -> Sequence[Complaint]:
    """The newest complaints about a supplier's goods, judged or not."""
    query = select(Complaint).where(Complaint.supplier_id == supplier_id).options(joinedload(Complaint.task))
    return db.session.scalars(query.order_by(Complaint.id.desc()).limit(SHOWN)).all()
