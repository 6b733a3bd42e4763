"""An exported text file by its bytes: its header as the importers know it, and some of its columns in blocks. Pure.

GB18030 need not be decoded to be read: tab, line end, quote and comma never are part of a longer character. Whatever is
not plainly written is refused, with its row and column: the import reads more forms, but takes longer.
"""

import csv
import io
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv as pv

from core.contracts import Importer
from core.imports.child import OLE, ZIP
from core.imports.delimited import Decoder, delimiter_of, rows_of, unreadable_table
from core.imports.extraction import BROKEN_ROW
from core.imports.rules import BLANK_WORDS, CLEANERS, RowRejected
from core.imports.tables import HEADER_WITHIN, Sheet, Table, recognised
from core.messages import Message, Refusal, msg

HEAD, EDGE, BLOCK = 64 << 10, 8 << 10, 8 << 20
ENCODINGS = ("utf-8", "gb18030")
BLANKS = [*BLANK_WORDS, "NULL", " ", "\t"]
TIMES = [pv.ISO8601, "%Y-%m-%d %H:%M:%S\t", "%Y/%m/%d %H:%M:%S", "%Y/%m/%d %H:%M"]
WHERE = re.compile(r"(?:column #(\d+): )?Row #(\d+): ")
SHOWN = 40
AS_USUAL = msg("Nothing was compared. Import the file as usual: the import reads more forms, and lists rows it cannot.")
Found = dict[str, Any]
Block = dict[str, pa.Array]


class Odd(Exception):
    """A cell that cannot be read: in which row of its block, of which field, and why."""

    def __init__(self, row: int, field: str, why: Message):
        self.row, self.field, self.why = row, field, why


class _Slice(io.RawIOBase):
    """The bytes of a file from ``start`` to ``end``: preamble and footer never reach the reader."""

    def __init__(self, path: Path, start: int, end: int):
        self._file = path.open("rb", buffering=0)
        self._file.seek(start)
        self._left = end - start

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        count = self._file.readinto(memoryview(buffer)[: max(0, min(len(buffer), self._left))]) or 0
        self._left -= count
        return count

    def close(self) -> None:
        self._file.close()
        super().close()


@dataclass(frozen=True)
class Export:
    """A file whose header is known. ``table`` has no rows, but what the file says above and below them; these lie from
    ``start`` to ``end``, each of ``width`` cells."""

    path: Path
    table: Table
    encoding: str
    delimiter: str
    start: int
    end: int
    width: int

    def read(self, types: Mapping[str, pa.DataType], reduce: Callable[[Block], Found]) -> list[Found]:
        """Some fields block by block, each reduced at once; a field that the file has not is empty.

        Refuses a cell that is not of its type.
        """
        try:
            return self._read(types, reduce, plain=True)
        except pa.ArrowInvalid:  # perhaps for a line end inside a cell or another way to write a time, both slow
            try:
                return self._read(types, reduce, plain=False)
            except pa.ArrowInvalid as error:
                raise self._unread(str(error)) from None

    def _read(self, types: Mapping[str, pa.DataType], reduce: Callable[[Block], Found], plain: bool) -> list[Found]:
        known = {name: str(self.table.columns[name]) for name in types if name in self.table.columns}
        blocks, done = [], 0
        for batch in self._batches({at: types[name] for name, at in known.items()}, plain):
            block = {
                name: batch.column(known[name]) if name in known else _nothing(kind, len(batch))
                for name, kind in types.items()
            }
            try:
                blocks.append(reduce(block))
            except Odd as odd:
                raise self.cell(done + odd.row, odd.field, odd.why) from None
            done += len(batch)
        return blocks

    def _batches(self, types: Mapping[str, pa.DataType], plain: bool) -> Iterator[pa.RecordBatch]:
        if self.start >= self.end:
            yield pa.RecordBatch.from_pydict({at: pa.array([], kind) for at, kind in types.items()})
            return
        with _Slice(self.path, self.start, self.end) as raw:
            yield from pv.open_csv(
                pa.PythonFile(io.BufferedReader(raw, 1 << 20), mode="r"),
                pv.ReadOptions(column_names=[*map(str, range(self.width))], block_size=BLOCK, use_threads=False),
                pv.ParseOptions(delimiter=self.delimiter, newlines_in_values=not plain),
                pv.ConvertOptions(
                    include_columns=list(types),
                    column_types=types,
                    strings_can_be_null=False,
                    null_values=BLANKS,
                    timestamp_parsers=TIMES[:1] if plain else TIMES,
                ),
            )

    def refusal(self, *reasons: Message) -> Refusal:
        """The refusal of the file for these reasons."""
        return refusal(self.path, reasons)

    def _unread(self, error: str) -> Refusal:
        """What Arrow cannot read, as a sentence."""
        where = WHERE.search(error)
        if where is None:
            return self.refusal(*unreadable_table().reasons)
        if where[1]:
            return self._cell(int(where[2]) - 1, int(where[1]), None)
        row, _, last = self._row(int(where[2]) - 1)
        return self.refusal(
            msg("The file breaks off in row %(row)s; download it again.", row=row)
            if last
            else msg("Row %(row)s: %(why)s", row=row, why=BROKEN_ROW)
        )

    def cell(self, place: int, field: str, why: Message) -> Refusal:
        """The refusal of a cell, by the place of its row below the header."""
        return self._cell(place, self.table.columns.get(field), why)

    def _cell(self, place: int, column: int | None, why: Message | None) -> Refusal:
        row, cells, _ = self._row(place)
        if column is None or column >= len(self.table.header):
            return self.refusal(msg("Row %(row)s: %(why)s", row=row, why=why or BROKEN_ROW))
        value = cells[column].strip() if column < len(cells) else ""
        return self.refusal(
            msg(
                "Row %(row)s, column %(column)s, “%(value)s”: %(why)s",
                row=row,
                column=self.table.header[column],
                value=value[:SHOWN],
                why=why or self._why(column, value),
            )
        )

    def _why(self, column: int, value: str) -> Message:
        """Why its own cleaner refuses a cell, if that does."""
        try:
            CLEANERS[self.table.kinds()[column]](value)
        except RowRejected as rejected:
            return rejected.message
        return msg("Only the import reads what is written like this.")

    def _row(self, place: int) -> tuple[int, list[str], bool]:
        """A row by its place below the header: its number in the file, its cells, whether the file ends with it."""
        seen = 0
        with _Slice(self.path, self.start, self.end) as raw, suppress(csv.Error):
            text = io.TextIOWrapper(io.BufferedReader(raw), self.encoding, "replace", newline="")
            rows = enumerate(csv.reader(text, delimiter=self.delimiter), self.table.header_row + 1)
            for row, cells in rows:
                seen += bool(cells)
                if seen == place + 1:
                    return row, cells, next(rows, None) is None and self.end == self.path.stat().st_size
        return self.table.header_row + place + 1, [], False


