"""Whole page or htmx fragment, and what every template can use."""

import json
from collections.abc import Callable, Iterable
from datetime import datetime
from decimal import Decimal
from functools import cache, lru_cache
from importlib.util import find_spec
from operator import itemgetter
from pathlib import Path
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from flask import (
    Blueprint,
    Flask,
    Response,
    current_app,
    flash,
    g,
    make_response,
    render_template,
    request,
    send_file,
    url_for,
)
from flask_babel import format_datetime, get_locale, get_timezone
from flask_wtf.csrf import generate_csrf
from markupsafe import Markup

from core.access import allowed, current_actor, needs
from core.contracts import ANYONE, SIGNED_IN
from core.language import catalogue, gettext
from core.messages import Message, msg
from core.registry import kind_label, registry

bp = Blueprint("web", __name__)


def respond(page: str, fragment: str | None = None, **context: Any) -> Response:
    """The whole ``page``, or only its ``fragment`` when htmx asks for a part."""
    name = fragment if fragment and request.htmx and not request.htmx.history_restore_request else page
    response = make_response(render_template(name, **context))
    response.vary.add("HX-Request")
    return response


def say(message: Message | str) -> str:
    """A message or label in the reader's language."""
    if isinstance(message, Message):
        values = {key: say(v) if isinstance(v, Message) else v for key, v in message.params.items()}
        text = gettext(message.text)
        return text % values if values else text
    return gettext(message) if message else ""


def whole_number(text: str | None) -> int | None:
    """A small whole number from a form or address; None for anything else."""
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 16 else None


def toast(response: Response, message: Message, level: str = "info") -> Response:
    """Let the page show ``message`` beside what an htmx request brings."""
    # json keeps it ASCII: a header holds no Chinese
    response.headers["HX-Trigger"] = json.dumps({"toast": {"level": level, "text": say(message)}})
    return response


def go(endpoint: str, message: Message | None = None, **values: Any) -> Response:
    """Send the browser to another page, saying ``message`` there; htmx follows too."""
    if message is not None:
        flash(say(message))
    response = make_response("", 204 if request.htmx else 303)
    response.headers["HX-Redirect" if request.htmx else "Location"] = url_for(endpoint, **values)
    return response


def yuan(fen: int | None) -> str:
    """Fen as yuan with two decimals and thousands separators."""
    return "" if fen is None else f"{Decimal(fen) / 100:,.2f}"


def minutes(value: float | None) -> str:
    """Working minutes as hours and minutes, in the reader's language."""
    if value is None:
        return ""
    hours, rest = divmod(int(value), 60)
    if not hours:
        return say(msg("%(minutes)s min", minutes=rest))
    if not rest:
        return say(msg("%(hours)s h", hours=hours))
    return say(msg("%(hours)s h %(minutes)s min", hours=hours, minutes=rest))


def zone() -> ZoneInfo:
    """The reader's time zone. With Flask-Babel's own, which is pytz's, a time put together would be that of 1900."""
    return ZoneInfo(str(get_timezone()))


def when(value: datetime | None, form: str = "") -> str:
    """A time in the reader's zone, to the minute unless a ``form`` of Babel's says otherwise."""
    if not value:
        return ""
    if form:
        return format_datetime(value, form)
    return f"{value.astimezone(zone()):%Y-%m-%d %H:%M}"  # lists are long, and Babel takes seven times as long


def local(value: datetime | None) -> datetime | None:
    """A time by the reader's clock, without a zone, as files hold it."""
    return value and value.astimezone(zone()).replace(tzinfo=None)


def day(value: Any) -> str:
    """A date; of a time, the date in the reader's zone."""
    if isinstance(value, datetime):
        value = value.astimezone(zone())
    return f"{value:%Y-%m-%d}" if value else ""


def each(rows: Iterable[Any], *names: str) -> Iterable[Any]:
    """The named values of every row, for a loop to unpack: asking a row for each anew takes a long list's time."""
    return map(itemgetter(*names), rows)


def drawn(template: str, **given: Any) -> Markup:
    """A part of the page that shows nothing but what is ``given`` (frozen values), drawn once for each language.

    It does not get the page's context, and may not ask for the request or the actor: others are shown the same.
    """
    return current_app.extensions["drawn"](template, catalogue(), **given)


def once(macro: Callable[..., Markup]) -> Callable[..., Markup]:
    """A macro that shows nothing but the plain values it is given, drawn once for each of them and each language."""

    @lru_cache(maxsize=2000)
    def draw(catalogue: Any, *given: Any, **named: Any) -> Markup:
        return macro(*given, **named)

    return lambda *given, **named: draw(catalogue(), *given, **named)


