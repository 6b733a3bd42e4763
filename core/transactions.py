"""One write at a time: take the lock first, commit once, then tell the news."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from flask import Flask
from sqlalchemy import Connection, Engine, event
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from core.extensions import db

WRITING = "storeboard.writing"
BEFORE_COMMIT = "storeboard.before_commit"
AFTER_COMMIT = "storeboard.after_commit"
MIGRATION_LOCK = 8_250_117  # any number, as long as all agree


@contextmanager
def transaction() -> Iterator[Session]:
    """Run one write: all of it is stored, or none. Inside another transaction it joins that one.

    On SQLite the write lock is taken at the beginning (BEGIN IMMEDIATE): a transaction that begins by reading and
    writes later fails at once with "database is locked" when somebody else wrote in between.
    """
    session = db.session()
    if session.info.get(WRITING):
        yield session
        return
    session.rollback()  # what was read before may be old by the time the lock is ours
    session.info[WRITING] = True
    session.info[BEFORE_COMMIT] = []
    session.info[AFTER_COMMIT] = []
    try:
        session.connection(execution_options={"storeboard_immediate": True})
        yield session
        for work in session.info[BEFORE_COMMIT]:
            work()
        session.commit()
    except BaseException:
        session.rollback()
        session.info[AFTER_COMMIT] = []
        raise
    finally:
        session.info[WRITING] = False
    for work in session.info.pop(AFTER_COMMIT):
        work()


def before_commit(work: Callable[[], Any]) -> None:
    """Do ``work`` as the last thing inside the running transaction."""
    _running(BEFORE_COMMIT).append(work)


def after_commit(work: Callable[[], Any]) -> None:
    """Do ``work`` once the running transaction is stored; never if it is not."""
    _running(AFTER_COMMIT).append(work)


def _running(which: str) -> list[Callable[[], Any]]:
    info = db.session().info
    if not info.get(WRITING):
        raise RuntimeError("not inside transaction()")
    return info[which]


def let_go() -> None:
    """Close the current app's connections: before a fork, for two processes must not share one, and at the end."""
    db.session.remove()
    for engine in db.engines.values():
        engine.dispose()


def init_app(app: Flask) -> None:
    """Make every engine of the app begin its transactions as ``transaction`` needs it."""
    with app.app_context():
        for engine in db.engines.values():
            if engine.dialect.name == "sqlite":
                event.listen(engine, "connect", _sqlite_connect)
                event.listen(engine, "begin", _sqlite_begin)
    if not event.contains(Session, "before_flush", _only_inside):
        event.listen(Session, "before_flush", _only_inside)


def _sqlite_connect(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # the driver's own idea of BEGIN is switched off; _sqlite_begin says it
    for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON", "busy_timeout=15000"):
        connection.execute(f"PRAGMA {pragma}")


def _sqlite_begin(connection: Any) -> None:
    immediate = connection.get_execution_options().get("storeboard_immediate")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")


def _only_inside(session: Session, *_: Any) -> None:
    if not session.info.get(WRITING) and (session.new or session.dirty or session.deleted):
        raise RuntimeError("a write outside transaction()")


@contextmanager
def reshaping(engine: Engine) -> Iterator[Connection]:
    """A connection for migrations, which only one process gets at a time.

    SQLite changes a table by building a new one and dropping the old; with foreign keys in force the drop would
    delete, or be stopped by, the rows that refer to it. They are checked before the end instead.
    """
    with engine.connect() as connection:
        if engine.dialect.name != "sqlite":
            connection.exec_driver_sql(f"SELECT pg_advisory_lock({MIGRATION_LOCK})")  # held until the connection ends
            connection.commit()
            try:
                yield connection
            finally:
                connection.invalidate()
            return
        connection.execution_options(storeboard_immediate=True)
        driver = connection.connection.driver_connection
        driver.execute("PRAGMA foreign_keys=OFF")  # has no effect once a transaction has begun
        event.listen(connection, "commit", _check_references)
        try:
            yield connection
        finally:
            driver.execute("PRAGMA foreign_keys=ON")


def _check_references(connection: Connection) -> None:
    broken = connection.exec_driver_sql("PRAGMA foreign_key_check").first()
    if broken is not None:
        raise IntegrityError(f"rows of {broken[0]} refer to rows of {broken[2]} that are gone", None, ValueError())
