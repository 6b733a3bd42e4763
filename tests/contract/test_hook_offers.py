"""Each hook that offers something, implemented by a real plugin in a real app."""

import click
import pytest
from click.testing import CliRunner
from flask import Blueprint
from sqlalchemy import func, select

from core import plugins
from core.access import allowed, needs
from core.accounts.models import User
from core.board.models import Task
from core.cli import main
from core.contracts import (
    SIGNED_IN,
    Actor,
    DocumentType,
    Job,
    LogLabel,
    NavItem,
    Panel,
    Permission,
    RecordType,
    Ref,
)
from core.documents import services as papers
from core.extensions import db
from core.jobs import services as jobs
from core.registry import kind_label, registry
from core.transactions import transaction
from tests.contract.tiny import GUESTS, KIND, TEAM, bring, browse, greeting, plugin


@pytest.fixture
def page():
    """A blueprint with one page."""
    bp = Blueprint("hello", __name__)

    @bp.get("/")
    @needs(SIGNED_IN)
    def index():
        return "Hello, team!"

    return bp


def test_hook_blueprints(one_plugin, page, sign_in):
    app = one_plugin(plugin(blueprints=[page]))

    assert browse(app, "/hello/", sign_in).text == "Hello, team!"


def test_hook_teams(one_plugin, sign_in):
    app = one_plugin(plugin(teams=[TEAM]))

    assert browse(app, "/boards/hello", sign_in, hello="member").status_code == 200


def test_hook_permissions(one_plugin):
    app = one_plugin(plugin(teams=[TEAM], permissions=[Permission("hello.wave", "Wave", "lead", ("hello",))]))

    with app.app_context():
        assert allowed(Actor(1, "li", {"hello": "lead"}), "hello.wave")
        assert not allowed(Actor(1, "li", {"hello": "member"}), "hello.wave")
        assert not allowed(Actor(1, "li", {"operations": "lead"}), "hello.wave")


def test_hook_nav_items(one_plugin, page, sign_in):
    app = one_plugin(plugin(blueprints=[page], nav_items=[NavItem("Say hello", "hello.index")]))

    assert 'href="/hello/"' in browse(app, "/", sign_in).text


def test_hook_task_types(one_plugin):
    app = one_plugin(plugin(teams=[TEAM], task_types=[KIND]))

    with app.app_context():
        task, _actor = greeting()
        assert (task.type, task.responsible_team, task.number[:4]) == ("hello.greeting", "hello", "HEL-")


def test_hook_record_types(one_plugin):
    kind = RecordType("hello.visit", "Visit", Task, "hello.index", "hello.see")
    app = one_plugin(plugin(record_types=[kind]))

    with app.app_context():
        assert registry().record_types["hello.visit"] is kind


def test_hook_importers(one_plugin, tmp_path):
    app = one_plugin(plugin(importers=[GUESTS]))

    with app.app_context():
        report = bring(tmp_path)

    assert (report["kind"], report["created"], report["refused"]) == ("hello.guests", 1, None)


def test_hook_documents(one_plugin):
    card = DocumentType("hello.card", "Card", "CRD", "hello/card.html", "1", lambda task: {"title": task.title})
    app = one_plugin(plugin(teams=[TEAM], task_types=[KIND], documents=[card]))

    with app.app_context():
        task, actor = greeting()
        document = papers.issue("hello.card", Ref("core.task", task.id), actor)

    assert document.number.startswith("CRD-")
    assert document.snapshot == {"title": "Greet"}


def test_hook_panels(one_plugin, page, sign_in):
    app = one_plugin(plugin(blueprints=[page], panels=[Panel("desk", "hello.index", "A greeting")]))

    answer = browse(app, "/", sign_in)

    assert 'hx-get="/hello/"' in answer.text


def test_hook_jobs(one_plugin):
    done = []
    app = one_plugin(plugin(jobs=[Job("hello.wave", lambda payload, progress: done.append(payload))]))

    with app.app_context(), transaction():
        job = jobs.enqueue("hello.wave", {"times": 3})
    with app.app_context():
        assert jobs.run(job.id)

    assert done == [{"times": 3}]


def test_hook_log_labels(one_plugin):
    app = one_plugin(plugin(log_labels=[LogLabel("hello.song", "Song")]))

    with app.test_request_context():
        assert (kind_label("hello.song"), kind_label("hello.dance")) == ("Song", "hello.dance")


def test_hook_commands(app, monkeypatch):
    @click.command("wave")
    def wave():
        click.echo(f"{db.session.scalar(select(func.count(User.id)))} people")

    load = plugins.load
    monkeypatch.setattr(plugins, "load", lambda disabled: load(disabled, [("hello", plugin(commands=[wave]))]))
    monkeypatch.setattr("core.app.create_app", lambda: app)

    said = CliRunner().invoke(main, ["hello", "wave"])

    assert (said.exit_code, said.output) == (0, "0 people\n")
