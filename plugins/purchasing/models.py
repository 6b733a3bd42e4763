"""Tables of purchasing: suppliers and what they offer, stock, and the way of an order from request to invoice.

Money is fen, quantities are whole pieces, times are UTC.
"""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, ColumnElement, ForeignKey, Index, String, Text, UniqueConstraint, false, true
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.access import allowed
from core.accounts.models import User
from core.columns import BigId, Fen, UTCDateTime, now
from core.contracts import Actor
from core.extensions import Model
from core.files.models import File, file_id
from core.stores.models import Store

NEVER_AGAIN = {"sqlite_autoincrement": True}


class Record:
    """What purchasing's records have in common: who may see them."""

    @classmethod
    def visible_to(cls, actor: Actor) -> ColumnElement[bool]:
        """Who buys, and whom purchasing lets look."""
        return true() if allowed(actor, "purchasing.view") else false()


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
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=now)

    licences: Mapped[list["Licence"]] = relationship(order_by="Licence.expires", cascade="all, delete-orphan")
    offers: Mapped[list["Offer"]] = relationship(order_by="Offer.merchant_code", back_populates="supplier")

    @property
    def title(self) -> str:
        return self.name

    @property
    def store_id(self) -> None:
        return None


class Licence(Model):
    """A paper that a supplier must hold, and the last day it is good for."""

    __tablename__ = "purchasing_licence"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    supplier_id: Mapped[int] = mapped_column(ForeignKey("purchasing_supplier.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(String(120))
    number: Mapped[str] = mapped_column(String(80), default="")
    expires: Mapped[date | None]
    file_id: Mapped[int | None] = file_id()

    file: Mapped[File | None] = relationship()


class Offer(Model):
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


class StockDay(Record, Model):
    """The stock of an article in a warehouse at the end of a day: opening + in - out = closing on every row."""

    __tablename__ = "purchasing_stock_day"
    __table_args__ = (
        UniqueConstraint("store_id", "key"),
        Index("ix_purchasing_stock_day_on", "store_id", "on"),
        Index("ix_purchasing_stock_day_code", "store_id", "merchant_code", "on"),
        NEVER_AGAIN,
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    store_id: Mapped[int] = mapped_column(ForeignKey("store.id"))
    key: Mapped[str]  # day, warehouse, code
    on: Mapped[date]
    warehouse: Mapped[str]
    goods_id: Mapped[str | None]
    merchant_code: Mapped[str]
    name: Mapped[str] = mapped_column(Text, default="")
    opening: Mapped[int]
    entered: Mapped[int]
    left: Mapped[int]
    closing: Mapped[int]
    good: Mapped[int]
    defective: Mapped[int]
    sold: Mapped[int] = mapped_column(default=0)
    on_order: Mapped[int] = mapped_column(default=0)
    in_transfer: Mapped[int] = mapped_column(default=0)

    @property
    def title(self) -> str:
        return f"{self.merchant_code} {self.name}".strip()


class StockMove(Record, Model):
    """One movement of an article in a warehouse; ``quantity`` is signed, ``balance`` what is left after it."""

    __tablename__ = "purchasing_stock_move"
    __table_args__ = (
        UniqueConstraint("store_id", "key"),
        Index("ix_purchasing_stock_move_code", "store_id", "merchant_code", "at"),
        NEVER_AGAIN,
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    store_id: Mapped[int] = mapped_column(ForeignKey("store.id"))
    key: Mapped[str]
    number: Mapped[str]
    merchant_code: Mapped[str]
    name: Mapped[str] = mapped_column(Text, default="")
    warehouse: Mapped[str]
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    kind: Mapped[str]
    stock_kind: Mapped[str] = mapped_column(default="")
    quantity: Mapped[int]
    balance: Mapped[int | None]
    order_no: Mapped[str | None] = mapped_column(index=True)
    reference: Mapped[str | None]

    @property
    def title(self) -> str:
        return self.number


class Suggestion(Record, Model):
    """What to reorder of one article on one day, with every number that led to it; a change needs a reason."""

    __tablename__ = "purchasing_suggestion"
    __table_args__ = (UniqueConstraint("store_id", "merchant_code", "on"), NEVER_AGAIN)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    store_id: Mapped[int] = mapped_column(ForeignKey("store.id"))
    on: Mapped[date]
    merchant_code: Mapped[str]
    supplier_id: Mapped[int | None] = mapped_column(ForeignKey("purchasing_supplier.id"))
    steps: Mapped[list[dict[str, Any]]] = mapped_column(JSON)  # label, value: the arithmetic line by line
    suggested: Mapped[int]
    chosen: Mapped[int | None]
    reason: Mapped[str] = mapped_column(Text, default="")
    by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    order_id: Mapped[int | None] = mapped_column(ForeignKey("purchasing_order.id"), index=True)
    needed: Mapped[int | None]  # what was sold in the days it was to cover, once they are over
    scored_at: Mapped[datetime | None] = mapped_column(UTCDateTime)

    supplier: Mapped[Supplier | None] = relationship()

    @property
    def title(self) -> str:
        return self.merchant_code


class Uplift(Model):
    """How much more is expected to be sold on some days (a campaign), in percent of an ordinary day."""

    __tablename__ = "purchasing_uplift"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    store_id: Mapped[int] = mapped_column(ForeignKey("store.id"), index=True)
    name: Mapped[str] = mapped_column(String(80))
    first: Mapped[date]
    last: Mapped[date]
    percent: Mapped[int]
    merchant_code: Mapped[str] = mapped_column(String(80), default="")  # empty: every article


class Quotation(Record, Model):
    """A request for quotation: which articles, whom it was sent to, what each answered."""

    __tablename__ = "purchasing_quotation"
    __table_args__ = (NEVER_AGAIN,)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    store_id: Mapped[int] = mapped_column(ForeignKey("store.id"), index=True)
    number: Mapped[str] = mapped_column(unique=True)
    state: Mapped[str] = mapped_column(default="draft")  # draft, sent, decided, cancelled
    lines: Mapped[list[dict[str, Any]]] = mapped_column(JSON)  # merchant_code, name, quantity
    answer_by: Mapped[date | None]
    note: Mapped[str] = mapped_column(Text, default="")
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=now)

    store: Mapped[Store] = relationship()
    answers: Mapped[list["QuotationAnswer"]] = relationship(order_by="QuotationAnswer.id", cascade="all, delete-orphan")

    @property
    def title(self) -> str:
        return self.number


class QuotationAnswer(Model):
    """What one supplier answered: a price for each line, freight, days of delivery."""

    __tablename__ = "purchasing_quotation_answer"
    __table_args__ = (UniqueConstraint("quotation_id", "supplier_id"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    quotation_id: Mapped[int] = mapped_column(ForeignKey("purchasing_quotation.id", ondelete="CASCADE"))
    supplier_id: Mapped[int] = mapped_column(ForeignKey("purchasing_supplier.id"))
    prices: Mapped[dict[str, int]] = mapped_column(JSON, default=dict)  # merchant code -> fen a piece
    freight: Mapped[int] = mapped_column(Fen, default=0)
    lead_days: Mapped[int | None]
    note: Mapped[str] = mapped_column(Text, default="")
    chosen: Mapped[bool] = mapped_column(default=False)
    answered_at: Mapped[datetime | None] = mapped_column(UTCDateTime)

    supplier: Mapped[Supplier] = relationship()


class PurchaseOrder(Record, Model):
    """An order to a supplier: draft, in approval, approved, sent, received (in part), closed, refused or cancelled."""

    __tablename__ = "purchasing_order"
    __table_args__ = (Index("ix_purchasing_order_state", "store_id", "state"), NEVER_AGAIN)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    store_id: Mapped[int] = mapped_column(ForeignKey("store.id"))
    number: Mapped[str] = mapped_column(unique=True)
    supplier_id: Mapped[int] = mapped_column(ForeignKey("purchasing_supplier.id"), index=True)
    quotation_id: Mapped[int | None] = mapped_column(ForeignKey("purchasing_quotation.id"))
    platform_no: Mapped[str | None] = mapped_column(index=True)  # of 1688
    state: Mapped[str] = mapped_column(default="draft")
    freight: Mapped[int] = mapped_column(Fen, default=0)
    discount: Mapped[int] = mapped_column(Fen, default=0)
    expected_on: Mapped[date | None]
    note: Mapped[str] = mapped_column(Text, default="")
    by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    ordered_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=now)

    store: Mapped[Store] = relationship()
    supplier: Mapped[Supplier] = relationship()
    by: Mapped[User | None] = relationship()
    lines: Mapped[list["PurchaseLine"]] = relationship(order_by="PurchaseLine.id", cascade="all, delete-orphan")
    approvals: Mapped[list["Approval"]] = relationship(order_by="Approval.id")
    receipts: Mapped[list["Receipt"]] = relationship(order_by="Receipt.id")
    invoices: Mapped[list["Invoice"]] = relationship(order_by="Invoice.id")

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
    at: Mapped[datetime] = mapped_column(UTCDateTime, default=now)

    by: Mapped[User] = relationship()


class Receipt(Model):
    """Goods that arrived for an order, in one delivery, counted."""

    __tablename__ = "purchasing_receipt"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("purchasing_order.id"), index=True)
    number: Mapped[str] = mapped_column(unique=True)
    warehouse: Mapped[str] = mapped_column(default="")
    lines: Mapped[list[dict[str, Any]]] = mapped_column(JSON)  # merchant_code, good, damaged, wrong
    note: Mapped[str] = mapped_column(Text, default="")
    by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    at: Mapped[datetime] = mapped_column(UTCDateTime, default=now)


class Discrepancy(Record, Model):
    """What was short, over or damaged in a delivery, what is claimed for it, and what came of the claim."""

    __tablename__ = "purchasing_discrepancy"
    __table_args__ = (NEVER_AGAIN,)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    store_id: Mapped[int] = mapped_column(ForeignKey("store.id"), index=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("purchasing_order.id"), index=True)
    receipt_id: Mapped[int | None] = mapped_column(ForeignKey("purchasing_receipt.id"))
    number: Mapped[str] = mapped_column(unique=True)
    lines: Mapped[list[dict[str, Any]]] = mapped_column(JSON)  # merchant_code, kind, quantity, amount
    claimed: Mapped[int] = mapped_column(Fen)
    granted: Mapped[int | None] = mapped_column(Fen)
    remedy: Mapped[str] = mapped_column(default="")  # refund, credit, resend, return, none
    state: Mapped[str] = mapped_column(default="open")
    task_id: Mapped[int | None] = mapped_column(ForeignKey("task.id"), index=True)
    note: Mapped[str] = mapped_column(Text, default="")
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=now)
    closed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)

    order: Mapped[PurchaseOrder] = relationship()

    @property
    def title(self) -> str:
        return self.number


class Invoice(Model):
    """A supplier's invoice, linked to an order at once or later; ``held`` is what may not be paid yet, and why."""

    __tablename__ = "purchasing_invoice"
    __table_args__ = (UniqueConstraint("supplier_id", "number"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    supplier_id: Mapped[int] = mapped_column(ForeignKey("purchasing_supplier.id"))
    order_id: Mapped[int | None] = mapped_column(ForeignKey("purchasing_order.id"), index=True)
    number: Mapped[str]
    on: Mapped[date]
    lines: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)  # merchant_code, quantity, price
    amount: Mapped[int] = mapped_column(Fen)
    due_on: Mapped[date | None]
    released_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    released_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    reason: Mapped[str] = mapped_column(Text, default="")

    supplier: Mapped[Supplier] = relationship()
