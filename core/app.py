"""``create_app``: assemble Storeboard in one readable order."""

from collections.abc import Callable, Iterable
from functools import lru_cache
from pathlib import Path
from typing import Any

from flask import Flask, has_request_context, request
from werkzeug.routing import Rule

from core import config, language, migrating, plugins, registry, security, transactions, web
from core.accounts import gate
from core.extensions import babel, csrf, db, htmx
from core.imports import unfinished

ROOT = Path(__file__).resolve().parent.parent


class LateRule(Rule):
    """A route that compiles how its addresses are written when the first is: most of a start went into all of them."""

    def _compile_builder(self, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
        compile_now, compiled = super()._compile_builder, None

        def build(rule: Rule, **values: Any) -> tuple[str, str]:
            nonlocal compiled
            compiled = compiled or compile_now(append_unknown)
            return compiled(rule, **values)

        return build


class Storeboard(Flask):
    """A Flask app that remembers the addresses it has written: a page has dozens, most of them every time the same."""

    url_rule_class = LateRule

    def __init__(self, *args: Any, **settings: Any) -> None:
        super().__init__(*args, **settings)
        self._written = lru_cache(maxsize=8192, typed=True)(self._write)

    def url_for(self, /, endpoint: str, **values: Any) -> str:
        asks_for_more = endpoint.startswith(".") or "_external" in values or "_scheme" in values  # than its arguments
        if asks_for_more or not has_request_context():
            return super().url_for(endpoint, **values)
        try:
            return self._written(request.script_root, endpoint, **values)
        except TypeError:  # a list, which nothing can be found by
            return super().url_for(endpoint, **values)

    def _write(self, root: str, endpoint: str, /, **values: Any) -> str:
        return super().url_for(endpoint, **values)


def create_app(extra_plugins: Iterable[tuple[str, Any]] = (), **settings: Any) -> Flask:
    """One application; ``settings`` override the environment, ``extra_plugins`` join the installed ones."""
    app = Storeboard("core", template_folder=str(ROOT / "templates"), static_folder="static")
    app.config.from_mapping(config.settings(**settings))
    Path(app.config["HOME"]).mkdir(parents=True, exist_ok=True)

    manager = plugins.load(config.disabled(app.config), extra_plugins)
    app.extensions["plugins"] = manager
    app.extensions["registry"] = registry.build(manager)
    unfinished.init_app(app)

    db.init_app(app)
    transactions.init_app(app)
    migrating.init_app(app)
    htmx.init_app(app)
    babel.init_app(
        app,
        default_translation_directories=";".join(translation_folders()),
        locale_selector=gate.locale_selector,
        timezone_selector=gate.timezone_selector,
    )
    gate.init_app(app)
    security.init_app(app)
    csrf.init_app(app)  # after the gate: who is not signed in is asked to, before a form's token is looked at
    language.init_app(app)
    web.init_app(app)
    for owner, blueprint in app.extensions["registry"].blueprints:
        app.register_blueprint(blueprint, **({} if owner == "core" else {"url_prefix": f"/{owner}"}))
    with app.app_context():
        plugins.tell("app_ready", app=app)
    return app


def translation_folders() -> list[str]:
    """Folders of compiled catalogues: core's, then every installed plugin's that has one."""
    return [str(Path(__file__).parent / "translations"), *map(str, plugins.folders("translations").values())]
