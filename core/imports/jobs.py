"""The imports' background work."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import select

from core.columns import now
from core.contracts import Job
from core.extensions import db
from core.imports import services
from core.imports.models import CHECKED, ImportBatch
from core.messages import msg

FORGOTTEN = timedelta(days=7)


def apply(payload: Mapping[str, Any], progress: Any) -> Callable[[], Mapping[str, Any]]:
    """Read a kept file again; what it returns writes the records together with the end of the job."""
    batch = db.session.get_one(ImportBatch, payload["batch"])
    progress(0, 3, msg("Reading the file …"))
    reading = services.reread(batch)
    db.session.rollback()
    progress(1, 3, msg("Writing %(count)s rows …", count=reading.extract.rows))
    return lambda: {"batch": services.apply(reading, payload["batch"], progress.actor)[0].id}


def forget(_payload: Any, _progress: Any) -> Mapping[str, Any]:
    """Throw away dry runs that nobody said yes to."""
    old = ImportBatch.state == CHECKED, ImportBatch.created_at < now() - FORGOTTEN
    found = db.session.scalars(select(ImportBatch.id).where(*old)).all()
    for batch_id in found:
        services.throw_away(batch_id)
    return {"forgotten": len(found)}


JOBS = [Job(services.APPLY_JOB, apply), Job("core.imports.forget", forget, every=86400)]
