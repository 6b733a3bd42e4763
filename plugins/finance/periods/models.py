"""The table of periods: how far the reconciliation of one is signed."""

from datetime import date, datetime

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.accounts.models import User
from core.columns import BigId, now
from core.extensions import Model
from core.stores.models import Store
from plugins.finance.books.models import NEVER_AGAIN, Finance
from plugins.finance.matching.models import Run


class Period(Finance, Model):
    """A store's period: open, prepared by one person, signed by another. What became of it stands in the event log."""

    __tablename__ = "finance_period"
    __table_args__ = (UniqueConstraint("store_id", "first", "last"), NEVER_AGAIN)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    store_id: Mapped[int] = mapped_column(ForeignKey("store.id"))
    first: Mapped[date]
    last: Mapped[date]  # the last day, inclusive
    state: Mapped[str] = mapped_column(default="open")
    run_id: Mapped[int | None] = mapped_column(ForeignKey("finance_run.id"))
    digest: Mapped[str] = mapped_column(String(64), default="")
    prepared_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    prepared_at: Mapped[datetime | None]
    signed_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    signed_at: Mapped[datetime | None]
    reason: Mapped[str] = mapped_column(Text, default="")  # why the signature was taken back
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime] = mapped_column(default=now)

    store: Mapped[Store] = relationship()
    run: Mapped[Run | None] = relationship()
    prepared_by: Mapped[User | None] = relationship(foreign_keys=[prepared_by_id])
    signed_by: Mapped[User | None] = relationship(foreign_keys=[signed_by_id])

    @property
    def title(self) -> str:
        return f"{self.first} – {self.last}"
