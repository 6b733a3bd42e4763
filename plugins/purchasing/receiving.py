"""Goods that arrive: counted, compared with the order, claimed for."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from core.board import services as board
from core.board.models import Task
from core.columns import now
from core.contracts import Actor, Ref
from core.messages import N_, Refusal, Stale, msg, refuse
from core.numbers import number_of_month
from core.transactions import transaction
from plugins.purchasing import booking, orders, rules
from plugins.purchasing.models import Discrepancy, PurchaseOrder, Receipt

KIND, CLAIM = "purchasing.discrepancy", "purchasing.claim"
STATES = {"open": N_("To be settled"), "settled": N_("Settled")}
REMEDIES = {
    "refund": N_("Money back"),
    "credit": N_("Off the next invoice"),
    "resend": N_("Sent again"),
    "return": N_("Sent back for money"),
    "none": N_("Nothing"),
}


def receive(
    actor: Actor,
    order_id: int,
    lines: Sequence[Mapping[str, Any]],
    warehouse: str = "",
    note: str = "",
    *,
    version: int | None = None,
) -> Receipt:
    """Take in one delivery: of each article the good and the damaged pieces. More deliveries may follow."""
    counted = [
        {"merchant_code": str(line["merchant_code"]), "good": int(line["good"]), "damaged": int(line["damaged"])}
        for line in lines
        if line["good"] or line["damaged"]
    ]
    if not counted:
        raise Refusal(fields={"lines": msg("Count at least one piece.")})
    if any(line["good"] < 0 or line["damaged"] < 0 for line in counted):
        raise Refusal(fields={"lines": msg("A count cannot be negative.")})
    with transaction() as session:
        order = orders.locked(order_id, version)
        if order.state not in orders.OPEN:
            raise Refusal(msg("%(number)s does not wait for goods.", number=order.number))
        receipt = Receipt(
            order_id=order.id,
            number=number_of_month("GR", "purchasing.receipt"),
            warehouse=warehouse.strip()[:80],
            lines=counted,
            note=note.strip()[:500],
            by_id=actor.user_id,
        )
        order.receipts.append(receipt)
        session.flush()
        booking.book(order, receipt.number, booking.RECEIVED, counted, at=receipt.at, warehouse=receipt.warehouse)
        short = [each for each in differences(order) if each["kind"] == "short"]
        order.state = orders.PARTLY if short else orders.RECEIVED
        orders.log(actor, order, N_("received goods"), {"receipt": receipt.number, "state": order.state})
    return receipt


def arrived(order: PurchaseOrder) -> dict[str, Counter[str]]:
    """Pieces of each article that came, good and damaged, over all deliveries."""
    found: dict[str, Counter[str]] = {}
    for receipt in order.receipts:
        for line in receipt.lines:
            counts = found.setdefault(line["merchant_code"], Counter())
            counts.update({"good": line["good"], "damaged": line["damaged"]})
    return found


def ordered(order: PurchaseOrder) -> dict[str, tuple[int, int]]:
    """Pieces and fen a piece of each article of an order."""
    return {line.merchant_code: (line.quantity, line.price) for line in order.lines}


def differences(order: PurchaseOrder) -> list[dict[str, Any]]:
    """What is short, over or damaged of an order so far."""
    return [dict(each) for each in rules.discrepancies(ordered(order), arrived(order))]


def unclaimed(order: PurchaseOrder) -> list[dict[str, Any]]:
    """What is wrong with an order's deliveries beyond what its discrepancy notes say already."""
    told: Counter[tuple[str, str]] = Counter()
    for earlier in order.discrepancies:
        told.update({(line["merchant_code"], line["kind"]): line["quantity"] for line in earlier.lines})
    prices, lines = ordered(order), []
    for each in differences(order):
        rest = each["quantity"] - told[each["merchant_code"], each["kind"]]
        if rest > 0:
            price = prices.get(each["merchant_code"], (0, 0))[1] if each["kind"] != "over" else 0
            lines.append({**each, "quantity": rest, "amount": rest * price})
    return lines


def claim(actor: Actor, order_id: int, note: str = "", *, version: int | None = None) -> Discrepancy:
    """Write what is wrong with an order's deliveries into a discrepancy note, nothing of it twice."""
    with transaction() as session:
        order = orders.locked(order_id, version)
        lines = unclaimed(order)
        if not lines:
            raise Refusal(
                msg("Nothing of %(number)s is short, over or damaged beyond what is noted.", number=order.number)
            )
        found = Discrepancy(
            store_id=order.store_id,
            number=number_of_month("DN", "purchasing.discrepancy"),
            lines=lines,
            claimed=sum(line["amount"] for line in lines),
            note=note.strip()[:500],
        )
        order.discrepancies.append(found)
        session.flush()
        orders.log(actor, order, N_("noted a discrepancy"), {"note": found.number, "claimed": found.claimed})
    return found


def settle(
    actor: Actor, discrepancy_id: int, remedy: str, granted: int | None, *, note: str = "", version: int | None = None
) -> Discrepancy:
    """Say what the supplier gives for a discrepancy."""
    refuse(
        remedy=None if remedy in REMEDIES else msg("Choose one of the options."),
        granted=msg("Give the amount that is granted, 0 if none.") if granted is None or granted < 0 else None,
    )
    with transaction() as session:
        found = session.get(Discrepancy, discrepancy_id, with_for_update=True, populate_existing=True)
        if found is None or found.state != "open" or version not in (None, found.version):
            raise Stale(msg("Somebody else settled this meanwhile; look at it again."))
        if granted < found.claimed and not note.strip():
            raise Refusal(fields={"note": msg("Say why less is granted than was claimed.")})
        found.remedy, found.granted, found.state, found.closed_at = remedy, granted, "settled", now()
        found.note = "\n".join(filter(None, [found.note, note.strip()[:500]]))
        found.version += 1
        orders.log(actor, found.order, N_("settled a discrepancy"), {"note": found.number, "granted": granted})
    return found


def settled(order: PurchaseOrder) -> Counter[str]:
    """Short and damaged pieces whose claim is settled for good, by article; not those that are to be sent again."""
    found: Counter[str] = Counter()
    for note in order.discrepancies:
        if note.state == "settled" and note.remedy != "resend":
            for line in note.lines:
                found[line["merchant_code"]] += line["quantity"] if line["kind"] != "over" else 0
    return found


def hand_over(actor: Actor, discrepancy_id: int, title: str, brief: Mapping[str, Any]) -> Task:
    """Draft the task to claim for a discrepancy; its lead or a colleague takes it from there."""
    with transaction() as session:
        found = session.get(Discrepancy, discrepancy_id, with_for_update=True, populate_existing=True)
        if found is None or found.state != "open" or found.task_id is not None:
            raise Stale(msg("Somebody else took care of this meanwhile; look at it again."))
        records = (Ref(KIND, found.id), Ref(orders.KIND, found.order_id))
        draft = board.Draft(title, brief, priority=2, store_id=found.store_id, records=records)
        task = board.draft_task(actor, CLAIM, orders.TEAM, draft)
        found.task_id = task.id
        found.version += 1
    return task
