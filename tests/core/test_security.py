"""What every answer says to the browser, what no request may carry, and what an error page tells."""

import gzip
from types import SimpleNamespace

import pytest
from flask import Blueprint, abort, request
from sqlalchemy.exc import DataError

from core import hookimpl
from core.access import needs
from core.contracts import ANYONE
from core.messages import Refusal, Stale, msg
from core.security import POLICY

bp = Blueprint("sample", __name__)
TROUBLES = {
    "refusal": lambda: Refusal(msg("The box %(box)s is closed.", box="A1"), fields={"box": msg("It is closed.")}),
    "stale": lambda: Stale(msg("Wang was first.")),
    "bug": lambda: ZeroDivisionError("SELECT secret FROM /srv/secret"),
    "data": lambda: DataError("UPDATE secret", {}, ValueError("too long")),
    "overflow": lambda: OverflowError("Python int too large to convert to SQLite INTEGER"),
}


@bp.route("/trouble/<kind>", methods=["GET", "POST"])
@needs(ANYONE)
def trouble(kind):
    if kind.isdecimal():
        abort(int(kind))
    raise TROUBLES[kind]()


@bp.route("/echo", methods=["GET", "POST"])
@needs(ANYONE)
def echo():
    return f"{request.scheme}://{request.host} {request.remote_addr}"


@bp.get("/long")
@needs(ANYONE)
def long():
    size = request.args.get("size", 5000, int)
    return "店" * (size // 3) + "x" * (size % 3), 200, {"Content-Type": request.args.get("type", "text/html")}


@bp.get("/own")
@needs(ANYONE)
def own():
    return "x", 200, {"Content-Security-Policy": "sandbox; default-src 'none'", "Cache-Control": "private, max-age=60"}


@bp.get("/row/<int:row>")
@needs(ANYONE)
def row(row):
    return str(row)


SAMPLE = SimpleNamespace(__name__="sample", blueprints=hookimpl(lambda: [bp]))


@pytest.fixture
def make_app(make_app):
    def make(**settings):
        return make_app(extra_plugins=[("sample", SAMPLE)], PROPAGATE_EXCEPTIONS=False, **settings)

    return make


HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        "font-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; object-src 'none'; "
        "manifest-src 'self'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


@pytest.mark.parametrize(
    "path",
    [
        "/log-in",
        "/first-run",
        "/nowhere",
        "/static/app.css",
        "/static/nothing",
        "/healthz",
        "/users",
        "/sample/trouble/500",
    ]
    + [f"/sample/trouble/{kind}" for kind in TROUBLES],
)
@pytest.mark.parametrize("method", ["GET", "POST", "OPTIONS", "HEAD"])
def test_every_answer_carries_the_headers(client, path, method):
    with client.open(path, method=method) as answer:
        assert {name: answer.headers.get(name) for name in HEADERS} == HEADERS
        assert len(answer.headers["X-Request-Id"]) == 12


def test_the_policy_allows_nothing_inline_and_no_other_host():
    assert not any(word in POLICY for word in ("unsafe", "http", "*", "nonce"))


def test_the_htmx_that_is_served_is_the_second_whose_defaults_the_pages_count_on(client):
    """The fourth hands no header down from the body, so no token, and shows an error's page in a fragment's place."""
    with client.get("/static/vendor/htmx.min.js") as answer:
        assert 'version:"2.0.' in answer.text


def test_pages_are_not_kept_and_files_are_kept_by_their_content(app, client):
    assert client.get("/log-in").headers["Cache-Control"] == "no-store"
    with app.test_request_context():
        from flask import url_for

        style, htmx = url_for("static", filename="app.css"), url_for("web.vendor", name="htmx.min.js")
    for address in (style, htmx):
        assert len(address.partition("?v=")[2]) == 12
        with client.get(address) as answer:
            assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    with client.get("/static/app.css") as answer:
        assert answer.headers["Cache-Control"] == "no-cache"
    with client.get("/static/nothing?v=1") as answer:
        assert answer.headers["Cache-Control"] == "no-store"


def test_a_view_may_be_stricter_than_the_rest(client):
    answer = client.get("/sample/own")
    assert answer.headers.getlist("Content-Security-Policy") == ["sandbox; default-src 'none'"]
    assert answer.headers["Cache-Control"] == "private, max-age=60"


def test_https_is_asked_for_only_where_there_is_https(client, make_app):
    assert "Strict-Transport-Security" not in client.get("/log-in").headers
    secure = make_app(SECURE_COOKIES=True).test_client().get("/log-in")
    assert secure.headers["Strict-Transport-Security"] == "max-age=31536000"


def test_long_text_is_compressed_for_who_understands_it(client):
    plain = client.get("/sample/long")
    packed = client.get("/sample/long", headers={"Accept-Encoding": "br, gzip"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.data) == plain.data
    assert int(packed.headers["Content-Length"]) == len(packed.data) < 200
    assert "Content-Encoding" not in plain.headers
    assert plain.headers["Vary"] == packed.headers["Vary"] == "Accept-Encoding"


@pytest.mark.parametrize("query", ["size=1000", "type=image/png", "type=application/pdf"])
def test_short_text_and_what_is_packed_already_is_not_compressed(client, query):
    answer = client.get(f"/sample/long?{query}", headers={"Accept-Encoding": "gzip"})
    assert "Content-Encoding" not in answer.headers


def test_who_refuses_gzip_gets_none(client):
    assert "Content-Encoding" not in client.get("/sample/long", headers={"Accept-Encoding": "gzip;q=0"}).headers


def test_a_compressed_file_is_not_sent_again_when_unchanged(client):
    with client.get("/static/app.css", headers={"Accept-Encoding": "gzip"}) as first:
        assert first.headers["Content-Encoding"] == "gzip"
        assert b"{" in gzip.decompress(first.data)
    with client.get("/static/app.css", headers={"If-None-Match": first.headers["ETag"]}) as second:
        assert second.status_code == 304


def test_forwarded_headers_count_only_behind_a_trusted_proxy(client, make_app):
    forged = {
        "X-Forwarded-For": "6.6.6.6, 10.0.0.9",
        "X-Forwarded-Proto": "https",
        "X-Forwarded-Host": "desk.example",
        "X-Request-Id": "from-the-proxy-1",
    }
    assert client.get("/sample/echo", headers=forged).text == "http://localhost 127.0.0.1"
    assert client.get("/sample/echo", headers=forged).headers["X-Request-Id"] != "from-the-proxy-1"
    behind = make_app(TRUSTED_PROXIES=1).test_client()
    answer = behind.get("/sample/echo", headers=forged)
    assert answer.text == "https://desk.example 10.0.0.9"
    assert answer.headers["X-Request-Id"] == "from-the-proxy-1"
    odd = behind.get("/sample/echo", headers={"X-Request-Id": "a b<script>"})
    assert len(odd.headers["X-Request-Id"]) == 12


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("desk.example", 200),
        ("desk.example:8443", 200),
        ("localhost", 400),
        ("evil.example", 400),
        ("desk.example.evil.example", 400),
        ("desk.example:x", 400),
        ("desk.example/x", 400),
        ("", 400),
    ],
)
def test_with_a_public_address_other_hosts_get_no_page(make_app, host, status):
    client = make_app(PUBLIC_URL="https://desk.example").test_client()
    for path in ("/sample/echo", "/nowhere"):
        answer = client.get(path, headers={"Host": host})
        assert answer.status_code == (status if path == "/sample/echo" or status == 400 else 404)
    assert "Content-Security-Policy" in answer.headers


