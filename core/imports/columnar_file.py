"""One large file while it is read in columns.

First it is split, its people are noted and rows with the same key are found; then each block is cleaned. What is not
plain in any of its cells, or shares its key with another row, is read by the reader of small files.
"""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from hashlib import sha256
from typing import IO, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from core.contracts import Columnar
from core.imports import columnar_cells as cells_of
from core.imports import evidence
from core.imports.columnar_lines import Splitter, Text, Unsuited
from core.imports.columnar_parts import Columns, Progress, Spill
from core.imports.extraction import Extract, Reader, suspect_cut
from core.imports.rules import CLEANERS, EXACT_DIGITS, RowRejected, bare, rounded_digits
from core.imports.tables import TOTAL_WORDS, Table, disagreements, place
from core.messages import Refusal

TOTALS = "(?i)" + "|".join(sorted(TOTAL_WORDS))


class File:
    """One file while it is read."""

    def __init__(self, text: Text, table: Table, header: list[str], delimiter: str, width: int):
        self.text, self.table, self.header, self.delimiter, self.width = text, table, header, delimiter, width
        self.roles = evidence.roles_of(table)
        self.kinds = table.kinds()
        self.how: Columnar = table.importer.columnar  # type: ignore[assignment]
        self.at = table.columns[self.how.key]
        self.digest = sha256()
        self.crowd = cells_of.Crowd()
        self.split, self.records = Spill(), Spill()
        self.odd: list[list[tuple[int, list[str]]]] = []  # by block
        self.keys: list[pa.Array] = []
        self.looks = {position: np.zeros(3, np.int64) for position, kind in self.kinds.items() if kind == "id"}
        self.sums: dict[int, int] = {}
        self.summed: dict[str, list[np.ndarray]] = {name: [] for name in ("number", *self.how.summed)}
        self.pool = ThreadPoolExecutor(2)

    def read(self, progress: Progress) -> Columns:
        with self.pool:
            self._scan(progress)
            twice = self._twice()
            rounded = self._rounded()
            self.clean = replace(self.table, rows=[])
            self.reader = Reader(self.clean, [])
            self.reader.rounded = rounded
            self.extract = Extract(rows=self.split.rows + len(self.table.rows))
            evidence_of = Spill()
            kept = evidence_of.file
            kept.write(b"\xef\xbb\xbf")
            self.listed = {number for number, _ in self.table.rows}
            for number, batch in enumerate(self.split):
                self._clean(batch, self.odd[number], twice[number], kept)
                progress(0.4 + 0.6 * (number + 1) / self.split.count)
            for rows in self.odd[self.split.count :]:
                self._clean(None, rows, None, kept)
            ends = [int(numbers[-1]) for numbers in self.summed["number"] if len(numbers)]
            suspect_cut(max([*self.listed, *ends], default=0), self.extract)
        self._check()
        kept.flush()
        return Columns(self.clean, self.size, self.digest.hexdigest(), self.extract, self.records, evidence_of)

    def _scan(self, progress: Progress) -> None:
        """Split the file; note whom it names, its keys, and what identifiers look like."""
        splitter, done = Splitter(self.delimiter, self.width), 0
        total = self.text.path.stat().st_size
        waiting: list[tuple[int, list[str]]] = []
        for block in splitter.blocks(self.text.blocks(self.digest)):
            plain = self._ordinary(block.numbers, block.columns)
            odd = waiting + sorted([*block.odd, *_rows(block.numbers, block.columns, ~plain)])
            for number, cells in odd[len(waiting) :]:
                place(self.table, self.header, number, cells)
            if not plain.any():
                waiting = odd
                continue
            waiting = []
            self.odd.append(odd)
            batch = pa.RecordBatch.from_arrays(
                [pa.array(block.numbers), *block.columns], ["number", *map(str, range(self.width))]
            )
            self._note(batch if plain.all() else batch.filter(pa.array(plain)))
            done += sum(column.nbytes for column in block.columns)
            progress(min(0.4 * done / total, 0.4))
        if waiting:
            self.odd.append(waiting)
        self.size = total
        usual = {width: count for width, count in splitter.widths.items() if width >= len(self.table.header)}
        if usual and max(usual, key=lambda width: usual[width]) != self.width:
            raise Unsuited
        self.table.__dict__["width"] = self.width
        sound = [cells for _, cells in self.table.rows if self.table.sound(cells)]
        self.crowd.add_names({bare(cells[p]) for cells in sound for p in self.roles.persons})

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
            plain &= pc.equal(pc.binary_length(column), 0).to_numpy(zero_copy_only=False)
        for position in self.roles.notes:  # what people wrote is looked at one by one
            said = cells_of.mapped(columns[position], cells_of.CLOTHED, bare)
            plain &= pc.equal(pc.binary_length(said), 0).to_numpy(zero_copy_only=False)
        return plain

    def _note(self, batch: pa.RecordBatch) -> None:
        self.split.add(batch)
        columns = batch.columns[1:]
        for position in self.roles.persons:
            self.crowd.add(columns[position])
        self.keys.append(cells_of.unwrapped(columns[self.at]))
        for position in self.looks:
            self.looks[position] += cells_of.roundness(columns[position])

    def _rounded(self) -> set[int]:
        """Columns of identifiers that a spreadsheet has rounded, as ``rules.looks_rounded`` tells."""
        found = set()
        for position, looks in self.looks.items():
            for _, cells in self.table.rows:
                text = bare(cells[position]) if self.table.sound(cells) else ""
                if len(text) > EXACT_DIGITS and text.isdigit():
                    digits = rounded_digits(text)
                    self.looks[position] += (1, digits, bool(digits))
            long, zeros, ends = looks.tolist()
            if zeros >= 3 and 2 * ends >= long:
                found.add(position)
        return found

    def _twice(self) -> list[np.ndarray]:
        """By block, the rows whose key stands in another row, too."""
        if not self.keys:
            return []
        others = set()
        for _, cells in self.table.rows:
            try:
                others.add(CLEANERS["id"](cells[self.at]) if self.at < len(cells) else None)
            except RowRejected:
                continue
        counted = pa.chunked_array(self.keys).value_counts()
        values, counts = counted.field("values"), counted.field("counts")
        again = values.filter(pc.greater(counts, 1)).to_pylist()
        known = pa.array([*again, *(other for other in others if other)], pa.string())
        found = [pc.is_in(keys, value_set=known).to_numpy(zero_copy_only=False) for keys in self.keys]
        self.keys = []
        return found

    def _clean(self, batch: pa.RecordBatch | None, odd: list[Any], twice: np.ndarray | None, kept: IO[bytes]) -> None:
        """Read one block: its plain rows as columns, the others, in their order, one by one."""
        if batch is None or twice is None:
            kept.writelines(self._one(number, cells) for number, cells in odd)
            return
        numbers = batch.column(0).to_numpy()
        raw = batch.columns[1:]
        shown = list(self.pool.map(self._shown, range(len(raw)), raw))
        fields = [column.field for column in self.table.importer.columns if column.field in self.table.columns]
        read = dict(zip(fields, self.pool.map(lambda name: self._value(name, shown), fields), strict=True))
        bad = twice.copy()
        for each in read.values():
            bad |= each.bad if each.bad is not None else False
        keys, values = self.how.records({name: each.values for name, each in read.items()}, self.reader.facts)
        bad |= ~cells_of.mask(keys.is_valid())
        self._keep(numbers, keys, values, read, fine=~bad)
        text, begins = cells_of.lines(shown)
        done = 0
        for number, cells in sorted([*odd, *_rows(numbers, raw, bad)]):
            upto = int(np.searchsorted(numbers, number))
            kept.write(text[begins[done] : begins[upto]])
            own = upto < len(numbers) and numbers[upto] == number
            if own:
                self.listed.add(number)
            kept.write(self._one(number, cells))
            done = upto + own
        kept.write(text[begins[done] : begins[len(numbers)]])

    def _shown(self, position: int, cells: pa.Array) -> pa.Array:
        """A column as the evidence shows it."""
        roles = self.roles
        if position in roles.persons or position in roles.notes:
            return pa.array([""] * len(cells)) if position in roles.persons else cells
        if position in roles.regions:
            return cells_of.mapped(cells, "(?s).", lambda cell: CLEANERS["region"](cell) or "")
        if position in roles.texts:
            return cells_of.without_contacts(cells)
        return cells_of.without_accounts(cells, self.crowd, evidence.unnamed) if position in roles.memos else cells

    def _value(self, name: str, shown: list[pa.Array]) -> cells_of.Cleaned:
        position = self.table.columns[name]
        return cells_of.cleaned(self.kinds_of[name], shown[position], position in self.reader.rounded)

    @property
    def kinds_of(self) -> Mapping[str, str]:
        return {column.field: column.kind for column in self.table.importer.columns}

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
        for name, each in read.items():
            position = self.table.columns[name]
            if self.kinds.get(position) in {"money", "int"}:
                self.sums[position] = self.sums.get(position, 0) + (pc.sum(each.values.filter(chosen)).as_py() or 0)

    def _one(self, number: int, cells: list[str]) -> bytes:
        """Read one row by itself; what is kept of it as evidence."""
        if number == self.table.header_row:
            return evidence.as_csv([cells])[3:]
        if number not in self.listed:  # a remark, a total, a blank line
            return evidence.as_csv([evidence.hushed(cells, self.crowd)])[3:]
        clean = evidence.UNREADABLE
        if self.table.sound(cells):
            clean = evidence.without_people(cells, self.roles, self.crowd)
        self.clean.rows.append((number, clean))
        if not self.reader.take(number, clean, self.extract):
            last = self.extract.rejected[-1]
            self.extract.rejected[-1] = replace(last, value=evidence.hushed([last.value], self.crowd)[0])
            clean = evidence.hushed(clean, self.crowd)
        return evidence.as_csv([clean])[3:]

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


def _rows(numbers: np.ndarray, columns: Sequence[pa.Array], which: np.ndarray) -> list[tuple[int, list[str]]]:
    """Some rows, one by one."""
    at = np.flatnonzero(which)
    if not len(at):
        return []
    cells = [column.take(pa.array(at)).to_pylist() for column in columns]
    return [(int(numbers[place]), [each[n] for each in cells]) for n, place in enumerate(at)]
