"""The way of an order: lines, approvals, receipts, discrepancies, invoices."""

from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.accounts.models import User
from core.board.models import Task
from core.columns import BigId, Fen, now
from core.extensions import Model
from core.stores.models import Store
from plugins.purchasing.models.base import NEVER_AGAIN, Record
from plugins.purchasing.models.suppliers import Supplier

if TYPE_CHECKING:
    from plugins.purchasing.models.returns import SupplierReturn


class PurchaseOrder(Record, Model):
    """An order to a supplier: draft, in approval, approved, sent, received (in part), closed, refused or cancelled."""

    __tablename__ = "purchasing_order"
    __table_args__ = (Index("ix_purchasing_order_state", "store_id", "state"), NEVER_AGAIN)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    store_id: Mapped[int] = mapped_column(ForeignKey("store.id"))
    number: Mapped[str] = mapped_column(unique=True)
    supplier_id: Mapped[int] = mapped_column(ForeignKey("purchasing_supplier.id"), index=True)
    platform_no: Mapped[str | None] = mapped_column(index=True)  # of 1688
    state: Mapped[str] = mapped_column(default="draft")
    freight: Mapped[int] = mapped_column(Fen, default=0)
    discount: Mapped[int] = mapped_column(Fen, default=0)
    expected_on: Mapped[date | None]
    note: Mapped[str] = mapped_column(Text, default="")
    by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    submitted_at: Mapped[datetime | None]  # for approval
    ordered_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime] = mapped_column(default=now)

    store: Mapped[Store] = relationship()
    supplier: Mapped[Supplier] = relationship()
    by: Mapped[User | None] = relationship()
    lines: Mapped[list["PurchaseLine"]] = relationship(order_by="PurchaseLine.id", cascade="all, delete-orphan")
    approvals: Mapped[list["Approval"]] = relationship(order_by="Approval.id")
    receipts: Mapped[list["Receipt"]] = relationship(order_by="Receipt.id")
    invoices: Mapped[list["Invoice"]] = relationship(order_by="Invoice.id", back_populates="order")
    discrepancies: Mapped[list["Discrepancy"]] = relationship(order_by="Discrepancy.id", back_populates="order")
    returns: Mapped[list["SupplierReturn"]] = relationship(
        "plugins.purchasing.models.returns.SupplierReturn", order_by="SupplierReturn.id", back_populates="order"
    )

    @property
    def title(self) -> str:
        return self.number

    @property
    def total(self) -> int:
        """What is to be paid, in fen."""
        return sum(line.quantity * line.price for line in self.lines) + self.freight - self.discount


class PurchaseLine(Model):
    """One article of a purchase order; ``price`` is fen a piece."""

    __tablename__ = "purchasing_line"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("purchasing_order.id", ondelete="CASCADE"), index=True)
    merchant_code: Mapped[str] = mapped_column(String(80), index=True)
    name: Mapped[str] = mapped_column(Text, default="")
    quantity: Mapped[int]
    price: Mapped[int] = mapped_column(Fen)


class Approval(Model):
    """One person's word on an order at one tier; a no stops the order."""

    __tablename__ = "purchasing_approval"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("purchasing_order.id"), index=True)
    tier: Mapped[int]
    total: Mapped[int] = mapped_column(Fen)  # what was approved: another total asks again
    yes: Mapped[bool]
    reason: Mapped[str] = mapped_column(Text, default="")
    by_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    at: Mapped[datetime] = mapped_column(default=now)

    by: Mapped[User] = relationship()


class Limit(Model):
    """Up to which total the buyers, and the lead, approve an order from a day on; the newest of a day holds."""

    __tablename__ = "purchasing_limit"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    since: Mapped[date]
    members: Mapped[int] = mapped_column(Fen)
    lead: Mapped[int] = mapped_column(Fen)
    reason: Mapped[str] = mapped_column(Text)
    by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    created_at: Mapped[datetime] = mapped_column(default=now)

    by: Mapped[User | None] = relationship()


class Receipt(Model):
    """Goods that arrived for an order, in one delivery, counted."""

    __tablename__ = "purchasing_receipt"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("purchasing_order.id"), index=True)
    number: Mapped[str] = mapped_column(unique=True)
    warehouse: Mapped[str] = mapped_column(default="")
    lines: Mapped[list[dict[str, Any]]] = mapped_column(JSON)  # merchant_code, good, damaged
    note: Mapped[str] = mapped_column(Text, default="")
    by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    at: Mapped[datetime] = mapped_column(default=now)


class Discrepancy(Record, Model):
    """What was short, over or damaged in a delivery, what is claimed for it, and what came of the claim."""

    __tablename__ = "purchasing_discrepancy"
    __table_args__ = (NEVER_AGAIN,)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    store_id: Mapped[int] = mapped_column(ForeignKey("store.id"), index=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("purchasing_order.id"), index=True)
    number: Mapped[str] = mapped_column(unique=True)
    lines: Mapped[list[dict[str, Any]]] = mapped_column(JSON)  # merchant_code, kind, quantity, amount
    claimed: Mapped[int] = mapped_column(Fen)
    granted: Mapped[int | None] = mapped_column(Fen)
    remedy: Mapped[str] = mapped_column(default="")  # refund, credit, resend, return, none
    state: Mapped[str] = mapped_column(default="open")
    task_id: Mapped[int | None] = mapped_column(ForeignKey("task.id"), index=True)
    note: Mapped[str] = mapped_column(Text, default="")
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime] = mapped_column(default=now)
    closed_at: Mapped[datetime | None]

    order: Mapped[PurchaseOrder] = relationship(back_populates="discrepancies")
    task: Mapped[Task | None] = relationship()

    @property
    def title(self) -> str:
        return self.number


class Invoice(Record, Model):
    """A supplier's invoice, linked to an order at once or later; ``held`` is what may not be paid yet, and why."""

    __tablename__ = "purchasing_invoice"
    __table_args__ = (UniqueConstraint("supplier_id", "number"), NEVER_AGAIN)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    supplier_id: Mapped[int] = mapped_column(ForeignKey("purchasing_supplier.id"))
    order_id: Mapped[int | None] = mapped_column(ForeignKey("purchasing_order.id"), index=True)
    number: Mapped[str]
    on: Mapped[date]
    lines: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)  # merchant_code, quantity, price
    extra: Mapped[int] = mapped_column(Fen, default=0)  # freight, less discount
    amount: Mapped[int] = mapped_column(Fen)
    due_on: Mapped[date | None]
    released_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    released_at: Mapped[datetime | None]
    reason: Mapped[str] = mapped_column(Text, default="")

    supplier: Mapped[Supplier] = relationship()
    order: Mapped[PurchaseOrder | None] = relationship(back_populates="invoices")
