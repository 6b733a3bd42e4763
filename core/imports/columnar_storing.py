"""Store what was read as columns: compare it with the store, and write what is new in bulk, past the models."""

import io
import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import repeat
from time import monotonic
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv as arrow_csv
from sqlalchemy import Table, inspect, select, text

from core.contracts import ImportRecord
from core.extensions import db
from core.imports.columnar_parts import Columns, Progress
from core.imports.extraction import Extract, Source
from core.imports.models import CREATED, UNCHANGED, ImportBatch, ImportRow
from core.imports.plans import Outcome, Plan, chunks, outcome, plan
from core.registry import registry
from core.transactions import transaction

CHUNK, MOST = 10_000, 40_000  # rows written in one go, at first and at most: for so long do others wait on SQLite
SHOWN = 5
# kB of SQLite's pages in memory, and after how many pages the log is brought into the file
BULK, USUAL = (
    {"cache_size": -200_000, "wal_autocheckpoint": 10_000},
    {"cache_size": -2_000, "wal_autocheckpoint": 1_000},
)
TOGETHER = 1_200_000  # rows brought into order before they are written


@dataclass
class Found:
    """What becomes of the rows read as columns: ``new`` tells which are, by batch; ``same`` are numbers and ids."""

    new: list[np.ndarray] = field(default_factory=list)
    same: list[tuple[int, int]] = field(default_factory=list)


def compare(columns: Columns, store_id: int | None, made: Plan, found: Outcome) -> Found:
    """Compare with what the store has. What changes or is in conflict is added to the plan and outcome of the rest."""
    told = Found()
    model = registry().record_types[columns.how.kind].model
    some = store_id is not None and db.session.scalar(select(model.id).where(model.store_id == store_id).limit(1))
    for batch in columns.records:
        new = np.ones(batch.num_rows, bool)
        if some:
            new &= ~_known(model, columns, store_id, batch)
            for part in chunks(np.flatnonzero(~new).tolist()):
                _compare(columns, store_id, batch.take(pa.array(part)), (made, found), told)
        found.counts[CREATED] += int(new.sum())
        told.new.append(new)
    return told


def _known(model: Any, columns: Columns, store_id: int | None, batch: pa.RecordBatch) -> np.ndarray:
    """Which of a batch's records the store has already."""
    key = getattr(model, registry().record_types[columns.how.kind].key)
    have: list[str] = []
    for part in chunks(batch.column("key").to_pylist()):
        have += db.session.scalars(select(key).where(model.store_id == store_id, key.in_(part)))
    return pc.is_in(batch.column("key"), value_set=pa.array(have, pa.string())).to_numpy(zero_copy_only=False)


def _compare(columns: Columns, store_id: int | None, part: Any, rest: tuple[Plan, Outcome], told: Found) -> None:
    made, found = rest
    kind, fields = columns.how.kind, part.schema.names[2:]
    some = Extract(importers={kind: columns.table.importer})
    for number, key, *values in zip(*(_python(column) for column in part.columns), strict=True):
        some.records[kind, key] = ImportRecord(kind, key, dict(zip(fields, values, strict=True)))
        some.sources.append(Source(columns.table, number, [(kind, key)], repeat=False))
    ours = plan(some, store_id)
    theirs = outcome(some, ours)
    found.counts.update(theirs.counts)
    found.conflicts += theirs.conflicts
    made.updated |= ours.updated
    made.conflicts |= ours.conflicts
    for row in theirs.rows:
        if row[1] == UNCHANGED:
            told.same.append((row[0].row, ours.unchanged[row[2][0]].id))
        else:
            found.rows.append(row)


def _python(column: pa.Array) -> list[Any]:
    """A column's values as a record has them."""
    if pa.types.is_timestamp(column.type):
        return [None if at is None else at.replace(tzinfo=UTC) for at in column.to_pylist()]
    return column.to_pylist()


def show(columns: Columns, told: Found, made: Plan, found: Outcome) -> None:
    """Add some new records to the plan of a dry run, of which it shows some."""
    kind = columns.how.kind
    for batch, new in zip(columns.records, told.new, strict=True):
        part = batch.take(pa.array(np.flatnonzero(new)[:SHOWN]))
        fields = part.schema.names[2:]
        for number, key, *values in zip(*(_python(column) for column in part.columns), strict=True):
            made.created[kind, key] = ImportRecord(kind, key, dict(zip(fields, values, strict=True)))
            found.rows.append((Source(columns.table, number, [(kind, key)], repeat=False), CREATED, [(kind, key)]))
        if part.num_rows:
            return


