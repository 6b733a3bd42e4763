"""Rows of a table into records; every row ends in exactly one class. Pure."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from core.contracts import Column, Importer, ImportRecord
from core.imports.evidence import UNREADABLE, hushed
from core.imports.privacy import People
from core.imports.rules import (
    CLEANERS,
    ROUNDED,
    RowRejected,
    bare,
    differing,
    looks_rounded,
    money_text,
    rounded_digits,
)
from core.imports.tables import Table
from core.messages import Message, msg

SHOWN = 80
MANY = 100_000  # cells of a kind remembered
Key = tuple[str, str]  # kind and natural key
BROKEN_ROW = msg("The row is broken: its cells do not match the header, or its text is unreadable.")
TORN_ROW = msg(
    "The last row is broken: the file may be cut off here, and rows after it missing. Download it again and import it "
    "again; what is stored already is not counted twice."
)


@dataclass(frozen=True)
class Rejected:
    """A row that was not taken: where, under which header, what stood there and why."""

    sheet: str
    row: int
    column: str
    value: str
    message: Message


@dataclass(frozen=True)
class Source:
    """A row that was read: the records it speaks of, and whether the file had said all of it before."""

    table: Table
    row: int
    keys: list[Key]
    repeat: bool
    whole: bool = False  # the header stands for the file, which is no row


@dataclass
class Extract:
    """What a table holds: records by (kind, key) in the file's order, the rows that speak of each, and the rest."""

    rows: int = 0
    records: dict[Key, ImportRecord] = field(default_factory=dict)
    importers: dict[str, Importer] = field(default_factory=dict)
    sources: list[Source] = field(default_factory=list)
    rejected: list[Rejected] = field(default_factory=list)


def extract(table: Table, into: Extract, people: People) -> None:
    """Read the rows of a table into records; a row that cannot be taken is listed and the others stand."""
    if table.importer.records is None:
        return
    reader, rows = Reader(table, people), table.rows
    into.rows += len(rows)
    if table.importer.whole:
        reader.take_whole(table.importer.whole(table), into)
    for number, cells in rows:
        reader.take(number, cells, into)
    if rows:
        suspect_cut(rows[-1][0], into)


def suspect_cut(last: int, into: Extract) -> None:
    """Say of a broken row that is the ``last`` one that more than it may be missing."""
    if into.rejected and (why := into.rejected[-1]).row == last and why.message == BROKEN_ROW:
        into.rejected[-1] = replace(why, message=TORN_ROW)


def rejection(table: Table, number: int, why: RowRejected, shown: str = "") -> Rejected:
    """How a row that was not taken is listed."""
    value = shown if why.value is None else why.value
    return Rejected(table.sheet, number, table.header_of(why.field), value[:SHOWN], why.message)


