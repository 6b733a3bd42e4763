"""Logging in and out, and who a session's token stands for."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from math import ceil

from sqlalchemy import ColumnElement, Row, and_, bindparam, delete, not_, select, update

from core.accounts import passwords, rules
from core.accounts.models import LoginAttempt, LoginSession, Membership, User
from core.accounts.passwords import Throttled
from core.audit.services import record
from core.columns import now
from core.contracts import Actor, Ref
from core.extensions import db
from core.messages import Refusal, msg
from core.transactions import transaction

WRONG = msg("Login name or password is wrong, or the account is disabled.")


@dataclass(frozen=True)
class Presence:
    """A living session: whose it is and how they like to read."""

    actor: Actor
    session_id: int
    seen_at: datetime
    language: str
    time_zone: str


_sessions, _users, _members = LoginSession.__table__.c, User.__table__.c, Membership.__table__.c

# Put together once: this is asked in every request, and building it costs as much as asking it.
_PRESENCE = (
    select(
        _sessions.id,
        _sessions.seen_at,
        _users.id,
        _users.name,
        _users.admin,
        _users.language,
        _users.time_zone,
        _members.team,
        _members.role,
    )
    .select_from(LoginSession.__table__.join(User.__table__).outerjoin(Membership.__table__))
    .where(
        _sessions.token_sha256 == bindparam("digest"),
        _sessions.expires_at > bindparam("moment"),
        _sessions.seen_at > bindparam("idle_since"),
        _users.active,
    )
)


def presence_of(token: str) -> Presence | None:
    """The session that ``token`` opens, in one query; None if it is over or its user disabled."""
    moment = now()
    given = {"digest": _digest(token), "moment": moment, "idle_since": moment - rules.IDLE}
    rows = db.session.connection().execute(_PRESENCE, given).all()
    if not rows:
        return None
    session_id, seen_at, user_id, name, admin, language, time_zone = rows[0][:7]
    roles = {team: role for *_, team, role in rows if team}
    return Presence(Actor(user_id, name, roles, admin), session_id, seen_at, language, time_zone)


def log_in(login: str, password: str, *, ip: str = "", agent: str = "", replaces: str = "") -> str:
    """A new session's token, for the cookie; the session of the token it ``replaces`` ends.

    Raises ``Refusal``, in the same words whether the login, the password or the account's state is wrong, and
    ``Throttled`` after too many failures.
    """
    known = prove(login, password, ip)
    if known is None:
        raise Refusal(WRONG)
    renewed = passwords.hashed(password) if passwords.outdated(known.password_hash) else None
    with transaction() as session:
        user = session.get_one(User, known.id)
        if not user.active or user.password_hash != known.password_hash:  # changed while it was checked
            raise Refusal(WRONG)
        if renewed:
            user.password_hash = renewed
        session.execute(delete(LoginSession).where(not_(and_(*_alive(now())))))
        session.execute(delete(LoginSession).where(LoginSession.token_sha256 == _digest(replaces)))
        token = open_session(user.id, ip=ip, agent=agent)
        record(Actor(user.id, user.name), "logged_in", user.ref, {"ip": ip})
    return token


def open_session(user_id: int, *, ip: str = "", agent: str = "") -> str:
    """A new session's token. Inside a transaction."""
    token, moment = secrets.token_urlsafe(32), now()
    db.session.add(
        LoginSession(
            token_sha256=_digest(token),
            user_id=user_id,
            created_at=moment,
            seen_at=moment,
            expires_at=moment + rules.ABSOLUTE,
            ip=ip[:45],
            agent=agent[:200],
        )
    )
    return token


