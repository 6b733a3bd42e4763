"""A plugin that offers what no hook takes."""

from core import hookimpl


@hookimpl
def nav_items():
    return [("Wrong", "/wrong")]


@hookimpl
def teams():
    return None
