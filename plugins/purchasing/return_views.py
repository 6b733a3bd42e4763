"""Pages of returns to suppliers: the list, drafting one from an order, sending it off, its credit."""

from collections.abc import Callable, Mapping
from typing import Any

from flask import Response, abort, request
from flask.typing import ResponseReturnValue

from core.access import current_actor, load, needs
from core.audit import services as audit
from core.board.brief import money
from core.contracts import Actor, Ref
from core.messages import Message, Refusal, msg, refuse
from core.pages import about
from core.web import go, whole_number
from plugins.purchasing import listings, orders, returns
from plugins.purchasing.models import Discrepancy, PurchaseOrder, SupplierReturn
from plugins.purchasing.pages import BUY, VIEW, again, answer, bp, counts_given, listed

Step = Callable[[Actor, SupplierReturn, Mapping[str, str], int | None], Any]
STEPS: Mapping[str, Step] = {
    "send": lambda actor, found, form, version: returns.send(
        actor, found.id, form.get("carrier", ""), form.get("waybill_no", ""), version
    ),
    "credit": lambda actor, found, form, version: returns.credit(
        actor,
        found.id,
        money(form.get("credited", "")),
        form.get("credit_note", ""),
        note=form.get("note", ""),
        version=version,
    ),
    "cancel": lambda actor, found, form, version: returns.cancel(actor, found.id, form.get("reason", ""), version),
}


@bp.get("/returns", endpoint="returns")
@needs(VIEW)
def return_list() -> ResponseReturnValue:
    return listed(listings.RETURNS, "purchasing/returns.html", "purchasing.return")


@bp.get("/orders/<int:id>/return")
@needs(BUY)
def new_return(id: int) -> ResponseReturnValue:
    return _form(load(PurchaseOrder, current_actor(), id=id))


def _form(order: PurchaseOrder, refusal: Refusal | None = None) -> Response:
    """What came of an order and may go back, with what is likely to filled in."""
    note = _note()
    return answer(
        "purchasing/return_form.html",
        refusal,
        record=order,
        note=note,
        rest=returns.returnable(order),
        names={line.merchant_code: line.name for line in order.lines},
        proposed=returns.proposed(order, note),
        warehouse=order.receipts[-1].warehouse if order.receipts else "",
        typed={code: (good, damaged) for code, good, damaged in counts_given({})} if refusal else {},
    )


def _note() -> Discrepancy | None:
    number = whole_number(request.values.get("discrepancy"))
    return load(Discrepancy, current_actor(), id=number) if number else None


@bp.post("/orders/<int:id>/return")
@needs(BUY)
def draft_return(id: int) -> Response:
    actor, form, problems = current_actor(), request.form, dict[str, Message]()
    order, note = load(PurchaseOrder, actor, id=id), _note()
    lines = [
        {"merchant_code": code, "good": good, "damaged": damaged} for code, good, damaged in counts_given(problems)
    ]
    try:
        refuse(**problems)
        made = returns.draft(
            actor,
            order.id,
            lines,
            discrepancy_id=note.id if note else None,
            warehouse=form.get("warehouse", ""),
            note=form.get("note", ""),
            version=whole_number(form.get("version")),
        )
    except Refusal as refusal:
        return again(PurchaseOrder, id, _form, refusal)
    return go("purchasing.return", msg("%(number)s is drafted.", number=made.number), id=made.id)


@bp.get("/returns/<int:id>", endpoint="return")
@needs(VIEW)
def supplier_return(id: int) -> ResponseReturnValue:
    return _return(load(SupplierReturn, current_actor(), id=id))


def _return(found: SupplierReturn, refusal: Refusal | None = None) -> Response:
    events = audit.events_of(Ref(orders.KIND, found.order_id))
    return answer(
        "purchasing/return.html",
        refusal,
        states=returns.STATES,
        names={line.merchant_code: line.name for line in found.order.lines},
        log=[event for event in events if event.data.get("return") == found.number],
        **about(returns.KIND, found),
    )


@bp.post("/returns/<int:id>")
@needs(BUY)
def return_step(id: int) -> Response:
    """Take a return a step on."""
    actor, form = current_actor(), request.form
    found = load(SupplierReturn, actor, id=id)
    take = STEPS.get(form.get("step", ""))
    if take is None:
        abort(404)
    try:
        take(actor, found, form, whole_number(form.get("version")))
    except Refusal as refusal:
        return again(SupplierReturn, id, _return, refusal)
    return go("purchasing.return", msg("The change is stored."), id=id)
