"""A file read, and nothing of it stored yet."""

import shutil
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path

from core import access
from core.contracts import Actor, Importer
from core.files import services as files
from core.imports import columnar, evidence
from core.imports.extraction import Extract, extract
from core.imports.models import ImportBatch
from core.imports.plans import Outcome, Plan
from core.imports.privacy import People
from core.imports.reading import MAX_BYTES, read, too_large
from core.imports.tables import Sheet, Table, disagreements, recognised
from core.messages import LIST, Message, Refusal, msg, together
from core.registry import registry


@dataclass
class Reading:
    """A file read: its records, and its tables without their buyers, ready to be kept."""

    name: str
    sha256: str
    size: int
    tables: list[Table]
    evidence: list[bytes]
    extract: Extract
    unread: list[str]  # sheets in no known format
    columns: columnar.Columns | None = None  # most rows of a large file, which are not in ``extract``
    written: tuple[Plan, Outcome] | None = None  # what is still to be done of them, when they are stored in steps

    @property
    def kind(self) -> str:
        """The importer's name; of a file with tables of several kinds, all their names."""
        return ",".join(importer.name for importer in self.importers)

    def rows_of(self, table: Table) -> int:
        """How many rows one of its tables has."""
        return self.extract.rows if self.columns else len(table.rows)

    @property
    def importers(self) -> list[Importer]:
        """Those that read the file's tables."""
        return list({table.importer.name: table.importer for table in self.tables}.values())


def importers_for(actor: Actor, kind: str = "") -> list[Importer]:
    """The importers an actor may run, or the one called ``kind``; raises ``Refusal`` for a kind there is not."""
    offered = [each for each in registry().importers.values() if access.allowed(actor, each.permission)]
    chosen = [each for each in offered if kind in ("", each.name)]
    if not chosen:
        names = ", ".join(sorted(each.name for each in offered))
        raise Refusal(msg("There is no kind of file called %(kind)s; there are: %(names)s.", kind=kind, names=names))
    return chosen


def read_path(
    path: Path, name: str, importers: Sequence[Importer], progress: columnar.Progress = lambda _: None
) -> Reading:
    """Read a file of any size as ``read_file`` does, a large one in columns if its importer can."""
    return read_shared(path, name, importers, progress)[0]


def read_shared(
    path: Path, name: str, importers: Sequence[Importer], progress: columnar.Progress = lambda _: None
) -> list[Reading]:
    """Read a file of any size, once for each importer that takes what it holds; the first knows most of it."""
    size = path.stat().st_size
    if columnar.LARGE <= size <= columnar.LARGEST and (found := columnar.read(path, name, importers, progress)):
        return [Reading(name, found.sha256, size, [found.table], [], found.extract, [], found)]
    if size > MAX_BYTES:
        raise too_large()
    return read_each(path.read_bytes(), name, importers)


def read_file(data: bytes, name: str, importers: Sequence[Importer]) -> Reading:
    """Read a file without storing anything; raises ``Refusal`` when it cannot be taken as a whole."""
    return _best(_blank(data, name), read(data, name), importers)[0]


def read_each(data: bytes, name: str, importers: Sequence[Importer]) -> list[Reading]:
    """Read a file as ``read_file`` does, and again for each other importer with which the first shares its tables."""
    first, sheets = _best(_blank(data, name), read(data, name), importers)
    taken = {importer.name for importer in first.importers}
    found = [first]
    for importer in importers:
        own = [
            sheet for sheet, table in sheets if table and importer.shared and table.importer.shared == importer.shared
        ]
        if importer.name not in taken and (tables := _also(own, importer)):
            found.append(_blank(data, name))
            _take(found[-1], tables)
    return found


def _also(sheets: Sequence[Sheet], importer: Importer) -> list[tuple[Sheet, Table | None]]:
    """The sheets in which an importer finds its columns; in the others something is missing that it alone needs."""
    found = []
    for sheet in sheets:
        with suppress(Refusal):
            found.append((sheet, recognised(sheet, [importer])))
    return [(sheet, table) for sheet, table in found if table]


