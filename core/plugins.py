"""Find, load and check plugins; collect their answers; tell them the news."""

import logging
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pluggy
from flask import current_app

from core import PROJECT, hookspecs
from core.extensions import db
from core.messages import Refusal, msg
from core.transactions import after_commit

GROUP = "storeboard.plugins"
log = logging.getLogger("storeboard.plugins")


@cache
def installed() -> tuple[EntryPoint, ...]:
    """Entry points of all installed plugins, by name; they are looked for once in a process."""
    return tuple(sorted(entry_points(group=GROUP), key=lambda ep: ep.name))


@dataclass(frozen=True)
class Standing:
    """How an installed plugin stands in the running app; ``failed`` says why it was left out."""

    name: str
    package: str
    version: str
    enabled: bool
    failed: str
    hooks: tuple[str, ...]


def standings() -> list[Standing]:
    """How every installed plugin stands, by name."""
    found, failed = [], current_app.extensions["registry"].failed
    for ep in installed():
        package, version = (ep.dist.name, ep.dist.version) if ep.dist else (ep.value, "")
        module = manager().get_plugin(ep.name)
        hooks = sorted(caller.name for caller in (manager().get_hookcallers(module) if module else None) or ())
        found.append(Standing(ep.name, package, version, module is not None, failed.get(ep.name, ""), tuple(hooks)))
    return found


def load(disabled: Collection[str] = (), extra: Iterable[tuple[str, Any]] = ()) -> pluggy.PluginManager:
    """A manager of the enabled plugins; core's own answers stand last, so that plugins are asked before it.

    Raises ``Refusal`` for a disabled name that is not installed and ``PluginValidationError`` for a hook that
    does not exist: a misspelt one would otherwise be silence.
    """
    from core import defaults

    found = installed()
    if unknown := set(disabled) - {ep.name for ep in found}:
        names = ", ".join(sorted(unknown))
        raise Refusal(msg("STOREBOARD_PLUGINS_DISABLED: no plugin is called %(names)s.", names=names))
    manager = pluggy.PluginManager(PROJECT)
    manager.add_hookspecs(hookspecs)
    manager.register(defaults, "core")
    named = [(ep.name, _imported(ep)) for ep in found if ep.name not in disabled]
    for name, module in sorted([*named, *extra], reverse=True):  # pluggy asks the newest first: so, by name
        manager.register(module, name)
    manager.check_pending()
    return manager


def _imported(ep: EntryPoint) -> Any:
    try:
        return ep.load()
    except Exception as error:
        origin = f"{ep.dist.name} {ep.dist.version}" if ep.dist else ep.value
        raise ImportError(f"plugin {ep.name} ({origin}) cannot be imported: {error!r}") from error


def manager() -> pluggy.PluginManager:
    """The running app's plugin manager."""
    return current_app.extensions["plugins"]


def collect(hook: str, **given: Any) -> Iterator[Any]:
    """Every plugin's answers to a question, in one flat stream. One that fails refuses what it was asked about."""
    for impl in _asked(hook):
        try:
            answers = list(impl.function(*(given[name] for name in impl.argnames)) or ())
        except Exception as error:
            log.exception("plugin %s failed in %s", impl.plugin_name, hook)
            raise Refusal(
                msg(
                    "The plugin %(plugin)s failed, so nothing was changed. Tell your administrator.",
                    plugin=impl.plugin_name,
                )
            ) from error
        yield from answers


def first(hook: str, failed: Callable[[str], Any], **given: Any) -> Any:
    """The first plugin's answer that is not None; of a plugin that fails, what ``failed`` makes of its name."""
    for impl in _asked(hook):
        try:
            answer = impl.function(*(given[name] for name in impl.argnames))
        except Exception:
            log.exception("plugin %s failed in %s", impl.plugin_name, hook)
            answer = failed(impl.plugin_name)
        if answer is not None:
            return answer
    return None


def _asked(hook: str) -> Iterator[Any]:
    return reversed(getattr(manager().hook, hook).get_hookimpls())


def tell_later(hook: str, **given: Any) -> None:
    """Tell every plugin what happened once the running transaction is stored."""
    after_commit(lambda: tell(hook, **given))


def tell(hook: str, **given: Any) -> None:
    """Tell every plugin what happened; one that fails is logged by name and stops nobody."""
    for impl in _asked(hook):
        try:
            impl.function(*(given[name] for name in impl.argnames))
        except Exception:
            db.session.rollback()
            log.exception("plugin %s failed in %s", impl.plugin_name, hook)


def folders(name: str) -> dict[str, Path]:
    """Folder ``name`` of every installed plugin that has one, found without importing it; disabled plugins too."""
    found = {}
    for ep in installed():
        package = ep.module.rpartition(".")[0] or ep.module
        spec = find_spec(package)
        for place in (spec.submodule_search_locations or []) if spec else []:
            if (Path(place) / name).is_dir():
                found[ep.name] = Path(place) / name
    return found
