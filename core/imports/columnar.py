"""A large text file read in columns, with the result that reading it row by row has, in little memory.

First it is split, its people are noted and rows with the same key are found; then each batch is cleaned. What is not
plain in any of its cells, or shares its key with another row, is read as in a small file.
"""

import itertools
import weakref
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from core.ahead import ahead
from core.contracts import Columnar, Importer, ImportRecord
from core.imports import columnar_cells as cells_of
from core.imports import evidence, privacy
from core.imports.columnar_parts import Block, Clean, Noted, Spill, blocks
from core.imports.delimited import BROKEN, Decoder, delimiter_of, encodings, rows_of, too_big
from core.imports.extraction import Extract, Reader, suspect_cut
from core.imports.plans import LONGEST, indexed
from core.imports.rules import bare
from core.imports.tables import ADDING, HEADER_WITHIN, TOTAL_WORDS, Row, Sheet, Table, disagreements, place, recognised
from core.messages import Refusal
from core.registry import registry

Progress = Callable[[float], None]
LARGE = 4 << 20  # bytes from which a file is read in columns
LARGEST = 2 << 30
HEAD = 1 << 20  # bytes in which its header is looked for
MOST_ALONE = 1 << 20  # rows looked at one by one; so many blank ones a spreadsheet may leave below a table
TOTALS = "(?i)" + "|".join(sorted(TOTAL_WORDS))


def read(path: Path, name: str, importers: Sequence[Importer], progress: Progress = lambda _: None) -> "Columns | None":
    """Read a file in columns, or None: it is no text or too large, or its importer cannot. Refuses as ``read_each``."""
    if path.stat().st_size > LARGEST:
        return None
    with path.open("rb") as file:
        head = file.read(HEAD)
    for encoding in encodings(head):
        try:
            text = Decoder(*encoding)(head).decode()
            table = _recognised(text, name, importers)
            found = Columns(path, Decoder(*encoding), table, delimiter_of(text)) if table else None
            return found if found and found.read(progress) else None
        except UnicodeDecodeError:
            continue
    return None


def _recognised(head: str, name: str, importers: Sequence[Importer]) -> Table | None:
    try:
        rows = rows_of("".join(head.splitlines(keepends=True)[: 4 * HEADER_WITHIN]))
        table = recognised(Sheet(name, rows, name), importers)
    except Refusal:
        return None  # which is said again when the whole of it is read
    if table is None or (how := table.importer.columnar) is None or how.key not in table.columns:
        return None
    fits = {*table.kinds().values()} <= cells_of.KINDS and table.width > 1
    return table if fits and not table.importer.carry and not table.importer.ragged else None


