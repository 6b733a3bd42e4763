"""Tables of money files. Money is fen (minor units of ``currency`` where a name says foreign), times are UTC.

No counterparty is stored. A file's own totals are kept beside its lines, for every run to check again.
"""

from datetime import datetime

from sqlalchemy import ColumnElement, ForeignKey, Index, Text, UniqueConstraint, false, true
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.access import allowed
from core.columns import BigId, Fen, now
from core.contracts import Actor
from core.extensions import Model
from core.stores.models import BY_THE_MILLION, Store

NEVER_AGAIN = {"sqlite_autoincrement": True}


class Finance:
    """Seen by members of finance."""

    @classmethod
    def visible_to(cls, actor: Actor) -> ColumnElement[bool]:
        return true() if allowed(actor, "finance.view") else false()


class Book(Finance):
    """What the tables of this plugin's records have in common: a store, a natural key, who may see them."""

    __table_args__ = (NEVER_AGAIN,)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    store_id: Mapped[int] = mapped_column(ForeignKey("store.id"))
    key: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(default=now)

    @property
    def title(self) -> str:
        return self.key


class Line(Book, Model):
    """One movement of money in one account of the store, as its statement says it.

    ``amount`` is positive for money in, in fen of CNY; a foreign movement also has ``foreign_amount`` and the
    platform's own ``rate``. ``order_no`` is the order that the line names, ``order_by`` what named it (``base``,
    ``merchant``, ``memo``, ``waybill``). ``opened_at`` is when the trade behind it was paid, where the line tells.
    """

    __tablename__ = "finance_line"
    __table_args__ = (
        UniqueConstraint("store_id", "key"),
        Index("ix_finance_line_at", "store_id", "at"),
        Index("ix_finance_line_newest", "at"),
        Index("ix_finance_line_order", "store_id", "order_no"),
        BY_THE_MILLION,
    )

    source: Mapped[str]  # the importer's name without its owner: alipay_statement, settlement ...
    account: Mapped[str]  # channel:number, such as alipay:2088...0156
    flow_no: Mapped[str | None]
    trade_no: Mapped[str | None]
    merchant_no: Mapped[str | None] = mapped_column(Text)
    base_order_no: Mapped[str | None]
    order_no: Mapped[str | None]
    order_by: Mapped[str] = mapped_column(default="")
    waybill_no: Mapped[str | None]
    at: Mapped[datetime]
    opened_at: Mapped[datetime | None]
    kind: Mapped[str] = mapped_column(default="")
    subject: Mapped[str | None] = mapped_column(Text)
    memo: Mapped[str | None] = mapped_column(Text)
    amount: Mapped[int] = mapped_column(Fen)
    balance: Mapped[int | None] = mapped_column(Fen)
    currency: Mapped[str] = mapped_column(default="CNY")
    foreign_amount: Mapped[int | None] = mapped_column(Fen)
    rate: Mapped[str | None]

    store: Mapped[Store] = relationship()


class Control(Book, Model):
    """What a statement says of itself: its period, its counts and sums by direction, its first and last balance.

    ``key`` is the account and the file's period. Rows of the file must agree with it when it is imported, and every run
    over the whole of its period checks the stored lines against it again.
    """

    __tablename__ = "finance_control"
    __table_args__ = (UniqueConstraint("store_id", "key"), NEVER_AGAIN)

    account: Mapped[str]
    first_at: Mapped[datetime | None]
    until: Mapped[datetime | None]  # exclusive
    in_count: Mapped[int | None]
    in_sum: Mapped[int | None] = mapped_column(Fen)
    out_count: Mapped[int | None]
    out_sum: Mapped[int | None] = mapped_column(Fen)  # positive
    opening: Mapped[int | None] = mapped_column(Fen)
    closing: Mapped[int | None] = mapped_column(Fen)
    chained: Mapped[bool] = mapped_column(default=False)  # whether the running balance held from row to row


