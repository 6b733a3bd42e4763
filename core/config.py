"""Settings and their defaults; ``STOREBOARD_*`` in the environment overrides them."""

import os
import secrets
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from core.messages import Refusal, msg

MEGABYTE = 1024 * 1024


def home() -> Path:
    """The folder that holds all state: database, files, fonts, secret."""
    return Path(os.environ.get("STOREBOARD_HOME") or "instance").resolve()


def defaults(folder: Path) -> dict[str, Any]:
    """What can be set, and what holds unless it is."""
    return {
        "HOME": folder,
        "DATABASE_URL": f"sqlite:///{folder / 'storeboard.sqlite3'}",
        "FILES_URL": str(folder / "files"),
        "QUEUE_URL": "",
        "PLUGINS_DISABLED": "",
        "PUBLIC_URL": "",
        "TRUSTED_PROXIES": 0,
        "SECURE_COOKIES": False,
        "TIME_ZONE": "Asia/Shanghai",
        "LANGUAGE": "zh",
        "MAX_CONTENT_LENGTH": 64 * MEGABYTE,
        "MAX_FORM_MEMORY_SIZE": 2 * MEGABYTE,
        "MAX_FORM_PARTS": 2000,
    }


def settings(**overrides: Any) -> dict[str, Any]:
    """All settings of one app: defaults, then the environment, then ``overrides``."""
    folder = Path(overrides.get("HOME") or home())
    values = defaults(folder)
    for name in values:
        if text := os.environ.get(f"STOREBOARD_{name}", "").strip():
            values[name] = _given(name, values[name], text)
    values.update(overrides)
    values["HOME"] = Path(values["HOME"])
    values.setdefault("SECRET_KEY", os.environ.get("STOREBOARD_SECRET_KEY") or _own_secret(values["HOME"]))
    return values | {
        "SQLALCHEMY_DATABASE_URI": values["DATABASE_URL"],
        "SQLALCHEMY_ENGINE_OPTIONS": _engine_options(values["DATABASE_URL"]),
        "BABEL_DEFAULT_LOCALE": values["LANGUAGE"],
        "BABEL_DEFAULT_TIMEZONE": values["TIME_ZONE"],
        "WTF_CSRF_TIME_LIMIT": None,  # a brief may be written over days; the token dies with the session
        "SESSION_COOKIE_NAME": "__Host-storeboard_form" if values["SECURE_COOKIES"] else "storeboard_form",
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_SECURE": values["SECURE_COOKIES"],
    }


def disabled(settings: Mapping[str, Any]) -> list[str]:
    """The names of the plugins that are switched off."""
    return [name.strip() for name in settings["PLUGINS_DISABLED"].split(",") if name.strip()]


def _given(name: str, default: Any, text: str) -> Any:
    """A setting as the environment gives it; one that cannot be is refused by its name."""
    try:
        return (BY_NAME.get(name) or BY_KIND.get(type(default), type(default)))(text)
    except (ValueError, LookupError, OSError) as error:  # a zone's name may be a folder, too
        problem = msg(
            "STOREBOARD_%(name)s cannot be “%(text)s”; docs/operating.md tells what it takes.", name=name, text=text
        )
        raise Refusal(problem) from error


def _truth(text: str) -> bool:
    return TRUTHS[text.lower()]


def _count(text: str) -> int:
    if not text.isdecimal():
        raise ValueError(text)
    return int(text)


def _language(text: str) -> str:
    return {"zh": "zh", "en": "en"}[text]


def _zone(text: str) -> str:
    return ZoneInfo(text).key


def _address(text: str) -> str:
    parts = urlsplit(text)
    if not (parts.scheme in {"http", "https"} and parts.hostname):
        raise ValueError(text)
    return text


TRUTHS = dict.fromkeys(("1", "true", "yes", "on"), True) | dict.fromkeys(("0", "false", "no", "off"), False)
BY_NAME: dict[str, Callable[[str], Any]] = {"LANGUAGE": _language, "PUBLIC_URL": _address, "TIME_ZONE": _zone}
BY_KIND: dict[type, Callable[[str], Any]] = {int: _count, bool: _truth}


def _engine_options(url: str) -> dict[str, Any]:
    silent = {"hide_parameters": True}  # what people wrote is nothing for a log, or for the words of a failed job
    if url.startswith("sqlite"):
        connect = {"timeout": 15, "check_same_thread": False}
        return silent | {"connect_args": connect, "pool_size": 16, "max_overflow": 48}
    return silent | {"pool_pre_ping": True, "pool_size": 10, "max_overflow": 20}


def _own_secret(folder: Path) -> str:
    """This installation's secret, made on first use; there is no default that two installations could share."""
    path = folder / "secret"
    folder.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        with NamedTemporaryFile("w", dir=folder) as file:  # which only its owner may read
            file.write(secrets.token_hex(32))
            file.flush()
            with suppress(FileExistsError):  # another process was first: its secret holds
                os.link(file.name, path)
    return path.read_text()
