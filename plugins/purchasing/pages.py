"""The blueprint that all of purchasing's pages hang on, and what its lists and records share."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from flask import Blueprint, Response, request, url_for
from flask.typing import ResponseReturnValue

from core.access import allowed, current_actor
from core.board.brief import money
from core.board.queries import tasks_of
from core.board.shown import cards
from core.contracts import Ref
from core.exports import MEDIA
from core.listing import Listing
from core.messages import Message, Refusal, Stale, msg
from core.stores.queries import store_names
from core.web import respond, whole_number

bp = Blueprint("purchasing", __name__, template_folder="templates", static_folder="static")

VIEW, BUY, APPROVE, IMPORT = "purchasing.view", "purchasing.buy", "purchasing.approve", "purchasing.import"
BLANK_ROWS = 5
MOST_ROWS = 200


def listed(listing: Listing, template: str, endpoint: str, **more: Any) -> ResponseReturnValue:
    """A page with a list, or the list as a file."""
    actor, form = current_actor(), request.args.get("export", "")
    if form in MEDIA:
        return listing.export(actor, form)
    return respond(
        template,
        "stores/_list.html",
        listing=listing,
        found=listing.page(actor, request.args),
        choices=listing.choices(actor),
        endpoint=endpoint,
        may_buy=allowed(actor, BUY),
        **more,
    )


def answer(template: str, refusal: Refusal | None = None, **context: Any) -> Response:
    """A page, with what was refused of its form and what was typed into it."""
    response = respond(
        template,
        may_buy=allowed(current_actor(), BUY),
        problems=refusal.fields if refusal else {},
        reasons=refusal.general if refusal and (isinstance(refusal, Stale) or not refusal.fields) else (),
        raw=request.form if refusal and not isinstance(refusal, Stale) else None,
        **context,
    )
    response.status_code = refusal.status if refusal else 200
    return response


def about(kind: str, record: Any) -> dict[str, Any]:
    """What a record's page shows beside the record: its tasks and documents."""
    actor = current_actor()
    return {
        "kind": kind,
        "record": record,
        "tasks": cards(tasks_of(Ref(kind, record.id), actor), actor),
        "documents_url": url_for("documents.of_record", kind=kind, record_id=record.id),
    }


def store_of(given: str | None) -> tuple[int | None, Sequence[tuple[Any, str]]]:
    """The store that an address names, or else the first, and all there are to choose from."""
    stores = store_names(current_actor())
    known = [number for number, _ in stores]
    wanted = whole_number(given)
    return (wanted if wanted in known else next(iter(known), None)), stores


def given_store(problems: dict[str, Message]) -> int:
    """The store that a form names; a problem if the reader sees no such store."""
    number = whole_number(request.form.get("store"))
    if number not in dict(store_names(current_actor())):
        problems["store"] = msg("Choose one of the options.")
    return number or 0


def day_of(name: str, problems: dict[str, Message]) -> date | None:
    """A day from a form; None if it is left out."""
    text = request.form.get(name, "").strip()
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        problems[name] = msg("“%(value)s” is not a date.", value=text[:40])
        return None


def fen_of(name: str, problems: dict[str, Message]) -> int:
    """An amount of yuan from a form, in fen; 0 if it is left out."""
    text = request.form.get(name, "").strip()
    fen = money(text) if text else 0
    if fen is None:
        problems[name] = msg("“%(value)s” is not an amount in yuan.", value=text[:40])
    return fen or 0


def number_of(name: str, problems: dict[str, Message], default: int) -> int:
    """A whole number from a form, with what it is if it is left out."""
    text = request.form.get(name, "").strip()
    number = whole_number(text) if text else default
    if number is None or number > 9_999_999:
        problems[name] = msg("“%(value)s” is not a whole number.", value=text[:40])
        return default
    return number


def rows_given(problems: dict[str, Message]) -> list[tuple[str, str, int, int]]:
    """The lines of an order or invoice as they were typed: code, name, pieces, fen a piece; blank ones are left out."""
    columns = [request.form.getlist(name)[:MOST_ROWS] for name in ("code", "name", "pieces", "price")]
    found = []
    for code, name, pieces, price in zip(*columns, strict=False):
        if not any((code.strip(), pieces.strip(), price.strip())):
            continue
        count, fen = whole_number(pieces.strip()), money(price) if price.strip() else 0
        if count is None or count > 9_999_999 or fen is None or fen < 0 or not code.strip():
            problems["lines"] = msg("Each line needs a code, at least one piece and a price.")
        found.append((code.strip()[:80], name.strip()[:200], count or 0, fen or 0))
    return found


def rows_shown(raw: Mapping[str, Any] | None, lines: Sequence[tuple[str, str, Any, Any]]) -> list[tuple[Any, ...]]:
    """The rows of the form of lines: as they were typed, or these, and some blank ones."""
    if raw is not None:
        columns = [request.form.getlist(name)[:MOST_ROWS] for name in ("code", "name", "pieces", "price")]
        return list(zip(*columns, strict=False))
    shown = [
        (code, name, pieces, f"{price // 100}.{price % 100:02d}" if price else "")
        for code, name, pieces, price in lines
    ]
    return [*shown, *([("", "", "", "")] * BLANK_ROWS)]
