"""Tables of the task board."""

from datetime import datetime
from functools import cache, lru_cache
from typing import Any

from sqlalchemy import JSON, ColumnElement, ForeignKey, Index, Select, UniqueConstraint, and_, or_, select, text, true
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.accounts.models import User
from core.columns import BigId, now
from core.contracts import Actor
from core.extensions import Model
from core.files.models import File, file_id


class Task(Model):
    """A handoff: work one team asks of another. ``version`` rises with every change, ``changed`` is the log's
    position at the last one (the boards' cursor); ``leg_*`` repeat the open leg for lists."""

    __tablename__ = "task"
    __table_args__ = (
        Index("ix_task_responsible", "responsible_team", "state", "leg_due_at"),
        Index("ix_task_requester", "requester_team", "state", "leg_due_at"),
        Index("ix_task_responsible_changed", "responsible_team", "changed"),
        Index("ix_task_requester_changed", "requester_team", "changed"),
        Index("ix_task_leg", "leg_team", "leg_due_at"),
        # what a list of closed tasks is sorted and counted by
        Index(
            "ix_task_closed",
            *("responsible_team", "closed_at", "type", "requester_team", "state"),
            sqlite_where=text("closed_at IS NOT NULL"),
            postgresql_where=text("closed_at IS NOT NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    number: Mapped[str] = mapped_column(unique=True)
    type: Mapped[str] = mapped_column(index=True)
    title: Mapped[str]
    state: Mapped[str]
    requester_team: Mapped[str]
    responsible_team: Mapped[str]
    requester_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), index=True)
    holder_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"), index=True)
    store_id: Mapped[int | None] = mapped_column(ForeignKey("store.id"), index=True)
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("task.id"), index=True)
    priority: Mapped[int] = mapped_column(default=1)
    points: Mapped[int] = mapped_column(default=1)
    brief: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    due_at: Mapped[datetime | None]
    round: Mapped[int] = mapped_column(default=1)
    version: Mapped[int] = mapped_column(default=1)
    changed: Mapped[int] = mapped_column(BigId, default=0)
    created_at: Mapped[datetime] = mapped_column(default=now)
    closed_at: Mapped[datetime | None]
    waiting: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    withdraw_asked: Mapped[bool] = mapped_column(default=False)
    urged_at: Mapped[datetime | None]
    urges: Mapped[int] = mapped_column(default=0)
    leg_team: Mapped[str] = mapped_column(default="")
    leg_due_at: Mapped[datetime | None]
    breach_told: Mapped[bool] = mapped_column(default=False)

    # unnested: where a task is joined itself, SQLite would otherwise put all tasks and people together first
    requester: Mapped[User] = relationship(foreign_keys=[requester_id], lazy="joined", innerjoin="unnested")
    holder: Mapped[User | None] = relationship(foreign_keys=[holder_id], lazy="joined")
    parent: Mapped["Task | None"] = relationship(remote_side=[id])
    legs: Mapped[list["Leg"]] = relationship(order_by="Leg.id")
    checks: Mapped[list["TaskCheck"]] = relationship(order_by="TaskCheck.id")
    files: Mapped[list["TaskFile"]] = relationship(order_by="TaskFile.id")
    rounds: Mapped[list["TaskRound"]] = relationship(order_by="TaskRound.id")
    approvals: Mapped[list["TaskApproval"]] = relationship(order_by="TaskApproval.id")
    cosigns: Mapped[list["TaskCosign"]] = relationship(order_by="TaskCosign.id")
    comments: Mapped[list["TaskComment"]] = relationship(order_by="TaskComment.id")
    links: Mapped[list["TaskLink"]] = relationship(order_by="TaskLink.id")

    @classmethod
    def held(cls, *conditions: ColumnElement[bool]) -> Select[Any]:
        """Tasks that are to be changed: read afresh, and held until the transaction ends; meanwhile others may still
        refer to them."""
        found = select(cls).where(*conditions).order_by(cls.id).with_for_update(of=cls, key_share=True)
        return found.execution_options(populate_existing=True)

    @classmethod
    def visible_to(cls, actor: Actor) -> ColumnElement[bool]:
        """Both teams, and who was drawn in; a draft is its own team's affair."""
        return true() if actor.admin else _visible_to(actor.user_id, *actor.roles)


@lru_cache(maxsize=1000)  # put together once for each person: that takes longer than to ask the database
def _visible_to(user_id: int | None, *teams: str) -> ColumnElement[bool]:
    drawn_in = select(TaskWatcher.task_id).where(TaskWatcher.user_id == user_id)
    return or_(
        Task.requester_team.in_(teams),
        and_(_handed_over(), or_(Task.responsible_team.in_(teams), Task.id.in_(drawn_in))),
    )


@cache
def _handed_over() -> ColumnElement[bool]:
    offered = select(Leg.task_id).where(Leg.task_id == Task.id, Leg.state == "offered").exists()
    return and_(Task.state != "draft", or_(Task.state != "cancelled", offered))


