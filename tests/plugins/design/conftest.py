"""A store's operator, two designers and their lead: what the tests of design stand on."""

import io
from contextvars import Context
from functools import partial

import pytest
from PIL import Image

from core.board import contents, moves, notices, services
from core.board.models import Task
from core.contracts import Actor
from core.extensions import db
from core.files import services as files
from core.messages import Message

TEAMS = {
    "li": {"operations": "member"},
    "mei": {"design": "member"},
    "hua": {"design": "member"},
    "tang": {"design": "lead"},
    "gao": {"operations": "lead"},
}
PAGE = {
    "page_type": "main_picture",
    "platforms": ["tmall"],
    "size": [750, 1000],
    "audience": "办公室白领",
    "selling_points": ["高山原叶", "冷热皆宜"],
}
RETOUCH = {"what": "去水印", "count": 4, "background": "white", "sources": ["https://example.com/a.jpg"]}
SHOOT = {"items": ["礼盒"], "scenes": ["室内"], "pictures": 4, "samples_by": "2026-12-01"}
BRIEFS = {"design.page_request": PAGE, "design.image_retouch": RETOUCH, "design.photo_shoot": SHOOT}


class Studio:
    """The board's services, called as people of the shop call them; inside an app context."""

    def __init__(self, people):
        self.people = people

    def id(self, name):
        return self.people[name].id

    def actor(self, name):
        return Actor(self.id(name), name, TEAMS[name])

    def draft(self, kind="design.page_request", by="li", title="双十一主图", priority=1, records=(), **brief):
        draft = services.Draft(title, {**BRIEFS[kind], **brief}, priority, records=records)
        return services.draft_task(self.actor(by), kind, "operations", draft)

    def move(self, task, verb, who, version=None, **said):
        return moves.move(task.id, verb, self.actor(who), said, version=version)

    def offered(self, **more):
        task = self.draft(**more)
        return self.move(task, "offer", "li")

    def doing(self, who="mei", **more):
        task = self.offered(**more)
        self.move(task, "accept", who)
        return self.move(task, "start", who)

    def add(self, task, slot, data, who="mei", name="picture.jpg"):
        accepted = files.open_upload(io.BytesIO(data), contents.slot_of(task, slot).accept, name)
        return contents.add_file(task.id, slot, accepted, self.actor(who))

    def fresh(self, task):
        """The task as it is stored."""
        db.session.rollback()
        return db.session.get_one(Task, task.id, populate_existing=True)

    def notices(self, name):
        """What somebody was told, the newest last."""
        return [str(Message(each.text, each.params)) for each in reversed(notices.recent(self.id(name)))]


@pytest.fixture
def people(make_user):
    return {name: make_user(name, teams=teams) for name, teams in TEAMS.items()}


@pytest.fixture
def studio(in_app, people):
    """The services, with a pushed app context."""
    return Studio(people)


@pytest.fixture
def picture():
    """A real picture's bytes: ``picture(width, height, form)``."""

    def make(width=750, height=1000, form="JPEG"):
        out = io.BytesIO()
        Image.new("RGB", (width, height), "teal").save(out, form)
        return out.getvalue()

    return make


@pytest.fixture
def browse(people, as_user):
    """A signed-in browser: ``browse("mei").get(path)``. Its requests see nothing of the context that is pushed here."""

    class Browser:
        def __init__(self, name):
            self.client = as_user(people[name])

        def get(self, path, **more):
            return Context().run(partial(self.client.get, path, **more))

        def post(self, path, **more):
            return Context().run(partial(self.client.post, path, **more))

    return Browser
