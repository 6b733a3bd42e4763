"""Pages of deliveries: counting one in, noting what was wrong, settling it with the supplier."""

from flask import Response, request
from flask.typing import ResponseReturnValue

from core.access import current_actor, load, needs
from core.audit import services as audit
from core.board.brief import money
from core.contracts import Ref
from core.messages import Message, Refusal, msg, refuse
from core.pages import about
from core.registry import registry
from core.web import go, say, whole_number
from plugins.purchasing import listings, orders, receiving, returns
from plugins.purchasing.models import Discrepancy, PurchaseOrder
from plugins.purchasing.order_views import order_page
from plugins.purchasing.pages import BUY, VIEW, again, answer, bp, counts_given, listed
from plugins.purchasing.records import KINDS
from plugins.purchasing.types import CLAIM


@bp.post("/orders/<int:id>/receive")
@needs(BUY)
def receive(id: int) -> Response:
    actor, form = current_actor(), request.form
    found = load(PurchaseOrder, actor, id=id)
    problems: dict[str, Message] = {}
    lines = [{"merchant_code": code, "good": good, "damaged": bad} for code, good, bad in counts_given(problems)]
    try:
        refuse(**problems)
        version = whole_number(form.get("version"))
        told = form.get("warehouse", ""), form.get("note", "")
        made = receiving.receive(actor, found.id, lines, *told, version=version)
    except Refusal as refusal:
        return again(PurchaseOrder, id, order_page, refusal)
    return go("purchasing.order", msg("%(number)s is received.", number=made.number), id=id)


@bp.post("/orders/<int:id>/claim")
@needs(BUY)
def claim(id: int) -> Response:
    actor, form = current_actor(), request.form
    found = load(PurchaseOrder, actor, id=id)
    try:
        made = receiving.claim(actor, found.id, form.get("note", ""), version=whole_number(form.get("version")))
    except Refusal as refusal:
        return again(PurchaseOrder, id, order_page, refusal)
    return go("purchasing.discrepancy", msg("%(number)s is noted.", number=made.number), id=made.id)


@bp.get("/discrepancies", endpoint="discrepancies")
@needs(VIEW)
def discrepancy_list() -> ResponseReturnValue:
    return listed(listings.DISCREPANCIES, "purchasing/discrepancies.html", "purchasing.discrepancy")


@bp.get("/discrepancies/<int:id>")
@needs(VIEW)
def discrepancy(id: int) -> ResponseReturnValue:
    return _discrepancy(load(Discrepancy, current_actor(), id=id))


def _discrepancy(found: Discrepancy, refusal: Refusal | None = None) -> Response:
    return answer(
        "purchasing/discrepancy.html",
        refusal,
        kinds=KINDS,
        states=receiving.STATES,
        remedies=receiving.REMEDIES,
        returns=[each for each in found.order.returns if each.discrepancy_id == found.id],
        return_states=returns.STATES,
        proposed=any(sum(counts.values()) for counts in returns.proposed(found.order, found).values()),
        log=[event for event in audit.events_of(Ref(orders.KIND, found.order_id)) if _about(event.data, found)],
        **about(receiving.KIND, found),
    )


def _about(data: dict[str, object], found: Discrepancy) -> bool:
    return data.get("note") == found.number


@bp.post("/discrepancies/<int:id>")
@needs(BUY)
def settle(id: int) -> Response:
    actor, form = current_actor(), request.form
    found = load(Discrepancy, actor, id=id)
    granted, version = money(form.get("granted", "")), whole_number(form.get("version"))
    try:
        receiving.settle(actor, found.id, form.get("remedy", ""), granted, note=form.get("note", ""), version=version)
    except Refusal as refusal:
        return again(Discrepancy, id, _discrepancy, refusal)
    return go("purchasing.discrepancy", msg("The change is stored."), id=id)


@bp.post("/discrepancies/<int:id>/task")
@needs(BUY)
def hand_over(id: int) -> Response:
    """Draft the supplier claim as a task."""
    actor = current_actor()
    found = load(Discrepancy, actor, id=id)
    summary = registry().record_types[receiving.KIND].summary
    told = dict(summary(found)) if summary else {}
    brief = {field.name: told[field.name] for field in CLAIM.fields if told.get(field.name)}
    try:
        title = say(msg("Claim %(number)s at %(supplier)s", number=found.number, supplier=found.order.supplier.name))
        task = receiving.hand_over(actor, found.id, title[:200], brief)
    except Refusal as refusal:
        return again(Discrepancy, id, _discrepancy, refusal)
    return go("board.task", number=task.number)
