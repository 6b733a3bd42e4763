"""Migrations: one line for each owner, all or nothing."""

import logging
import os
import subprocess
import sys

import flask_migrate
import pytest
from sqlalchemy import inspect, text
from sqlalchemy.exc import IntegrityError

from core import migrating
from core.extensions import db
from core.transactions import reshaping

REVISION = """
import sqlalchemy as sa
from alembic import op

revision, down_revision, branch_labels, depends_on = "{owner}_{number:04d}", {previous!r}, None, None


def upgrade():
    {upgrade}


def downgrade():
    {downgrade}
"""


@pytest.fixture
def empty(make_app):
    app = make_app(migrated=False)
    with app.app_context():
        yield app


@pytest.fixture
def owner(tmp_path, monkeypatch):
    """An owner ``ghost``; ``write(upgrade, downgrade)`` adds a migration to its folder."""
    folder = tmp_path / "migrations"
    folder.mkdir()
    monkeypatch.setattr(migrating, "owners", lambda: {"ghost": folder})

    def write(upgrade, downgrade="pass"):
        number = len(list(folder.glob("*.py"))) + 1
        previous = f"ghost_{number - 1:04d}" if number > 1 else None
        revision = REVISION.format(
            owner="ghost", number=number, previous=previous, upgrade=upgrade, downgrade=downgrade
        )
        (folder / f"ghost_{number:04d}_step.py").write_text(revision)

    return write


def tables():
    return set(inspect(db.engine).get_table_names())


def test_an_empty_database_is_brought_to_the_newest_version_and_a_second_time_nothing_happens(empty):
    assert migrating.behind() == list(migrating.owners())

    migrating.upgrade()
    migrating.upgrade()

    assert migrating.behind() == []


@pytest.mark.parametrize("owner", list(migrating.owners()))
def test_models_and_migrations_agree(owner, in_app):
    migrating.check(owner)


def triggers():
    """What the database itself refuses, by table."""
    of = {
        "sqlite": "SELECT tbl_name, name FROM sqlite_master WHERE type = 'trigger'",
        "postgresql": "SELECT c.relname, t.tgname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid"
        " WHERE NOT t.tgisinternal",
    }
    with db.engine.connect() as link:
        return {tuple(row) for row in link.execute(text(of[db.engine.dialect.name]))}


def test_a_migrated_database_refuses_what_a_created_one_refuses(make_app, in_app):
    migrated = triggers()
    with make_app(migrated=False).app_context():
        db.create_all()
        assert triggers() == migrated
    assert {table for table, _ in migrated} >= {"event", "document"}


def test_all_can_be_taken_back_to_nothing(in_app):
    for owner in reversed(list(migrating.owners())):
        migrating.downgrade(owner)

    assert tables() == {f"alembic_version_{owner}" for owner in migrating.owners()}


def test_core_comes_first():
    assert next(iter(migrating.owners())) == "core"


def test_a_plugin_that_is_switched_off_is_migrated_all_the_same(make_app):
    names = [name for name in migrating.owners() if name != "core"]
    app = make_app(migrated=False, PLUGINS_DISABLED=",".join(names))

    with app.app_context():
        migrating.upgrade()
        assert migrating.behind() == []


def test_a_migration_that_fails_leaves_nothing_behind(empty, owner):
    owner("op.create_table('ghost_one', sa.Column('id', sa.Integer, primary_key=True))")
    owner("op.create_table('ghost_two', sa.Column('id', sa.Integer, primary_key=True)); 1 / 0")

    with pytest.raises(ZeroDivisionError):
        migrating.upgrade()

    assert tables() == set()


def test_two_upgrades_at_the_same_time_both_succeed(empty):
    url = db.engine.url.render_as_string(hide_password=False)
    environment = {**os.environ, "STOREBOARD_DATABASE_URL": url, "STOREBOARD_HOME": str(empty.config["HOME"])}
    command = [sys.executable, "-m", "core.cli", "upgrade"]

    runs = [subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL) for _ in range(3)]

    assert [run.wait(300) for run in runs] == [0, 0, 0]
    assert migrating.behind() == []


def test_rebuilding_a_table_keeps_the_rows_that_refer_to_it(empty, owner):
    owner(
        "op.create_table('ghost_parent', sa.Column('id', sa.Integer, primary_key=True), sa.Column('old', sa.Text));"
        "op.create_table('ghost_child', sa.Column('parent_id', sa.Integer,"
        " sa.ForeignKey('ghost_parent.id', ondelete='CASCADE')));"
        "op.execute('INSERT INTO ghost_parent (id) VALUES (7)');"
        "op.execute('INSERT INTO ghost_child (parent_id) VALUES (7)')"
    )
    migrating.upgrade()
    owner("with op.batch_alter_table('ghost_parent') as table: table.drop_column('old')")

    migrating.upgrade()

    with db.engine.connect() as link:
        assert link.scalar(text("SELECT parent_id FROM ghost_child")) == 7


def test_a_migration_that_leaves_references_hanging_is_refused(empty, owner):
    owner(
        "op.create_table('ghost_parent', sa.Column('id', sa.Integer, primary_key=True));"
        "op.create_table('ghost_child', sa.Column('parent_id', sa.Integer, sa.ForeignKey('ghost_parent.id')));"
        "op.execute('INSERT INTO ghost_child (parent_id) VALUES (7)')"
    )

    with pytest.raises(IntegrityError):
        migrating.upgrade()

    assert tables() == set()


def test_foreign_keys_are_in_force_again_after_a_migration(empty):
    with reshaping(db.engine):
        pass

    with db.engine.begin() as link:
        link.execute(text("CREATE TABLE parent (id INTEGER PRIMARY KEY)"))
        link.execute(text("CREATE TABLE child (parent_id INTEGER REFERENCES parent (id))"))
    with pytest.raises(IntegrityError), db.engine.begin() as link:
        link.execute(text("INSERT INTO child VALUES (1)"))


def test_what_a_removed_plugin_left_behind_bothers_nobody(in_app):
    with db.engine.begin() as link:
        link.execute(text("CREATE TABLE ghost_thing (id INTEGER)"))
        link.execute(text("CREATE TABLE alembic_version_ghost (version_num VARCHAR(32))"))

    migrating.check("core")
    assert migrating.behind() == []


def test_a_table_belongs_to_the_plugin_whose_name_it_begins_with():
    assert migrating.belongs("design_pin", "design", {"design"})
    assert not migrating.belongs("design_pin", "core", {"design"})
    assert not migrating.belongs("task", "design", {"design"})
    assert migrating.belongs("designer", "core", {"design"})
    assert not migrating.belongs("alembic_version_design", "design", {"design"})


def test_migrations_of_nobody_are_refused(in_app):
    with pytest.raises(LookupError, match="nobody"):
        migrating.downgrade("nobody")


def test_a_plugin_that_is_switched_off_gets_no_new_migration(empty, owner, caplog):
    caplog.set_level(logging.CRITICAL)

    with pytest.raises(SystemExit):
        flask_migrate.migrate(x_arg="owner=ghost")
