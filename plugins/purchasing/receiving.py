"""Goods that arrive: counted, compared with the order, claimed for; invoices compared with both."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import select

from core.audit import services as audit
from core.columns import now
from core.contracts import Actor, Ref
from core.extensions import db
from core.messages import N_, Refusal, Stale, msg, refuse
from core.numbers import next_number
from core.transactions import transaction
from plugins.purchasing import orders, rules
from plugins.purchasing.models import Discrepancy, Invoice, PurchaseOrder, Receipt

REMEDIES = {
    "refund": N_("Money back"),
    "credit": N_("Off the next invoice"),
    "resend": N_("Sent again"),
    "return": N_("Sent back for money"),
    "none": N_("Nothing"),
}


def receive(
    actor: Actor, order_id: int, lines: Sequence[Mapping[str, Any]], warehouse: str = "", note: str = ""
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
        order = orders.locked(order_id)
        if order.state not in orders.OPEN:
            raise Refusal(msg("%(number)s does not wait for goods.", number=order.number))
        receipt = Receipt(
            order_id=order.id,
            number=f"GR-{now():%Y%m}-{next_number(f'purchasing.receipt.{now():%Y%m}'):04}",
            warehouse=warehouse.strip()[:80],
            lines=counted,
            note=note.strip()[:500],
            by_id=actor.user_id,
        )
        order.receipts.append(receipt)
        session.flush()
        short = [each for each in differences(order) if each["kind"] == "short"]
        order.state = orders.PARTLY if short else orders.RECEIVED
        _log(actor, order, N_("received goods"), {"receipt": receipt.number, "state": order.state})
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


def claim(actor: Actor, order_id: int, note: str = "") -> Discrepancy:
    """Write what is wrong with an order's deliveries into a discrepancy note; what an earlier note says is not
    claimed twice."""
    with transaction() as session:
        order = orders.locked(order_id)
        told: Counter[tuple[str, str]] = Counter()
        for earlier in session.scalars(select(Discrepancy).where(Discrepancy.order_id == order.id)):
            told.update({(line["merchant_code"], line["kind"]): line["quantity"] for line in earlier.lines})
        prices, lines = ordered(order), []
        for each in differences(order):
            rest = each["quantity"] - told[each["merchant_code"], each["kind"]]
            if rest > 0:
                price = 0 if each["kind"] == "over" else prices[each["merchant_code"]][1]
                lines.append({**each, "quantity": rest, "amount": rest * price})
        if not lines:
            raise Refusal(
                msg("Nothing of %(number)s is short, over or damaged beyond what is noted.", number=order.number)
            )
        found = Discrepancy(
            store_id=order.store_id,
            order_id=order.id,
            receipt_id=order.receipts[-1].id if order.receipts else None,
            number=f"DN-{now():%Y%m}-{next_number(f'purchasing.discrepancy.{now():%Y%m}'):04}",
            lines=lines,
            claimed=sum(line["amount"] for line in lines),
            note=note.strip()[:500],
        )
        session.add(found)
        session.flush()
        _log(actor, order, N_("noted a discrepancy"), {"note": found.number, "claimed": found.claimed})
    return found


def settle(
    actor: Actor, discrepancy_id: int, remedy: str, granted: int | None, *, note: str = "", version: int | None = None
) -> Discrepancy:
    """Say what the supplier gives for a discrepancy."""
    if remedy not in REMEDIES:
        raise Refusal(fields={"remedy": msg("Choose one of the options.")})
    if granted is None or granted < 0:
        raise Refusal(fields={"granted": msg("Give the amount that is granted, 0 if none.")})
    with transaction() as session:
        found = session.get(Discrepancy, discrepancy_id, with_for_update=True, populate_existing=True)
        if found is None or found.state != "open" or version not in (None, found.version):
            raise Stale(msg("Somebody else settled this meanwhile; look at it again."))
        if granted < found.claimed and not note.strip():
            raise Refusal(fields={"note": msg("Say why less is granted than was claimed.")})
        found.remedy, found.granted, found.state, found.closed_at = remedy, granted, "settled", now()
        found.note = "\n".join(filter(None, [found.note, note.strip()[:500]]))
        found.version += 1
        _log(actor, found.order, N_("settled a discrepancy"), {"note": found.number, "granted": granted})
    return found


def enter_invoice(
    actor: Actor,
    supplier_id: int,
    number: str,
    on: date,
    lines: Sequence[Mapping[str, Any]],
    *,
    order_id: int | None = None,
    due_on: date | None = None,
) -> Invoice:
    """Enter a supplier's invoice, with its order or to be linked to one later."""
    number = number.strip()[:80]
    problems = {}
    if not number:
        problems["number"] = msg("Give the invoice's number.")
    if not lines or any(line["quantity"] < 1 or line["price"] < 0 for line in lines):
        problems["lines"] = msg("Each line needs a code, at least one piece and a price.")
    refuse(**problems)
    with transaction() as session:
        same = select(Invoice.id).where(Invoice.supplier_id == supplier_id, Invoice.number == number)
        if session.scalar(same):
            raise Refusal(
                fields={"number": msg("This supplier's invoice %(number)s is already entered.", number=number)}
            )
        invoice = Invoice(
            supplier_id=supplier_id,
            number=number,
            on=on,
            lines=[dict(line) for line in lines],
            amount=sum(line["quantity"] * line["price"] for line in lines),
            due_on=due_on,
        )
        session.add(invoice)
        session.flush()
        if order_id is not None:
            _link(actor, invoice, order_id)
    return invoice


