"""Logistics: the hook implementations."""

from collections.abc import Collection, Iterable
from typing import Any

from flask import Blueprint, Flask

from core import hookimpl
from core.answers import Demo, Parcel
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
from core.messages import N_
from plugins.logistics import (  # noqa: F401  pages must be there before the blueprint is mounted
    answers,
    bills_views,
    cases_views,
    claims,
    claims_views,
    couriers_views,
    desk,
    settings_views,
    views,
)
from plugins.logistics import demo as examples
from plugins.logistics import documents as papers
from plugins.logistics import imports as files
from plugins.logistics import jobs as work
from plugins.logistics.pages import bp
from plugins.logistics.records import RECORD_TYPES, VIEW
from plugins.logistics.settings import SETTINGS
from plugins.logistics.types import FINANCE, MONEY, TASK_TYPES, TEAM

SEEN_BY = (TEAM, "operations", "cs", FINANCE)  # who asks where a parcel is


@hookimpl
def teams() -> Iterable[Team]:
    return [Team(TEAM, N_("Logistics"), "LOG", "daily", ("stores.view", "orders.view", "imports.run"))]


@hookimpl
def permissions() -> Iterable[Permission]:
    return [
        Permission(VIEW, N_("See parcels, exceptions and claims"), teams=SEEN_BY),
        Permission("logistics.handle", N_("Handle exceptions, claims and manifests"), teams=(TEAM,)),
        Permission("logistics.settings", N_("Set the rules, templates and capacities of logistics"), "lead", (TEAM,)),
    ]


@hookimpl
def nav_items() -> Iterable[NavItem]:
    return [
        NavItem(N_("Dispatch clock"), "logistics.index", VIEW, TEAM, 10, "clock"),
        NavItem(N_("Exception desk"), "logistics.cases", VIEW, TEAM, 20, "alert"),
        NavItem(N_("Parcels"), "logistics.parcels", VIEW, TEAM, 30, "truck"),
        NavItem(N_("Handover"), "logistics.manifests", VIEW, TEAM, 40, "document"),
        NavItem(N_("Freight bills"), "logistics.bills", VIEW, TEAM, 50, "coin"),
        NavItem(N_("Courier claims"), "logistics.claims", VIEW, TEAM, 60, "round"),
        NavItem(N_("Courier scorecard"), "logistics.couriers", VIEW, TEAM, 65, "history"),
        NavItem(N_("Daily capacity"), "logistics.capacity", VIEW, TEAM, 70, "calendar"),
        NavItem(N_("Rules and templates"), "logistics.settings", VIEW, TEAM, 80, "sliders"),
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
    return [LogLabel(f"logistics.{each.name}", each.label) for each in SETTINGS.values()]


@hookimpl
def panels() -> Iterable[Panel]:
    return [
        Panel("order", "logistics.order_box", N_("Parcels"), VIEW),
        Panel("desk", "logistics.desk_box", N_("Logistics today"), "logistics.handle"),
    ]


@hookimpl
def parcels(store_id: int, waybills: Collection[str]) -> Iterable[Parcel]:
    return answers.parcels(store_id, waybills)


@hookimpl
def import_finished(batch: Any, actor: Actor) -> None:
    work.after_import(batch, actor)


@hookimpl
def import_undone(batch: Any, actor: Actor) -> None:
    work.after_undoing(batch, actor)


@hookimpl
def task_moved(task: Any, verb: str, actor: Actor) -> None:
    desk.follow(task, verb)
    claims.of_task(task, verb, actor)


@hookimpl
def demo_loaded(demo: Demo) -> None:
    examples.load(demo)


@hookimpl
def app_ready(app: Flask) -> None:
    registry = app.extensions["registry"]
    if FINANCE in registry.teams:  # work for a team that another plugin may or may not bring
        registry.task_types[MONEY.name] = MONEY
