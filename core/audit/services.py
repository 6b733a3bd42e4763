"""Write the event log, read it, and check that nobody else wrote it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from flask import current_app
from sqlalchemy import Integer, Select, bindparam, insert, select, type_coerce, update
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm import Session

from core.audit.models import AuditHead, Event, microseconds
from core.audit.rules import CONTENT, Fault, Head, canonical, digest, faults, plain
from core.columns import now
from core.contracts import Actor, Ref
from core.extensions import db
from core.messages import msg
from core.transactions import BEFORE_COMMIT, before_commit

PAGE = 1000
_EVENTS, _HEAD = Event.__table__, AuditHead.__table__
_NAMES = _EVENTS.c.keys()
_READ_HEAD = select(_HEAD.c.count, _HEAD.c.hash).where(_HEAD.c.id == 1).with_for_update()
_OF_SUBJECT = (
    select(*_EVENTS.c)
    .where(_EVENTS.c.subject_kind == bindparam("kind"), _EVENTS.c.subject_id == bindparam("subject"))
    .order_by(_EVENTS.c.id.desc())
    .limit(bindparam("limit", type_=Integer))
)
_MOVE_HEAD = update(_HEAD).where(_HEAD.c.id == 1).values(count=bindparam("new_count"), hash=bindparam("new_hash"))


@dataclass(frozen=True)
class Report:
    """What ``verify`` found: the end of the log, and every fault; none means nobody touched it."""

    head: Head
    faults: tuple[Fault, ...]

    @property
    def ok(self) -> bool:
        return not self.faults


class _Batch:
    """The events of one transaction. They are chained when everything else of it is written, so that the end of the
    chain, which all writers share, is locked last and for the shortest time."""

    def __init__(self, session: Session):
        self.session = session
        self.events: list[Event] = []

    def __call__(self) -> None:
        self.session.info.pop(_Batch, None)
        self.session.flush()
        head = _lock_head(self.session)
        for each in self.events:
            each.id, each.previous_hash = head.count + 1, head.hash
            each.hash = digest(_content(each), head.hash)
            head = Head(each.id, each.hash)
        rows = [{name: getattr(each, name) for name in _NAMES} for each in self.events]
        self.session.connection().execute(insert(_EVENTS), rows)
        self.session.connection().execute(_MOVE_HEAD, {"new_count": head.count, "new_hash": head.hash})


def record(
    actor: Actor,
    verb: str,
    subject: Ref,
    data: Mapping[str, Any] | None = None,
    *,
    store_id: int | None = None,
    team: str | None = None,
) -> Event:
    """Log what the running transaction does; stored with it, or not at all.

    ``data`` is plain values (``rules.changes`` gives those of an edit). The event gets its id at the commit.
    """
    session = db.session()
    written = Event(
        at=now(),
        actor_id=actor.user_id,
        actor_name=actor.name,
        source=actor.source,
        verb=verb,
        subject_kind=subject.kind,
        subject_id=subject.id,
        store_id=store_id,
        team=team,
        data=plain(data or {}),
    )
    batch = session.info.get(_Batch)
    if batch is None or batch not in session.info.get(BEFORE_COMMIT, ()):  # or left over from one that failed
        batch = session.info[_Batch] = _Batch(session)
        before_commit(batch)
    batch.events.append(written)
    return written


def events_of(subject: Ref, limit: int = 200) -> Sequence[Any]:
    """What happened to one subject, newest first: the rows of ``Event``, only to be read."""
    given = {"kind": subject.kind, "subject": subject.id, "limit": limit}
    return db.session.connection().execute(_OF_SUBJECT, given).all()


def last_event(subject: Ref) -> Any | None:
    """The newest event of one subject."""
    return next(iter(events_of(subject, 1)), None)


def verify() -> Report:
    """Check the whole chain, its end, and what the checkpoints noted."""
    db.session.rollback()
    head = current_head()
    found = list(islice(faults(_stored(head.count), [*checkpoints(), head]), PAGE))
    if head.count == 0 and head != Head():
        found.append(Fault(0, msg("The end of the log is not noted as it is written.")))
    last = db.session.scalar(select(_EVENTS.c.id).order_by(_EVENTS.c.id.desc()).limit(1)) or 0
    db.session.rollback()
    if last > current_head().count:  # read again: others may have appended meanwhile
        found.append(Fault(last, msg("It was added behind the noted end of the log.")))
    db.session.rollback()
    return Report(head, tuple(found))


def current_head() -> Head:
    """The end of the chain as it is stored."""
    row = db.session.execute(select(AuditHead.count, AuditHead.hash)).first()
    return Head(*row) if row else Head()


def checkpoint() -> Head:
    """Note the end of the log outside the database, so that one cut off and patched up does not pass."""
    head = current_head()
    db.session.rollback()
    if head.count and head not in checkpoints():
        with _checkpoint_file().open("a", encoding="ascii") as out:
            out.write(f"{head.count} {head.hash}\n")
    return head


def checkpoints() -> list[Head]:
    """All ends of the log that were noted."""
    if not _checkpoint_file().exists():
        return []
    lines = [line.split() for line in _checkpoint_file().read_text("ascii", errors="replace").splitlines()]
    return [Head(int(line[0]), line[1]) for line in lines if len(line) == 2 and line[0].isdecimal()]


def _checkpoint_file() -> Path:
    return Path(current_app.config["HOME"]) / "audit.heads"


def _content(written: Event) -> dict[str, Any]:
    values = {name: getattr(written, name) for name in CONTENT}
    return values | {"at": microseconds(written.at), "data": canonical(written.data)}


def _stored(count: int) -> Iterator[Mapping[str, Any]]:
    """Rows as they are stored, unconverted: a changed byte must not be lost in reading."""
    raw = [type_coerce(column, getattr(column.type, "impl", column.type)).label(column.name) for column in _EVENTS.c]
    after, rows = -(2**63), []
    while rows or after < 0:
        query = select(*raw).where(_EVENTS.c.id > after, _EVENTS.c.id <= count).order_by(_EVENTS.c.id)
        try:
            rows = db.session.execute(query.limit(PAGE)).mappings().all()
        except DBAPIError:  # bytes that are no text any more
            rows = [_first(query)]
        yield from rows
        after = rows[-1]["id"] if rows else count


def _first(query: Select[Any]) -> Mapping[str, Any]:
    """The first of the queried rows; with nothing but its id, if the database itself cannot read it any more."""
    db.session.rollback()
    try:
        return db.session.execute(query.limit(1)).mappings().one()
    except DBAPIError:
        db.session.rollback()
        return dict.fromkeys(_NAMES) | {"id": db.session.scalar(query.with_only_columns(_EVENTS.c.id).limit(1))}


def _lock_head(session: Session) -> Head:
    row = session.connection().execute(_READ_HEAD).first()
    if row is not None:
        return Head(*row)
    last = session.execute(select(_EVENTS.c.id, _EVENTS.c.hash).order_by(_EVENTS.c.id.desc()).limit(1)).first()
    head = Head(*last) if last else Head()
    try:
        with session.begin_nested():
            session.execute(insert(_HEAD).values(id=1, count=head.count, hash=head.hash))
    except IntegrityError:  # the first event of all, by two at once
        pass
    return Head(*session.connection().execute(_READ_HEAD).one())
