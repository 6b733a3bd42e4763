"""A table grows by many rows: on SQLite in short steps, between which others write; on PostgreSQL in one transaction.

On SQLite another thread lays the rows ready in a database in memory, so that a step is one statement.
"""

import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, contextmanager
from functools import partial
from time import monotonic, sleep
from typing import Any, TypeVar

import numpy as np
import pyarrow as pa
from sqlalchemy import Engine, Table, text

from core import bulk
from core.ahead import ahead
from core.extensions import db

FEWEST, MOST = 5_000, 60_000  # rows in one step, at first and at most
PATIENCE = 0.4  # seconds that others may have to wait for one step
REST = 0.1  # seconds between two steps, as often as who waits for SQLite's lock tries to take it
BEHIND = 2  # steps made while SQLite's log is brought into the file; it begins anew only when all of it is there
Part = TypeVar("Part")
Parts = Iterable[tuple[Part, bulk.Columns]]


@contextmanager
def steps(*tables: Table) -> Iterator[Any]:
    """How rows are written here, while these tables grow."""
    with _Steps() if db.engine.dialect.name == "sqlite" else _OneTransaction() as writing:
        yield writing
        bulk.analyse(writing.driver, *tables)


def next_id(driver: Any, table: Table) -> int:
    """The number that the next row of a table will get on SQLite."""
    given = "SELECT max(coalesce((SELECT seq FROM sqlite_sequence WHERE name = ?), 0), coalesce(max(id), 0)) + 1"
    return driver.execute(f'{given} FROM "{table.name}"', (table.name,)).fetchone()[0]


class _Steps:
    """On SQLite: each step is a transaction of its own, for as long as others may wait."""

    def __init__(self) -> None:
        self.size, self.ended = FEWEST, 0.0
        self.aside, self.resting = ThreadPoolExecutor(1), list[Future[None]]()

    def __enter__(self) -> "_Steps":
        self.connection = db.engine.connect().execution_options(storeboard_immediate=True)
        self.driver: Any = self.connection.connection.driver_connection
        bulk.expect(self.driver, bulk.MANY)
        return self

    def __exit__(self, *_: object) -> None:
        bulk.expect(self.driver, bulk.USUAL)
        self.connection.close()
        self.aside.shutdown()

    def prepared(self, _table: Table, parts: Parts[Part], fixed: Mapping[str, Any]) -> Iterator[tuple[Part, Any]]:
        """Each part, and what ``step`` takes of it."""
        return ahead(partial(_laid_ready, fixed), parts, threads=1)

    @contextmanager
    def step(self, table: Table, ready: Any) -> Iterator[tuple[Any, Sequence[int]]]:
        """Write a part; what is executed inside with the connection this gives belongs to it, and knows its ids."""
        names, count, data, rest = ready
        db.session.rollback()  # while we read what was before, the log cannot begin anew
        if len(self.resting) > BEHIND:
            self._wait()
        self.driver.execute("ATTACH ':memory:' AS ready")
        try:
            self.driver.deserialize(data, name="ready")
            sleep(max(0, self.ended + REST - monotonic()))
            with self.connection.begin():
                begun, first = monotonic(), next_id(self.driver, table)
                told = ", ".join([f"rowid + {first - 1}", *_columns(len(names)), *bulk.quoted(self.driver, rest)])
                self.driver.execute(f"{bulk.into(table, ('id', *names, *rest))} SELECT {told} FROM ready.part")
                yield self.connection, range(first, first + count)
            self.ended = monotonic()
        finally:
            self.driver.execute("DETACH ready")
        fits = PATIENCE / max(self.ended - begun, 0.001)
        self.size = max(min(int(self.size * min(max(fits, 0.5), 2)), MOST), FEWEST)
        self.resting.append(self.aside.submit(_bring_in, db.engine))

    def _wait(self) -> None:
        while self.resting:
            self.resting.pop(0).result()


def _laid_ready(fixed: Mapping[str, Any], of: tuple[Part, bulk.Columns]) -> tuple[Part, Any]:
    """A part's rows as a database in memory; what is the same in all of them is said apart."""
    part, columns = of
    told = {name: bulk.plain(each) for name, each in columns.items() if each.null_count < len(each)}
    rest = {name: value for name, value in fixed.items() if name not in columns and value is not None}
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as link:
        link.execute(f"CREATE TABLE part ({', '.join(_columns(len(told)))})")
        link.execute("BEGIN")
        link.executemany(f"INSERT INTO part VALUES ({', '.join('?' * len(told))})", zip(*told.values(), strict=True))
        link.execute("COMMIT")
        return part, (list(told), len(next(iter(columns.values()))), link.serialize(), rest)


def _columns(count: int) -> list[str]:
    return [f"c{number}" for number in range(count)]


def _bring_in(engine: Engine) -> None:
    """Bring SQLite's log into the file: nobody waits for it, and one page is written once for all."""
    link = engine.raw_connection()
    try:
        link.driver_connection.execute("PRAGMA wal_checkpoint(PASSIVE)")
    finally:
        link.close()


class _OneTransaction:
    """On PostgreSQL nobody waits for it, so all of it is in the transaction that is running."""

    size = MOST

    def __enter__(self) -> "_OneTransaction":
        self.connection = db.session.connection()
        self.driver: Any = self.connection.connection.driver_connection
        return self

    def __exit__(self, *_: object) -> None:
        """The transaction goes on."""

    def prepared(self, table: Table, parts: Parts[Part], fixed: Mapping[str, Any]) -> Iterator[tuple[Part, Any]]:
        """The same, made while the server writes the part before."""
        numbered = ((part, columns, _ids(table, len(next(iter(columns.values()))))) for part, columns in parts)
        return ahead(partial(_as_csv, fixed), numbered, threads=1)

    @contextmanager
    def step(self, table: Table, ready: Any) -> Iterator[tuple[Any, Sequence[int]]]:
        """The same; ids follow one another unless somebody else took some in between."""
        ids, names, rows = ready
        bulk.copy(self.driver, table, names, rows)
        yield self.connection, ids


def _ids(table: Table, count: int) -> np.ndarray:
    name = db.session.scalar(text("SELECT pg_get_serial_sequence(:name, 'id')"), {"name": table.name})
    given = "SELECT nextval(CAST(:name AS regclass)) AS id FROM generate_series(1, :count)"
    some = {"name": name, "count": count}
    first, last = db.session.execute(text(f"SELECT min(id), max(id) FROM ({given}) AS given"), some).one()
    if last - first == count - 1:
        return np.arange(first, last + 1)
    return np.array(db.session.scalars(text(given), some).all())


def _as_csv(fixed: Mapping[str, Any], of: tuple[Part, bulk.Columns, np.ndarray]) -> tuple[Part, Any]:
    part, columns, ids = of
    return part, (ids, *bulk.as_csv({**columns, "id": pa.array(ids)}, fixed))
