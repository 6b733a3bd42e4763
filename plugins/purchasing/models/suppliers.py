"""Suppliers: their terms, papers and offers."""

from datetime import date, datetime

from sqlalchemy import JSON, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.board.models import Task
from core.columns import BigId, Fen, now
from core.extensions import Model
from core.files.models import File, file_id
from core.stores.models import Store
from plugins.purchasing.models.base import NEVER_AGAIN, Record


class Supplier(Record, Model):
    """Who goods are bought from: terms, lead time in days, and how many units of money an order must reach."""

    __tablename__ = "purchasing_supplier"
    __table_args__ = (NEVER_AGAIN,)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    name: Mapped[str] = mapped_column(String(120), unique=True)
    code: Mapped[str] = mapped_column(String(40), default="")
    contact: Mapped[str] = mapped_column(Text, default="")
    lead_days: Mapped[int] = mapped_column(default=7)
    minimum_order: Mapped[int] = mapped_column(Fen, default=0)
    terms: Mapped[str] = mapped_column(Text, default="")
    payment_days: Mapped[int] = mapped_column(default=0)
    status: Mapped[str] = mapped_column(default="active")
    note: Mapped[str] = mapped_column(Text, default="")
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime] = mapped_column(default=now)

    licences: Mapped[list["Licence"]] = relationship(order_by="Licence.expires", cascade="all, delete-orphan")
    offers: Mapped[list["Offer"]] = relationship(order_by="Offer.merchant_code", back_populates="supplier")


class Licence(Record, Model):
    """A paper that a supplier must hold, and the last day it is good for; a renewed one stays, as replaced."""

    __tablename__ = "purchasing_licence"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    supplier_id: Mapped[int] = mapped_column(ForeignKey("purchasing_supplier.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(String(120))
    number: Mapped[str] = mapped_column(String(80), default="")
    expires: Mapped[date | None]
    file_id: Mapped[int | None] = file_id()
    replaced_at: Mapped[datetime | None]
    task_id: Mapped[int | None] = mapped_column(ForeignKey("task.id"), index=True)  # that asks to renew it

    file: Mapped[File | None] = relationship()
    task: Mapped[Task | None] = relationship()


class Offer(Record, Model):
    """What a supplier asks for an article: price breaks by quantity, smallest quantity, pieces in a pack."""

    __tablename__ = "purchasing_offer"
    __table_args__ = (UniqueConstraint("supplier_id", "store_id", "merchant_code"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    supplier_id: Mapped[int] = mapped_column(ForeignKey("purchasing_supplier.id"))
    store_id: Mapped[int] = mapped_column(ForeignKey("store.id"), index=True)
    merchant_code: Mapped[str] = mapped_column(String(80), index=True)
    supplier_code: Mapped[str] = mapped_column(String(80), default="")
    prices: Mapped[list[list[int]]] = mapped_column(JSON)  # [from pieces, fen a piece], ascending
    minimum: Mapped[int] = mapped_column(default=1)
    pack: Mapped[int] = mapped_column(default=1)
    lead_days: Mapped[int | None]
    preferred: Mapped[bool] = mapped_column(default=True)

    supplier: Mapped[Supplier] = relationship(back_populates="offers")
    store: Mapped[Store] = relationship()
