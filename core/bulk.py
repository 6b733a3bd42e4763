"""Rows in bulk, past the models: on SQLite by the driver's own loop, on PostgreSQL by COPY. Inside a transaction."""

import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from itertools import repeat
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv as arrow_csv
from sqlalchemy import Table

from core.extensions import db

# kB of SQLite's pages in memory, and after how many pages the log is brought into the file
MANY = {"cache_size": -120_000, "wal_autocheckpoint": 50_000}
USUAL = {"cache_size": -2_000, "wal_autocheckpoint": 1_000}
SAMPLE = 1_000
Columns = Mapping[str, pa.Array]


def insert(table: Table, columns: Columns, fixed: Mapping[str, Any]) -> None:
    """Write rows; where no column says it, ``fixed`` does, else it is null or the database's to give."""
    driver = db.session.connection().connection.driver_connection
    if db.engine.dialect.name == "sqlite":
        told = [list(plain(each)) for each in columns.values()]
        rest = {name: value for name, value in fixed.items() if name not in columns}
        values = ", ".join([*("?" * len(told)), *quoted(driver, rest)])
        driver.executemany(f"{into(table, (*columns, *rest))} VALUES ({values})", zip(*told, strict=True))
    else:
        copy(driver, table, *as_csv(columns, fixed))


@contextmanager
def many(*tables: Table) -> Iterator[None]:
    """While these tables grow much. Inside a transaction."""
    driver = db.session.connection().connection.driver_connection
    expect(driver, MANY)
    yield
    expect(driver, USUAL)
    analyse(driver, *tables)


def expect(driver: Any, settings: Mapping[str, int]) -> None:
    """Take, or give back, the memory that writing to many indexes at once needs on SQLite."""
    for setting, value in settings.items() if db.engine.dialect.name == "sqlite" else ():
        driver.execute(f"PRAGMA {setting} = {value}")


def analyse(driver: Any, *tables: Table) -> None:
    """Have PostgreSQL look at tables that have grown: what it knew of them leads it to slow ways through them."""
    for table in tables if db.engine.dialect.name == "postgresql" else ():
        driver.execute(f'ANALYZE "{table.name}"')


def defaults(table: Table) -> dict[str, Any]:
    """What a row has where nobody says otherwise."""
    given = {column.key: column.default for column in table.columns if column.default is not None}
    return {name: each.arg if each.is_scalar else each.arg(None) for name, each in given.items()}


def into(table: Table, names: Iterable[str]) -> str:
    """The beginning of a statement that fills these columns."""
    told = ", ".join(f'"{name}"' for name in names)
    return f'INSERT INTO "{table.name}" ({told})'


def quoted(driver: Any, values: Mapping[str, Any]) -> list[str]:
    """Values as they stand in a statement of SQLite's."""
    told = [f"{each:%Y-%m-%d %H:%M:%S.%f}" if isinstance(each, datetime) else each for each in values.values()]
    return [driver.execute("SELECT quote(?)", (each,)).fetchone()[0] for each in told]


def plain(column: pa.Array) -> Iterable[Any]:
    """A column as SQLite keeps it."""
    if pa.types.is_dictionary(column.type):
        return repeat(column[0].as_py(), len(column)) if len(column.dictionary) == 1 else column.to_pylist()
    if pa.types.is_timestamp(column.type):
        column = column.cast(pa.timestamp("us")).cast(pa.string())  # UTC, as all times are stored
    if not column.null_count and pa.types.is_integer(column.type):
        return column.to_numpy(zero_copy_only=False).tolist()
    if pa.types.is_string(column.type) and 4 * pc.count_distinct(column[:SAMPLE]).as_py() < len(column[:SAMPLE]):
        coded = column.dictionary_encode()  # words that repeat themselves are made once
        words = np.array([*coded.dictionary.to_pylist(), None], object)
        return words[pc.fill_null(coded.indices, len(words) - 1).to_numpy()].tolist()
    return column.to_pylist()


def copy(driver: Any, table: Table, names: Sequence[str], rows: memoryview) -> None:
    """Write rows on PostgreSQL."""
    told = ", ".join(f'"{name}"' for name in names)
    with driver.cursor().copy(f'COPY "{table.name}" ({told}) FROM STDIN (FORMAT csv)') as copying:
        copying.write(rows)


def as_csv(columns: Columns, fixed: Mapping[str, Any]) -> tuple[Sequence[str], memoryview]:
    """The names of columns and their rows, as PostgreSQL copies them from text that Arrow writes."""
    rest = {name: value for name, value in fixed.items() if name not in columns and value is not None}
    every = pa.array(np.zeros(len(next(iter(columns.values()))), np.int8))
    same = {name: pa.array([value]).take(every) for name, value in rest.items()}
    whole = {name: _zoned(each) for name, each in (columns | same).items()}
    out = io.BytesIO()
    options = arrow_csv.WriteOptions(include_header=False, quoting_style="all_valid")
    arrow_csv.write_csv(pa.table(list(whole.values()), names=list(whole)), out, options)
    return list(whole), out.getbuffer()


def _zoned(column: pa.Array) -> pa.Array:
    """A column for PostgreSQL: moments say that they are in UTC, in text, for Arrow writes zones one cell at a time."""
    if pa.types.is_dictionary(column.type):
        return column.dictionary_decode()
    if pa.types.is_timestamp(column.type):
        return pc.binary_join_element_wise(column.cast(pa.timestamp("us")).cast(pa.string()), "+00", "")
    return column