class Columns:
    """A file read in columns; ``head`` is the table of its first rows.

    ``records`` holds batches of the ``number`` (of their row), ``key`` and values of records, ``evidence`` the file
    without its buyers, ``extract`` and ``table`` what was read row by row.
    """

    def __init__(self, path: Path, decoder: Decoder, head: Table, delimiter: str):
        self.path, self.decoder, self.delimiter = path, decoder, delimiter
        self.width = head.width
        self.table = replace(head, rows=[], remarks=[], totals=[])
        self.table.__dict__["width"] = self.width
        self.roles = evidence.roles_of(self.table)
        self.kinds = self.table.kinds()
        self.how: Columnar = head.importer.columnar  # type: ignore[assignment]
        self.at = head.columns[self.how.key]
        self.found_by = indexed(registry().record_types[self.how.kind].model)
        self.adding = {name: at for name, at in head.columns.items() if self.kinds[at] in ADDING}
        self.digest = sha256()
        self.people = privacy.People()
        self.split, self.records = Spill(), Spill()
        self.evidence: IO[bytes] = TemporaryFile()  # noqa: SIM115 - as long as this lives
        weakref.finalize(self, self.evidence.close)
        self.odd: list[Row] = []
        self.keys: list[pa.Array] = []
        self.looks = {position: np.zeros(3, np.int64) for position, kind in self.kinds.items() if kind == "id"}
        self.summed: list[pa.RecordBatch] = []

    def read(self, progress: Progress) -> bool:
        """Read the file, or False: its rows are not what they seemed by the first of them."""
        if not self._scan(progress):
            return False
        self.twice = self._twice()
        self.listed = {number for number, _ in self.table.rows}
        self.extract = Extract(rows=self.split.rows + len(self.table.rows))
        self.table = replace(self.table, rows=[])
        self.reader = Reader(self.table, self.people)
        self.reader.rounded = {p for p, (long, zeros, ends) in self.looks.items() if zeros > 2 and 2 * ends >= long}
        self.odd.reverse()
        self.evidence.write(b"\xef\xbb\xbf")
        for number, clean in enumerate(ahead(self._cleaned, zip(self.split, self.keys, strict=True)), 1):
            self._keep(clean)
            progress(0.4 + 0.6 * number / self.split.count)
        self._read_alone(self.odd[::-1])
        ends = [batch.column(0)[-1].as_py() for batch in self.summed if batch.num_rows]
        suspect_cut(max([*self.listed, *ends], default=0), self.extract)
        self._check()
        self.sha256 = self.digest.hexdigest()
        del self.people, self.reader, self.split, self.keys, self.twice, self.summed, self.odd  # much of its memory
        return True

    def one_by_one(self, batch: pa.RecordBatch) -> Iterator[tuple[int, ImportRecord]]:
        """Records of a batch, with the numbers of their rows."""
        fields = batch.schema.names[2:]
        for number, key, *values in zip(*map(cells_of.python, batch.columns), strict=True):
            yield number, ImportRecord(self.how.kind, key, dict(zip(fields, values, strict=True)))

    def first(self) -> list[ImportRecord]:
        """One of the records, for all are of one account."""
        return [record for batch in itertools.islice(self.records, 1) for _, record in self.one_by_one(batch[:1])]

    def _scan(self, progress: Progress) -> bool:
        """Split the file; note whom it names, its keys, and what identifiers look like. False: most rows are wider."""
        widths: Counter[int] = Counter()
        total, done = self.path.stat().st_size, 0
        header: list[str] = []
        with pa.OSFile(str(self.path)) as file:
            parts = blocks(pa.TransformInputStream(file, self._piece), self.delimiter, self.width)
            for block, plain, noted in ahead(self._looked, parts):
                if len(self.odd) + len(block.odd) + np.count_nonzero(~plain) > MOST_ALONE:
                    raise too_big()
                odd = sorted([*block.odd, *cells_of.rows(block.numbers, block.columns, ~plain)])
                for number, cells in odd:
                    header = cells if number == self.table.header_row else header
                    place(self.table, header, number, cells)
                widths.update({self.width: len(block.numbers)})
                widths.update(len(cells) for _, cells in block.odd if len(cells) >= len(self.table.header))
                self.odd += odd
                if noted:
                    self._note(noted)
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
        plain &= cells_of.plain_id(cells_of.unwrapped(key))
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

    def _looked(self, block: Block) -> tuple[Block, np.ndarray, Noted | None]:
        """A block, which rows of it are plain, and what is to be noted of them."""
        plain = self._ordinary(block.numbers, block.columns)
        if not plain.any():
            return block, plain, None
        every = [pa.array(block.numbers), *block.columns]
        numbers, *columns = every if plain.all() else [column.filter(pa.array(plain)) for column in every]
        batch = pa.RecordBatch.from_arrays([numbers, *columns], ["number", *map(str, range(self.width))])
        persons = [cells_of.mapped(columns[p], cells_of.CLOTHED, bare).unique() for p in self.roles.persons]
        looks = {position: cells_of.roundness(columns[position]) for position in self.looks}
        return block, plain, Noted(batch, cells_of.unwrapped(columns[self.at]), persons, looks)

    def _note(self, noted: Noted) -> None:
        self.split.add(noted.batch)
        self.keys.append(noted.keys)
        for names in noted.persons:
            self.people.note(names)
        for position, look in noted.looks.items():
            self.looks[position] += look

    def _twice(self) -> pa.Array:
        """The keys that more than one row has."""
        others = [cells[self.at] for _, cells in self.table.rows if self.at < len(cells)]
        read = cells_of.cleaned("id", pa.array(others, pa.string())).values.drop_null()
        counted = pa.chunked_array([*self.keys, read]).value_counts()
        return counted.field("values").filter(pc.greater(counted.field("counts"), 1))

    def _cleaned(self, part: tuple[pa.RecordBatch, pa.Array]) -> Clean:
        """A block's rows as columns, and which of them are to be read one by one."""
        batch, keys_read = part
        numbers, raw = batch.column(0).to_numpy(), batch.columns[1:]
        shown = [cells_of.shown(cells, position, self.roles, self.people) for position, cells in enumerate(raw)]
        read = self._values(shown)
        bad = cells_of.mask(pc.is_in(keys_read, value_set=self.twice)).copy()
        for each in read.values():
            bad |= each.bad if each.bad is not None else False
        keys, values = self.how.records({name: each.values for name, each in read.items()}, self.reader.facts)
        bad |= ~cells_of.mask(keys.is_valid())
        for name in self.found_by & set(values):
            if not isinstance(values[name], str):  # which all rows have
                bad |= cells_of.mask(pc.greater(pc.binary_length(values[name]), LONGEST))
        values = {
            name: cells_of.same(each, len(bad)) if isinstance(each, str) else each for name, each in values.items()
        }
        wanted = [name for name in read if name in self.how.summed or (self.table.totals and name in self.adding)]
        fine, told = pa.array(~bad), pa.array(numbers)
        return Clean(
            numbers,
            pa.RecordBatch.from_arrays([told, keys, *values.values()], ["number", "key", *values]).filter(fine),
            pa.RecordBatch.from_arrays([told, *(read[n].values for n in wanted)], ["number", *wanted]).filter(fine),
            *cells_of.lines(shown),
            cells_of.rows(numbers, raw, bad),
        )

    def _keep(self, clean: Clean) -> None:
        """Keep a block's plain rows, and read the others, in their order, one by one."""
        self.records.add(clean.records)
        self.summed.append(clean.summed)
        numbers, text, begins, rest = clean.numbers, clean.text, clean.begins, clean.rest
        self.listed.update(number for number, _ in rest)
        while self.odd and self.odd[-1][0] < numbers[-1]:
            rest.append(self.odd.pop())
        done = 0
        for number, cells in sorted(rest):
            upto = int(np.searchsorted(numbers, number))
            self.evidence.write(text[begins[done] : begins[upto]])
            self._read_alone([(number, cells)])
            done = upto + int(upto < len(numbers) and numbers[upto] == number)
        self.evidence.write(text[begins[done] : begins[len(numbers)]])

    def _values(self, shown: list[pa.Array]) -> dict[str, cells_of.Cleaned]:
        """The cleaned cells by field; some stand under one header, which says the same to them."""
        kinds = {column.field: column.kind for column in self.table.importer.columns}
        wanted = {name: (kinds[name], position) for name, position in self.table.columns.items()}
        each = list(dict.fromkeys(wanted.values()))
        rounded = self.reader.rounded
        known = {of: cells_of.cleaned(of[0], shown[of[1]], of[1] in rounded) for of in each}
        return {name: known[of] for name, of in wanted.items()}

    def _read_alone(self, rows: Sequence[Row]) -> None:
        """Read some rows as those of a small file; what is kept of them is evidence."""
        for number, cells in rows:
            kept = cells if number == self.table.header_row else None
            if number in self.listed:
                kept = evidence.UNREADABLE
                if self.table.sound(cells):
                    kept = evidence.without_people(cells, self.roles, self.people)
                self.table.rows.append((number, kept))
                if not self.reader.take(number, kept, self.extract):
                    kept = evidence.hushed(kept, self.people)
            self.evidence.write(evidence.as_csv([kept or evidence.hushed(cells, self.people)])[3:])

    def _check(self) -> None:
        """Refuse what does not add up; keep what the file says of itself."""
        summed = {name: pa.array([], pa.int64()) for name in ("number", *self.how.summed)}
        if self.summed:
            whole = pa.Table.from_batches(self.summed)
            summed = {name: whole.column(name).combine_chunks() for name in whole.column_names}
        sums = {at: pc.sum(summed[name]).as_py() or 0 for name, at in self.adding.items() if name in summed}
        reasons = list(disagreements(self.table, sums))
        reasons += self.how.check(self.table, summed) if self.how.check else []
        if not reasons and self.table.importer.together:
            reasons = list(self.table.importer.together([self.table]))
        if reasons:
            raise Refusal(*reasons)
        if self.how.whole:
            self.reader.take_whole(self.how.whole(self.table, summed), self.extract)
            self.extract.sources.sort(key=lambda source: source.row)
