"""Pages of periods: the list, one period with all that its signature stands on, and the history of the locks."""

from collections.abc import Callable

from flask import Response, abort, request

from core.access import allowed, current_actor, load, needs
from core.messages import Message, Refusal, msg
from core.pages import answer
from core.stores.queries import store_names
from core.web import go, respond, whole_number
from plugins.finance.matching.models import Run
from plugins.finance.pages import bp, in_words
from plugins.finance.periods import queries, rules, services
from plugins.finance.periods.models import Period


@bp.get("/periods")
@needs("finance.view")
def periods() -> Response:
    actor = current_actor()
    found = queries.periods(actor, request.args, whole_number(request.args.get("store")))
    return respond(
        "finance/periods.html",
        found=found,
        pending=queries.pending(found.items),
        states=rules.STATES,
        stores=store_names(actor),
    )


@bp.get("/periods/history")
@needs("finance.view")
def period_history() -> Response:
    """Who locked what when, and what opened it again: over all stores."""
    found = queries.history(request.args)
    return respond(
        "finance/period_history.html",
        found=found,
        named=queries.named([event.subject_id for event in found.items]),
        message=in_words,
    )


@bp.get("/periods/<int:id>")
@needs("finance.view")
def period(id: int) -> Response:
    return _page(load(Period, current_actor(), id=id))


def _page(row: Period, refusal: Refusal | None = None) -> Response:
    actor = current_actor()
    run = row.run if row.state != rules.OPEN else services.latest_run(row.store_id, row.first, row.last)
    standing = services.standing(run)
    unready = rules.unready(standing)
    said = unready if row.state == rules.OPEN else ()  # beside the button: a refusal need not say it again
    return answer(
        "finance/period.html",
        refusal,
        reasons=[reason for reason in refusal.general if reason not in said] if refusal else (),
        row=row,
        run=run,
        standing=standing,
        unready=unready,
        states=rules.STATES,
        found=queries.history({}, row.id),
        message=in_words,
        may=allowed(actor, "finance.reconcile"),
        may_sign=allowed(actor, "finance.sign"),
        same_person=rules.same_person(row.prepared_by_id, actor),
        given=request.form if refusal else {},
    )


@bp.post("/runs/<int:id>/prepare")
@needs("finance.reconcile")
def prepare(id: int) -> Response:
    run = load(Run, current_actor(), id=id)
    try:
        row = services.prepare(run.id, current_actor())
    except Refusal as refusal:
        known = services.of_run(run)
        if known is not None:
            return _page(known, refusal)
        return go("finance.run", refusal.reasons[0], id=run.id)
    return go("finance.period", msg("The period is prepared: somebody else signs it."), id=row.id)


def _sign(row: Period) -> Message:
    services.sign(row.id, current_actor(), whole_number(request.form.get("version")))
    return msg("The period is signed and locked.")


def _send_back(row: Period) -> Message:
    services.send_back(row.id, current_actor(), request.form.get("reason", ""))
    return msg("The period is sent back.")


def _reopen(row: Period) -> Message:
    services.reopen(row.id, current_actor(), request.form.get("reason", ""))
    return msg("The period is open again.")


ACTIONS: dict[str, Callable[[Period], Message]] = {"sign": _sign, "send_back": _send_back, "reopen": _reopen}


@bp.post("/periods/<int:id>/<what>")
@needs("finance.sign")
def decide(id: int, what: str) -> Response:
    """Sign a prepared period, send it back, or open a signed one again."""
    if what not in ACTIONS:
        abort(404)
    row = load(Period, current_actor(), id=id)
    try:
        return go("finance.period", ACTIONS[what](row), id=row.id)
    except Refusal as refusal:
        return _page(load(Period, current_actor(), id=id), refusal)
