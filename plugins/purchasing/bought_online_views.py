"""Pages of orders placed on 1688: the list, and one with what its seller and goods are here."""

from flask import Response, request
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from core.access import current_actor, load, needs
from core.extensions import db
from core.messages import Message, Refusal, msg, refuse
from core.web import go, whole_number
from plugins.purchasing import bought_online, listings, orders
from plugins.purchasing.models import Offer, PlatformLine, PlatformOrder, Supplier
from plugins.purchasing.pages import BUY, VIEW, again, answer, bp, listed

MOST = 200


@bp.get("/1688", endpoint="bought_online")
@needs(VIEW)
def platform_list() -> ResponseReturnValue:
    return listed(listings.PLATFORM_ORDERS, "purchasing/platform_orders.html", "purchasing.platform_order")


@bp.post("/1688")
@needs(BUY)
def take_all() -> Response:
    """Make purchase orders of all whose sellers and goods are known."""
    made, left = bought_online.take_all(current_actor())
    return go(
        "purchasing.bought_online", msg("%(made)s orders are made; %(left)s wait to be matched.", made=made, left=left)
    )


@bp.get("/1688/<int:id>")
@needs(VIEW)
def platform_order(id: int) -> ResponseReturnValue:
    return _page(load(PlatformOrder, current_actor(), id=id))


@bp.get("/1688/lines/<int:id>")
@needs(VIEW)
def platform_line(id: int) -> Response:
    line = load(PlatformLine, current_actor(), id=id)
    here = (PlatformOrder.store_id == line.store_id, PlatformOrder.key == line.order_no)
    return go("purchasing.platform_order", id=db.session.scalar(select(PlatformOrder.id).where(*here)) or 0)


def _page(found: PlatformOrder, refusal: Refusal | None = None) -> Response:
    known = bought_online.matched(found)
    codes = select(Offer.merchant_code).where(Offer.store_id == found.store_id).distinct()
    return answer(
        "purchasing/platform_order.html",
        refusal,
        record=found,
        known=known,
        made=bought_online.made_of(found),
        states=orders.STATES,
        closed=found.status_text == bought_online.SHUT,
        suppliers=db.session.execute(select(Supplier.id, Supplier.name).order_by(Supplier.name)).all(),
        codes=db.session.scalars(codes.order_by(Offer.merchant_code)).all(),
        goods=sum(line.quantity * line.price for line, _, _ in known.lines),
    )


@bp.post("/1688/<int:id>")
@needs(BUY)
def match_platform_order(id: int) -> Response:
    """Keep what the seller and its goods are, and make the purchase order."""
    actor, form, problems = current_actor(), request.form, dict[str, Message]()
    found = load(PlatformOrder, actor, id=id)
    said = {}
    for place, line in enumerate(bought_online.lines_of(found)[:MOST]):
        pieces = whole_number(form.get(f"pieces-{place}", "1").strip() or "1")
        if pieces is None or pieces > 99_999:
            problems["lines"] = msg("Count whole pieces.")
        said[line.article] = (form.get(f"code-{place}", "").strip(), pieces or 1)
    try:
        refuse(**problems)
        bought_online.remember(actor, found.id, whole_number(form.get("supplier")), said)
        if form.get("step") != "take":
            return go("purchasing.platform_order", msg("The change is stored."), id=id)
        made = bought_online.take_over(actor, found.id)
    except Refusal as refusal:
        return again(PlatformOrder, id, _page, refusal)
    return go("purchasing.order", msg("%(number)s is made of it.", number=made.number), id=made.id)
