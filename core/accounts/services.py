"""What administrators and people themselves do to user accounts."""

from collections.abc import Mapping

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from core.accounts import passwords, rules
from core.accounts.models import Membership, User
from core.accounts.sessions import end_sessions, forgive, prove
from core.audit.rules import changes
from core.audit.services import record
from core.columns import now
from core.contracts import SYSTEM, Actor
from core.extensions import db
from core.messages import Message, Refusal, msg, refuse
from core.registry import registry
from core.transactions import transaction

TAKEN = msg("Somebody has this login name already.")


def nobody_yet() -> bool:
    """Whether there is no user at all: then, and only then, the first-run page answers."""
    return db.session.scalar(select(User.id).limit(1)) is None


def create_first_administrator(login: str, name: str, password: str, language: str = "zh") -> User:
    """The first user, from the first-run page; refused as soon as there is one."""
    if not nobody_yet():
        raise Refusal(msg("The first administrator is there already. Log in."))
    who = {"login": login, "name": name, "password": password, "language": language}
    return create_user(SYSTEM, **who, admin=True, founder=True)


def create_user(
    actor: Actor,
    *,
    login: str,
    password: str,
    name: str = "",
    admin: bool = False,
    roles: Mapping[str, str] | None = None,
    language: str = "zh",
    time_zone: str = "",
    founder: bool = False,
) -> User:
    """A new user, called by the login if no name is given; ``roles`` maps team code to ``member`` or ``lead``.

    Raises ``Refusal`` naming the field.
    """
    login, roles = rules.normal_login(login), dict(roles or {})
    name = name.strip() or login
    refuse(
        login=rules.login_problem(login),
        name=_name_problem(name),
        password=rules.password_problem(password, login),
        teams=rules.roles_problem(roles, registry().teams),
        language=_language_problem(language),
        time_zone=rules.time_zone_problem(time_zone),
    )
    if db.session.scalar(select(User.id).where(User.login == login)):
        raise Refusal(fields={"login": TAKEN})
    user = User(
        login=login,
        name=name,
        password_hash=_hashed(password),
        admin=admin,
        language=language,
        time_zone=time_zone,
        founder=founder or None,
        memberships=[Membership(team=team, role=role) for team, role in roles.items()],
    )
    try:
        with transaction() as session:
            session.add(user)
            session.flush()
            record(actor, "user_created", user.ref, {"login": login, "name": name, "admin": admin, "roles": roles})
    except IntegrityError as error:  # somebody took the login, or was the founder, while the password was hashed
        raise Refusal(msg("The first administrator is there already. Log in.") if founder else TAKEN) from error
    return user


def edit_user(actor: Actor, user_id: int, *, name: str, admin: bool, roles: Mapping[str, str]) -> User:
    """Change a user's name, rights, teams and roles; they hold from the next request on."""
    name, roles = name.strip(), dict(roles)
    refuse(name=_name_problem(name), teams=rules.roles_problem(roles, registry().teams))
    with transaction() as session:
        user = session.get_one(User, user_id)
        if user.admin and not admin:
            _refuse_without_administrator(user)
        before = _rights(user)
        user.name, user.admin = name, admin
        set_memberships(user, roles)
        if changed := changes(before, _rights(user)):
            record(actor, "user_changed", user.ref, changed)
    return user


def set_memberships(user: User, roles: Mapping[str, str]) -> None:
    """Give the user these teams and no other; a team whose plugin is off keeps its members. Inside a transaction."""
    wanted = dict(roles)
    for membership in list(user.memberships):
        if membership.team in wanted:
            membership.role = wanted.pop(membership.team)
        elif membership.team in registry().teams:
            user.memberships.remove(membership)
    user.memberships.extend(Membership(team=team, role=role) for team, role in wanted.items())


def disable_user(actor: Actor, user_id: int) -> None:
    """Close an account; its sessions end at once, its name stays on what it did."""
    if user_id == actor.user_id:
        raise Refusal(msg("You cannot disable your own account."))
    with transaction() as session:
        user = session.get_one(User, user_id)
        if user.active:
            _refuse_without_administrator(user)
            user.active, user.disabled_at = False, now()
            record(actor, "user_disabled", user.ref, {"sessions": end_sessions(user.id)})


def enable_user(actor: Actor, user_id: int) -> None:
    """Open a closed account again, with the password and teams it had."""
    with transaction() as session:
        user = session.get_one(User, user_id)
        if not user.active:
            user.active, user.disabled_at = True, None
            record(actor, "user_enabled", user.ref)


def set_password(actor: Actor, user_id: int, password: str, keep_session: int | None = None) -> None:
    """Give a user another password; their sessions end, but for the one to keep."""
    user = db.session.get_one(User, user_id)
    refuse(password=rules.password_problem(password, user.login))
    fresh = _hashed(password)
    with transaction() as session:
        user = session.get_one(User, user_id)
        user.password_hash = fresh
        forgive(user.login)
        record(actor, "password_changed", user.ref, {"sessions": end_sessions(user.id, keep_session)})


def change_password(actor: Actor, current: str, password: str, *, ip: str, keep_session: int) -> None:
    """Change one's own password, knowing the ``current`` one; all other devices are logged out."""
    user = db.session.get_one(User, actor.user_id)
    refuse(password=rules.password_problem(password, user.login))
    known = prove(user.login, current, ip)
    if known is None:
        raise Refusal(fields={"current": msg("This is not your current password.")})
    set_password(actor, known.id, password, keep_session)


def set_preferences(actor: Actor, *, language: str, time_zone: str) -> None:
    """Set the language and time zone that the actor reads in."""
    refuse(language=_language_problem(language), time_zone=rules.time_zone_problem(time_zone))
    with transaction() as session:
        user = session.get_one(User, actor.user_id)
        user.language, user.time_zone = language, time_zone


def _hashed(password: str) -> str:
    db.session.rollback()  # whoever waits for a hash must not keep a connection from the others
    return passwords.hashed(password)


def _rights(user: User) -> dict[str, object]:
    return {"name": user.name, "admin": user.admin, "roles": user.roles}


def _name_problem(name: str) -> Message | None:
    return None if 0 < len(name) <= 80 else msg("Give a name of at most 80 characters.")


def _language_problem(language: str) -> Message | None:
    return None if language in rules.LANGUAGES else msg("Choose a language from the list.")


def _refuse_without_administrator(user: User) -> None:
    # locked, so that of two administrators who disable each other at once one is left
    query = select(User.id).where(User.admin, User.active).order_by(User.id)
    active = db.session.scalars(query.with_for_update()).all()
    if set(active) == {user.id}:
        raise Refusal(msg("This is the last administrator; name another one first."))