def test_a_forwarded_host_must_be_ours_too(make_app):
    client = make_app(PUBLIC_URL="https://desk.example", TRUSTED_PROXIES=1).test_client()
    headers = {"Host": "desk.example", "X-Forwarded-Host": "evil.example"}
    assert client.get("/sample/echo", headers=headers).status_code == 400


@pytest.mark.parametrize("secret", ["", "dev", "changeme"])
def test_a_secret_that_is_none_stops_the_start(make_app, secret):
    with pytest.raises(Refusal, match="SECRET_KEY is too short"):
        make_app(SECRET_KEY=secret)


EXPLAINED = {
    "400": ("The request could not be understood.", 400),
    "401": ("You are not logged in.", 401),
    "403": ("You may not do this.", 403),
    "404": ("There is no such page, or it is not open to you.", 404),
    "409": ("Somebody else changed this first.", 409),
    "413": ("What you sent is too large.", 413),
    "429": ("That was too often in a short time.", 429),
    "418": ("The request could not be understood.", 418),
    "503": ("Something in the program failed; it is not your mistake.", 503),
    "bug": ("Something in the program failed; it is not your mistake.", 500),
    "refusal": ("The box A1 is closed.", 422),
    "stale": ("Wang was first.", 409),
    "data": ("A value is longer or larger than can be stored.", 400),
    "overflow": ("A value is longer or larger than can be stored.", 400),
}


@pytest.mark.parametrize("kind", EXPLAINED)
def test_an_error_page_says_what_happened_was_kept_and_is_to_do(client, as_user, kind):
    sentence, code = EXPLAINED[kind]
    for browser in (client, as_user("li")):
        answer = browser.get(f"/sample/trouble/{kind}")
        assert answer.status_code == code
        assert sentence in answer.text
        assert answer.headers["X-Request-Id"] in answer.text
        assert ("Nothing was changed." in answer.text) or (code in (409, 500, 503))
        for word in ("Traceback", "SELECT", "UPDATE", "secret", "/srv", ".py", "ZeroDivision"):
            assert word not in answer.text


@pytest.mark.parametrize("kind", EXPLAINED)
def test_json_is_answered_with_json(client, kind):
    sentence, code = EXPLAINED[kind]
    answer = client.get(f"/sample/trouble/{kind}", headers={"Accept": "application/json"})
    assert answer.status_code == code
    assert sentence in answer.json["error"]
    assert answer.json["request_id"] == answer.headers["X-Request-Id"]
    assert answer.json["fields"] == ({"box": "It is closed."} if kind == "refusal" else {})


