"""A broken plugin is its own problem: core's pages answer, and it is said what is broken."""

import logging
from importlib.metadata import EntryPoint

import pytest

from core import plugins
from core.access import allowed
from core.accounts.models import Membership, User
from core.board import moves, services
from core.contracts import Actor
from core.messages import Refusal
from core.registry import OFFERS, registry
from core.transactions import transaction
from tests.contract.broken import wrong_answers
from tests.contract.broken.raising import raising_in, raising_late
from tests.contract.tiny import HOOKS

pytestmark = pytest.mark.any_database

NAMES = [*HOOKS, "all at once"]
QUESTIONS = [name for name in HOOKS if "*Asked" in HOOKS[name].__doc__]


@pytest.fixture(autouse=True)
def quiet(caplog):
    caplog.set_level(logging.CRITICAL + 1)


def broken_app(make_app, name):
    return make_app(extra_plugins=[("broken", raising_in(*(HOOKS if name == "all at once" else [name])))])


def somebody(app, **more):
    with app.app_context(), transaction() as session:
        roles = [Membership(team="operations", role="lead")]
        user = User(login="li", name="Li", language="en", password_hash="-", memberships=roles, **more)
        session.add(user)
    return user


def pages(app, core):
    """Addresses of core's pages that need no id, or of those of the plugins."""
    ours = {blueprint.name for owner, blueprint in app.extensions["registry"].blueprints if owner == "core"}
    rules = [rule for rule in app.url_map.iter_rules() if "GET" in rule.methods and not rule.arguments]
    return sorted(rule.rule for rule in rules if (rule.endpoint.partition(".")[0] in ours) == core)


@pytest.mark.parametrize("name", NAMES)
def test_every_core_page_answers_though_a_plugin_raises_in(name, make_app, sign_in):
    app = broken_app(make_app, name)
    app.config["TESTING"] = False
    client = app.test_client()
    sign_in(client, somebody(app, admin=True))

    answers = {path: client.get(path).status_code for path in pages(app, core=True)}

    assert len(answers) > 10
    assert {path: status for path, status in answers.items() if status >= 400} == {}


def test_a_page_that_asks_a_broken_plugin_says_so_in_a_sentence(make_app, sign_in):
    app = broken_app(make_app, "all at once")
    app.config["TESTING"] = False
    client = app.test_client()
    sign_in(client, somebody(app, admin=True))

    answers = {path: client.get(path).status_code for path in pages(app, core=False)}

    assert len(answers) > 30
    assert {path: status for path, status in answers.items() if status not in (200, 204, 303, 422)} == {}


@pytest.mark.parametrize("name", NAMES)
def test_a_task_can_be_drafted_and_is_moved_or_refused_with_a_sentence_though_a_plugin_raises_in(name, make_app):
    app = broken_app(make_app, name)
    user = somebody(app)
    actor = Actor(user.id, user.name, user.roles)

    with app.app_context():
        task = services.draft_task(actor, "core.general", "operations", services.Draft("x", {"what": "y"}))
        if name == "move_objections":
            with pytest.raises(Refusal, match="The plugin broken failed, so nothing was changed"):
                moves.move(task.id, "offer", actor)
        else:
            assert moves.move(task.id, "offer", actor).state == "offered"


@pytest.mark.parametrize("name", OFFERS)
def test_a_plugin_that_fails_in_an_offer_is_left_out_whole_and_named(name, make_app):
    app = broken_app(make_app, name)

    with app.app_context():
        assert registry().failed == {"broken": f"{name} fails: Broken('{name}')"}
        assert not plugins.manager().has_plugin("broken")


def test_a_plugin_that_offers_something_else_is_left_out(make_app):
    app = make_app(extra_plugins=[("wrong", wrong_answers)])

    with app.app_context():
        assert "wrong" in registry().failed


def test_an_answer_that_fails_when_it_is_read_counts_as_failed(make_app):
    app = make_app(extra_plugins=[("broken", raising_late("move_objections"))])

    with app.app_context(), pytest.raises(Refusal, match="broken failed"):
        list(plugins.collect("move_objections", task=None, verb="offer", actor=None))


def test_while_its_can_fails_a_plugins_own_rights_are_nobodys(make_app):
    app = broken_app(make_app, "can")

    with app.app_context():
        assert not allowed(Actor(1, "root", admin=True), "broken.use")
        assert allowed(Actor(1, "li", {"operations": "member"}), "board.view")


def test_a_failure_is_logged_with_the_plugins_name(make_app, caplog):
    caplog.set_level(logging.ERROR)
    app = broken_app(make_app, "task_created")
    user = somebody(app)

    with app.app_context():
        services.draft_task(Actor(user.id, "", user.roles), "core.general", "operations", services.Draft("x"))

    assert "plugin broken failed in task_created" in caplog.text


def test_a_plugin_that_cannot_be_imported_stops_the_start_by_its_name(make_app, monkeypatch):
    broken = EntryPoint("broken", "tests.contract.broken.unimportable", plugins.GROUP)
    monkeypatch.setattr(plugins, "installed", lambda: [broken])

    with pytest.raises(ImportError, match=r"plugin broken \(tests.contract.broken.unimportable\) cannot be imported"):
        make_app()


def test_switching_off_a_plugin_that_is_not_installed_stops_the_start(make_app):
    with pytest.raises(Refusal, match="no plugin is called returns"):
        make_app(PLUGINS_DISABLED="returns")
