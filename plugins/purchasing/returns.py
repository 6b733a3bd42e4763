"""Goods sent back to a supplier: drafted, sent off, credited."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from core.columns import now
from core.contracts import Actor
from core.extensions import db
from core.messages import N_, Message, Refusal, Stale, msg
from core.numbers import number_of_month
from core.transactions import transaction
from plugins.purchasing import booking, orders, receiving
from plugins.purchasing.models import Discrepancy, PurchaseOrder, SupplierReturn

KIND = "purchasing.return"
DRAFT, SENT, CREDITED, CANCELLED = "draft", "sent", "credited", "cancelled"
STATES = {
    DRAFT: N_("To be sent back"),
    SENT: N_("Sent back, credit awaited"),
    CREDITED: N_("Credited"),
    CANCELLED: N_("Cancelled"),
}
CONDITIONS = ("good", "damaged")


def returnable(order: PurchaseOrder) -> dict[str, Counter[str]]:
    """Good and damaged pieces of each article that came and did not go back."""
    found = {code: Counter(counts) for code, counts in receiving.arrived(order).items()}
    for each in order.returns:
        if each.state != CANCELLED:
            for line in each.lines:
                found[line["merchant_code"]].subtract({name: line[name] for name in CONDITIONS})
    return found


def proposed(order: PurchaseOrder, note: Discrepancy | None = None) -> dict[str, Counter[str]]:
    """What is likely to go back: of a note, its damaged and surplus pieces; else all such of the order."""
    rest = returnable(order)
    found: dict[str, Counter[str]] = {}
    for line in note.lines if note else receiving.differences(order):
        where = {"damaged": "damaged", "over": "good"}.get(line["kind"])
        if where:
            pieces = min(line["quantity"], rest.get(line["merchant_code"], Counter())[where])
            found.setdefault(line["merchant_code"], Counter())[where] = max(pieces, 0)
    return found


def draft(
    actor: Actor,
    order_id: int,
    lines: Sequence[Mapping[str, Any]],
    *,
    discrepancy_id: int | None = None,
    warehouse: str = "",
    note: str = "",
    version: int | None = None,
) -> SupplierReturn:
    """Write a return: of each article good and damaged pieces, none that did not come or that went back already."""
    counted = [line for line in lines if line["good"] or line["damaged"]]
    if not counted:
        raise Refusal(fields={"lines": msg("Count at least one piece.")})
    with transaction() as session:
        order = orders.locked(order_id, version)
        rest, prices = returnable(order), receiving.ordered(order)
        for line in counted:
            here = rest.get(line["merchant_code"], Counter())
            if any(not 0 <= line[name] <= here[name] for name in CONDITIONS):
                raise Refusal(fields={"lines": _too_many(line["merchant_code"], here)})
        about = session.get(Discrepancy, discrepancy_id) if discrepancy_id else None
        made = SupplierReturn(
            store_id=order.store_id,
            discrepancy_id=about.id if about and about.order_id == order.id else None,
            number=number_of_month("RT", "purchasing.return"),
            lines=[{**line, "price": prices.get(line["merchant_code"], (0, 0))[1]} for line in counted],
            warehouse=warehouse.strip()[:80],
            note=note.strip()[:500],
            by_id=actor.user_id,
        )
        order.returns.append(made)
        session.flush()
        _log(actor, made, N_("drafted a return"), {"amount": made.amount})
    return made


def _too_many(code: str, rest: Mapping[str, int]) -> Message:
    return msg(
        "Of %(code)s %(good)s good and %(damaged)s damaged pieces can go back.",
        code=code,
        good=max(rest["good"], 0),
        damaged=max(rest["damaged"], 0),
    )


def send(actor: Actor, return_id: int, carrier: str, waybill_no: str, version: int | None = None) -> SupplierReturn:
    """Say that a return left; its goods are out of stock from then on."""
    with transaction():
        found = _locked(return_id, version, DRAFT)
        found.state, found.sent_at = SENT, now()
        found.carrier, found.waybill_no = carrier.strip()[:80], waybill_no.strip()[:40]
        lines = [{name: line[name] for name in ("merchant_code", *CONDITIONS)} for line in found.lines]
        booking.book(found.order, found.number, booking.RETURNED, lines, at=found.sent_at, warehouse=found.warehouse)
        _log(actor, found, N_("sent goods back"), {"waybill": found.waybill_no})
    return found


def credit(
    actor: Actor,
    return_id: int,
    amount: int | None,
    credit_note: str,
    *,
    note: str = "",
    version: int | None = None,
) -> SupplierReturn:
    """Put down what the supplier credited for a return; what is not what the goods cost needs a word."""
    if amount is None or amount < 0:
        raise Refusal(fields={"credited": msg("Give the amount that is credited, 0 if none.")})
    with transaction():
        found = _locked(return_id, version, SENT)
        if amount != found.amount and not note.strip():
            raise Refusal(fields={"note": msg("Say why the credit is not what the goods cost.")})
        found.state, found.credited, found.credited_at = CREDITED, amount, now()
        found.credit_note = credit_note.strip()[:80]
        found.note = "\n".join(filter(None, [found.note, note.strip()[:500]]))
        _log(actor, found, N_("noted a credit"), {"credited": amount, "amount": found.amount})
    return found


def cancel(actor: Actor, return_id: int, reason: str, version: int | None = None) -> SupplierReturn:
    """Give a return up before it left."""
    reason = reason.strip()[:500]
    if not reason:
        raise Refusal(fields={"reason": msg("Say why in a few words.")})
    with transaction():
        found = _locked(return_id, version, DRAFT)
        found.state = CANCELLED
        _log(actor, found, N_("cancelled a return"), {"text": reason})
    return found


def _locked(return_id: int, version: int | None, state: str) -> SupplierReturn:
    found = db.session.get(SupplierReturn, return_id, with_for_update=True, populate_existing=True)
    if found is None or found.state != state or version not in (None, found.version):
        raise Stale(msg("Somebody else changed this return meanwhile; look at it again."))
    found.version += 1
    return found


def gone(order: PurchaseOrder) -> Counter[str]:
    """Good pieces of an order that were sent back, by article."""
    found: Counter[str] = Counter()
    for each in order.returns:
        if each.state in (SENT, CREDITED):
            found.update({line["merchant_code"]: line["good"] for line in each.lines})
    return found


def _log(actor: Actor, found: SupplierReturn, verb: str, data: Mapping[str, Any]) -> None:
    orders.log(actor, found.order, verb, {"return": found.number, **data})