@pytest.mark.parametrize("kind", ["refusal", "stale", "bug", "404"])
def test_htmx_gets_a_sentence_and_a_toast_and_keeps_its_page(client, kind):
    sentence, code = EXPLAINED[kind]
    answer = client.post(f"/sample/trouble/{kind}", headers={"HX-Request": "true"})
    assert answer.status_code == code
    assert "<html" not in answer.text
    assert sentence in answer.text
    assert sentence in answer.headers["HX-Trigger"]
    assert answer.headers["HX-Trigger"].isascii()
    assert answer.headers["HX-Reswap"] == "none"
    assert "HX-Reswap" not in client.get(f"/sample/trouble/{kind}", headers={"HX-Request": "true"}).headers


def test_an_error_page_is_chinese_for_chinese(make_app):
    answer = make_app(LANGUAGE="zh").test_client().get("/nowhere")
    assert '<html lang="zh-CN">' in answer.text


def test_a_failure_is_logged_under_the_number_the_user_sees(client, caplog):
    answer = client.get("/sample/trouble/bug")
    assert f"request {answer.headers['X-Request-Id']} failed: GET /sample/trouble/bug" in caplog.text
    assert "ZeroDivisionError" in caplog.text


def test_when_even_the_error_page_fails_there_is_a_sentence(app, client, caplog):
    app.jinja_env.globals["navigation"] = app.jinja_env.globals["url_for"] = None
    answer = client.get("/nowhere")
    assert answer.status_code == 404
    assert answer.mimetype == "text/plain"
    assert answer.text.startswith("There is no such page, or it is not open to you.\n")
    assert "the error page failed" in caplog.text


def test_a_wrong_method_names_the_right_ones(client):
    answer = client.post("/sample/long")
    assert answer.status_code == 405
    assert "GET" in answer.headers["Allow"]


def test_too_much_is_refused_as_such(make_app):
    client = make_app(MAX_CONTENT_LENGTH=1000).test_client()
    answer = client.post("/sample/echo", data={"text": "x" * 2000})
    assert answer.status_code == 413
    assert "What you sent is too large." in answer.text


def test_a_form_without_its_token_is_refused_and_the_session_kept(make_app):
    from core.accounts.services import create_user
    from core.accounts.testing import sign_in
    from core.contracts import SYSTEM

    app = make_app(WTF_CSRF_ENABLED=True)
    with app.app_context():
        user = create_user(SYSTEM, login="li", password="correct horse", language="en")
    client = app.test_client()
    sign_in(client, user)
    for token in ({}, {"csrf_token": "forged"}, {"csrf_token": "\0"}):
        answer = client.post("/preferences", data={"language": "zh", "time_zone": ""} | token)
        assert answer.status_code == 400
    answer = client.post("/preferences", data={"language": "zh", "time_zone": ""})
    assert "The page was open too long, or was not ours, so its form was not accepted." in answer.text
    assert "You are still logged in; nothing was changed." in answer.text
    assert client.get("/preferences").status_code == 200


def test_the_token_in_the_header_that_htmx_sends_is_accepted(make_app):
    client = make_app(WTF_CSRF_ENABLED=True).test_client()
    token = client.get("/first-run").text.split('name="csrf_token" value="')[1].split('"')[0]
    assert client.post("/sample/echo").status_code == 400
    assert client.post("/sample/echo", headers={"X-CSRFToken": token}).status_code == 200


@pytest.mark.parametrize("where", ["path", "query", "query name", "form", "form name", "file name", "cookie", "header"])
def test_nul_is_refused_wherever_it_comes(client, where):
    from io import BytesIO

    answer = {
        "path": lambda: client.get("/nowhere/a%00b"),
        "query": lambda: client.get("/sample/echo?q=a%00b"),
        "query name": lambda: client.get("/sample/echo?a%00b=q"),
        "form": lambda: client.post("/sample/echo", data={"q": "a\0b"}),
        "form name": lambda: client.post("/sample/echo", data={"a\0b": "q"}),
        "file name": lambda: client.post("/sample/echo", data={"f": (BytesIO(b"x"), "a\0b.png")}),
        "cookie": lambda: client.get("/preferences", headers={"Cookie": "storeboard_session=a%00b"}),
        "header": lambda: client.get("/preferences", headers={"Referer": "a%00b"}),
    }[where]()
    assert answer.status_code == (303 if where in ("cookie", "header") else 400)


@pytest.mark.parametrize(
    ("number", "status"),
    [(0, 200), (2**63 - 1, 200), (2**63, 404), (10**40, 404), ("-1", 404), ("1e3", 404), ("１", 404)],
)
def test_a_number_no_column_could_hold_is_no_address(client, number, status):
    assert client.get(f"/sample/row/{number}").status_code == status


@pytest.mark.parametrize("raw", ["/nowhere/%ff%fe", "/%c0%ae%c0%ae/", "/sample/echo?q=%ff", "/sample/echo?%ed%a0%80=1"])
def test_bytes_that_are_no_text_are_no_failure(client, raw):
    assert client.get(raw).status_code < 500
