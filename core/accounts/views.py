"""Pages for logging in and for one's own preferences."""

from collections.abc import Callable
from typing import Any

from babel import Locale
from flask import Blueprint, Response, current_app, g, redirect, render_template, request, session
from flask.typing import ResponseReturnValue

from core.access import current_actor, load, needs
from core.accounts import rules, services, sessions
from core.accounts.gate import LANGUAGE_COOKIE, locale_selector, own_page, session_cookie
from core.accounts.models import LoginSession, User
from core.contracts import ANYONE, SIGNED_IN
from core.messages import Refusal, msg
from core.pages import answer
from core.web import go

bp = Blueprint("accounts", __name__)

# The zones of those who trade with China; any other name is accepted too.
TIME_ZONES = (
    "Asia/Shanghai",
    "Asia/Hong_Kong",
    "Asia/Taipei",
    "Asia/Singapore",
    "Asia/Tokyo",
    "Asia/Seoul",
    "Asia/Bangkok",
    "Asia/Dubai",
    "Europe/London",
    "Europe/Berlin",
    "America/New_York",
    "America/Los_Angeles",
    "Australia/Sydney",
    "UTC",
)


@bp.get("/log-in")
@needs(ANYONE)
def log_in() -> ResponseReturnValue:
    """The log-in page; who is logged in goes on at once, and without any user the first one is asked for."""
    if current_actor().user_id is not None:
        return redirect(rules.safe_next(request.args.get("next")), 303)
    if services.nobody_yet():
        return go("accounts.first_run")
    return render_template("accounts/login.html", login="", next=request.args.get("next", ""), problem=None)


@bp.post("/log-in")
@needs(ANYONE)
def check_log_in() -> ResponseReturnValue:
    login, target = request.form.get("login", ""), request.form.get("next", "")
    try:
        return _logged_in(login, request.form.get("password", ""))
    except Refusal as refusal:
        wait = refusal.retry_after
        page = render_template("accounts/login.html", login=login, next=target, problem=refusal.reasons[0])
        return page, 429 if wait else 401, {"Retry-After": str(wait)} if wait else {}


@bp.post("/log-out")
@needs(ANYONE)
def log_out() -> ResponseReturnValue:
    if g.presence:
        sessions.log_out(current_actor(), g.presence.session_id)
    return _forgotten(go("accounts.log_in"))


@bp.get("/first-run")
@needs(ANYONE)
def first_run() -> ResponseReturnValue:
    """Ask for the first administrator, while there is no user."""
    return _first_run()


@bp.post("/first-run")
@needs(ANYONE)
def create_first() -> ResponseReturnValue:
    login, name, password = (request.form.get(field, "") for field in ("login", "name", "password"))
    try:
        services.create_first_administrator(login, name, password, locale_selector())
        return _logged_in(login, password)
    except Refusal as refusal:
        return _first_run(refusal)


def _first_run(refusal: Refusal | None = None) -> Response:
    if not services.nobody_yet():
        return go("accounts.log_in")
    return answer("accounts/first_run.html", refusal, values=request.form)


@bp.post("/language")
@needs(ANYONE)
def language() -> ResponseReturnValue:
    """Switch the language: of this browser, and of who is logged in."""
    chosen = request.form.get("language", "")
    if chosen not in rules.LANGUAGES:
        raise Refusal(msg("Choose a language from the list."))
    if g.presence:
        services.set_preferences(current_actor(), language=chosen, time_zone=g.presence.time_zone)
    target = rules.safe_next(request.form.get("next") or own_page(request.referrer))
    response = redirect(target, 303)
    response.set_cookie(LANGUAGE_COOKIE, chosen, max_age=31_536_000, **_cookie_flags())
    return response


@bp.get("/preferences")
@needs(SIGNED_IN)
def preferences() -> ResponseReturnValue:
    return _preferences()


@bp.post("/preferences")
@needs(SIGNED_IN)
def save_preferences() -> ResponseReturnValue:
    chosen = {field: request.form.get(field, "") for field in ("language", "time_zone")}
    return attempt(
        lambda: services.set_preferences(current_actor(), **chosen),
        lambda: go("accounts.preferences", msg("Your preferences are stored.")),
        _preferences,
    )


@bp.post("/preferences/password")
@needs(SIGNED_IN)
def change_password() -> ResponseReturnValue:
    current, password = request.form.get("current", ""), request.form.get("password", "")
    keep, ip = g.presence.session_id, request.remote_addr or ""
    return attempt(
        lambda: services.change_password(current_actor(), current, password, ip=ip, keep_session=keep),
        lambda: go("accounts.preferences", msg("Your password is changed; all other devices are logged out.")),
        _preferences,
    )


@bp.post("/preferences/sessions/<int:session_id>/end")
@needs(SIGNED_IN)
def end_session(session_id: int) -> ResponseReturnValue:
    """Log out one of one's own devices."""
    mine = load(LoginSession, current_actor(), id=session_id)
    sessions.log_out(current_actor(), mine.id)
    return go("accounts.preferences", msg("That device is logged out."))


@bp.post("/preferences/log-out-everywhere")
@needs(SIGNED_IN)
def log_out_everywhere() -> ResponseReturnValue:
    sessions.log_out_everywhere(current_actor())
    return _forgotten(go("accounts.log_in", msg("You are logged out on all devices.")))


def attempt(
    work: Callable[[], Any], done: Callable[[], Response], again: Callable[[Refusal], ResponseReturnValue]
) -> ResponseReturnValue:
    """Do ``work``; show the form ``again``, with what was entered, if it is refused."""
    try:
        work()
    except Refusal as refusal:
        if refusal.retry_after:
            raise
        return again(refusal)
    return done()


def _preferences(refusal: Refusal | None = None) -> ResponseReturnValue:
    own = load(User, current_actor(), id=current_actor().user_id)
    return answer(
        "accounts/preferences.html",
        refusal,
        values=request.form,
        user=own,
        languages=[(code, Locale(code).get_display_name(code).title()) for code in rules.LANGUAGES],
        time_zones=TIME_ZONES if own.time_zone in ("", *TIME_ZONES) else (own.time_zone, *TIME_ZONES),
        sessions=sessions.living(own.id),
        this_session=g.presence.session_id,
    )


def _logged_in(login: str, password: str) -> Response:
    token = sessions.log_in(
        login,
        password,
        ip=request.remote_addr or "",
        agent=request.headers.get("User-Agent", ""),
        replaces=request.cookies.get(session_cookie(), ""),
    )
    session.clear()  # a form token from before must not be good for what is done after
    response = redirect(rules.safe_next(request.form.get("next")), 303)
    response.set_cookie(session_cookie(), token, max_age=int(rules.ABSOLUTE.total_seconds()), **_cookie_flags())
    return response


def _forgotten(response: Response) -> Response:
    messages = session.get("_flashes")
    session.clear()
    if messages:
        session["_flashes"] = messages
    response.delete_cookie(session_cookie(), **_cookie_flags())
    return response


def _cookie_flags() -> dict[str, Any]:
    return {"httponly": True, "samesite": "Lax", "secure": current_app.config["SECURE_COOKIES"], "path": "/"}
