"""Take an import back: what it made is deleted, what it changed is as before; what others touched since is kept."""

from collections.abc import Iterator, Sequence

from sqlalchemy import ColumnElement, Table, and_, delete, insert, inspect, or_, select, update
from sqlalchemy.orm import aliased

from core import plugins
from core.audit import services as audit
from core.audit.models import Event
from core.columns import now
from core.contracts import Actor, RecordType, Ref
from core.extensions import Model, db
from core.imports.applying import restored, rewrite
from core.imports.models import APPLIED, CREATED, KEPT, UNDONE, UPDATED, ImportBatch, ImportRow, through
from core.imports.plans import chunks
from core.messages import Message, Stale, msg
from core.registry import registry
from core.stores.models import RecordChange, Store
from core.transactions import transaction

# How a table points to a record of any kind; the books only tell what happened to it.
SOFT = (("kind", "record_id"), ("subject_kind", "subject_id"))
BOOKS = {ImportRow.__tablename__, RecordChange.__tablename__, Event.__tablename__}

EDITED = msg("It was changed since.")
SEEN = msg("A later import holds it too.")
REFERRED = msg("Something refers to it.")


def undo(batch_id: int, actor: Actor) -> ImportBatch:
    """Take one applied import back; raises ``Stale`` for one that is not applied any more."""
    with transaction() as session:
        batch = session.get(ImportBatch, batch_id, with_for_update=True, populate_existing=True)
        if batch is None or batch.state != APPLIED:
            raise Stale(msg("This import is not in force any more."))
        session.get(Store, batch.store_id, with_for_update=True)
        counts = {"deleted": 0, "restored": 0, "kept": 0}
        for name in session.scalars(_rows_of(batch, ImportRow.kind).distinct()).all():
            if kind := registry().record_types.get(name):  # a plugin that is off keeps what it has
                _undo_kind(batch, kind, actor, counts)
        batch.state, batch.undone_at = UNDONE, now()
        data = {"file": batch.file_name, **counts}
        audit.record(actor, "import_undone", Ref("core.import", batch.id), data, store_id=batch.store_id)
        plugins.tell_later("import_undone", batch=batch, actor=actor)
    return batch


def _rows_of(batch: ImportBatch, *columns: ColumnElement[object]) -> object:
    return select(*columns).where(ImportRow.batch_id == batch.id, ImportRow.action.in_([CREATED, UPDATED]))


def _undo_kind(batch: ImportBatch, kind: RecordType, actor: Actor, counts: dict[str, int]) -> None:
    mine = db.session.execute(
        _rows_of(batch, ImportRow.record_id, ImportRow.last_id, ImportRow.action).where(ImportRow.kind == kind.name)
    ).all()
    made = through(row for row in mine if row.action == CREATED)
    changed = through(mine) - made
    kept: dict[int, Message] = {}
    for why, found in (
        (SEEN, _seen_later(batch, kind)),
        (EDITED, _edited_later(batch, kind)),
        (REFERRED, _referred_to(kind, made)),
    ):
        kept |= dict.fromkeys(found & (made | changed), why)
    for ids in chunks(sorted(made - set(kept))):
        gone = delete(kind.model).where(kind.model.id.in_(ids))
        db.session.execute(gone.execution_options(synchronize_session=False))
    counts["deleted"] += len(made - set(kept))
    counts["restored"] += _restore(batch, kind, changed - set(kept), actor)
    counts["kept"] += len(kept)
    if made & set(kept):
        _one_by_one(batch, kind)
    for why in (SEEN, EDITED, REFERRED):
        for ids in chunks([record_id for record_id, reason in kept.items() if reason is why]):
            rows = ImportRow.batch_id == batch.id, ImportRow.kind == kind.name, ImportRow.record_id.in_(ids)
            db.session.execute(update(ImportRow).where(*rows).values(action=KEPT, message=why))


def _one_by_one(batch: ImportBatch, kind: RecordType) -> None:
    """Tell of each record by itself, as of some there is something else to say."""
    many = select(ImportRow).where(ImportRow.batch_id == batch.id, ImportRow.kind == kind.name)
    for row in db.session.scalars(many.where(ImportRow.last_id.is_not(None))).all():
        same = {"batch_id": batch.id, "sheet": row.sheet, "kind": row.kind, "action": row.action}
        each = [same | {"record_id": number, "number": row.number_of(number)} for number in sorted(through([row]))]
        db.session.delete(row)
        db.session.execute(insert(ImportRow), each)


def _seen_later(batch: ImportBatch, kind: RecordType) -> set[int]:
    """Records that another import, still in force, found in its file afterwards."""
    other, row = aliased(ImportBatch), aliased(ImportRow)
    later = (
        select(row.record_id)
        .join(other, other.id == row.batch_id)
        .where(row.kind == kind.name, row.record_id.is_not(None), row.last_id.is_(None))  # others made what is new
        .where(other.store_id == batch.store_id, other.id != batch.id)
        .where(other.state == APPLIED, other.applied_at >= batch.applied_at)
    )
    return set(db.session.scalars(later))


def _edited_later(batch: ImportBatch, kind: RecordType) -> set[int]:
    """Records changed since by hand or by an import that is still in force."""
    foreign = or_(RecordChange.batch_id.is_(None), and_(ImportBatch.id != batch.id, ImportBatch.state == APPLIED))
    later = (
        select(RecordChange.record_id)
        .outerjoin(ImportBatch, ImportBatch.id == RecordChange.batch_id)
        .where(RecordChange.kind == kind.name, RecordChange.at >= batch.applied_at, foreign)
    )
    return set(db.session.scalars(later))


def _referred_to(kind: RecordType, made: set[int]) -> set[int]:
    """Records that a task, a document or a plugin's row points to: by foreign key, or by kind and record id."""
    found: set[int] = set()
    for column, *conditions in _pointers(kind):
        for ids in chunks(sorted(made - found)):
            found.update(db.session.scalars(select(column).where(column.in_(ids), *conditions)))
    return found


def _pointers(kind: RecordType) -> Iterator[Sequence[ColumnElement[object]]]:
    target: Table = inspect(kind.model).local_table
    for table in Model.metadata.tables.values():
        for column in table.columns:
            if any(key.column is target.c.id and key.ondelete is None for key in column.foreign_keys):
                yield (column,)
        for of_kind, of_id in SOFT:
            if {of_kind, of_id} <= set(table.columns.keys()) and table.name not in BOOKS:
                yield table.c[of_id], table.c[of_kind] == kind.name


def _restore(batch: ImportBatch, kind: RecordType, ids: set[int], actor: Actor) -> int:
    """Give changed records their former values back, and say so in their history."""
    query = select(RecordChange).where(RecordChange.batch_id == batch.id, RecordChange.kind == kind.name)
    found = [change for change in db.session.scalars(query) if change.record_id in ids]
    rows = [{"id": change.record_id, **restored(kind.model, change.changes)} for change in found]
    back = {
        change.record_id: {field: [after, before] for field, (before, after) in change.changes.items()}
        for change in found
    }
    rewrite(kind.name, rows, back, batch, actor, source="undo")
    return len(found)
