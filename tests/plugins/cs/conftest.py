"""Agents and their lead, operations, finance and logistics: what the tests of customer service stand on."""

import io
import json
from contextvars import Context
from functools import partial

import pytest
from PIL import Image
from sqlalchemy import select

from core.board import contents, moves
from core.board.models import Task
from core.board.services import Draft
from core.contracts import Actor
from core.extensions import db
from core.files import services as files
from core.imports import command
from core.imports.models import ImportBatch
from core.stores.models import Store
from plugins.cs import promises, tickets
from plugins.cs.models import Ticket

TEAMS = {
    "an": {"cs": "member"},
    "bo": {"cs": "member"},
    "hui": {"cs": "lead"},
    "gao": {"operations": "lead"},
    "jin": {"finance": "member"},
    "cang": {"logistics": "member"},
}


class Desk:
    """The services of customer service, called as people of the shop call them; inside an app context."""

    def __init__(self, people, folder):
        self.people, self.folder = people, folder

    def actor(self, name):
        return Actor(self.people[name].id, name, TEAMS[name])

    def bring(self, name, data):
        """Import a file into the store S; what the command reports."""
        path = self.folder / name
        path.write_bytes(data)
        said = []
        command.run([path], "S", new_store=True, as_json=True, echo=said.append)
        return json.loads(said[0])

    def read_notes(self):
        """What the job after an import of orders does."""
        batch = db.session.scalar(select(ImportBatch.id).order_by(ImportBatch.id.desc()).limit(1))
        return promises.scan_batch(batch)

    def store(self):
        return db.session.scalar(select(Store).where(Store.name == "S"))

    def ticket(self, kind="cs.complaint", by="an", answered=True, **brief):
        draft = Draft("罐子压坏了", {"what": "收到时罐子变形。", **brief})
        return tickets.open_ticket(self.actor(by), kind, draft, answered=answered)

    def set(self, task, by="an", **values):
        return tickets.edit(task.id, self.actor(by), None, values)

    def move(self, task, verb, who, **said):
        return moves.move(task.id, verb, self.actor(who), said)

    def evidence(self, task, who="an"):
        out = io.BytesIO()
        Image.new("RGB", (60, 40), "teal").save(out, "PNG")
        accepted = files.open_upload(io.BytesIO(out.getvalue()), ("image",), "破损.png")
        return contents.add_file(task.id, "evidence", accepted, self.actor(who))

    def fresh(self, task):
        db.session.rollback()
        return db.session.get_one(Task, task.id, populate_existing=True)

    def beside(self, task):
        db.session.rollback()
        return db.session.get_one(Ticket, task.id, populate_existing=True)


@pytest.fixture
def people(make_user):
    return {name: make_user(name, teams=teams) for name, teams in TEAMS.items()}


@pytest.fixture
def desk(in_app, people, tmp_path):
    """The services, with a pushed app context."""
    return Desk(people, tmp_path)


@pytest.fixture
def browse(people, as_user):
    """A signed-in browser: ``browse("an").get(path)``; its requests see nothing of the context that is pushed here."""

    class Browser:
        def __init__(self, name):
            self.client = as_user(people[name])

        def get(self, path, **more):
            return Context().run(partial(self.client.get, path, **more))

        def post(self, path, **more):
            return Context().run(partial(self.client.post, path, **more))

    return Browser
