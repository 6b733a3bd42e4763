"""What buyers complained about, as far as a supplier answers for it."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.board.models import Task
from core.columns import BigId, now
from core.extensions import Model
from plugins.purchasing.models.base import NEVER_AGAIN, Record
from plugins.purchasing.models.suppliers import Supplier


class Complaint(Record, Model):
    """A complaint that another team handed to purchasing: about which pieces of whose, for what cause, how judged.

    ``counted_at`` is when whoever complained signed off the answer; from then on an upheld one counts.
    """

    __tablename__ = "purchasing_complaint"
    __table_args__ = (Index("ix_purchasing_complaint_counted", "supplier_id", "counted_at"), NEVER_AGAIN)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    task_id: Mapped[int] = mapped_column(ForeignKey("task.id"), unique=True)
    store_id: Mapped[int | None] = mapped_column(ForeignKey("store.id"), index=True)
    supplier_id: Mapped[int | None] = mapped_column(ForeignKey("purchasing_supplier.id"))
    merchant_code: Mapped[str] = mapped_column(String(80), default="")
    cause: Mapped[str] = mapped_column(default="")
    order_no: Mapped[str] = mapped_column(String(80), default="")
    quantity: Mapped[int] = mapped_column(default=1)
    verdict: Mapped[str] = mapped_column(default="")  # upheld, not_theirs
    answer: Mapped[str] = mapped_column(Text, default="")
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime] = mapped_column(default=now)
    counted_at: Mapped[datetime | None]

    task: Mapped[Task] = relationship()
    supplier: Mapped[Supplier | None] = relationship()
