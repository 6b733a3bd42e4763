"""Pages of suppliers' invoices: the list, entering one, putting one to its order, releasing what is held."""

from flask import Response, abort, request
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from core.access import current_actor, load, needs
from core.audit import services as audit
from core.contracts import Ref
from core.extensions import db
from core.messages import Message, Refusal, msg, refuse
from core.web import go, whole_number
from plugins.purchasing import invoices, listings, receiving
from plugins.purchasing.models import Invoice, PurchaseOrder
from plugins.purchasing.order_views import suppliers_to_choose
from plugins.purchasing.pages import (
    APPROVE,
    BUY,
    VIEW,
    again,
    answer,
    bp,
    day_of,
    fen_of,
    listed,
    rows_given,
    rows_shown,
)


@bp.get("/invoices", endpoint="invoices")
@needs(VIEW)
def invoice_list() -> ResponseReturnValue:
    return listed(listings.INVOICES, "purchasing/invoices.html", "purchasing.invoice")


def _order_named() -> PurchaseOrder | None:
    number = whole_number(request.values.get("order"))
    return load(PurchaseOrder, current_actor(), id=number) if number else None


@bp.get("/invoices/new")
@needs(BUY)
def new_invoice() -> ResponseReturnValue:
    return _form()


def _form(refusal: Refusal | None = None) -> Response:
    """The form of an invoice; of one for an order, filled with what arrived of it in good order."""
    order = _order_named()
    lines = []
    if order is not None:
        came = receiving.arrived(order)
        lines = [
            (line.merchant_code, line.name, came.get(line.merchant_code, {}).get("good", 0), line.price)
            for line in order.lines
        ]
    return answer(
        "purchasing/invoice_form.html",
        refusal,
        order=order,
        suppliers=suppliers_to_choose(),
        rows=rows_shown(request.form if refusal else None, lines),
    )


@bp.post("/invoices/new")
@needs(BUY)
def enter_invoice() -> Response:
    form, order, problems = request.form, _order_named(), dict[str, Message]()
    rows, extra = rows_given(problems), fen_of("freight", problems) - fen_of("discount", problems)
    on, due_on = day_of("on", problems), day_of("due_on", problems)
    supplier_id = order.supplier_id if order else whole_number(form.get("supplier"))
    if on is None:
        problems.setdefault("on", msg("Give the day of the invoice."))
    if supplier_id not in dict(suppliers_to_choose()) and order is None:
        problems["supplier"] = msg("Choose one of the options.")
    lines = [{"merchant_code": code, "quantity": pieces, "price": price} for code, _, pieces, price in rows]
    try:
        refuse(**problems)
        if on is None or supplier_id is None:
            abort(422)
        made = invoices.enter_invoice(
            current_actor(),
            supplier_id,
            form.get("number", ""),
            on,
            lines,
            extra=extra,
            order_id=order.id if order else None,
            due_on=due_on,
        )
    except Refusal as refusal:
        return _form(refusal)
    return go("purchasing.invoice", msg("%(number)s is entered.", number=made.number), id=made.id)


@bp.get("/invoices/<int:id>")
@needs(VIEW)
def invoice(id: int) -> ResponseReturnValue:
    return _invoice(load(Invoice, current_actor(), id=id))


def _invoice(found: Invoice, refusal: Refusal | None = None) -> Response:
    query = select(PurchaseOrder).where(
        PurchaseOrder.supplier_id == found.supplier_id, PurchaseOrder.state.in_(invoices.BILLED)
    )
    order = found.order
    return answer(
        "purchasing/invoice.html",
        refusal,
        record=found,
        held=invoices.held(found),
        held_amount=invoices.held_amount(found),
        why=invoices.WHY,
        ordered=receiving.ordered(order) if order else {},
        came=receiving.arrived(order) if order else {},
        payable=invoices.payable_pieces(order) if order else {},
        taken=invoices.billed(invoices.earlier(found, order)) if order else {},
        orders=[] if order else db.session.scalars(query.order_by(PurchaseOrder.id.desc()).limit(50)).all(),
        log=audit.events_of(Ref(invoices.KIND, found.id)),
    )


@bp.post("/invoices/<int:id>/link")
@needs(BUY)
def link_invoice(id: int) -> Response:
    """Put an invoice to its order."""
    found = load(Invoice, current_actor(), id=id)
    try:
        order = _order_named()
        if order is None:
            raise Refusal(fields={"order": msg("Choose one of the options.")})
        invoices.link_invoice(current_actor(), found.id, order.id)
    except Refusal as refusal:
        return again(Invoice, id, _invoice, refusal)
    return go("purchasing.invoice", msg("The change is stored."), id=id)


@bp.post("/invoices/<int:id>/release")
@needs(APPROVE)
def release_invoice(id: int) -> Response:
    found = load(Invoice, current_actor(), id=id)
    try:
        invoices.release(current_actor(), found.id, request.form.get("reason", ""))
    except Refusal as refusal:
        return again(Invoice, id, _invoice, refusal)
    return go("purchasing.invoice", msg("The change is stored."), id=id)
