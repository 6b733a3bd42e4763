"""Issue documents from a task's or a record's page, look at them, verify them by the code on paper."""

from typing import Any

from flask import Blueprint, Response, abort, make_response, render_template, request, url_for
from sqlalchemy import select

from core.access import current_actor, demand, load, needs, record
from core.accounts.rules import LANGUAGES
from core.board.models import Task
from core.contracts import ANYONE, SIGNED_IN, Ref
from core.documents import rules, services
from core.documents.listings import DOCUMENTS
from core.documents.models import TASK, Document
from core.extensions import db
from core.messages import Refusal, msg
from core.registry import registry
from core.web import go, respond

bp = Blueprint("documents", __name__)


@bp.get("/documents")
@needs(SIGNED_IN)
def index() -> Response:
    return DOCUMENTS.respond("documents/index.html", "documents.show")


@bp.route("/tasks/<number>/documents", methods=["GET", "POST"])
@needs("board.view")
def of_task(number: str) -> Response:
    return _documents_of(Ref(TASK, load(Task, current_actor(), number=number).id))


@bp.route("/records/<kind>/<int:record_id>/documents", methods=["GET", "POST"])
@needs(SIGNED_IN)
def of_record(kind: str, record_id: int) -> Response:
    subject = Ref(kind, record_id)
    if record(subject, current_actor()) is None:
        abort(404)
    return _documents_of(subject)


def _documents_of(subject: Ref) -> Response:
    """The documents about a subject, after a POST with one more."""
    return _issue(subject) if request.method == "POST" else _panel(subject)


def _panel(subject: Ref) -> Response:
    lines = [_line(document) for document in services.documents_of(subject)]
    return respond(
        "documents/_panel.html",
        lines=lines,
        offers=services.offered_for(subject, current_actor()),
        address=request.path,
        languages=LANGUAGES,
        printing=any(line["job"] is not None and line["job"].is_open for line in lines),
    )


def _line(document: Document) -> dict[str, Any]:
    standing = services.standing(document)
    return {
        "document": document,
        "standing": standing,
        "standing_label": rules.STANDINGS[standing],
        "successor": services.superseded_by(document) if standing == rules.SUPERSEDED else None,
        "job": None if document.printed else services.last_job(document),
    }


def _issue(subject: Ref) -> Response:
    actor = current_actor()
    offer = registry().documents.get(request.form.get("kind", ""))
    language = request.form.get("language") or None
    if offer is None or (language and language not in LANGUAGES):
        raise Refusal(msg("There is no such document to issue."))
    demand(offer.permission, services.found(subject))
    document = services.issue(offer.name, subject, actor, language)
    services.print_soon(document, actor)
    if request.htmx:
        return _panel(subject)
    return go("documents.show", number=document.number)


@bp.get("/documents/<number>")
@needs(SIGNED_IN)
def show(number: str) -> Response:
    document = load(Document, current_actor(), number=number)
    return respond("documents/document.html", "documents/_document.html", **_line(document), record=_about(document))


def _about(document: Document) -> dict[str, str] | None:
    """The record that the document is about, and its page."""
    kind, found = registry().record_types.get(document.subject_kind), services.found(document.subject)
    if kind is None or found is None:
        return None
    return {"label": kind.label, "title": found.title, "url": url_for(kind.endpoint, id=found.id)}


@bp.post("/documents/<number>/print")
@needs(SIGNED_IN)
def print_again(number: str) -> Response:
    document = load(Document, current_actor(), number=number)
    services.print_soon(document, current_actor())
    return go("documents.show", number=number)


@bp.get("/v/<token>")
@needs(ANYONE)
def verify(token: str) -> Response:
    document = db.session.scalar(select(Document).where(Document.token == token))
    if document is None:
        return make_response(render_template("documents/verify.html", document=None), 404)
    here = (Document.id == document.id, Document.visible_to(current_actor()))
    seen = db.session.scalar(select(Document.id).where(*here)) is not None
    return make_response(render_template("documents/verify.html", **_line(document), seen=seen))
