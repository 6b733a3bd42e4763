"""The imports' background work."""

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from datetime import timedelta
from functools import partial
from typing import Any

from sqlalchemy import select

from core.columns import now
from core.contracts import Job
from core.extensions import db
from core.imports import services, unfinished
from core.imports.models import CHECKED, ImportBatch
from core.messages import Message, msg
from core.transactions import after_commit

FORGOTTEN = timedelta(days=7)


def apply(payload: Mapping[str, Any], progress: Any) -> Callable[[], Mapping[str, Any]]:
    """Read a kept file again; what it returns writes the records together with the end of the job."""
    batch = db.session.get_one(ImportBatch, payload["batch"])
    unfinished.tidy()
    progress(0, 3, msg("Reading the file …"))
    reading = services.reread(batch)
    db.session.rollback()
    count = reading.extract.rows
    progress(1, 3, msg("Writing %(count)s rows …", count=count))
    held = ExitStack()
    told = partial(_tell, progress, msg("Writing %(count)s rows …", count=count))
    held.enter_context(services.in_steps(reading, payload["batch"], progress.actor, told))

    def end() -> Mapping[str, Any]:
        after_commit(held.close)
        return {"batch": services.apply(reading, payload["batch"], progress.actor)[0].id}

    return end


def _tell(progress: Any, note: Message, done: float) -> None:
    progress(100 + int(200 * done), 300, note)


def forget(_payload: Any, _progress: Any) -> Mapping[str, Any]:
    """Throw away dry runs that nobody said yes to."""
    old = ImportBatch.state == CHECKED, ImportBatch.created_at < now() - FORGOTTEN
    found = db.session.scalars(select(ImportBatch.id).where(*old)).all()
    for batch_id in found:
        services.throw_away(batch_id)
    return {"forgotten": len(found)}


def tidy(_payload: Any, _progress: Any) -> Mapping[str, Any]:
    """Take away what an import left behind that was killed while it wrote."""
    unfinished.tidy()
    return {}


JOBS = [
    Job(services.APPLY_JOB, apply),
    Job("core.imports.forget", forget, every=86400),
    Job("core.imports.tidy", tidy, every=600),
]
