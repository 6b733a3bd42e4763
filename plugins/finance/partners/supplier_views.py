"""Pages of suppliers' accounts: one against orders, receipts and payments; naming a statement's columns; costs."""

from typing import Any

from flask import Response, request
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from core.access import current_actor, load, needs
from core.extensions import db
from core.listing import paged
from core.messages import Refusal, Stale, msg
from core.pages import answer
from core.stores.models import Store
from core.web import go, whole_number
from plugins.finance.pages import bp
from plugins.finance.partners import services
from plugins.finance.partners import suppliers as accounts
from plugins.finance.partners.importers.suppliers import FIELDS
from plugins.finance.partners.models import Cost, PurchaseOrder, SupplierLine, SupplierMatch
from plugins.finance.partners.views import day_of, days, frame


@bp.get("/partners/suppliers")
@needs("finance.view")
def suppliers() -> ResponseReturnValue:
    return _suppliers()


def _suppliers(refusal: Refusal | None = None) -> Response:
    given = frame()
    names = accounts.suppliers(given["store_id"] or 0)
    name = request.args.get("supplier", "")
    name = name if name in names else next(iter(names), "")
    store_id, first, last = days(given)
    found = accounts.account(store_id, name, first, last)
    rows = {("line", row.id): row for row in found.open_lines}
    rows |= {("purchase", each.order.id): each.order for each in found.purchases}
    return answer(
        "finance/suppliers.html",
        refusal,
        **given,
        names=names,
        name=name,
        account=found,
        row=rows,
        ids=_named(found),
        reasons=refusal.reasons if refusal else (),
    )


def _named(found: accounts.Account) -> dict[str, dict[int, Any]]:
    """The lines and purchases that matches name, wherever they are dated."""
    lines = {number for match in found.matches for number in match.lines}
    orders = {number for match in found.matches for number in match.purchases}
    return {
        "lines": {row.id: row for row in db.session.scalars(select(SupplierLine).where(SupplierLine.id.in_(lines)))},
        "purchases": {
            row.id: row for row in db.session.scalars(select(PurchaseOrder).where(PurchaseOrder.id.in_(orders)))
        },
    }


def _numbers(name: str) -> list[int]:
    return [number for text in request.form.getlist(name) if (number := whole_number(text)) is not None]


@bp.post("/partners/suppliers/accept")
@needs("finance.reconcile")
def accept_suggestion() -> ResponseReturnValue:
    actor = current_actor()
    form = request.form
    store = load(Store, actor, id=whole_number(form.get("store")) or 0)
    name = form.get("supplier", "")
    try:
        wanted = _numbers("line"), _numbers("purchase")
        accounts.accept(store.id, name, wanted, actor, first=day_of(form, "from"), last=day_of(form, "to"))
    except Stale as stale:
        return _suppliers(stale)
    return go("finance.suppliers", msg("They belong together now."), store=store.id, supplier=name)


@bp.post("/partners/suppliers/<int:id>/undo")
@needs("finance.reconcile")
def undo_suggestion(id: int) -> ResponseReturnValue:
    actor = current_actor()
    match = load(SupplierMatch, actor, id=id)
    try:
        accounts.undo(match.id, actor, request.form.get("reason", ""))
    except Refusal as refusal:
        return _suppliers(refusal)
    return go("finance.suppliers", msg("The match was undone."), store=match.store_id, supplier=match.supplier)


@bp.get("/partners/columns")
@needs("finance.reconcile")
def columns() -> ResponseReturnValue:
    return _columns()


def _columns(refusal: Refusal | None = None, headers: Any = (), rows: Any = (), chosen: Any = None) -> Response:
    return answer(
        "finance/columns.html",
        refusal,
        maps=services.column_maps(),
        labels={name: label for name, (label, _) in FIELDS.items()},
        headers=headers,
        rows=rows,
        chosen=chosen or {},
        supplier=request.form.get("supplier", ""),
    )


@bp.post("/partners/columns")
@needs("finance.reconcile")
def save_columns() -> ResponseReturnValue:
    """With a file: show its headers to choose from. Without one: save what was chosen."""
    form, sent = request.form, request.files.get("file")
    headers = form.getlist("header")[:200]
    chosen = {name: form.get(name, "") for name in FIELDS}
    try:
        if not headers:
            if sent is None or not sent.filename:
                raise Refusal(fields={"file": msg("Choose a file.")})
            headers, rows = services.headers_of(sent.read(), sent.filename[:200])
            return _columns(headers=headers, rows=rows, chosen=services.first_guess(headers))
        saved = services.save_columns(form.get("supplier", ""), chosen, current_actor())
    except Refusal as refusal:
        return _columns(refusal, headers, (), chosen)
    return go(
        "finance.columns", msg("The columns of %(name)s are known now: import its statement.", name=saved.supplier)
    )


@bp.post("/partners/columns/<int:id>/forget")
@needs("finance.reconcile")
def forget_columns(id: int) -> ResponseReturnValue:
    try:
        name = services.forget_columns(id)
    except Refusal as refusal:
        return _columns(refusal)
    return go("finance.columns", msg("The columns of %(name)s are forgotten; what was imported stays.", name=name))


@bp.get("/partners/costs")
@needs("finance.view")
def costs() -> ResponseReturnValue:
    return _costs()


def _costs(refusal: Refusal | None = None) -> Response:
    given = frame()
    query = select(Cost).where(Cost.store_id == (given["store_id"] or 0), Cost.visible_to(current_actor()))
    if text := request.args.get("q", "").strip()[:80]:
        query = query.where(Cost.merchant_code.icontains(text, autoescape=True))
    return answer(
        "finance/costs.html",
        refusal,
        **given,
        found=paged(query.order_by(Cost.merchant_code, Cost.since.desc()), request.args),
        given=request.form,
    )


@bp.post("/partners/costs")
@needs("finance.reconcile")
def save_cost() -> ResponseReturnValue:
    form = request.form
    store = load(Store, current_actor(), id=whole_number(form.get("store")) or 0)
    try:
        services.save_cost(store.id, form.get("merchant_code", ""), form.get("amount", ""), form.get("since", ""))
    except Refusal as refusal:
        return _costs(refusal)
    return go("finance.costs", msg("The cost is stored."), store=store.id)
