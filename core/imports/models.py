"""Tables of imports: the batch that a file is, its parts, and what became of each row."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ColumnElement, ForeignKey, Index, LargeBinary, Text, func, select, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.accounts.models import User
from core.columns import BigId, now
from core.contracts import Actor
from core.extensions import Model
from core.files.models import File, file_id
from core.jobs.models import Job, Sentence
from core.messages import N_, Message
from core.stores.models import Store

CHECKED, APPLYING, APPLIED, UNDONE = "checked", "applying", "applied", "undone"
WRITING = "writing"  # in steps: see ``unfinished``

STATES = {
    CHECKED: N_("Dry run"),
    APPLYING: N_("Being applied"),
    WRITING: N_("Being stored"),
    APPLIED: N_("Applied"),
    UNDONE: N_("Taken back"),
}

CREATED, UPDATED, UNCHANGED, REPEAT, REJECTED, CONFLICT = (
    "created",
    "updated",
    "unchanged",
    "repeat",
    "rejected",
    "conflict",
)
KEPT = "kept"  # by an undo, because somebody edited it since
MANY = text("last_id IS NOT NULL")


def through(rows: Iterable[Any]) -> set[int]:
    """The ids of all the records that rows tell of."""
    return {number for row in rows for number in range(row.record_id, (row.last_id or row.record_id) + 1)}


class ImportBatch(Model):
    """One file taken in, or tried. ``checked`` is a dry run that waits for a yes; rows = created + updated +
    unchanged + rejected, a repeat counting as unchanged."""

    __tablename__ = "import_batch"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    state: Mapped[str] = mapped_column(default=CHECKED)
    kind: Mapped[str]
    permission: Mapped[str]
    store_id: Mapped[int | None] = mapped_column(ForeignKey("store.id"), index=True)
    store_name: Mapped[str]  # of a store that the import is to make
    file_name: Mapped[str]
    sha256: Mapped[str] = mapped_column(index=True)  # of the untouched original, which is not kept
    size: Mapped[int] = mapped_column(BigId)
    rows: Mapped[int] = mapped_column(default=0)
    created: Mapped[int] = mapped_column(default=0)
    updated: Mapped[int] = mapped_column(default=0)
    unchanged: Mapped[int] = mapped_column(default=0)
    repeats: Mapped[int] = mapped_column(default=0)
    rejected: Mapped[int] = mapped_column(default=0)
    sample: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)  # of a dry run, see ``preview``
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    actor_name: Mapped[str]
    job_id: Mapped[int | None] = mapped_column(ForeignKey("job.id", ondelete="SET NULL"))
    created_at: Mapped[datetime] = mapped_column(default=now)
    applied_at: Mapped[datetime | None]
    undone_at: Mapped[datetime | None]

    store: Mapped[Store | None] = relationship()
    actor: Mapped[User | None] = relationship()
    job: Mapped[Job | None] = relationship()
    parts: Mapped[list["ImportPart"]] = relationship(order_by="ImportPart.id", cascade="all, delete-orphan")

    @classmethod
    def visible_to(cls, actor: Actor) -> ColumnElement[bool]:
        """Who may run its importer."""
        from core.access import allowed
        from core.registry import registry

        held = {kind.permission for kind in registry().importers.values() if allowed(actor, kind.permission)}
        return cls.permission.in_(held)


class ImportPart(Model):
    """One table of the file, kept as evidence without its buyers; of one that no importer reads, the name alone."""

    __tablename__ = "import_part"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    batch_id: Mapped[int] = mapped_column(ForeignKey("import_batch.id", ondelete="CASCADE"), index=True)
    sheet: Mapped[str]
    kind: Mapped[str]  # empty: not read
    rows: Mapped[int] = mapped_column(default=0)
    file_id: Mapped[int | None] = file_id()

    file: Mapped[File | None] = relationship()

    @classmethod
    def visible_to(cls, actor: Actor) -> ColumnElement[bool]:
        return cls.batch_id.in_(select(ImportBatch.id).where(ImportBatch.visible_to(actor)))


class ImportRow(Model):
    """What became of one record of one row; of a rejected row, why.

    A large file's new records are told of many at once: those from ``record_id`` to ``last_id``, with the numbers of
    their rows, the first that of ``record_id``.
    """

    __tablename__ = "import_row"
    __table_args__ = (
        Index("ix_import_row_batch", "batch_id", "action"),
        Index("ix_import_row_record", "kind", "record_id"),
        Index("ix_import_row_many", "kind", "record_id", sqlite_where=MANY, postgresql_where=MANY),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    batch_id: Mapped[int] = mapped_column(ForeignKey("import_batch.id", ondelete="CASCADE"))
    sheet: Mapped[str] = mapped_column(default="")
    number: Mapped[int]
    action: Mapped[str]
    kind: Mapped[str] = mapped_column(default="")
    record_id: Mapped[int | None] = mapped_column(BigId)
    column: Mapped[str] = mapped_column(default="")
    value: Mapped[str] = mapped_column(Text, default="")
    message: Mapped[Message | None] = mapped_column(Sentence)
    last_id: Mapped[int | None] = mapped_column(BigId)
    numbers: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)  # of 4 bytes each, the lowest first

    @classmethod
    def tells_of(cls, kind: str, record_id: int) -> ColumnElement[bool]:
        """Whether it speaks of this record: to find rows by their record."""
        of = select(cls.id).where(cls.kind == kind)
        many = of.where(cls.last_id.is_not(None), cls.record_id <= record_id, cls.last_id >= record_id)
        return cls.id.in_(of.where(cls.record_id == record_id).union_all(many))

    @classmethod
    def told(cls, record: Any) -> ColumnElement[bool]:
        """Whether it speaks of the record with the id in this column: to find records by their row."""
        return record.between(cls.record_id, func.coalesce(cls.last_id, cls.record_id))

    def number_of(self, record_id: int) -> int:
        """The number of the row that a record came from."""
        if self.record_id is None or self.numbers is None:
            return self.number
        at = 4 * (record_id - self.record_id)
        return int.from_bytes(self.numbers[at : at + 4], "little")

    @classmethod
    def rejected(cls, batch_id: int, rejected: Any) -> dict[str, Any]:
        """The values of a row that was not taken."""
        return {
            "batch_id": batch_id,
            "sheet": rejected.sheet,
            "number": rejected.row,
            "action": REJECTED,
            "column": rejected.column,
            "value": rejected.value,
            "message": rejected.message,
        }
