"""The event log's page, for administrators."""

from flask import Blueprint, Response, request
from sqlalchemy import Select, select

from core.access import current_actor, needs
from core.audit.models import Event
from core.audit.rules import canonical
from core.extensions import db
from core.listing import download, everything, midnight, paged
from core.web import respond

bp = Blueprint("audit", __name__)
EXPORTED = 50_000
HEADER = ["id", "at", "actor", "source", "verb", "kind", "subject", "store", "team", "data", "hash"]


@bp.get("/audit")
@needs("audit.view")
def log() -> Response:
    kinds = db.session.scalars(select(Event.subject_kind).distinct().order_by(Event.subject_kind)).all()
    return respond("audit/log.html", events=paged(_wanted(), request.args), kinds=kinds)


@bp.get("/audit.csv")
@needs("audit.view")
def export() -> Response:
    return download("events", "csv", HEADER, map(_row, everything(_wanted(), EXPORTED)))


def _row(event: Event) -> list[str | int | None]:
    what = [event.actor_name, event.source, event.verb, event.subject_kind, event.subject_id]
    return [event.id, event.at.isoformat(), *what, event.store_id, event.team, canonical(event.data), event.hash]


def _wanted() -> Select[Event]:
    """The events that the address asks for, newest first; what cannot be understood in it is left out."""
    given = request.args
    query = select(Event).where(Event.visible_to(current_actor())).order_by(Event.id.desc())
    if kind := given.get("kind"):
        query = query.where(Event.subject_kind == kind[:100])
    if actor := given.get("actor", "").strip():
        query = query.where(Event.actor_name.contains(actor[:80], autoescape=True))
    if since := midnight(given.get("since", "")):
        query = query.where(Event.at >= since)
    if until := midnight(given.get("until", ""), 1):
        query = query.where(Event.at < until)
    return query
