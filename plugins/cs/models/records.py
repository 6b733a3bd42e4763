"""What customer service imports or finds: after-sale cases, ratings, scores, promises, members."""

from datetime import datetime

from sqlalchemy import JSON, ColumnElement, ForeignKey, Index, String, Text, UniqueConstraint, false, text, true
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.access import allowed
from core.board.models import Task
from core.columns import BigId, Fen, now
from core.contracts import Actor
from core.extensions import Model
from core.stores.models import Order, Store

NEVER_AGAIN = {"sqlite_autoincrement": True}
TAGGED = "length(CAST(tags AS TEXT)) > 4"  # more than null or []: that a row has tags, as the indexes know it


class Record:
    """What customer service's records have in common: who may see them."""

    @classmethod
    def visible_to(cls, actor: Actor) -> ColumnElement[bool]:
        """Whoever may look at customer service's records."""
        return true() if allowed(actor, "cs.view") else false()


class AfterSale(Record, Model):
    """One refund or return case as the platform exports it."""

    __tablename__ = "cs_after_sale"
    __table_args__ = (
        UniqueConstraint("store_id", "refund_no"),
        Index("ix_cs_after_sale_order", "store_id", "order_no"),
        Index("ix_cs_after_sale_applied", "store_id", "applied_at"),
        Index("ix_cs_after_sale_refund_no", "refund_no"),
        Index("ix_cs_after_sale_order_no", "order_no"),
        Index("ix_cs_after_sale_status", "status", "due_at"),
        NEVER_AGAIN,
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    store_id: Mapped[int] = mapped_column(ForeignKey("store.id"))
    refund_no: Mapped[str]
    order_no: Mapped[str]
    order_id: Mapped[int | None] = mapped_column(ForeignKey("sales_order.id", ondelete="SET NULL"), index=True)
    trade_no: Mapped[str | None]
    item_id: Mapped[str | None]
    merchant_code: Mapped[str | None] = mapped_column(index=True)
    items: Mapped[str | None] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(default="")
    kind_text: Mapped[str | None]
    status: Mapped[str] = mapped_column(default="")
    status_text: Mapped[str | None]
    goods_text: Mapped[str | None]
    phase: Mapped[str] = mapped_column(default="")  # in_sale, after_sale
    whole: Mapped[str | None]  # 全部退款 or 部分退款
    paid: Mapped[int | None] = mapped_column(Fen)
    amount: Mapped[int] = mapped_column(Fen)
    reason: Mapped[str | None]
    tag: Mapped[str | None]
    explanation: Mapped[str | None] = mapped_column(Text)
    note: Mapped[str | None] = mapped_column(Text)
    responsible: Mapped[str | None]
    platform_involved: Mapped[str | None]
    return_waybill_no: Mapped[str | None]
    return_carrier: Mapped[str | None]
    paid_at: Mapped[datetime | None]
    applied_at: Mapped[datetime | None]
    due_at: Mapped[datetime | None]
    evidence_due_at: Mapped[datetime | None]
    returned_at: Mapped[datetime | None]
    completed_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime] = mapped_column(default=now)

    store: Mapped[Store] = relationship()
    order: Mapped[Order | None] = relationship(viewonly=True)

    @property
    def title(self) -> str:
        return self.refund_no


class Rating(Record, Model):
    """One comment on an article, without its author."""

    __tablename__ = "cs_rating"
    __table_args__ = (
        UniqueConstraint("store_id", "key"),
        Index("ix_cs_rating_item", "store_id", "item_id", "rated_at"),
        Index("ix_cs_rating_item_id", "item_id"),
        Index("ix_cs_rating_rated", "rated_at"),
        Index("ix_cs_rating_cause", "cause", "rated_at"),
        # all that the inbox counts by article and cause, of those that name one
        Index(
            "ix_cs_rating_groups",
            *("store_id", "item_id", "cause", "task_id", "rated_at", "product_id", "sku_id", "colour"),
            sqlite_where=text("cause <> ''"),
            postgresql_where=text("cause <> ''"),
        ),
        Index("ix_cs_rating_tagged", "id", sqlite_where=text(TAGGED), postgresql_where=text(TAGGED)),
        NEVER_AGAIN,
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    store_id: Mapped[int] = mapped_column(ForeignKey("store.id"))
    key: Mapped[str]
    item_id: Mapped[str]
    product_id: Mapped[int | None] = mapped_column(ForeignKey("product.id", ondelete="SET NULL"), index=True)
    sku_id: Mapped[str | None]
    colour: Mapped[str | None]
    grade: Mapped[str | None]
    text: Mapped[str | None] = mapped_column(Text)
    later_text: Mapped[str | None] = mapped_column(Text)
    rated_at: Mapped[datetime | None]
    later_at: Mapped[datetime | None]
    cause: Mapped[str] = mapped_column(default="")
    tags: Mapped[list[str] | None] = mapped_column(JSON)
    task_id: Mapped[int | None] = mapped_column(ForeignKey("task.id"), index=True)
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime] = mapped_column(default=now)

    store: Mapped[Store] = relationship()

    @property
    def title(self) -> str:
        return (self.text or self.key)[:60]


