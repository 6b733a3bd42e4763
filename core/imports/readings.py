"""A file read, and nothing of it stored yet."""

import io
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from hashlib import sha256
from pathlib import Path
from typing import IO, Any

from core import access
from core.contracts import Actor, Importer
from core.files import services as files
from core.files.models import File
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
    tables: list[Table] = field(default_factory=list)
    evidence: list[IO[bytes]] = field(default_factory=list)
    extract: Extract = field(default_factory=Extract)
    unread: list[str] = field(default_factory=list)  # sheets in no known format
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
        names = together(sorted(each.name for each in offered), LIST)
        raise Refusal(msg("There is no kind of file called %(kind)s; there are: %(names)s.", kind=kind, names=names))
    return chosen


def read_file(source: bytes | Path, name: str, importers: Sequence[Importer]) -> Reading:
    """Read a file as the importer does that knows most of it."""
    return read_each(source, name, importers)[0]


def read_each(
    source: bytes | Path, name: str, importers: Sequence[Importer], progress: columnar.Progress = lambda _: None
) -> list[Reading]:
    """Read a file without storing it, once for each importer that takes what it holds; the first knows most of it.

    A large one on disk is read in columns if its importer can. Raises ``Refusal`` when it cannot be taken as a whole.
    """
    if isinstance(source, Path):
        if (size := source.stat().st_size) >= columnar.LARGE:
            if found := columnar.read(source, name, importers, progress):
                return [_in_columns(found, name, found.sha256, size)]
            if size > MAX_BYTES:
                raise too_large()
        source = source.read_bytes()
    about = name, sha256(source).hexdigest(), len(source)
    pairs = _recognised(read(source, name), importers)
    found = [_taken(Reading(*about), pairs)]
    taken = {importer.name for importer in found[0].importers}
    for importer in importers:
        shared = [sheet for sheet, table in pairs if table and table.importer.shared == importer.shared != ""]
        if importer.name not in taken and (also := list(_also(shared, importer))):
            found.append(_taken(Reading(*about), also))
    return found


Pairs = Sequence[tuple[Sheet, Table | None]]


def _recognised(sheets: Sequence[Sheet], importers: Sequence[Importer]) -> Pairs:
    """Each sheet with the table in it that the importer finds which knows most of it."""
    found, problems = [], []
    for sheet in sheets:
        try:
            found.append((sheet, recognised(sheet, importers)))
        except Refusal as refusal:
            problems.append(refusal)
            found.append((sheet, None))
    whole = any(table for _, table in found)
    # asked for one kind, a file may hold other sheets too; otherwise nothing is taken by halves
    if problems and not (whole and len(importers) == 1):
        raise problems[0]
    if not whole:
        labels = [Message(each.label) for each in importers]
        raise Refusal(msg("No table in a known format was found. Known are: %(kinds)s.", kinds=together(labels, LIST)))
    return found


def _also(sheets: Iterable[Sheet], importer: Importer) -> Iterator[tuple[Sheet, Table]]:
    """The sheets in which an importer finds its columns; in the others something is missing that it alone needs."""
    for sheet in sheets:
        with suppress(Refusal):
            if table := recognised(sheet, [importer]):
                yield sheet, table


def _taken(found: Reading, pairs: Pairs) -> Reading:
    """What the sheets hold; whom one of them names is nowhere in the others' notes either."""
    people = People(name for _, table in pairs if table for name in evidence.people_in(table))
    for sheet, table in pairs:
        if table is not None:
            _add(found, sheet, table, people)
        elif sheet.rows:
            found.unread.append(sheet.name)
    for importer in found.importers:
        if importer.together and (reasons := importer.together(found.tables)):
            raise Refusal(*reasons)
    return found


def _add(found: Reading, sheet: Sheet, table: Table, people: People) -> None:
    clean = replace(table, rows=evidence.anonymised(table, people))
    reasons = [*disagreements(clean), *(table.importer.check(clean) if table.importer.check else ())]
    if reasons:
        raise Refusal(*reasons)
    before = len(found.extract.rejected)
    extract(clean, found.extract, people)
    found.tables.append(clean)
    kept = dict(clean.rows)
    kept |= {each.row: evidence.hushed(kept[each.row], people) for each in found.extract.rejected[before:]}
    kept[table.header_row] = sheet.rows[table.header_row - 1]
    rows = enumerate(sheet.rows, 1)
    lines = (kept.get(number) or evidence.hushed(cells, people) for number, cells in rows)
    found.evidence.append(io.BytesIO(evidence.as_csv(lines)))


def _in_columns(found: columnar.Columns, *about: Any) -> Reading:
    return Reading(*about, [found.table], [found.evidence], found.extract, columns=found)


def reread(batch: ImportBatch) -> Reading:
    """The file of a kept batch, read again from its evidence."""
    known = registry().importers
    about = batch.file_name, batch.sha256, batch.size
    kept = [(part, part.file) for part in batch.parts if part.file is not None]
    for part, _ in kept:
        if part.kind not in known:
            raise Refusal(msg("The plugin that reads %(kind)s is switched off.", kind=part.kind))
    pairs: list[tuple[Sheet, Table | None]] = []
    for part, file in kept:
        importers = [known[part.kind]]
        if len(kept) == 1 and file.size >= columnar.LARGE and (found := _reread_columns(part.sheet, file, importers)):
            return _in_columns(found, *about)
        for sheet in read(files.read(file), part.sheet):
            named = replace(sheet, name=part.sheet, file=batch.file_name)
            pairs.append((named, recognised(named, importers)))
    return _taken(Reading(*about), pairs)


def _reread_columns(name: str, file: File, importers: Sequence[Importer]) -> columnar.Columns | None:
    with tempfile.NamedTemporaryFile() as copy:
        with files.stream(file) as source:
            shutil.copyfileobj(source, copy)
        copy.flush()
        return columnar.read(Path(copy.name), name, importers)
