"""What a file read in columns is made of: the rows as wide as most in batches, by Arrow; the others one by one."""

import csv
import io
import tempfile
import weakref
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import IO, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv as arrow_csv

from core.imports.delimited import MAX_CELL, MAX_ROWS, Bounds, too_big, unreadable_table
from core.imports.tables import Row

BLOCK = 8 << 20


@dataclass
class Spill:
    """Column batches on disk, in a file that has no name and ends with the process."""

    file: IO[bytes] = field(default_factory=tempfile.TemporaryFile)
    writer: Any = None
    count: int = 0
    rows: int = 0

    def __post_init__(self) -> None:
        weakref.finalize(self, self.file.close)

    def add(self, batch: pa.RecordBatch) -> None:
        self.writer = self.writer or pa.ipc.new_stream(self.file, batch.schema)
        self.writer.write_batch(batch)
        self.count, self.rows = self.count + 1, self.rows + batch.num_rows

    def __iter__(self) -> Iterator[pa.RecordBatch]:
        if self.writer is None:
            return
        self.file.flush()
        self.file.seek(0)
        with pa.ipc.open_stream(self.file) as batches:
            yield from batches


@dataclass(frozen=True)
class Block:
    """Some rows of a file: most as columns of text, the others one by one."""

    numbers: np.ndarray
    columns: list[pa.Array]
    odd: list[Row]


@dataclass(frozen=True)
class Noted:
    """What is noted of a block's plain rows when the file is gone through first."""

    batch: pa.RecordBatch
    keys: pa.Array
    persons: list[pa.Array]
    looks: dict[int, tuple[int, int, int]]


@dataclass(frozen=True)
class Clean:
    """A block's plain rows as records, as sums and as the evidence's lines, with where each begins; ``rest`` are the
    others."""

    numbers: np.ndarray
    records: pa.RecordBatch
    summed: pa.RecordBatch
    text: memoryview
    begins: np.ndarray
    rest: list[Row]


def blocks(stream: pa.NativeFile, delimiter: str, width: int) -> Iterator[Block]:
    """The rows of a text in UTF-8 in their order."""
    others: list[tuple[int, str]] = []

    def skip(row: arrow_csv.InvalidRow) -> str:
        others.append((row.number, row.text))
        return "skip" if len(others) <= MAX_ROWS else "error"

    names, following, bounds = [str(position) for position in range(width)], 1, Bounds()
    try:
        for batch in arrow_csv.open_csv(
            stream,
            arrow_csv.ReadOptions(column_names=names, block_size=BLOCK, use_threads=False),  # which would not number
            arrow_csv.ParseOptions(
                delimiter=delimiter, ignore_empty_lines=False, newlines_in_values=True, invalid_row_handler=skip
            ),
            arrow_csv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.string()),
                strings_can_be_null=False,
                null_values=[],
                check_utf8=False,
            ),
        ):
            numbers = np.arange(following, following + batch.num_rows + len(others))
            numbers = numbers[~np.isin(numbers, [number for number, _ in others])][: batch.num_rows]
            following = int(numbers[-1]) + 1 if len(numbers) else following
            odd = [(number, _cells(text, delimiter, bounds)) for number, text in others if number < following]
            del others[: len(odd)]
            _bound(batch)
            yield Block(numbers, batch.columns, odd)
    except pa.ArrowInvalid:
        raise (too_big() if len(others) > MAX_ROWS else unreadable_table()) from None
    yield Block(np.zeros(0, np.int64), [], [(number, _cells(text, delimiter, bounds)) for number, text in others])


def _cells(text: str, delimiter: str, bounds: Bounds) -> list[str]:
    try:
        return bounds.taken(next(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter), []))
    except csv.Error:
        raise unreadable_table() from None


def _bound(batch: pa.RecordBatch) -> None:
    wide = [each for each in batch.columns if (pc.max(pc.binary_length(each)).as_py() or 0) > MAX_CELL]
    longest = max((pc.max(pc.utf8_length(column)).as_py() for column in wide), default=0)
    if longest > MAX_CELL:
        raise unreadable_table() if longest > csv.field_size_limit() else too_big()
