"""Snapshots into pages: a sandboxed environment that sees plain values and knows how documents write things."""

import io
import json
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import segno
from flask import Flask
from jinja2 import StrictUndefined, pass_context
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup

from core.documents.rules import capital_amount
from core.language import gettext, ngettext
from core.web import minutes, say, yuan

KEY = "document_templates"


def environment(app: Flask) -> ImmutableSandboxedEnvironment:
    """The templates of documents: found where the app finds its own, but run with nothing of the app in reach."""
    if KEY not in app.extensions:
        made = ImmutableSandboxedEnvironment(
            loader=app.jinja_env.loader,
            autoescape=True,
            undefined=StrictUndefined,  # a value the snapshot lacks is an error, not a blank in a signed paper
            extensions=["jinja2.ext.i18n"],
            trim_blocks=True,
            lstrip_blocks=True,
        )
        made.install_gettext_callables(gettext, ngettext, newstyle=True)  # type: ignore[attr-defined]
        made.filters.update(t=say, yuan=yuan, minutes=minutes, capitals=capital_amount)
        made.filters.update(when=when, day=day, bytes=in_bytes, qr=qr)
        app.extensions[KEY] = made
    return app.extensions[KEY]


def _moment(context: Context, value: str | datetime) -> datetime:
    moment = datetime.fromisoformat(value) if isinstance(value, str) else value
    return moment.astimezone(ZoneInfo(context["document"]["zone"]))


@pass_context
def when(context: Context, value: str | datetime | None) -> str:
    """A time in the document's zone."""
    return f"{_moment(context, value):%Y-%m-%d %H:%M}" if value else ""


@pass_context
def day(context: Context, value: str | date | None) -> str:
    """A date; of a time, the date in the document's zone."""
    if not value:
        return ""
    if isinstance(value, datetime) or (isinstance(value, str) and len(value) > len("2026-11-22")):
        return f"{_moment(context, value):%Y-%m-%d}"
    return str(value)


def in_bytes(size: int) -> str:
    """A file's size with its unit."""
    amount, unit = float(size), "B"
    for unit in ("B", "KB", "MB", "GB"):
        if amount < 1024 or unit == "GB":
            break
        amount /= 1024
    return f"{amount:.0f} {unit}" if unit == "B" or amount >= 100 else f"{amount:.1f} {unit}"


def qr(text: str) -> Markup:
    """A QR code as SVG without a size of its own; the style sheet says how large it is printed."""
    out = io.BytesIO()
    segno.make(text, error="m", micro=False).save(
        out, kind="svg", xmldecl=False, svgns=True, border=0, omitsize=True, svgclass="qr", lineclass=None
    )
    return Markup(out.getvalue().decode())


def plain(value: Any) -> Any:
    """``value`` as JSON holds it; times as ISO text in UTC. Raises ``TypeError`` for what is not plain."""
    return json.loads(json.dumps(value, default=_as_text))


def _as_text(value: Any) -> str:
    if isinstance(value, datetime) and value.tzinfo is None:
        raise TypeError("a time without a zone cannot stand in a document")
    if not isinstance(value, date):
        raise TypeError(f"a document holds plain values only, not {type(value).__name__}")
    return value.astimezone(UTC).isoformat() if isinstance(value, datetime) else value.isoformat()
