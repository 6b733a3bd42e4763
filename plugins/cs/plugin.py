"""Customer service: the hook implementations."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from flask import Blueprint, Flask

from core import hookimpl
from core.answers import Demo, Promise
from core.contracts import (
    Actor,
    DocumentType,
    Importer,
    Job,
    LogLabel,
    NavItem,
    Panel,
    Permission,
    RecordType,
    TaskType,
    Team,
)
from core.messages import N_, Message
from plugins.cs import demo as examples
from plugins.cs import documents as papers
from plugins.cs import (  # noqa: F401  pages must be there before the blueprint is mounted
    feedback_views,
    figures_views,
    guards,
    member_views,
    promise_views,
    promises,
    record_views,
    settings_views,
    ticket_views,
    tickets,
)
from plugins.cs import importers as files
from plugins.cs import jobs as work
from plugins.cs.pages import bp
from plugins.cs.records import RECORD_TYPES, VIEW
from plugins.cs.types import FINANCE, PAYMENT, TASK_TYPES, TEAM

SEEN_BY = (TEAM, "operations")


@hookimpl
def teams() -> Iterable[Team]:
    return [Team(TEAM, N_("Customer service"), "CS", "daily", ("stores.view", "orders.view", "imports.run"))]


@hookimpl
def permissions() -> Iterable[Permission]:
    return [
        Permission(VIEW, N_("See tickets, after-sale cases and ratings"), teams=SEEN_BY),
        Permission("cs.import", N_("Import refunds, ratings and scores"), teams=SEEN_BY),
        Permission("cs.ticket", N_("Work on tickets, promises and feedback"), teams=(TEAM,)),
        Permission("cs.approve", N_("Approve amounts, promises and replies"), "lead", (TEAM,)),
        Permission("cs.approve_beyond", N_("Approve amounts above the lead's limit"), "lead", ("operations",)),
        Permission("cs.settings", N_("Write playbooks and define figures"), "lead", (TEAM,)),
    ]


@hookimpl
def nav_items() -> Iterable[NavItem]:
    return [
        NavItem(N_("Ticket queue"), "cs.index", VIEW, TEAM, 10, "headset"),
        NavItem(N_("After-sales"), "cs.after_sales", VIEW, TEAM, 20, "round"),
        NavItem(N_("Promised payments"), "cs.promises", VIEW, TEAM, 30, "coin"),
        NavItem(N_("Feedback"), "cs.feedback", VIEW, TEAM, 40, "comment"),
        NavItem(N_("Members"), "cs.members", VIEW, TEAM, 50, "users"),
        NavItem(N_("Service figures"), "cs.figures", VIEW, TEAM, 60, "history"),
        NavItem(N_("Canned replies"), "cs.replies", VIEW, TEAM, 70, "document"),
        NavItem(N_("Playbooks"), "cs.playbooks", VIEW, TEAM, 80, "sliders"),
    ]


@hookimpl
def blueprints() -> Iterable[Blueprint]:
    return [bp]


@hookimpl
def task_types() -> Iterable[TaskType]:
    return TASK_TYPES.values()


@hookimpl
def record_types() -> Iterable[RecordType]:
    return RECORD_TYPES


@hookimpl
def importers() -> Iterable[Importer]:
    return files.IMPORTERS


@hookimpl
def documents() -> Iterable[DocumentType]:
    return papers.DOCUMENTS


@hookimpl
def jobs() -> Iterable[Job]:
    return work.JOBS


@hookimpl
def log_labels() -> Iterable[LogLabel]:
    return [
        LogLabel("cs.reply", N_("Canned reply")),
        LogLabel("cs.playbook", N_("Complaint playbook")),
        LogLabel("cs.definition", N_("Definition of a figure")),
    ]


@hookimpl
def panels() -> Iterable[Panel]:
    return [
        Panel("task", "cs.ticket_box", N_("Ticket"), VIEW, 10, tuple(TASK_TYPES)),
        Panel("task", "cs.payment_box", N_("Promised payments"), "board.view", 10, (PAYMENT.name,)),
        Panel("order", "cs.order_box", N_("After-sales and promises"), VIEW, 20),
        Panel("desk", "cs.desk_box", N_("Customer service today"), "cs.ticket"),
    ]


@hookimpl
def promised_payments(store_id: int, first: date, last: date) -> Iterable[Promise]:
    return promises.promised(store_id, first, last)


@hookimpl
def move_objections(task: Any, verb: str, actor: Actor) -> Iterable[Message]:
    return guards.objections(task, verb, actor)


@hookimpl
def task_created(task: Any) -> None:
    if task.type in TASK_TYPES:
        tickets.keep(task)


@hookimpl
def task_moved(task: Any, verb: str, actor: Actor) -> None:
    if task.type in TASK_TYPES:
        tickets.follow(task, verb)
    promises.follow(task, verb, actor)


@hookimpl
def import_finished(batch: Any, actor: Actor) -> None:
    work.after_import(batch, actor)


@hookimpl
def import_undone(batch: Any, actor: Actor) -> None:
    work.after_undoing(batch, actor)


@hookimpl
def demo_loaded(demo: Demo) -> None:
    examples.load(demo)


@hookimpl
def app_ready(app: Flask) -> None:
    registry = app.extensions["registry"]
    if FINANCE in registry.teams:  # work for a team that another plugin may or may not bring
        registry.task_types[PAYMENT.name] = PAYMENT
