"""The blueprint that all of purchasing's pages hang on, and what its lists and records share."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

from flask import Blueprint, Response, request

from core import localtime, pages
from core.access import allowed, current_actor, load
from core.board.brief import money
from core.board.models import Task
from core.listing import Listing
from core.messages import Message, Refusal, msg, together
from core.stores.queries import store_names
from core.web import whole_number

bp = Blueprint("purchasing", __name__, template_folder="templates", static_folder="static")

VIEW, BUY, APPROVE, IMPORT = "purchasing.view", "purchasing.buy", "purchasing.approve", "purchasing.import"
BLANK_ROWS = 5
MOST_ROWS = 200
MOST_FEN = 1_000_000_000  # of a price, a freight, a discount
COUNTED = ("code", "good", "damaged")


def listed(listing: Listing, page: str, endpoint: str, **more: Any) -> Response:
    """A page with a list, or the list as a file."""
    return listing.respond(page, endpoint, may_buy=allowed(current_actor(), BUY), **more)


def answer(page: str, refusal: Refusal | None = None, **context: Any) -> Response:
    """A page, with what was refused of its form and what was typed into it."""
    return pages.answer(page, refusal, may_buy=allowed(current_actor(), BUY), **context)


def again(model: Any, id: int, show: Callable[..., Response], refusal: Refusal) -> Response:
    """A record's page as it is now, with what was refused."""
    return show(load(model, current_actor(), id=id), refusal)


def store_of(given: str | None) -> tuple[int | None, Sequence[tuple[Any, str]]]:
    """The store that an address names, or else the first, and all there are to choose from."""
    stores = store_names(current_actor())
    known = [number for number, _ in stores]
    wanted = whole_number(given)
    return (wanted if wanted in known else next(iter(known), None)), stores


def task_named(number: str | None) -> Task | None:
    """The task that an address or form names, if the reader sees it."""
    return load(Task, current_actor(), number=number) if number else None


def given_store(problems: dict[str, Message]) -> int:
    """The store that a form names; a problem if the reader sees no such store."""
    number = whole_number(request.form.get("store"))
    if number not in dict(store_names(current_actor())):
        problems["store"] = msg("Choose one of the options.")
    return number or 0


def day_of(name: str, problems: dict[str, Message]) -> date | None:
    """A day from a form; None if it is left out."""
    text = request.form.get(name, "").strip()
    day = localtime.day_named(text)
    if text and day is None:
        problems[name] = msg("“%(value)s” is not a date.", value=text[:40])
    return day


def fen_of(name: str, problems: dict[str, Message]) -> int:
    """An amount of yuan from a form, in fen; 0 if it is left out."""
    text = request.form.get(name, "").strip()
    fen = money(text) if text else 0
    if fen is None or abs(fen) >= MOST_FEN:
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
    """The lines of an order, inquiry or invoice as they were typed: code, name, pieces, fen a piece (0 where a form
    does not ask for it); blank ones are left out."""
    found, wrong = [], []
    for place, (code, name, pieces, price) in enumerate(zip(*_typed(), strict=False), 1):
        if not any((code.strip(), pieces.strip(), price.strip())):
            continue
        count, fen = whole_number(pieces.strip()), money(price) if price.strip() else 0
        if not code.strip():
            wrong.append(msg("Line %(line)s needs a merchant code.", line=place))
        if count is None or not 0 < count <= 9_999_999:
            wrong.append(msg("Line %(line)s needs a whole number of pieces, at least one.", line=place))
        if fen is None or not 0 <= fen < MOST_FEN:
            wrong.append(msg("Line %(line)s: “%(value)s” is not a price in yuan.", line=place, value=price[:40]))
        found.append((code.strip()[:80], name.strip()[:200], count or 0, fen or 0))
    if wrong:
        problems["lines"] = together(wrong[:5])
    return found


def counts_given(problems: dict[str, Message]) -> list[tuple[str, int, int]]:
    """Code, good and damaged pieces of articles that were counted, as they were typed."""
    found = []
    for code, *texts in zip(*(request.form.getlist(name)[:MOST_ROWS] for name in COUNTED), strict=False):
        counts = [whole_number(text.strip() or "0") for text in texts]
        if any(count is None or count > 9_999_999 for count in counts):
            problems["lines"] = msg("%(code)s: count whole pieces.", code=code[:80])
        if code.strip():
            found.append((code.strip()[:80], counts[0] or 0, counts[1] or 0))
    return found


def _typed() -> list[list[str]]:
    columns = [request.form.getlist(name)[:MOST_ROWS] for name in ("code", "name", "pieces", "price")]
    columns[3] = columns[3] or [""] * len(columns[0])
    return columns


def rows_shown(raw: Mapping[str, Any] | None, lines: Sequence[tuple[str, str, Any, Any]]) -> list[tuple[Any, ...]]:
    """The rows of the form of lines: as they were typed, or these, and some blank ones."""
    if raw is not None:
        return list(zip(*_typed(), strict=False))
    shown = [
        (code, name, pieces, f"{price // 100}.{price % 100:02d}" if price else "")
        for code, name, pieces, price in lines
    ]
    return [*shown, *([("", "", "", "")] * BLANK_ROWS)]
