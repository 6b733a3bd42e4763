"""Read a large text file in columns, with the result that reading it row by row has, in little memory."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from core.contracts import Importer
from core.imports import columnar_cells as cells_of
from core.imports.columnar_file import File
from core.imports.columnar_lines import Text, Unsuited
from core.imports.columnar_parts import Columns, Progress
from core.imports.delimited import delimiter_of, rows_of
from core.imports.tables import HEADER_WITHIN, Sheet, Table, recognised
from core.messages import Refusal

__all__ = ["Columns", "Progress", "read"]

LARGE = 4 << 20  # bytes from which a file is read in columns
LARGEST = 2 << 30


def read(path: Path, name: str, importers: Sequence[Importer], progress: Progress = lambda _: None) -> Columns | None:
    """Read a file in columns, or None: it is not a text, or its importer does not. Refuses what ``read_file`` does."""
    try:
        text = Text(path)
        while True:
            try:
                reader = _reader(text, name, importers)
                return reader.read(progress) if reader else None
            except UnicodeDecodeError:
                continue
    except Unsuited:
        return None


def _reader(text: Text, name: str, importers: Sequence[Importer]) -> File | None:
    delimiter = delimiter_of(text.head)
    try:
        head = rows_of("".join(text.head.splitlines(keepends=True)[: 4 * HEADER_WITHIN]))
        table = recognised(Sheet(name, head, name), importers)
    except Refusal:
        return None  # which is said again when the whole of it is read
    how = table.importer.columnar if table else None
    if table is None or how is None or how.key not in table.columns or table.importer.carry or table.importer.ragged:
        return None
    if not {column.kind for column in table.importer.columns if column.field in table.columns} <= cells_of.KINDS:
        return None
    width = max(Table(name, table.importer, table.header, 0, {}, table.rows).width, 2)
    blank = replace(table, rows=[], remarks=[], totals=[])
    return File(text, blank, head[table.header_row - 1], delimiter, width)
