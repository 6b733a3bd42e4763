"""Pages of inquiries: written, quotes entered one by one, put side by side, and made into orders."""

from typing import Any

from flask import Response, abort, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from core import localtime
from core.access import allowed, current_actor, load, needs
from core.audit import services as audit
from core.board.models import Task
from core.contracts import Ref
from core.extensions import db
from core.files import services as files
from core.files.rules import Accepted
from core.imports.rules import money_text
from core.messages import Message, Refusal, msg, refuse
from core.pages import about
from core.web import go, whole_number
from plugins.purchasing import inquiries, listings, quoting
from plugins.purchasing.models import Inquiry, Offer, Quote
from plugins.purchasing.order_views import lines_wanted, suppliers_to_choose
from plugins.purchasing.pages import (
    BUY,
    VIEW,
    answer,
    bp,
    day_of,
    fen_of,
    given_store,
    listed,
    number_of,
    rows_given,
    rows_shown,
    store_of,
    task_named,
)
from plugins.purchasing.types import REQUEST

PAPERS = ("pdf", "image", "sheet")
MOST = 200


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
        store_id=task.store_id if task else None,
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
        db.session.rollback()
        return _form(None, refusal)
    told = msg("%(number)s is written; issue its letters below.", number=made.number)
    return go("purchasing.inquiry", told, id=made.id)


def _asked(found: Inquiry | None = None) -> inquiries.Asked:
    problems: dict[str, Message] = {}
    rows = rows_given(problems)
    wanted = inquiries.Asked(
        store_id=found.store_id if found else given_store(problems),
        suppliers=[number for text in request.form.getlist("suppliers") if (number := whole_number(text))],
        lines=[(code, name, pieces) for code, name, pieces, _ in rows],
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
        db.session.rollback()
        return _form(load(Inquiry, current_actor(), id=id), refusal)
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


def _again(id: int, refusal: Refusal) -> Response:
    db.session.rollback()
    return _inquiry(load(Inquiry, current_actor(), id=id), refusal)


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
        return _again(id, refusal)
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
        return _again(id, refusal)
    return go("purchasing.inquiry", msg("The change is stored."), id=id)


@bp.get("/quotes/<int:id>")
@needs(VIEW)
def quote(id: int) -> ResponseReturnValue:
    return _quote(load(Quote, current_actor(), id=id))


def _quote(found: Quote, refusal: Refusal | None = None) -> Response:
    """One supplier's quote: what was asked, what it quotes, the letter that asks it."""
    said = {line["merchant_code"]: line for line in found.lines}
    kept = select(Offer).where(Offer.supplier_id == found.supplier_id, Offer.store_id == found.store_id)
    return answer(
        "purchasing/quote.html",
        refusal,
        states=inquiries.QUOTE_STATES,
        inquiry=found.inquiry,
        rows=[_row(place, line, said, refusal) for place, line in enumerate(found.inquiry.lines)],
        offers={offer.merchant_code: offer for offer in db.session.scalars(kept)},
        open=found.inquiry.state == inquiries.OPEN,
        **about(inquiries.QUOTE, found),
    )


def _row(place: int, line: dict[str, Any], said: dict[str, Any], refusal: Refusal | None) -> dict[str, Any]:
    """An asked article with what is typed beside it."""
    if refusal:
        typed = {name: request.form.get(f"{name}-{place}", "") for name in ("prices", "minimum", "pack")}
    else:
        known = said.get(line["merchant_code"])
        prices = "; ".join(f"{least} {money_text(price)}" for least, price in known["prices"]) if known else ""
        typed = {"prices": prices, "minimum": known["minimum"] if known else 1, "pack": known["pack"] if known else 1}
    return {**line, **typed, "quoted": said.get(line["merchant_code"])}


@bp.post("/quotes/<int:id>")
@needs(BUY)
def enter_quote(id: int) -> Response:
    """Put down a supplier's quote, or that it does not quote."""
    found, form = load(Quote, current_actor(), id=id), request.form
    try:
        given = _given(found, declined=form.get("step") == "decline")
        inquiries.enter_quote(current_actor(), found.id, given, whole_number(form.get("version")), _paper())
    except Refusal as refusal:
        db.session.rollback()
        return _quote(load(Quote, current_actor(), id=id), refusal)
    return go("purchasing.inquiry", msg("The quote is stored."), id=found.inquiry_id)


def _given(found: Quote, declined: bool) -> dict[str, Any]:
    problems: dict[str, Message] = {}
    lines = [] if declined else _lines(found, problems)
    if not declined and not lines:
        problems.setdefault("lines", msg("Enter at least one price, or say that the supplier does not quote."))
    lead = request.form.get("lead_days", "").strip()
    given = {
        "lines": lines,
        "freight": fen_of("freight", problems),
        "lead_days": number_of("lead_days", problems, 0) if lead else None,
        "terms": request.form.get("terms", "").strip()[:2000],
        "valid_until": day_of("valid_until", problems),
        "note": request.form.get("note", "").strip()[:2000],
    }
    if (given["lead_days"] or 0) > 365:
        problems["lead_days"] = msg("At most 365 days.")
    refuse(**problems)
    return given


def _lines(found: Quote, problems: dict[str, Message]) -> list[dict[str, Any]]:
    lines = []
    for place, line in enumerate(found.inquiry.lines[:MOST]):
        text = request.form.get(f"prices-{place}", "")[:500]
        if not text.strip():
            continue
        try:
            prices = inquiries.prices_given(text)
        except ValueError:
            problems["lines"] = msg(
                "“%(text)s” is no price: one price, or breaks like 1 12.50; 100 11.80.", text=text[:40]
            )
            continue
        minimum, pack = (number_of(f"{name}-{place}", problems, 1) for name in ("minimum", "pack"))
        lines.append({"merchant_code": line["merchant_code"], "prices": prices, "minimum": minimum, "pack": pack})
    return lines


def _paper() -> Accepted | None:
    sent = request.files.get("paper")
    return files.open_upload(sent, PAPERS) if sent and sent.filename else None


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
        may_buy=allowed(current_actor(), BUY),
    )
