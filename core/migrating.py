"""Migrations: one line and one version table per owner, core's before the plugins'.

An installed plugin is migrated even while it is disabled, so that switching it on and off never touches the database;
a removed one leaves its tables and its version table behind and stops nobody.
"""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Flask, current_app
from sqlalchemy import inspect

from core import plugins
from core.extensions import db, migrate
from core.messages import Refusal, msg

CORE = "core"
VERSION_TABLE = "alembic_version_"


def init_app(app: Flask) -> None:
    """Give ``app`` the command ``flask db``."""
    migrate.init_app(app, db)


def owners() -> dict[str, Path]:
    """Owner -> the folder of its migrations; core first."""
    return {CORE: Path(__file__).parent / "migrations" / "versions", **plugins.folders("migrations")}


@migrate.configure
def choose_owner(config: Config) -> Config:
    """``flask db -x owner=NAME ...`` works on NAME; without it, on core."""
    owner = dict(word.split("=", 1) for word in config.cmd_opts.x).get("owner", CORE)
    if owner not in owners():
        raise LookupError(f"no migrations belong to {owner}")
    config.set_main_option("owner", owner)
    config.set_main_option("path_separator", "newline")
    config.set_main_option("version_locations", str(owners()[owner]))
    config.set_main_option("file_template", "%%(rev)s_%%(slug)s")
    return config


def belongs(table: str, owner: str, others: set[str]) -> bool:
    """Whether ``table`` is ``owner``'s: a plugin's tables begin with its name, all the rest are core's."""
    if table.startswith(VERSION_TABLE):
        return False
    if owner != CORE:
        return table.startswith(f"{owner}_")
    return not any(table.startswith(f"{other}_") for other in others)


def upgrade() -> None:
    """Bring core and then every installed plugin to its newest migration."""
    for owner in owners():
        command.upgrade(_config(owner), "head")


def downgrade(owner: str, revision: str = "base") -> None:
    """Take ``owner`` back to ``revision``; to ``base``, its tables are gone."""
    command.downgrade(_config(owner), revision)


def check(owner: str) -> None:
    """Raise ``alembic.util.CommandError`` when ``owner``'s models and the migrated database differ."""
    command.check(_config(owner))


def make_ready() -> None:
    """Make the tables of an empty database; raises ``Refusal`` for one that is not at its newest migration."""
    if not inspect(db.engine).get_table_names():
        upgrade()
    elif behind():
        raise Refusal(msg("The database is not at the newest version. Run: storeboard upgrade"))


def behind() -> list[str]:
    """Owners whose tables are not at their newest migration."""
    waiting = []
    with db.engine.connect() as connection:
        for owner in owners():
            script = ScriptDirectory.from_config(_config(owner))
            reached = MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE + owner})
            if set(reached.get_current_heads()) != set(script.get_heads()):
                waiting.append(owner)
    return waiting


def _config(owner: str) -> Config:
    return current_app.extensions["migrate"].migrate.get_config(x_arg=f"owner={owner}")
