"""A large delimited text as columns: plain lines by Arrow, block by block; any other line by the reader of small files.

A plain line is one that can be read in one way only: as many cells as the header's rows have, quotes that begin and end
a cell, nothing that must be taken out of it. Text in GB18030 is turned into UTF-8 before it is split.
"""

import csv
import io
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from pyarrow import csv as arrow_csv

from core.imports.delimited import BROKEN, BYTE_ORDER_MARKS, Bounds, encoding_of
from core.imports.tables import Row
from core.messages import Refusal, msg

BLOCK = 8 << 20
LONGEST = 30_000  # bytes of a plain line
MARK = BYTE_ORDER_MARKS[0][0]
LINE_END, RETURN, QUOTE, EQUALS = 10, 13, 34, 61
# besides the controls, what a cell must not keep, and what stands where bytes could not be read
DROPPED = tuple(mark.encode() for mark in ("\x7f", "\ufeff", BROKEN))


class Unsuited(Exception):
    """The file is not one that columns can be made of; the reader of small files may know what to do with it."""


@dataclass(frozen=True)
class Block:
    """Some rows of a file: the plain ones as columns of text, the others one by one. ``first`` numbers its first."""

    first: int
    numbers: np.ndarray
    columns: list[pa.Array]
    odd: list[Row]


class Text:
    """The text of a file in UTF-8, in blocks that end with a line, read in one encoding after the other until one fits.

    A file in none keeps U+FFFD where its bytes could not be read, as a small one does.
    """

    def __init__(self, path: Path):
        self.path = path
        with path.open("rb") as file:
            head = file.read(BLOCK)
        if head.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\n" not in head:
            raise Unsuited
        self.marked = head.startswith(MARK)
        head = head[len(MARK) if self.marked else 0 : head.rindex(b"\n") + 1]
        self.readable = [name for name in (["utf-8"] if self.marked else ["utf-8", "gb18030"]) if _reads(head, name)]
        self.telling = "utf-8" if self.marked else encoding_of(head.split(b"\n"))
        self.head = head.decode(self.encoding, errors=self.errors)

    @property
    def encoding(self) -> str:
        return self.readable[0] if self.readable else self.telling

    @property
    def errors(self) -> str:
        return "strict" if self.readable else "replace"

    def blocks(self, digest: Any = None) -> Iterator[bytes]:
        """The file's text; raises ``UnicodeDecodeError`` where another encoding is to be tried from the beginning."""
        lines = broken = 0
        for piece in self._pieces(digest):
            try:
                text = piece.decode(self.encoding)
            except UnicodeDecodeError:
                if self.readable:
                    self.readable.pop(0)
                    raise
                texts = [line.decode(self.encoding, errors="replace") for line in piece.split(b"\n")]
                broken += sum(BROKEN in text for text in texts)
                text = "\n".join(texts)
            lines += piece.count(b"\n")
            yield piece if self.encoding == "utf-8" and self.readable else text.encode()
        if broken > max(1, (lines + 1) // 10):
            raise Refusal(msg("The file mixes encodings: too many lines are neither UTF-8 nor GB18030."))

    def _pieces(self, digest: Any = None) -> Iterator[bytes]:
        rest, first = b"", self.marked
        with self.path.open("rb") as file:
            while data := file.read(BLOCK):
                if digest is not None:
                    digest.update(data)
                data = data[len(MARK) :] if first else data
                first, end = False, data.rfind(b"\n") + 1
                if not end and len(rest) > BLOCK:
                    raise Unsuited
                if end:
                    yield rest + data[:end]
                rest = data[end:] if end else rest + data
        if rest:
            yield rest + b"\n"


def _reads(data: bytes, encoding: str) -> bool:
    try:
        data.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


class Splitter:
    """Makes rows of lines; ``widths`` counts how many cells they have."""

    def __init__(self, delimiter: str, width: int):
        self.delimiter, self.width = delimiter, width
        self.widths: Counter[int] = Counter()
        self.bounds = Bounds()
        self.number = 1
        self.rest = b""

    def blocks(self, pieces: Iterator[bytes]) -> Iterator[Block]:
        """The rows of all pieces in their order."""
        pieces = iter(pieces)
        piece = next(pieces, None)
        while piece is not None:
            following = next(pieces, None)
            block = self._block(self.rest + piece, following is None)
            if block.odd or len(block.numbers):
                yield block
            piece = following

    def _block(self, data: bytes, last: bool) -> Block:
        found = Lines(data, ord(self.delimiter))
        plain = found.plain & (found.cells == self.width)
        rows: list[tuple[int, list[list[str]]]] = []  # at which line, and the rows that begin there
        self.rest, end = b"", 0
        for line in np.flatnonzero(~plain).tolist():
            if line < end:
                continue
            cells, end, whole = self._odd(found, line)
            if not whole and not last:  # a cell goes on in the next piece
                self.rest, plain[line:] = data[found.starts[line] :], False
                found = found.until(line)
                break
            plain[line:end] = False
            rows.append((line, cells))
        plain = plain[: len(found.starts)]
        return self._made(found, plain, rows)

    def _made(self, found: "Lines", plain: np.ndarray, rows: list[tuple[int, list[list[str]]]]) -> Block:
        counts = plain.astype(np.int64)
        for line, cells in rows:
            counts[line] = len(cells)
        first = self.number
        begin = first + np.cumsum(counts) - counts
        self.number = first + int(counts.sum())
        odd = [(int(begin[line]) + n, row) for line, cells in rows for n, row in enumerate(cells)]
        odd = [(number, self.bounds.taken(row)) for number, row in odd]
        self.widths[self.width] += int(plain.sum())
        self.widths.update(len(row) for _, row in odd)
        return Block(first, begin[plain], self._parsed(found, plain), odd)

    def _odd(self, found: "Lines", line: int) -> tuple[list[list[str]], int, bool]:
        """The rows that begin at a line, the line after them, and whether they end there."""
        waiting: list[str] = []
        at, over = line, False

        def feed() -> Iterator[str]:
            nonlocal at, over
            while at < len(found.starts):
                text = found.text(at)
                at += 1
                waiting.extend(io.StringIO(text, newline=""))
                while waiting:
                    yield waiting.pop(0)
            over = True

        reader, rows = csv.reader(feed(), delimiter=self.delimiter), []
        try:
            while not rows or waiting:
                rows.append(next(reader))
        except csv.Error:
            raise unreadable_table() from None
        return rows, at, not over

    def _parsed(self, found: "Lines", plain: np.ndarray) -> list[pa.Array]:
        if not plain.any():
            return [pa.array([], pa.string()) for _ in range(self.width)]
        names = [str(position) for position in range(self.width)]
        data = found.only(plain)
        table = arrow_csv.read_csv(
            pa.BufferReader(data),
            arrow_csv.ReadOptions(column_names=names, block_size=len(data) + 1),
            arrow_csv.ParseOptions(delimiter=self.delimiter, ignore_empty_lines=False),
            arrow_csv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.string()),
                strings_can_be_null=False,
                null_values=[],
                check_utf8=False,
            ),
        )
        return [column.combine_chunks() for column in table.columns]


