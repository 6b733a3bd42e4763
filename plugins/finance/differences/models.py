"""Tables of differences and of the entries that settle some of them."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.accounts.models import User
from core.board.models import Task
from core.columns import BigId, Fen, now
from core.extensions import Model
from core.stores.models import Order, Store
from plugins.finance.books.models import NEVER_AGAIN, Finance, Line


class Difference(Finance, Model):
    """What does not agree, from the run that found it to what settled it.

    ``key`` (``order:<number>``, ``line:<key>``) is the same in every run, so a later arrival closes what an earlier
    period left open. ``amount`` is signed fen: what the statement has more than the books. ``findings`` are the further
    things wrong with the same row, which is counted once, by ``code``.
    """

    __tablename__ = "finance_difference"
    __table_args__ = (
        UniqueConstraint("store_id", "key"),
        Index("ix_finance_difference_pattern", "store_id", "pattern", "state"),
        Index("ix_finance_difference_run", "last_run_id", "state", "resolution"),
        # by age and by amount, with all that lists filter by, search in and count: they need not read a row for that
        Index(
            "ix_finance_difference_at",
            "happened_at",
            "id",
            "state",
            "code",
            "owner_team",
            "amount",
            "store_id",
            "due_at",
            "resolution",
            "resolved_by_id",
            "key",
            "order_no",
        ),
        Index(
            "ix_finance_difference_amount",
            "amount",
            "id",
            "state",
            "code",
            "owner_team",
            "happened_at",
            "store_id",
            "key",
            "order_no",
        ),
        NEVER_AGAIN,
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    store_id: Mapped[int] = mapped_column(ForeignKey("store.id"))
    key: Mapped[str]
    side: Mapped[str]  # order or line
    code: Mapped[str]
    amount: Mapped[int] = mapped_column(Fen)
    expected: Mapped[int | None] = mapped_column(Fen)
    found: Mapped[int | None] = mapped_column(Fen)
    findings: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    pattern: Mapped[str] = mapped_column(default="")  # class, amount and day: what repeats alike
    order_no: Mapped[str | None]
    order_id: Mapped[int | None] = mapped_column(ForeignKey("sales_order.id", ondelete="SET NULL"), index=True)
    line_id: Mapped[int | None] = mapped_column(ForeignKey("finance_line.id", ondelete="SET NULL"), index=True)
    first_run_id: Mapped[int] = mapped_column(ForeignKey("finance_run.id"))
    last_run_id: Mapped[int] = mapped_column(ForeignKey("finance_run.id"))
    happened_at: Mapped[datetime]  # payment of the order, or the line's time: the age
    state: Mapped[str] = mapped_column(default="open")
    owner_team: Mapped[str]
    due_at: Mapped[datetime | None]
    task_id: Mapped[int | None] = mapped_column(ForeignKey("task.id"), index=True)
    resolution: Mapped[str] = mapped_column(default="")
    reason: Mapped[str] = mapped_column(Text, default="")
    resolved_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    resolved_at: Mapped[datetime | None]
    approved_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    approved_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime] = mapped_column(default=now)

    store: Mapped[Store] = relationship()
    order: Mapped[Order | None] = relationship()
    line: Mapped[Line | None] = relationship()
    task: Mapped[Task | None] = relationship()
    resolved_by: Mapped[User | None] = relationship(foreign_keys=[resolved_by_id])
    approved_by: Mapped[User | None] = relationship(foreign_keys=[approved_by_id])

    @property
    def title(self) -> str:
        """The order, or what the line is called in its statement; a repeated row's key ends with a count."""
        return self.order_no or self.key.split(":")[-2 if self.key.startswith("repeat:") else -1]


class Entry(Model):
    """A counter-entry: what settling a difference puts to the books. Reversed by another one, never changed."""

    __tablename__ = "finance_entry"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    store_id: Mapped[int] = mapped_column(ForeignKey("store.id"))
    difference_id: Mapped[int] = mapped_column(ForeignKey("finance_difference.id"), index=True)
    account: Mapped[str]  # write-off, fee, refund, claim ...
    amount: Mapped[int] = mapped_column(Fen)
    memo: Mapped[str] = mapped_column(Text, default="")
    reverses_id: Mapped[int | None] = mapped_column(ForeignKey("finance_entry.id"), unique=True)
    by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    at: Mapped[datetime] = mapped_column(default=now)
