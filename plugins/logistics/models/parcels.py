"""Tables of parcels: what they are, which orders and articles are in them, and which were handed over together.

Weights are grams, times are UTC. No receiver is stored, only province and city.
"""

from datetime import date, datetime

from sqlalchemy import ColumnElement, ForeignKey, Index, Text, UniqueConstraint, false, text, true
from sqlalchemy.orm import Mapped, declared_attr, mapped_column, relationship

from core.accounts.models import User
from core.columns import BigId, Fen, now
from core.contracts import Actor
from core.extensions import Model
from core.stores.models import Order, Store

NEVER_AGAIN = {"sqlite_autoincrement": True}


class OfStore:
    """What every record of a store has; who may open its pages is a matter of permissions."""

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    store_id: Mapped[int] = mapped_column(ForeignKey("store.id"), index=True)

    @declared_attr
    def store(cls) -> Mapped[Store]:
        return relationship()

    @classmethod
    def visible_to(cls, actor: Actor) -> ColumnElement[bool]:
        return true() if actor.admin or actor.roles else false()


class Manifest(OfStore, Model):
    """The parcels that one warehouse hands to one courier at one time."""

    __tablename__ = "logistics_manifest"
    __table_args__ = (NEVER_AGAIN,)

    number: Mapped[str] = mapped_column(unique=True)
    warehouse: Mapped[str] = mapped_column(default="")
    carrier: Mapped[str] = mapped_column(default="")
    day: Mapped[date]
    by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    at: Mapped[datetime] = mapped_column(default=now)

    by: Mapped[User | None] = relationship()
    parcels: Mapped[list["Parcel"]] = relationship(order_by="Parcel.key", viewonly=True)

    @property
    def title(self) -> str:
        return self.number


class Parcel(OfStore, Model):
    """One parcel. ``key`` is its waybill number, or the platform's logistics number while it has none."""

    __tablename__ = "logistics_parcel"
    __table_args__ = (
        UniqueConstraint("store_id", "key"),
        # with all that lists filter by: they need not read a row for that
        Index("ix_logistics_parcel_status", "status", "shipped_at", "warehouse", "carrier"),
        Index("ix_logistics_parcel_warehouse", "warehouse", "shipped_at", "carrier"),
        Index("ix_logistics_parcel_sent", "shipped_at"),
        Index("ix_logistics_parcel_carrier", "carrier", "shipped_at", "promised_at", "signed_at"),
        # of those on a manifest only: as a list of all that are on none it would lead the way to most parcels
        Index(
            "ix_logistics_parcel_manifest",
            "manifest_id",
            sqlite_where=text("manifest_id IS NOT NULL"),
            postgresql_where=text("manifest_id IS NOT NULL"),
        ),
        NEVER_AGAIN,
    )

    key: Mapped[str] = mapped_column(index=True)
    waybill_no: Mapped[str | None] = mapped_column(index=True)
    logistics_no: Mapped[str | None] = mapped_column(index=True)  # LP…
    warehouse_no: Mapped[str | None] = mapped_column(index=True)  # LBX…
    carrier: Mapped[str | None]
    warehouse: Mapped[str | None]
    status: Mapped[str] = mapped_column(default="")
    status_text: Mapped[str | None]
    region: Mapped[str | None]  # province
    city: Mapped[str | None]
    ordered_at: Mapped[datetime | None]
    paid_at: Mapped[datetime | None]
    shipped_at: Mapped[datetime | None]
    collected_at: Mapped[datetime | None]
    last_at: Mapped[datetime | None]  # the last scan, where a file says
    promised_at: Mapped[datetime | None]
    signed_at: Mapped[datetime | None]
    grams: Mapped[int | None]  # as the warehouse weighed it
    volume: Mapped[int | None]  # cubic centimetres, as the warehouse measured it
    manifest_id: Mapped[int | None] = mapped_column(ForeignKey("logistics_manifest.id", ondelete="SET NULL"))

    orders: Mapped[list["ParcelOrder"]] = relationship(order_by="ParcelOrder.id", viewonly=True)
    items: Mapped[list["ParcelItem"]] = relationship(order_by="ParcelItem.id", viewonly=True)

    @property
    def title(self) -> str:
        return self.waybill_no or self.key


class ParcelOrder(OfStore, Model):
    """That a parcel carries something of an order: one parcel may serve many orders, one order need many parcels.

    ``amount`` is the order's amount as a file repeats it on every row: it belongs to the order and is never summed.
    """

    __tablename__ = "logistics_parcel_order"
    __table_args__ = (UniqueConstraint("store_id", "key"), NEVER_AGAIN)

    key: Mapped[str]
    alias: Mapped[str] = mapped_column(index=True)
    parcel_key: Mapped[str]
    parcel_id: Mapped[int | None] = mapped_column(ForeignKey("logistics_parcel.id", ondelete="CASCADE"), index=True)
    order_no: Mapped[str] = mapped_column(index=True)
    order_id: Mapped[int | None] = mapped_column(ForeignKey("sales_order.id", ondelete="SET NULL"), index=True)
    amount: Mapped[int | None] = mapped_column(Fen)

    parcel: Mapped[Parcel | None] = relationship(viewonly=True)
    order: Mapped[Order | None] = relationship(viewonly=True)

    @property
    def title(self) -> str:
        return f"{self.parcel_key} · {self.order_no}"


class ParcelItem(OfStore, Model):
    """One article in a parcel."""

    __tablename__ = "logistics_parcel_item"
    __table_args__ = (UniqueConstraint("store_id", "key"), NEVER_AGAIN)

    key: Mapped[str]
    parcel_key: Mapped[str]
    parcel_id: Mapped[int | None] = mapped_column(ForeignKey("logistics_parcel.id", ondelete="CASCADE"), index=True)
    order_no: Mapped[str]
    item_id: Mapped[str | None]
    goods_code: Mapped[str | None]
    merchant_code: Mapped[str | None] = mapped_column(index=True)
    name: Mapped[str] = mapped_column(Text, default="")
    quantity: Mapped[int] = mapped_column(default=1)
    tax: Mapped[int | None] = mapped_column(Fen)

    @property
    def title(self) -> str:
        return self.name