def link_invoice(actor: Actor, invoice_id: int, order_id: int) -> Invoice:
    """Put an invoice that came without its order to one."""
    with transaction() as session:
        invoice = session.get(Invoice, invoice_id, with_for_update=True, populate_existing=True)
        if invoice is None or invoice.order_id is not None:
            raise Stale(msg("This invoice has its order already."))
        _link(actor, invoice, order_id)
    return invoice


def _link(actor: Actor, invoice: Invoice, order_id: int) -> None:
    order = orders.locked(order_id)
    if order.supplier_id != invoice.supplier_id:
        raise Refusal(fields={"order": msg("That order is another supplier's.")})
    invoice.order_id = order.id
    db.session.flush()
    _log(actor, order, N_("linked an invoice"), {"invoice": invoice.number, "amount": invoice.amount})


def held(invoice: Invoice) -> list[rules.Held]:
    """What of an invoice may not be paid: everything without an order, otherwise what the three do not agree on.

    Invoices of one order share its receipts: pieces that an earlier invoice asked for do not count again.
    """
    if invoice.order_id is None:
        return [rules.Held("", "unordered", invoice.amount)]
    order = db.session.get_one(PurchaseOrder, invoice.order_id)
    good = Counter({code: counts["good"] for code, counts in arrived(order).items()})
    for earlier in order.invoices:
        if (earlier.on, earlier.id) < (invoice.on, invoice.id):
            good.subtract({line["merchant_code"]: line["quantity"] for line in earlier.lines})
    asked = {line["merchant_code"]: (line["quantity"], line["price"]) for line in invoice.lines}
    return rules.three_way(ordered(order), {code: max(count, 0) for code, count in good.items()}, asked)


def release(actor: Actor, invoice_id: int, reason: str) -> Invoice:
    """Let an invoice be paid whole although the three do not agree; that needs a reason."""
    reason = reason.strip()[:500]
    with transaction() as session:
        invoice = session.get(Invoice, invoice_id, with_for_update=True, populate_existing=True)
        if invoice is None or invoice.released_at is not None:
            raise Stale(msg("This invoice is released already."))
        if held(invoice) and not reason:
            raise Refusal(fields={"reason": msg("Say why it is paid all the same.")})
        invoice.released_by_id, invoice.released_at, invoice.reason = actor.user_id, now(), reason
    return invoice


def _log(actor: Actor, order: PurchaseOrder, verb: str, data: Mapping[str, Any]) -> None:
    facts = {"number": order.number, **data}
    audit.record(actor, verb, Ref(orders.KIND, order.id), facts, store_id=order.store_id, team=orders.TEAM)
