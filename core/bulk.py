"""Rows in bulk, past the models: on SQLite by the driver's own loop, on PostgreSQL by COPY. Inside a transaction."""

import io
import math
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from itertools import repeat
from typing import Any

import numpy as np
import pyarrow as pa
from pyarrow import csv as arrow_csv
from sqlalchemy import Table, text

from core.extensions import db

# kB of SQLite's pages in memory, and after how many pages the log is brought into the file
MANY = {"cache_size": -120_000, "wal_autocheckpoint": 50_000}
USUAL = {"cache_size": -2_000, "wal_autocheckpoint": 1_000}


def insert(table: Table, columns: Mapping[str, pa.Array], fixed: Mapping[str, Any]) -> None:
    """Write rows; ``fixed`` is the same in all of them. What neither says is null, or the database's to give."""
    make = writer()
    make().write(table, make.ready(columns), fixed)


@contextmanager
def many(*tables: Table) -> Iterator[None]:
    """While these tables grow much. Inside a transaction."""
    here = writer()()
    here.expect_many()
    yield
    here.end(*tables)


def writer() -> Any:
    """How rows are written here."""
    return WRITERS[db.engine.dialect.name]


def defaults(table: Table) -> dict[str, Any]:
    """What a row has where nobody says otherwise."""
    given = {column.key: column.default for column in table.columns if column.default is not None}
    return {name: each.arg if each.is_scalar else each.arg(None) for name, each in given.items()}


class SQLite:
    """Rows by the driver's own loop; what is the same in all of them stands in the statement."""

    patience = 0.4  # seconds that others may have to wait for one go

    def __init__(self) -> None:
        self.driver = db.session.connection().connection.driver_connection

    def expect_many(self) -> None:
        """Take the memory that writing to many indexes at once needs."""
        for setting, value in MANY.items():
            self.driver.execute(f"PRAGMA {setting} = {value}")

    @staticmethod
    def rest() -> None:
        """Bring the log into the file, between two goes: nobody waits for it, and one page is written once for all."""
        link = db.engine.raw_connection()
        try:
            link.driver_connection.execute("PRAGMA wal_checkpoint(PASSIVE)")
        finally:
            link.close()

    @staticmethod
    def ready(columns: Mapping[str, pa.Array]) -> dict[str, Any]:
        """What is written, made ready before others have to wait."""
        return {name: list(_plain(each)) for name, each in columns.items() if each.null_count < len(each)}

    def end(self, *_tables: Table) -> None:
        """Give that memory back."""
        for setting, value in USUAL.items():
            self.driver.execute(f"PRAGMA {setting} = {value}")

    def first(self, table: Table) -> int:
        given = "SELECT max(coalesce((SELECT seq FROM sqlite_sequence WHERE name = ?), 0), coalesce(max(id), 0)) + 1"
        return self.driver.execute(f'{given} FROM "{table.name}"', (table.name,)).fetchone()[0]

    def ids(self, table: Table, count: int) -> range:
        first = self.first(table)
        return range(first, first + count)

    def write(self, table: Table, columns: Mapping[str, Iterable[Any]], fixed: Mapping[str, Any]) -> None:
        fixed = {name: self._quoted(value) for name, value in fixed.items() if value is not None}
        names = ", ".join(f'"{name}"' for name in (*columns, *fixed))
        values = ", ".join([*("?" * len(columns)), *fixed.values()])
        statement = f'INSERT INTO "{table.name}" ({names}) VALUES ({values})'
        self.driver.executemany(statement, zip(*columns.values(), strict=True))

    def _quoted(self, value: Any) -> str:
        plain = f"{value:%Y-%m-%d %H:%M:%S.%f}" if isinstance(value, datetime) else value
        return self.driver.execute("SELECT quote(?)", (plain,)).fetchone()[0]


def _plain(column: pa.Array) -> Iterable[Any]:
    """A column as SQLite keeps it."""
    if pa.types.is_dictionary(column.type):
        return repeat(column[0].as_py(), len(column)) if len(column.dictionary) == 1 else column.to_pylist()
    if pa.types.is_timestamp(column.type):
        column = column.cast(pa.timestamp("us")).cast(pa.string())  # UTC, as all times are stored
    if not column.null_count and pa.types.is_integer(column.type):
        return column.to_numpy(zero_copy_only=False).tolist()
    return column.to_pylist()


class PostgreSQL:
    """Rows by COPY, from text that Arrow writes."""

    patience = math.inf  # nobody waits for it

    def __init__(self) -> None:
        self.driver = db.session.connection().connection.driver_connection

    @staticmethod
    def ready(columns: Mapping[str, pa.Array]) -> dict[str, Any]:
        return dict(columns)

    def expect_many(self) -> None:
        """Nothing needs to be changed."""

    @staticmethod
    def rest() -> None:
        """The server writes its files by itself."""

    def end(self, *tables: Table) -> None:
        """Have the server look at tables that have grown: what it knew of them leads it to slow ways through them."""
        for table in tables:
            self.driver.execute(f'ANALYZE "{table.name}"')

    def ids(self, table: Table, count: int) -> pa.Array:
        given = "SELECT nextval(pg_get_serial_sequence(:name, 'id')) AS id FROM generate_series(1, :count)"
        some = {"name": table.name, "count": count}
        first, last = db.session.execute(text(f"SELECT min(id), max(id) FROM ({given}) AS given"), some).one()
        if last - first == count - 1:  # nobody else took one in between
            return pa.array(np.arange(first, last + 1))
        return pa.array(db.session.scalars(text(given), some).all(), pa.int64())

    def write(self, table: Table, columns: Mapping[str, pa.Array], fixed: Mapping[str, Any]) -> None:
        count = len(next(iter(columns.values())))
        same = {name: pa.array([value], _type(value)) for name, value in fixed.items() if value is not None}
        every = pa.array(np.zeros(count, np.int8))
        whole = {name: _zoned(each) for name, each in (columns | {n: v.take(every) for n, v in same.items()}).items()}
        out = io.BytesIO()
        options = arrow_csv.WriteOptions(include_header=False, quoting_style="all_valid")
        arrow_csv.write_csv(pa.table(list(whole.values()), names=list(whole)), out, options)
        names = ", ".join(f'"{name}"' for name in whole)
        with self.driver.cursor().copy(f'COPY "{table.name}" ({names}) FROM STDIN (FORMAT csv)') as copy:
            copy.write(out.getbuffer())


def _type(value: Any) -> pa.DataType | None:
    return pa.timestamp("us", "UTC") if isinstance(value, datetime) else None


def _zoned(column: pa.Array) -> pa.Array:
    if pa.types.is_dictionary(column.type):
        return column.dictionary_decode()
    naive = pa.types.is_timestamp(column.type) and column.type.tz is None
    return column.cast(pa.timestamp("us", "UTC")) if naive else column


WRITERS: dict[str, Any] = {"sqlite": SQLite, "postgresql": PostgreSQL}
