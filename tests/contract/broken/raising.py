"""A plugin that raises in one hook, and one that raises in all."""

import inspect
from types import SimpleNamespace

from core import hookimpl
from tests.contract.tiny import HOOKS


class Broken(Exception):
    """What the broken plugins raise."""


def raising_in(*names):
    """A plugin that implements these hooks, with all their arguments, and raises in each."""
    return SimpleNamespace(**{name: hookimpl(_raising(name)) for name in names})


def raising_late(name):
    """A plugin whose answer to a question is a generator, which raises only when somebody reads it."""

    def answer():
        yield from ()
        raise Broken(name)

    return SimpleNamespace(**{name: hookimpl(answer)})


def _raising(name):
    def broken(**_given):
        raise Broken(name)

    arguments = inspect.signature(HOOKS[name]).parameters
    call = ", ".join(f"{argument}={argument}" for argument in arguments)
    return eval(f"lambda {', '.join(arguments)}: broken({call})", {"broken": broken})
