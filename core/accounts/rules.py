"""What a login, a password, a return address and a language may be; when too many tries are too many."""

import re
import unicodedata
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from urllib.parse import unquote
from zoneinfo import ZoneInfo

from core.messages import N_, Message, msg

ROLES = ("member", "lead")
LANGUAGES = ("zh", "en")
ROLE_LABELS = {"member": N_("Member"), "lead": N_("Team lead")}

IDLE = timedelta(hours=12)
ABSOLUTE = timedelta(days=7)
SEEN_EVERY = timedelta(minutes=1)

WINDOW = timedelta(minutes=15)
TRIES_PER_LOGIN = 10
TRIES_PER_ADDRESS = 50  # an office shares one address
ATTEMPTS_KEPT = timedelta(days=1)

SHORTEST, LONGEST = 8, 200


def normal_login(text: str) -> str:
    """The one spelling of a login: without blanks around, lower case, full-width letters made plain."""
    return unicodedata.normalize("NFKC", text).strip().lower()


def login_problem(login: str) -> Message | None:
    """Why ``login`` (normalised) cannot be one."""
    if not login:
        return msg("Give a login name.")
    if not re.fullmatch(r"[\w.@+-]{2,64}", login):
        return msg("A login name has 2 to 64 letters, digits or . _ - @ +")
    return None


def normal_password(text: str) -> str:
    """Full-width characters, which a Chinese keyboard slips in unseen, count as their plain ones."""
    return unicodedata.normalize("NFKC", text)


@cache
def common() -> frozenset[str]:
    """Passwords that everybody tries first, as Chinese shops use them."""
    return frozenset(Path(__file__).with_name("common_passwords.txt").read_text().split())


def password_problem(password: str, login: str) -> Message | None:
    """Why ``password`` is refused for ``login``."""
    password = normal_password(password)
    if len(password) < SHORTEST:
        return msg("A password needs at least %(count)s characters.", count=SHORTEST)
    if len(password) > LONGEST:
        return msg("A password has at most %(count)s characters.", count=LONGEST)
    if login and normal_login(password) == login:
        return msg("The password must not be the login name.")
    if password.lower() in common() or len(set(password)) < 3:
        return msg("This password is one of the first that anybody would try. Take another.")
    return None


def retry_at(failures: Sequence[datetime], limit: int) -> datetime | None:
    """When the next try is allowed, given the times of failed ones; None if it is allowed now."""
    recent = sorted(failures)[-limit:]
    return recent[0] + WINDOW if len(recent) >= limit else None


def safe_next(target: str | None) -> str:
    """``target`` if it is a path on this site, else the first page.

    Browsers drop tabs and line breaks, read ``\\`` as ``/`` and take what follows ``//`` for a host.
    """
    if not target or not target.startswith("/") or any(ord(char) <= 32 or char in "\\\x7f" for char in target):
        return "/"
    target = target.partition("#")[0]
    path = target.partition("?")[0]
    for form in (path, unquote(path), unquote(unquote(path))):
        if "//" in form or any(ord(char) < 32 or char in "\\\x7f" for char in form):
            return "/"
    return target


def language_of(accepted: Iterable[str], default: str) -> str:
    """The language for a browser that names these, best first: Chinese for every kind of zh, else English.

    Asking Werkzeug for the best match of zh-CN and en answers "en" to browsers that say zh, zh-Hans-CN or zh-TW.
    """
    mains = [re.split(r"[-_]", tag.lower())[0] for tag in accepted]
    named = [main for main in mains if main != "*"]
    return next((main for main in named if main in LANGUAGES), "en" if named else default)


def time_zone_problem(name: str) -> Message | None:
    """Why ``name`` cannot be a time zone; the empty name is the installation's own."""
    try:
        ZoneInfo(name or "UTC")
    except (LookupError, ValueError, OSError):  # unknown, a path, or a folder of zones
        return msg("There is no time zone %(name)s.", name=name)
    return None


def roles_problem(roles: dict[str, str], teams: Collection[str]) -> Message | None:
    """Why these roles (team code to role) cannot be given."""
    for team, role in roles.items():
        if team not in teams:
            return msg("There is no team %(team)s.", team=team)
        if role not in ROLES:
            return msg("There is no role %(role)s.", role=role)
    return None
