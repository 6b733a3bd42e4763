"""A plugin begun with ``storeboard plugin new`` passes its own tests and the contract's, installed beside ours."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from core.cli import main

pytestmark = pytest.mark.any_database

HERE = Path(__file__).parent


def begin(name, into):
    return CliRunner().invoke(main, ["plugin", "new", name, "--into", str(into)])


@pytest.fixture
def generated(tmp_path):
    """A new plugin, installed as pip would: found on the path, its entry points beside it."""
    result = begin("returns", tmp_path)
    assert result.exit_code == 0, result.output
    folder = tmp_path / "storeboard-returns"
    info = folder / "storeboard_returns-0.1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: storeboard-returns\nVersion: 0.1.0\n")
    (info / "entry_points.txt").write_text("[storeboard.plugins]\nreturns = storeboard_returns.plugin\n")
    return folder


@pytest.mark.parametrize("tests", ["tests", f"{HERE / 'test_plugins.py'}"], ids=["its own", "the contract's"])
def test_a_generated_plugin_passes(generated, tests):
    environment = {**os.environ, "PYTHONPATH": str(generated), "PYTEST_ADDOPTS": "-p no:cacheprovider"}
    for name in ("PYTEST_XDIST_WORKER", "PYTEST_CURRENT_TEST"):
        environment.pop(name, None)
    command = [sys.executable, "-m", "pytest", tests, "-k", "returns or not test_plugin"]

    run = subprocess.run(command, cwd=generated, env=environment, capture_output=True, text=True, check=False)

    assert run.returncode == 0, run.stdout + run.stderr
    assert " passed" in run.stdout


def test_a_generated_plugin_is_well_formed(generated):
    ruff = [sys.executable, "-m", "ruff"]

    for what in (["check"], ["format", "--check"]):
        run = subprocess.run([*ruff, *what], cwd=generated, capture_output=True, text=True, check=False)
        assert run.returncode == 0, run.stdout


@pytest.mark.parametrize("name", ["Returns", "after_sales", "core", "class", "x1", "退货"])
def test_a_name_that_is_not_one_word_is_refused(name, tmp_path):
    result = begin(name, tmp_path)

    assert result.exit_code == 1
    assert not any(tmp_path.iterdir())


def test_a_name_that_is_taken_is_refused(tmp_path):
    assert begin("design", tmp_path).exit_code == 1


def test_a_folder_that_is_there_is_never_written_over(tmp_path):
    begin("returns", tmp_path)
    kept = (tmp_path / "storeboard-returns" / "pyproject.toml").read_text()

    assert begin("returns", tmp_path).exit_code == 1
    assert (tmp_path / "storeboard-returns" / "pyproject.toml").read_text() == kept
