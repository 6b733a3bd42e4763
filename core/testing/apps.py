"""Apps lent to one test after the other: what they have compiled of routes, statements and pages, they keep."""

import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from flask import Config
from jinja2 import BytecodeCache, FileSystemBytecodeCache
from sqlalchemy import event, make_url

from core import config, plugins
from core.app import create_app
from core.extensions import db

PLACES = {"HOME", "DATABASE_URL", "SQLALCHEMY_DATABASE_URI"}  # each test's own, looked up when they are needed
DERIVED = {"FILES_URL", "SECRET_KEY"}  # of the home, unless a test says what they are
MOST = 6


class Lent:
    """An app, and what it was like when it was made and when it was last lent."""

    def __init__(self, app: Any, made_of: Any, compiled: BytecodeCache):
        self.app, self.made_of = app, made_of
        app.jinja_env.bytecode_cache = compiled
        with app.app_context():
            self.engine = db.engine
        event.listen(self.engine, "do_connect", self._connect)
        self.first_config = dict(app.config)
        self.config, self.threads = _copy(dict(app.config)), set(threading.enumerate())
        self.state = _state(app)

    def _connect(self, dialect: Any, _record: Any, words: list[Any], named: dict[str, Any]) -> None:
        words[:], found = dialect.create_connect_args(self.engine.url)
        named.update(found)

    def untouched(self) -> bool:
        """Whether the app is as it was when it was lent, but for what it looks up again, and nobody uses it still."""
        for name in self.app.extensions.keys() - self.state["app"]["extensions"].keys():
            del self.app.extensions[name]
        at_rest = self.threads.issuperset(threading.enumerate())
        return at_rest and _copy(dict(self.app.config)) == self.config and _state(self.app) == self.state

    def move(self, settings: Mapping[str, Any]) -> None:
        """Give the app another home and another database."""
        self.app.config.clear()
        self.app.config.update(self.first_config | settings)
        self.config, self.threads = _copy(dict(self.app.config)), set(threading.enumerate())
        self.app._got_first_request = False  # a test may add a route
        self.engine.url = make_url(settings["DATABASE_URL"])


class ReadyApps:
    """The apps of one process. A test gets one that is as if it had just been made, or else a new one.

    ``folder`` keeps the templates, compiled once for all apps.
    """

    def __init__(self, folder: Path) -> None:
        folder.mkdir(exist_ok=True)
        self.compiled = FileSystemBytecodeCache(str(folder))
        self.free: list[Lent] = []
        self.lent: list[Lent] = []

    def lend(self, extra_plugins: Any, **settings: Any) -> Any:
        """An app of these plugins and settings, until ``take_back``."""
        wanted = config.settings(**settings)
        places = PLACES | DERIVED - settings.keys()
        ordinary = {name: value for name, value in wanted.items() if name not in places}
        made_of = list(extra_plugins), list(plugins.installed()), ordinary
        for ready in [each for each in self.free if each.made_of == made_of]:
            self.free.remove(ready)
            if ready.untouched():
                ready.move(wanted)
                self.lent.append(ready)
                return ready.app
        self.lent.append(Lent(create_app(extra_plugins=extra_plugins, **settings), made_of, self.compiled))
        return self.lent[-1].app

    def take_back(self) -> list[Any]:
        """The apps that the test used; another may get them."""
        apps = [each.app for each in self.lent]
        self.free = [*self.lent, *self.free][:MOST]
        self.lent = []
        return apps


def _state(app: Any) -> dict[str, Any]:
    """What a test can change in an app, all but the settings."""
    manager, heard = app.extensions["plugins"], []
    with app.app_context():
        engine = db.engine
    for each in (engine, engine.pool, engine.dialect):
        heard.append([list(getattr(each.dispatch, name)) for name in each.dispatch._event_names])
    elsewhere = {"config", "_got_first_request", "url_map", "jinja_env", "jinja_loader", "logger"}
    return {
        "app": {name: _copy(value) for name, value in vars(app).items() if name not in elsewhere},
        "commands": _copy(app.cli.commands),
        "engine": (engine, heard),
        "hooks": {name: caller.get_hookimpls() for name, caller in vars(manager.hook).items()},
        "json": dict(vars(app.json)),
        "plugins": manager.list_name_plugin(),
        "registry": _copy(vars(app.extensions["registry"])),
        "routes": (list(app.url_map.iter_rules()), dict(app.url_map.converters)),
        "templates": {name: _copy(value) for name, value in vars(app.jinja_env).items() if name != "cache"},
        "translations": _copy(vars(app.extensions["babel"])),
    }


def _copy(value: Any) -> Any:
    """A copy of containers, so that what is put into them is seen; empty ones come and go by being asked for."""
    if isinstance(value, dict) and not isinstance(value, Config):
        found = {name: _copy(each) for name, each in value.items()}
        return {name: each for name, each in found.items() if each not in ({}, [])}
    if isinstance(value, list | tuple):
        return [_copy(each) for each in value]
    return set(value) if isinstance(value, set) else value
