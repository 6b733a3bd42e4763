"""Every route says who may use it, and every object named in a request comes through the one loader."""

import ast
from pathlib import Path

from sqlalchemy import event

from core.contracts import ANYONE, SIGNED_IN
from core.extensions import db

ROOT = Path(__file__).parent.parent.parent
VIEWS = sorted(
    path for folder in ("core", "plugins") for name in ("views.py", "admin.py") for path in (ROOT / folder).rglob(name)
)


def routes(app):
    return [rule for rule in app.url_map.iter_rules() if not rule.endpoint.endswith("static")]


def test_every_route_declares_a_permission_that_is_registered(app):
    known = {ANYONE, SIGNED_IN, *app.extensions["registry"].permissions}

    undeclared = [
        rule.endpoint
        for rule in routes(app)
        if getattr(app.view_functions[rule.endpoint], "permission", None) not in known
    ]

    assert undeclared == []


def test_a_route_without_a_permission_answers_nobody(app, as_user):
    app.add_url_rule("/forgotten", "forgotten", lambda: "secret")

    answer = as_user("root", admin=True).get("/forgotten")

    assert answer.status_code == 403
    assert "secret" not in answer.text


def test_who_is_not_signed_in_sees_only_what_is_open_to_anyone(app, client):
    for rule in routes(app):
        if "GET" not in rule.methods or app.view_functions[rule.endpoint].permission == ANYONE:
            continue
        values = dict.fromkeys(rule.arguments, 1)
        with app.test_request_context():
            path = app.url_map.bind("localhost").build(rule.endpoint, values)
        answer = client.get(path)
        assert answer.status_code in {302, 303, 401, 403, 404}, f"{path} answers a stranger with {answer.status_code}"


def test_every_permission_that_is_registered_is_used(app):
    used = {getattr(view, "permission", None) for view in app.view_functions.values()}
    sources = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "core").rglob("*.py"))
    sources += "".join(path.read_text(encoding="utf-8") for path in (ROOT / "plugins").rglob("*.py"))

    idle = [
        name for name in app.extensions["registry"].permissions if name not in used and sources.count(f'"{name}"') < 2
    ]

    assert idle == []


def test_no_view_loads_an_object_by_its_id_but_through_the_loader():
    """``session.get``, ``get_one``, ``get_or_404`` and the like see everything; ``core.access.load`` asks who looks."""
    found = [
        f"{path.relative_to(ROOT)}:{node.lineno} {ast.unparse(node)}"
        for path in VIEWS
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and _unscoped(node.func)
    ]

    assert found == []


def _unscoped(call):
    if not isinstance(call, ast.Attribute):
        return False
    owner = ast.unparse(call.value)
    if call.attr in {"get_or_404", "first_or_404", "one_or_404", "get_one"}:
        return True
    return call.attr in {"get", "query"} and owner.endswith(("db.session", "query"))


def test_no_view_writes_to_the_database_itself():
    writing = [
        f"{path.relative_to(ROOT)}:{node.lineno} {alias.name}"
        for path in VIEWS
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("sqlalchemy")
        for alias in node.names
        if alias.name in {"insert", "update", "delete"}
    ]

    assert writing == []


def test_a_get_changes_nothing(app, as_user):
    client = as_user("root", admin=True, teams={"operations": "lead"})
    written = []
    with app.app_context():
        engine = db.engine

    @event.listens_for(engine, "before_cursor_execute")
    def note(_connection, _cursor, statement, *_rest):
        if statement.lstrip()[:6].upper() in {"INSERT", "UPDATE", "DELETE"}:
            written.append(statement)

    for rule in routes(app):
        if "GET" in rule.methods and not rule.arguments:
            client.get(rule.rule)

    assert written == []
