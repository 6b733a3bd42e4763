"""Pages of account lines: the list, one line with the row it came from, what a statement says of itself, a trade."""

from typing import Any

from flask import Response, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from core.access import allowed, current_actor, load, needs
from core.extensions import db
from core.imports.models import ImportBatch
from core.messages import Refusal, msg
from core.pages import answer
from core.stores.models import Order
from core.web import go, respond, whole_number
from plugins.finance.books import assigning, joins, queries
from plugins.finance.books.models import Control, Line, Trade
from plugins.finance.differences.models import Difference
from plugins.finance.differences.queries import shown_state
from plugins.finance.matching import manual
from plugins.finance.matching.classes import LABELS, PART_LABELS
from plugins.finance.pages import bp
from plugins.finance.periods import names


@bp.get("/lines")
@needs("finance.view")
def lines() -> ResponseReturnValue:
    return queries.LISTING.respond("finance/lines.html", "finance.line", "finance/_lines.html")


@bp.get("/lines/<int:id>")
@needs("finance.view")
def line(id: int) -> Response:
    return _line(load(Line, current_actor(), id=id))


def _line(found: Line, refusal: Refusal | None = None) -> Response:
    differences = select(Difference).where(Difference.line_id == found.id).options(joinedload(Difference.task))
    return answer(
        "finance/line.html",
        refusal,
        record=found,
        matches=manual.matches(found.store_id, [found.id]),
        parts=PART_LABELS,
        may=allowed(current_actor(), "finance.reconcile"),
        order=queries.order_of(found),
        origins=queries.origins("finance.line", found.id),
        sources=queries.SOURCES,
        found_by=queries.FOUND_BY,
        differences=db.session.scalars(differences.order_by(Difference.id.desc())).all(),
        labels=LABELS,
        shown_state=shown_state,
    )


@bp.post("/lines/<int:id>/unmatch")
@needs("finance.reconcile")
def unmatch_line(id: int) -> Response:
    """Take a match by hand of this line back."""
    found, form = load(Line, current_actor(), id=id), request.form
    match = whole_number(form.get("match")) or 0
    try:
        if match not in {each.match.id for each in manual.matches(found.store_id, [found.id])}:
            raise Refusal(msg("Choose one of the options."))
        manual.undo_match(match, current_actor(), form.get("reason", ""))
    except Refusal as refusal:
        return _line(found, refusal)
    return go("finance.line", msg("The match is taken back: the next run will go by the rules."), id=id)


@bp.get("/lines/statements/<int:id>")
@needs("finance.view")
def control(id: int) -> str:
    return _record("finance.control", load(Control, current_actor(), id=id), "finance/control.html")


@bp.get("/lines/trades/<int:id>")
@needs("finance.view")
def trade(id: int) -> str:
    found = load(Trade, current_actor(), id=id)
    return _record("finance.trade", found, "finance/trade.html", order=queries.order_of(found))


def _record(kind: str, record: Any, template: str, **more: Any) -> str:
    return render_template(template, record=record, origins=queries.origins(kind, record.id), **more)


@bp.get("/orders/<int:id>/lines")
@needs("finance.view")
def lines_box(id: int) -> Response:
    """The box on an order's page: its money lines and their sum."""
    order = load(Order, current_actor(), id=id)
    rows, total = queries.lines_of(order)
    return respond("finance/_order_lines.html", order=order, rows=rows, total=total)


@bp.get("/imports/<int:id>/bill")
@needs("finance.view")
def bill_box(id: int) -> Response:
    """The box on an import's page: whose account the bill is of, and how it joins what is stored."""
    return _bill_box(load(ImportBatch, current_actor(), id=id))


def _bill_box(batch: ImportBatch, refusal: Refusal | None = None) -> Response:
    found = joins.bills_of(batch)
    nameless = next((bill.account.partition(":")[0] for bill in found if bill.nameless), None)
    return answer(
        "finance/_bill.html",
        refusal,
        batch=batch,
        bills=found,
        account=names.account,
        numbers=assigning.known_accounts(batch.store_id, nameless) if nameless else (),
        may=allowed(current_actor(), "finance.reconcile"),
        given=request.form if refusal else {},
    )


@bp.post("/imports/<int:id>/account")
@needs("finance.reconcile")
def assign_account(id: int) -> Response:
    """Say whose account the bill is of that names none."""
    actor, form = current_actor(), request.form
    batch = load(ImportBatch, actor, id=id)
    try:
        count = assigning.assign(batch, form.get("nameless", ""), form.get("account", ""), actor)
    except Refusal as refusal:
        return _bill_box(batch, refusal)
    told = msg(
        "%(count)s lines are of account %(account)s now. Reconcile their days again.",
        count=count,
        account=form["account"],
    )
    return go("imports.batch", told, id=id)
