"""The file without its buyers: what is read on, and what is kept as evidence. Pure."""

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from core.exports import SUSPECT, safe_text
from core.imports import privacy
from core.imports.rules import as_region, bare
from core.imports.tables import Row, Table

UNREADABLE = [privacy.GONE]


@dataclass(frozen=True)
class Roles:
    """Which columns name persons, hold addresses, notes, memos, other free text, and identifiers a note may repeat."""

    persons: list[int]
    regions: list[int]
    notes: list[int]
    memos: list[int]
    texts: list[int]
    ids: list[int]


def roles_of(table: Table) -> Roles:
    """What each column is to privacy. Which columns an importer reads as plain text it knows to hold no buyer."""
    roles = Roles([], [], [], [], [], [])
    kinds, dropped = table.kinds(), {name.lower() for name in table.importer.identity}
    for position, header in enumerate(table.header):
        kind = kinds.get(position)
        if kind == "region":
            roles.regions.append(position)
        elif header.lower() in dropped or (kind is None and privacy.is_identity(header)):
            roles.persons.append(position)
        elif kind == "note" or (kind in {None, "text"} and privacy.is_note(header)):
            roles.notes.append(position)
        elif kind == "memo":
            roles.memos.append(position)
        elif kind in {None, "text", "attributes"}:  # a buyer may have words put on an article
            roles.texts.append(position)
        elif kind == "id":
            roles.ids.append(position)
    return roles


def people_in(table: Table) -> set[str]:
    """Everybody whom the table's identity columns name."""
    persons = roles_of(table).persons
    return {bare(cells[p]) for _, cells in table.rows if table.sound(cells) for p in persons}


def anonymised(table: Table, people: privacy.People) -> list[Row]:
    """The table's rows with buyer cells blanked, addresses cut to province and city, and free texts scrubbed.

    A row with more or fewer cells than the header may hold anything anywhere, so nothing of it is kept.
    """
    roles = roles_of(table)
    return [
        (number, without_people(cells, roles, people) if table.sound(cells) else UNREADABLE)
        for number, cells in table.rows
    ]


def without_people(cells: list[str], roles: Roles, people: privacy.People) -> list[str]:
    """One sound row without its buyers."""
    kept = list(cells)
    for p in roles.persons:
        kept[p] = ""
    for p in roles.regions:
        kept[p] = as_region(cells[p]) or ""
    for p in roles.texts:
        if len(cells[p]) > privacy.SHORTEST_CONTACT:
            kept[p] = privacy.without_contacts(cells[p])
    for p in roles.memos:
        if len(cells[p]) > 1:
            kept[p] = privacy.without_accounts(unnamed(cells[p], people))
    for p in roles.notes:
        if text := bare(cells[p]):
            places = (*roles.persons, *roles.regions)
            own = {name for q in places if len(name := bare(cells[q])) > 1 and name != kept[q]}
            kept[p] = privacy.scrubbed(text, own.union(people.named_in(text)), [bare(cells[q]) for q in roles.ids])
    return kept


def hushed(cells: Sequence[str], people: privacy.People) -> list[str]:
    """The cells of a row that was refused: what was misplaced in it must not survive either."""
    return [privacy.without_contacts(unnamed(cell, people)) for cell in cells]


def unnamed(cell: str, people: privacy.People) -> str:
    """A text without the people that the file names."""
    for name in people.named_in(cell):
        cell = cell.replace(name, privacy.GONE)
    return cell


def as_csv(rows: Iterable[Sequence[str]]) -> bytes:
    """The kept rows as a CSV file that spreadsheets open in the right encoding and that runs nothing in them."""
    out = io.StringIO()
    csv.writer(out).writerows(
        [safe_text(cell) if cell[:1] in SUSPECT else cell for cell in row] if any(row) else () for row in rows
    )
    return out.getvalue().encode("utf-8-sig")
