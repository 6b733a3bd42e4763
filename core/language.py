"""Translation into the reader's language, with the catalogue looked up once per request.

Flask-Babel asks for context, locale and domain again at every call, which is a quarter of a page's time.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

from flask import Flask, g
from flask_babel import force_locale, get_translations
from markupsafe import Markup


def catalogue() -> Any:
    """The reader's catalogue: one and the same for all who read its language in this app."""
    try:
        here = g._get_current_object()  # type: ignore[attr-defined]  # its proxy would take longer than all the rest
    except RuntimeError:
        return get_translations()
    found = here.get("catalogue")
    if found is None:
        found = here.catalogue = get_translations()
    return found


def gettext(text: str) -> str:
    """``text`` in the reader's language."""
    return catalogue().gettext(text)


def ngettext(one: str, many: str, count: int) -> str:
    """``one`` or ``many`` in the reader's language, as ``count`` demands."""
    return catalogue().ngettext(one, many, count)


def _in_template(text: str, /, **values: Any) -> Markup:
    """As HTML: catalogues are trusted, the ``values`` of a sentence are escaped."""
    found = _as_html(catalogue(), text)
    return found % values if "%" in found else found


@lru_cache(maxsize=8192)
def _as_html(catalogue: Any, text: str) -> Markup:
    return Markup(catalogue.gettext(text))


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """Translate into ``language`` meanwhile, whoever reads."""
    before = g.pop("catalogue", None)
    try:
        with force_locale(language):
            yield
    finally:
        g.pop("catalogue", None)
        if before is not None:
            g.catalogue = before


def init_app(app: Flask) -> None:
    """Let templates translate through here."""
    app.jinja_env.install_gettext_callables(gettext, ngettext, newstyle=True)  # type: ignore[attr-defined]
    app.jinja_env.globals["_"] = _in_template  # theirs copies the context for every word inside a loop
