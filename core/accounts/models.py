"""Users, their memberships of teams, their sign-ins."""

from datetime import datetime

from sqlalchemy import ColumnElement, ForeignKey, Index, String, UniqueConstraint, true
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.columns import BigId, now
from core.contracts import Actor, Ref
from core.extensions import Model


class User(Model):
    """A person who signs in; never deleted, since the log names them, only disabled."""

    __tablename__ = "user_account"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    login: Mapped[str] = mapped_column(String(64), unique=True)
    name: Mapped[str] = mapped_column(String(80))
    password_hash: Mapped[str] = mapped_column(String(200))
    admin: Mapped[bool] = mapped_column(default=False)
    active: Mapped[bool] = mapped_column(default=True)
    language: Mapped[str] = mapped_column(String(5), default="zh")
    time_zone: Mapped[str] = mapped_column(String(64), default="")  # empty: the installation's
    created_at: Mapped[datetime] = mapped_column(default=now)
    disabled_at: Mapped[datetime | None]
    # True for the one made on the first-run page, else null: of two people there at once, the database lets one in.
    founder: Mapped[bool | None] = mapped_column(unique=True)

    memberships: Mapped[list["Membership"]] = relationship(
        back_populates="user", cascade="all, delete-orphan", order_by="Membership.team"
    )

    @property
    def roles(self) -> dict[str, str]:
        """Team code to role, teams whose plugin is off included."""
        return {membership.team: membership.role for membership in self.memberships}

    @property
    def ref(self) -> Ref:
        return Ref("core.user", self.id)

    @classmethod
    def visible_to(cls, actor: Actor) -> ColumnElement[bool]:
        return true() if actor.admin else cls.id == actor.user_id


class Membership(Model):
    """A user's place in a team. The team is offered by a plugin; while that is off, the membership rests."""

    __tablename__ = "membership"
    __table_args__ = (UniqueConstraint("user_id", "team"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id", ondelete="CASCADE"))
    team: Mapped[str] = mapped_column(String(40), index=True)
    role: Mapped[str] = mapped_column(String(10))

    user: Mapped[User] = relationship(back_populates="memberships")


class LoginSession(Model):
    """One browser signed in. Only the token's hash is kept: who reads the database cannot sign in with it."""

    __tablename__ = "login_session"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    token_sha256: Mapped[str] = mapped_column(String(64), unique=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)
    ip: Mapped[str] = mapped_column(String(45), default="")
    agent: Mapped[str] = mapped_column(String(200), default="")

    @classmethod
    def visible_to(cls, actor: Actor) -> ColumnElement[bool]:
        return cls.user_id == actor.user_id


class LoginAttempt(Model):
    """One try to sign in, kept for a day; it counts as failed until it has succeeded."""

    __tablename__ = "login_attempt"
    __table_args__ = (
        Index("ix_login_attempt_login_at", "login", "at"),
        Index("ix_login_attempt_ip_at", "ip", "at"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    login: Mapped[str] = mapped_column(String(64))
    ip: Mapped[str] = mapped_column(String(45))
    at: Mapped[datetime] = mapped_column(index=True)
    succeeded: Mapped[bool] = mapped_column(default=False)
