"""What every plugin must keep, ours and others'. Each check takes a ``Plugin`` and fails with a sentence."""

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from core import migrating, plugins, translating
from core.contracts import ANYONE, SIGNED_IN, Actor
from core.extensions import db
from core.registry import Registry

UNPUBLISHED = ("core.app", "core.cli", "core.defaults", "core.migrating", "core.plugins", "core.testing")
IMPURE = ("flask", "flask_babel", "flask_sqlalchemy", "sqlalchemy", "weasyprint", "core.extensions", "core.web")
LONGEST_MODULE = 300


@dataclass(frozen=True)
class Plugin:
    """An installed plugin and what makes apps with and without it."""

    name: str
    module: str
    make_app: Callable[..., Any]

    @classmethod
    def of(cls, name: str, make_app: Callable[..., Any]) -> "Plugin":
        found = {ep.name: ep for ep in plugins.installed()}
        assert name in found, f"no plugin called {name} is installed"
        return cls(name, found[name].module, make_app)

    @cached_property
    def app(self) -> Any:
        return self.make_app()

    @property
    def package(self) -> str:
        return self.module.rpartition(".")[0] or self.module

    @property
    def folder(self) -> Path:
        return Path(__import__(self.module, fromlist=["_"]).__file__).parent

    @property
    def registry(self) -> Registry:
        return self.app.extensions["registry"]

    @property
    def models(self) -> list[Any]:
        return [m for m in db.Model.registry.mappers if m.class_.__module__.startswith(f"{self.package}.")]

    @property
    def routes(self) -> list[str]:
        return [rule.endpoint for rule in self.app.url_map.iter_rules() if rule.rule.startswith(f"/{self.name}/")]

    def offered(self, hook: str) -> list[Any]:
        """This plugin's own answers to a hook that offers."""
        calls = getattr(self.app.extensions["plugins"].hook, hook).get_hookimpls()
        return [offer for call in calls if call.plugin_name == self.name for offer in call.function()]

    def sources(self) -> Iterator[Path]:
        return (path for path in self.folder.rglob("*.py") if "tests" not in path.relative_to(self.folder).parts)

    def owns(self, name: str) -> bool:
        return name == self.name or name.startswith((f"{self.name}.", f"{self.name}_"))


def name_is_one_word(plugin: Plugin) -> None:
    word = plugin.name
    assert word.isascii() and word.isalpha() and word.islower(), f"{word}: a plugin's name is one word of a to z"


def it_makes_its_offers(plugin: Plugin) -> None:
    assert plugin.registry.failed.get(plugin.name) is None


def names_carry_the_plugins_name(plugin: Plugin) -> None:
    names = [mapper.local_table.name for mapper in plugin.models]
    names += [team.code for team in plugin.offered("teams")]
    names += [blueprint.name for blueprint in plugin.offered("blueprints")]
    for hook in ("permissions", "task_types", "record_types", "importers", "documents", "jobs"):
        names += [offer.name for offer in plugin.offered(hook)]
    strangers = [name for name in names if not plugin.owns(name)]
    assert not strangers, f"these do not begin with {plugin.name}: {strangers}"


def templates_lie_in_a_folder_of_its_name(plugin: Plugin) -> None:
    templates = plugin.folder / "templates"
    found = [path.relative_to(templates) for path in templates.rglob("*") if path.is_file()]
    strangers = [str(path) for path in found if path.parts[0] != plugin.name]
    assert not strangers, f"templates of two plugins would hide each other: {strangers} are not in {plugin.name}/"


def foreign_keys_stay_home_or_in_core(plugin: Plugin) -> None:
    others = {ep.name for ep in plugins.installed()} - {plugin.name}
    for mapper in plugin.models:
        for key in mapper.local_table.foreign_keys:
            target = key.target_fullname.partition(".")[0]
            assert not any(target.startswith(f"{name}_") for name in others), f"{key.parent} refers to {target}"


def every_route_declares_a_registered_permission(plugin: Plugin) -> None:
    known = {ANYONE, SIGNED_IN, *plugin.registry.permissions}
    for endpoint in plugin.routes:
        view = plugin.app.view_functions[endpoint]
        if not endpoint.endswith(".static"):
            assert getattr(view, "permission", None) in known, f"{endpoint} declares no registered permission"


