"""Apps used by one test after the other: what they have compiled of routes, statements and pages, they keep."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.testing import databases


@dataclass
class Ready:
    """An app with what it was at first."""

    app: Any
    settings: dict[str, Any]
    url: str
    config: dict[str, Any]
    names: dict[str, Any]  # that its templates know
    parts: set[str]  # its extensions
    routes: int


class ReadyApps:
    """The apps of one process, lent to tests; each comes with an empty database and a new home."""

    def __init__(self, copies: Any):
        self.copies = copies
        self.free: list[Ready] = []
        self.lent: list[Ready] = []

    def take(self, settings: dict[str, Any], home: Path) -> Any:
        """An app of these settings that no test has, or none."""
        ready = next((each for each in self.free if each.settings == settings), None)
        if ready is None:
            return None
        self.free.remove(ready)
        self.lent.append(ready)
        app, secret = ready.app, home / "secret"
        if not secret.exists():
            secret.write_text(ready.config["SECRET_KEY"])
        app.config.clear()
        app.config.update(ready.config)
        app.config.update(HOME=home, FILES_URL=str(home / "files"), SECRET_KEY=secret.read_text())
        app._got_first_request = False  # so that a test may add a route
        return app

    def lend(self, app: Any, settings: dict[str, Any], url: str) -> None:
        """Let a test use a new app, to be taken back."""
        names, parts = dict(app.jinja_env.globals), set(app.extensions)
        self.lent.append(Ready(app, settings, url, dict(app.config), names, parts, len(app.view_functions)))

    def take_back(self) -> None:
        """Make what the test used as it was; what it changed beyond that is thrown away."""
        for ready in self.lent:
            app = ready.app
            databases.release(app)
            whole = len(app.view_functions) == ready.routes and not app.extensions["registry"].failed
            if not (whole and self.copies.renew(ready.url)):
                self.copies.drop(ready.url)
                continue
            for name in set(app.extensions) - ready.parts:
                del app.extensions[name]
            app.jinja_env.globals.clear()
            app.jinja_env.globals.update(ready.names)
            self.free.append(ready)
        self.lent.clear()

    def close(self) -> None:
        for ready in self.free:
            self.copies.drop(ready.url)
