"""Every hook: documented where people look, with its exact arguments, and called as it says."""

import inspect
import re
from pathlib import Path

import pluggy
import pytest

from core.access import allowed
from core.contracts import SYSTEM, Team
from core.registry import OFFERS
from tests.contract.tiny import HOOKS, plugin

ROOT = Path(__file__).parent.parent.parent
CALLS = "".join(path.read_text(encoding="utf-8") for path in Path(__file__).parent.glob("test_hook_*.py"))


def signature(name):
    return f"{name}({', '.join(inspect.signature(HOOKS[name]).parameters)})"


@pytest.mark.parametrize("name", HOOKS)
def test_every_hook_is_documented_with_its_exact_arguments_in_both_languages(name):
    text = (ROOT / "docs" / "plugins.md").read_text(encoding="utf-8")

    assert text.count(f"### `{signature(name)}`\n") == 2


def test_no_hook_is_documented_that_is_gone():
    text = (ROOT / "docs" / "plugins.md").read_text(encoding="utf-8")

    assert set(re.findall(r"^### `(\w+)\(", text, re.MULTILINE)) == set(HOOKS)


@pytest.mark.parametrize("name", HOOKS)
def test_every_hook_says_when_it_is_called(name):
    assert re.search(r"\*(Collected once|Asked|Told|Called)\b.*", HOOKS[name].__doc__ or "", re.DOTALL)


@pytest.mark.parametrize("name", HOOKS)
def test_every_hook_is_typed(name):
    assert all(p.annotation is not p.empty for p in inspect.signature(HOOKS[name]).parameters.values())
    assert inspect.signature(HOOKS[name]).return_annotation is not inspect.Signature.empty


@pytest.mark.parametrize("name", HOOKS)
def test_every_hook_is_exercised_by_a_real_plugin(name):
    defined = re.findall(r"^def (test_hook_\w+)\(", CALLS, re.MULTILINE)

    assert f"test_hook_{name}" in defined


def test_every_offer_is_a_hook():
    assert set(OFFERS) <= set(HOOKS)


def test_a_misspelt_hook_stops_the_start(make_app):
    with pytest.raises(pluggy.PluginValidationError, match="blue_prints"):
        make_app(extra_plugins=[("hello", plugin(blue_prints=[]))])


def test_an_argument_that_a_hook_does_not_have_stops_the_start(make_app):
    with pytest.raises(pluggy.PluginValidationError, match="target"):
        make_app(extra_plugins=[("hello", plugin(task_moved=lambda task, target: None))])


def test_a_name_offered_twice_stops_the_start_and_names_both(make_app):
    twice = plugin(teams=[Team("operations", "Mine", "X")])

    with pytest.raises(ValueError, match="operations is offered by core and by hello"):
        make_app(extra_plugins=[("hello", twice)])


def test_plugins_are_asked_by_name_and_core_last(make_app):
    asked = []
    others = [
        (name, plugin(can=lambda permission, name=name: asked.append((name, permission))))
        for name in ("zebra", "apple")
    ]
    app = make_app(extra_plugins=others)

    with app.app_context():
        assert allowed(SYSTEM, "anything")

    assert asked == [("apple", "anything"), ("zebra", "anything")]
