"""Tables of store records: stores, products, SKUs, orders and their lines, and what changed in them.

Money is fen, times are UTC. No buyer is stored. Ids are never given twice, for tasks and documents remember them.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ColumnElement, ForeignKey, Index, Text, UniqueConstraint, false, true
from sqlalchemy.orm import Mapped, declared_attr, mapped_column, relationship

from core.accounts.models import User
from core.columns import BigId, Fen, now
from core.contracts import Actor
from core.extensions import Model

NEVER_AGAIN = {"sqlite_autoincrement": True}
# One file adds a million rows: PostgreSQL does not ask for each whether its store exists (core_0009 says why).
BY_THE_MILLION = NEVER_AGAIN | {"info": {"store_unchecked": True}}


class OpenToAll:
    """Seen by whoever works here."""

    @classmethod
    def visible_to(cls, actor: Actor) -> ColumnElement[bool]:
        return true() if actor.admin or actor.roles else false()


class OfStore(OpenToAll):
    """A record of a store."""

    id: Mapped[int] = mapped_column(BigId, primary_key=True, sort_order=-2)
    store_id: Mapped[int] = mapped_column(ForeignKey("store.id"), sort_order=-1)

    @declared_attr
    def store(self) -> Mapped["Store"]:
        return relationship("Store")


class Store(OpenToAll, Model):
    """One shop on one platform; every record belongs to one."""

    __tablename__ = "store"
    __table_args__ = (NEVER_AGAIN,)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    platform: Mapped[str] = mapped_column(default="tmall")
    platform_id: Mapped[str] = mapped_column(default="")
    status: Mapped[str] = mapped_column(default="open")
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime] = mapped_column(default=now)

    owner: Mapped[User | None] = relationship()

    @property
    def title(self) -> str:
        return self.name

    @property
    def store_id(self) -> int:
        return self.id


class Product(OfStore, Model):
    """An item of a store, under the platform's item id. Lists and prices hang on its SKUs."""

    __tablename__ = "product"
    __table_args__ = (UniqueConstraint("store_id", "item_id"), NEVER_AGAIN)

    item_id: Mapped[str]
    merchant_code: Mapped[str | None] = mapped_column(index=True)
    title: Mapped[str] = mapped_column(Text, default="")
    category: Mapped[str | None]
    status: Mapped[str] = mapped_column(default="")
    list_price: Mapped[int | None] = mapped_column(Fen)
    stock: Mapped[int | None]
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime] = mapped_column(default=now)

    skus: Mapped[list["Sku"]] = relationship(order_by="Sku.id", viewonly=True)


class Sku(OfStore, Model):
    """What is counted and sold: one variant of a product."""

    __tablename__ = "sku"
    __table_args__ = (UniqueConstraint("store_id", "key"), NEVER_AGAIN)

    key: Mapped[str]  # the platform's SKU id, or item id and attributes where a file has no such id
    item_id: Mapped[str] = mapped_column(index=True)
    product_id: Mapped[int | None] = mapped_column(ForeignKey("product.id", ondelete="SET NULL"), index=True)
    sku_id: Mapped[str | None]
    merchant_code: Mapped[str | None] = mapped_column(index=True)
    barcode: Mapped[str | None]
    attributes: Mapped[dict[str, str] | None] = mapped_column(JSON)
    list_price: Mapped[int | None] = mapped_column(Fen)
    daily_price: Mapped[int | None] = mapped_column(Fen)
    stock: Mapped[int | None]
    status: Mapped[str] = mapped_column(default="")
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime] = mapped_column(default=now)

    product: Mapped[Product | None] = relationship(viewonly=True)

    @property
    def title(self) -> str:
        values = " ".join((self.attributes or {}).values())
        return " ".join(filter(None, [self.product.title if self.product else self.item_id, values]))


