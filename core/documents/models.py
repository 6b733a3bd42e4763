"""Issued documents and their PDFs: rows that are added and never changed, which the database itself sees to."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ColumnElement, ForeignKey, Index, String, Text, and_, false, or_, select, true
from sqlalchemy.orm import Mapped, foreign, mapped_column, relationship

from core.access import allowed
from core.append_only import never_changed
from core.board.models import Task
from core.columns import BigId, now
from core.contracts import Actor, Ref
from core.extensions import Model
from core.files.models import File, file_id
from core.files.rules import new_token
from core.registry import registry
from core.stores.models import Store

TASK = "core.task"


def _its_task() -> ColumnElement[bool]:
    return and_(Document.subject_kind == TASK, foreign(Document.subject_id) == Task.id)


class Document(Model):
    """An issued document: its number, what it says, and all it takes to print it again alike.

    It is issued when this row is stored, and printed a moment later: ``printed`` is then its PDF.
    """

    __tablename__ = "document"
    __table_args__ = (Index("ix_document_subject", "subject_kind", "subject_id", "kind"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    number: Mapped[str] = mapped_column(String(40), unique=True)
    kind: Mapped[str] = mapped_column(String(100))
    label: Mapped[str] = mapped_column(String(200))
    template: Mapped[str] = mapped_column(String(200))
    template_version: Mapped[str] = mapped_column(String(20))
    subject_kind: Mapped[str] = mapped_column(String(100))
    subject_id: Mapped[int] = mapped_column(BigId)
    store_id: Mapped[int | None] = mapped_column(ForeignKey("store.id"), index=True)
    language: Mapped[str] = mapped_column(String(5))
    zone: Mapped[str] = mapped_column(String(64))
    snapshot: Mapped[dict[str, Any]] = mapped_column(JSON)
    snapshot_sha256: Mapped[str] = mapped_column(String(64))
    address: Mapped[str] = mapped_column(String(300))
    token: Mapped[str] = mapped_column(String(32), unique=True, default=new_token)
    supersedes_id: Mapped[int | None] = mapped_column(ForeignKey("document.id"), index=True)
    issued_at: Mapped[datetime] = mapped_column(default=now)
    issued_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    issuer: Mapped[str] = mapped_column(String(200))

    printed: Mapped["DocumentPrint | None"] = relationship(viewonly=True)
    supersedes: Mapped["Document | None"] = relationship(remote_side=[id])
    store: Mapped[Store | None] = relationship(viewonly=True)
    task: Mapped[Task | None] = relationship(primaryjoin=_its_task, viewonly=True)

    @property
    def subject(self) -> Ref:
        return Ref(self.subject_kind, self.subject_id)

    @classmethod
    def visible_to(cls, actor: Actor) -> ColumnElement[bool]:
        """Who sees a task sees its documents; a record's are for those who may see its kind of record."""
        if actor.admin:
            return true()
        if actor.user_id is None:
            return false()
        ways = [and_(cls.subject_kind == TASK, cls.subject_id.in_(select(Task.id).where(Task.visible_to(actor))))]
        for kind in registry().record_types.values():
            if allowed(actor, kind.permission):
                seen = getattr(kind.model, "visible_to", None)
                here = cls.subject_kind == kind.name
                ways.append(and_(here, cls.subject_id.in_(select(kind.model.id).where(seen(actor)))) if seen else here)
        return or_(*ways)


class DocumentPrint(Model):
    """The one PDF of a document."""

    __tablename__ = "document_print"

    document_id: Mapped[int] = mapped_column(ForeignKey("document.id"), primary_key=True)
    file_id: Mapped[int] = file_id()
    sha256: Mapped[str] = mapped_column(String(64))
    missing: Mapped[str] = mapped_column(Text, default="")
    printed_at: Mapped[datetime] = mapped_column(default=now)

    document: Mapped[Document] = relationship()
    file: Mapped[File] = relationship()

    @classmethod
    def visible_to(cls, actor: Actor) -> ColumnElement[bool]:
        return cls.document_id.in_(select(Document.id).where(Document.visible_to(actor)))


TRIGGERS = never_changed("an issued document is never changed", Document, DocumentPrint)  # for migrations too
