"""Read a file, say what it would do, keep it, apply it."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from operator import attrgetter

from sqlalchemy import delete, insert, select

from core import plugins
from core.audit import services as audit
from core.columns import now
from core.contracts import Actor, Ref
from core.extensions import db
from core.files import services as files
from core.files.models import File
from core.imports import columnar, columnar_storing, unfinished
from core.imports.applying import connect, write
from core.imports.extraction import Extract
from core.imports.models import (
    APPLIED,
    APPLYING,
    CHECKED,
    CONFLICT,
    CREATED,
    REJECTED,
    REPEAT,
    UNCHANGED,
    UPDATED,
    WRITING,
    ImportBatch,
    ImportPart,
    ImportRow,
)
from core.imports.plans import Outcome, Plan, outcome, plan
from core.imports.preview import sample
from core.imports.readings import Reading, importers_for, read_each, read_file, reread
from core.jobs import services as jobs
from core.messages import Refusal, Stale, msg
from core.registry import registry
from core.stores.models import Store
from core.stores.services import checked_name, create_store
from core.transactions import transaction

# and what stands below
__all__ = ["Reading", "importers_for", "read_each", "read_file", "reread"]

APPLY_JOB = "core.imports.apply"


def try_out(reading: Reading, store_id: int | None) -> Outcome:
    """What the file would do to the store, row by row; nothing is written."""
    return _compared(reading, store_id)[1]


def _compared(reading: Reading, store_id: int | None) -> tuple[Plan, Outcome, columnar_storing.Found | None]:
    made = _planned(reading, store_id)
    found = outcome(reading.extract, made)
    rest = columnar_storing.compare(reading.columns, store_id, made, found) if reading.columns else None
    return made, found, rest


def _planned(reading: Reading, store_id: int | None) -> Plan:
    """What the file would do to a store that it may go into; raises ``Refusal`` when it belongs elsewhere."""
    for importer in reading.importers:
        records = [*reading.extract.records.values(), *(reading.columns.first() if reading.columns else ())]
        if importer.objections and (reasons := importer.objections(records, store_id)):
            raise Refusal(*reasons)
    return plan(reading.extract, store_id)


def find_store(name: str) -> Store | None:
    """The store of that name."""
    return db.session.scalar(select(Store).where(Store.name == " ".join(name.split())))


def keep(reading: Reading, store_name: str, actor: Actor) -> ImportBatch:
    """Store the file's evidence and what was found in it, as a dry run that waits for a yes."""
    store = find_store(store_name)
    made, found, rest = _compared(reading, store.id if store else None)
    if reading.columns and rest:
        columnar_storing.show(reading.columns, rest, made, found)
    stored = _put_evidence(reading, actor)
    with transaction():
        batch = _batch(reading, store_name, actor, stored)
        batch.store_id = store.id if store else None
        batch.sample = sample(made, found)
        _count(batch, reading.extract, found)
        _list_rejected(batch, reading.extract, found)
    return batch


def keep_each(readings: Sequence[Reading], store_name: str, actor: Actor) -> list[ImportBatch]:
    """Keep what each importer took of one file as a dry run of its own; all of them or none."""
    kept: list[ImportBatch] = []
    try:
        for reading in readings:
            kept.append(keep(reading, store_name, actor))
    except Refusal:
        for batch in kept:
            throw_away(batch.id)
        raise
    return kept


def beside(batch: ImportBatch, actor: Actor) -> list[ImportBatch]:
    """The newest reading of the same file by each other importer that shares its tables."""
    known, own = registry().importers, set(batch.kind.split(","))
    words = {known[name].shared for name in own & set(known)} - {""}
    kinds = {each.name for each in known.values() if each.shared in words} - own
    same = (ImportBatch.sha256 == batch.sha256, ImportBatch.store_name == batch.store_name)
    query = select(ImportBatch).where(*same, ImportBatch.kind.in_(kinds), ImportBatch.visible_to(actor))
    found = {each.kind: each for each in db.session.scalars(query.order_by(ImportBatch.id))} if kinds else {}
    return list(found.values())


def import_now(
    reading: Reading, store_name: str, actor: Actor, progress: columnar.Progress = lambda _: None
) -> tuple[ImportBatch, Outcome]:
    """Keep a file and write its records in one go, for who does not ask first."""
    unfinished.tidy()
    stored = _put_evidence(reading, actor)
    if reading.columns is None or not unfinished.in_steps():
        with transaction():
            return apply(reading, _batch(reading, store_name, actor, stored).id, actor, progress)
    with transaction():
        batch_id = _batch(reading, store_name, actor, stored).id
    with in_steps(reading, batch_id, actor, progress):
        return apply(reading, batch_id, actor)


@contextmanager
def in_steps(
    reading: Reading, batch_id: int, actor: Actor, progress: columnar.Progress = lambda _: None
) -> Iterator[None]:
    """Write the columns of a kept file before it is applied, which then shows them; or nothing stays of them."""
    if reading.columns is None or not unfinished.in_steps():
        yield
        return
    with unfinished.writing() as hide:
        with transaction():
            batch = _held(batch_id, CHECKED, APPLYING)
            store = find_store(batch.store_name) or _make_store(batch.store_name, actor)
            batch.store_id, batch.state = store.id, WRITING
            hide(batch_id, store.id, reading.columns.how.kind, columnar_storing.first_id(reading.columns.how.kind))
        made, found, rest = _compared(reading, store.id)
        columnar_storing.write(reading.columns, batch, store.id, rest, progress)  # type: ignore[arg-type]
        reading.written = made, found
        yield