class Order(OfStore, Model):
    """A sale as the platform exports it, in one meaning over all generations of its files.

    ``total`` is what the buyer pays at checkout, goods and postage after all discounts. ``kept`` is what is left of it
    after refunds before settlement: the export's "paid by the buyer". ``refund`` is what was refunded before
    settlement (later refunds are in no order file), ``payout`` what the platform pays the store, ``list_total`` the
    goods at list price.
    """

    __tablename__ = "sales_order"  # ORDER is a word of SQL
    __table_args__ = (
        UniqueConstraint("store_id", "order_no"),
        Index("ix_sales_order_ordered", "store_id", "ordered_at"),
        Index("ix_sales_order_ordered_at", "ordered_at"),
        Index("ix_sales_order_status", "status", "paid_at"),  # what waits to be sent out
        BY_THE_MILLION,
    )

    order_no: Mapped[str]
    parent_order_no: Mapped[str | None]
    payment_no: Mapped[str | None]
    status: Mapped[str] = mapped_column(default="")
    status_text: Mapped[str | None]
    closed_reason: Mapped[str | None]
    goods_due: Mapped[int | None] = mapped_column(Fen)
    postage_due: Mapped[int | None] = mapped_column(Fen)
    list_total: Mapped[int | None] = mapped_column(Fen)
    total: Mapped[int | None] = mapped_column(Fen)
    kept: Mapped[int | None] = mapped_column(Fen)
    refund: Mapped[int | None] = mapped_column(Fen)
    payout: Mapped[int | None] = mapped_column(Fen)
    ordered_at: Mapped[datetime | None]
    paid_at: Mapped[datetime | None]
    shipped_at: Mapped[datetime | None]
    confirmed_at: Mapped[datetime | None]
    items: Mapped[str | None] = mapped_column(Text)
    quantity: Mapped[int | None]
    commission_rate: Mapped[int | None]  # basis points, where the export says
    carrier: Mapped[str | None]
    waybill_no: Mapped[str | None] = mapped_column(index=True)
    region: Mapped[str | None]  # province and city, never more
    buyer_message: Mapped[str | None] = mapped_column(Text)
    note: Mapped[str | None] = mapped_column(Text)

    lines: Mapped[list["OrderLine"]] = relationship(order_by="OrderLine.id", viewonly=True)

    @property
    def title(self) -> str:
        return self.order_no


class OrderLine(OfStore, Model):
    """One article of an order. Lines and orders come in separate files, in either order."""

    __tablename__ = "sales_order_line"
    __table_args__ = (UniqueConstraint("store_id", "key"), NEVER_AGAIN)

    key: Mapped[str]  # the sub-order number, or the fingerprint where a file has none
    fingerprint: Mapped[str] = mapped_column(index=True)  # order number and what the line says
    order_no: Mapped[str] = mapped_column(index=True)
    order_id: Mapped[int | None] = mapped_column(ForeignKey("sales_order.id", ondelete="SET NULL"), index=True)
    sub_order_no: Mapped[str | None]
    item_id: Mapped[str | None]
    merchant_code: Mapped[str | None] = mapped_column(index=True)
    outer_code: Mapped[str | None]
    title: Mapped[str] = mapped_column(Text, default="")
    attributes: Mapped[dict[str, str] | None] = mapped_column(JSON)
    list_price: Mapped[int | None] = mapped_column(Fen)
    quantity: Mapped[int | None]
    goods_due: Mapped[int | None] = mapped_column(Fen)
    kept: Mapped[int | None] = mapped_column(Fen)
    refund: Mapped[int | None] = mapped_column(Fen)
    refund_text: Mapped[str | None]
    status: Mapped[str] = mapped_column(default="")
    status_text: Mapped[str | None]
    shipped_at: Mapped[datetime | None]
    note: Mapped[str | None] = mapped_column(Text)


class RecordChange(Model):
    """What one hand or one import changed in a record: field -> [before, after]."""

    __tablename__ = "record_change"
    __table_args__ = (Index("ix_record_change_record", "kind", "record_id"), NEVER_AGAIN)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    kind: Mapped[str]
    record_id: Mapped[int] = mapped_column(BigId)
    at: Mapped[datetime] = mapped_column(default=now)
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    actor_name: Mapped[str]
    source: Mapped[str]
    batch_id: Mapped[int | None] = mapped_column(ForeignKey("import_batch.id"), index=True)
    changes: Mapped[dict[str, Any]] = mapped_column(JSON)
