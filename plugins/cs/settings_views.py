"""Pages of canned replies and playbooks."""

from datetime import date
from typing import Any

from flask import render_template, request
from flask.typing import ResponseReturnValue

from core import localtime
from core.access import allowed, current_actor, needs
from core.board import brief
from core.contracts import Field
from core.messages import N_, Refusal, msg, refuse
from core.pages import answer
from core.web import go, whole_number
from plugins.cs import settings
from plugins.cs.models import Playbook, Reply
from plugins.cs.pages import bp
from plugins.cs.records import VIEW
from plugins.cs.rules.handouts import HANDOUTS
from plugins.cs.rules.playbooks import PAYERS
from plugins.cs.rules.words import CAUSES

MOST = 30  # canned replies beside a ticket; who looks for one names a word of it
REPLY = (
    Field("title", N_("Title"), required=True, max_length=120),
    Field("text", N_("Text"), "longtext", required=True, max_length=4000),
    Field("tags", N_("Tags"), "list", help=N_("One a line.")),
)
BOOK = (
    Field("code", N_("Cause"), "choice", required=True, options=tuple((k, v) for k, v in CAUSES.items() if k)),
    Field("title", N_("Title"), required=True, max_length=120),
    Field("since", N_("Holds from"), "date", required=True),
    Field("member_limit", N_("A member may give"), "money"),
    Field("lead_limit", N_("A lead may give"), "money", help=N_("Above it an operations lead approves.")),
    Field("payer", N_("Who pays"), "choice", required=True, options=tuple(PAYERS.items())),
    Field("evidence", N_("Evidence of the case"), "list", help=N_("One a line; without any none is asked for.")),
    Field("steps", N_("Next steps"), "choices", options=tuple((each.code, each.label) for each in HANDOUTS.values())),
    Field("advice", N_("Advice"), "longtext"),
)


@bp.get("/replies")
@needs(VIEW)
def replies() -> ResponseReturnValue:
    return _replies()


def _replies(refusal: Refusal | None = None) -> ResponseReturnValue:
    actor, edited = current_actor(), whole_number(request.args.get("edit"))
    return answer(
        "cs/replies.html",
        refusal,
        pairs=settings.replies(request.args.get("q", "")),
        edited=settings.one(Reply, edited),
        fields=REPLY,
        may_write=allowed(actor, "cs.ticket"),
        may_approve=allowed(actor, "cs.approve"),
    )


@bp.get("/replies/found")
@needs(VIEW)
def found_replies() -> ResponseReturnValue:
    """What may be said to a buyer, by words: a part of a ticket's box."""
    return render_template("cs/_replies.html", replies=settings.usable(request.args.get("q", "")), most=MOST)


@bp.post("/replies")
@needs("cs.ticket")
def write_reply() -> ResponseReturnValue:
    values, problems = brief.parse(REPLY, request.form.getlist)
    try:
        refuse(**problems)
        settings.write_reply(current_actor(), request.form.get("code", ""), values)
    except Refusal as refusal:
        return _replies(refusal)
    return go("cs.replies", msg("It may be used once a lead has approved it."))


@bp.post("/replies/<int:id>")
@needs("cs.approve")
def decide_reply(id: int) -> ResponseReturnValue:
    verdict = "approve" if request.form.get("verdict") == "approve" else "retire"
    try:
        settings.decide_reply(id, current_actor(), verdict)
    except Refusal as refusal:
        return _replies(refusal)
    return go("cs.replies")


@bp.get("/playbooks")
@needs(VIEW)
def playbooks() -> ResponseReturnValue:
    return _playbooks()


def _playbooks(refusal: Refusal | None = None) -> ResponseReturnValue:
    actor, edited = current_actor(), whole_number(request.args.get("edit"))
    row = settings.one(Playbook, edited)
    values: dict[str, Any] = {field.name: getattr(row, field.name) for field in BOOK} if row else {}
    values["since"] = localtime.today()
    books = settings.books()
    today = localtime.today()
    holding = {book.code: book.id for book in reversed(books) if book.since <= today}
    return answer(
        "cs/playbooks.html",
        refusal,
        books=books,
        holding=set(holding.values()),
        causes=CAUSES,
        payers=PAYERS,
        handouts=HANDOUTS,
        fields=BOOK,
        values=values,
        edited=row,
        may_write=allowed(actor, "cs.settings"),
    )


@bp.post("/playbooks")
@needs("cs.settings")
def write_playbook() -> ResponseReturnValue:
    values, problems = brief.parse(BOOK, request.form.getlist)
    if "since" in values:
        values["since"] = date.fromisoformat(values["since"])
    try:
        refuse(**problems)
        settings.write_book(current_actor(), values)
    except Refusal as refusal:
        return _playbooks(refusal)
    return go("cs.playbooks", msg("The playbook holds from that day on."))
