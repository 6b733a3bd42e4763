"""Orders placed on 1688 as its export tells them, and what its sellers and their goods are called here."""

from datetime import datetime

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint, and_
from sqlalchemy.orm import Mapped, foreign, mapped_column, relationship

from core.columns import BigId, Fen
from core.extensions import Model
from core.stores.models import Store
from plugins.purchasing.models.base import NEVER_AGAIN, Record
from plugins.purchasing.models.orders import PurchaseOrder
from plugins.purchasing.models.suppliers import Supplier


class PlatformOrder(Record, Model):
    """An order placed on 1688: goods + freight + adjustment = paid. ``key`` is its number there."""

    __tablename__ = "purchasing_platform_order"
    __table_args__ = (UniqueConstraint("store_id", "key"), NEVER_AGAIN)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    store_id: Mapped[int] = mapped_column(ForeignKey("store.id"))
    key: Mapped[str]
    seller: Mapped[str]
    goods_total: Mapped[int] = mapped_column(Fen)
    freight: Mapped[int] = mapped_column(Fen, default=0)
    adjustment: Mapped[int] = mapped_column(Fen, default=0)
    paid: Mapped[int] = mapped_column(Fen)
    status_text: Mapped[str] = mapped_column(default="")
    ordered_at: Mapped[datetime | None]
    paid_at: Mapped[datetime | None]

    store: Mapped[Store] = relationship()
    purchases: Mapped[list[PurchaseOrder]] = relationship(
        primaryjoin=lambda: and_(
            foreign(PurchaseOrder.platform_no) == PlatformOrder.key, PurchaseOrder.store_id == PlatformOrder.store_id
        ),
        order_by=PurchaseOrder.id,
        viewonly=True,
    )

    @property
    def title(self) -> str:
        return self.key


class PlatformLine(Record, Model):
    """One article of an order on 1688: ``article`` is the seller's code for it, or else its title."""

    __tablename__ = "purchasing_platform_line"
    __table_args__ = (UniqueConstraint("store_id", "key"), NEVER_AGAIN)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    store_id: Mapped[int] = mapped_column(ForeignKey("store.id"))
    key: Mapped[str]
    order_no: Mapped[str] = mapped_column(index=True)
    platform_order_id: Mapped[int | None] = mapped_column(
        ForeignKey("purchasing_platform_order.id", ondelete="SET NULL"), index=True
    )
    article: Mapped[str]
    name: Mapped[str] = mapped_column(Text, default="")
    price: Mapped[int] = mapped_column(Fen)
    quantity: Mapped[int]
    unit: Mapped[str] = mapped_column(default="")

    @property
    def title(self) -> str:
        return f"{self.order_no} {self.name}"


class SellerName(Model):
    """Which supplier a seller on 1688 is, as a buyer has said."""

    __tablename__ = "purchasing_seller_name"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    name: Mapped[str] = mapped_column(String(200), unique=True)
    supplier_id: Mapped[int] = mapped_column(ForeignKey("purchasing_supplier.id"), index=True)

    supplier: Mapped[Supplier] = relationship()


class SellerArticle(Model):
    """Which article a seller's article is, as a buyer has said; ``pieces`` of ours are one of theirs."""

    __tablename__ = "purchasing_seller_article"
    __table_args__ = (UniqueConstraint("store_id", "supplier_id", "article"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    store_id: Mapped[int] = mapped_column(ForeignKey("store.id"))
    supplier_id: Mapped[int] = mapped_column(ForeignKey("purchasing_supplier.id"), index=True)
    article: Mapped[str]
    merchant_code: Mapped[str] = mapped_column(String(80))
    pieces: Mapped[int] = mapped_column(default=1)
