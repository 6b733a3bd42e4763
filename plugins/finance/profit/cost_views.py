"""Pages of shared costs and campaigns: what a profit needs and no file tells."""

from typing import Any

from flask import Response, abort, request
from sqlalchemy import select

from core.access import current_actor, load, needs
from core.extensions import db
from core.listing import paged
from core.messages import Message, Refusal, msg
from core.pages import answer
from core.stores.models import Store
from core.stores.queries import store_names
from core.web import go, whole_number, yuan
from plugins.finance.pages import bp
from plugins.finance.partners.models import Campaign, SharedCost
from plugins.finance.profit import services
from plugins.finance.profit.rules import COST_KINDS

MODELS = {"shared": SharedCost, "campaigns": Campaign}
SAVE = {"shared": services.save_shared, "campaigns": services.save_campaign}


@bp.get("/profit/shared-costs")
@needs("finance.view")
def shared_costs() -> Response:
    return _page("shared")


@bp.get("/profit/campaigns")
@needs("finance.view")
def campaigns() -> Response:
    return _page("campaigns")


def _page(what: str, refusal: Refusal | None = None) -> Response:
    actor, model = current_actor(), MODELS[what]
    stores = store_names(actor)
    known = [id for id, _ in stores]
    store = whole_number(request.values.get("store"))
    query = select(model).where(model.store_id.in_([store] if store in known else known))
    edited = _edited(model, known)
    return answer(
        f"finance/profit/{what}.html",
        refusal,
        stores=stores,
        names=dict(stores),
        kinds=COST_KINDS,
        found=paged(query.order_by(model.first.desc(), model.id.desc()), request.args),
        edited=edited,
        given=request.form if refusal else _shown(edited) if edited else {},
    )


def _edited(model: Any, stores: list[int]) -> Any:
    id = whole_number(request.values.get("edit"))
    return db.session.scalar(select(model).where(model.id == id, model.store_id.in_(stores))) if id else None


def _shown(row: Any) -> dict[str, Any]:
    """A row as the form gives it: amounts in yuan."""
    told = {name: getattr(row, name, "") for name in ("first", "last", "kind", "memo", "name")}
    if isinstance(row, SharedCost):
        told["amount"] = yuan(row.amount)
    return told | {"store": row.store_id}


@bp.post("/profit/<what>")
@needs("finance.reconcile")
def save_cost_of_store(what: str) -> Response:
    """Enter a shared cost or a campaign, change one, or take one away."""
    if what not in MODELS:
        abort(404)
    actor = current_actor()
    id = whole_number(request.form.get("edit"))
    store = load(Store, actor, id=whole_number(request.form.get("store")) or 0)
    back = "finance.shared_costs" if what == "shared" else "finance.campaigns"
    try:
        said = _remove(what, id) if request.form.get("remove") and id else _save(what, store.id, id)
    except Refusal as refusal:
        return _page(what, refusal)
    return go(back, said, store=store.id)


def _save(what: str, store_id: int, id: int | None) -> Message:
    SAVE[what](store_id, request.form, current_actor(), id)
    return msg("The shared cost is stored.") if what == "shared" else msg("The campaign is stored.")


def _remove(what: str, id: int) -> Message:
    services.remove(MODELS[what], id, current_actor())
    return msg("It is taken away.")
