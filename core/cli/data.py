"""Commands that change or check what is stored: ``upgrade``, ``demo``, ``import``, ``audit``."""

import sys
from pathlib import Path

import click
from flask import Flask

from core.cli import _, opened, stored


@click.command(help=_("Bring the database to the newest version, core's tables and those of all installed plugins."))
def upgrade_command() -> None:
    from core.migrating import upgrade

    with opened():
        upgrade()
    click.echo(_("The database is at the newest version."))


@click.command(help=_("Load the demo store: people, tasks, products and orders to look around in."))
def demo_command() -> None:
    from core import demo

    with stored() as app:
        demo.load(app)
        _print_logins()


def prepared(app: Flask) -> None:
    """Upgrade the database, load the demo store if it is new, and say how to sign in to it."""
    from core import demo
    from core.accounts.services import nobody_yet
    from core.migrating import behind, upgrade

    if behind():
        upgrade()
    if nobody_yet():
        demo.load(app)
    _print_logins()


def _print_logins() -> None:
    from core import demo

    if logins := demo.logins():
        click.echo(_("Demo log-ins (password: %(password)s):", password=demo.PASSWORD))
        for login, who in logins:
            click.echo(f"  {login:<12}{who}")


@click.command(help=_("Read files into a store's records: orders, order lines, products."))
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--store", "store_name", required=True, metavar="NAME", help=_("The store they belong to."))
@click.option("--new-store", is_flag=True, help=_("Make the store if there is none of this name."))
@click.option("--as", "kind", metavar="KIND", default="", help=_("Read them as this kind instead of guessing it."))
@click.option("--dry-run", is_flag=True, help=_("Only say what would happen."))
@click.option("--json", "as_json", is_flag=True, help=_("One line of JSON for each file."))
def import_command(
    *, files: tuple[Path, ...], store_name: str, new_store: bool, kind: str, dry_run: bool, as_json: bool
) -> None:
    from core.imports import command

    with stored():
        sys.exit(command.run(files, store_name, new_store=new_store, kind=kind, dry_run=dry_run, as_json=as_json))


@click.group(help=_("The event log."))
def audit_command() -> None:
    pass


@audit_command.command(help=_("Check that no event was changed or removed since it was written."))
def verify() -> None:
    from core.audit import services
    from core.web import say

    with stored():
        report = services.verify()
        for fault in report.faults:
            click.echo(f"{fault.event_id}: {say(fault.message)}", err=True)
        if not report.ok:
            raise click.ClickException(_("The event log is not as it was written."))
        click.echo(_("All %(count)s events are as they were written.", count=report.head.count))