class ShopScore(Record, Model):
    """The shop's scores (DSR) on one day, in hundredths."""

    __tablename__ = "cs_shop_score"
    __table_args__ = (UniqueConstraint("store_id", "key"), NEVER_AGAIN)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    store_id: Mapped[int] = mapped_column(ForeignKey("store.id"))
    key: Mapped[str]  # the day
    description: Mapped[int | None]
    service: Mapped[int | None]
    logistics: Mapped[int | None]
    overall: Mapped[int | None]

    @property
    def title(self) -> str:
        return self.key


class Promise(Record, Model):
    """Money promised to a buyer (小额打款, 好评返现): found in a note as a draft, confirmed, approved, paid once."""

    __tablename__ = "cs_promise"
    __table_args__ = (
        UniqueConstraint("store_id", "key"),
        Index("ix_cs_promise_promised", "state", "promised_at"),
        Index("ix_cs_promise_sums", "state", "store_id", "amount"),
        NEVER_AGAIN,
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    store_id: Mapped[int] = mapped_column(ForeignKey("store.id"))
    key: Mapped[str]  # order number and amount: one promise is found once, however often the note is read
    order_no: Mapped[str] = mapped_column(index=True)
    order_id: Mapped[int | None] = mapped_column(ForeignKey("sales_order.id", ondelete="SET NULL"), index=True)
    amount: Mapped[int] = mapped_column(Fen)
    kind: Mapped[str]  # goodwill, cashback, price_difference
    source: Mapped[str]  # note, ticket, hand
    text: Mapped[str] = mapped_column(Text, default="")
    state: Mapped[str] = mapped_column(default="draft")  # draft, dropped, confirmed, handed, paid
    task_id: Mapped[int | None] = mapped_column(ForeignKey("task.id"), index=True)
    promised_at: Mapped[datetime] = mapped_column(default=now)
    confirmed_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    confirmed_at: Mapped[datetime | None]
    approved_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    approved_at: Mapped[datetime | None]
    paid_at: Mapped[datetime | None]
    reason: Mapped[str] = mapped_column(Text, default="")
    version: Mapped[int] = mapped_column(default=1)

    store: Mapped[Store] = relationship()
    order: Mapped[Order | None] = relationship(viewonly=True)
    task: Mapped[Task | None] = relationship()

    @property
    def title(self) -> str:
        return self.order_no


class Member(Record, Model):
    """A buyer of one store under an irreversible pseudonym: what they bought, never who they are."""

    __tablename__ = "cs_member"
    __table_args__ = (
        UniqueConstraint("store_id", "pseudonym"),
        Index("ix_cs_member_last", "last_at"),
        Index("ix_cs_member_spent", "spent"),
        Index("ix_cs_member_tier", "tier", "spent"),
        Index("ix_cs_member_last_order_no", "last_order_no"),
        Index("ix_cs_member_store_tier", "store_id", "tier", "spent"),
        Index("ix_cs_member_tagged", "id", sqlite_where=text(TAGGED), postgresql_where=text(TAGGED)),
        NEVER_AGAIN,
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    store_id: Mapped[int] = mapped_column(ForeignKey("store.id"))
    pseudonym: Mapped[str] = mapped_column(String(40))
    tier: Mapped[str] = mapped_column(default="")
    tags: Mapped[list[str]] = mapped_column(JSON, default=list)
    orders: Mapped[int] = mapped_column(default=0)
    spent: Mapped[int] = mapped_column(Fen, default=0)
    first_at: Mapped[datetime | None]
    last_at: Mapped[datetime | None]
    last_order_no: Mapped[str] = mapped_column(default="")

    store: Mapped[Store] = relationship()

    @property
    def title(self) -> str:
        return self.pseudonym


class MemberKey(Model):
    """The secret that a store's pseudonyms are made with: without it none can be led back, and no two stores agree."""

    __tablename__ = "cs_member_key"

    store_id: Mapped[int] = mapped_column(ForeignKey("store.id"), primary_key=True)
    key: Mapped[str] = mapped_column(String(64))
