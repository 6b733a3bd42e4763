"""What a file read in columns is made of: batches of columns, and what was found."""

import tempfile
import weakref
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import IO, Any

import pyarrow as pa

from core.contracts import Columnar, ImportRecord
from core.imports.extraction import Extract
from core.imports.tables import Table

Progress = Callable[[float], None]


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


@dataclass
class Columns:
    """What was read as columns: the records' ``number`` (of their row), ``key`` and values, and the evidence's text."""

    table: Table
    size: int
    sha256: str
    extract: Extract  # of all other rows
    records: Spill
    evidence: Spill

    def first(self) -> Iterator[ImportRecord]:
        """One of the records, for all are of one account."""
        for batch in self.records:
            row = batch.slice(0, 1).to_pylist()
            yield from (ImportRecord(self.how.kind, each.pop("key"), each) for each in row)
            return

    @property
    def how(self) -> Columnar:
        """How the importer works on columns."""
        assert self.table.importer.columnar is not None
        return self.table.importer.columnar
