"""Sheets as read, and the one table of a known format found in each: pure."""

import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Any

from core.contracts import Importer
from core.imports.delimited import BROKEN
from core.imports.rules import EDGE, NARROW, RowRejected, as_money, as_whole, bare, money_text
from core.messages import LIST, Message, Refusal, msg, together

HEADER_WITHIN = 60
TOTAL_WORDS = {"合计", "总计", "总合计", "汇总", "total"}
# also with how many there are: "合计：2票", "总计(12 单)"
TOTAL = re.compile(rf"(?:{'|'.join(sorted(TOTAL_WORDS))})\W*(?:\d+\s*[^\W\d]{{0,2}}\W*)?", re.IGNORECASE)
ADDING = {"money", "int"}  # kinds of columns that totals are of
BRACKETS = str.maketrans("（）【】", "()[]")

Row = tuple[int, list[str]]


@dataclass(frozen=True)
class Sheet:
    """One sheet or member of a file: its name and its cells as text."""

    name: str
    rows: list[list[str]]
    file: str = ""  # what it lies in


@dataclass(frozen=True)
class Table:
    """A sheet in which an importer has recognised its header. Row numbers count from 1, as a spreadsheet shows them.

    ``remarks`` are rows above the header and ``#`` lines; ``totals`` the file's own sums.
    """

    sheet: str
    importer: Importer
    header: list[str]
    header_row: int
    columns: Mapping[str, int]
    rows: list[Row]
    remarks: list[Row] = field(default_factory=list)
    totals: list[Row] = field(default_factory=list)
    file: str = ""
    memo: dict[str, Any] = field(default_factory=dict, init=False)  # what its importer worked out and needs again

    def header_of(self, name: str) -> str:
        """The file's own name for the column of a field."""
        return self.header[self.columns[name]] if name in self.columns else ""

    @cached_property
    def width(self) -> int:
        """How many cells a sound row has: as many as most, for some exports end every line with a comma."""
        lengths = Counter(len(cells) for _, cells in self.rows if len(cells) >= len(self.header))
        return lengths.most_common(1)[0][0] if lengths else len(self.header)

    def sound(self, cells: Sequence[str]) -> bool:
        """Whether a row's cells stand under their headers, and all of them could be read."""
        extra = cells[len(self.header) :]
        return len(cells) == self.width and not any(map(bare, extra)) and BROKEN not in "".join(cells)

    def kinds(self) -> dict[int, str]:
        """Column position -> how its cells are cleaned."""
        kinds = {column.field: column.kind for column in self.importer.columns}
        return {position: kinds[name] for name, position in self.columns.items()}


def plain(header: str) -> str:
    """A header without the blanks, quotes and bracket styles in which exports differ."""
    return re.sub(r"[\s\"']+", "", bare(header).translate(BRACKETS).translate(NARROW).strip(EDGE))


@lru_cache(10_000)  # the same few names are looked for in every line in which a header may stand
def _wanted(name: str) -> str:
    return plain(name).lower()


def columns_of(importer: Importer, header: Sequence[str]) -> dict[str, int]:
    """Which column holds each field; the first of a field's names that the header has."""
    places: dict[str, list[int]] = {}
    for position, name in enumerate(header):
        places.setdefault(name.lower(), []).append(position)
    found = {}
    for column in importer.columns:
        for name in column.headers:
            at = places.get(_wanted(name), [])
            if len(at) >= column.occurrence:
                found[column.field] = at[column.occurrence - 1]
                break
    return found


def missing(importer: Importer, columns: Collection[str]) -> list[str]:
    """Names of the required columns that a header lacks."""
    names = {column.field: "/".join(column.headers) for column in importer.columns}
    lacking = [names[column.field] for column in importer.columns if column.required and column.field not in columns]
    lacking += ["/".join(names[f] for f in group) for group in importer.needs if not set(group) & set(columns)]
    return lacking


