"""The event log's table, which the database itself keeps from being changed."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Index, String, Text, true
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import TypeDecorator

from core.append_only import never_changed
from core.audit.rules import START, canonical
from core.columns import BigId
from core.contracts import Actor
from core.extensions import Model

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


def microseconds(value: datetime) -> int:
    """An aware time as microseconds since 1970."""
    return (value - EPOCH) // MICROSECOND


class Moment(TypeDecorator[datetime]):
    """An aware time as microseconds since 1970: one value has one form, so that a hash of it holds everywhere."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Any) -> int | None:
        return None if value is None else microseconds(value)

    def process_result_value(self, value: int | None, dialect: Any) -> datetime | None:
        return None if value is None else EPOCH + value * MICROSECOND


class Canonical(TypeDecorator[Any]):
    """Plain values as their one JSON text, stored as the text that was hashed."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Any) -> str:
        return canonical(value)

    def process_result_value(self, value: str | None, dialect: Any) -> Any:
        return None if value is None else json.loads(value)


class Event(Model):
    """One line of the log: who did what to what, when. Its id is its place in the chain."""

    __tablename__ = "event"
    __table_args__ = (
        Index("ix_event_subject", "subject_kind", "subject_id", "id"),
        Index("ix_event_actor", "actor_id", "id"),
        Index("ix_event_at", "at"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    at: Mapped[datetime] = mapped_column(Moment)
    actor_id: Mapped[int | None] = mapped_column(BigId)
    actor_name: Mapped[str] = mapped_column(String(200))
    source: Mapped[str] = mapped_column(String(100))
    verb: Mapped[str] = mapped_column(String(100))
    subject_kind: Mapped[str] = mapped_column(String(100))
    subject_id: Mapped[int] = mapped_column(BigId)
    store_id: Mapped[int | None] = mapped_column(BigId)
    team: Mapped[str | None] = mapped_column(String(100))
    data: Mapped[dict[str, Any]] = mapped_column(Canonical)
    previous_hash: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64))

    @classmethod
    def visible_to(cls, actor: Actor) -> ColumnElement[bool]:
        """The whole log is the administrators'; others see a subject's events through the subject."""
        return true() if actor.admin else ~true()


class AuditHead(Model):
    """The end of the chain, in one row: whoever appends locks it, and a log cut off at the end does not match it."""

    __tablename__ = "audit_head"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    count: Mapped[int] = mapped_column(BigId, default=0)
    hash: Mapped[str] = mapped_column(String(64), default=START)


TRIGGERS = never_changed("the event log is never changed", Event)  # for migrations too
