"""Suppliers: entered and changed, with their offers and papers; how they do."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from core import localtime
from core.audit import services as audit
from core.contracts import Actor, Ref
from core.extensions import db
from core.messages import N_, Message, Refusal, Stale, msg, refuse
from core.transactions import transaction
from plugins.purchasing import complaints, orders, rules, scoring
from plugins.purchasing.models import Offer, PurchaseLine, PurchaseOrder, Receipt, Supplier

KIND = "purchasing.supplier"
STATUSES = {"active": N_("Bought from"), "stopped": N_("Not bought from")}
SCORED_DAYS = 365
SENT = (orders.SENT, orders.PARTLY, orders.RECEIVED, orders.CLOSED)


def save(actor: Actor, supplier_id: int | None, values: Mapping[str, Any], version: int | None = None) -> Supplier:
    """Enter a supplier, or change one."""
    name = str(values.get("name") or "").strip()
    problems: dict[str, Message] = {}
    if not 1 <= len(name) <= 120:
        problems["name"] = msg("Give a name of at most 120 characters.")
    if values.get("status") not in STATUSES:
        problems["status"] = msg("Choose one of the options.")
    refuse(**problems)
    with transaction() as session:
        same = session.scalar(select(Supplier.id).where(Supplier.name == name))
        if same not in (None, supplier_id):
            raise Refusal(fields={"name": msg("There is a supplier of that name already.")})
        if supplier_id is None:
            row = Supplier(version=0)
            session.add(row)
        else:
            found = session.get(Supplier, supplier_id, with_for_update=True, populate_existing=True)
            if found is None or version not in (None, found.version):
                raise Stale(msg("Somebody else changed this supplier meanwhile; look at it again."))
            row = found
        for field, value in {**values, "name": name}.items():
            setattr(row, field, value)
        row.version += 1
        session.flush()
        verb = N_("entered a supplier") if supplier_id is None else N_("changed a supplier")
        _log(actor, row, verb, {"name": name, "status": row.status})
    return row


def save_offer(actor: Actor, supplier_id: int, values: Mapping[str, Any]) -> Offer:
    """Say what a supplier asks for an article of a store; what it asked before is replaced."""
    code, problems = str(values["merchant_code"]).strip(), {}
    prices: list[list[int]] = []
    if not 1 <= len(code) <= 80:
        problems["merchant_code"] = msg("Give the merchant code.")
    try:
        prices = rules.price_breaks(values["prices"])
    except ValueError:
        problems["prices"] = msg("One price break a line: from how many pieces, then yuan a piece, like 100 11.80.")
    for name in ("minimum", "pack"):
        if values[name] < 1:
            problems[name] = msg("At least one piece.")
    refuse(**problems)
    with transaction():
        return put_offer(actor, supplier_id, {**values, "merchant_code": code, "prices": prices})


def offer_of(supplier_id: int, store_id: int, code: str) -> Offer | None:
    """What a supplier asks for an article of a store, held until the end of the transaction."""
    here = (Offer.supplier_id == supplier_id, Offer.store_id == store_id, Offer.merchant_code == code)
    return db.session.scalar(select(Offer).where(*here).with_for_update())


def put_offer(actor: Actor, supplier_id: int, values: Mapping[str, Any]) -> Offer:
    """Store an offer that is known to be sound, its prices as breaks; what is not said stays. Inside a transaction."""
    code = values["merchant_code"]
    row = offer_of(supplier_id, values["store_id"], code)
    before = row.prices if row else None
    if row is None:
        row = Offer(supplier_id=supplier_id, store_id=values["store_id"], merchant_code=code)
        db.session.add(row)
    for name in ("prices", "supplier_code", "minimum", "pack", "lead_days", "preferred"):
        if name in values:
            setattr(row, name, values[name])
    told = {"code": code, "before": before, "prices": row.prices}
    _log(actor, db.session.get_one(Supplier, supplier_id), N_("changed an offer"), told)
    return row


def drop_offer(actor: Actor, offer_id: int) -> None:
    """Take an offer away that does not hold any more."""
    with transaction() as session:
        row = session.get(Offer, offer_id)
        if row is not None:
            _log(actor, row.supplier, N_("took an offer away"), {"code": row.merchant_code, "prices": row.prices})
            session.delete(row)


def scores(supplier_id: int | None = None) -> dict[int, scoring.Score]:
    """The score of each supplier (of one) over the last year, by id."""
    today = localtime.today()
    since = localtime.begins(today - timedelta(days=SCORED_DAYS))
    mine = [PurchaseOrder.supplier_id == supplier_id] if supplier_id is not None else []
    here = (PurchaseOrder.state.in_(SENT), PurchaseOrder.ordered_at >= since, *mine)
    found: dict[int, list[scoring.Delivery]] = {}
    for maker, delivery in _deliveries(*here):
        found.setdefault(maker, []).append(delivery)
    told = complaints.counted(since, supplier_id)
    numbers = {*found, *told}
    return {number: scoring.score(found.get(number, ()), today, told.get(number)) for number in numbers}


def _deliveries(*here: Any) -> Iterator[tuple[int, scoring.Delivery]]:
    """Orders as they were delivered, with whose they are."""
    its = PurchaseOrder.id
    lines: dict[int, dict[str, tuple[int, int]]] = defaultdict(dict)
    ordered = select(its, PurchaseLine.merchant_code, PurchaseLine.quantity, PurchaseLine.price)
    ordered = ordered.join(PurchaseLine, PurchaseLine.order_id == its).where(*here).order_by(PurchaseLine.id)
    for number, code, quantity, price in db.session.execute(ordered):
        lines[number][code] = quantity, price
    counted = select(its, Receipt.at, Receipt.lines).join(Receipt, Receipt.order_id == its).where(*here)
    last, came = dict[int, datetime](), defaultdict[int, dict[str, Counter[str]]](dict)
    for number, at, rows in db.session.execute(counted):
        last[number] = max(at, last.get(number, at))
        for row in rows:
            pieces = came[number].setdefault(row["merchant_code"], Counter())
            pieces.update({"good": row["good"], "damaged": row["damaged"]})
    columns = (its, PurchaseOrder.supplier_id, PurchaseOrder.state, PurchaseOrder.ordered_at, PurchaseOrder.expected_on)
    for number, maker, state, ordered_at, expected_on in db.session.execute(
        select(*columns).where(*here).order_by(its)
    ):
        done = number in last and state in (orders.RECEIVED, orders.CLOSED)
        done_on = localtime.day_of(last[number]) if done else None
        day = localtime.day_of(ordered_at)
        yield maker, scoring.Delivery(day, expected_on, done_on, lines[number], came[number])


def _log(actor: Actor, supplier: Supplier, verb: str, data: Mapping[str, Any]) -> None:
    audit.record(actor, verb, Ref(KIND, supplier.id), data, team=orders.TEAM)
