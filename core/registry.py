"""What plugins offer, collected once at start and found by name; a name twice is an error."""

import logging
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import click
import pluggy
from flask import Blueprint, current_app

from core import contracts

log = logging.getLogger("storeboard.plugins")

OFFERS: dict[str, type] = {
    "blueprints": Blueprint,
    "teams": contracts.Team,
    "permissions": contracts.Permission,
    "nav_items": contracts.NavItem,
    "task_types": contracts.TaskType,
    "record_types": contracts.RecordType,
    "importers": contracts.Importer,
    "documents": contracts.DocumentType,
    "panels": contracts.Panel,
    "jobs": contracts.Job,
    "log_labels": contracts.LogLabel,
    "commands": click.Command,
}
NAMED = ("teams", "permissions", "task_types", "record_types", "importers", "documents", "jobs", "log_labels")


@dataclass(frozen=True)
class Registry:
    """All offers of one app. ``failed`` says of each plugin that could not make its offers, why."""

    blueprints: tuple[tuple[str, Blueprint], ...]  # with the name of the plugin that offers it
    teams: dict[str, contracts.Team]
    permissions: dict[str, contracts.Permission]
    nav_items: tuple[contracts.NavItem, ...]
    task_types: dict[str, contracts.TaskType]
    record_types: dict[str, contracts.RecordType]
    importers: dict[str, contracts.Importer]
    documents: dict[str, contracts.DocumentType]
    panels: tuple[contracts.Panel, ...]
    jobs: dict[str, contracts.Job]
    log_labels: dict[str, contracts.LogLabel]
    commands: tuple[tuple[str, click.Command], ...]  # with the name of the plugin that offers it
    failed: dict[str, str]


def build(manager: pluggy.PluginManager) -> Registry:
    """Ask every plugin for its offers.

    One that fails is left out whole, as if it were switched off, and the rest goes on without it; core itself may not
    fail. Raises ``ValueError`` when two plugins offer the same name.
    """
    found: dict[str, list[tuple[str, Any]]] = {hook: [] for hook in OFFERS}
    failed: dict[str, str] = {}
    for name, module in sorted(manager.list_name_plugin(), key=lambda pair: (pair[0] != "core", pair[0])):
        try:
            made = [(hook, offer) for hook in OFFERS for offer in offers(manager, name, hook)]
        except Exception as error:
            if name == "core":
                raise
            log.exception("plugin %s is left out", name)
            failed[name] = str(error)
            manager.unregister(module)
            continue
        for hook, offer in made:
            found[hook].append((name, offer))
    named = {hook: _named(found[hook], "code" if hook == "teams" else "name") for hook in NAMED}
    rank = {code: place for place, code in enumerate(["", *named["teams"]])}
    items, panels = ([offer for _, offer in found[hook]] for hook in ("nav_items", "panels"))
    return Registry(
        **named,
        blueprints=tuple(found["blueprints"]),
        commands=tuple(found["commands"]),
        nav_items=tuple(sorted(items, key=lambda i: (rank.get(i.team, 99), i.weight, i.label))),
        panels=tuple(sorted(panels, key=lambda p: (p.place, p.weight, p.title))),
        failed=failed,
    )


def offers(manager: pluggy.PluginManager, name: str, hook: str) -> Iterator[Any]:
    """What one plugin offers by one hook; raises ``ValueError`` when it fails, ``TypeError`` for what is no offer."""
    for impl in getattr(manager.hook, hook).get_hookimpls():
        if impl.plugin_name != name:
            continue
        try:
            answer = list(impl.function())
        except Exception as error:
            raise ValueError(f"{hook} fails: {error!r}") from error
        for offer in answer:
            if not isinstance(offer, OFFERS[hook]):
                raise TypeError(f"{hook} offers {offer!r}, which is no {OFFERS[hook].__name__}")
            yield offer


def _named(offers: Iterable[tuple[str, Any]], attribute: str) -> dict[str, Any]:
    named: dict[str, Any] = {}
    owners: dict[str, str] = {}
    for owner, offer in offers:
        name = getattr(offer, attribute)
        if name in named:
            raise ValueError(f"{name} is offered by {owners[name]} and by {owner}")
        named[name], owners[name] = offer, owner
    return named


def registry() -> Registry:
    """The running app's registry."""
    app: Any = current_app._get_current_object()  # type: ignore[attr-defined]  # asked a hundred times for a page
    return app.extensions["registry"]


def team_label(code: str) -> str:
    """A team's label; the code itself of one whose plugin is switched off."""
    team = registry().teams.get(code)
    return team.label if team else code


def kind_label(kind: str) -> str:
    """What records of a kind are called, or what the log calls it; the kind itself where its plugin is switched off."""
    found = registry().record_types.get(kind) or registry().log_labels.get(kind)
    return found.label if found else kind
