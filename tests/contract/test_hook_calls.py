"""Each hook that asks or tells, implemented by a real plugin in a real app."""

import inspect
from datetime import date

import pytest
from sqlalchemy import func, select

from core import demo, hookimpl, plugins
from core.access import allowed
from core.answers import Parcel, Payable, Promise, Receipt
from core.board import moves
from core.board.models import Task
from core.columns import now
from core.contracts import (
    SYSTEM,
    Actor,
    Problem,
    Ref,
)
from core.documents import services as papers
from core.extensions import db
from core.imports import undoing
from core.messages import Refusal, msg
from core.questions import asked
from core.stores import services as stores
from core.stores.models import Product
from core.testing.jobs import run_pending
from core.transactions import transaction
from tests.contract.tiny import GUESTS, HOOKS, KIND, TEAM, bring, draft, greeting, member, plugin


def test_hook_move_objections(one_plugin):
    def move_objections(task, verb):
        return [msg("Not on a Sunday.")] if (task.type, verb) == ("hello.greeting", "offer") else []

    app = one_plugin(plugin(teams=[TEAM], task_types=[KIND], move_objections=move_objections))

    with app.app_context():
        task, actor = greeting()
        with pytest.raises(Refusal, match=r"Not on a Sunday\."):
            moves.move(task.id, "offer", actor)


def test_hook_record_problems(one_plugin):
    app = one_plugin(plugin(record_problems=lambda record: [Problem(msg("Too long a name."), "title")]))

    with app.app_context():
        user = member(operations="lead")
        actor = Actor(user.id, user.name, user.roles)
        product = sell(actor)
        with pytest.raises(Refusal) as refused:
            stores.edit("core.product", product.id, 1, {"title": "A very long name"}, actor)

    assert refused.value.fields == {"title": msg("Too long a name.")}


def sell(actor):
    """A product of a store."""
    store = stores.create_store("Corner shop", actor)
    with transaction() as session:
        product = Product(store_id=store.id, item_id="7001", title="Tea")
        session.add(product)
    return product


def test_hook_promised_payments(one_plugin):
    promise = Promise("P1", "1001", 500, now(), "parcel came late")
    days = date(2026, 11, 1), date(2026, 11, 30)
    app = one_plugin(plugin(promised_payments=lambda store_id, first, last: [promise] if (first, last) == days else []))

    with app.app_context():
        assert asked("promised_payments", store_id=1, first=days[0], last=days[1]) == [promise]


def test_hook_parcels(one_plugin):
    app = one_plugin(plugin(parcels=lambda store_id, waybills: [Parcel(number, carrier="ZTO") for number in waybills]))

    with app.app_context():
        assert asked("parcels", store_id=1, waybills=["75001"]) == [Parcel("75001", carrier="ZTO")]


def test_hook_goods_received(one_plugin):
    receipt = Receipt("R1", "Fruit & Co", date(2026, 11, 3), quantity=40)
    app = one_plugin(plugin(goods_received=lambda first: [receipt] if first.month == 11 else []))

    with app.app_context():
        day = date(2026, 11, 1)
        assert asked("goods_received", store_id=1, first=day, last=day) == [receipt]


def test_hook_payables(one_plugin):
    day = date(2026, 11, 3)
    held = Payable("8001", "Fruit & Co", day, amount=9000, held=500)
    app = one_plugin(plugin(payables=lambda store_id, first: [held] if (store_id, first) == (None, day) else []))

    with app.app_context():
        assert asked("payables", store_id=None, first=day, last=day) == [held]


def test_a_question_that_nobody_answers_has_no_answers(in_app):
    assert asked("parcels", store_id=1, waybills=["75001"]) == []


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


def test_hook_record_saved(one_plugin, heard):
    app = one_plugin(heard[0])

    with app.app_context():
        user = member(operations="lead")
        actor = Actor(user.id, user.name, user.roles)
        product = stores.edit("core.product", sell(actor).id, 1, {"title": "Green tea"}, actor)

    assert heard[1][1:] == [("record_saved", product, actor)]


def test_hook_import_finished(one_plugin, heard, tmp_path):
    news_plugin, news = heard
    news_plugin.importers = hookimpl(lambda: [GUESTS])
    app = one_plugin(news_plugin)

    with app.app_context():
        report = bring(tmp_path)

    ((_, batch, actor),) = [entry for entry in news if entry[0] == "import_finished"]
    assert (batch.id, actor.source) == (report["batch"], "import")


def test_hook_import_undone(one_plugin, heard, tmp_path):
    news_plugin, news = heard
    news_plugin.importers = hookimpl(lambda: [GUESTS])
    app = one_plugin(news_plugin)

    with app.app_context():
        report = bring(tmp_path)
        undoing.undo(report["batch"], SYSTEM)

        ((_, batch, actor),) = [entry for entry in news if entry[0] == "import_undone"]
        assert (batch.id, batch.state, actor) == (report["batch"], "undone", SYSTEM)


def test_hook_document_issued(one_plugin):
    told = []

    def document_issued(document, actor):
        told.append((document.number, actor.user_id))

    app = one_plugin(plugin(teams=[TEAM], task_types=[KIND], document_issued=document_issued))

    with app.app_context():
        task, actor = greeting()
        number = papers.issue("core.handoff", Ref("core.task", task.id), actor).number
        assert told == []
        run_pending()

    assert told == [(number, actor.user_id)]


def test_hook_demo_loaded(one_plugin, heard):
    app = one_plugin(
        heard[0], PLUGINS_DISABLED=",".join(ep.name for ep in plugins.installed())
    )  # their demos take long

    demo.load(app)

    (given,) = (given for name, *given in heard[1] if name == "demo_loaded")
    assert given[0].people["hello1"].roles == {"hello": "lead"}


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
