"""The jobs table: work to be done behind the pages, stored with what caused it."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ColumnElement, Index, String, column, true
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import TypeDecorator

from core.columns import BigId, now
from core.contracts import Actor
from core.extensions import Model
from core.jobs.rules import DONE, OPEN, QUEUED
from core.messages import Message

_OPEN = column("state").in_(OPEN)


class Sentence(TypeDecorator[Message]):
    """A message, stored untranslated with its values."""

    impl = JSON
    cache_ok = True

    def process_bind_param(self, value: Message | None, dialect: Any) -> Any:
        return None if value is None else value.plain()

    def process_result_value(self, value: Any, dialect: Any) -> Message | None:
        return None if value is None else Message.of(value)


class Job(Model):
    """One piece of work. ``key`` is unique among open jobs: asking twice for the same gives the same job."""

    __tablename__ = "job"
    __table_args__ = (
        Index("uq_job_open_key", "key", unique=True, sqlite_where=_OPEN, postgresql_where=_OPEN),
        Index("ix_job_state_not_before", "state", "not_before"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    name: Mapped[str] = mapped_column(String(100))
    key: Mapped[str | None] = mapped_column(String(200))
    payload: Mapped[dict[str, Any]] = mapped_column(JSON)
    state: Mapped[str] = mapped_column(String(10), default=QUEUED)
    done: Mapped[int] = mapped_column(default=0)
    total: Mapped[int | None]
    note: Mapped[Message | None] = mapped_column(Sentence)
    attempts: Mapped[int] = mapped_column(default=0)
    lease_owner: Mapped[str | None] = mapped_column(String(200))
    lease_until: Mapped[datetime | None]
    not_before: Mapped[datetime] = mapped_column(default=now)
    result: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    error: Mapped[Message | None] = mapped_column(Sentence)
    created_at: Mapped[datetime] = mapped_column(default=now)
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    created_by: Mapped[int | None] = mapped_column(BigId, index=True)
    asker: Mapped[dict[str, Any]] = mapped_column(JSON)  # the actor as it was when it asked

    @property
    def is_open(self) -> bool:
        return self.state in OPEN

    @property
    def percent(self) -> int | None:
        """How far it is, in percent; None while that is not known."""
        if self.state == DONE:
            return 100
        return min(99, 100 * self.done // self.total) if self.total else None

    @property
    def actor(self) -> Actor:
        """Who asked for it, with the rights held then."""
        return Actor(**self.asker, source="job")

    @classmethod
    def visible_to(cls, actor: Actor) -> ColumnElement[bool]:
        return true() if actor.admin else cls.created_by == actor.user_id
