"""Rows of a query as columns: a million mapped objects would be slow, and large."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from sqlalchemy import ColumnElement, Select, String, cast

from core.extensions import db

BLOCK = 50_000


def columns(query: Select[Any]) -> Iterator[list[tuple[Any, ...]]]:
    """The columns of a query's rows, block by block: a million mapped objects would be slow, and large."""
    result = db.session.execute(query.execution_options(yield_per=BLOCK))
    for part in result.partitions():
        yield list(zip(*part, strict=True))


def joined(query: Select[Any]) -> list[list[Any]]:
    """Each column of a query as one list."""
    found: list[list[Any]] = [[] for _ in query.selected_columns]
    for block in columns(query):
        for whole, part in zip(found, block, strict=True):
            whole.extend(part)
    return found


def ints(values: Sequence[Any]) -> np.ndarray[Any, np.dtype[np.int64]]:
    """A column of whole numbers."""
    return np.fromiter(values, np.int64, len(values))


def texts(values: Sequence[Any]) -> pa.Array:
    """A column of text, with nulls."""
    return pa.array(values, pa.string())


def nullable(values: Sequence[Any], blank: int) -> NDArray[np.int64]:
    """A column of whole numbers, with ``blank`` in place of nulls."""
    return pa.array(values, pa.int64()).fill_null(blank).to_numpy(zero_copy_only=False)


def as_text(column: Any) -> ColumnElement[str]:
    """A moment as text that sorts: quicker to read than a datetime."""
    return cast(column, String)
