"""Pages of the overview and of runs: where every store stands, what a run came to, which rows are behind a figure."""

from datetime import date

from flask import Response, abort, request
from sqlalchemy import select

from core.access import allowed, current_actor, load, needs
from core.columns import now
from core.extensions import db
from core.localtime import day_named
from core.messages import Message, Refusal, msg, refuse
from core.pages import answer
from core.stores.models import Store
from core.stores.queries import store_names
from core.web import go, respond, whole_number
from plugins.finance.matching import controls, superseded
from plugins.finance.matching.classes import LABELS, LINE_CLASSES, ORDER_CLASSES
from plugins.finance.matching.jobs import ask
from plugins.finance.matching.models import Run
from plugins.finance.overview import queries
from plugins.finance.pages import bp
from plugins.finance.periods import locks, rules, services


@bp.get("/")
@needs("finance.view")
def index() -> Response:
    return _index()


def _index(refusal: Refusal | None = None) -> Response:
    actor = current_actor()
    today = rules.book_day(now())
    return answer(
        "finance/index.html",
        refusal,
        standings=queries.standings(actor, today, whole_number(request.args.get("store"))),
        told=queries.told,
        states=rules.STATES,
        may=allowed(actor, "finance.reconcile"),
        given=request.form if refusal else {},
    )


@bp.get("/runs")
@needs("finance.view")
def runs() -> Response:
    actor = current_actor()
    found = queries.runs(actor, request.args, whole_number(request.args.get("store")))
    return respond("finance/runs.html", found=found, stores=store_names(actor), told=queries.told)


@bp.post("/runs")
@needs("finance.reconcile")
def start() -> Response:
    """Ask for a reconciliation in the background; the page it leads to says how far it is."""
    actor, form = current_actor(), request.form
    try:
        store = db.session.scalar(
            select(Store.id).where(Store.id == whole_number(form.get("store")), Store.visible_to(actor))
        )
        problems: dict[str, Message] = {}
        first, last = _day("first", problems), _day("last", problems)
        refuse(store=None if store else msg("Choose one of the options."), **problems)
        if not (first and last and store):
            abort(422)
        locks.demand_open(store, first, last)
        job = ask(store, first, last, actor)
    except Refusal as refusal:
        return _index(refusal)
    return go("jobs.status", job_id=job.id)


def _day(name: str, problems: dict[str, Message]) -> date | None:
    given = request.form.get(name, "")
    if (day := day_named(given)) and 2000 <= day.year < 2100:
        return day
    problems[name] = msg("“%(value)s” is not a date.", value=given[:40]) if given else msg("Give the day.")
    return None


@bp.get("/runs/<int:id>")
@needs("finance.view")
def run(id: int) -> Response:
    actor = current_actor()
    found = load(Run, actor, id=id)
    others = queries.others(found)
    with_ = whole_number(request.args.get("with"))
    other = next((each for each in others if each.id == with_), None)
    newest = services.latest_run(found.store_id, found.first, found.last)
    return respond(
        "finance/run.html",
        run=found,
        told=queries.told(found, other),
        differences=queries.of_run(found),
        others=others,
        other=other,
        newest=newest,
        newer=services.newer_than(found) if newest is not None and newest.id == found.id else None,
        period=services.of_run(found),
        states=rules.STATES,
        may=allowed(actor, "finance.reconcile"),
        locked=bool(locks.signed(found.store_id, found.first, found.last)),
        has_rows=superseded.has_rows(found),
        uncovered=controls.uncovered(found.store_id, found.first, found.last),
    )


@bp.get("/runs/<int:id>/<side>/<code>")
@needs("finance.view")
def run_rows(id: int, side: str, code: str) -> Response:
    """The rows behind a figure of a run."""
    found = load(Run, current_actor(), id=id)
    if side not in queries.SIDES or code not in (ORDER_CLASSES if side == "orders" else LINE_CLASSES):
        abort(404)
    page = min(whole_number(request.args.get("page")) or 1, queries.LAST_PAGE)
    total = queries.count(found, side, code)
    rows = queries.rows(found, side, code, page)
    return respond(
        "finance/run_rows.html",
        run=found,
        side=side,
        code=code,
        label=LABELS[code],
        rows=rows,
        total=total,
        number=page,
        first=(page - 1) * queries.PER_PAGE + 1,
        last=(page - 1) * queries.PER_PAGE + len(rows),
        more=page * queries.PER_PAGE < total,
        has_rows=superseded.has_rows(found),
    )
