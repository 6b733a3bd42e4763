"""Each of the plugins switched off in turn: all the others work as before, and its tasks stay readable."""

import shutil

import pytest
from sqlalchemy import func, select

from core import plugins
from core.app import create_app
from core.board import moves, services
from core.board.models import Task
from core.contracts import Actor
from core.extensions import db
from core.testing import databases
from tests.e2e import watching
from tests.e2e.conftest import Shop

pytestmark = [pytest.mark.e2e, pytest.mark.any_database]

NAMES = [ep.name for ep in plugins.installed()]


@pytest.fixture(scope="module")
def house(template_database, tmp_path_factory, demo_store):
    """The demo store with a folder and a database of its own."""
    home, of = demo_store
    folder = shutil.copytree(home, tmp_path_factory.mktemp("house") / "home", symlinks=True)
    url = template_database.copy(folder, of)
    yield folder, url
    template_database.drop(url)


@pytest.fixture
def without(house):
    """The demo store's server with one plugin switched off."""
    folder, url = house
    running = []

    def start(name):
        app = create_app(HOME=folder, DATABASE_URL=url, LANGUAGE="zh", PLUGINS_DISABLED=name)
        running.append(Shop(app))
        return running[-1]

    yield start
    for shop in running:
        shop.stop()
        databases.release(shop.app)


def work_on(shop):
    """A handoff of core's own type through the whole table of verbs; the remaining plugins hear of it."""
    with shop.app.test_request_context():
        asker, worker = (Actor(shop.user(login).id, login, {"operations": "lead"}) for login in USERS)
        task = services.draft_task(asker, "core.general", "operations", services.Draft("照常交接", {"what": "试试"}))
        for verb in ("offer", "accept", "start", "deliver", "rework"):
            said = {"reason": "brief_not_met", "text": "再改"} if verb == "rework" else {}
            moves.move(task.id, verb, worker if verb in ("accept", "start", "deliver") else asker, said)
        return db.session.scalar(select(Task.state).where(Task.id == task.id))


USERS = ("operations1", "operations2")


@pytest.mark.parametrize("name", NAMES)
def test_with_a_plugin_switched_off_the_others_work_and_its_tasks_can_be_read(name, without, open_page, caplog):
    shop = without(name)
    with shop.app.test_request_context():
        orphans = db.session.execute(
            select(Task.number, Task.title, Task.brief).where(Task.type.startswith(f"{name}."))
        )
        orphans = orphans.all()
        others = db.session.scalar(select(func.count()).where(~Task.type.startswith(f"{name}.")).select_from(Task))
    assert orphans
    assert others
    page = open_page(shop.url, shop.token("admin"))
    page.goto("/")
    page.watch.settle(page)

    # whatever the rail leads to, of core and of the other plugins; nothing of the one that is off
    rail = [link.get_attribute("href") for link in page.locator(".rail li > a").all()]
    assert len(rail) > 25
    assert not [link for link in rail if link.startswith(f"/{name}/")]
    for link in [*rail, *(f"/boards/{team}" for team in ["operations", *NAMES] if team != name)]:
        answer = page.request.get(link)
        assert (link, answer.status) == (link, 200)

    # its tasks: each of them on its page, one looked at, none to be moved
    for number, title, _brief in orphans:
        answer = page.request.get(f"/tasks/{number}")
        assert (number, answer.status, title in answer.text()) == (number, 200, True)
    number, title, brief = max(orphans, key=lambda row: len(str(row.brief)))
    page.goto(f"/tasks/{number}")
    page.watch.settle(page)
    assert page.locator("h1:visible").inner_text().strip().endswith(title)
    words = next(value for value in brief.values() if isinstance(value, str) and len(value) > 2)
    assert page.get_by_text(words.split("\n")[0]).first.is_visible()
    assert page.locator(".note.amber").filter(has_text="已停用").is_visible()
    assert page.locator(".verbs form, .verbs a").count() == 0
    assert watching.overflow(page) == []

    assert work_on(shop) == "doing"
    assert [record.getMessage() for record in caplog.records if record.levelname == "ERROR"] == []
