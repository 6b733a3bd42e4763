"""Inquiries: what suppliers are asked to quote for, and what each of them quoted."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.accounts.models import User
from core.board.models import Task
from core.columns import BigId, Fen, now
from core.extensions import Model
from core.files.models import File, file_id
from core.stores.models import Store
from plugins.purchasing.models.base import NEVER_AGAIN, Record
from plugins.purchasing.models.orders import PurchaseOrder
from plugins.purchasing.models.suppliers import Supplier


class Inquiry(Record, Model):
    """A request for quotations to several suppliers: open until orders are made of it, or it is given up."""

    __tablename__ = "purchasing_inquiry"
    __table_args__ = (NEVER_AGAIN,)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    store_id: Mapped[int] = mapped_column(ForeignKey("store.id"), index=True)
    number: Mapped[str] = mapped_column(unique=True)
    state: Mapped[str] = mapped_column(default="open")
    lines: Mapped[list[dict[str, Any]]] = mapped_column(JSON)  # merchant_code, name, quantity
    answer_by: Mapped[date | None]
    needed_on: Mapped[date | None]
    note: Mapped[str] = mapped_column(Text, default="")
    task_id: Mapped[int | None] = mapped_column(ForeignKey("task.id"), index=True)
    cheapest: Mapped[int | None] = mapped_column(Fen)  # landed, when it was decided
    chosen: Mapped[int | None] = mapped_column(Fen)
    reason: Mapped[str] = mapped_column(Text, default="")  # why not the cheapest, or why it was given up
    by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime] = mapped_column(default=now)
    decided_at: Mapped[datetime | None]

    store: Mapped[Store] = relationship()
    task: Mapped[Task | None] = relationship()
    by: Mapped[User | None] = relationship()
    quotes: Mapped[list["Quote"]] = relationship(order_by="Quote.id", back_populates="inquiry")

    @property
    def title(self) -> str:
        return self.number


class Quote(Record, Model):
    """One supplier's part of an inquiry: asked, quoted or declined; ``order_id`` is what was ordered by it."""

    __tablename__ = "purchasing_quote"
    __table_args__ = (UniqueConstraint("inquiry_id", "supplier_id"), NEVER_AGAIN)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    inquiry_id: Mapped[int] = mapped_column(ForeignKey("purchasing_inquiry.id"))
    store_id: Mapped[int] = mapped_column(ForeignKey("store.id"), index=True)
    supplier_id: Mapped[int] = mapped_column(ForeignKey("purchasing_supplier.id"), index=True)
    state: Mapped[str] = mapped_column(default="asked")
    lines: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)  # merchant_code, prices, minimum, pack
    freight: Mapped[int] = mapped_column(Fen, default=0)
    lead_days: Mapped[int | None]
    terms: Mapped[str] = mapped_column(Text, default="")
    valid_until: Mapped[date | None]
    note: Mapped[str] = mapped_column(Text, default="")
    file_id: Mapped[int | None] = file_id()
    order_id: Mapped[int | None] = mapped_column(ForeignKey("purchasing_order.id"), index=True)
    version: Mapped[int] = mapped_column(default=1)
    quoted_at: Mapped[datetime | None]

    inquiry: Mapped[Inquiry] = relationship(back_populates="quotes")
    supplier: Mapped[Supplier] = relationship()
    order: Mapped[PurchaseOrder | None] = relationship()
    file: Mapped[File | None] = relationship()

    @property
    def title(self) -> str:
        return f"{self.inquiry.number} {self.supplier.name}"
