"""An app that was lent to a test is, for the next one, as if it had just been made."""

import threading
from types import SimpleNamespace

import pytest
from sqlalchemy import event, select

from core.accounts.models import LoginAttempt, User
from core.accounts.testing import sign_in
from core.extensions import db
from core.jobs.models import Job
from core.jobs.queue import nudge, queue_of
from core.jobs.services import enqueue
from core.testing import databases
from core.testing.apps import ReadyApps
from core.transactions import transaction

pytestmark = pytest.mark.any_database

TALK = threading.Event()


def engine_of(app):
    with app.app_context():
        return db.engine


# What a test can do to an app that the next one would see.
SPOILED = {
    "a setting": lambda app: app.config.update(LANGUAGE="zh"),
    "a setting less": lambda app: app.config.pop("JOB_LEASE", app.config.pop("TIME_ZONE")),
    "a part of a setting": lambda app: app.config["SQLALCHEMY_ENGINE_OPTIONS"].update(echo=True),
    "an offer": lambda app: app.extensions["registry"].task_types.pop("core.general"),
    "a plugin": lambda app: app.extensions["plugins"].register(SimpleNamespace(), "late"),
    "a plugin less": lambda app: app.extensions["plugins"].unregister(name="design"),
    "an extension": lambda app: app.extensions.update(csrf=None),
    "a route": lambda app: app.add_url_rule("/late", "late", str),
    "a view": lambda app: app.view_functions.update({"web.healthz": str}),
    "a gate": lambda app: app.before_request_funcs[None].reverse(),
    "an answer": lambda app: app.after_request(lambda response: response),
    "an error page": lambda app: app.register_error_handler(404, str),
    "an end": lambda app: app.teardown_appcontext(str),
    "a word of templates": lambda app: app.jinja_env.globals.update(navigation=None),
    "a filter": lambda app: app.jinja_env.filters.pop("yuan"),
    "a folder of templates": lambda app: setattr(app.jinja_env, "loader", None),
    "the way to write": lambda app: setattr(app.json, "ensure_ascii", True),
    "the default language": lambda app: setattr(app.extensions["babel"], "default_locale", "zh"),
    "a command": lambda app: app.cli.command("late")(str),
    "a layer": lambda app: setattr(app, "wsgi_app", app.wsgi_app),
    "an ear": lambda app: event.listen(engine_of(app), "begin", lambda _: None),
    "an ear at the pool": lambda app: event.listen(engine_of(app).pool, "checkout", lambda *_: None),
    "somebody who talks on": lambda _app: threading.Thread(target=TALK.wait, daemon=True).start(),
}


@pytest.fixture
def ready(tmp_path):
    return ReadyApps(tmp_path / "templates")


@pytest.fixture
def lend(ready, template_database, tmp_path):
    """An app for a test called ``name``; what an earlier one had is taken back."""

    def lend(name, extra_plugins=(), **settings):
        for app in ready.take_back():
            databases.release(app)
        home = tmp_path / name
        home.mkdir()
        url = template_database.copy(home)
        common = {"HOME": home, "DATABASE_URL": url, "TESTING": True, "WTF_CSRF_ENABLED": False, "LANGUAGE": "en"}
        return ready.lend(extra_plugins, **common | settings)

    TALK.clear()
    yield lend
    TALK.set()
    for app in ready.take_back():
        databases.release(app)


def test_whatever_a_test_changes_in_an_app_the_next_test_gets_another(lend):
    not_seen, app = [], lend("first")
    for number, (what, spoil) in enumerate(SPOILED.items()):
        spoil(app)
        after = lend(f"after-{number}")
        not_seen += [what] if after is app else []
        app = after

    assert not_seen == []


def test_an_app_is_lent_again_only_for_the_same_plugins_and_settings(lend):
    first = lend("first")
    others = [
        lend("chinese", LANGUAGE="zh"),
        lend("less", PLUGINS_DISABLED="design"),
        lend("more", [("more", SimpleNamespace())]),
        lend("secret", SECRET_KEY="a secret of its own"),
    ]

    assert lend("again") is first
    assert first not in others
    assert len(set(others)) == 4


def test_of_what_a_test_does_with_an_app_the_next_test_sees_nothing(lend, tmp_path):
    app = lend("first")
    client, secret = app.test_client(), app.config["SECRET_KEY"]
    with app.app_context():
        with transaction() as session:
            session.add(User(login="li", name="Li", password_hash="-", admin=True))
        nudge(enqueue(next(iter(app.extensions["registry"].jobs)), {}).id)
        assert queue_of(app).pending_count() == 2
    for _ in range(11):
        client.post("/log-in", data={"login": "li", "password": "wrong"})
    assert client.post("/log-in", data={"login": "li", "password": "wrong"}).status_code == 429
    with app.app_context():
        token = sign_in(client, db.session.scalar(select(User)))
    assert client.get("/users").status_code == 200
    app.extensions["mine"] = token
    files = [path for path in (tmp_path / "first").rglob("*") if not path.name.startswith("storeboard")]
    left = {path: path.stat().st_mtime_ns for path in files}

    again = lend("second")
    assert again is app
    assert again.config["HOME"] == tmp_path / "second"
    assert again.config["SECRET_KEY"] == (tmp_path / "second" / "secret").read_text() != secret
    assert "mine" not in again.extensions
    with again.app_context():
        assert [db.session.scalars(select(table)).all() for table in (User, Job, LoginAttempt)] == [[], [], []]
        assert queue_of(again).pending_count() == 0
    assert client.get("/users").status_code == 303
    with again.app_context(), transaction() as session:
        session.add(User(login="li", name="Li", password_hash="-", admin=True))
    assert again.test_client().post("/log-in", data={"login": "li", "password": "wrong"}).status_code == 401
    assert {path: path.stat().st_mtime_ns for path in files} == left


def test_an_app_lent_again_answers_from_the_database_it_was_given(lend):
    app = lend("first")
    with app.app_context(), transaction() as session:
        session.add(User(login="li", name="Li", password_hash="-"))
    first = app.config["DATABASE_URL"]
    second = lend("second")
    third = lend("third")

    assert second is third is app
    with app.app_context():
        assert db.engine.url.render_as_string(hide_password=False) == app.config["DATABASE_URL"] != first
        assert db.session.scalars(select(User.login)).all() == []
    app.config.update(DATABASE_URL=first)
