"""What customer service works with: tickets, canned replies, playbooks, definitions of its figures."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.accounts.models import User
from core.board.models import Task
from core.columns import BigId, Fen, now
from core.extensions import Model
from core.stores.models import Order


class Ticket(Model):
    """What a customer-service task is about beside its brief: the case, the clocks of the platform, what came of it.

    ``platform_due_at`` is when the platform decides by itself. The team's own clocks are the task's legs: to be
    accepted is to be answered first, to be delivered is to be resolved.
    """

    __tablename__ = "cs_ticket"
    __table_args__ = (
        # all that figures ask of the contacts of some days; those that were merged away are none
        Index(
            "ix_cs_ticket_contacts",
            *("merged_into_id", "opened_at", "replied_at", "resolved_at", "satisfaction", "store_id"),
        ),
    )

    task_id: Mapped[int] = mapped_column(ForeignKey("task.id"), primary_key=True)
    store_id: Mapped[int | None] = mapped_column(ForeignKey("store.id"), index=True)
    order_id: Mapped[int | None] = mapped_column(ForeignKey("sales_order.id", ondelete="SET NULL"), index=True)
    merchant_code: Mapped[str | None] = mapped_column(index=True)
    channel: Mapped[str] = mapped_column(default="wangwang")
    case_no: Mapped[str | None] = mapped_column(index=True)  # of the platform
    platform_due_at: Mapped[datetime | None]
    playbook_id: Mapped[int | None] = mapped_column(ForeignKey("cs_playbook.id"))
    cause: Mapped[str] = mapped_column(default="")
    payer: Mapped[str] = mapped_column(default="")  # store, courier, supplier
    amount: Mapped[int | None] = mapped_column(Fen)  # what the buyer gets
    approved_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    approved_at: Mapped[datetime | None]
    satisfaction: Mapped[int | None]  # 1 to 5
    merged_into_id: Mapped[int | None] = mapped_column(ForeignKey("task.id"))
    after_sale_id: Mapped[int | None] = mapped_column(ForeignKey("cs_after_sale.id", ondelete="SET NULL"), index=True)
    version: Mapped[int] = mapped_column(default=1)
    opened_at: Mapped[datetime] = mapped_column(default=now)
    replied_at: Mapped[datetime | None]
    resolved_at: Mapped[datetime | None]

    task: Mapped[Task] = relationship(foreign_keys=[task_id])
    order: Mapped[Order | None] = relationship()
    merged_into: Mapped[Task | None] = relationship(foreign_keys=[merged_into_id])
    playbook: Mapped["Playbook | None"] = relationship()
    approved_by: Mapped[User | None] = relationship()


class Presence(Model):
    """Who looks at a ticket right now, so that two do not answer it at once."""

    __tablename__ = "cs_presence"

    task_id: Mapped[int] = mapped_column(ForeignKey("task.id"), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), primary_key=True)
    at: Mapped[datetime] = mapped_column(default=now)

    user: Mapped[User] = relationship()


class Reply(Model):
    """One version of a canned reply; only an approved one may be used, and a change is a new version."""

    __tablename__ = "cs_reply"
    __table_args__ = (UniqueConstraint("code", "version"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    code: Mapped[str] = mapped_column(String(40))
    version: Mapped[int]
    title: Mapped[str] = mapped_column(String(120))
    text: Mapped[str] = mapped_column(Text)
    tags: Mapped[list[str]] = mapped_column(JSON, default=list)
    by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    at: Mapped[datetime] = mapped_column(default=now)
    approved_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    approved_at: Mapped[datetime | None]
    retired_at: Mapped[datetime | None]

    by: Mapped[User | None] = relationship(foreign_keys=[by_id])
    approved_by: Mapped[User | None] = relationship(foreign_keys=[approved_by_id])


class Playbook(Model):
    """How a kind of complaint is handled from one day on: evidence, amounts by role, who pays, what follows."""

    __tablename__ = "cs_playbook"
    __table_args__ = (UniqueConstraint("code", "since"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    code: Mapped[str] = mapped_column(String(40))  # the cause: damaged, wrong_item ...
    title: Mapped[str] = mapped_column(String(120))
    since: Mapped[date]
    evidence: Mapped[list[str]] = mapped_column(JSON, default=list)
    member_limit: Mapped[int] = mapped_column(Fen)
    lead_limit: Mapped[int] = mapped_column(Fen)
    payer: Mapped[str]
    steps: Mapped[list[str]] = mapped_column(JSON, default=list)  # what is handed out: codes of rules.handouts
    advice: Mapped[str] = mapped_column(Text, default="")


class Definition(Model):
    """What a service figure means from one day to another: two definitions of one figure stand side by side."""

    __tablename__ = "cs_definition"
    __table_args__ = (UniqueConstraint("figure", "name", "since"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    figure: Mapped[str]  # reply_rate, resolve_time, satisfaction
    name: Mapped[str] = mapped_column(String(120))
    since: Mapped[date]
    until: Mapped[date | None]  # the last day
    parameters: Mapped[dict[str, Any]] = mapped_column(JSON)
    by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    at: Mapped[datetime] = mapped_column(default=now)
