"""A large text file read in columns, with the result that reading it row by row has, in little memory.

First it is split, its people are noted and rows with the same key are found; then each batch is cleaned. What is not
plain in any of its cells, or shares its key with another row, is read as in a small file.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from core.contracts import Importer
from core.imports import columnar_cells as cells_of
from core.imports import evidence
from core.imports.columnar_parts import Columns, Progress, Spill, blocks
from core.imports.delimited import BROKEN, Decoder, delimiter_of, encodings, rows_of
from core.imports.extraction import Extract, Reader, suspect_cut
from core.imports.privacy import People
from core.imports.rules import CLEANERS, bare
from core.imports.tables import HEADER_WITHIN, TOTAL_WORDS, Row, Sheet, Table, disagreements, place, recognised
from core.messages import Refusal

LARGE = 4 << 20  # bytes from which a file is read in columns
LARGEST = 2 << 30
HEAD = 1 << 20  # bytes in which its header is looked for
TOTALS = "(?i)" + "|".join(sorted(TOTAL_WORDS))


def read(path: Path, name: str, importers: Sequence[Importer], progress: Progress = lambda _: None) -> Columns | None:
    """Read a file in columns, or None: it is not a text, or its importer does not. Refuses what ``read_each`` does."""
    with path.open("rb") as file:
        head = file.read(HEAD)
    for encoding in encodings(head):
        try:
            text = Decoder(*encoding)(head).decode()
            table = _recognised(text, name, importers)
            return File(path, Decoder(*encoding), table, delimiter_of(text)).read(progress) if table else None
        except UnicodeDecodeError:
            continue
    return None


def _recognised(head: str, name: str, importers: Sequence[Importer]) -> Table | None:
    try:
        rows = rows_of("".join(head.splitlines(keepends=True)[: 4 * HEADER_WITHIN]))
        table = recognised(Sheet(name, rows, name), importers)
    except Refusal:
        return None  # which is said again when the whole of it is read
    importer = table.importer if table else None
    how = importer.columnar if importer else None
    if table is None or importer is None or how is None or how.key not in table.columns:
        return None
    fits = {*table.kinds().values()} <= cells_of.KINDS and table.width > 1
    return None if importer.carry or importer.ragged or not fits else table


class File:
    """One file while it is read. ``head`` is the table of its first rows."""

    def __init__(self, path: Path, decoder: Decoder, head: Table, delimiter: str):
        self.path, self.decoder, self.delimiter = path, decoder, delimiter
        self.width = head.width
        self.table = replace(head, rows=[], remarks=[], totals=[])
        self.table.__dict__["width"] = self.width
        self.roles = evidence.roles_of(self.table)
        self.kinds = self.table.kinds()
        assert head.importer.columnar is not None
        self.how = head.importer.columnar
        self.at = head.columns[self.how.key]
        self.digest = sha256()
        self.people = People()
        self.split, self.records, self.evidence = Spill(), Spill(), Spill()
        self.odd: list[Row] = []
        self.keys: list[pa.Array] = []
        self.looks = {position: np.zeros(3, np.int64) for position, kind in self.kinds.items() if kind == "id"}
        self.sums: dict[int, int] = {}
        self.summed: dict[str, list[Any]] = {name: [] for name in ("number", *self.how.summed)}
        self.pool = ThreadPoolExecutor(2)

    def read(self, progress: Progress) -> Columns | None:
        with self.pool:
            if not self._scan(progress):
                return None
            twice = self._twice()
            self.clean = replace(self.table, rows=[])
            self.reader = Reader(self.clean, [], self.people)
            self.reader.rounded = {p for p, (long, zeros, ends) in self.looks.items() if zeros > 2 and 2 * ends >= long}
            self.extract = Extract(rows=self.split.rows + len(self.table.rows))
            self.listed = {number for number, _ in self.table.rows}
            self.odd.reverse()
            self.evidence.file.write(b"\xef\xbb\xbf")
            for number, batch in enumerate(self.split):
                self._clean(batch, pc.is_in(self.keys[number], value_set=twice))
                progress(0.4 + 0.6 * (number + 1) / self.split.count)
            self._one_by_one(self.odd[::-1])
            ends = [int(numbers[-1]) for numbers in self.summed["number"] if len(numbers)]
            suspect_cut(max([*self.listed, *ends], default=0), self.extract)
        self._check()
        self.evidence.file.flush()
        size = self.path.stat().st_size
        return Columns(self.clean, size, self.digest.hexdigest(), self.extract, self.records, self.evidence)

    def _scan(self, progress: Progress) -> bool:
        """Split the file; note whom it names, its keys, and what identifiers look like. False: most rows are wider."""
        widths: Counter[int] = Counter()
        total, done = self.path.stat().st_size, 0
        header: list[str] = []
        with pa.OSFile(str(self.path)) as file:
            for block in blocks(pa.TransformInputStream(file, self._piece), self.delimiter, self.width):
                plain = self._ordinary(block.numbers, block.columns)
                odd = sorted([*block.odd, *_rows(block.numbers, block.columns, ~plain)])
                for number, cells in odd:
                    header = cells if number == self.table.header_row else header
                    place(self.table, header, number, cells)
                widths.update({self.width: len(block.numbers)})
                widths.update(len(cells) for _, cells in block.odd if len(cells) >= len(self.table.header))
                self.odd += odd
                if plain.any():
                    self._note(pa.array(block.numbers).filter(pa.array(plain)), block.columns, plain)
                done += sum(column.nbytes for column in block.columns)
                progress(min(0.4 * done / total, 0.4))
        rows = [cells for _, cells in self.table.rows if self.table.sound(cells)]
        self.people.add(bare(cells[p]) for cells in rows for p in self.roles.persons)
        for p in self.looks:
            self.looks[p] += cells_of.roundness(pa.array([bare(cells[p]) for cells in rows], pa.string()))
        return widths[self.width] == max(widths.values())

    def _piece(self, data: pa.Buffer) -> bytes:
        piece = data.to_pybytes()
        self.digest.update(piece)
        return self.decoder(piece)

    def _ordinary(self, numbers: np.ndarray, columns: list[pa.Array]) -> np.ndarray:
        """Which rows hold a record for sure: under the header, no remark, no total, nothing beside the columns."""
        plain = numbers > self.table.header_row
        if not len(numbers):
            return plain
        key = pc.utf8_trim(columns[self.at], " \t")
        plain &= cells_of.matches(cells_of.unwrapped(key), cells_of.PLAIN_ID)
        for column in columns[:3]:
            if column is not columns[self.at]:
                plain &= ~cells_of.matches(column, TOTALS)
        for column in columns[: self.at]:
            plain &= ~cells_of.matches(column, "#")
        for column in columns[len(self.table.header) :]:
            plain &= cells_of.mask(pc.equal(pc.binary_length(column), 0))
        for column in columns if self.decoder.broken else ():
            plain &= ~cells_of.matches(column, BROKEN)
        for position in self.roles.notes:  # what people wrote is looked at one by one
            said = cells_of.mapped(columns[position], cells_of.CLOTHED, bare)
            plain &= cells_of.mask(pc.equal(pc.binary_length(said), 0))
        return plain

    def _note(self, numbers: pa.Array, columns: list[pa.Array], plain: np.ndarray) -> None:
        columns = columns if plain.all() else [column.filter(pa.array(plain)) for column in columns]
        self.split.add(pa.RecordBatch.from_arrays([numbers, *columns], ["number", *map(str, range(self.width))]))
        for position in self.roles.persons:
            self.people.add(cells_of.mapped(columns[position], cells_of.CLOTHED, bare).unique().to_pylist())
        self.keys.append(cells_of.unwrapped(columns[self.at]))
        for position in self.looks:
            self.looks[position] += cells_of.roundness(columns[position])

    def _twice(self) -> pa.Array:
        """The keys that more than one row has."""
        others = [cells[self.at] for _, cells in self.table.rows if self.at < len(cells)]
        read = cells_of.cleaned("id", pa.array(others, pa.string())).values.drop_null()
        counted = pa.chunked_array([*self.keys, read]).value_counts()
        return counted.field("values").filter(pc.greater(counted.field("counts"), 1))

    def _clean(self, batch: pa.RecordBatch, twice: pa.Array) -> None:
        """Read one block: its plain rows as columns, the others, in their order, one by one."""
        numbers = batch.column(0).to_numpy()
        raw = batch.columns[1:]
        shown = list(self.pool.map(self._shown, range(len(raw)), raw))
        read = self._values(shown)
        bad = cells_of.mask(twice).copy()
        for each in read.values():
            bad |= each.bad if each.bad is not None else False
        keys, values = self.how.records({name: each.values for name, each in read.items()}, self.reader.facts)
        bad |= ~cells_of.mask(keys.is_valid())
        self._keep(numbers, keys, values, read, fine=~bad)
        text, begins = cells_of.lines(shown)
        rest = _rows(numbers, raw, bad)
        self.listed.update(number for number, _ in rest)
        while self.odd and self.odd[-1][0] < numbers[-1]:
            rest.append(self.odd.pop())
        done = 0
        for number, cells in sorted(rest):
            upto = int(np.searchsorted(numbers, number))
            self.evidence.file.write(text[begins[done] : begins[upto]])
            self._one_by_one([(number, cells)])
            done = upto + int(upto < len(numbers) and numbers[upto] == number)
        self.evidence.file.write(text[begins[done] : begins[len(numbers)]])

    def _shown(self, position: int, cells: pa.Array) -> pa.Array:
        """A column as the evidence shows it."""
        roles = self.roles
        if position in roles.persons:
            return pa.array([""] * len(cells))
        if position in roles.regions:
            return cells_of.mapped(cells, "(?s).", lambda cell: CLEANERS["region"](cell) or "")
        if position in roles.texts:
            return cells_of.without_contacts(cells)
        return cells_of.without_accounts(cells, self.people, evidence.unnamed) if position in roles.memos else cells

    def _values(self, shown: list[pa.Array]) -> dict[str, cells_of.Cleaned]:
        """The cleaned cells by field; some stand under one header, which says the same to them."""
        kinds = {column.field: column.kind for column in self.table.importer.columns}
        wanted = {name: (kinds[name], position) for name, position in self.table.columns.items()}
        each = list(dict.fromkeys(wanted.values()))
        rounded = self.reader.rounded
        found = self.pool.map(lambda of: cells_of.cleaned(of[0], shown[of[1]], of[1] in rounded), each)
        known = dict(zip(each, found, strict=True))
        return {name: known[of] for name, of in wanted.items()}

    def _keep(
        self, numbers: np.ndarray, keys: pa.Array, values: Mapping[str, Any], read: Any, *, fine: np.ndarray
    ) -> None:
        chosen, count = pa.array(fine), len(fine)
        values = {name: _same(each, count) if isinstance(each, str) else each for name, each in values.items()}
        batch = pa.RecordBatch.from_arrays([pa.array(numbers), keys, *values.values()], ["number", "key", *values])
        self.records.add(batch.filter(chosen))
        self.summed["number"].append(numbers[fine])
        for name in self.how.summed:
            if name in read:
                self.summed[name].append(read[name].values.filter(chosen))
        by_position = {self.table.columns[name]: each for name, each in read.items()} if self.table.totals else {}
        for position, each in by_position.items():
            if self.kinds[position] in {"money", "int"}:
                self.sums[position] = self.sums.get(position, 0) + (pc.sum(each.values.filter(chosen)).as_py() or 0)

    def _one_by_one(self, rows: Sequence[Row]) -> None:
        """Read some rows as those of a small file; what is kept of them is evidence."""
        for number, cells in rows:
            kept = cells if number == self.table.header_row else None
            if number in self.listed:
                kept = evidence.UNREADABLE
                if self.table.sound(cells):
                    kept = evidence.without_people(cells, self.roles, self.people)
                self.clean.rows.append((number, kept))
                if not self.reader.take(number, kept, self.extract):
                    kept = evidence.hushed(kept, self.people)
            self.evidence.file.write(evidence.as_csv([kept or evidence.hushed(cells, self.people)])[3:])

    def _check(self) -> None:
        """Refuse what does not add up; keep what the file says of itself."""
        reasons = list(disagreements(self.clean, self.sums))
        summed = {name: _joined(parts) for name, parts in self.summed.items()}
        reasons += self.how.check(self.clean, summed) if self.how.check else []
        if not reasons and self.table.importer.together:
            reasons = list(self.table.importer.together([self.clean]))
        if reasons:
            raise Refusal(*reasons)
        if self.how.whole:
            self.reader.take_whole(self.how.whole(self.clean, summed), self.extract)
            self.extract.sources.sort(key=lambda source: source.row)


def _same(value: str, count: int) -> pa.Array:
    """One value as often as there are rows, in little space."""
    return pa.DictionaryArray.from_arrays(np.zeros(count, np.int8), [value])


def _joined(parts: list[Any]) -> Any:
    if not parts:
        return pa.array([], pa.int64())
    return pa.chunked_array(parts).combine_chunks() if isinstance(parts[0], pa.Array) else np.concatenate(parts)


def _rows(numbers: np.ndarray, columns: Sequence[pa.Array], which: np.ndarray) -> list[Row]:
    """Some rows, one by one."""
    cells = [column.filter(pa.array(which)).to_pylist() for column in columns]
    return [(number, list(row)) for number, *row in zip(numbers[which].tolist(), *cells, strict=True)]