def recognised(sheet: Sheet, importers: Sequence[Importer]) -> Table | None:
    """The table that one of ``importers`` reads in ``sheet``; the one that knows most of its columns wins.

    Raises ``Refusal`` naming the missing columns when the sheet nearly is what an importer reads.
    """
    importers = [known for each in importers for known in (each.variants() if each.variants else [each])]
    words = {_wanted(name) for each in importers for column in each.columns for name in column.headers}
    offers = []
    for position, cells in enumerate(sheet.rows[:HEADER_WITHIN]):
        header = [plain(cell) for cell in cells]
        for importer in importers if words.intersection(name.lower() for name in header) else ():
            columns = columns_of(importer, header)
            # a file of which an importer knows less than a quarter is another kind of file, with some words in common
            if columns and (len(importers) == 1 or 4 * len(set(columns.values())) >= sum(map(bool, header))):
                offers.append((missing(importer, columns), importer, position, columns))
    whole = [offer for offer in offers if not offer[0]]
    if whole:
        _, importer, position, columns = max(whole, key=lambda o: (len(o[3]), -o[1].weight, -o[2]))
        return _table(sheet, importer, position, columns)
    nearly = offers if len(importers) == 1 else [o for o in offers if len(o[3]) > max(2, len(o[0]))]
    if nearly:
        lacking, importer, _, _ = max(nearly, key=lambda offer: (len(offer[3]), -len(offer[0])))
        raise Refusal(
            msg(
                "The file looks like %(kind)s but has no column %(columns)s.",
                kind=Message(importer.label),
                columns=together(lacking, LIST),
            )
        )
    return None


def _table(sheet: Sheet, importer: Importer, position: int, columns: Mapping[str, int]) -> Table:
    header = [plain(cell) for cell in sheet.rows[position]]
    while header and not header[-1]:
        header.pop()
    table = Table(sheet.name, importer, header, position + 1, columns, [], file=sheet.file or sheet.name)
    for number, cells in enumerate(sheet.rows, 1):
        place(table, sheet.rows[position], number, cells)
    return table


def place(table: Table, header: list[str], number: int, cells: list[str]) -> None:
    """Put a row of the sheet among the table's rows, totals or remarks; ``header`` is its header's cells."""
    if number < table.header_row or (cells == header and number > table.header_row):  # or files put together
        table.remarks.append((number, cells))
    elif number > table.header_row and any(cell and bare(cell) for cell in cells):
        _place(table, cells).append((number, _padded(table, cells) if table.importer.ragged else cells))


def _padded(table: Table, cells: list[str]) -> list[str]:
    """A row without blank cells at its end, as wide as the header if it has all cells that it must have."""
    must = [table.columns[column.field] for column in table.importer.columns if column.required]
    while len(cells) > len(table.header) and not bare(cells[-1]):
        cells = cells[:-1]
    return cells + [""] * (len(table.header) - len(cells)) if len(cells) > max(must, default=-1) else cells


def _place(table: Table, cells: list[str]) -> list[Row]:
    first = next(cell for cell in cells if bare(cell)).strip(EDGE)
    if first.startswith("#"):
        return table.remarks
    return table.totals if any(TOTAL.fullmatch(bare(cell)) for cell in cells[:3]) else table.rows


def disagreements(table: Table, beside: Mapping[int, int] | None = None) -> Iterator[Message]:
    """Columns whose rows do not add up to what the file's own total row says.

    ``beside`` gives what further rows add up to, by column. A summary may be nothing but its total row.
    """
    if not table.rows and table.importer.records is None:
        return
    for number, cells in table.totals:
        for position, kind in table.kinds().items():
            if kind not in ADDING or position >= len(cells):
                continue
            read = as_money if kind == "money" else as_whole
            try:
                said = read(cells[position])
                total = sum(read(row[position]) or 0 for _, row in table.rows if position < len(row))
                total += (beside or {}).get(position, 0)
            except RowRejected:
                continue
            if said is not None and said != total:
                yield msg(
                    "Row %(row)s says that %(column)s adds up to %(said)s, but the rows add up to %(total)s.",
                    row=number,
                    column=table.header[position],
                    said=money_text(said) if kind == "money" else said,
                    total=money_text(total) if kind == "money" else total,
                )
