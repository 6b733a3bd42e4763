"""Pages of after-sale cases and shop scores, and the box on an order's page."""

from flask import render_template
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from core.access import allowed, current_actor, load, needs
from core.columns import now
from core.extensions import db
from core.stores.models import Order
from core.web import respond
from plugins.cs import listings, promises
from plugins.cs.models import AfterSale, Promise, ShopScore, Ticket
from plugins.cs.pages import about, bp
from plugins.cs.records import VIEW
from plugins.cs.rules import promises as promise_rules
from plugins.cs.rules import words


@bp.get("/after-sales", endpoint="after_sales")
@needs(VIEW)
def after_sale_list() -> ResponseReturnValue:
    return listings.AFTER_SALES.respond("cs/after_sales.html", "cs.after_sale")


@bp.get("/after-sales/<int:id>")
@needs(VIEW)
def after_sale(id: int) -> ResponseReturnValue:
    found = load(AfterSale, current_actor(), id=id)
    said = " ".join(filter(None, [found.reason, found.explanation]))
    mine = (Promise.store_id == found.store_id, Promise.order_no == found.order_no)
    return respond(
        "cs/after_sale.html",
        kinds=words.AFTER_SALE_KINDS,
        states=words.AFTER_SALE_STATES,
        cause=words.CAUSES[words.cause_of(said)],
        running=found.status in words.JUDGEMENTS,
        judged=words.JUDGEMENTS.get(found.status, ""),
        at=now(),
        promised=db.session.scalars(select(Promise).where(*mine)).all(),
        promise_states=promise_rules.STATES,
        may_work=allowed(current_actor(), "cs.ticket"),
        **about("cs.after_sale", found),
    )


@bp.get("/orders/<int:id>/box")
@needs(VIEW)
def order_box(id: int) -> str:
    """The box on an order's page: cases, promises and tickets about it."""
    order = load(Order, current_actor(), id=id)
    cases = select(AfterSale).where(AfterSale.store_id == order.store_id, AfterSale.order_no == order.order_no)
    mine = select(Promise).where(Promise.store_id == order.store_id, Promise.order_no == order.order_no)
    promised = db.session.scalars(mine.order_by(Promise.id)).all()
    return render_template(
        "cs/_order.html",
        order=order,
        cases=db.session.scalars(cases.order_by(AfterSale.id)).all(),
        promised=promised,
        conflicts=promises.conflicts(promised),
        tickets=db.session.scalars(select(Ticket).where(Ticket.order_id == id).order_by(Ticket.task_id)).all(),
        kinds=words.AFTER_SALE_KINDS,
        states=words.AFTER_SALE_STATES,
        promise_states=promise_rules.STATES,
        may_work=allowed(current_actor(), "cs.ticket"),
    )


@bp.get("/scores/<int:id>")
@needs(VIEW)
def shop_score(id: int) -> ResponseReturnValue:
    return respond("cs/score.html", **about("cs.shop_score", load(ShopScore, current_actor(), id=id)))