class Lines:
    """The lines of a piece of text: where they begin, how many cells each has, and which are plain."""

    def __init__(self, data: bytes, delimiter: int):
        self.data = data
        buf = np.frombuffer(data, np.uint8)
        self.ends = np.flatnonzero(buf == LINE_END)
        self.starts = np.concatenate(([0], self.ends[:-1] + 1))
        size = self.ends - self.starts
        self.plain = (size > 1) & (size < LONGEST) & ~self._touched(buf)
        splits = np.flatnonzero(buf == delimiter)
        quotes = np.flatnonzero(buf == QUOTE)
        if len(quotes):
            self._quoted(buf, quotes, splits, delimiter)
            splits = self._outside(buf, splits)
        self.cells = np.diff(np.searchsorted(splits, self.ends), prepend=0) + 1

    def _touched(self, buf: np.ndarray) -> np.ndarray:
        """The lines in which something is to be taken out, or that end more than once."""
        low = np.flatnonzero((buf < 32) & (buf != LINE_END) & (buf != 9))
        low = low[(buf[low] != RETURN) | (buf[np.minimum(low + 1, len(buf) - 1)] != LINE_END)]
        places = [low]
        for mark in DROPPED:
            at = self.data.find(mark)
            while at >= 0:
                places.append(np.array([at]))
                at = self.data.find(mark, at + 1)
        touched = np.zeros(len(self.ends), bool)
        touched[np.searchsorted(self.ends, np.concatenate(places))] = True
        return touched

    def _quoted(self, buf: np.ndarray, quotes: np.ndarray, splits: np.ndarray, delimiter: int) -> None:
        """Plain lines have their quotes in pairs: around a cell, doubled within one, or as a spreadsheet's ="..."."""
        upto = np.searchsorted(quotes, self.ends)
        counts = np.diff(upto, prepend=0)
        self.plain &= counts % 2 == 0
        line = np.repeat(np.arange(len(counts)), counts)
        opens = (np.arange(len(quotes)) - np.repeat(upto - counts, counts)) % 2 == 0
        before = buf[np.maximum(quotes - 1, 0)]
        before = np.where(quotes == 0, LINE_END, before)
        starts = (before == delimiter) | (before == LINE_END)
        ahead = buf[np.maximum(quotes - 2, 0)]
        ahead = np.where(quotes < 2, LINE_END, ahead)
        equals = opens & (before == EQUALS) & ((ahead == delimiter) | (ahead == LINE_END))
        after = buf[quotes + 1]
        stops = (after == delimiter) | (after == RETURN) | (after == LINE_END)
        doubled = after == QUOTE
        wrong = np.where(opens, ~(starts | equals | (before == QUOTE)), ~(stops | doubled))
        if equals.any():
            pairs = np.flatnonzero(equals)
            pairs = pairs[pairs + 1 < len(quotes)]
            inside = np.searchsorted(splits, quotes[pairs]) != np.searchsorted(splits, quotes[pairs + 1])
            wrong[pairs[inside | ~stops[pairs + 1]]] = True
        self.plain[line[wrong]] = False

    def _outside(self, buf: np.ndarray, splits: np.ndarray) -> np.ndarray:
        parity = np.cumsum(buf == QUOTE, dtype=np.uint8) & 1
        at_start = np.where(self.starts > 0, parity[np.maximum(self.starts - 1, 0)], 0)
        counts = np.diff(np.searchsorted(splits, self.ends), prepend=0)
        return splits[parity[splits] == np.repeat(at_start, counts)]

    def until(self, line: int) -> "Lines":
        """The lines before one."""
        self.starts, self.ends = self.starts[:line], self.ends[:line]
        return self

    def text(self, line: int) -> str:
        """One line with its end."""
        return self.data[self.starts[line] : self.ends[line] + 1].decode()

    def only(self, lines: np.ndarray) -> bytes:
        """The text of some lines."""
        edges = np.flatnonzero(np.diff(np.concatenate(([0], lines.view(np.int8), [0]))))
        view = memoryview(self.data)
        runs = zip(self.starts[edges[::2]], self.ends[edges[1::2] - 1], strict=True)
        return b"".join(view[start : end + 1] for start, end in runs)


def unreadable_table() -> Refusal:
    """The refusal of a text that is no table."""
    return Refusal(msg("The file is not a readable table: a quote is not closed or a cell is too long."))