def refusal(path: Path, reasons: Sequence[Message]) -> Refusal:
    """The refusal of a file, which names it and says what to do instead."""
    return Refusal(*(msg("%(file)s: %(why)s", file=path.name, why=each) for each in reasons), AS_USUAL)


def opened(path: Path, importers: Sequence[Importer], wanted: Importer) -> Export:
    """A file that ``wanted`` reads; refuses one that no importer knows, or another knows better."""
    try:
        return _opened(path, importers, wanted)
    except Refusal as refused:
        raise refusal(path, refused.reasons) from None


def _opened(path: Path, importers: Sequence[Importer], wanted: Importer) -> Export:
    size = path.stat().st_size
    with path.open("rb") as file:
        head = file.read(HEAD)
        encoding, text = _text(head)
        rows = rows_of("\n".join(text.split("\n")[: 4 * HEADER_WITHIN]))
        table = recognised(Sheet(path.name, rows, path.name), importers)
        label = Message(wanted.label)
        if table is None:
            raise Refusal(msg("No table in a known format was found. Known are: %(kinds)s.", kinds=label))
        if table.importer.name != wanted.name:
            raise Refusal(msg("This is %(kind)s, not %(wanted)s.", kind=Message(table.importer.label), wanted=label))
        start = _below(head, table.header_row, size)
        file.seek(max(start, size - EDGE))
        tail = file.read()
    rest = _rows_in(tail)
    remarks = [(row, cells) for row, cells in table.remarks if row < table.header_row]
    remarks += [(0, cells) for cells in rows_of(tail[rest:].decode(encoding, "replace")) if cells]
    following = rows[table.header_row] if len(rows) > table.header_row else []
    return Export(
        path,
        replace(table, rows=[], totals=[], remarks=remarks),
        encoding,
        delimiter_of(text),
        start,
        size - len(tail) + rest,
        max(len(rows[table.header_row - 1]), len(following)),
    )


def _text(head: bytes) -> tuple[str, str]:
    for encoding in ENCODINGS if not head.startswith((ZIP, OLE)) else ():
        with suppress(UnicodeDecodeError):
            return encoding, Decoder(encoding, "strict")(head).decode()
    raise Refusal(msg("Only text files (CSV) in UTF-8 or GB18030 are compared as they are."))


def _below(head: bytes, lines: int, size: int) -> int:
    """Where the line below the first ``lines`` begins."""
    place = -1
    for _ in range(lines):
        place = head.find(b"\n", place + 1)
        if place < 0:
            if len(head) == size:
                return size
            raise unreadable_table()
    return place + 1


def _rows_in(tail: bytes) -> int:
    """Where the remarks at the end begin: below the last row that does not begin with ``#``."""
    lines = tail.splitlines(keepends=True)
    while lines and (not (said := lines[-1].strip(b' \t\r\n,"')) or said.startswith(b"#")):
        lines.pop()
    return sum(map(len, lines))


def _nothing(kind: pa.DataType, count: int) -> pa.Array:
    words = {pa.string(): "", pa.binary(): b""}
    return pa.repeat(pa.scalar(words[kind], kind), count) if kind in words else pa.nulls(count, kind)


def joined(parts: Sequence[Any]) -> Any:
    """The parts of a column as one."""
    return np.concatenate(parts) if isinstance(parts[0], np.ndarray) else pa.chunked_array(parts)
