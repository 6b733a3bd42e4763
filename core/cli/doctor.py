"""``storeboard doctor``: the settings in force, and whether everything Storeboard stands on is there."""

import ctypes
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from datetime import date, timedelta

import click
from flask import Flask
from sqlalchemy.engine import make_url

from core.cli import _, opened

GIGABYTE = 1024**3
AHEAD = timedelta(days=30)  # so far ahead deadlines are reckoned
SECRET = ("SECRET", "PASSWORD", "TOKEN", "KEY")

Finding = tuple[str, str]  # "ok", "warning" or "error", and a sentence
Check = Callable[[Flask], Iterator[Finding]]


@click.command(help=_("Show the settings and check the installation. Ends with 1 when something is broken."))
def doctor_command() -> None:
    marks = {"ok": _("ok"), "warning": _("look"), "error": _("broken")}
    with opened() as app:
        for name, value in shown_settings(app):
            click.echo(f"{name} = {value}")
        click.echo()
        findings = [finding for check in CHECKS for finding in _made(check, app)]
        for level, sentence in findings:
            click.echo(f"[{marks[level]}] {sentence}")
    sys.exit(any(level == "error" for level, _sentence in findings))


def shown_settings(app: Flask) -> Iterator[tuple[str, str]]:
    """Our settings as they are in force; secrets are masked."""
    from core.config import defaults

    for name in [*defaults(app.config["HOME"]), "SECRET_KEY"]:
        value = str(app.config[name])
        if any(word in name for word in SECRET):
            value = "***"
        elif name.endswith("_URL") and "://" in value:
            value = make_url(value).render_as_string(hide_password=True)
        yield name, value


def _made(check: Check, app: Flask) -> Iterator[Finding]:
    try:
        yield from check(app)
    except Exception as error:
        yield "error", f"{check.__name__}: {getattr(error, 'orig', error)}"


def home(app: Flask) -> Iterator[Finding]:
    folder = app.config["HOME"]
    if not os.access(folder, os.W_OK | os.X_OK):
        yield "error", _("%(folder)s cannot be written to.", folder=folder)
    free = shutil.disk_usage(folder).free
    text = _("%(free)s GB of disk are free under %(folder)s.", free=f"{free / GIGABYTE:.1f}", folder=folder)
    yield "warning" if free < GIGABYTE else "ok", text


def database(_app: Flask) -> Iterator[Finding]:
    from core.migrating import behind, owners

    waiting = behind()
    for owner in owners():
        if owner in waiting:
            text = _("The tables of %(owner)s are not at the newest version. Run: storeboard upgrade", owner=owner)
            yield "error", text
        else:
            yield "ok", _("The tables of %(owner)s are at the newest version.", owner=owner)


def plugins(_app: Flask) -> Iterator[Finding]:
    from core.plugins import standings

    for each in standings():
        if each.failed:
            yield "error", _("The plugin %(name)s failed: %(why)s", name=each.name, why=each.failed)
        elif each.enabled:
            yield "ok", _("The plugin %(name)s is on.", name=each.name)
        else:
            yield "warning", _("The plugin %(name)s is off.", name=each.name)


def documents(app: Flask) -> Iterator[Finding]:
    from core.documents import fonts

    for path in fonts.files(app.config["HOME"]).values():
        yield "ok", _("The font of the documents is there: %(path)s", path=path)
    try:
        ctypes.CDLL("libharfbuzz-subset.so.0")
    except OSError:
        yield "warning", _("libharfbuzz-subset0 is missing: PDFs are made slowly, and are large.")
    else:
        yield "ok", _("libharfbuzz-subset is there.")


def holidays(_app: Flask) -> Iterator[Finding]:
    from core.board.calendar import published_until

    last = published_until()
    text = _("The calendar knows Chinese holidays and make-up workdays until the end of %(year)s.", year=last.year)
    yield "ok" if date.today() + AHEAD <= last else "warning", text


CHECKS: tuple[Check, ...] = (home, database, plugins, documents, holidays)