def menu_and_panels_lead_to_routes(plugin: Plugin) -> None:
    for item in [*plugin.offered("nav_items"), *plugin.offered("panels")]:
        assert item.endpoint in plugin.app.view_functions, f"{item} leads nowhere"
        assert item.permission in {ANYONE, SIGNED_IN, *plugin.registry.permissions}, f"{item} asks for nothing known"


def task_types_fit_together(plugin: Plugin) -> None:
    for kind in plugin.offered("task_types"):
        assert kind.team in plugin.registry.teams, f"{kind.name} is for a team that is not there: {kind.team}"
        for parts in (kind.fields, kind.checklist, kind.slots):
            names = [part.name for part in parts]
            assert len(names) == len(set(names)), f"{kind.name} names something twice: {names}"


def models_say_who_sees_them(plugin: Plugin) -> None:
    with plugin.app.app_context():  # who sees them may be asked of the roles
        for mapper in plugin.models:
            if hasattr(mapper.class_, "visible_to"):
                assert mapper.class_.visible_to(Actor(0, "")) is not None


def migrations_agree_with_the_models(plugin: Plugin) -> None:
    with plugin.app.app_context():
        if plugin.models:
            assert plugin.name in migrating.owners(), f"{plugin.name} has tables but no migrations"
            migrating.check(plugin.name)


def it_can_be_removed_cleanly(plugin: Plugin) -> None:
    app = plugin.make_app()
    with app.app_context():
        if plugin.name in migrating.owners():
            before = set(db.inspect(db.engine).get_table_names())
            migrating.downgrade(plugin.name)
            gone = before - set(db.inspect(db.engine).get_table_names())
            assert gone == {mapper.local_table.name for mapper in plugin.models}


def the_app_works_without_it(plugin: Plugin) -> None:
    app = plugin.make_app(PLUGINS_DISABLED=plugin.name)
    answers = [app.test_client().get(path).status_code for path in ("/healthz", "/")]
    assert max(answers) < 500
    strangers = [rule.rule for rule in app.url_map.iter_rules() if rule.rule.startswith(f"/{plugin.name}/")]
    assert not strangers


def imports_stay_in_the_published_core(plugin: Plugin) -> None:
    others = {ep.module.rpartition(".")[0] or ep.module for ep in plugins.installed()} - {plugin.package}
    for path in plugin.sources():
        for name in imported(path):
            assert not _within(name, UNPUBLISHED), f"{path} imports {name}, which core does not publish"
            assert not _within(name, others), f"{path} imports {name} of another plugin"


def rules_are_pure(plugin: Plugin) -> None:
    for path in plugin.sources():
        if path.stem == "rules" or path.parent.name == "rules":
            impure = [name for name in imported(path) if _within(name, IMPURE)]
            assert not impure, f"{path} imports {impure}"


def modules_are_small(plugin: Plugin) -> None:
    for path in plugin.sources():
        if path.parent.name == "migrations":  # written by a tool; one long list of what a table is
            continue
        lines = len(path.read_text(encoding="utf-8").splitlines())
        assert lines <= LONGEST_MODULE, f"{path} has {lines} lines"


def every_text_is_in_chinese_too(plugin: Plugin) -> None:
    assert plugin.name in translating.owners(), f"{plugin.name} has no translations"
    assert translating.untranslated(plugin.name) == []


def imported(path: Path) -> set[str]:
    """Full names of all that a module imports, wherever in it."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.update(f"{node.module}.{alias.name}" for alias in node.names)
    return names


def _within(name: str, modules: Any) -> bool:
    return any(name == module or name.startswith(f"{module}.") for module in modules)


CHECKS: tuple[Callable[[Plugin], None], ...] = (
    name_is_one_word,
    it_makes_its_offers,
    names_carry_the_plugins_name,
    templates_lie_in_a_folder_of_its_name,
    foreign_keys_stay_home_or_in_core,
    every_route_declares_a_registered_permission,
    menu_and_panels_lead_to_routes,
    task_types_fit_together,
    models_say_who_sees_them,
    migrations_agree_with_the_models,
    it_can_be_removed_cleanly,
    the_app_works_without_it,
    imports_stay_in_the_published_core,
    rules_are_pure,
    modules_are_small,
    every_text_is_in_chinese_too,
)
