"""What every answer says to the browser, and what no request may carry."""

import gzip
import re
from collections.abc import Iterator
from functools import cache
from hashlib import sha256
from itertools import chain
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, Response, abort, current_app, request
from werkzeug.exceptions import SecurityError
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.routing import IntegerConverter

from core import errors
from core.messages import Refusal, msg
from core.web import is_file, vendor_files

POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "connect-src 'self'",
        "font-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
        "object-src 'none'",
        "manifest-src 'self'",
    )
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}
YEAR = 31_536_000
COMPRESSED = re.compile(r"text/|application/(json|javascript)|image/svg")
COMPRESS_FROM, COMPRESS_TO = 1024, 4 * 1024 * 1024
LEVEL = 3  # half the time of 5, for a tenth more on the line


class RowId(IntegerConverter):
    """A whole number in an address; one that no database column could hold is no address (404)."""

    regex = "[0-9]+"

    def __init__(self, map: object, fixed_digits: int = 0, min: int | None = None, max: int | None = None):
        super().__init__(map, fixed_digits, min, max or 2**63 - 1)  # type: ignore[arg-type]


def init_app(app: Flask) -> None:
    """Guard the app: proxies and hosts, input, headers, error pages. Before any route is added."""
    if len(app.config["SECRET_KEY"]) < 16:
        raise Refusal(msg("STOREBOARD_SECRET_KEY is too short to keep a secret: give at least 16 characters, or none."))
    app.url_map.converters["int"] = RowId
    if hops := app.config["TRUSTED_PROXIES"]:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
    if host := urlsplit(app.config["PUBLIC_URL"]).hostname:
        app.config["TRUSTED_HOSTS"] = [host]
    app.url_defaults(name_by_content)
    app.before_request(refuse_unknown_host)
    app.before_request(refuse_unstorable)
    app.after_request(compress)
    app.after_request(add_headers)
    errors.init_app(app)


def refuse_unknown_host() -> tuple[str, int] | None:
    """Answer nothing under a name that is not ours; without our own name no page can be made, so in plain text."""
    if isinstance(request.routing_exception, SecurityError):
        return "Unknown host.", 400
    return None


def refuse_unstorable() -> None:
    """Refuse NUL, which no PostgreSQL text holds, wherever it comes."""
    if any("\0" in text for text in _texts()):
        abort(400)


def _texts() -> Iterator[str]:
    yield request.path
    for pair in chain(request.args.items(multi=True), request.form.items(multi=True)):
        yield from pair
    for name, file in request.files.items(multi=True):
        yield from (name, file.filename or "")


def name_by_content(endpoint: str, values: dict[str, Any]) -> None:
    """Put a file's fingerprint into its address, so that browsers may keep it for ever."""
    if is_file(endpoint):
        owner = current_app.blueprints.get(endpoint.rpartition(".")[0], current_app)
        folder = "" if endpoint == "web.vendor" else owner.static_folder
        if fingerprint := _fingerprint(folder, values.get("filename") or values["name"]):
            values["v"] = fingerprint


@cache
def _fingerprint(folder: str, name: str) -> str:
    path = Path(folder) / name if folder else vendor_files().get(name)
    return sha256(path.read_bytes()).hexdigest()[:12] if path and path.is_file() else ""


def add_headers(response: Response) -> Response:
    """Say to the browser what the page may load and who may keep it."""
    if is_file(request.endpoint) and response.status_code in (200, 304):
        by_content = "v" in request.args
        response.headers["Cache-Control"] = f"public, max-age={YEAR}, immutable" if by_content else "no-cache"
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if current_app.config["SECURE_COOKIES"]:
        response.headers.setdefault("Strict-Transport-Security", f"max-age={YEAR}")
    response.headers["X-Request-Id"] = errors.request_id()
    return response


def compress(response: Response) -> Response:
    """Send long text compressed to who understands it."""
    size = response.content_length or (0 if response.is_streamed else len(response.get_data()))
    if (
        response.status_code != 200
        or not COMPRESS_FROM < size < COMPRESS_TO
        or not COMPRESSED.match(response.mimetype)
        or "Content-Encoding" in response.headers
    ):
        return response
    response.vary.add("Accept-Encoding")
    if request.accept_encodings["gzip"] > 0 and request.method == "GET":
        response.direct_passthrough = False
        response.set_data(gzip.compress(response.get_data(), LEVEL, mtime=0))
        response.headers["Content-Encoding"] = "gzip"
        tag, weak = response.get_etag()
        if tag and not weak:
            response.set_etag(tag, weak=True)
    return response
