"""Plugins of a few lines, made in a test, and what to try them on."""

import inspect
import json
from types import SimpleNamespace
from typing import Any

from core import hookimpl, hookspecs
from core.accounts.models import Membership, User
from core.board import services
from core.contracts import (
    Actor,
    Column,
    Field,
    Importer,
    ImportRecord,
    TaskType,
    Team,
)
from core.imports import command
from core.transactions import transaction

HOOKS = {
    name: hook
    for name, hook in vars(hookspecs).items()
    if inspect.isfunction(hook) and hook.__module__ == hookspecs.__name__
}

KIND = TaskType("hello.greeting", "Greeting", "hello", fields=(Field("whom", "Whom", required=True),))
TEAM = Team("hello", "Hello", "HEL")


def plugin(**hooks: Any) -> SimpleNamespace:
    """A plugin that implements ``hooks``: name -> function, or the value that it is to return."""
    return SimpleNamespace(**{name: hookimpl(_function(value)) for name, value in hooks.items()})


def _function(value: Any) -> Any:
    if callable(value):
        return value
    return lambda: value


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


GUESTS = Importer(
    "hello.guests",
    "Guest list",
    (Column("code", ("Guest",), "id", required=True), Column("title", ("Name",), required=True)),
    lambda row: [ImportRecord("core.product", row["code"], {"item_id": row["code"], "title": row["title"]})],
)


def bring(tmp_path):
    """Import a guest list; the report of the command."""
    path = tmp_path / "guests.csv"
    path.write_text("Guest,Name\n7001,Han Mei\n", encoding="utf-8")
    said = []
    command.run([path], "Corner shop", new_store=True, as_json=True, echo=said.append)
    return json.loads(said[0])
