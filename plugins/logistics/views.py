"""Pages of what is sent: the dispatch clock, parcels, manifests, capacity."""

from typing import Any

from flask import Response, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy import func, select

from core.access import allowed, current_actor, load, needs
from core.columns import now
from core.exports import MEDIA
from core.extensions import db
from core.jobs.services import enqueue
from core.listing import download
from core.messages import Refusal, msg
from core.pages import about as beside
from core.pages import answer
from core.stores.models import Order
from core.stores.queries import history, store_names
from core.web import go, local, respond, say, whole_number
from plugins.logistics import capacity as loads
from plugins.logistics import clock, desk, jobs, listings, manifests, parcels
from plugins.logistics.models import Case, Manifest, Parcel, ParcelItem, ParcelOrder
from plugins.logistics.pages import bp
from plugins.logistics.records import VIEW
from plugins.logistics.rules import dispatch, exceptions
from plugins.logistics.rules import parcels as words

SHOWN = 100
HANDLE = "logistics.handle"


def about(kind: str, record: Any) -> dict[str, Any]:
    """What every record's page shows beside the record itself: its tasks, documents and history."""
    more = {"history": history(kind, record.id), "may_handle": allowed(current_actor(), HANDLE)}
    return beside(kind, record) | more


@bp.get("/")
@needs(VIEW)
def index() -> ResponseReturnValue:
    """Orders to send out: how many of each warehouse breach when, and those of one band and warehouse."""
    at, orders = now(), clock.waiting()
    band, place = request.args.get("band", dispatch.NEXT_4_H), request.args.get("warehouse")
    band = band if band in dispatch.BANDS else dispatch.NEXT_4_H
    chosen = [
        order
        for order in orders
        if order.due_at and dispatch.band(order.due_at, at) == band and place in (None, order.warehouse)
    ]
    if (form := request.args.get("export", "")) in MEDIA:
        return _export(chosen, form)
    stores = dict(store_names(current_actor()))
    return respond(
        "logistics/clock.html",
        table=dispatch.table(orders, at),
        bands=dispatch.BANDS,
        band=band,
        place=place,
        orders=chosen[:SHOWN],
        total=len(chosen),
        stores=stores,
        at=at,
    )


def _export(orders: list[dispatch.Waiting], form: str) -> Response:
    header = [say(label) for label in (msg("Order number"), msg("Warehouse"), msg("Paid"), msg("Send out by"))]
    rows = ([each.order_no, each.warehouse, local(each.paid_at), local(each.due_at)] for each in orders)
    return download("dispatch", form, header, rows)


@bp.post("/look")
@needs(HANDLE)
def look() -> Response:
    """Look for exceptions now instead of at the next quarter of an hour."""
    enqueue(jobs.WATCH, {}, key=jobs.WATCH, actor=current_actor())
    return go("logistics.cases", msg("Orders and parcels are being looked through: load the page again in a moment."))


@bp.get("/today")
@needs(HANDLE)
def desk_box() -> str:
    """The box on the desk: what breaches soon, and what is open."""
    at = now()
    table = dispatch.table(clock.waiting(), at)
    here = (Case.state.in_(exceptions.UNSETTLED),)
    count = func.count().label("count")
    kinds = db.session.execute(select(Case.kind, count).where(*here).group_by(Case.kind).order_by(count.desc())).all()
    return render_template(
        "logistics/_today.html",
        soon=sum(row[dispatch.NEXT_4_H] for row in table.values()),
        breached=sum(row[dispatch.BREACHED] for row in table.values()),
        kinds=[(kind, exceptions.KINDS.get(kind, kind), number) for kind, number in kinds[:5]],
    )


@bp.get("/parcels", endpoint="parcels")
@needs(VIEW)
def parcel_list() -> ResponseReturnValue:
    return listings.PARCELS.respond("logistics/parcels.html", "logistics.parcel")


@bp.get("/parcels/<int:id>")
@needs(VIEW)
def parcel(id: int) -> ResponseReturnValue:
    return _parcel(id)


