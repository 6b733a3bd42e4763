"""Runs one owner's migrations in one transaction: all of them, or none."""

from alembic import context
from alembic.util import CommandError
from flask import current_app
from sqlalchemy import inspect
from sqlalchemy.types import TypeDecorator

from core.extensions import db
from core.migrating import CORE, VERSION_TABLE, belongs, owners
from core.transactions import reshaping

owner = context.config.get_main_option("owner")


def name_revision(_context, _revision, directives):
    """Number revisions within their owner, and write none that is empty."""
    if getattr(context.config.cmd_opts, "autogenerate", False):
        if owner != CORE and not current_app.extensions["plugins"].has_plugin(owner):
            raise CommandError(f"{owner} is switched off: its models are not loaded")
        if directives[0].upgrade_ops.is_empty():
            directives[:] = []
            return
    if directives and not directives[0].rev_id.startswith(owner):
        directives[0].rev_id = f"{owner}_{len(list(owners()[owner].glob('*_[0-9][0-9][0-9][0-9]_*.py'))) + 1:04d}"


def plain_type(kind, item, _context):
    """Write our column types as what the database sees: migrations outlive the code that they were made from."""
    return f"sa.{item.impl_instance!r}" if kind == "type" and isinstance(item, TypeDecorator) else False


def unchecked(item):
    """Whether it is a foreign key that PostgreSQL is not asked about: to the store, from where a file adds millions."""
    here = db.engine.dialect.name == "postgresql" and item.table.info.get("store_unchecked")
    return here and item.column_keys == ["store_id"]


def run() -> None:
    with reshaping(db.engine) as connection:
        stored = inspect(connection).get_table_names()
        connection.rollback()  # the look above began a transaction; the migrations want their own
        others = set(owners()) | {name.removeprefix(VERSION_TABLE) for name in stored if name.startswith(VERSION_TABLE)}
        context.configure(
            connection=connection,
            target_metadata=db.metadata,
            version_table=VERSION_TABLE + owner,
            transactional_ddl=True,
            include_name=lambda name, kind, _: kind != "table" or belongs(name, owner, others - {CORE}),
            include_object=lambda item, name, kind, *_: (
                belongs(name, owner, others - {CORE})
                if kind == "table"
                else kind != "foreign_key_constraint" or not unchecked(item)
            ),
            render_item=plain_type,
            process_revision_directives=name_revision,
            **current_app.extensions["migrate"].configure_args,
        )
        with context.begin_transaction():
            context.run_migrations()


run()
