"""The plugins printed in the README and the docs run as they stand."""

import re
import shlex
import sqlite3
import subprocess
import sys
from contextlib import closing
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from zipfile import ZipFile

import pytest
from hatchling.builders.wheel import WheelBuilder
from sqlalchemy.engine import make_url

from core.registry import registry
from core.transactions import transaction

pytestmark = pytest.mark.any_database

ROOT = Path(__file__).parent.parent.parent
READMES = [path for path in ("README.md", "README.en.md") if (ROOT / path).exists()]


def snippets(document, language="python"):
    text = (ROOT / document).read_text(encoding="utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.DOTALL | re.MULTILINE)


@pytest.fixture
def imported(tmp_path):
    """A snippet as the module that its reader would make of it."""

    def load(text):
        name = re.match(r'"""(\w+):', text).group(1).lower()
        path = tmp_path / f"storeboard_{name}.py"
        path.write_text(text, encoding="utf-8")
        spec = spec_from_file_location(path.stem, path)
        module = module_from_spec(spec)
        spec.loader.exec_module(module)
        return name, module

    return load


@pytest.mark.parametrize("readme", READMES)
def test_the_readmes_plugin_is_small_and_shows_its_page_and_its_menu_entry(readme, imported, make_app, as_user, app):
    (text,) = snippets(readme)
    assert len(text.splitlines()) <= 25
    name, module = imported(text)

    greeter = make_app(extra_plugins=[(name, module)], DATABASE_URL=app.config["DATABASE_URL"])
    browser = greeter.test_client()
    cookie = as_user("li", teams={"operations": "member"}).get_cookie("storeboard_session")
    browser.set_cookie("storeboard_session", cookie.value)

    assert "<h1>Hello, team!</h1>" in browser.get("/hello/").text
    assert 'href="/hello/"' in browser.get("/").text


def test_the_readmes_show_the_same_plugin():
    assert len({(*snippets(readme), *snippets(readme, "toml")) for readme in READMES}) == 1


def test_the_readmes_two_files_are_all_that_installing_takes(tmp_path):
    for name, language in (("storeboard_hello.py", "python"), ("pyproject.toml", "toml")):
        (tmp_path / name).write_text(*snippets("README.md", language), encoding="utf-8")

    (wheel,) = WheelBuilder(str(tmp_path)).build(directory=str(tmp_path), versions=["standard"])

    with ZipFile(wheel) as built:
        assert "storeboard_hello.py" in built.namelist()
        points = built.read("storeboard_hello-0.1.0.dist-info/entry_points.txt").decode()
    assert points == "[storeboard.plugins]\nhello = storeboard_hello\n"


def test_the_operators_backup_is_whole_while_the_database_is_in_use(app, make_user, tmp_path):
    make_user("li")
    (tmp_path / "instance").mkdir()
    (tmp_path / "instance" / "storeboard.sqlite3").symlink_to(make_url(app.config["DATABASE_URL"]).database)
    command = next(shlex.split(text) for text in snippets("docs/operating.md", "sh") if "VACUUM" in text)

    with app.app_context(), transaction():
        subprocess.run([sys.executable, *command[1:]], cwd=tmp_path, check=True)

    with closing(sqlite3.connect(tmp_path / "backup.sqlite3")) as backup:
        assert backup.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert backup.execute("SELECT login FROM user_account").fetchall() == [("li",)]


def test_the_plugins_of_the_docs_run(imported, make_app):
    found = [imported(text) for text in snippets("docs/plugins.md")]

    app = make_app(extra_plugins=found)

    with app.app_context():
        assert registry().failed == {}
        assert "gifts.pack" in registry().task_types
