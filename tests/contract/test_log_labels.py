"""The event log names what plugins do in the words of its readers."""

import ast
from importlib import import_module
from pathlib import Path

from core.registry import kind_label

PLUGINS = Path(__file__).parents[2] / "plugins"


def logged():
    """Every kind of subject that a plugin's code refers to by a literal or by a name of its module."""
    for path in PLUGINS.rglob("*.py"):
        tree, module = ast.parse(path.read_text(encoding="utf-8")), ".".join(path.relative_to(PLUGINS.parent).parts)
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Ref":
                yield from _kinds(node.args[0], module.removesuffix(".py"))


def _kinds(kind, module):
    if isinstance(kind, ast.Constant):
        yield kind.value
    elif isinstance(kind, ast.Name) and isinstance(value := getattr(import_module(module), kind.id, None), str):
        yield value


def test_no_kind_of_subject_stands_as_a_bare_code_in_the_log(app):
    kinds = set(logged())

    with app.test_request_context():
        assert len(kinds) > 20
        assert [kind for kind in sorted(kinds) if kind_label(kind) == kind] == []
