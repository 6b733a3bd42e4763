"""Tables of partners' accounts: suppliers, couriers, affiliates, advertising, and what articles cost."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core.columns import BigId, Fen, now
from core.extensions import Model
from plugins.finance.books.models import NEVER_AGAIN, Book, Finance


class ColumnMap(Model):
    """How a supplier's statement names its columns, as a user has saved it: field -> header."""

    __tablename__ = "finance_column_map"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    supplier: Mapped[str] = mapped_column(unique=True)
    columns: Mapped[dict[str, str]] = mapped_column(JSON)
    by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    at: Mapped[datetime] = mapped_column(default=now)


class SupplierLine(Book, Model):
    """One line of a supplier's statement; ``amount`` is what the supplier asks for, negative for what it gives back."""

    __tablename__ = "finance_supplier_line"
    __table_args__ = (UniqueConstraint("store_id", "key"), NEVER_AGAIN)

    supplier: Mapped[str]
    document_no: Mapped[str | None]
    on: Mapped[datetime | None]
    goods: Mapped[str | None] = mapped_column(Text)
    quantity: Mapped[int | None]
    amount: Mapped[int] = mapped_column(Fen)
    memo: Mapped[str | None] = mapped_column(Text)


class SupplierMatch(Finance, Model):
    """Lines of a supplier's statement put to purchase orders by a person. Undone by another row that names it."""

    __tablename__ = "finance_supplier_match"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    store_id: Mapped[int] = mapped_column(ForeignKey("store.id"), index=True)
    supplier: Mapped[str]
    lines: Mapped[list[int]] = mapped_column(JSON, default=list)
    purchases: Mapped[list[int]] = mapped_column(JSON, default=list)
    reason: Mapped[str] = mapped_column(Text)
    undoes_id: Mapped[int | None] = mapped_column(ForeignKey("finance_supplier_match.id"), unique=True)
    by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    by_name: Mapped[str] = mapped_column(default="")
    at: Mapped[datetime] = mapped_column(default=now)


class PurchaseOrder(Book, Model):
    """One order placed on 1688: goods + freight + adjustment = paid."""

    __tablename__ = "finance_purchase"
    __table_args__ = (UniqueConstraint("store_id", "key"), NEVER_AGAIN)

    supplier: Mapped[str | None]
    goods_total: Mapped[int | None] = mapped_column(Fen)
    freight: Mapped[int | None] = mapped_column(Fen)
    adjustment: Mapped[int | None] = mapped_column(Fen)
    paid: Mapped[int] = mapped_column(Fen)
    status_text: Mapped[str | None]
    ordered_at: Mapped[datetime | None]
    paid_at: Mapped[datetime | None]
    goods: Mapped[str | None] = mapped_column(Text)
    quantity: Mapped[int | None]


class CourierLine(Book, Model):
    """One parcel on a courier's bill."""

    __tablename__ = "finance_courier_line"
    __table_args__ = (
        UniqueConstraint("store_id", "key"),
        Index("ix_finance_courier_line_waybill", "store_id", "waybill_no"),
        NEVER_AGAIN,
    )

    waybill_no: Mapped[str]
    carrier: Mapped[str | None]
    shipped_at: Mapped[datetime | None]
    region: Mapped[str | None]
    grams: Mapped[int | None]
    amount: Mapped[int] = mapped_column(Fen)


class AffiliateLine(Book, Model):
    """One settled commission of 淘宝客, or one taken back (``kind`` is ``settle`` or ``refund``)."""

    __tablename__ = "finance_affiliate_line"
    __table_args__ = (
        UniqueConstraint("store_id", "key"),
        Index("ix_finance_affiliate_line_order", "store_id", "order_no"),
        NEVER_AGAIN,
    )

    kind: Mapped[str]
    order_no: Mapped[str]
    sub_order_no: Mapped[str | None]
    item_id: Mapped[str | None]
    items: Mapped[str | None] = mapped_column(Text)
    amount: Mapped[int | None] = mapped_column(Fen)  # the sale, or what was refunded of it
    commission: Mapped[int] = mapped_column(Fen)
    service_fee: Mapped[int] = mapped_column(Fen)
    status_text: Mapped[str | None]
    confirmed_at: Mapped[datetime | None]
    settled_at: Mapped[datetime | None]


class AdSpend(Book, Model):
    """What one plan spent on one day (on one article, where the report says)."""

    __tablename__ = "finance_ad_spend"
    __table_args__ = (
        UniqueConstraint("store_id", "key"),
        Index("ix_finance_ad_spend_on", "store_id", "on"),
        NEVER_AGAIN,
    )

    on: Mapped[date]
    channel: Mapped[str]
    plan: Mapped[str | None]
    item_id: Mapped[str | None]
    spend: Mapped[int] = mapped_column(Fen)
    sales: Mapped[int | None] = mapped_column(Fen)
    clicks: Mapped[int | None]


def _cost_key(context: Any) -> str:
    told = context.get_current_parameters()
    return f"{told['merchant_code']}:{told['since']}"


class Cost(Book, Model):
    """What one piece of an article costs from a day on."""

    __tablename__ = "finance_cost"
    __table_args__ = (UniqueConstraint("store_id", "merchant_code", "since"), NEVER_AGAIN)

    key: Mapped[str] = mapped_column(default=_cost_key)
    merchant_code: Mapped[str]
    since: Mapped[date]
    amount: Mapped[int] = mapped_column(Fen)

    @property
    def title(self) -> str:
        return self.merchant_code


class SharedCost(Model):
    """A cost of the whole store over some days (rent, wages, gifts), spread over its sales."""

    __tablename__ = "finance_shared_cost"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    store_id: Mapped[int] = mapped_column(ForeignKey("store.id"), index=True)
    first: Mapped[date]
    last: Mapped[date]
    kind: Mapped[str]
    amount: Mapped[int] = mapped_column(Fen)
    memo: Mapped[str] = mapped_column(Text, default="")


class Campaign(Model):
    """A campaign of a store: its days, to see its profit apart."""

    __tablename__ = "finance_campaign"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    store_id: Mapped[int] = mapped_column(ForeignKey("store.id"), index=True)
    name: Mapped[str]
    first: Mapped[date]
    last: Mapped[date]