class SettlementBatch(Book, Model):
    """One payout of a Tmall Global store: ``amount`` - ``fee`` = ``settlement``, in minor units of ``currency``."""

    __tablename__ = "finance_settlement"
    __table_args__ = (UniqueConstraint("store_id", "key"), NEVER_AGAIN)

    settled_at: Mapped[datetime]
    amount: Mapped[int] = mapped_column(Fen)
    fee: Mapped[int] = mapped_column(Fen)
    settlement: Mapped[int] = mapped_column(Fen)
    currency: Mapped[str]

    @property
    def batch_no(self) -> str:
        return self.key


class SettlementDetail(Book, Model):
    """One trade (P) or refund (R) within a payout, in foreign minor units and in fen by the platform's rate."""

    __tablename__ = "finance_settlement_detail"
    __table_args__ = (
        UniqueConstraint("store_id", "key"),
        Index("ix_finance_settlement_detail_at", "store_id", "settled_at"),
        Index("ix_finance_settlement_detail_order", "store_id", "order_no"),
        NEVER_AGAIN,
    )

    order_no: Mapped[str]
    batch_no: Mapped[str | None]  # from the file's name, where it says
    type: Mapped[str]
    amount: Mapped[int] = mapped_column(Fen)
    rmb_amount: Mapped[int] = mapped_column(Fen)
    fee: Mapped[int] = mapped_column(Fen)
    settlement: Mapped[int] = mapped_column(Fen)
    rmb_settlement: Mapped[int] = mapped_column(Fen)
    currency: Mapped[str]
    rate: Mapped[str | None]
    paid_at: Mapped[datetime | None]
    settled_at: Mapped[datetime]
    items: Mapped[str | None] = mapped_column(Text)


class SettlementFee(Book, Model):
    """One fee of one trade: from a payout's fee file (``settlement``) or from the list of a month (``monthly``)."""

    __tablename__ = "finance_settlement_fee"
    __table_args__ = (
        UniqueConstraint("store_id", "key"),
        Index("ix_finance_settlement_fee_order", "store_id", "order_no"),
        NEVER_AGAIN,
    )

    source: Mapped[str]
    order_no: Mapped[str]
    trade_no: Mapped[str | None]
    fee_type: Mapped[str] = mapped_column(Text)
    gross: Mapped[int] = mapped_column(Fen)
    rmb_gross: Mapped[int] = mapped_column(Fen)
    fee: Mapped[int] = mapped_column(Fen)
    rmb_fee: Mapped[int] = mapped_column(Fen)
    currency: Mapped[str]
    rate: Mapped[str | None]
    paid_at: Mapped[datetime | None]
    memo: Mapped[str | None] = mapped_column(Text)


class Trade(Book, Model):
    """One trade in the platform's or Alipay's own list: no movement of money, but what one must add up to."""

    __tablename__ = "finance_trade"
    __table_args__ = (
        UniqueConstraint("store_id", "key"),
        Index("ix_finance_trade_order", "store_id", "order_no"),
        NEVER_AGAIN,
    )

    source: Mapped[str]
    order_no: Mapped[str | None]
    trade_no: Mapped[str | None]
    type: Mapped[str]
    amount: Mapped[int] = mapped_column(Fen)  # fen
    refund: Mapped[int | None] = mapped_column(Fen)
    fee: Mapped[int | None] = mapped_column(Fen)
    currency: Mapped[str] = mapped_column(default="CNY")
    foreign_amount: Mapped[int | None] = mapped_column(Fen)
    foreign_fee: Mapped[int | None] = mapped_column(Fen)
    foreign_refund: Mapped[int | None] = mapped_column(Fen)
    foreign_settlement: Mapped[int | None] = mapped_column(Fen)
    settlement: Mapped[int | None] = mapped_column(Fen)
    rate: Mapped[str | None]
    paid_at: Mapped[datetime | None]
    settled_at: Mapped[datetime | None]