class Leg(Model):
    """The time a task spent in one team's hands in one state; legs follow each other without gap or overlap."""

    __tablename__ = "task_leg"
    __table_args__ = (Index("ix_task_leg_state", "state", "started_at"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    task_id: Mapped[int] = mapped_column(ForeignKey("task.id"), index=True)
    team: Mapped[str]
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    state: Mapped[str]
    phase: Mapped[str]
    round: Mapped[int]
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    working_seconds: Mapped[int | None]
    target_minutes: Mapped[int | None]
    due_at: Mapped[datetime | None]
    breached: Mapped[bool] = mapped_column(default=False)

    user: Mapped[User | None] = relationship()


class TaskCheck(Model):
    """A line of the task's acceptance checklist, copied from its type when it was drafted."""

    __tablename__ = "task_check"
    __table_args__ = (UniqueConstraint("task_id", "name"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    task_id: Mapped[int] = mapped_column(ForeignKey("task.id"))
    name: Mapped[str]
    label: Mapped[str]
    mandatory: Mapped[bool]
    result: Mapped[str | None]
    note: Mapped[str] = mapped_column(default="")
    by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    at: Mapped[datetime | None]

    by: Mapped[User | None] = relationship(lazy="joined")


class TaskFile(Model):
    """One version of the file in one slot; slot ``brief`` holds what the requester attached."""

    __tablename__ = "task_file"
    __table_args__ = (UniqueConstraint("task_id", "slot", "version"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    task_id: Mapped[int] = mapped_column(ForeignKey("task.id"))
    slot: Mapped[str]
    version: Mapped[int]
    file_id: Mapped[int] = file_id()
    sha256: Mapped[str]
    by_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    at: Mapped[datetime] = mapped_column(default=now)

    file: Mapped[File] = relationship(lazy="joined", innerjoin=True)
    by: Mapped[User] = relationship(lazy="joined", innerjoin=True)

    @classmethod
    def visible_to(cls, actor: Actor) -> ColumnElement[bool]:
        return cls.task_id.in_(select(Task.id).where(Task.visible_to(actor)))


class TaskApproval(Model):
    """A sign-off and the exact file versions it was given for; a newer version voids it."""

    __tablename__ = "task_approval"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    task_id: Mapped[int] = mapped_column(ForeignKey("task.id"), index=True)
    by_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    at: Mapped[datetime] = mapped_column(default=now)
    files: Mapped[list[Any]] = mapped_column(JSON)  # [{slot, version, sha256}]
    note: Mapped[str] = mapped_column(default="")
    voided_at: Mapped[datetime | None]

    by: Mapped[User] = relationship(lazy="joined", innerjoin=True)


class TaskRound(Model):
    """Why a task went back: a return by the responsible team or a rework asked by the requester."""

    __tablename__ = "task_round"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    task_id: Mapped[int] = mapped_column(ForeignKey("task.id"), index=True)
    round: Mapped[int]
    verb: Mapped[str]
    reason: Mapped[str]
    text: Mapped[str]
    failed_checks: Mapped[list[Any]] = mapped_column(JSON, default=list)
    by_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    at: Mapped[datetime] = mapped_column(default=now)

    by: Mapped[User] = relationship(lazy="joined", innerjoin=True)


class TaskCosign(Model):
    """Somebody asked to co-sign before sign-off; ``everyone``: all must agree, else one is enough."""

    __tablename__ = "task_cosign"
    __table_args__ = (UniqueConstraint("task_id", "round", "user_id"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    task_id: Mapped[int] = mapped_column(ForeignKey("task.id"))
    round: Mapped[int]
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    everyone: Mapped[bool]
    agreed: Mapped[bool | None]
    note: Mapped[str] = mapped_column(default="")
    at: Mapped[datetime | None]

    user: Mapped[User] = relationship(lazy="joined", innerjoin=True)


class TaskBlocker(Model):
    """``task_id`` cannot start before ``blocker_id`` is closed."""

    __tablename__ = "task_blocker"

    task_id: Mapped[int] = mapped_column(ForeignKey("task.id"), primary_key=True)
    blocker_id: Mapped[int] = mapped_column(ForeignKey("task.id"), primary_key=True, index=True)


class TaskLink(Model):
    """A record the task is about; found from the record's page too."""

    __tablename__ = "task_link"
    __table_args__ = (
        UniqueConstraint("task_id", "kind", "record_id"),
        Index("ix_task_link_record", "kind", "record_id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    task_id: Mapped[int] = mapped_column(ForeignKey("task.id"))
    kind: Mapped[str]
    record_id: Mapped[int] = mapped_column(BigId)
    title: Mapped[str]


class TaskComment(Model):
    __tablename__ = "task_comment"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    task_id: Mapped[int] = mapped_column(ForeignKey("task.id"), index=True)
    by_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    at: Mapped[datetime] = mapped_column(default=now)
    body: Mapped[str]

    by: Mapped[User] = relationship(lazy="joined", innerjoin=True)


class TaskWatcher(Model):
    """Somebody outside the two teams' boards who follows the task (cc, mention, co-sign, own wish)."""

    __tablename__ = "task_watcher"

    task_id: Mapped[int] = mapped_column(ForeignKey("task.id"), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), primary_key=True, index=True)

    user: Mapped[User] = relationship(lazy="joined", innerjoin=True)


class Notice(Model):
    """One line in a user's notices: what happened to which task."""

    __tablename__ = "notice"
    __table_args__ = (Index("ix_notice_user", "user_id", "read_at"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    task_id: Mapped[int] = mapped_column(ForeignKey("task.id"))
    text: Mapped[str]
    params: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    at: Mapped[datetime] = mapped_column(default=now)
    read_at: Mapped[datetime | None]


class CalendarDay(Model):
    """An administrator's word on one day, over the public calendar: for all teams (``team`` empty) or one."""

    __tablename__ = "calendar_day"
    __table_args__ = (UniqueConstraint("team", "day"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    team: Mapped[str] = mapped_column(default="")
    day: Mapped[str]  # ISO date
    hours: Mapped[str]  # "" = closed, or "09:00-12:00,13:00-18:00"
    note: Mapped[str] = mapped_column(default="")
