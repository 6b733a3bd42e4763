"""The demo shop in a real browser: one server for the tests that only look, and a watch on every page."""

import io
import shutil
from collections.abc import Callable

import pytest
from PIL import Image
from sqlalchemy import select

from core.accounts.models import User
from core.accounts.testing import sign_in
from core.app import create_app
from core.board import moves, services
from core.contracts import Actor
from core.extensions import db
from core.testing import databases
from core.testing.browser import Server
from core.transactions import transaction
from tests.e2e import watching


@pytest.fixture
def app(make_app):
    return make_app(LANGUAGE="zh", PUBLIC_URL="http://127.0.0.1")


class Shop:
    """The demo store behind a real socket."""

    def __init__(self, app):
        self.app = app
        self.server = Server(app)
        self.url = self.server.url
        self.spoken = {}

    def user(self, login):
        with self.app.app_context():
            return db.session.scalar(select(User).where(User.login == login))

    def token(self, login):
        return sign_in(self.app.test_client(), self.user(login))

    def speak(self, login, language):
        """Let the user read in that language from the next request on."""
        if self.spoken.get(login) != language:
            with self.app.app_context(), transaction() as session:
                session.scalar(select(User).where(User.login == login)).language = language
            self.spoken[login] = language

    def stop(self):
        self.server.stop()


@pytest.fixture(scope="session")
def shop(template_database, tmp_path_factory, demo_store):
    """The demo store, for tests that change nothing in it but what they made themselves."""
    home, of = demo_store
    folder = shutil.copytree(home, tmp_path_factory.mktemp("shop") / "home", symlinks=True)
    url = template_database.copy(folder, of)
    app = create_app(HOME=folder, DATABASE_URL=url, LANGUAGE="zh")
    made = Shop(app)
    yield made
    made.stop()
    databases.release(app)
    template_database.drop(url)


@pytest.fixture
def open_page(browser):
    """Open a browser profile with a page: ``open_page(url, token, width=1280)``; what it may not do fails the test."""
    made = []

    def open_one(url, token="", width=1280, height=800, **options):
        profile = browser.new_context(
            base_url=url,
            viewport={"width": width, "height": height},
            timezone_id="Asia/Shanghai",
            reduced_motion="reduce",
            **{"locale": "zh-CN", **options},
        )
        watch = watching.Watch(profile, url)
        made.append((profile, watch))
        if token:
            cookie = {"name": "storeboard_session", "value": token, "domain": "127.0.0.1", "path": "/"}
            profile.add_cookies([cookie])
        page = profile.new_page()
        page.watch = watch
        return page

    yield open_one
    for profile, _watch in made:
        profile.close()
    assert [watch.faults for _profile, watch in made if watch.faults] == []


@pytest.fixture
def browse(live_server, open_page) -> Callable:
    """A page of the test's own server, signed in as ``user``."""

    def open_one(user, width=1280, **options):
        return open_page(live_server.url, sign_in(live_server.app.test_client(), user), width, **options)

    return open_one


@pytest.fixture
def png():
    """A picture as bytes: ``png(800, 800)``."""

    def draw(width, height, colour="#b8543a"):
        data = io.BytesIO()
        Image.new("RGB", (width, height), colour).save(data, "PNG")
        return data.getvalue()

    return draw


class Team:
    """Operations with its lead Lin and its member Zhou, and tasks that they hand each other."""

    def __init__(self, app, make_user):
        self.app = app
        self.lin = make_user("lin", teams={"operations": "lead"}, name="林晓", language="zh")
        self.zhou = make_user("zhou", teams={"operations": "member"}, name="周敏", language="zh")

    def actor(self, user):
        return Actor(user.id, user.name, {"operations": "lead" if user is self.lin else "member"})

    def task(self, title, *verbs, what="改一下"):
        """A task that Lin drafted and with which Zhou did the verbs."""
        with self.app.app_context():
            draft = services.Draft(title, {"what": what})
            made = services.draft_task(self.actor(self.lin), "core.general", "operations", draft)
            for verb in ("offer", *verbs):
                self.move(made.id, verb, self.lin if verb == "offer" else self.zhou)
            return made

    def move(self, task_id, verb, user):
        with self.app.app_context():
            moves.move(task_id, verb, self.actor(user))


@pytest.fixture
def team(app, make_user):
    return Team(app, make_user)
