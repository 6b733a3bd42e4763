"""Tables of the reconciliation: versioned rule sets, runs and their results, matches made by hand."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, ColumnElement, ForeignKey, Index, String, Text, UniqueConstraint, and_
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.accounts.models import User
from core.columns import BigId, now
from core.contracts import Actor
from core.extensions import Model
from core.stores.models import Store
from plugins.finance.books.models import NEVER_AGAIN, Finance, Line


class RuleSet(Finance, Model):
    """One version of a store's rules (of every store's, without one). Never changed: a change is a new version."""

    __tablename__ = "finance_rule_set"
    __table_args__ = (UniqueConstraint("store_id", "version"), NEVER_AGAIN)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    store_id: Mapped[int | None] = mapped_column(ForeignKey("store.id"))
    version: Mapped[int]
    data: Mapped[dict[str, Any]] = mapped_column(JSON)
    note: Mapped[str] = mapped_column(Text, default="")
    by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    by_name: Mapped[str]
    at: Mapped[datetime] = mapped_column(default=now)


class Run(Finance, Model):
    """One reconciliation of a store's period: what went in by hash, by which rules, what came out. Never changed."""

    __tablename__ = "finance_run"
    __table_args__ = (Index("ix_finance_run_store", "store_id", "first", "last"), NEVER_AGAIN)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    store_id: Mapped[int] = mapped_column(ForeignKey("store.id"))
    first: Mapped[date]
    last: Mapped[date]  # the last day, inclusive
    rule_set_id: Mapped[int | None] = mapped_column(ForeignKey("finance_rule_set.id"))  # none: the default rules
    digest: Mapped[str] = mapped_column(String(64))
    inputs: Mapped[list[dict[str, Any]]] = mapped_column(JSON)  # of every file, see ``matching.inputs``
    totals: Mapped[dict[str, Any]] = mapped_column(JSON)  # what the command prints, without the differences
    by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    by_name: Mapped[str]
    at: Mapped[datetime] = mapped_column(default=now)

    store: Mapped[Store] = relationship()
    rule_set: Mapped[RuleSet | None] = relationship()

    @property
    def title(self) -> str:
        return f"{self.first} – {self.last}"

    @classmethod
    def visible_to(cls, actor: Actor) -> ColumnElement[bool]:
        """Members of finance; a run has no digest while it is being written."""
        return and_(super().visible_to(actor), cls.digest != "")


class Result(Model):
    """The one class of one row in one run. ``side`` is 0 for an order, 1 for a line, 2 and 3 for a repeated row of
    either, whose ``record_id`` is then the import row's."""

    __tablename__ = "finance_result"
    __table_args__ = {"sqlite_with_rowid": False}  # half the writing: there are millions

    run_id: Mapped[int] = mapped_column(ForeignKey("finance_run.id", ondelete="CASCADE"), primary_key=True)
    side: Mapped[int] = mapped_column(primary_key=True)
    record_id: Mapped[int] = mapped_column(BigId, primary_key=True)
    code: Mapped[int]  # place in ``matching.classes.ORDER_CLASSES`` or ``LINE_CLASSES``
    amount: Mapped[int] = mapped_column(BigId)  # fen: what an order's buyer paid, or a line's signed amount


class Match(Finance, Model):
    """A line put to an order, or to a kind of its own, by hand. Undone by another row that names it, never deleted."""

    __tablename__ = "finance_match"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    store_id: Mapped[int] = mapped_column(ForeignKey("store.id"))
    line_id: Mapped[int | None] = mapped_column(ForeignKey("finance_line.id"), index=True)
    order_no: Mapped[str | None]
    part: Mapped[str | None]  # pay, refund, fee, other: in place of what the rules say
    reason: Mapped[str] = mapped_column(Text)
    undoes_id: Mapped[int | None] = mapped_column(ForeignKey("finance_match.id"), unique=True)
    by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    at: Mapped[datetime] = mapped_column(default=now)

    line: Mapped[Line | None] = relationship()
    by: Mapped[User | None] = relationship()
