"""The rules of the house about who imports whom, how long a module is, and what stands in no file."""

import ast
import re
import subprocess
import sys
from pathlib import Path

from core.config import defaults
from core.testing.contract import LONGEST_MODULE

ROOT = Path(__file__).parent.parent.parent
OURS = [path for folder in ("core", "plugins") for path in (ROOT / folder).rglob("*.py")]
MODULES = sorted(path for path in OURS if "migrations" not in path.parts)
PAGES = sorted([*ROOT.glob("templates/**/*.html"), *ROOT.glob("plugins/*/templates/**/*.html")])
HOSTS = (("pypi", ".org"), ("python", "hosted"), ("registry", ".npmjs"), ("deb", ".debian"), ("archive", ".ubuntu"))
REGISTRIES = re.compile("|".join(re.escape(name + rest) for name, rest in HOSTS), re.I)  # in halves: not even here
CHINESE = re.compile(r"[\u4e00-\u9fff]")


def test_imports_go_the_ways_they_may():
    check = "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports(no_cache=True, no_logo=True))"

    # in a process of its own, for it switches off the loggers of the one that it runs in
    run = subprocess.run([sys.executable, "-c", check], cwd=ROOT, capture_output=True, text=True, check=False)

    assert run.returncode == 0, run.stdout


def test_no_module_is_long():
    lengths = {str(path.relative_to(ROOT)): len(path.read_text(encoding="utf-8").splitlines()) for path in MODULES}

    assert {name: lines for name, lines in lengths.items() if lines > LONGEST_MODULE} == {}


def test_most_modules_of_core_are_short():
    lines = [len(p.read_text(encoding="utf-8").splitlines()) for p in MODULES if p.is_relative_to(ROOT / "core")]

    assert sorted(lines)[len(lines) // 2] < 120


def test_every_function_of_core_says_what_it_returns():
    untyped = [
        f"{path}:{node.lineno}"
        for path in MODULES
        if path.is_relative_to(ROOT / "core")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef) and node.name != "__init__" and node.returns is None
    ]

    assert untyped == []


def test_every_module_says_what_it_is_for_in_its_first_line():
    texts = {path: path.read_text(encoding="utf-8") for path in MODULES}

    assert [path for path, text in texts.items() if text and not ast.get_docstring(ast.parse(text))] == []


def tracked():
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False).stdout
    return [ROOT / name for name in listed.splitlines() if (ROOT / name).is_file()]


def test_no_file_names_a_registry_or_a_folder_of_somebodys_machine():
    for path in tracked():
        if path == Path(__file__) or path.suffix in {".png", ".pdf", ".xlsx", ".zip", ".jpg"}:
            continue
        text = path.read_text(encoding="utf-8", errors="replace")
        assert not REGISTRIES.search(text), f"{path} names a registry"
        assert str(ROOT) not in text, f"{path} names this folder"


def test_scripts_and_styles_come_from_our_own_address():
    foreign = re.compile(r"""(src|href|url\()\s*=?\s*["']?(https?:)?//""", re.I)
    for path in [
        *ROOT.glob("templates/**/*.html"),
        *ROOT.glob("*/*/templates/**/*.html"),
        *ROOT.glob("core/static/*.css"),
    ]:
        assert not foreign.search(path.read_text(encoding="utf-8")), f"{path} loads from elsewhere"


def test_templates_hold_no_chinese_and_nothing_that_the_content_policy_forbids():
    forbidden = re.compile(r"<script(?![^>]*\bsrc=)|\bon[a-z]+=|\bstyle=|<style|hx-on|hx-vals=.js:", re.I)
    for path in PAGES:
        text = path.read_text(encoding="utf-8")
        if "documents" in path.parts:
            continue  # printed, never sent to a browser
        assert not CHINESE.search(text), f"{path}: texts belong into the catalogue"
        found = forbidden.search(re.sub(r"{#.*?#}", "", text, flags=re.S))
        assert not found, f"{path}: {found.group()}"


def test_of_htmx_flask_only_the_reading_of_requests_is_used():
    """Its ``make_response`` refuses two true values of ``reswap``, for want of a comma."""
    modules = [*ROOT.glob("core/**/*.py"), *ROOT.glob("plugins/**/*.py")]
    users = [line for path in modules for line in path.read_text(encoding="utf-8").splitlines() if "htmx_flask" in line]
    assert users == ["from htmx_flask import Htmx"]


def test_every_setting_is_in_the_operators_guide(tmp_path):
    guide = (ROOT / "docs" / "operating.md").read_text(encoding="utf-8")

    assert [name for name in defaults(tmp_path) if f"`STOREBOARD_{name}`" not in guide] == []
