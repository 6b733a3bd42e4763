"""Look into the event log."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, select

from core.audit.models import Event
from core.contracts import Actor
from core.extensions import db


@dataclass(frozen=True)
class Filter:
    """Which events are looked for; what is empty does not matter."""

    kind: str = ""
    actor: str = ""  # a part of the name
    since: datetime | None = None
    until: datetime | None = None  # not itself included


def matching(wanted: Filter, reader: Actor) -> Select[Event]:
    """The events ``reader`` may see and looks for, newest first."""
    query = select(Event).where(Event.visible_to(reader)).order_by(Event.id.desc())
    if wanted.kind:
        query = query.where(Event.subject_kind == wanted.kind)
    if wanted.actor:
        query = query.where(Event.actor_name.contains(wanted.actor, autoescape=True))
    if wanted.since:
        query = query.where(Event.at >= wanted.since)
    if wanted.until:
        query = query.where(Event.at < wanted.until)
    return query


def kinds() -> list[str]:
    """Kinds of subjects that the log knows."""
    return list(db.session.scalars(select(Event.subject_kind).distinct().order_by(Event.subject_kind)))