class Entry(NamedTuple):
    """One line of the left rail."""

    label: str
    url: str
    icon: str
    active: bool


class Section(NamedTuple):
    """The lines of one team in the left rail; without a label, everybody's. What is not ``open`` shows its label."""

    label: str
    entries: tuple[Entry, ...]
    open: bool


def navigation() -> tuple[Section, ...]:
    """The left rail: what the current actor may open, core's own first; open are the actor's teams and the page's.

    Active is the item whose address comes nearest to the page's own.
    """
    actor, items = current_actor(), registry().nav_items
    may = {permission: allowed(actor, permission) for permission in {item.permission for item in items}}
    found = [(item, url_for(item.endpoint)) for item in items if may[item.permission]]
    nearest = max((url for _, url in found if _is_above(url)), key=len, default=None)
    groups: dict[str, list[Entry]] = {}
    for item, url in found:
        groups.setdefault(item.team, []).append(Entry(item.label, url, item.icon, url == nearest))
    teams = registry().teams
    near = {"", "operations", *actor.roles}  # everybody looks up the store's records
    return tuple(
        Section(
            teams[code].label if code in teams else "", tuple(group), code in near or any(each.active for each in group)
        )
        for code, group in groups.items()
    )


def _is_above(url: str) -> bool:
    return request.path == url or (len(url) > 1 and request.path.startswith(f"{url.rstrip('/')}/"))


def panels_at(place: str, task_type: str = "", **values: Any) -> list[dict[str, str]]:
    """The panels that plugins put at ``place`` (on a task's page those for its type): titles and addresses to load."""
    here = (panel for panel in registry().panels if panel.place == place)
    return [
        {"title": panel.title, "url": url_for(panel.endpoint, **values)}
        for panel in here
        if (not panel.task_types or task_type in panel.task_types) and allowed(current_actor(), panel.permission)
    ]


def is_file(endpoint: str | None) -> bool:
    """Whether the route hands out files that are the same for everybody: one of a static folder or a package."""
    if endpoint in ("static", "web.vendor"):
        return True
    view = current_app.view_functions.get(endpoint) if endpoint and endpoint.endswith(".static") else None
    return getattr(view, "__name__", "") == "send_static_file"


def vendor_files() -> dict[str, Path]:
    """Browser files that come inside pinned Python packages, by the name they are served under."""
    spec = find_spec("django_htmx")
    if spec is None or not spec.submodule_search_locations:
        raise RuntimeError("the package django-htmx, which carries htmx, is not installed: run make")
    folder = Path(next(iter(spec.submodule_search_locations))) / "static" / "django_htmx"
    return {"htmx.min.js": folder / "htmx-2.min.js"}


@bp.get("/static/vendor/<name>")
@needs(ANYONE)
def vendor(name: str) -> Response:
    path = vendor_files().get(name)
    if path is None:
        return make_response("", 404)
    return send_file(path, max_age=31536000)


@bp.get("/healthz")
@needs(ANYONE)
def healthz() -> Response:
    return make_response({"ok": True})


@cache
def sprite() -> str:
    """The address of the icons; asked for at every icon."""
    return url_for("static", filename="icons.svg")


def form_token() -> str:
    """The token that a form of this request carries; Flask-WTF asks the settings anew for each form."""
    return g.get("csrf_token") or generate_csrf()


def init_app(app: Flask) -> None:
    """Register what templates use: filters, globals, and the current request's actor and rail."""

    @lru_cache(maxsize=1000)
    def draw(template: str, catalogue: Any, **given: Any) -> Markup:
        return Markup(app.jinja_env.get_template(template).render(given))

    app.extensions["drawn"] = draw
    app.jinja_env.filters.update(t=say, yuan=yuan, minutes=minutes, when=when, day=day, each=each)
    app.jinja_env.globals.update(allowed=lambda permission, subject=None: allowed(current_actor(), permission, subject))
    app.jinja_env.globals.update(
        panels_at=panels_at, navigation=navigation, registry=registry, SIGNED_IN=SIGNED_IN, sprite=sprite
    )
    app.jinja_env.globals.update(drawn=drawn, csrf_token=form_token, once=once, kind_label=kind_label)
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.json.ensure_ascii = False  # type: ignore[attr-defined]

    @app.context_processor
    def request_values() -> dict[str, Any]:
        return {"actor": current_actor(), "language": str(get_locale() or app.config["LANGUAGE"])}
