"""Stock of each day, its movements, what to reorder, and campaigns that sell more."""

from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.columns import BigId
from core.extensions import Model
from plugins.purchasing.models.base import NEVER_AGAIN, Record
from plugins.purchasing.models.suppliers import Supplier

if TYPE_CHECKING:
    from plugins.purchasing.models.orders import PurchaseOrder


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
    at: Mapped[datetime]
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
    __table_args__ = (
        UniqueConstraint("store_id", "merchant_code", "on"),
        Index("ix_purchasing_suggestion_on", "store_id", "on"),
        Index("ix_purchasing_suggestion_scored", "store_id", "scored_at"),
        NEVER_AGAIN,
    )

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
    days: Mapped[int | None]  # that it was to cover: lead time and what comes after
    expected: Mapped[int | None]  # pieces that were thought to be sold in them
    spare: Mapped[int | None]  # pieces there were, and on their way, beyond the safety stock
    needed: Mapped[int | None]  # what was sold in the days it was to cover, once they are over
    scored_at: Mapped[datetime | None]

    supplier: Mapped[Supplier | None] = relationship()
    order: Mapped["PurchaseOrder | None"] = relationship("plugins.purchasing.models.orders.PurchaseOrder")


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
