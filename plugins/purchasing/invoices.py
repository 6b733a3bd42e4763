"""Suppliers' invoices: entered, put to their order at once or later, compared with order and receipts, released."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from sqlalchemy import select

from core.audit import services as audit
from core.columns import now
from core.contracts import Actor, Ref
from core.extensions import db
from core.messages import N_, Message, Refusal, Stale, msg, refuse
from core.transactions import transaction
from plugins.purchasing import orders, receiving, returns, rules
from plugins.purchasing.models import Invoice, PurchaseOrder, Supplier

KIND = "purchasing.invoice"
BILLED = (orders.APPROVED, orders.SENT, orders.PARTLY, orders.RECEIVED, orders.CLOSED)
WHY = {
    "quantity": N_("More pieces than arrived in good order"),
    "over": N_("More pieces than ordered"),
    "price": N_("Dearer than ordered"),
    "unordered": N_("Never ordered"),
    "extra": N_("More freight or less discount than agreed"),
}


def enter_invoice(
    actor: Actor,
    supplier_id: int,
    number: str,
    on: date,
    lines: Sequence[Mapping[str, Any]],
    *,
    extra: int = 0,
    order_id: int | None = None,
    due_on: date | None = None,
) -> Invoice:
    """Enter a supplier's invoice, with its order or to be linked to one later; without a day on which it is due, the
    supplier's terms tell it."""
    number = number.strip()[:80]
    problems: dict[str, Message] = {}
    if not number:
        problems["number"] = msg("Give the invoice's number.")
    if not lines or any(line["quantity"] < 1 or line["price"] < 0 for line in lines):
        problems["lines"] = msg("Each line needs a code, at least one piece and a price.")
    if twice := rules.twice(line["merchant_code"] for line in lines):
        problems["lines"] = msg("%(code)s stands on two lines; put them together.", code=twice)
    amount = sum(line["quantity"] * line["price"] for line in lines) + extra
    if amount < 0:
        problems["extra"] = msg("The discount is more than the invoice.")
    refuse(**problems)
    with transaction() as session:
        same = select(Invoice.id).where(Invoice.supplier_id == supplier_id, Invoice.number == number)
        if session.scalar(same):
            raise Refusal(
                fields={"number": msg("This supplier's invoice %(number)s is already entered.", number=number)}
            )
        days = session.get_one(Supplier, supplier_id).payment_days
        invoice = Invoice(
            supplier_id=supplier_id,
            number=number,
            on=on,
            lines=[dict(line) for line in lines],
            extra=extra,
            amount=amount,
            due_on=due_on or (on + timedelta(days=days) if days else None),
        )
        session.add(invoice)
        session.flush()
        audit.record(actor, N_("entered an invoice"), Ref(KIND, invoice.id), _facts(invoice), team=orders.TEAM)
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
    if order.state not in BILLED:
        raise Refusal(fields={"order": msg("That order was never sent.")})
    invoice.order_id = order.id
    db.session.flush()
    orders.log(actor, order, N_("linked an invoice"), {"invoice": invoice.number, "amount": invoice.amount})


def held(invoice: Invoice) -> list[rules.Held]:
    """What of an invoice may not be paid: everything without an order, otherwise what the three do not agree on.

    Invoices of one order share its receipts: pieces that an earlier invoice asked for, or that were sent back, do not
    count; pieces that were claimed for do once the claim is settled, unless they are to be sent again.
    """
    if invoice.order_id is None:
        return [rules.Held("", "unordered", invoice.amount)]
    order = db.session.get_one(PurchaseOrder, invoice.order_id)
    before = earlier(invoice, order)
    agreed = order.freight - order.discount
    for each in before:
        agreed = max(agreed - each.extra, 0)
    taken, arrived = billed(before), payable_pieces(order)
    wanted = {code: (max(count - taken[code], 0), price) for code, (count, price) in receiving.ordered(order).items()}
    asked = {line["merchant_code"]: (line["quantity"], line["price"]) for line in invoice.lines}
    left = {code: max(arrived[code] - taken[code], 0) for code in arrived}
    return rules.three_way(wanted, left, asked, extra=(agreed, invoice.extra))


def earlier(invoice: Invoice, order: PurchaseOrder) -> list[Invoice]:
    """The invoices of its order that come before this one."""
    return [each for each in order.invoices if (each.on, each.id) < (invoice.on, invoice.id)]


def billed(invoices: Iterable[Invoice]) -> Counter[str]:
    """Pieces of each article that some invoices ask for."""
    found: Counter[str] = Counter()
    for each in invoices:
        found.update({line["merchant_code"]: line["quantity"] for line in each.lines})
    return found


def payable_pieces(order: PurchaseOrder) -> Counter[str]:
    """Pieces of each article that may be paid: good ones that stayed, and those whose claim is settled."""
    found = Counter({code: counts["good"] for code, counts in receiving.arrived(order).items()})
    found.subtract(returns.gone(order))
    found.update(receiving.settled(order))
    return found


def held_amount(invoice: Invoice) -> int:
    """How much of an invoice may not be paid; nothing once it is released."""
    return 0 if invoice.released_at else min(sum(each.amount for each in held(invoice)), max(invoice.amount, 0))


def release(actor: Actor, invoice_id: int, reason: str) -> Invoice:
    """Let an invoice be paid whole although the three do not agree; that needs a reason."""
    reason = reason.strip()[:500]
    with transaction() as session:
        invoice = session.get(Invoice, invoice_id, with_for_update=True, populate_existing=True)
        if invoice is None or invoice.released_at is not None:
            raise Stale(msg("This invoice is released already."))
        if not reason:
            raise Refusal(fields={"reason": msg("Say why it is paid all the same.")})
        invoice.released_by_id, invoice.released_at, invoice.reason = actor.user_id, now(), reason
        audit.record(actor, N_("released an invoice"), Ref(KIND, invoice.id), _facts(invoice), team=orders.TEAM)
    return invoice


def _facts(invoice: Invoice) -> Mapping[str, Any]:
    return {"number": invoice.number, "amount": invoice.amount, "reason": invoice.reason}
