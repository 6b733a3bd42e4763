"""The event log's page, for administrators."""

from collections.abc import Mapping

from flask import Blueprint, Response, request

from core.access import current_actor, needs
from core.audit.models import Event
from core.audit.queries import Filter, kinds, matching
from core.audit.rules import canonical
from core.listing import download, everything, midnight, paged
from core.web import respond

bp = Blueprint("audit", __name__)
EXPORTED = 50_000


@bp.get("/audit")
@needs("audit.view")
def log() -> Response:
    page = paged(matching(_wanted(request.args), current_actor()), request.args)
    return respond("audit/log.html", events=page, kinds=kinds())


@bp.get("/audit.csv")
@needs("audit.view")
def export() -> Response:
    found = everything(matching(_wanted(request.args), current_actor()), EXPORTED)
    header = ["id", "at", "actor", "source", "verb", "kind", "subject", "store", "team", "data", "hash"]
    return download("events", "csv", header, map(_row, found))


def _row(event: Event) -> list[str | int | None]:
    what = [event.actor_name, event.source, event.verb, event.subject_kind, event.subject_id]
    return [event.id, event.at.isoformat(), *what, event.store_id, event.team, canonical(event.data), event.hash]


def _wanted(args: Mapping[str, str]) -> Filter:
    """The filter in the address; what cannot be understood is left out. Days are the reader's."""
    return Filter(
        kind=args.get("kind", "")[:100],
        actor=args.get("actor", "").strip()[:80],
        since=midnight(args.get("since", "")),
        until=midnight(args.get("until", ""), 1),
    )