def _blank(data: bytes, name: str) -> Reading:
    return Reading(name, sha256(data).hexdigest(), len(data), [], [], Extract(), [])


def _best(
    found: Reading, given: Sequence[Sheet], importers: Sequence[Importer]
) -> tuple[Reading, list[tuple[Sheet, Table | None]]]:
    """Take each sheet by the importer that knows most of it."""
    sheets, problems = [], []
    for sheet in given:
        try:
            sheets.append((sheet, recognised(sheet, importers)))
        except Refusal as refusal:
            problems.append(refusal)
            sheets.append((sheet, None))
    whole = any(table for _, table in sheets)
    # asked for one kind, a file may hold other sheets too; otherwise nothing is taken by halves
    if problems and not (whole and len(importers) == 1):
        raise problems[0]
    if not whole:
        labels = [Message(each.label) for each in importers]
        raise Refusal(msg("No table in a known format was found. Known are: %(kinds)s.", kinds=together(labels, LIST)))
    _take(found, sheets)
    return found, sheets


def _take(found: Reading, sheets: Sequence[tuple[Sheet, Table | None]]) -> None:
    """Add what the sheets hold; whom one of them names is nowhere in the others' notes either."""
    people = People({name for _, table in sheets if table for name in evidence.people_in(table)})
    for sheet, table in sheets:
        if table is not None:
            _add(found, sheet, table, people)
        elif sheet.rows:
            found.unread.append(sheet.name)
    for importer in found.importers:
        if importer.together and (reasons := importer.together(found.tables)):
            raise Refusal(*reasons)


def _add(found: Reading, sheet: Sheet, table: Table, people: People) -> None:
    rows = evidence.anonymised(table, people)
    clean = replace(table, rows=rows)
    reasons = [*disagreements(clean), *(table.importer.check(clean) if table.importer.check else ())]
    if reasons:
        raise Refusal(*reasons)
    before = len(found.extract.rejected)
    extract(clean, rows, found.extract, people)
    refused = {each.row for each in found.extract.rejected[before:]}
    found.tables.append(clean)
    kept = {number: evidence.hushed(cells, people) if number in refused else cells for number, cells in rows}
    kept[table.header_row] = sheet.rows[table.header_row - 1]
    found.evidence.append(
        evidence.as_csv(
            kept[number] if number in kept else evidence.hushed(cells, people)
            for number, cells in enumerate(sheet.rows, 1)
        )
    )


def reread(batch: ImportBatch) -> Reading:
    """The file of a kept batch, read again from its evidence."""
    known = registry().importers
    found = Reading(batch.file_name, batch.sha256, batch.size, [], [], Extract(), [])
    if (whole := _reread_columns(batch)) is not None:
        return whole
    sheets = []
    for part in batch.parts:
        if part.file is None:
            continue
        if part.kind not in known:
            raise Refusal(msg("The plugin that reads %(kind)s is switched off.", kind=part.kind))
        for sheet in read(files.read(part.file), part.sheet):
            named = Sheet(part.sheet, sheet.rows, batch.file_name)
            sheets.append((named, recognised(named, [known[part.kind]])))
    _take(found, sheets)
    return found


def _reread_columns(batch: ImportBatch) -> Reading | None:
    kept = [part for part in batch.parts if part.file is not None]
    importer = registry().importers.get(kept[0].kind) if len(kept) == 1 else None
    if importer is None or kept[0].file.size < columnar.LARGE:  # type: ignore[union-attr]
        return None
    with tempfile.NamedTemporaryFile() as copy:
        with files.stream(kept[0].file) as source:  # type: ignore[arg-type]
            shutil.copyfileobj(source, copy)
        copy.flush()
        found = columnar.read(Path(copy.name), kept[0].sheet, [importer])
    if found is None:
        return None
    return Reading(batch.file_name, batch.sha256, batch.size, [found.table], [], found.extract, [], found)
