"""``storeboard plugin``: what is installed, and the beginning of a new one."""

import keyword
from pathlib import Path
from string import Template

import click

from core.cli import _, opened

SCAFFOLD = Path(__file__).parent.parent / "scaffold"


@click.group(help=_("List plugins; begin a new one."))
def plugin_command() -> None:
    pass


@plugin_command.command("list", help=_("All installed plugins: version, state, the hooks they implement."))
def list_() -> None:
    from core import plugins

    with opened():
        for each in plugins.standings():
            state = _("failed") if each.failed else _("on") if each.enabled else _("off")
            package = f"{each.package} {each.version}".rstrip()
            click.echo("\t".join([each.name, package, state, each.failed or " ".join(each.hooks)]))


@plugin_command.command(
    help=_("Begin a plugin NAME: one table, one page, one task type, tests, in a folder of its own.")
)
@click.argument("name")
@click.option("--into", type=click.Path(path_type=Path), default=Path(), help=_("Where to put it; here, if not given."))
def new(name: str, into: Path) -> None:
    from core.plugins import installed

    if not (name.isascii() and name.isalpha() and name.islower()) or keyword.iskeyword(name) or name == "core":
        text = _("A plugin's name is one word of the letters a to z: returns, not %(name)s.", name=name)
        raise click.ClickException(text)
    if name in {ep.name for ep in installed()}:
        raise click.ClickException(_("A plugin called %(name)s is installed already.", name=name))
    folder = into / f"storeboard-{name}"
    if folder.exists():
        raise click.ClickException(_("%(folder)s exists already.", folder=folder))
    try:
        _copy(folder, name)
    except OSError as error:
        text = _("%(path)s cannot be used: %(why)s", path=error.filename, why=error.strerror)
        raise click.ClickException(text) from error
    click.echo(_("%(folder)s is there. Next:", folder=folder))
    click.echo(f"  .venv/bin/pip install --no-deps --no-build-isolation -e {folder}\n  .venv/bin/storeboard upgrade")
    click.echo("  .venv/bin/pip install --no-deps --require-hashes -r requirements-test.lock")
    click.echo(f"  .venv/bin/python -m pytest {folder}")


def _copy(folder: Path, name: str) -> None:
    """Fill in the scaffold. Its files end in ``.txt``, so that no tool takes them for code of Storeboard."""
    words = {"name": name, "Name": name.capitalize(), "PREFIX": name[:3].upper()}
    for source in sorted(SCAFFOLD.rglob("*.txt")):
        path = folder / source.relative_to(SCAFFOLD).as_posix().replace("NAME", name).removesuffix(".txt")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(Template(source.read_text(encoding="utf-8")).substitute(words), encoding="utf-8")
