"""The command ``storeboard``. Each command's module is imported when it is called, so that all start fast."""

import gc
import gettext
import io
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import copy
from functools import cache, wraps
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from core.cli import wording

if TYPE_CHECKING:
    from flask import Flask

CATALOGUES = Path(__file__).parent.parent / "translations"


def _(text: str, /, **values: Any) -> str:
    """A text in the language of ``STOREBOARD_LANGUAGE``, without loading the app."""
    told = _catalogue(_language()).gettext(text)
    return told % values if values else told


def _language() -> str:
    return os.environ.get("STOREBOARD_LANGUAGE") or "zh"


@cache
def _catalogue(language: str) -> gettext.NullTranslations:
    return gettext.translation("messages", CATALOGUES, [language], fallback=True)


class Commands(click.Group):
    """A group that knows its commands by name and imports them when asked."""

    places = {
        "serve": ("serving", _("Serve the pages, and do the background work.")),
        "worker": ("serving", _("Do the background work only.")),
        "upgrade": ("data", _("Bring the database to the newest version.")),
        "demo": ("data", _("Load the demo store.")),
        "import": ("data", _("Read files into a store's records.")),
        "user": ("people", _("Add, list and disable users; set passwords.")),
        "plugin": ("authoring", _("List plugins; begin a new one.")),
        "audit": ("data", _("Verify the event log.")),
        "doctor": ("doctor", _("Show the settings and check the installation.")),
    }

    def main(self, *args: Any, **kwargs: Any) -> Any:
        for stream in (sys.stdout, sys.stderr):  # a terminal's encoding may lack letters, of file names as of our own
            if isinstance(stream, io.TextIOWrapper):
                stream.reconfigure(errors="backslashreplace")
        wording.speak(_language(), CATALOGUES)
        return super().main(*args, **kwargs)

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.places)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self.places:
            return _plugin(cmd_name)
        module = import_module(f"core.cli.{self.places[cmd_name][0]}")
        return getattr(module, cmd_name + "_command")

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section(_("Commands")):
            formatter.write_dl([(name, about) for name, (module, about) in self.places.items()])
        formatter.write_paragraph()
        formatter.write_text(_("A plugin's own commands stand under its name: storeboard NAME --help."))


def _plugin(name: str) -> click.Group | None:
    """The commands that the plugin ``name`` offers."""
    from core import config, plugins, registry

    with _starting():
        found = list(registry.offers(plugins.load(config.disabled(config.settings())), name, "commands"))
    told = _of_plugin(plugins.folders("translations").get(name))
    about = _("Commands of the plugin %(name)s.", name=name)
    return click.Group(name, help=about, commands=[_made(command, told) for command in found]) if found else None


def _made(offered: click.Command, told: Callable[[str], str]) -> click.Command:
    """A command as it is called: described in the language of now, and run with the database at hand."""
    command = copy(offered)
    command.callback, command.params = _inside(offered.callback), [copy(param) for param in offered.params]
    for described in (command, *command.params):
        if text := getattr(described, "help", None):
            described.help = told(text)
    return command


def _of_plugin(catalogues: Path | None) -> Callable[[str], str]:
    """The texts of a plugin, by its own catalogue or core's."""
    if catalogues is None:
        return _
    languages = [_language()]
    own = gettext.translation("messages", catalogues, languages, fallback=True)
    own.add_fallback(_catalogue(*languages))
    return own.gettext


def _inside(function: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(function)
    def inside(*args: Any, **kwargs: Any) -> Any:
        with stored():
            return function(*args, **kwargs)

    return inside


@click.group(cls=Commands, help=_("Storeboard. All state is kept under STOREBOARD_HOME (default: ./instance)."))
@click.version_option(
    package_name="storeboard", message=_("%(prog)s, version %(version)s"), help=_("Show the version and exit.")
)
def main() -> None:
    pass


@contextmanager
def _starting() -> Iterator[None]:
    """What the app cannot start with ends the command, in words: there are no pages yet to say it."""
    import pluggy
    from sqlalchemy.exc import ArgumentError

    from core.messages import Refusal

    try:
        yield
    except Refusal as refusal:
        told = [_(reason.text, **reason.params) for reason in refusal.reasons]
        raise click.ClickException("\n".join(told)) from refusal
    except ArgumentError as error:
        raise click.ClickException(_("STOREBOARD_DATABASE_URL is not the address of a database.")) from error
    except OSError as error:
        text = _("%(path)s cannot be used: %(why)s", path=error.filename, why=error.strerror)
        raise click.ClickException(text) from error
    except (ImportError, LookupError, ValueError, pluggy.PluginValidationError) as error:
        raise click.ClickException(str(error)) from error


@contextmanager
def opened() -> Iterator["Flask"]:
    """The app with its context pushed; what is refused in it ends the command with a sentence, not a trace."""
    gc.disable()  # what is imported and built lives for ever: to look through it takes a fifth of a start
    from sqlalchemy.exc import OperationalError

    from core.messages import Refusal
    from core.transactions import let_go
    from core.web import say

    with _starting():
        from core.app import create_app

        app = create_app()
    gc.freeze()
    gc.enable()
    with app.app_context():
        try:
            yield app
        except Refusal as refusal:
            raise click.ClickException("\n".join(map(say, refusal.reasons))) from refusal
        except OperationalError as error:
            raise click.ClickException(_("The database does not answer: %(why)s", why=error.orig)) from error
        finally:
            let_go()


@contextmanager
def stored() -> Iterator["Flask"]:
    """``opened``, with the database at hand: a new one is made, one that is behind is refused."""
    with opened() as app:
        from core.migrating import make_ready

        make_ready()
        yield app
