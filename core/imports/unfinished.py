"""On SQLite a large file is stored in many short steps, for everybody else's writing waits while one is under way.

Until the last step nobody sees the new records: every query of theirs leaves them out. Which those are stands in a file
that the storing process holds locked, so that the system itself says whether it still lives; what a dead one left is
taken away before the next import, and by a job. PostgreSQL needs none of this: there it is one transaction.
"""

import fcntl
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from flask import Flask, current_app, has_app_context
from sqlalchemy import delete, event, or_, select
from sqlalchemy.orm import ORMExecuteState, Session, with_loader_criteria

from core.extensions import db
from core.imports.models import APPLYING, CREATED, WRITING, ImportBatch, ImportRow
from core.messages import Refusal, msg
from core.registry import registry
from core.transactions import transaction

STEP = 20_000


def in_steps() -> bool:
    """Whether a large file is stored in steps here."""
    return db.engine.dialect.name == "sqlite"


def _path() -> Path:
    return Path(current_app.config["HOME"]) / "importing"


@contextmanager
def writing() -> Iterator[Callable[[int, int, str, int], None]]:
    """While a batch's records are written, one batch at a time. What it gives is to be called with the batch, the store
    and the kind and first number of the records to be hidden."""
    _path().parent.mkdir(parents=True, exist_ok=True)
    with _path().open("a+") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        batches: list[int] = []

        def hide(batch_id: int, store_id: int, kind: str, first: int) -> None:
            batches.append(batch_id)
            file.truncate(0)
            file.write(json.dumps({"batch": batch_id, "store": store_id, "kind": kind, "first": first}))
            file.flush()

        try:
            yield hide
        except Exception:
            db.session.rollback()
            for batch_id in batches:
                _take_away(batch_id)
            file.truncate(0)
            raise
        file.truncate(0)


def tidy() -> None:
    """Take away what an import left behind that was killed while it wrote."""
    if not in_steps() or not _path().exists():
        return
    with _path().open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return  # it lives
        left = db.session.scalars(select(ImportBatch.id).where(ImportBatch.state == WRITING)).all()
        for batch_id in left:
            _take_away(batch_id)
        file.truncate(0)


def wait_for(store_id: int) -> None:
    """Refuse another import into a store while a large file is being stored in it."""
    said = _hidden(db.session()) if in_steps() else None
    if said and said["store"] == store_id:
        raise Refusal(msg("A large file is being stored in this store. Try again when it is done."))


def _take_away(batch_id: int) -> None:
    """Undo the steps of a batch that was not finished; one that a job is to apply waits for it again."""
    while True:
        with transaction() as session:
            batch = session.get(ImportBatch, batch_id, populate_existing=True)
            if batch is None or batch.state != WRITING:
                return
            if _many_less(session, batch_id):
                continue
            rows = select(ImportRow.id, ImportRow.kind, ImportRow.record_id).where(ImportRow.batch_id == batch_id)
            some = session.execute(rows.limit(STEP // 4)).all()
            if not some:
                _forget(session, batch)
                return
            for name in {kind for _, kind, _ in some if kind}:
                model = registry().record_types[name].model
                made = ImportRow.id.in_([row for row, _, _ in some]), ImportRow.action == CREATED
                records = select(ImportRow.record_id).where(*made, ImportRow.kind == name)
                session.execute(_at_once(delete(model).where(model.id.in_(records))))
            session.execute(_at_once(delete(ImportRow).where(ImportRow.id.in_([row for row, _, _ in some]))))


def _many_less(session: Session, batch_id: int) -> bool:
    """Take away some of the records of which one row tells; whether there were any."""
    row = session.scalar(
        select(ImportRow).where(ImportRow.batch_id == batch_id, ImportRow.last_id.is_not(None)).limit(1)
    )
    if row is None or row.record_id is None or row.last_id is None:
        return False
    model = registry().record_types[row.kind].model
    upto = min(row.record_id + STEP // 4, row.last_id + 1)
    session.execute(_at_once(delete(model).where(model.id >= row.record_id, model.id < upto)))
    if upto > row.last_id:
        session.delete(row)
    else:
        row.record_id = upto
    return True


def _at_once(statement: Any) -> Any:
    return statement.execution_options(synchronize_session=False)


def _forget(session: Session, batch: ImportBatch) -> None:
    if batch.job_id is not None:
        batch.state = APPLYING
        return
    kept = [part.file for part in batch.parts if part.file]
    session.delete(batch)
    session.flush()
    for file in kept:
        session.delete(file)


def _hide(state: ORMExecuteState) -> None:
    """Leave out of a query what an import is still writing."""
    if not state.is_select or not has_app_context():
        return
    if said := _hidden(state.session):
        model: Any = registry().record_types[said["kind"]].model
        seen = or_(model.id < said["first"], model.store_id != said["store"])
        state.statement = state.statement.options(with_loader_criteria(model, seen, include_aliases=True))


def _hidden(session: Session) -> Mapping[str, Any] | None:
    """The batch being written, and what is hidden of it."""
    try:
        said = json.loads(_path().read_text() or "null")
    except (OSError, ValueError):
        return None
    if said is None:
        return None
    batch = ImportBatch.__table__
    state = session.connection().scalar(select(batch.c.state).where(batch.c.id == said["batch"]))
    return said if state == WRITING else None


def init_app(_app: Flask) -> None:
    """Have every query leave out what is not finished."""
    if not event.contains(Session, "do_orm_execute", _hide):
        event.listen(Session, "do_orm_execute", _hide)
