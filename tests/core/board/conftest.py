"""Two partner teams, seven people and a clock that tests set: what the tests of the board stand on."""

from datetime import datetime, timedelta
from importlib import import_module
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import event

from core import hookimpl
from core.app import create_app
from core.board import contents, moves, notices, services
from core.board.models import Task
from core.contracts import Actor, Check, Field, Slot, Targets, TaskType, Team
from core.extensions import db
from core.files.rules import Accepted
from core.messages import Message
from core.testing.databases import release

SHANGHAI = ZoneInfo("Asia/Shanghai")
MONDAY = datetime(2026, 3, 2, 9, 0, tzinfo=SHANGHAI)

POSTER = TaskType(
    name="studio.poster",
    label="Poster",
    team="studio",
    fields=(Field("size", "Size", "size", required=True), Field("words", "Words", "list")),
    checklist=(Check("size", "Size as asked"), Check("words", "Words as asked"), Check("taste", "Looks good", False)),
    slots=(Slot("poster", "Poster"), Slot("source", "Source files", ("zip",), required=False, many=True)),
    targets=Targets(accept=60, deliver=480, check=120),
)
COUNTING = TaskType(name="warehouse.counting", label="Counting", team="warehouse")


class Studio:
    """A partner team in office hours, which hears the news and objects when it is told to."""

    def __init__(self):
        self.news, self.objections, self.created = [], [], []

    @hookimpl
    def teams(self):
        return [Team("studio", "Studio", "STU")]

    @hookimpl
    def task_types(self):
        return [POSTER]

    @hookimpl
    def move_objections(self, task, verb):
        return self.objections

    @hookimpl
    def task_created(self, task):
        self.created.append(task.number)

    @hookimpl
    def task_moved(self, task, verb, origin, actor):
        self.news.append((task.number, verb, origin, task.state, actor.name))


class Warehouse:
    """A partner team that works every day from nine to eleven at night."""

    @hookimpl
    def teams(self):
        return [Team("warehouse", "Warehouse", "WHS", hours="daily")]

    @hookimpl
    def task_types(self):
        return [COUNTING]


TEAMS = {
    "li": {"operations": "member"},
    "wang": {"operations": "lead"},
    "mei": {"studio": "member"},
    "hua": {"studio": "member"},
    "tang": {"studio": "lead"},
    "gao": {"warehouse": "member"},
    "root": {},
}


class Clock:
    """The time the board sees."""

    def __init__(self, at):
        self.at = at

    def __call__(self):
        return self.at

    def set(self, text):
        """Local time: ``2026-03-02 09:00``."""
        self.at = datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)

    def forward(self, **by):
        self.at += timedelta(**by)


class Desk:
    """The board's services, called as people call them; inside an app context."""

    def __init__(self, people):
        self.people = people

    def actor(self, name):
        return Actor(self.people[name].id, name, TEAMS[name], admin=name == "root")

    def id(self, name):
        return self.people[name].id

    def draft(self, by="li", kind="studio.poster", team="operations", title="Spring poster", brief=None, **more):
        brief = {"size": [790, 1200]} if brief is None else brief
        draft = services.Draft(title=title, brief=brief, **more)
        return services.draft_task(self.actor(by), kind, team, draft)

    def move(self, task, verb, who, version=None, **said):
        return moves.move(task.id, verb, self.actor(who), said, version=version)

    def add(self, task, data=b"one", slot="poster", who="mei"):
        picture = Accepted(data, "image/png", "image", "poster.png")
        return contents.add_file(task.id, slot, picture, self.actor(who))

    def check(self, task, **results):
        for name, result in (results or {"size": "pass", "words": "pass"}).items():
            contents.set_check(task.id, name, result, "wrong" if result == "fail" else "", self.actor("li"))

    def comment(self, task, body, who):
        return contents.comment(task.id, body, self.actor(who))

    def fresh(self, task):
        """The task as it is stored."""
        db.session.rollback()
        return db.session.get_one(Task, task.id, populate_existing=True)

    def notices(self, name):
        """What somebody was told, the newest last."""
        return [str(Message(each.text, each.params)) for each in reversed(notices.recent(self.id(name)))]

    def task(self, state="draft", kind="studio.poster", **more):
        """A task brought to ``state`` the shortest way: li asks, mei (or gao) works."""
        task, worker = self.draft(kind=kind, **more), "mei" if kind == "studio.poster" else "gao"
        path = {
            "offered": "offer", "accepted": "offer accept", "doing": "offer accept start",
            "waiting": "offer accept start wait", "delivered": "offer accept start deliver",
            "done": "offer accept start deliver sign_off", "returned": "offer return", "cancelled": "cancel",
        }.get(state, "")  # fmt: skip
        said = {
            "wait": {"waiting_for": "operations", "text": "photos"},
            "return": {"reason": "missing_info", "text": "which size?"},
            "cancel": {"text": "not needed"},
        }
        for verb in path.split():
            if verb == "deliver" and worker == "mei":
                self.add(task)
            if verb == "sign_off" and worker == "mei":
                self.check(task)
            who = "li" if verb in ("offer", "sign_off", "cancel") else worker
            self.move(task, verb, who, **said.get(verb, {}))
        return task