@bp.post("/parcels/<int:id>/exception")
@needs(HANDLE)
def report_case(id: int) -> ResponseReturnValue:
    """Put what somebody sees of a parcel on the exception desk."""
    found, form = load(Parcel, current_actor(), id=id), request.form
    try:
        made = desk.report(current_actor(), found, form.get("kind", ""), form.get("note", "")[:4000])
    except Refusal as refusal:
        return _parcel(id, refusal)
    return go("logistics.case", msg("It is on the exception desk."), id=made.id)


def _parcel(id: int, refusal: Refusal | None = None) -> Response:
    found = load(Parcel, current_actor(), id=id)
    cases = db.session.scalars(select(Case).where(Case.parcel_id == id).order_by(Case.id)).all()
    return answer(
        "logistics/parcel.html",
        refusal,
        reported=[(kind, exceptions.KINDS[kind]) for kind in exceptions.REPORTED],
        states=words.STATES,
        cases=cases,
        case_kinds=exceptions.KINDS,
        case_states=exceptions.STATES,
        **about("logistics.parcel", found),
    )


@bp.get("/parcel-orders/<int:id>")
@needs(VIEW)
def parcel_order(id: int) -> ResponseReturnValue:
    return _to_parcel(load(ParcelOrder, current_actor(), id=id))


@bp.get("/parcel-items/<int:id>")
@needs(VIEW)
def parcel_item(id: int) -> ResponseReturnValue:
    return _to_parcel(load(ParcelItem, current_actor(), id=id))


def _to_parcel(part: Any) -> ResponseReturnValue:
    return go("logistics.parcel", id=part.parcel_id) if part.parcel_id else go("logistics.parcels", q=part.parcel_key)


@bp.get("/orders/<int:id>")
@needs(VIEW)
def order_box(id: int) -> str:
    """The box on an order's page: its parcels, its deadline, and what is wrong with it."""
    order = load(Order, current_actor(), id=id)
    found = parcels.of_order(id)
    about_it = (Case.order_id == id) | Case.parcel_id.in_([each.id for each in found])
    cases = db.session.scalars(select(Case).where(about_it).order_by(Case.id)).all()
    return render_template(
        "logistics/_order.html",
        parcels=found,
        cases=cases,
        due_at=clock.of_order(order),
        at=now(),
        states=words.STATES,
        case_kinds=exceptions.KINDS,
        case_states=exceptions.STATES,
    )


@bp.get("/manifests", endpoint="manifests")
@needs(VIEW)
def manifest_list() -> ResponseReturnValue:
    return _manifests()


def _manifests(refusal: Refusal | None = None) -> Response:
    query = select(Manifest, func.count(Parcel.id)).outerjoin(Parcel, Parcel.manifest_id == Manifest.id)
    rows = db.session.execute(query.group_by(Manifest.id).order_by(Manifest.id.desc()).limit(SHOWN)).all()
    return answer(
        "logistics/manifests.html",
        refusal,
        ready=manifests.ready(),
        rows=rows,
        stores=dict(store_names(current_actor())),
        reasons=refusal.reasons if refusal else (),
        may_handle=allowed(current_actor(), HANDLE),
    )


@bp.post("/manifests")
@needs(HANDLE)
def make_manifest() -> Response:
    form = request.form
    warehouse, carrier = form.get("warehouse", "")[:200], form.get("carrier", "")[:200]
    try:
        made = manifests.make(current_actor(), whole_number(form.get("store")) or 0, warehouse, carrier)
    except Refusal as refusal:
        return _manifests(refusal)
    return go("logistics.manifest", msg("%(number)s is ready: issue its documents.", number=made.number), id=made.id)


@bp.get("/manifests/<int:id>")
@needs(VIEW)
def manifest(id: int) -> ResponseReturnValue:
    found = load(Manifest, current_actor(), id=id)
    return respond(
        "logistics/manifest.html",
        parcels=manifests.parcels_of(found),
        gifts=manifests.gifts_for(found),
        **about("logistics.manifest", found),
    )


@bp.get("/capacity")
@needs(VIEW)
def capacity() -> ResponseReturnValue:
    """The coming days of each warehouse and courier."""
    rows = loads.forecast()
    return respond("logistics/capacity.html", rows=rows, kinds=("warehouse", "carrier"))
