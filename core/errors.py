"""Every refusal and failure as a page, a fragment or JSON: what happened, what was kept, what to do."""

import json
import logging
import re
import secrets
from dataclasses import dataclass

from flask import Flask, Response, current_app, g, make_response, render_template, request
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DataError
from werkzeug.exceptions import HTTPException

from core.extensions import db
from core.messages import Message, Refusal, msg
from core.web import say

log = logging.getLogger("storeboard.errors")
NOTHING = msg("Nothing was changed.")


@dataclass(frozen=True)
class Explanation:
    """What an error page says."""

    happened: Message
    todo: Message
    kept: Message = NOTHING


EXPLANATIONS = {
    400: Explanation(
        msg("The request could not be understood."), msg("Go back, check what you entered and send it again.")
    ),
    401: Explanation(msg("You are not logged in."), msg("Log in and try again.")),
    403: Explanation(msg("You may not do this."), msg("Ask your team lead or an administrator if you need it.")),
    404: Explanation(
        msg("There is no such page, or it is not open to you."),
        msg("Check the address, or look for it from the first page."),
    ),
    405: Explanation(msg("This address does not take that kind of request."), msg("Use the buttons on the page.")),
    409: Explanation(
        msg("Somebody else changed this first."),
        msg("Reload the page, look at what changed, and decide again."),
        msg("Their change is kept; yours was not stored."),
    ),
    413: Explanation(msg("What you sent is too large."), msg("Send a smaller file, or several one after the other.")),
    422: Explanation(msg("This cannot be done."), msg("Go back, correct it and send it again.")),
    429: Explanation(msg("That was too often in a short time."), msg("Wait a little and try again.")),
    500: Explanation(
        msg("Something in the program failed; it is not your mistake."),
        msg("Try again. If it happens again, give the number below to your administrator."),
        msg("What was stored before is kept; this step was not stored."),
    ),
}
EXPIRED_FORM = Explanation(
    msg("The page was open too long, or was not ours, so its form was not accepted."),
    msg("Go back, reload the page and send it again."),
    msg("You are still logged in; nothing was changed."),
)
TOO_LONG = Explanation(
    msg("A value is longer or larger than can be stored."), msg("Go back, shorten it and send it again.")
)


def init_app(app: Flask) -> None:
    """Answer every error of ``app`` in the user's language."""
    app.register_error_handler(HTTPException, on_http_error)
    app.register_error_handler(Refusal, on_refusal)
    app.register_error_handler(DataError, on_unstorable)
    app.register_error_handler(OverflowError, on_unstorable)


def request_id() -> str:
    """The name of this request in the log and on an error page."""
    if "request_id" not in g:
        given = request.headers.get("X-Request-Id", "") if current_app.config["TRUSTED_PROXIES"] else ""
        g.request_id = given if re.fullmatch(r"[\w-]{8,64}", given, re.ASCII) else secrets.token_hex(6)
    return g.request_id


def on_http_error(error: HTTPException) -> Response | HTTPException:
    """A page for an HTTP error, and for what nobody caught, which arrives as a 500."""
    if error.code is None or error.response is not None:
        return error
    explanation = EXPIRED_FORM if isinstance(error, CSRFError) else EXPLANATIONS.get(error.code)
    answer = explain(error.code, explanation or EXPLANATIONS[500 if error.code >= 500 else 400])
    for name, value in error.get_headers():
        if name not in ("Content-Type", "Content-Length"):
            answer.headers[name] = value
    return answer


def on_refusal(refusal: Refusal) -> Response:
    """A page for a refusal that its view did not show beside the form."""
    answer = explain(refusal.status, EXPLANATIONS[refusal.status], refusal)
    if refusal.retry_after:
        answer.headers["Retry-After"] = str(refusal.retry_after)
    return answer


def on_unstorable(error: Exception) -> Response:
    """A value that no column holds came through to the database: the form should have said so, but it is no failure."""
    log.warning("refused by the database: %s", error)
    return explain(400, TOO_LONG)


def explain(code: int, explanation: Explanation, refusal: Refusal | None = None) -> Response:
    """The answer in the form the asker can use; htmx keeps its page and shows a toast."""
    db.session.rollback()
    if code >= 500:
        log.error("request %s failed: %s %s", request_id(), request.method, request.path)
    reasons = refusal.reasons if refusal else ()
    headline = " ".join(say(reason) for reason in reasons) or say(explanation.happened)
    context = {"code": code, "explanation": explanation, "reasons": reasons, "request_id": request_id()}
    if request.accept_mimetypes.best == "application/json":
        fields = {name: say(reason) for name, reason in (refusal.fields if refusal else {}).items()}
        return make_response({"error": headline, "fields": fields, "request_id": request_id()}, code)
    if request.htmx:
        answer = make_response(_page("errors/fragment.html", headline, context), code)
        answer.headers["HX-Trigger"] = json.dumps({"toast": {"level": "error", "text": headline}})
        if request.method != "GET":
            answer.headers["HX-Reswap"] = "none"
        return answer
    return make_response(_page("errors/error.html", headline, context), code)


def _page(template: str, headline: str, context: dict[str, object]) -> str | Response:
    """The page; if making it fails as well, the sentence alone."""
    try:
        return render_template(template, **context)
    except Exception:
        log.exception("the error page failed")
        return current_app.response_class(f"{headline}\n{context['request_id']}\n", mimetype="text/plain")
