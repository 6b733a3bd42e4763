"""Design: the hook implementations."""

from collections.abc import Iterable
from typing import Any

from flask import Blueprint

from core import hookimpl
from core.answers import Demo
from core.contracts import Actor, DocumentType, LogLabel, NavItem, Panel, Permission, TaskType, Team
from core.messages import N_, Message
from plugins.design import demo as examples
from plugins.design import documents as papers
from plugins.design import services, views
from plugins.design.types import TASK_TYPES, TEAM


@hookimpl
def teams() -> Iterable[Team]:
    return [Team(TEAM, N_("Design"), "DES")]


@hookimpl
def permissions() -> Iterable[Permission]:
    return [
        Permission("design.pick", N_("Pick requests from the design queue"), teams=(TEAM,)),
        Permission("design.rush", N_("Decide on rush requests"), "lead", (TEAM,)),
        Permission("design.capacity", N_("Set designers' capacities"), "lead", (TEAM,)),
        Permission("design.words", N_("Keep the list of banned words"), "lead", (TEAM,)),
        Permission("design.rework", N_("See why design requests come back"), teams=(TEAM, "operations")),
    ]


@hookimpl
def nav_items() -> Iterable[NavItem]:
    return [
        NavItem(N_("Design queue"), "design.index", "design.pick", TEAM, 10, "brush"),
        NavItem(N_("Rework statistics"), "design.rework", "design.rework", TEAM, 20, "round"),
        NavItem(N_("Capacities"), "design.capacity", "design.capacity", TEAM, 30, "users"),
        NavItem(N_("Banned words"), "design.words", "design.words", TEAM, 40, "blocked"),
    ]


@hookimpl
def blueprints() -> Iterable[Blueprint]:
    return [views.bp]


@hookimpl
def task_types() -> Iterable[TaskType]:
    return TASK_TYPES.values()


@hookimpl
def documents() -> Iterable[DocumentType]:
    return [papers.BRIEF]


@hookimpl
def log_labels() -> Iterable[LogLabel]:
    return [
        LogLabel("design.banned_word", N_("Banned word")),
        LogLabel("design.capacity", N_("Capacity")),
    ]


@hookimpl
def panels() -> Iterable[Panel]:
    return [
        Panel("task", "design.task_box", N_("Design"), "board.view", task_types=tuple(TASK_TYPES)),
        Panel("desk", "design.next_box", N_("Next in the design queue"), "design.pick"),
    ]


@hookimpl
def move_objections(task: Any, verb: str, actor: Actor) -> Iterable[Message]:
    return services.objections(task, verb, actor)


@hookimpl
def task_moved(task: Any, verb: str, actor: Actor) -> None:
    services.tell_leads(task, verb, actor)


@hookimpl
def demo_loaded(demo: Demo) -> None:
    examples.load(demo)
