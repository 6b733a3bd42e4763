"""A plugin begun with ``storeboard plugin new`` passes its own tests and the contract's, installed beside ours."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from core.cli import main
from core.testing.contract import CHECKS

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


def test_a_generated_plugin_passes_its_own_tests_and_the_contracts(generated):
    environment = {**os.environ, "PYTHONPATH": str(generated), "PYTEST_ADDOPTS": "-p no:cacheprovider -rp"}
    for name in ("PYTEST_XDIST_WORKER", "PYTEST_CURRENT_TEST"):
        environment.pop(name, None)
    tests = ["-c", "pyproject.toml", "tests", HERE / "test_plugins.py", "-k", "returns or not test_plugin"]

    run = subprocess.run(
        [sys.executable, "-m", "pytest", *tests],
        cwd=generated,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )

    assert run.returncode == 0, run.stdout + run.stderr
    assert "PASSED tests/test_returns.py::test_it_keeps_the_contract_of_plugins" in run.stdout
    assert run.stdout.count("::test_plugin[returns-") == len(CHECKS)


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


def test_a_place_where_nothing_can_be_made_is_named(tmp_path):
    (tmp_path / "taken").touch()

    result = begin("returns", tmp_path / "taken")

    assert (result.exit_code, result.output.count(str(tmp_path / "taken"))) == (1, 1)


def test_a_folder_that_is_there_is_never_written_over(tmp_path):
    begin("returns", tmp_path)
    kept = (tmp_path / "storeboard-returns" / "pyproject.toml").read_text()

    assert begin("returns", tmp_path).exit_code == 1
    assert (tmp_path / "storeboard-returns" / "pyproject.toml").read_text() == kept
