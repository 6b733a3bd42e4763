"""Store what was read as columns: compare it with the store, and write what is new in bulk, past the models."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from sqlalchemy import Table, insert, inspect, select

from core import bulk
from core.extensions import db
from core.imports.columnar import Columns, Progress
from core.imports.extraction import Extract, Source
from core.imports.models import CREATED, UNCHANGED, ImportBatch, ImportRow
from core.imports.plans import Outcome, Plan, chunks, outcome, plan
from core.registry import registry
from core.steps import next_id, steps
from core.transactions import transaction

SHOWN = 5
TOGETHER = 300_000  # rows brought into order before they are written


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
    some = Extract(importers={columns.how.kind: columns.table.importer})
    for number, record in columns.one_by_one(part):
        key = record.kind, record.key
        some.records[key] = record
        some.sources.append(Source(columns.table, number, [key], repeat=False))
    ours = plan(some, store_id)
    theirs = outcome(some, ours)
    found.counts.update(theirs.counts)
    found.conflicts += theirs.conflicts
    made.updated |= ours.updated
    made.names |= ours.names
    made.conflicts |= ours.conflicts
    for row in theirs.rows:
        if row[1] == UNCHANGED:
            told.same.append((row[0].row, ours.unchanged[row[2][0]].id))
        else:
            found.rows.append(row)


def show(columns: Columns, told: Found, made: Plan, found: Outcome) -> None:
    """Add some new records to the plan of a dry run, of which it shows some."""
    for batch, new in zip(columns.records, told.new, strict=True):
        part = batch.take(pa.array(np.flatnonzero(new)[:SHOWN]))
        for number, record in columns.one_by_one(part):
            key = record.kind, record.key
            made.created[key] = record
            made.names[key] = record.named or record.key
            found.rows.append((Source(columns.table, number, [key], repeat=False), CREATED, [key]))
        if part.num_rows:
            return


def write(columns: Columns, batch: ImportBatch, store_id: int, told: Found, progress: Progress) -> None:
    """Write what is new, and what became of each row: in steps, or in the transaction that is running."""
    kind = registry().record_types[columns.how.kind]
    table: Table = inspect(kind.model).local_table
    fixed = bulk.defaults(table) | {"store_id": store_id}
    rows: Table = ImportRow.__table__
    about = bulk.defaults(rows) | {"batch_id": batch.id, "sheet": columns.table.sheet, "kind": kind.name}
    done, total = 0, sum(int(new.sum()) for new in told.new) + len(told.same) or 1
    with steps(table, rows) as writing:
        parts = ((part, _columns(part, kind.key, table, fixed)) for part in _parts(columns, told, writing))
        for part, ready in writing.prepared(table, parts, fixed):
            with writing.step(table, ready) as (connection, ids):
                made_at = part.column("number").to_numpy()
                connection.execute(insert(rows), [about | each for each in _many(np.asarray(ids), made_at)])
            done += part.num_rows
            progress(done / total)
    for some in chunks(told.same):
        numbers, stored = (pa.array(each, pa.int64()) for each in zip(*some, strict=True))
        with transaction():
            bulk.insert(rows, {"number": numbers, "record_id": stored}, about | {"action": UNCHANGED})


def _many(ids: np.ndarray, numbers: np.ndarray) -> Iterator[dict[str, Any]]:
    """What a row tells of records that were created one after the other."""
    ends = np.flatnonzero(np.append(np.diff(ids) != 1, True)) + 1
    for start, end in zip([0, *ends[:-1].tolist()], ends.tolist(), strict=True):
        some = numbers[start:end]
        told = {"number": int(some[0]), "record_id": int(ids[start]), "last_id": int(ids[end - 1])}
        yield told | {"action": CREATED, "numbers": some.astype("<u4").tobytes()}


def first_id(name: str) -> int:
    """The number that the next record of a kind will get on SQLite."""
    table: Table = inspect(registry().record_types[name].model).local_table
    return next_id(db.session.connection().connection.driver_connection, table)


def _parts(columns: Columns, told: Found, writing: Any) -> Iterator[pa.RecordBatch]:
    """The new records in the order that indexes like best."""
    waiting: list[pa.RecordBatch] = []
    for batch, new in zip(columns.records, told.new, strict=True):
        waiting.append(batch if new.all() else batch.filter(pa.array(new)))
        if sum(each.num_rows for each in waiting) > TOGETHER:
            yield from _in_order(waiting, columns.how.ordered, writing)
            waiting = []
    if waiting:
        yield from _in_order(waiting, columns.how.ordered, writing)


def _in_order(batches: list[pa.RecordBatch], by: str, writing: Any) -> Iterator[pa.RecordBatch]:
    table = pa.Table.from_batches(batches)
    batches.clear()
    order = None
    if by in table.column_names:
        times = pc.fill_null(table.column(by).cast(pa.int64()), 0).to_numpy()
        if (times[1:] < times[:-1]).any():
            order, table = np.argsort(times, kind="stable"), table.combine_chunks()
    start = 0
    while start < table.num_rows:
        some, start = slice(start, start + writing.size), start + writing.size
        part = table[some] if order is None else table.take(pa.array(order[some]))
        yield from part.combine_chunks().to_batches()


def _columns(part: pa.RecordBatch, key: str, table: Table, fixed: Mapping[str, Any]) -> bulk.Columns:
    """What the table keeps of a part."""
    values = {name: part.column(name) for name in part.schema.names[2:] if name in table.columns}
    return {key: part.column("key")} | {name: _filled(each, fixed.get(name)) for name, each in values.items()}


def _filled(values: pa.Array, default: Any) -> pa.Array:
    return values if default is None or not values.null_count else pc.fill_null(values, default)
