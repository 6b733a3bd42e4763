"""Pages of promised payments: to confirm or drop, to approve, to hand to finance."""

from flask import request
from flask.typing import ResponseReturnValue
from sqlalchemy import func, select

from core.access import allowed, current_actor, demand, load, needs
from core.exports import MEDIA
from core.extensions import db
from core.messages import Message, Refusal, msg
from core.registry import registry
from core.stores.models import Store
from core.web import go, respond, whole_number
from plugins.cs import listings, promises
from plugins.cs.models import Promise
from plugins.cs.pages import about, bp
from plugins.cs.records import VIEW
from plugins.cs.rules import promises as rules
from plugins.cs.rules.handouts import PAYMENT

TABS = (rules.DRAFT, rules.CONFIRMED, rules.APPROVED, rules.HANDED, rules.PAID, rules.SAID_PAID, rules.DROPPED)
APPROVALS = {"approve"}
FILTERS = {"q", "from", "to", *(each.name for each in listings.PROMISES.filters)}


@bp.get("/promises", endpoint="promises")
@needs(VIEW)
def promise_list() -> ResponseReturnValue:
    return _list()


def _list(reasons: tuple[Message, ...] = (), status: int = 200) -> ResponseReturnValue:
    actor, form = current_actor(), request.args.get("export", "")
    if form in MEDIA:
        return listings.PROMISES.export(actor, form)
    state = request.args.get("state", rules.DRAFT)
    state = state if state in rules.STATES else rules.DRAFT
    found = listings.PROMISES.page(actor, {**request.args, "state": state})
    filters = [each for each in listings.PROMISES.choices(actor) if each[0].name != "state"]
    response = respond(
        "cs/promises.html",
        found=found,
        state=state,
        states={name: rules.STATES[name] for name in TABS},
        kinds=rules.KINDS,
        sums=promises.sums(listings.PROMISES.query(actor, {**request.args, "state": "", "sort": ""})),
        filters=filters,
        filtered=any(request.args.get(name) for name in FILTERS - {"state"}),
        conflicts=promises.conflicts(found.items),
        steps=_steps(state),
        usual=state in (rules.DRAFT, rules.CONFIRMED),
        waiting=_approved() if PAYMENT in registry().task_types else [],
        reasons=reasons,
    )
    response.status_code = status
    return response


def _steps(state: str) -> list[str]:
    """What the reader may do with promises in a state, all at once."""
    actor = current_actor()
    if not allowed(actor, "cs.ticket"):
        return []
    names = [name for name in ("confirm", "approve", "drop") if rules.may(name, state)]
    return [name for name in names if name not in APPROVALS or allowed(actor, "cs.approve")]


def _approved() -> list[tuple[int, str, int, int]]:
    """Stores with approved promises: how many, and how much."""
    query = (
        select(Store.id, Store.name, func.count(), func.sum(Promise.amount))
        .join(Promise, Promise.store_id == Store.id)
        .where(Promise.state == rules.APPROVED)
        .group_by(Store.id, Store.name)
    )
    return [(store_id, name, count, int(total)) for store_id, name, count, total in db.session.execute(query)]


@bp.post("/promises")
@needs("cs.ticket")
def step_promises() -> ResponseReturnValue:
    """Confirm, approve or drop the chosen promises."""
    name, form = request.form.get("step", ""), request.form
    if name not in ("confirm", "approve", "drop"):
        return _list((msg("There is no such action."),), 422)
    if name in APPROVALS:
        demand("cs.approve")
    ids = [number for text in form.getlist("ids")[:1000] if (number := whole_number(text)) is not None]
    try:
        done, refused = promises.step(ids, name, current_actor(), form.get("reason", ""))
    except Refusal as refusal:
        return _list(refusal.reasons, refusal.status)
    if refused or not done:
        told = msg("%(done)s went through.", done=done)
        return _list((told, *(refused or (msg("Choose at least one."),)))[:20], 422 if not done else 200)
    here = {name: value for name, value in request.args.items() if name in FILTERS}
    return go("cs.promises", msg("%(done)s went through.", done=done), **here)


@bp.post("/promises/hand-over")
@needs("cs.approve")
def hand_over() -> ResponseReturnValue:
    """Hand a store's approved promises to finance."""
    try:
        task = promises.hand_over(whole_number(request.form.get("store")) or 0, current_actor())
    except Refusal as refusal:
        return _list(refusal.reasons, refusal.status)
    return go("board.task", number=task.number)


@bp.get("/promises/<int:id>")
@needs(VIEW)
def promise(id: int) -> ResponseReturnValue:
    found = load(Promise, current_actor(), id=id)
    return respond(
        "cs/promise.html",
        states=rules.STATES,
        kinds=rules.KINDS,
        conflict=promises.conflicts([found]).get(found.id),
        **about("cs.promise", found),
    )
