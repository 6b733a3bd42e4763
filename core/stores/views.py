"""Pages of store records: lists, the record with its history, and changing it by hand."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, render_template, request, url_for
from flask.typing import ResponseReturnValue

from core.access import allowed, current_actor, load, needs
from core.board import brief, notices
from core.contracts import Field
from core.messages import N_, Message, Refusal, Stale, msg, refuse
from core.pages import about, answer
from core.registry import registry
from core.stores import fields, queries, services
from core.stores.models import Order, OrderLine, Product, Sku, Store
from core.stores.rules import PLATFORMS
from core.web import go, whole_number

bp = Blueprint("stores", __name__)


@bp.get("/stores")
@needs("stores.view")
def index() -> ResponseReturnValue:
    return queries.STORES.respond("stores/list.html", "stores.store", title=N_("Stores"))


@bp.get("/products")
@needs("stores.view")
def products() -> ResponseReturnValue:
    return queries.PRODUCTS.respond("stores/list.html", "stores.product", title=N_("Products"))


@bp.get("/orders")
@needs("orders.view")
def orders() -> ResponseReturnValue:
    return queries.ORDERS.respond("stores/list.html", "stores.order", title=N_("Orders"))


@bp.get("/stores/<int:id>")
@needs("stores.view")
def store(id: int) -> ResponseReturnValue:
    found = load(Store, current_actor(), id=id)
    return _record("core.store", found, "stores/store.html", counts=queries.counts_of(id), platforms=PLATFORMS)


@bp.get("/products/<int:id>")
@needs("stores.view")
def product(id: int) -> ResponseReturnValue:
    return _record("core.product", load(Product, current_actor(), id=id), "stores/product.html")


@bp.get("/skus/<int:id>")
@needs("stores.view")
def sku(id: int) -> ResponseReturnValue:
    return _record("core.sku", load(Sku, current_actor(), id=id), "stores/sku.html")


@bp.get("/orders/<int:id>")
@needs("orders.view")
def order(id: int) -> ResponseReturnValue:
    return _record("core.order", load(Order, current_actor(), id=id), "stores/order.html")


@bp.get("/order-lines/<int:id>")
@needs("orders.view")
def order_line(id: int) -> ResponseReturnValue:
    line = load(OrderLine, current_actor(), id=id)
    if line.order_id is not None:
        return go("stores.order", id=line.order_id)
    return _record("core.order_line", line, "stores/order_line.html")


def _record(kind: str, record: Any, template: str, **more: Any) -> ResponseReturnValue:
    return render_template(
        template,
        **about(kind, record),
        history=queries.history(kind, record.id),
        labels=fields.LABELS,
        states=registry().record_types[kind].states,
        may_edit=allowed(current_actor(), "stores.edit"),
        **more,
    )


@bp.get("/stores/new")
@needs("stores.edit")
def new_store() -> ResponseReturnValue:
    return _form(fields.STORE_FIELDS, N_("New store"), {"platform": "tmall", "status": "open"}, url_for("stores.index"))


@bp.post("/stores/new")
@needs("stores.edit")
def create_store() -> ResponseReturnValue:
    given, problems = _given(fields.STORE_FIELDS)
    try:
        refuse(**problems)
        made = services.create_store(actor=current_actor(), **given, owner_id=_owner())
    except Refusal as refusal:
        return _form(fields.STORE_FIELDS, N_("New store"), request.form, url_for("stores.index"), refusal=refusal)
    return go("stores.store", msg("%(name)s is stored.", name=made.name), id=made.id)


@bp.route("/stores/<int:id>/edit", methods=["GET", "POST"])
@needs("stores.edit")
def edit_store(id: int) -> ResponseReturnValue:
    found = load(Store, current_actor(), id=id)
    return _edit("core.store", found, fields.STORE_FIELDS, "stores.store", lambda: {"owner_id": _owner()})


@bp.route("/products/<int:id>/edit", methods=["GET", "POST"])
@needs("stores.edit")
def edit_product(id: int) -> ResponseReturnValue:
    return _edit("core.product", load(Product, current_actor(), id=id), fields.PRODUCT_FIELDS, "stores.product")


@bp.route("/skus/<int:id>/edit", methods=["GET", "POST"])
@needs("stores.edit")
def edit_sku(id: int) -> ResponseReturnValue:
    return _edit("core.sku", load(Sku, current_actor(), id=id), fields.SKU_FIELDS, "stores.sku")


def _edit(
    kind: str,
    record: Any,
    known: tuple[Field, ...],
    endpoint: str,
    more: Callable[[], dict[str, Any]] = dict,
) -> ResponseReturnValue:
    back, shown = url_for(endpoint, id=record.id), {field.name: getattr(record, field.name) for field in known}
    if request.method == "GET":
        return _form(known, record.title, shown, back, record=record)
    try:
        given, problems = _given(known)
        refuse(**problems)
        version = whole_number(request.form.get("version"))
        services.edit(kind, record.id, version, given | more(), current_actor())
    except Stale:
        raise
    except Refusal as refusal:
        return _form(known, record.title, shown | request.form.to_dict(), back, refusal=refusal, record=record)
    return go(endpoint, msg("The change is stored."), id=record.id)


def _given(known: tuple[Field, ...]) -> tuple[dict[str, Any], dict[str, Message]]:
    values, problems = brief.parse(known, request.form.getlist)
    blank = {field.name: None if field.kind == "money" or field.name in OPTIONAL else "" for field in known}
    values = blank | values
    return values, {**fields.problems(known, values), **problems}


OPTIONAL = {"merchant_code", "barcode", "category"}


def _owner() -> int | None:
    given = request.form.get("owner", "")
    owner = whole_number(given)
    if given and owner not in dict(notices.everybody()):
        raise Refusal(fields={"owner": msg("Choose one of the options.")})
    return owner


def _form(
    known: tuple[Field, ...], title: str, values: Any, back: str, *, refusal: Refusal | None = None, record: Any = None
) -> Response:
    return answer(
        "stores/edit.html",
        refusal,
        title=title,
        fields=known,
        values=values,
        back=back,
        record=record,
        people=notices.everybody() if known is fields.STORE_FIELDS else (),
        owner=request.form.get("owner", getattr(record, "owner_id", None) or ""),
    )