class Reader:
    """Cleans the cells of one table's rows and keeps the records found in them."""

    def __init__(self, table: Table, people: People):
        self.table, self.people = table, people
        self.columns: list[tuple[Column, int]] = [
            (column, table.columns[column.field]) for column in table.importer.columns if column.field in table.columns
        ]
        self.facts = dict(table.importer.facts(table)) if table.importer.facts else {}
        self.cleaners = [(column, position, CLEANERS[column.kind]) for column, position in self.columns]
        self.carried = [position for column, position in self.columns if column.field in table.importer.carry]
        self.above: list[str] = []
        self.seen: Counter[Key] = Counter()
        # few different amounts and words fill many cells; ids and times do not repeat
        self.cleaned: dict[str, dict[str, Any]] = {
            kind: {} for kind in ("money", "int", "rate", "text", "region", "attributes")
        }
        self.rounded = {
            position
            for column, position in self.columns
            if column.kind == "id"
            and looks_rounded([bare(cells[position]) for _, cells in table.rows if position < len(cells)])
        }

    def take_whole(self, records: Sequence[ImportRecord], into: Extract) -> None:
        """Keep what the table says of itself; its header stands for it."""
        if records:
            keys = [self.keep(record, into)[0] for record in records]
            into.sources.append(Source(self.table, self.table.header_row, keys, repeat=False, whole=True))

    def take(self, number: int, cells: list[str], into: Extract) -> bool:
        """Read one row; False, and it is listed, if it cannot be taken."""
        try:
            if cells is UNREADABLE or len(cells) < len(self.table.header):
                raise RowRejected(BROKEN_ROW)
            kept = [self.keep(record, into) for record in self.table.importer.records(self.values(cells))]
        except RowRejected as why:
            why = self.placed(why, cells)
            found = rejection(self.table, number, why, self.shown(cells, why.field))
            into.rejected.append(replace(found, value=hushed([found.value], self.people)[0]))
            return False
        repeat = bool(kept) and not any(new for _, new in kept)
        into.sources.append(Source(self.table, number, [key for key, _ in kept], repeat))
        return True

    def values(self, cells: list[str]) -> dict[str, Any]:
        """The cleaned cells by field; raises ``RowRejected`` at the first that cannot be read."""
        if self.carried and not any(bare(cells[position]) for position in self.carried) and self.above:
            cells = list(cells)
            for position in self.carried:
                cells[position] = self.above[position]
        self.above = cells
        values = dict(self.facts)
        for column, position, clean in self.cleaners:
            cell, known = cells[position], self.cleaned.get(column.kind)
            if known is not None and cell in known:
                values[column.field] = known[cell]
                continue
            try:
                values[column.field] = clean(cell)
                if known is not None and len(known) < MANY:
                    known[cell] = values[column.field]
                if position in self.rounded and rounded_digits(bare(cell)):
                    raise RowRejected(ROUNDED)
            except RowRejected as why:
                raise RowRejected(why.message, column.field) from None
        return values

    def placed(self, why: RowRejected, cells: list[str]) -> RowRejected:
        """The same with the column that shows its amount, where it names what several columns say together."""
        if why.value is None or why.field in self.table.columns:
            return why
        said = {why.value, f"-{why.value}", why.value.removeprefix("-")}
        money = (
            column.field
            for column, position in self.columns
            if column.kind == "money" and bare(cells[position]) in said
        )
        return RowRejected(why.message, next(money, why.field), why.value)

    def shown(self, cells: list[str], name: str) -> str:
        position = self.table.columns.get(name, len(cells))
        return bare(cells[position]) if position < len(cells) else ""

    def keep(self, record: ImportRecord, into: Extract) -> tuple[Key, bool]:
        """Remember a record; the key it got, and whether the file says something new by it."""
        key = (record.kind, record.key)
        self.seen[key] += 1
        if record.counted and self.seen[key] > 1:
            key = (record.kind, f"{record.key}.{self.seen[key]}")
        known = into.records.get(key)
        if known is None:
            into.records[key] = record if record.key == key[1] else replace(record, key=key[1])
            into.importers[record.kind] = self.table.importer
            return key, True
        for name in record.amounts:
            ours, theirs = known.values.get(name), record.values.get(name)
            if ours is not None and theirs is not None and ours != theirs:
                raise RowRejected(
                    msg(
                        "Another row of this file says %(other)s for the same %(key)s. One of them is wrong: download "
                        "the file again.",
                        other=money_text(ours),
                        key=record.named or key[1],
                    ),
                    name,
                    money_text(theirs),
                )
        changes = merged(self.table.importer, record.kind, known.values, record.values)
        into.records[key] = replace(known, values={**known.values, **changes})
        return key, bool(changes)


def merged(importer: Importer, kind: str, stored: Mapping[str, Any], new: Mapping[str, Any]) -> Mapping[str, Any]:
    """What ``new`` changes in ``stored``, by the importer's own rule or by the common one."""
    return importer.merge(kind, stored, new) if importer.merge else differing(stored, new)