def _put_evidence(reading: Reading, actor: Actor) -> list[File]:
    name = reading.name.rpartition(".")[0] or reading.name
    names = [table.sheet for table in reading.tables] if len(reading.tables) > 1 else [name]
    each = zip(reading.evidence, names, strict=True)
    return [files.put_open(data, "text/csv", f"{name}.csv", actor) for data, name in each]


def _batch(reading: Reading, store_name: str, actor: Actor, stored: Sequence[File]) -> ImportBatch:
    parts = [
        ImportPart(sheet=table.sheet, kind=table.importer.name, rows=reading.rows_of(table), file=file)
        for table, file in zip(reading.tables, stored, strict=True)
    ]
    batch = ImportBatch(
        kind=reading.kind,
        permission=reading.tables[0].importer.permission,
        store_name=checked_name(store_name),
        file_name=reading.name,
        sha256=reading.sha256,
        size=reading.size,
        actor_id=actor.user_id,
        actor_name=actor.name,
        parts=[*parts, *(ImportPart(sheet=sheet, kind="") for sheet in reading.unread)],
    )
    db.session.add(batch)
    db.session.flush()
    return batch


def _count(batch: ImportBatch, read: Extract, found: Outcome) -> None:
    batch.rows = read.rows
    batch.created, batch.updated = found.counts[CREATED], found.counts[UPDATED]
    batch.repeats = found.counts[REPEAT]
    batch.unchanged = found.counts[UNCHANGED] + batch.repeats
    batch.rejected = len(read.rejected) + len(found.conflicts)


def _list_rejected(batch: ImportBatch, read: Extract, found: Outcome) -> None:
    listed = ImportRow.action.in_([REJECTED, CONFLICT])
    db.session.execute(delete(ImportRow).where(ImportRow.batch_id == batch.id, listed))
    rows = [
        ImportRow.rejected(batch.id, each)
        for each in sorted((*read.rejected, *found.conflicts), key=attrgetter("sheet", "row"))
    ]
    if rows:
        db.session.execute(insert(ImportRow), rows)


def apply(
    reading: Reading, batch_id: int, actor: Actor, progress: columnar.Progress = lambda _: None
) -> tuple[ImportBatch, Outcome]:
    """Write a kept file's records, all of them or none. Inside the transaction that this opens or joins.

    Raises ``Stale`` when somebody applied or threw away the batch first.
    """
    with transaction() as session:
        batch = _held(batch_id, *((WRITING,) if reading.written else (CHECKED, APPLYING)))
        store = find_store(batch.store_name) or _make_store(batch.store_name, actor)
        # one import of a store at a time: two at once would each find the other's records missing
        session.refresh(store, with_for_update={"key_share": True})  # others may still refer to the store
        if reading.written is None:
            unfinished.wait_for(store.id)
        made, found = reading.written or _written(reading, batch, store.id, progress)
        batch.store_id, batch.state, batch.applied_at = store.id, APPLIED, now()
        session.flush()  # from here on its records are seen
        batch.sample = []
        _count(batch, reading.extract, found)
        _list_rejected(batch, reading.extract, found)
        write(batch, store.id, made, found, actor)
        if reading.columns:
            connect(reading.columns.how.kind, store.id)
        counts = {name: getattr(batch, name) for name in ("rows", "created", "updated", "unchanged", "rejected")}
        data = {"file": batch.file_name, "sha256": batch.sha256, "kind": batch.kind, **counts}
        audit.record(actor, "import_applied", Ref("core.import", batch.id), data, store_id=store.id)
        plugins.tell_later("import_finished", batch=batch, actor=actor)
    return batch, found


def _held(batch_id: int, *states: str) -> ImportBatch:
    """The batch, read afresh and held until the transaction ends."""
    batch = db.session.get(ImportBatch, batch_id, with_for_update=True, populate_existing=True)
    if batch is None or batch.state not in states:
        raise Stale(msg("This import has been applied or thrown away already."))
    return batch


def _written(reading: Reading, batch: ImportBatch, store_id: int, progress: columnar.Progress) -> tuple[Plan, Outcome]:
    """What a file does to a store; the part of it that was read as columns is written."""
    made, found, rest = _compared(reading, store_id)
    if reading.columns and rest:
        columnar_storing.write(reading.columns, batch, store_id, rest, progress)
    return made, found


def _make_store(name: str, actor: Actor) -> Store:
    try:
        return create_store(name, actor)
    except Refusal:  # somebody made it in this moment
        if (store := find_store(name)) is None:
            raise
        return store


def ask_to_apply(batch_id: int, actor: Actor) -> ImportBatch:
    """Have a checked batch applied in the background; asking twice is asking once."""
    with transaction():
        batch = _held(batch_id, CHECKED, APPLYING)
        batch.state = APPLYING
        batch.job_id = jobs.enqueue(APPLY_JOB, {"batch": batch.id}, f"import:{batch.id}", actor).id
    return batch


def throw_away(batch_id: int) -> None:
    """Forget a dry run; what was kept of its file is swept away."""
    with transaction() as session:
        batch = _held(batch_id, CHECKED)
        kept = [part.file for part in batch.parts if part.file]
        session.delete(batch)
        session.flush()
        for file in kept:
            session.delete(file)