@pytest.fixture(scope="session")
def board_app(template_database, tmp_path_factory):
    """One app for all tests of the board: the statements and templates it has compiled, it keeps."""
    home = tmp_path_factory.mktemp("board")
    url, studio = template_database.copy(home), Studio()
    app = create_app(
        extra_plugins=[("studio", studio), ("warehouse", Warehouse())],
        HOME=home,
        DATABASE_URL=url,
        TESTING=True,
        WTF_CSRF_ENABLED=False,
        LANGUAGE="en",
    )
    yield app, studio
    release(app)
    template_database.drop(url)


@pytest.fixture
def studio(board_app):
    _, studio = board_app
    studio.__init__()
    return studio


@pytest.fixture
def app(board_app, template_database, studio):
    """The app, with an empty database."""
    app, _ = board_app
    release(app)
    template_database.renew(app.config["DATABASE_URL"])
    return app


@pytest.fixture
def switch_off(app, monkeypatch):
    """Switch the studio's plugin off, as far as its offers go."""

    def switch():
        offers = app.extensions["registry"]
        monkeypatch.delitem(offers.task_types, "studio.poster")
        monkeypatch.delitem(offers.teams, "studio")

    return switch


@pytest.fixture
def clock(monkeypatch):
    """Monday 2026-03-02, nine o'clock, until the test says otherwise."""
    clock = Clock(MONDAY)
    for name in ("moves", "clocks", "contents", "services", "queries", "shown", "notices", "jobs"):
        monkeypatch.setattr(import_module(f"core.board.{name}"), "now", clock)
    return clock


@pytest.fixture
def people(make_user):
    return {name: make_user(name, teams=teams, admin=name == "root") for name, teams in TEAMS.items()}


@pytest.fixture
def desk(in_app, people, clock):
    """The services, with a pushed app context, at the clock's time."""
    return Desk(people)


class Pages:
    """The board in browsers of signed-in people, who share its database but no app context with the test."""

    def __init__(self, app, people, as_user):
        self.app, self.people, self.as_user = app, people, as_user
        self.browsers = {}

    def browser(self, name):
        if name not in self.browsers:
            self.browsers[name] = self.as_user(self.people[name])
        return self.browsers[name]

    def get(self, who, url, htmx=False):
        return self.browser(who).get(url, headers=HTMX if htmx else None)

    def post(self, who, url, htmx=False, current="/boards/studio", **form):
        headers = {**HTMX, "HX-Current-URL": f"http://localhost{current}"} if htmx else None
        return self.browser(who).post(url, data=form, headers=headers)

    def look(self, work):
        """What ``work(desk)`` says, in a context of its own."""
        with self.app.app_context():
            return work(Desk(self.people))

    def task(self, state="draft", **more):
        """A task in ``state``, as far as a browser knows it."""

        def make(desk):
            task = desk.task(state, **more)
            return SimpleNamespace(id=task.id, number=task.number, version=task.version, url=f"/tasks/{task.number}")

        return self.look(make)

    def stored(self, task, *names):
        """Values of the task as it is stored."""
        values = self.look(lambda desk: [getattr(desk.fresh(task), name) for name in names])
        return values[0] if len(names) == 1 else tuple(values)


HTMX = {"HX-Request": "true"}


@pytest.fixture
def pages(app, people, as_user, clock):
    return Pages(app, people, as_user)


@pytest.fixture
def count_queries(app):
    """How many statements ``work()`` sends to the database."""

    def count(work):
        sent = []

        def note(*_):
            sent.append(1)

        with app.app_context():
            engine = db.engine
        event.listen(engine, "before_cursor_execute", note)
        try:
            work()
        finally:
            event.remove(engine, "before_cursor_execute", note)
        return len(sent)

    return count
