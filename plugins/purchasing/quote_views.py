"""The page of one supplier's quote: the letter that asks for it, and what the supplier quotes."""

from typing import Any

from flask import Response, request
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from core.access import current_actor, load, needs
from core.extensions import db
from core.files import services as files
from core.files.rules import Accepted
from core.imports.rules import money_text
from core.messages import Message, Refusal, msg, refuse
from core.pages import about
from core.web import go, whole_number
from plugins.purchasing import inquiries
from plugins.purchasing.models import Offer, Quote
from plugins.purchasing.pages import BUY, VIEW, again, answer, bp, day_of, fen_of, number_of

PAPERS = ("pdf", "image", "sheet")
MOST = 200


@bp.get("/inquiries/quotes/<int:id>")
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


@bp.post("/inquiries/quotes/<int:id>")
@needs(BUY)
def enter_quote(id: int) -> Response:
    """Put down a supplier's quote, or that it does not quote."""
    found, form = load(Quote, current_actor(), id=id), request.form
    try:
        given = _given(found, declined=form.get("step") == "decline")
        inquiries.enter_quote(current_actor(), found.id, given, whole_number(form.get("version")), _paper())
    except Refusal as refusal:
        return again(Quote, id, _quote, refusal)
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
