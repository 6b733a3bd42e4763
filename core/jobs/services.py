"""Ask for background work, and do it: each job's effects are stored exactly once, together with its end."""

import logging
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from flask import current_app
from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError

from core.columns import now
from core.contracts import SYSTEM, Actor
from core.extensions import db
from core.jobs import leases
from core.jobs.models import Job
from core.jobs.progress import Progress
from core.jobs.queue import nudge
from core.jobs.rules import DONE, OPEN, QUEUED
from core.messages import Refusal, msg, together
from core.registry import registry
from core.transactions import after_commit, transaction

log = logging.getLogger("storeboard.jobs")
KEPT = timedelta(days=30)


def enqueue(name: str, payload: Mapping[str, Any], key: str | None = None, actor: Actor = SYSTEM) -> Job:
    """Ask for the job ``name``; it is stored with the running transaction and starts after its commit.

    ``payload`` is plain JSON. With a ``key``, a job asked for again while it is open is the same job. Raises
    ``LookupError`` for a name no plugin offers.
    """
    if name not in registry().jobs:
        raise LookupError(f"no plugin offers the job {name}")
    job = Job(name=name, key=key, payload=dict(payload), created_by=actor.user_id, asker=_plain(actor))
    with transaction() as session:
        if key is not None and (found := _open(key)):
            return found
        try:
            with session.begin_nested():
                session.add(job)
        except IntegrityError:  # somebody else asked for the same at this moment
            found = _open(key or "")
            if found is None:
                raise
            return found
        after_commit(lambda: nudge(job.id))
        return job


def run(job_id: int) -> bool:
    """Do one job as ``contracts.Job`` says, in an app context of its own; False when it was not there to be done."""
    app = current_app._get_current_object()  # type: ignore[attr-defined]
    with app.app_context():
        name = db.session.scalar(select(Job.name).where(Job.id == job_id))
        db.session.rollback()
        work = registry().jobs.get(name or "")  # a switched-off plugin's jobs wait for it
        claim = leases.claim(job_id) if work else None
        if work is None or claim is None:
            return False
        try:
            with Progress(app, claim) as progress:
                leases.finish(claim, work.function(claim.payload, progress))
        except leases.LeaseLost:
            log.warning("job %s (%s) was given to another worker", job_id, name)
        except Refusal as refusal:
            leases.fail(claim, together(refusal.reasons), retry=False)
        except Exception as error:
            log.exception("job %s (%s) failed", job_id, name)
            db.session.rollback()
            reason = msg("It stopped with an error: %(error)s", error=f"{type(error).__name__}: {error}"[:500])
            pause = leases.fail(claim, reason, retry=True)
            if pause is not None:
                nudge(job_id, pause)
        return True


def due(limit: int = 100) -> list[int]:
    """Jobs that wait to be done now, oldest first."""
    query = select(Job.id).where(Job.state == QUEUED, Job.not_before <= now(), Job.name.in_(registry().jobs))
    found = db.session.scalars(query.order_by(Job.not_before, Job.id).limit(limit)).all()
    db.session.rollback()
    return list(found)


def ask_for_repeats() -> None:
    """Ask for every job that repeats by itself and has not been done for as long as it says."""
    for work in registry().jobs.values():
        if work.every is None:
            continue
        key, since = f"every:{work.name}", now() - timedelta(seconds=work.every)
        recent = select(Job.id).where(Job.key == key, (Job.created_at > since) | Job.state.in_(OPEN)).limit(1)
        found = db.session.scalar(recent)
        db.session.rollback()
        if found is None:
            enqueue(work.name, {}, key=key)


def prune() -> int:
    """Forget jobs done a month ago; failed ones are kept."""
    with transaction() as session:
        gone = session.execute(delete(Job).where(Job.state == DONE, Job.finished_at < now() - KEPT))
    return gone.rowcount


def _open(key: str) -> Job | None:
    return db.session.scalar(select(Job).where(Job.key == key, Job.state.in_(OPEN)))


def _plain(actor: Actor) -> dict[str, Any]:
    return {"user_id": actor.user_id, "name": actor.name, "roles": dict(actor.roles), "admin": actor.admin}