def write(columns: Columns, batch: ImportBatch, store_id: int, told: Found, progress: Progress) -> None:
    """Write what is new, and what became of each row: in steps, or in the transaction that is running."""
    kind = registry().record_types[columns.how.kind]
    table: Table = inspect(kind.model).local_table
    fixed = _defaults(table) | {"store_id": store_id}
    rows: Table = ImportRow.__table__
    about = _defaults(rows) | {"batch_id": batch.id, "sheet": columns.table.sheet, "kind": kind.name}
    make = WRITERS[db.engine.dialect.name]
    done, total = 0, sum(int(new.sum()) for new in told.new) + len(told.same) or 1
    pace = _Pace(make.patience)
    for part in _parts(columns, told, pace):
        values = {name: part.column(name) for name in part.schema.names[2:] if name in table.columns}
        values = {name: _filled(each, fixed.get(name)) for name, each in values.items()}
        rest = {name: fixed[name] for name in fixed if name not in values}
        own = make.ready({kind.key: part.column("key")} | values)
        numbers = make.ready({"number": part.column("number")})
        with pace, transaction():
            writer = make()
            ids = writer.ids(table, part.num_rows)
            writer.write(table, own | {"id": ids}, rest)
            writer.write(rows, numbers | {"record_id": ids}, about | {"action": CREATED})
        done += part.num_rows
        progress(done / total)
    for some in chunks(told.same, CHUNK):
        numbers, ids = (pa.array(each, pa.int64()) for each in zip(*some, strict=True))
        ready = make.ready({"number": numbers, "record_id": ids})
        with transaction():
            make().write(rows, ready, about | {"action": UNCHANGED})
    make.end()


def first_id(name: str) -> int:
    """The number that the next record of a kind will get on SQLite."""
    table: Table = inspect(registry().record_types[name].model).local_table
    return _SQLite().first(table)


class _Pace:
    """How many rows to write in one go, so that others wait for a moment only however busy the machine is."""

    def __init__(self, patience: float) -> None:
        self.size, self.patience, self.begun = CHUNK, patience, 0.0

    def __enter__(self) -> None:
        self.begun = monotonic()

    def __exit__(self, *_: object) -> None:
        took = monotonic() - self.begun
        if 2 * took < self.patience:
            self.size = min(2 * self.size, MOST)
        elif took > self.patience:
            self.size = max(self.size // 2, CHUNK // 4, 1)


def _parts(columns: Columns, told: Found, pace: _Pace) -> Iterator[pa.RecordBatch]:
    """The new records in the order that indexes like best."""
    waiting: list[pa.RecordBatch] = []
    for batch, new in zip(columns.records, told.new, strict=True):
        waiting.append(batch if new.all() else batch.filter(pa.array(new)))
        if sum(each.num_rows for each in waiting) > TOGETHER:
            yield from _in_order(waiting, columns.how.ordered, pace)
            waiting = []
    if waiting:
        yield from _in_order(waiting, columns.how.ordered, pace)


def _in_order(batches: list[pa.RecordBatch], by: str, pace: _Pace) -> Iterator[pa.RecordBatch]:
    table = pa.Table.from_batches(batches)
    batches.clear()
    order = None
    if by in table.column_names:
        times = pc.fill_null(table.column(by).cast(pa.int64()), 0).to_numpy()
        if (times[1:] < times[:-1]).any():
            order, table = np.argsort(times, kind="stable"), table.combine_chunks()
    start = 0
    while start < table.num_rows:
        some, start = slice(start, start + pace.size), start + pace.size
        part = table[some] if order is None else table.take(pa.array(order[some]))
        yield from part.combine_chunks().to_batches()


def _defaults(table: Table) -> dict[str, Any]:
    """What a row has where nobody says otherwise."""
    given = {column.key: column.default for column in table.columns if column.default is not None}
    return {name: each.arg if each.is_scalar else each.arg(None) for name, each in given.items()}


def _filled(values: pa.Array, default: Any) -> pa.Array:
    return values if default is None or not values.null_count else pc.fill_null(values, default)


class _SQLite:
    """Rows by the driver's own loop; what is the same in all of them stands in the statement."""

    patience = 0.25  # seconds that one go may take before the next is smaller

    def __init__(self) -> None:
        self.driver = db.session.connection().connection.driver_connection
        for setting, value in BULK.items():
            self.driver.execute(f"PRAGMA {setting} = {value}")

    @staticmethod
    def ready(columns: Mapping[str, pa.Array]) -> dict[str, Any]:
        """What is written, made ready before others have to wait."""
        return {name: list(_plain(each)) for name, each in columns.items() if each.null_count < len(each)}

    @staticmethod
    def end() -> None:
        """Give back the memory that writing to many indexes at once takes."""
        for setting, value in USUAL.items():
            db.session.connection().exec_driver_sql(f"PRAGMA {setting} = {value}")

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
        column = column.cast(pa.string())
    if not column.null_count and pa.types.is_integer(column.type):
        return column.to_numpy(zero_copy_only=False).tolist()
    return column.to_pylist()


class _PostgreSQL:
    """Rows by COPY, from text that Arrow writes."""

    patience = math.inf  # nobody waits for them

    def __init__(self) -> None:
        self.driver = db.session.connection().connection.driver_connection

    @staticmethod
    def ready(columns: Mapping[str, pa.Array]) -> dict[str, Any]:
        return dict(columns)

    @staticmethod
    def end() -> None:
        """Nothing was changed."""

    def ids(self, table: Table, count: int) -> pa.Array:
        sequence = text("SELECT nextval(pg_get_serial_sequence(:name, 'id')) FROM generate_series(1, :count)")
        return pa.array(db.session.scalars(sequence, {"name": table.name, "count": count}).all(), pa.int64())

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


WRITERS = {"sqlite": _SQLite, "postgresql": _PostgreSQL}
