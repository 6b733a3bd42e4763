"""What plugins offer, collected once at start and found by name; a name twice is an error."""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from typing import Any

import pluggy
from flask import Blueprint, current_app

from core.contracts import (
    DocumentType,
    Importer,
    Job,
    NavItem,
    Panel,
    Permission,
    RecordType,
    TaskType,
    Team,
)


@dataclass(frozen=True)
class Registry:
    """All offers of one app; ``owners`` says which plugin offered a blueprint."""

    blueprints: tuple[tuple[str, Blueprint], ...]
    teams: dict[str, Team]
    permissions: dict[str, Permission]
    nav_items: tuple[NavItem, ...]
    task_types: dict[str, TaskType]
    record_types: dict[str, RecordType]
    importers: dict[str, Importer]
    documents: dict[str, DocumentType]
    panels: tuple[Panel, ...]
    jobs: dict[str, Job]

    def panels_at(self, place: str) -> list[Panel]:
        return [panel for panel in self.panels if panel.place == place]


def build(manager: pluggy.PluginManager) -> Registry:
    """Ask every plugin for its offers; raises ``ValueError`` naming the plugin whose answer cannot be used."""
    found: dict[str, list[tuple[str, Any]]] = {field.name: [] for field in fields(Registry)}
    for hook, offers in found.items():
        for impl in reversed(getattr(manager.hook, hook).get_hookimpls()):
            try:
                offers.extend((impl.plugin_name, offer) for offer in impl.function())
            except Exception as error:
                raise ValueError(f"plugin {impl.plugin_name} fails in {hook}: {error}") from error
    return Registry(
        blueprints=tuple(found["blueprints"]),
        teams=_named(found["teams"], "code"),
        permissions=_named(found["permissions"], "name"),
        nav_items=tuple(sorted((item for _, item in found["nav_items"]), key=lambda i: (i.team, i.weight, i.label))),
        task_types=_named(found["task_types"], "name"),
        record_types=_named(found["record_types"], "name"),
        importers=_named(found["importers"], "name"),
        documents=_named(found["documents"], "name"),
        panels=tuple(sorted((panel for _, panel in found["panels"]), key=lambda p: (p.place, p.weight, p.title))),
        jobs=_named(found["jobs"], "name"),
    )


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
    return current_app.extensions["registry"]
