"""The table of reviews: which days and teams a document of the matrix is about."""

from datetime import date, datetime

from sqlalchemy import ColumnElement, ForeignKey, true
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.board.matrix.rules import Scope
from core.columns import BigId, now
from core.contracts import Actor
from core.extensions import Model
from core.stores.models import Store


class Review(Model):
    """The handoffs of some days, of one store or all, from or to one team or all: what their review is issued for."""

    __tablename__ = "handoff_review"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    first: Mapped[date]
    last: Mapped[date]
    store_id: Mapped[int | None] = mapped_column(ForeignKey("store.id"))
    team: Mapped[str] = mapped_column(default="")
    created_at: Mapped[datetime] = mapped_column(default=now)

    store: Mapped[Store | None] = relationship()

    @property
    def title(self) -> str:
        return f"{self.first} – {self.last}"

    @property
    def scope(self) -> Scope:
        return Scope(self.first, self.last, self.store_id, self.team)

    @classmethod
    def visible_to(cls, actor: Actor) -> ColumnElement[bool]:
        """Who is in the team; that of all teams is the administrators'."""
        return true() if actor.admin else cls.team.in_(list(actor.roles))
