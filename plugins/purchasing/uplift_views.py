"""Pages of campaigns that sell more than an ordinary day, and purchasing's box on the desk."""

from typing import Any

from flask import Response, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy import func, select

from core import localtime
from core.access import current_actor, needs
from core.audit import services as audit
from core.contracts import Ref
from core.extensions import db
from core.messages import N_, Message, Refusal, msg, refuse
from core.transactions import transaction
from core.web import go
from plugins.purchasing import licences, orders, returns
from plugins.purchasing.models import Discrepancy, PurchaseOrder, Suggestion, SupplierReturn, Uplift
from plugins.purchasing.pages import BUY, VIEW, answer, bp, day_of, given_store, number_of, store_of

LONGEST = 400  # days of a campaign


@bp.get("/uplifts", endpoint="uplifts")
@needs(VIEW)
def uplift_list() -> ResponseReturnValue:
    return _uplifts()


def _uplifts(refusal: Refusal | None = None) -> Response:
    rows = db.session.scalars(select(Uplift).order_by(Uplift.first.desc(), Uplift.id)).all()
    stores = store_of(None)[1]
    today = localtime.today()
    return answer("purchasing/uplifts.html", refusal, rows=rows, stores=stores, names=dict(stores), today=today)


@bp.post("/uplifts")
@needs(BUY)
def add_uplift() -> Response:
    form, problems = request.form, dict[str, Message]()
    store_id, first, last = given_store(problems), day_of("first", problems), day_of("last", problems)
    percent, name = number_of("percent", problems, 0), form.get("name", "").strip()[:80]
    if not name:
        problems["name"] = msg("Give it a name.")
    if first is None or last is None or not 0 <= (last - first).days <= LONGEST:
        problems.setdefault("last", msg("Give a first and a last day, in that order."))
    if not 1 <= percent <= 5_000:
        problems.setdefault("percent", msg("Give the sale in percent of an ordinary day, 1 to 5000."))
    try:
        refuse(**problems)
    except Refusal as refusal:
        return _uplifts(refusal)
    with transaction() as session:
        code = form.get("merchant_code", "").strip()[:80]
        row = Uplift(store_id=store_id, name=name, first=first, last=last, percent=percent, merchant_code=code)
        session.add(row)
        session.flush()
        _log_uplift(N_("entered a campaign"), row)
    return go("purchasing.uplifts", msg("The change is stored."))


@bp.post("/uplifts/<int:id>/remove")
@needs(BUY)
def remove_uplift(id: int) -> Response:
    with transaction() as session:
        row = session.get(Uplift, id)
        if row is not None:
            _log_uplift(N_("took a campaign away"), row)
            session.delete(row)
    return go("purchasing.uplifts", msg("The change is stored."))


def _log_uplift(verb: str, row: Uplift) -> None:
    data = {"name": row.name, "first": row.first.isoformat(), "last": row.last.isoformat(), "percent": row.percent}
    audit.record(current_actor(), verb, Ref("purchasing.uplift", row.id), data, store_id=row.store_id, team=orders.TEAM)


@bp.get("/today")
@needs(BUY)
def desk_box() -> str:
    """The box on the desk: what waits for a buyer."""
    late = (PurchaseOrder.state.in_((orders.SENT, orders.PARTLY)), PurchaseOrder.expected_on < localtime.today())
    counts = {
        "suggested": sum(_suggested(store_id) for store_id, _ in store_of(None)[1]),
        "waiting": _count(PurchaseOrder, PurchaseOrder.state == orders.APPROVAL),
        "late": _count(PurchaseOrder, *late),
        "claims": _count(Discrepancy, Discrepancy.state == "open"),
        "returns": _count(SupplierReturn, SupplierReturn.state == returns.SENT),
    }
    papers = licences.to_renew(localtime.today())
    return render_template("purchasing/_today.html", counts=counts, papers=papers)


def _suggested(store_id: int) -> int:
    here = Suggestion.store_id == store_id
    newest = db.session.scalar(select(func.max(Suggestion.on)).where(here))
    return _count(Suggestion, here, Suggestion.on == newest, Suggestion.order_id.is_(None))


def _count(model: Any, *conditions: Any) -> int:
    return db.session.scalar(select(func.count()).select_from(model).where(*conditions)) or 0
