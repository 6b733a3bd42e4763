"""Rows in bulk, past the models: on SQLite by the driver's own loop, on PostgreSQL by COPY. Inside a transaction."""

import io
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime
from itertools import repeat
from typing import Any, TypeVar

import numpy as np
import pyarrow as pa
from pyarrow import csv as arrow_csv
from sqlalchemy import Table, text

from core.extensions import db

# kB of SQLite's pages in memory, and after how many pages the log is brought into the file
MANY = {"cache_size": -120_000, "wal_autocheckpoint": 50_000}
USUAL = {"cache_size": -2_000, "wal_autocheckpoint": 1_000}
Columns = Mapping[str, pa.Array]
Part = TypeVar("Part")


def insert(table: Table, columns: Columns, fixed: Mapping[str, Any]) -> None:
    """Write rows; where no column says it, ``fixed`` does, else it is null or the database's to give."""
    make = writer()
    for _, ready in make.prepared(table, [(None, columns)], fixed):
        make().write(table, ready)


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
    def prepared(
        _table: Table, parts: Iterable[tuple[Part, Columns]], fixed: Mapping[str, Any], *, numbered: bool = False
    ) -> Iterator[tuple[Part, Any]]:
        """Each part with what ``write`` takes of it, made before others have to wait; ``numbered`` tells ids."""
        for part, columns in parts:
            rest = {name: value for name, value in fixed.items() if name not in columns and value is not None}
            told = {name: list(_plain(each)) for name, each in columns.items() if each.null_count < len(each)}
            yield part, (told, rest, len(next(iter(columns.values()))) if numbered else 0)

    def end(self, *_tables: Table) -> None:
        """Give that memory back."""
        for setting, value in USUAL.items():
            self.driver.execute(f"PRAGMA {setting} = {value}")

    def first(self, table: Table) -> int:
        given = "SELECT max(coalesce((SELECT seq FROM sqlite_sequence WHERE name = ?), 0), coalesce(max(id), 0)) + 1"
        return self.driver.execute(f'{given} FROM "{table.name}"', (table.name,)).fetchone()[0]

    def write(self, table: Table, ready: tuple[dict[str, Any], Mapping[str, Any], int]) -> range:
        """Write the rows, and tell the ids of numbered ones."""
        told, rest, numbered = ready
        ids = range(first := self.first(table) if numbered else 0, first + numbered)
        columns = told | ({"id": ids} if numbered else {})
        fixed = {name: self._quoted(value) for name, value in rest.items()}
        names = ", ".join(f'"{name}"' for name in (*columns, *fixed))
        values = ", ".join([*("?" * len(columns)), *fixed.values()])
        statement = f'INSERT INTO "{table.name}" ({names}) VALUES ({values})'
        self.driver.executemany(statement, zip(*columns.values(), strict=True))
        return ids

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
    def prepared(
        table: Table, parts: Iterable[tuple[Part, Columns]], fixed: Mapping[str, Any], *, numbered: bool = False
    ) -> Iterator[tuple[Part, Any]]:
        """The same, made while the server writes the part before."""
        rest = {name: value for name, value in fixed.items() if value is not None}
        with ThreadPoolExecutor(1) as making:
            before: list[tuple[Part, Any]] = []
            for part, columns in parts:
                ids = _ids(table, len(next(iter(columns.values())))) if numbered else None
                whole = columns | ({"id": ids} if numbered else {})
                before.append((part, making.submit(_as_csv, whole, rest, ids)))
                if len(before) > 1:
                    yield before[0][0], before.pop(0)[1].result()
            for part, coming in before:
                yield part, coming.result()

    def expect_many(self) -> None:
        """Nothing needs to be changed."""

    @staticmethod
    def rest() -> None:
        """The server writes its files by itself."""

    def end(self, *tables: Table) -> None:
        """Have the server look at tables that have grown: what it knew of them leads it to slow ways through them."""
        for table in tables:
            self.driver.execute(f'ANALYZE "{table.name}"')

    def write(self, table: Table, ready: tuple[Sequence[str], memoryview, pa.Array]) -> pa.Array:
        names, rows, ids = ready
        told = ", ".join(f'"{name}"' for name in names)
        with self.driver.cursor().copy(f'COPY "{table.name}" ({told}) FROM STDIN (FORMAT csv)') as copy:
            copy.write(rows)
        return ids


def _ids(table: Table, count: int) -> pa.Array:
    """The next ids of a table on PostgreSQL, one after the other unless somebody else took some in between."""
    name = db.session.scalar(text("SELECT pg_get_serial_sequence(:name, 'id')"), {"name": table.name})
    given = "SELECT nextval(CAST(:name AS regclass)) AS id FROM generate_series(1, :count)"
    some = {"name": name, "count": count}
    first, last = db.session.execute(text(f"SELECT min(id), max(id) FROM ({given}) AS given"), some).one()
    if last - first == count - 1:
        return pa.array(np.arange(first, last + 1))
    return pa.array(db.session.scalars(text(given), some).all(), pa.int64())


def _as_csv(
    columns: Columns, fixed: Mapping[str, Any], ids: pa.Array | None
) -> tuple[Sequence[str], memoryview, pa.Array | None]:
    every = pa.array(np.zeros(len(next(iter(columns.values()))), np.int8))
    same = {name: pa.array([value], _type(value)).take(every) for name, value in fixed.items() if name not in columns}
    whole = {name: _zoned(each) for name, each in (columns | same).items()}
    out = io.BytesIO()
    options = arrow_csv.WriteOptions(include_header=False, quoting_style="all_valid")
    arrow_csv.write_csv(pa.table(list(whole.values()), names=list(whole)), out, options)
    return list(whole), out.getbuffer(), ids


def _type(value: Any) -> pa.DataType | None:
    return pa.timestamp("us", "UTC") if isinstance(value, datetime) else None


def _zoned(column: pa.Array) -> pa.Array:
    if pa.types.is_dictionary(column.type):
        return column.dictionary_decode()
    naive = pa.types.is_timestamp(column.type) and column.type.tz is None
    return column.cast(pa.timestamp("us", "UTC")) if naive else column


WRITERS: dict[str, Any] = {"sqlite": SQLite, "postgresql": PostgreSQL}
