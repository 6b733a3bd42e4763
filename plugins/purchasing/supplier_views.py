"""Pages of suppliers: the list, one with its terms, offers, papers and score."""

from typing import Any

from flask import Response, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from core import localtime
from core.access import current_actor, load, needs
from core.audit import services as audit
from core.contracts import Ref
from core.extensions import db
from core.files import services as files
from core.messages import Message, Refusal, msg, refuse
from core.web import go
from plugins.purchasing import complaints, licences, listings, orders, scoring, suppliers
from plugins.purchasing.models import Offer, PurchaseOrder, Supplier
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
    number_of,
    store_of,
)
from plugins.purchasing.types import CAUSES

RECENT = 10
TERMS = (("name", 120), ("code", 40), ("contact", 2000), ("terms", 2000), ("status", 20), ("note", 2000))


@bp.get("/suppliers", endpoint="suppliers")
@needs(VIEW)
def supplier_list() -> ResponseReturnValue:
    """The suppliers, with their papers to renew."""
    today = localtime.today()
    return listed(
        listings.SUPPLIERS,
        "purchasing/suppliers.html",
        "purchasing.supplier",
        papers=[(paper, owner, licences.standing(paper.expires, today)) for paper, owner in licences.to_renew(today)],
    )


@bp.get("/suppliers/scores")
@needs(VIEW)
def scores_box() -> str:
    """How the suppliers did over the last year, loaded after their list."""
    found = suppliers.scores()
    rows = db.session.scalars(select(Supplier).where(Supplier.id.in_(found)).order_by(Supplier.name))
    scores = [(row, found[row.id]) for row in rows]
    return render_template("purchasing/_scores.html", scores=scores, percent=scoring.percent)


@bp.get("/suppliers/new")
@needs(BUY)
def new_supplier() -> ResponseReturnValue:
    return _form()


def _form(refusal: Refusal | None = None) -> Response:
    return answer("purchasing/new_supplier.html", refusal, record=None, statuses=suppliers.STATUSES)


@bp.post("/suppliers/new")
@needs(BUY)
def enter_supplier() -> Response:
    try:
        made = suppliers.save(current_actor(), None, _terms())
    except Refusal as refusal:
        return _form(refusal)
    return go("purchasing.supplier", msg("%(name)s is entered.", name=made.name), id=made.id)


def _terms() -> dict[str, Any]:
    problems: dict[str, Message] = {}
    given: dict[str, Any] = {name: request.form.get(name, "").strip()[:most] for name, most in TERMS}
    given["lead_days"] = number_of("lead_days", problems, 7)
    given["payment_days"] = number_of("payment_days", problems, 0)
    given["minimum_order"] = fen_of("minimum_order", problems)
    if given["minimum_order"] < 0:
        problems["minimum_order"] = msg("An amount cannot be negative.")
    if given["lead_days"] > 365 or given["payment_days"] > 365:
        problems["lead_days"] = msg("At most 365 days.")
    refuse(**problems)
    return given


@bp.get("/suppliers/<int:id>")
@needs(VIEW)
def supplier(id: int) -> ResponseReturnValue:
    return _supplier(load(Supplier, current_actor(), id=id))


def _supplier(found: Supplier, refusal: Refusal | None = None) -> Response:
    today = localtime.today()
    latest = select(PurchaseOrder).where(PurchaseOrder.supplier_id == found.id).order_by(PurchaseOrder.id.desc())
    return answer(
        "purchasing/supplier.html",
        refusal,
        record=found,
        statuses=suppliers.STATUSES,
        papers=[(paper, licences.standing(paper.expires, today)) for paper in licences.current(found)],
        earlier=[paper for paper in found.licences if paper.replaced_at],
        score=suppliers.scores(found.id).get(found.id),
        percent=scoring.percent,
        complaints=complaints.of_supplier(found.id),
        causes=CAUSES,
        verdicts=complaints.VERDICTS,
        orders=db.session.scalars(latest.limit(RECENT)).all(),
        states=orders.STATES,
        stores=store_of(None)[1],
        log=audit.events_of(Ref(suppliers.KIND, found.id)),
    )


def _back(id: int) -> Response:
    return go("purchasing.supplier", msg("The change is stored."), id=id)


@bp.post("/suppliers/<int:id>")
@needs(BUY)
def save_supplier(id: int) -> Response:
    found, problems = load(Supplier, current_actor(), id=id), dict[str, Message]()
    try:
        suppliers.save(current_actor(), found.id, _terms(), number_of("version", problems, 0))
    except Refusal as refusal:
        return again(Supplier, id, _supplier, refusal)
    return _back(id)


@bp.post("/suppliers/<int:id>/offers")
@needs(BUY)
def save_offer(id: int) -> Response:
    found, form, problems = load(Supplier, current_actor(), id=id), request.form, dict[str, Message]()
    lead = form.get("offer_lead", "").strip()
    given = {
        "store_id": given_store(problems),
        "merchant_code": form.get("merchant_code", ""),
        "supplier_code": form.get("supplier_code", "").strip()[:80],
        "prices": form.get("prices", "")[:2000],
        "minimum": number_of("minimum", problems, 1),
        "pack": number_of("pack", problems, 1),
        "lead_days": number_of("offer_lead", problems, 0) if lead else None,
        "preferred": form.get("preferred") == "yes",
    }
    try:
        refuse(**problems)
        suppliers.save_offer(current_actor(), found.id, given)
    except Refusal as refusal:
        return again(Supplier, id, _supplier, refusal)
    return _back(id)


@bp.post("/offers/<int:id>/remove")
@needs(BUY)
def remove_offer(id: int) -> Response:
    found = load(Offer, current_actor(), id=id)
    suppliers.drop_offer(current_actor(), found.id)
    return _back(found.supplier_id)


@bp.post("/suppliers/<int:id>/licences")
@needs(BUY)
def add_licence(id: int) -> Response:
    found, problems = load(Supplier, current_actor(), id=id), dict[str, Message]()
    expires = day_of("expires", problems)
    try:
        refuse(**problems)
        given = request.form.get("licence", ""), request.form.get("licence_number", "")
        sent = request.files.get("paper")
        paper = files.open_upload(sent, ("pdf", "image")) if sent and sent.filename else None
        licences.add(current_actor(), found.id, *given, expires, paper=paper)
    except Refusal as refusal:
        return again(Supplier, id, _supplier, refusal)
    return _back(id)
