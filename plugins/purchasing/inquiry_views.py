"""Pages of inquiries: written, quotes entered one by one, put side by side, and made into orders."""

from flask import Response, abort, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from core import localtime
from core.access import current_actor, load, needs
from core.audit import services as audit
from core.board.models import Task
from core.contracts import Ref
from core.extensions import db
from core.messages import Message, Refusal, msg, refuse
from core.pages import about
from core.web import go, whole_number
from plugins.purchasing import inquiries, listings, quoting, stock, suggesting
from plugins.purchasing.models import Inquiry, Offer
from plugins.purchasing.order_views import lines_wanted, suppliers_to_choose
from plugins.purchasing.pages import (
    BUY,
    VIEW,
    again,
    answer,
    bp,
    day_of,
    given_store,
    listed,
    rows_given,
    rows_shown,
    store_of,
    task_named,
)
from plugins.purchasing.types import REQUEST


@bp.get("/inquiries", endpoint="inquiries")
@needs(VIEW)
def inquiry_list() -> ResponseReturnValue:
    return listed(listings.INQUIRIES, "purchasing/inquiries.html", "purchasing.inquiry")


@bp.get("/inquiries/new")
@needs(BUY)
def new_inquiry() -> ResponseReturnValue:
    return _form(None)


def _form(found: Inquiry | None, refusal: Refusal | None = None) -> Response:
    task = found.task if found else task_named(request.values.get("task"))
    lines = [(line["merchant_code"], line["name"], line["quantity"]) for line in found.lines] if found else []
    store_id = task.store_id if task else None
    ticked = [number for text in request.args.get("suggestions", "").split(",") if (number := whole_number(text))]
    if ticked:
        store_id, lines = suggesting.wanted(ticked)
    lines = lines or lines_wanted(task)
    asked = {quote.supplier_id for quote in found.quotes} if found else _offering([code for code, *_ in lines])
    typed = {number for text in request.form.getlist("suppliers") if (number := whole_number(text))}
    return answer(
        "purchasing/inquiry_form.html",
        refusal,
        record=found,
        task=task,
        needed_on=found.needed_on if found else (task.brief.get("needed_on") if task else None),
        suppliers=suppliers_to_choose(),
        chosen=typed if refusal else asked,
        stores=store_of(None)[1],
        store_id=store_id,
        rows=rows_shown(request.form if refusal else None, [(*line, "") for line in lines]),
    )


def _offering(codes: list[str]) -> set[int]:
    """Who offers any of these articles already."""
    return set(db.session.scalars(select(Offer.supplier_id).where(Offer.merchant_code.in_(codes))))


@bp.post("/inquiries/new")
@needs(BUY)
def write_inquiry() -> Response:
    try:
        made = inquiries.ask(current_actor(), _asked())
    except Refusal as refusal:
        return _form(None, refusal)
    told = msg("%(number)s is written; issue its letters below.", number=made.number)
    return go("purchasing.inquiry", told, id=made.id)


def _asked(found: Inquiry | None = None) -> inquiries.Asked:
    problems: dict[str, Message] = {}
    rows = rows_given(problems)
    store_id = found.store_id if found else given_store(problems)
    wanted = inquiries.Asked(
        store_id=store_id,
        suppliers=[number for text in request.form.getlist("suppliers") if (number := whole_number(text))],
        lines=stock.named(store_id, [row[:3] for row in rows]),
        answer_by=day_of("answer_by", problems),
        needed_on=day_of("needed_on", problems),
        note=request.form.get("note", "")[:2000],
        task=None if found else task_named(request.form.get("task")),
    )
    refuse(**problems)
    return wanted


@bp.get("/inquiries/<int:id>/edit")
@needs(BUY)
def edit_inquiry(id: int) -> ResponseReturnValue:
    found = load(Inquiry, current_actor(), id=id)
    if found.state != inquiries.OPEN:
        abort(404)
    return _form(found)


@bp.post("/inquiries/<int:id>/edit")
@needs(BUY)
def save_inquiry(id: int) -> Response:
    found = load(Inquiry, current_actor(), id=id)
    try:
        inquiries.ask(current_actor(), _asked(found), found.id, whole_number(request.form.get("version")))
    except Refusal as refusal:
        return again(Inquiry, id, _form, refusal)
    return go("purchasing.inquiry", msg("The change is stored."), id=id)


@bp.get("/inquiries/<int:id>")
@needs(VIEW)
def inquiry(id: int) -> ResponseReturnValue:
    return _inquiry(load(Inquiry, current_actor(), id=id))


def _inquiry(found: Inquiry, refusal: Refusal | None = None) -> Response:
    """An inquiry with its quotes side by side."""
    quotes = inquiries.compared(found)
    codes = [line["merchant_code"] for line in found.lines]
    best, cost = quoting.cheapest(quotes.values(), codes)
    return answer(
        "purchasing/inquiry.html",
        refusal,
        states=inquiries.STATES,
        quote_states=inquiries.QUOTE_STATES,
        quotes=quotes,
        lines_of={quote.id: {line["merchant_code"]: line for line in quote.lines} for quote in found.quotes},
        best=best,
        cost=cost,
        whole=[number for number, each in quotes.items() if len(each.bids) == len(codes)],
        today=localtime.today(),
        log=audit.events_of(Ref(inquiries.KIND, found.id)),
        **about(inquiries.KIND, found),
    )


@bp.post("/inquiries/<int:id>/choose")
@needs(BUY)
def choose_quotes(id: int) -> Response:
    """Make orders of the quotes that are ticked, one for each article."""
    found, form = load(Inquiry, current_actor(), id=id), request.form
    picked = {line["merchant_code"]: whole_number(form.get(f"pick-{place}")) for place, line in enumerate(found.lines)}
    try:
        made = inquiries.choose(
            current_actor(),
            found.id,
            {code: number for code, number in picked.items() if number},
            form.get("reason", ""),
            keep_offers=form.get("keep") == "yes",
            version=whole_number(form.get("version")),
        )
    except Refusal as refusal:
        return again(Inquiry, id, _inquiry, refusal)
    if len(made) == 1:
        return go("purchasing.order", msg("%(number)s is drafted.", number=made[0].number), id=made[0].id)
    return go("purchasing.inquiry", msg("%(count)s orders are drafted.", count=len(made)), id=id)


@bp.post("/inquiries/<int:id>/give-up")
@needs(BUY)
def give_inquiry_up(id: int) -> Response:
    found, form = load(Inquiry, current_actor(), id=id), request.form
    try:
        inquiries.give_up(current_actor(), found.id, form.get("why", ""), whole_number(form.get("version")))
    except Refusal as refusal:
        return again(Inquiry, id, _inquiry, refusal)
    return go("purchasing.inquiry", msg("The change is stored."), id=id)


@bp.get("/requests/<number>")
@needs(BUY)
def request_box(number: str) -> str:
    """The box on a purchase request: what can be made of it, and what was."""
    task: Task = load(Task, current_actor(), number=number)
    if task.type != REQUEST.name:
        abort(404)
    found = db.session.scalars(select(Inquiry).where(Inquiry.task_id == task.id).order_by(Inquiry.id)).all()
    return render_template(
        "purchasing/_request.html",
        task=task,
        inquiries=found,
        states=inquiries.STATES,
    )
