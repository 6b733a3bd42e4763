"""Pages of the feedback inbox."""

from flask import request
from flask.typing import ResponseReturnValue

from core.access import allowed, current_actor, load, needs
from core.extensions import db
from core.messages import Message, Refusal, msg, together
from core.pages import answer
from core.stores.models import Product
from core.stores.queries import store_names
from core.web import go, whole_number
from plugins.cs import feedback as inbox
from plugins.cs import handing, listings
from plugins.cs.models import Rating
from plugins.cs.pages import about, bp
from plugins.cs.records import VIEW
from plugins.cs.rules import handouts, words

WORTH = ("page_fix", "supplier", "warehouse")  # what comments are turned into beside a ticket


@bp.get("/feedback")
@needs(VIEW)
def feedback() -> ResponseReturnValue:
    """Comments by article and cause."""
    return _feedback()


def _feedback(refusal: Refusal | None = None) -> ResponseReturnValue:
    cause, store_id = request.args.get("cause", ""), whole_number(request.args.get("store"))
    by_variant = request.args.get("by") == "variant"
    actor = current_actor()
    return answer(
        "cs/feedback.html",
        refusal,
        groups=inbox.groups(cause if cause in words.CAUSES else "", store_id, by_variant=by_variant),
        by_variant=by_variant,
        causes={name: label for name, label in words.CAUSES.items() if name},
        cause=cause,
        store_id=store_id,
        stores=store_names(actor),
        offered=[(each, name) for each, name in handing.offered() if each.code in WORTH],
        by_cause=handouts.BY_CAUSE,
        may_work=allowed(actor, "cs.ticket"),
    )


@bp.post("/feedback")
@needs("cs.ticket")
def raise_feedback() -> ResponseReturnValue:
    """Turn the comments on one article, or one variant of it, with one cause into a task."""
    form = request.form
    about_it = (whole_number(form.get("store")) or 0, form.get("item", "")[:64], form.get("cause", ""))
    group = inbox.Group(*about_it, form.get("variant", "")[:200] if "variant" in form else None)
    try:
        if group.cause not in words.CAUSES:
            raise Refusal(msg("Choose one of the options."))
        task, left = inbox.raise_task(current_actor(), group, form.get("code", ""))
    except Refusal as refusal:
        return _feedback(refusal)
    said: Message = msg("%(number)s is open.", number=task.number)
    return go("board.task", together([said, *left]) if left else said, number=task.number)


@bp.get("/feedback/ratings", endpoint="ratings")
@needs(VIEW)
def rating_list() -> ResponseReturnValue:
    return listings.RATINGS.respond("cs/ratings.html", "cs.rating")


@bp.get("/feedback/ratings/<int:id>")
@needs(VIEW)
def rating(id: int) -> ResponseReturnValue:
    return _rating(id)


def _rating(id: int, refusal: Refusal | None = None) -> ResponseReturnValue:
    found = load(Rating, current_actor(), id=id)
    return answer(
        "cs/rating.html",
        refusal,
        causes=words.CAUSES,
        product=db.session.get(Product, found.product_id) if found.product_id else None,
        may_work=allowed(current_actor(), "cs.ticket"),
        **about("cs.rating", found),
    )


@bp.post("/feedback/ratings/<int:id>")
@needs("cs.ticket")
def tag_rating(id: int) -> ResponseReturnValue:
    found = load(Rating, current_actor(), id=id)
    try:
        inbox.tag(found.id, request.form.get("cause", ""), request.form.get("tags", "").split())
    except Refusal as refusal:
        return _rating(id, refusal)
    return go("cs.rating", msg("The change is stored."), id=id)
