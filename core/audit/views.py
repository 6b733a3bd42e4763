"""The event log's page, for administrators."""

from collections.abc import Mapping
from datetime import datetime, time, timedelta

from flask import Blueprint, Response, make_response, request
from flask_babel import get_timezone

from core.access import current_actor, needs
from core.audit.models import Event
from core.audit.queries import Filter, kinds, matching
from core.audit.rules import canonical
from core.exports import MEDIA, csv_bytes
from core.extensions import db
from core.web import respond

bp = Blueprint("audit", __name__)
PER_PAGE, EXPORTED = 50, 50_000


@bp.get("/audit")
@needs("audit.view")
def log() -> Response:
    page = db.paginate(matching(_wanted(request.args), current_actor()), per_page=PER_PAGE, error_out=False)
    return respond("audit/log.html", events=page, kinds=[(kind, kind) for kind in kinds()])


@bp.get("/audit.csv")
@needs("audit.view")
def export() -> Response:
    found = db.session.scalars(matching(_wanted(request.args), current_actor()).limit(EXPORTED))
    header = ["id", "at", "actor", "source", "verb", "kind", "subject", "store", "team", "data", "hash"]
    response = make_response(csv_bytes(header, map(_row, found)))
    response.mimetype = MEDIA["csv"].partition(";")[0]
    response.headers["Content-Disposition"] = "attachment; filename=events.csv"
    return response


def _row(event: Event) -> list[str | int | None]:
    what = [event.actor_name, event.source, event.verb, event.subject_kind, event.subject_id]
    return [event.id, event.at.isoformat(), *what, event.store_id, event.team, canonical(event.data), event.hash]


def _wanted(args: Mapping[str, str]) -> Filter:
    """The filter in the address; what cannot be understood is left out. Days are the reader's."""
    until = _midnight(args.get("until", ""))
    return Filter(
        kind=args.get("kind", "")[:100],
        actor=args.get("actor", "").strip()[:80],
        since=_midnight(args.get("since", "")),
        until=until + timedelta(days=1) if until else None,
    )


def _midnight(text: str) -> datetime | None:
    try:
        day = datetime.strptime(text, "%Y-%m-%d").date()
    except ValueError:
        return None
    return datetime.combine(day, time(), get_timezone())
