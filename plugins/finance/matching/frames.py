"""Rows of a query as columns: a million mapped objects would be slow, and large."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv as pv
from numpy.typing import NDArray
from sqlalchemy import ColumnElement, Select, String, cast, func, select

from core.ahead import ahead
from core.extensions import db

BLOCK = 100_000
BETWEEN, AFTER = "\x1f", "\x1e"  # cells and rows, in no text that a file holds
LINES = bytes.maketrans(b"\n\r" + AFTER.encode(), b"  \n")  # a row is one line for Arrow, whatever its cells hold
TEXT, WHOLE = pa.string(), pa.int64()


def table(
    columns: Mapping[str, tuple[Any, pa.DataType]],
    of: Any,
    store_id: int,
    where: Sequence[Any],
    ends: Sequence[Any] = (),
) -> pa.Table:
    """Columns (what of, and ``TEXT`` or ``WHOLE``) of the rows of ``of``, a mapped class, that are ``where``. One of
    them is ``id``, which ascends.

    The database joins thousands of rows to one text, and Arrow reads it: nothing is made of single values in between.
    ``ends`` narrows, by an index, where in the table to look at all.
    """
    bounds = select(func.min(of.id), func.max(of.id)).where(of.store_id == store_id, *ends)
    first, last = db.session.execute(bounds).one()
    row: Any = _joined([_cell(expression) for expression, _ in columns.values()])

    def blocks() -> Iterator[str]:
        yield ""
        for start in range(first, last + 1, BLOCK) if first is not None else ():
            # + 0: the ids are few, and no index of the store is to be gone through once for each block
            block = (of.id >= start, of.id < start + BLOCK, of.store_id + 0 == store_id)
            yield db.session.scalar(select(func.aggregate_strings(row, AFTER)).where(*block, *where)) or ""

    # a text is read while the database joins the next rows
    found = pa.concat_tables(ahead(partial(_parsed, columns=columns), blocks(), threads=1)).combine_chunks()
    ids = numbers(found, "id")
    # PostgreSQL reads a row that was changed after those that came later
    return found if (ids[1:] > ids[:-1]).all() else found.sort_by("id")


def picked(columns: Mapping[str, tuple[Any, pa.DataType]], parts: Iterable[Sequence[Any]]) -> pa.Table:
    """The same columns of some rows: those that fulfil all conditions of one of ``parts``."""
    found: list[list[Any]] = [[] for _ in columns]
    for where in parts:
        query = select(*(cast(each, String) if kind == TEXT else each for each, kind in columns.values()))
        for whole, part in zip(found, joined(query.where(*where)), strict=True):
            whole.extend(part)
    arrays = [pa.array(values, kind) for values, (_, kind) in zip(found, columns.values(), strict=True)]
    return pa.table(arrays, names=list(columns))


def _joined(cells: Sequence[ColumnElement[str]]) -> ColumnElement[str]:
    first, *rest = cells
    for each in rest:
        first = first + BETWEEN + each
    return first


def _cell(expression: Any) -> ColumnElement[str]:
    return func.coalesce(expression if isinstance(expression.type, String) else cast(expression, String), "")


def _parsed(text: str, columns: Mapping[str, tuple[Any, pa.DataType]]) -> pa.Table:
    types = {name: kind for name, (_, kind) in columns.items()}
    if not text:
        return pa.schema(types.items()).empty_table()
    return pv.read_csv(
        pa.BufferReader(text.encode().translate(LINES)),
        read_options=pv.ReadOptions(column_names=list(types), use_threads=False),
        parse_options=pv.ParseOptions(delimiter=BETWEEN, quote_char=False),
        convert_options=pv.ConvertOptions(column_types=types, strings_can_be_null=True, null_values=[""]),
    )


def column(found: pa.Table, name: str) -> pa.Array:
    """A column of a table as one array."""
    return found[name].combine_chunks() if found[name].num_chunks != 1 else found[name].chunk(0)


def numbers(found: pa.Table, name: str, blank: int | None = None) -> NDArray[np.int64]:
    """A column of whole numbers, with ``blank`` in place of nulls."""
    array = column(found, name)
    return (array if blank is None else array.fill_null(blank)).to_numpy(zero_copy_only=False)


def joined(query: Select[Any]) -> list[list[Any]]:
    """Each column of a query as one list."""
    found: list[list[Any]] = [[] for _ in query.selected_columns]
    for block in _blocks(query):
        for whole, part in zip(found, block, strict=True):
            whole.extend(part)
    return found


def _blocks(query: Select[Any]) -> Iterator[list[tuple[Any, ...]]]:
    rows = db.session.connection().execution_options(yield_per=BLOCK).execute(query)
    for part in rows.partitions():
        yield list(zip(*part, strict=True))


def ints(values: Sequence[Any]) -> NDArray[np.int64]:
    """A column of whole numbers."""
    return np.fromiter(values, np.int64, len(values))


def texts(values: Sequence[Any]) -> pa.Array:
    """A column of text, with nulls."""
    return pa.array(values, pa.string())
