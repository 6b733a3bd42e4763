"""What pages of core and plugins share: a form shown again after a refusal, and what stands beside a record."""

from typing import Any

from flask import Response, request, url_for

from core.access import current_actor
from core.board.queries import tasks_of
from core.board.shown import cards
from core.contracts import Ref
from core.messages import Refusal, Stale
from core.web import respond


def answer(page: str, refusal: Refusal | None = None, fragment: str | None = None, /, **context: Any) -> Response:
    """``page`` with a form; after a refusal with its status and, unless ``context`` says otherwise, its ``problems``
    by field, its other ``reasons``, and as ``raw`` what was typed: but not over a record that somebody else changed."""
    told: dict[str, Any] = {
        "problems": refusal.fields if refusal else {},
        "reasons": refusal.general if refusal else (),
        "raw": request.form if refusal and not isinstance(refusal, Stale) else None,
    }
    response = respond(page, fragment, **told | context)
    response.status_code = refusal.status if refusal else 200
    return response


def about(kind: str, record: Any) -> dict[str, Any]:
    """What every record's page shows beside the record itself: its tasks and documents."""
    actor = current_actor()
    return {
        "kind": kind,
        "record": record,
        "tasks": cards(tasks_of(Ref(kind, record.id), actor), actor),
        "documents_url": url_for("documents.of_record", kind=kind, record_id=record.id),
    }
