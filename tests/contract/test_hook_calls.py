"""Each hook, implemented by a real plugin in a real app."""

import inspect

import pytest
from flask import Blueprint
from sqlalchemy import func, select

from core.access import allowed, needs
from core.accounts.models import Membership, User
from core.board import moves, services
from core.board.models import Task
from core.contracts import (
    SIGNED_IN,
    Actor,
    DocumentType,
    Field,
    Importer,
    Job,
    NavItem,
    Panel,
    Permission,
    RecordType,
    TaskType,
    Team,
)
from core.extensions import db
from core.messages import Refusal, msg
from core.registry import registry
from core.transactions import transaction
from tests.contract.tiny import HOOKS, plugin

KIND = TaskType("hello.greeting", "Greeting", "hello", fields=(Field("whom", "Whom", required=True),))
TEAM = Team("hello", "Hello", "HEL")


def member(**teams):
    """Somebody of these teams: code -> role."""
    roles = [Membership(team=team, role=role) for team, role in teams.items()]
    with transaction() as session:
        user = User(login="li", name="Li", language="en", password_hash="-", memberships=roles)
        session.add(user)
    return user


def greeting():
    """A drafted task, and who drafted it."""
    return draft(member(hello="lead"))


def draft(user):
    actor = Actor(user.id, user.name, user.roles)
    return services.draft_task(actor, KIND.name, "hello", services.Draft("Greet", {"whom": "everybody"})), actor


def browse(app, path, sign_in, **teams):
    """A page as a member of these teams sees it."""
    with app.app_context():
        user = member(**teams)
    client = app.test_client()
    sign_in(client, user)
    return client.get(path)


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


def test_hook_importers(one_plugin):
    kind = Importer("hello.guests", "Guest list", (), lambda row: [])
    app = one_plugin(plugin(importers=[kind]))

    with app.app_context():
        assert registry().importers["hello.guests"] is kind


def test_hook_documents(one_plugin):
    kind = DocumentType("hello.card", "Card", "CRD", "hello/card.html", "1", lambda task: {})
    app = one_plugin(plugin(documents=[kind]))

    with app.app_context():
        assert registry().documents["hello.card"] is kind


def test_hook_panels(one_plugin, page, sign_in):
    app = one_plugin(plugin(blueprints=[page], panels=[Panel("desk", "hello.index", "A greeting")]))

    answer = browse(app, "/", sign_in)

    assert 'hx-get="/hello/"' in answer.text


def test_hook_jobs(one_plugin):
    from core.jobs import services as jobs

    done = []
    app = one_plugin(plugin(jobs=[Job("hello.wave", lambda payload, progress: done.append(payload))]))

    with app.app_context(), transaction():
        job = jobs.enqueue("hello.wave", {"times": 3})
    with app.app_context():
        assert jobs.run(job.id)

    assert done == [{"times": 3}]


def test_hook_move_objections(one_plugin):
    def move_objections(task, verb):
        return [msg("Not on a Sunday.")] if (task.type, verb) == ("hello.greeting", "offer") else []

    app = one_plugin(plugin(teams=[TEAM], task_types=[KIND], move_objections=move_objections))

    with app.app_context():
        task, actor = greeting()
        with pytest.raises(Refusal, match=r"Not on a Sunday\."):
            moves.move(task.id, "offer", actor)


def test_hook_can(one_plugin):
    def can(actor, permission):
        return True if (actor.name, permission) == ("li", "accounts.manage") else None

    app = one_plugin(plugin(can=can))

    with app.app_context():
        assert allowed(Actor(1, "li"), "accounts.manage")
        assert not allowed(Actor(2, "wang"), "accounts.manage")


@pytest.fixture
def heard():
    """A plugin that writes down what it is told, with the names of what it is told."""
    news = []

    def listener(name):
        arguments = ", ".join(inspect.signature(HOOKS[name]).parameters)
        return eval(f"lambda {arguments}: news.append(('{name}', {arguments}))", {"news": news})

    told = [name for name in HOOKS if "*Told" in HOOKS[name].__doc__]
    news_plugin = plugin(teams=[TEAM], task_types=[KIND], **{name: listener(name) for name in told})
    return news_plugin, news


def test_hook_task_created(one_plugin, heard):
    app = one_plugin(heard[0])

    with app.app_context():
        task, actor = greeting()

    assert heard[1] == [("task_created", task, actor)]


def test_hook_task_moved(one_plugin, heard):
    app = one_plugin(heard[0])

    with app.app_context():
        task, actor = greeting()
        task = moves.move(task.id, "offer", actor)

    assert heard[1][1:] == [("task_moved", task, "offer", "draft", actor)]
    assert task.state == "offered"


def test_hook_app_ready(make_app):
    seen = []
    app = make_app(extra_plugins=[("hello", plugin(app_ready=lambda app: seen.append((app,))))])

    assert seen == [(app,)]


def test_news_of_what_is_not_stored_is_never_told(one_plugin, heard):
    app = one_plugin(heard[0])

    with app.app_context():
        user = member(hello="lead")
        with pytest.raises(ZeroDivisionError), transaction():
            draft(user)
            _ = 1 / 0

        assert heard[1] == []
        assert db.session.scalar(select(func.count(Task.id))) == 0
