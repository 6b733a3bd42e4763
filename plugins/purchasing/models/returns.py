"""Goods sent back to a supplier."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.columns import BigId, Fen, now
from core.extensions import Model
from plugins.purchasing.models.base import NEVER_AGAIN, Record
from plugins.purchasing.models.orders import Discrepancy, PurchaseOrder


class SupplierReturn(Record, Model):
    """Goods of one order that go back: drafted, sent off (which takes them out of stock), credited or cancelled."""

    __tablename__ = "purchasing_return"
    __table_args__ = (NEVER_AGAIN,)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    store_id: Mapped[int] = mapped_column(ForeignKey("store.id"), index=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("purchasing_order.id"), index=True)
    discrepancy_id: Mapped[int | None] = mapped_column(ForeignKey("purchasing_discrepancy.id"), index=True)
    number: Mapped[str] = mapped_column(unique=True)
    state: Mapped[str] = mapped_column(default="draft")
    lines: Mapped[list[dict[str, Any]]] = mapped_column(JSON)  # merchant_code, good, damaged, price
    warehouse: Mapped[str] = mapped_column(default="")
    carrier: Mapped[str] = mapped_column(default="")
    waybill_no: Mapped[str] = mapped_column(default="")
    note: Mapped[str] = mapped_column(Text, default="")
    credited: Mapped[int | None] = mapped_column(Fen)
    credit_note: Mapped[str] = mapped_column(default="")  # the number of the supplier's paper for it
    by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime] = mapped_column(default=now)
    sent_at: Mapped[datetime | None]
    credited_at: Mapped[datetime | None]

    order: Mapped[PurchaseOrder] = relationship(back_populates="returns")
    discrepancy: Mapped[Discrepancy | None] = relationship()

    @property
    def title(self) -> str:
        return self.number

    @property
    def amount(self) -> int:
        """What the goods are worth at the prices they were ordered for, in fen."""
        return sum((line["good"] + line["damaged"]) * line["price"] for line in self.lines)
