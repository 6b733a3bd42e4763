"""The gate every request passes: who is it, may they, and in which language do they read."""

import logging
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, Response, abort, current_app, g, has_request_context, make_response, redirect, request, url_for
from flask.typing import ResponseReturnValue

from core.access import allowed, current_actor
from core.accounts import rules, sessions
from core.columns import now
from core.contracts import ANYONE
from core.web import is_file

log = logging.getLogger("storeboard.access")
LANGUAGE_COOKIE = "storeboard_language"
SAFE_METHODS = ("GET", "HEAD", "OPTIONS")


def init_app(app: Flask) -> None:
    """Let every request of ``app`` pass the gate."""
    app.before_request(identify)
    app.before_request(guard)
    app.after_request(note_use)


def identify() -> None:
    """Find out who asks."""
    if is_file(request.endpoint):
        return
    token = request.cookies.get(session_cookie())
    g.presence = sessions.presence_of(token) if token else None
    if g.presence:
        g.actor = g.presence.actor


def guard() -> ResponseReturnValue | None:
    """Refuse what the route's declared permission does not allow; a route that declares none is refused to all."""
    if request.endpoint is None or is_file(request.endpoint):
        return None
    permission = getattr(current_app.view_functions[request.endpoint], "permission", None)
    if permission is None:
        log.error("%s declares no permission and is refused", request.endpoint)
        abort(403)
    if request.method not in SAFE_METHODS and comes_from_elsewhere():
        abort(403)
    if permission == ANYONE or allowed(current_actor(), permission):
        return None
    return ask_to_log_in() if current_actor().user_id is None else abort(403)


def comes_from_elsewhere() -> bool:
    """Whether the browser says that another site made this request; a second lock beside the form token."""
    if site := request.headers.get("Sec-Fetch-Site"):
        return site not in ("same-origin", "none")
    origin = request.headers.get("Origin")
    own = {request.host, urlsplit(current_app.config["PUBLIC_URL"]).netloc} - {""}
    return origin is not None and origin.partition("://")[2] not in own


def ask_to_log_in() -> Response:
    """Send the browser to the log-in page, and from there back to the page it is on."""
    if request.accept_mimetypes.best == "application/json":
        abort(401)
    if request.method == "GET" and not request.htmx:
        page = request.full_path.removesuffix("?")
    else:
        page = own_page(request.htmx.current_url or request.referrer)
    target = rules.safe_next(page)
    url = url_for("accounts.log_in", next=None if target == "/" else target)
    if not request.htmx:
        return redirect(url, 303)
    response = make_response("", 204)
    response.headers["HX-Redirect"] = url
    return response


def own_page(url: str | None) -> str:
    """What follows the host in the address of one of our own pages."""
    return "/" + (url or "").partition("://")[2].partition("/")[2]


def note_use(response: Response) -> Response:
    """Keep a used session alive, at most once a minute and after the answer is out: nobody waits for it.

    What a page fetches by itself does not count, or an open tab would never time out.
    """
    presence = g.get("presence")
    by_itself = request.method in SAFE_METHODS and request.headers.get("HX-Request")
    if presence and not by_itself and now() - presence.seen_at > rules.SEEN_EVERY:
        app: Any = current_app._get_current_object()  # type: ignore[attr-defined]

        def note() -> None:
            with app.app_context():
                sessions.seen(presence.session_id)

        response.call_on_close(note)
    return response


def session_cookie() -> str:
    """The session cookie's name; the prefix makes browsers refuse it from plain http and from other hosts."""
    return "__Host-storeboard" if current_app.config["SECURE_COOKIES"] else "storeboard_session"


def locale_selector() -> str:
    """The reader's language: their choice, else the browser's, else the installation's."""
    default = current_app.config["LANGUAGE"]
    if not has_request_context():
        return default
    if presence := g.get("presence"):
        return presence.language
    chosen = request.cookies.get(LANGUAGE_COOKIE)
    if chosen in rules.LANGUAGES:
        return chosen
    return rules.language_of([tag for tag, quality in request.accept_languages if quality > 0], default)


def timezone_selector() -> str:
    """The reader's time zone, else the installation's."""
    presence = g.get("presence") if has_request_context() else None
    return (presence and presence.time_zone) or current_app.config["TIME_ZONE"]