def prove(login: str, password: str, ip: str) -> Row[tuple[int, str, str]] | None:
    """Id, name and hash of the active user whose login and password these are. Each try counts against the login and
    the address."""
    login = rules.normal_login(login)[:64]
    attempt = _reserve(login, ip[:45])
    mine = select(User.id, User.name, User.password_hash).where(User.login == login, User.active)
    known = db.session.execute(mine).first()
    db.session.rollback()  # whoever waits for a hash must not keep a connection from the others
    try:
        right = passwords.matches(password, known.password_hash if known else None)
    except Throttled:
        _take_back(attempt)
        raise
    with transaction() as session:
        if right:
            session.execute(update(LoginAttempt).where(LoginAttempt.id == attempt).values(succeeded=True))
        elif known:  # an unknown login is not logged: it may well be a password typed into the wrong box
            record(Actor(None, known.name), "log_in_failed", Ref("core.user", known.id), {"ip": ip})
    return known if right else None


def _take_back(attempt: int) -> None:
    with transaction() as session:
        session.execute(delete(LoginAttempt).where(LoginAttempt.id == attempt))


def _reserve(login: str, ip: str) -> int:
    """Count a try as failed before it is made: so a hundred made at the same moment do not slip through together."""
    moment = now()
    with transaction() as session:
        # serialises tries of one account where the database lets several transactions write
        session.execute(select(User.id).where(User.login == login).with_for_update())
        session.execute(delete(LoginAttempt).where(LoginAttempt.at < moment - rules.ATTEMPTS_KEPT))
        waits = [
            rules.retry_at(_failures(LoginAttempt.login == login, moment), rules.TRIES_PER_LOGIN),
            rules.retry_at(_failures(LoginAttempt.ip == ip, moment), rules.TRIES_PER_ADDRESS),
        ]
        if until := max(filter(None, waits), default=None):
            seconds = max(1, ceil((until - moment).total_seconds()))
            raise Throttled(
                msg("Too many failed tries. Try again in %(minutes)s minutes.", minutes=ceil(seconds / 60)), seconds
            )
        attempt = LoginAttempt(login=login, ip=ip, at=moment)
        session.add(attempt)
        session.flush()
        return attempt.id


def _failures(which: ColumnElement[bool], moment: datetime) -> Sequence[datetime]:
    recent = select(LoginAttempt.at).where(which, LoginAttempt.at > moment - rules.WINDOW, ~LoginAttempt.succeeded)
    return db.session.scalars(recent.order_by(LoginAttempt.at.desc()).limit(rules.TRIES_PER_ADDRESS)).all()


def forgive(login: str) -> None:
    """Let a login be tried again at once: it has a new password. Inside a transaction."""
    db.session.execute(delete(LoginAttempt).where(LoginAttempt.login == login))


def seen(session_id: int) -> None:
    """Note that the session is in use."""
    with transaction() as session:
        session.execute(update(LoginSession).where(LoginSession.id == session_id).values(seen_at=now()))


def log_out(actor: Actor, session_id: int) -> None:
    """End one of the actor's own sessions."""
    with transaction() as session:
        mine = session.scalar(
            select(LoginSession).where(LoginSession.id == session_id, LoginSession.user_id == actor.user_id)
        )
        if mine is not None:
            session.delete(mine)
            record(actor, "logged_out", session.get_one(User, mine.user_id).ref)


def end_sessions(user_id: int, keep: int | None = None) -> int:
    """End all sessions of a user but the one to ``keep``; how many ended. Inside a transaction."""
    which = [LoginSession.user_id == user_id, *([LoginSession.id != keep] if keep else [])]
    return db.session.execute(delete(LoginSession).where(*which)).rowcount


def log_out_everywhere(actor: Actor) -> int:
    """End the actor's sessions on all devices; how many ended."""
    with transaction() as session:
        ended = end_sessions(actor.user_id or 0)
        record(actor, "logged_out_everywhere", session.get_one(User, actor.user_id).ref, {"sessions": ended})
    return ended


def living(user_id: int) -> Sequence[LoginSession]:
    """A user's sessions that are not over, the last used first."""
    alive = select(LoginSession).where(LoginSession.user_id == user_id, *_alive(now()))
    return db.session.scalars(alive.order_by(LoginSession.seen_at.desc())).all()


def _alive(moment: datetime) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return LoginSession.expires_at > moment, LoginSession.seen_at > moment - rules.IDLE


def _digest(token: str) -> str:
    return sha256(token.encode()).hexdigest()
