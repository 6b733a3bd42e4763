"""Pages of purchase orders: the list, one with its way from draft to close, the form of a draft."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from flask import Response, abort, request
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from core.access import current_actor, load, needs
from core.audit import services as audit
from core.board.models import Task
from core.contracts import Actor, Ref
from core.extensions import db
from core.messages import Message, Refusal, msg, refuse
from core.pages import about
from core.web import go, whole_number
from plugins.purchasing import (
    bought_online,
    inquiries,
    invoices,
    listings,
    orders,
    quoting,
    receiving,
    returns,
    rules,
    stock,
)
from plugins.purchasing.models import Invoice, Offer, PurchaseOrder, Supplier
from plugins.purchasing.pages import (
    BUY,
    VIEW,
    again,
    answer,
    bp,
    day_of,
    fen_of,
    given_store,
    listed,
    rows_given,
    rows_shown,
    store_of,
    task_named,
)
from plugins.purchasing.records import KINDS
from plugins.purchasing.types import REQUEST

Step = Callable[[Actor, int, str, int | None], Any]
STEPS: Mapping[str, Step] = {
    "submit": lambda actor, id, _reason, version: orders.submit(actor, id, version),
    "approve": lambda actor, id, reason, version: orders.decide(actor, id, True, reason, version),
    "refuse": lambda actor, id, reason, version: orders.decide(actor, id, False, reason, version),
    "send": lambda actor, id, _reason, version: orders.send(actor, id, version),
    "cancel": orders.cancel,
    "close": orders.close,
}


@bp.get("/orders", endpoint="orders")
@needs(VIEW)
def order_list() -> ResponseReturnValue:
    return listed(listings.ORDERS, "purchasing/orders.html", "purchasing.order")


def suppliers_to_choose() -> list[tuple[int, str]]:
    """The suppliers that are bought from."""
    query = select(Supplier.id, Supplier.name).where(Supplier.status == "active").order_by(Supplier.name)
    return [(number, name) for number, name in db.session.execute(query)]


@bp.get("/orders/new")
@needs(BUY)
def new_order() -> ResponseReturnValue:
    return _form(None)


@bp.post("/orders/new")
@needs(BUY)
def enter_order() -> Response:
    try:
        made = orders.draft_order(current_actor(), _wanted(), task_named(request.form.get("task")))
    except Refusal as refusal:
        return _form(None, refusal)
    return go("purchasing.order", msg("%(number)s is drafted.", number=made.number), id=made.id)


@bp.get("/orders/<int:id>/edit")
@needs(BUY)
def edit_order(id: int) -> ResponseReturnValue:
    found = load(PurchaseOrder, current_actor(), id=id)
    if found.state not in orders.BEFORE_SENDING:
        abort(404)
    return _form(found)


@bp.post("/orders/<int:id>/edit")
@needs(BUY)
def save_order(id: int) -> Response:
    found = load(PurchaseOrder, current_actor(), id=id)
    try:
        wanted = _wanted(found.store_id)
        orders.edit_order(current_actor(), found.id, wanted, whole_number(request.form.get("version")))
    except Refusal as refusal:
        return again(PurchaseOrder, id, _form, refusal)
    return go("purchasing.order", msg("The change is stored."), id=id)


def lines_wanted(task: Task | None) -> list[tuple[str, str, Any]]:
    """Code, name and pieces of what a purchase request asks for, as far as its lines say them."""
    goods = task.brief.get("goods", ()) if task is not None and task.type == REQUEST.name else ()
    return [(code, name, pieces or "") for code, name, pieces in map(quoting.goods_line, goods)]


def _form(found: PurchaseOrder | None, refusal: Refusal | None = None) -> Response:
    lines = [(line.merchant_code, line.name, line.quantity, line.price) for line in found.lines] if found else []
    task = None if found else task_named(request.values.get("task"))
    lines = lines or [(*line, None) for line in lines_wanted(task)]
    return answer(
        "purchasing/order_form.html",
        refusal,
        record=found,
        suppliers=suppliers_to_choose(),
        stores=store_of(None)[1],
        task=task,
        rows=rows_shown(request.form if refusal else None, lines),
    )


def _wanted(store_id: int | None = None) -> orders.Wanted:
    problems: dict[str, Message] = {}
    store_id = given_store(problems) if store_id is None else store_id
    supplier_id = whole_number(request.form.get("supplier")) or 0
    wanted = orders.Wanted(
        store_id=store_id,
        supplier_id=supplier_id,
        lines=_completed(store_id, supplier_id, rows_given(problems)),
        freight=fen_of("freight", problems),
        discount=fen_of("discount", problems),
        expected_on=day_of("expected_on", problems),
        note=request.form.get("note", "")[:2000],
        platform_no=request.form.get("platform_no", ""),
    )
    refuse(**problems)
    return wanted


def _completed(store_id: int, supplier_id: int, lines: Sequence[Any]) -> list[tuple[str, str, int, int]]:
    """Lines with the name that stock knows and the price that the supplier offers, where they are left out."""
    codes = [code for code, _, _, price in lines if not price]
    own = (Offer.store_id == store_id, Offer.supplier_id == supplier_id, Offer.merchant_code.in_(codes))
    offers = {offer.merchant_code: offer for offer in db.session.scalars(select(Offer).where(*own))}
    offered = orders.priced(offers, [(code, name, pieces) for code, name, pieces, _ in lines])
    return stock.named(
        store_id, [(*line[:3], line[3] or price) for line, (*_, price) in zip(lines, offered, strict=True)]
    )


@bp.get("/orders/<int:id>")
@needs(VIEW)
def order(id: int) -> ResponseReturnValue:
    return order_page(load(PurchaseOrder, current_actor(), id=id))


def order_page(found: PurchaseOrder, refusal: Refusal | None = None) -> Response:
    """An order with its lines, approvals, deliveries, discrepancies and invoices."""
    actor, came = current_actor(), receiving.arrived(found)
    unlinked = (Invoice.supplier_id == found.supplier_id, Invoice.order_id.is_(None))
    return answer(
        "purchasing/order.html",
        refusal,
        states=orders.STATES,
        may_approve=orders.may_approve(actor, found) is not None,
        may_refuse=orders.may_refuse(actor, found),
        pending=[rules.ROLES[place] for place in orders.pending(found)] if found.state == orders.APPROVAL else [],
        came=came,
        open=found.state in orders.OPEN,
        editable=found.state in orders.BEFORE_SENDING,
        billed=found.state in invoices.BILLED,
        unclaimed=receiving.unclaimed(found) if found.receipts else [],
        kinds=KINDS,
        notes=found.discrepancies,
        note_states=receiving.STATES,
        remedies=receiving.REMEDIES,
        returns=found.returns,
        return_states=returns.STATES,
        invoices=[(each, invoices.held(each), invoices.held_amount(each)) for each in found.invoices],
        why=invoices.WHY,
        unlinked=db.session.scalars(select(Invoice).where(*unlinked).order_by(Invoice.on)).all(),
        quote=inquiries.of_order(found.id),
        platform=bought_online.of_purchase(found),
        log=audit.events_of(Ref(orders.KIND, found.id)),
        **about(orders.KIND, found),
    )


@bp.post("/orders/<int:id>")
@needs(BUY)
def step(id: int) -> Response:
    """Take an order a step on."""
    actor, form = current_actor(), request.form
    found = load(PurchaseOrder, actor, id=id)
    take = STEPS.get(form.get("step", ""))
    if take is None:
        abort(404)
    try:
        take(actor, found.id, form.get("reason", ""), whole_number(form.get("version")))
    except Refusal as refusal:
        return again(PurchaseOrder, id, order_page, refusal)
    return go("purchasing.order", msg("The change is stored."), id=id)
