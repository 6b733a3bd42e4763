"""Tables of the design plugin."""

from datetime import date, datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.accounts.models import User
from core.columns import BigId, now
from core.extensions import Model


class Capacity(Model):
    """How many size points a designer may have in hand, where the lead has set it."""

    __tablename__ = "design_capacity"

    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), primary_key=True)
    points: Mapped[int]


class RushDecision(Model):
    """The design lead's word on one rush request, as it was handed over in one leg: offered anew, it is asked anew."""

    __tablename__ = "design_rush"

    leg_id: Mapped[int] = mapped_column(ForeignKey("task_leg.id"), primary_key=True)
    task_id: Mapped[int] = mapped_column(ForeignKey("task.id"), index=True)
    approved: Mapped[bool]
    by_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    at: Mapped[datetime] = mapped_column(default=now)
    reason: Mapped[str] = mapped_column(String(500), default="")

    by: Mapped[User] = relationship()


class BannedWord(Model):
    """A word that copy may not hold from one day to another; a ``strict`` one refuses the brief, another warns."""

    __tablename__ = "design_banned_word"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    text: Mapped[str] = mapped_column(String(40), unique=True)
    ground: Mapped[str] = mapped_column(String(200))
    strict: Mapped[bool]
    since: Mapped[date]
    until: Mapped[date | None]  # the last day
