"""The blueprint that all of customer service's pages hang on, and what they share."""

from typing import Any

from flask import Blueprint, Response, request, url_for
from flask.typing import ResponseReturnValue

from core.access import current_actor
from core.audit import services as audit
from core.board.queries import tasks_of
from core.board.shown import cards
from core.contracts import Ref
from core.exports import MEDIA
from core.listing import Listing
from core.messages import Refusal, Stale
from core.web import respond

bp = Blueprint("cs", __name__, template_folder="templates", static_folder="static")


def listed(listing: Listing, template: str, endpoint: str, **more: Any) -> ResponseReturnValue:
    """A page with a list, or the list as a file."""
    actor, form = current_actor(), request.args.get("export", "")
    if form in MEDIA:
        return listing.export(actor, form)
    found, choices = listing.page(actor, request.args), listing.choices(actor)
    return respond(
        template, "stores/_list.html", listing=listing, found=found, choices=choices, endpoint=endpoint, **more
    )


def about(kind: str, record: Any) -> dict[str, Any]:
    """What every record's page shows beside the record itself: its tasks, documents and log."""
    actor = current_actor()
    return {
        "kind": kind,
        "record": record,
        "tasks": cards(tasks_of(Ref(kind, record.id), actor), actor),
        "documents_url": url_for("documents.of_record", kind=kind, record_id=record.id),
        "log": audit.events_of(Ref(kind, record.id)),
    }


def refused(refusal: Refusal | None) -> dict[str, Any]:
    """What a form needs to be shown again after a refusal."""
    return {
        "problems": refusal.fields if refusal else {},
        "reasons": refusal.general if refusal else (),
        "raw": request.form if refusal and not isinstance(refusal, Stale) else None,
    }


def answered(response: Response, refusal: Refusal | None) -> Response:
    """The response with the status that a refusal asks for."""
    response.status_code = refusal.status if refusal else 200
    return response
