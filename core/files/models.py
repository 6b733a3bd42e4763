"""The files table: what a stored file is, and who sees it."""

from datetime import datetime

from sqlalchemy import ColumnElement, ForeignKey, String, exists, false, or_
from sqlalchemy.orm import Mapped, mapped_column

from core.columns import BigId, now
from core.contracts import Actor
from core.extensions import Model
from core.files.rules import IMAGE, new_token


class File(Model):
    """One stored file. Its bytes lie under their SHA-256, shared by all rows that hold the same."""

    __tablename__ = "file"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    token: Mapped[str] = mapped_column(String(32), unique=True, default=new_token)
    sha256: Mapped[str] = mapped_column(String(64), index=True)
    size: Mapped[int] = mapped_column(BigId)
    kind: Mapped[str] = mapped_column(String(16), default="")
    media_type: Mapped[str] = mapped_column(String(100))
    name: Mapped[str] = mapped_column(String(200))
    width: Mapped[int | None]
    height: Mapped[int | None]
    thumb: Mapped[str | None] = mapped_column(String(64), index=True)
    created_at: Mapped[datetime] = mapped_column(default=now)
    created_by: Mapped[int | None] = mapped_column(BigId)

    @property
    def is_image(self) -> bool:
        return self.kind == IMAGE

    @classmethod
    def visible_to(cls, actor: Actor) -> ColumnElement[bool]:
        """A file is seen by whoever sees a row that points to it.

        Every model with a foreign key to ``file.id`` and a ``visible_to`` of its own opens its files; a file that
        nothing visible points to is seen by nobody.
        """
        ways = [
            exists().where(column == cls.id, owner.visible_to(actor))
            for owner, column in _owners()
            if hasattr(owner, "visible_to")
        ]
        return or_(false(), *ways)


def file_id(**options: bool) -> Mapped[int]:
    """A column that points to a file."""
    return mapped_column(ForeignKey("file.id"), index=True, **options)


def _owners() -> list[tuple[type, ColumnElement[int]]]:
    found = []
    for mapper in Model.registry.mappers:
        for column in mapper.local_table.columns:
            if any(key.column is File.__table__.c.id for key in column.foreign_keys):
                found.append((mapper.class_, column))
    return found
