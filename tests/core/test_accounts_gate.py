"""The gate: what a route declares is enforced, and where a browser is sent that may not pass."""

from collections.abc import Iterable
from types import SimpleNamespace

import pytest
from flask import Blueprint

from core import hookimpl
from core.access import needs
from core.contracts import ANYONE, SIGNED_IN, Permission

bp = Blueprint("sample", __name__)


@bp.get("/forgotten")
def forgotten():
    return "nobody said who may see this"


@bp.route("/open", methods=["GET", "POST"])
@needs(ANYONE)
def open_to_all():
    return "open"


@bp.route("/inside", methods=["GET", "POST"])
@needs(SIGNED_IN)
def inside():
    return "inside"


@bp.get("/leads")
@needs("sample.lead")
def leads():
    return "leads"


@bp.get("/unknown")
@needs("sample.unknown")
def unknown():
    return "unknown"


@hookimpl
def blueprints() -> Iterable[tuple[Blueprint]]:
    return [bp]


@hookimpl
def permissions() -> Iterable[Permission]:
    return [Permission("sample.lead", "Lead", "lead", ("operations",))]


SAMPLE = SimpleNamespace(__name__="sample", blueprints=blueprints, permissions=permissions)


@pytest.fixture
def app(make_app):
    return make_app(extra_plugins=[("sample", SAMPLE)])


@pytest.fixture
def li(as_user):
    return as_user("li", teams={"operations": "member"})


def test_every_route_declares_a_permission_that_is_registered(app):
    known = {ANYONE, SIGNED_IN, *app.extensions["registry"].permissions}
    missing = {
        rule.endpoint
        for rule in app.url_map.iter_rules()
        if not rule.endpoint.endswith("static") and not rule.endpoint.startswith("sample.")
        if getattr(app.view_functions[rule.endpoint], "permission", None) not in known
    }
    assert missing == set()


def test_a_route_that_declares_nothing_is_refused_to_all(client, as_user, caplog):
    assert client.get("/sample/forgotten").status_code == 403
    assert as_user("boss", admin=True).get("/sample/forgotten").status_code == 403
    assert "sample.forgotten declares no permission and is refused" in caplog.text


def test_an_open_route_answers_anyone(client):
    assert client.get("/sample/open").text == "open"


def test_who_is_not_logged_in_is_sent_to_log_in_and_back(client, li):
    answer = client.get("/sample/inside?a=1&b=%E4%B8%BB")
    assert answer.status_code == 303
    assert answer.location == "/log-in?next=/sample/inside?a%3D1%26b%3D%25E4%25B8%25BB"
    assert li.get("/sample/inside").text == "inside"


def test_the_first_page_needs_no_return_address(client):
    assert client.get("/").location in ("/log-in", None)


def test_htmx_is_told_to_leave_the_page_and_come_back_to_it(client):
    headers = {"HX-Request": "true", "HX-Current-URL": "http://localhost/sample/open?x=1"}
    answer = client.get("/sample/inside", headers=headers)
    assert (answer.status_code, answer.text) == (204, "")
    assert answer.headers["HX-Redirect"] == "/log-in?next=/sample/open?x%3D1"


@pytest.mark.parametrize("url", ["http://evil.example//evil.example/x", "http://[", "", "nonsense"])
def test_a_made_up_current_page_leads_nowhere_else(client, url):
    answer = client.get("/sample/inside", headers={"HX-Request": "true", "HX-Current-URL": url})
    assert answer.headers["HX-Redirect"] == "/log-in"


def test_a_form_sent_without_log_in_leads_back_to_its_page(client):
    answer = client.post("/sample/inside", headers={"Referer": "http://localhost/sample/open"})
    assert answer.location == "/log-in?next=/sample/open"


def test_who_asks_for_json_gets_no_page(client):
    answer = client.get("/sample/inside", headers={"Accept": "application/json"})
    assert answer.status_code == 401
    assert answer.json["error"] == "You are not logged in."


def test_a_permission_is_held_from_its_level_upwards_in_its_teams(as_user):
    answers = {
        "member": as_user("li", teams={"operations": "member"}),
        "lead": as_user("wang", teams={"operations": "lead"}),
        "other lead": as_user("zhao", teams={"elsewhere": "lead"}),
        "admin": as_user("boss", admin=True),
    }
    assert {who: browser.get("/sample/leads").status_code for who, browser in answers.items()} == {
        "member": 403,
        "lead": 200,
        "other lead": 403,
        "admin": 200,
    }


def test_a_permission_nobody_registered_is_held_by_no_team(as_user):
    assert as_user("wang", teams={"operations": "lead"}).get("/sample/unknown").status_code == 403


def test_static_files_and_health_need_no_log_in(client):
    for path in ("/static/app.css", "/static/vendor/htmx.min.js"):
        with client.get(path) as answer:
            assert answer.status_code == 200
    assert client.get("/healthz").json == {"ok": True}


def test_a_view_called_static_is_no_way_around_the_gate(make_app):
    sneaky = Blueprint("sneaky", __name__)
    sneaky.add_url_rule("/x", "static", lambda: "secret")
    open_to_all = Blueprint("open", __name__)
    open_to_all.add_url_rule("/y", "static", needs(ANYONE)(lambda: "of today"))
    offers = SimpleNamespace(__name__="sneaky", blueprints=hookimpl(lambda: [sneaky, open_to_all]))
    browser = make_app(extra_plugins=[("sneaky", offers)]).test_client()
    assert browser.get("/sneaky/x").status_code == 403
    assert browser.get("/sneaky/y?v=1").headers["Cache-Control"] == "no-store"  # nor kept as a file for ever


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"Origin": "http://localhost"}, 200),
        ({"Sec-Fetch-Site": "same-origin", "Origin": "http://localhost"}, 200),
        ({"Sec-Fetch-Site": "none"}, 200),
        ({"Origin": "http://evil.example"}, 403),
        ({"Origin": "http://localhost.evil.example"}, 403),
        ({"Origin": "http://localhost:8001"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": ""}, 403),
        ({"Origin": "http://["}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Sec-Fetch-Site": "cross-site", "Origin": "http://localhost"}, 403),
    ],
)
def test_a_form_sent_from_another_site_is_refused(li, headers, status):
    assert li.post("/sample/inside", headers=headers).status_code == status
    assert li.get("/sample/inside", headers=headers).status_code == 200


def test_behind_a_proxy_the_public_name_is_our_own_site(make_app):
    app = make_app(extra_plugins=[("sample", SAMPLE)], PUBLIC_URL="https://desk.example")
    answer = app.test_client().post("/sample/open", headers={"Host": "desk.example", "Origin": "https://desk.example"})
    assert answer.status_code == 200
