"""Tables of what went wrong: exceptions, claims on couriers, their bills and what is wrong in them."""

from datetime import date, datetime

from sqlalchemy import ColumnElement, ForeignKey, Index, Text, UniqueConstraint, select
from sqlalchemy.orm import Mapped, declared_attr, mapped_column, relationship

from core.accounts.models import User
from core.board.models import Task
from core.columns import BigId, Fen, now
from core.contracts import Actor
from core.extensions import Model
from core.files.models import File, file_id
from core.stores.models import Order
from plugins.logistics.models.parcels import NEVER_AGAIN, OfStore, Parcel
from plugins.logistics.models.settings import Rule


class Parcelled(OfStore):
    """What concerns a parcel, or an order, or both; it outlives the import that brought the parcel."""

    @declared_attr
    def parcel_id(cls) -> Mapped[int | None]:
        return mapped_column(ForeignKey("logistics_parcel.id", ondelete="SET NULL"), index=True)

    @declared_attr
    def parcel(cls) -> Mapped[Parcel | None]:
        return relationship()


class Case(Parcelled, Model):
    """An exception: what went wrong with a parcel or an order, whose it is, and what it costs or gets back.

    ``at_risk`` is money that may be lost, ``cost`` what was lost or spent, ``recovered`` what came back.
    """

    __tablename__ = "logistics_case"
    __table_args__ = (
        UniqueConstraint("store_id", "key"),
        Index("ix_logistics_case_state", "state", "closed_at", "due_at"),
        Index("ix_logistics_case_closed", "closed_at"),
        Index("ix_logistics_case_since", "since_at", "carrier", "kind", "state"),
        NEVER_AGAIN,
    )

    key: Mapped[str]
    kind: Mapped[str]
    rule_id: Mapped[int | None] = mapped_column(ForeignKey("logistics_rule.id"))
    order_id: Mapped[int | None] = mapped_column(ForeignKey("sales_order.id", ondelete="SET NULL"), index=True)
    subject: Mapped[str]  # the waybill or order number, also when the record is gone
    warehouse: Mapped[str | None]
    carrier: Mapped[str | None]
    state: Mapped[str] = mapped_column(default="open")
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    remedy: Mapped[str] = mapped_column(default="")
    since_at: Mapped[datetime]  # when it went wrong
    found_at: Mapped[datetime] = mapped_column(default=now)
    due_at: Mapped[datetime | None]
    at_risk: Mapped[int] = mapped_column(Fen, default=0)
    cost: Mapped[int] = mapped_column(Fen, default=0)
    recovered: Mapped[int] = mapped_column(Fen, default=0)
    note: Mapped[str] = mapped_column(Text, default="")
    task_id: Mapped[int | None] = mapped_column(ForeignKey("task.id"), index=True)
    closed_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)

    order: Mapped[Order | None] = relationship()
    owner: Mapped[User | None] = relationship()
    task: Mapped[Task | None] = relationship()
    rule: Mapped[Rule | None] = relationship()

    @property
    def title(self) -> str:
        return self.subject


class Claim(Parcelled, Model):
    """What is demanded of a courier: why, how much, with which evidence, until when, and what came of it."""

    __tablename__ = "logistics_claim"
    __table_args__ = (Index("ix_logistics_claim_state", "state", "deadline"), NEVER_AGAIN)

    number: Mapped[str] = mapped_column(unique=True)
    carrier: Mapped[str] = mapped_column(default="")
    kind: Mapped[str]
    subject: Mapped[str] = mapped_column(default="")  # the waybill
    case_id: Mapped[int | None] = mapped_column(ForeignKey("logistics_case.id"), index=True)
    amount: Mapped[int] = mapped_column(Fen)
    evidence: Mapped[str] = mapped_column(Text, default="")
    deadline: Mapped[date]
    state: Mapped[str] = mapped_column(default="draft")
    granted: Mapped[int] = mapped_column(Fen, default=0)
    result: Mapped[str] = mapped_column(Text, default="")
    task_id: Mapped[int | None] = mapped_column(ForeignKey("task.id"), index=True)
    sent_at: Mapped[datetime | None]
    settled_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(default=now)
    version: Mapped[int] = mapped_column(default=1)

    case: Mapped[Case | None] = relationship()
    task: Mapped[Task | None] = relationship()
    findings: Mapped[list["Finding"]] = relationship(order_by="Finding.id", viewonly=True)
    files: Mapped[list["ClaimFile"]] = relationship(order_by="ClaimFile.id")

    @property
    def title(self) -> str:
        return self.number


class ClaimFile(Model):
    """A photo or paper that shows what is claimed; one that came with a task is the task's own file."""

    __tablename__ = "logistics_claim_file"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    claim_id: Mapped[int] = mapped_column(ForeignKey("logistics_claim.id"), index=True)
    file_id: Mapped[int] = file_id()
    by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    at: Mapped[datetime] = mapped_column(default=now)

    file: Mapped[File] = relationship(lazy="joined", innerjoin=True)
    by: Mapped[User | None] = relationship()

    @classmethod
    def visible_to(cls, actor: Actor) -> ColumnElement[bool]:
        return cls.claim_id.in_(select(Claim.id).where(Claim.visible_to(actor)))


class BillLine(OfStore, Model):
    """One line of a courier's bill, as it stands there: a parcel billed twice is two lines."""

    __tablename__ = "logistics_bill_line"
    __table_args__ = (UniqueConstraint("store_id", "key"), NEVER_AGAIN)

    key: Mapped[str]
    waybill_no: Mapped[str] = mapped_column(index=True)
    carrier: Mapped[str | None]
    shipped_at: Mapped[datetime | None]
    region: Mapped[str | None]
    grams: Mapped[int | None]
    amount: Mapped[int] = mapped_column(Fen)
    parcel_id: Mapped[int | None] = mapped_column(ForeignKey("logistics_parcel.id", ondelete="SET NULL"), index=True)
    expected: Mapped[int | None] = mapped_column(Fen)
    own_grams: Mapped[int | None]
    checked_at: Mapped[datetime | None]

    parcel: Mapped[Parcel | None] = relationship(viewonly=True)
    findings: Mapped[list["Finding"]] = relationship(order_by="Finding.id", viewonly=True)

    @property
    def title(self) -> str:
        return self.waybill_no


class Finding(Model):
    """One difference of a bill line: billed too heavy, to a wrong region, at a wrong price, twice, or never shipped."""

    __tablename__ = "logistics_finding"
    __table_args__ = (UniqueConstraint("line_id", "kind"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    line_id: Mapped[int] = mapped_column(ForeignKey("logistics_bill_line.id", ondelete="CASCADE"))
    kind: Mapped[str]
    amount: Mapped[int] = mapped_column(Fen)
    claim_id: Mapped[int | None] = mapped_column(ForeignKey("logistics_claim.id"), index=True)

    line: Mapped[BillLine] = relationship(viewonly=True)
