"""Fixtures for Storeboard and its plugins; pytest finds them by an entry point, so core is imported only inside."""

import gc
import os
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from core.testing.browser import browser, context, live_server, page

__all__ = ["browser", "context", "live_server", "page"]

pytest.register_assert_rewrite("core.testing.contract")

PASSWORD = "correct horse battery"


def pytest_configure(config: pytest.Config) -> None:
    """Start this run's own PostgreSQL, if it is asked for: once, by the process that starts the others."""
    from core.testing import databases

    gc.disable()  # until all is imported: what lives for ever would be looked through again and again
    if databases.on_postgresql() and not hasattr(config, "workerinput"):
        config.add_cleanup(databases.start_cluster())


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """On PostgreSQL leave out what touches no database: it ran on SQLite, and would say the same."""
    from core.testing import databases

    if databases.on_postgresql():
        idle = [item for item in items if "template_database" not in getattr(item, "fixturenames", ())]
        config.hook.pytest_deselected(items=idle)
        left_out = set(idle)
        items[:] = [item for item in items if item not in left_out]


@pytest.fixture(scope="session")
def of_this_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that all processes of a test run share."""
    own = tmp_path_factory.getbasetemp()
    folder = (own.parent if "PYTEST_XDIST_WORKER" in os.environ else own) / "of-this-run"
    folder.mkdir(exist_ok=True)
    return folder


@pytest.fixture(scope="session")
def template_database(of_this_run: Path) -> Any:
    """A database with every owner's tables, built once; ``copy()`` gives the address of a fresh copy."""
    from core import plugins
    from core.testing import databases

    built = databases.build(of_this_run)
    plugins.load()  # imports all there is
    gc.freeze()
    gc.set_threshold(20_000, 20, 10)  # a fifth of the time of a run was spent looking for garbage
    gc.enable()
    return built


@pytest.fixture(scope="session")
def cut_fonts(of_this_run: Path) -> Path:
    """The folder of the documents' fonts, cut once, by the first that prints."""
    folder = of_this_run / "fonts"
    folder.mkdir(exist_ok=True)
    return folder


@pytest.fixture(scope="session")
def ready_apps(of_this_run: Path) -> Any:
    """Apps that earlier tests have left as they were."""
    from core.testing.apps import ReadyApps

    return ReadyApps(of_this_run / "templates")


@pytest.fixture
def make_app(template_database: Any, ready_apps: Any, cut_fonts: Path, tmp_path: Path) -> Iterator[Callable[..., Any]]:
    """Make an app with a home and a database of its own: ``make_app(extra_plugins=(), **settings)``.

    ``migrated=False`` leaves the database empty.
    """
    from core.testing import databases

    urls: list[str] = []

    def make(extra_plugins: Any = (), migrated: bool = True, **settings: Any) -> Any:
        if "DATABASE_URL" not in settings:
            urls.append((template_database.copy if migrated else template_database.empty)(tmp_path))
            settings["DATABASE_URL"] = urls[-1]
        home = tmp_path / "home"
        if not home.exists():
            home.mkdir()
            (home / "fonts").symlink_to(cut_fonts)
        defaults = {"HOME": home, "TESTING": True, "WTF_CSRF_ENABLED": False, "LANGUAGE": "en"}
        return ready_apps.lend(extra_plugins, **defaults | settings)

    yield make
    for app in ready_apps.take_back():
        databases.release(app)
    for url in urls:
        template_database.drop(url)


@pytest.fixture
def app(make_app: Callable[..., Any]) -> Any:
    """An app with an empty database. No context is pushed, for requests would share it."""
    return make_app()


@pytest.fixture
def in_app(app: Any) -> Iterator[Any]:
    """The app with its context pushed, for tests that call services and make no request."""
    with app.app_context():
        yield app


@pytest.fixture
def client(app: Any) -> Any:
    """A browser that is not signed in."""
    return app.test_client()


@pytest.fixture
def make_user(app: Any) -> Callable[..., Any]:
    """Make a user: ``make_user("li", teams={"operations": "lead"}, admin=False)``; the password is ``PASSWORD``."""
    from core.accounts.models import Membership, User
    from core.transactions import transaction

    def make(login: str, teams: Mapping[str, str] | None = None, **more: Any) -> Any:
        values = {"name": login, "language": "en", "password_hash": _password_hash()} | more
        memberships = [Membership(team=team, role=role) for team, role in (teams or {}).items()]
        with app.app_context(), transaction() as session:
            user = User(login=login, memberships=memberships, **values)
            session.add(user)
        return user

    return make


@cache
def _password_hash() -> str:
    from core.accounts import passwords

    return passwords.hashed(PASSWORD)


@pytest.fixture
def sign_in(app: Any) -> Callable[[Any, Any], None]:
    """Sign a user in without the log-in page: ``sign_in(client, user)``; takes a Playwright context, too."""
    from core.accounts import testing
    from core.accounts.gate import session_cookie

    def sign(browser: Any, user: Any) -> None:
        if hasattr(browser, "application"):
            testing.sign_in(browser, user)
            return
        with app.app_context():
            name = session_cookie()
        token = testing.sign_in(app.test_client(), user)
        browser.add_cookies([{"name": name, "value": token, "domain": "127.0.0.1", "path": "/"}])

    return sign


@pytest.fixture
def as_user(app: Any, make_user: Callable[..., Any], sign_in: Callable[..., Any]) -> Callable[..., Any]:
    """A signed-in browser: ``as_user("li", teams={"design": "member"})``, or of a user: ``as_user(user)``."""

    def browse(user: Any, **of_new_user: Any) -> Any:
        client = app.test_client()
        sign_in(client, make_user(user, **of_new_user) if isinstance(user, str) else user)
        return client

    return browse


@pytest.fixture
def one_plugin(make_app: Callable[..., Any]) -> Callable[..., Any]:
    """An app with ``module`` as one more plugin, its tables made: ``one_plugin(module, name="hello")``."""

    def make(module: ModuleType | Any, name: str = "hello", **settings: Any) -> Any:
        from core.extensions import db

        app = make_app(extra_plugins=[(name, module)], **settings)
        with app.app_context():
            db.create_all()
        return app

    return make


@pytest.fixture
def plugin_contract(make_app: Callable[..., Any]) -> Callable[[str], None]:
    """Check an installed plugin: ``plugin_contract("returns")`` fails with what it does not keep."""
    from core.testing import contract

    def check(name: str) -> None:
        plugin = contract.Plugin.of(name, make_app)
        for each in contract.CHECKS:
            each(plugin)

    return check
