"""Who works on a job: taken with a lease, kept by signs of life, ended by its holder only."""

import os
import secrets
import socket
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask import current_app
from sqlalchemy import select, update

from core.columns import now
from core.contracts import Actor
from core.extensions import db
from core.jobs.models import Job
from core.jobs.rules import DONE, FAILED, LEASE, MAX_ATTEMPTS, QUEUED, RUNNING, retry_after
from core.messages import Message, msg
from core.transactions import transaction


class LeaseLost(Exception):
    """The job was given to another worker; nothing this one did for it may be stored."""


@dataclass(frozen=True)
class Claim:
    """A job in one worker's hands; ``owner`` is this worker's, and this attempt's, alone."""

    job_id: int
    name: str
    payload: dict[str, Any]
    actor: Actor
    attempts: int
    owner: str


def length() -> float:
    """Seconds a lease lasts."""
    return float(current_app.config.get("JOB_LEASE", LEASE))


def process() -> str:
    """This process among all workers of all machines."""
    return f"{socket.gethostname()}:{os.getpid()}/"


def claim(job_id: int) -> Claim | None:
    """Take a job that waits and is due; None when another worker has it or it is not to be done now."""
    owner, moment = process() + secrets.token_hex(8), now()
    with transaction() as session:
        taken = session.execute(
            update(Job)
            .where(Job.id == job_id, Job.state == QUEUED, Job.not_before <= moment)
            .values(
                state=RUNNING,
                attempts=Job.attempts + 1,
                lease_owner=owner,
                lease_until=_end(moment),
                started_at=moment,
            )
            .execution_options(synchronize_session=False)
        )
        if taken.rowcount != 1:
            return None
        job = session.get_one(Job, job_id, populate_existing=True)
        return Claim(job.id, job.name, job.payload, job.actor, job.attempts, owner)


def renew(claim: Claim, done: int, total: int | None, note: Message | None) -> bool:
    """Store progress and prolong the lease; False when it is no longer ours."""
    with transaction():
        return _change(claim, lease_until=_end(now()), done=done, total=total, note=note)


def finish(claim: Claim, outcome: Callable[[], Any] | Any) -> None:
    """Store a job's effects and its end in one transaction; raises ``LeaseLost``, having stored nothing, if it is
    no longer ours."""
    with transaction():
        result = outcome() if callable(outcome) else outcome
        # Last, so that nobody waits for the row while the effects are written.
        if not _change(claim, state=DONE, result=result, error=None, lease_until=None, finished_at=now()):
            raise LeaseLost(claim.job_id)


def fail(claim: Claim, reason: Message, retry: bool) -> timedelta | None:
    """Store why a job failed; returns after what time it is tried again, or None if it is given up."""
    pause = retry_after(claim.attempts) if retry else None
    with transaction():
        if pause is None:
            _change(claim, state=FAILED, error=reason, lease_until=None, finished_at=now())
        else:
            _change(claim, state=QUEUED, error=reason, lease_owner=None, lease_until=None, not_before=now() + pause)
    return pause


def hand_back() -> int:
    """Let go of all jobs of this process, which is about to end; they do not count as failed attempts."""
    mine = (Job.state == RUNNING, Job.lease_owner.startswith(process(), autoescape=True))
    with transaction() as session:
        freed = session.execute(
            update(Job)
            .where(*mine)
            .values(state=QUEUED, attempts=Job.attempts - 1, lease_owner=None, lease_until=None)
            .execution_options(synchronize_session=False)
        )
    return freed.rowcount


def reap() -> list[int]:
    """Take jobs from workers that fell silent; returns those that wait again. One that ended its worker each time
    has failed."""
    silent = (Job.state == RUNNING, Job.lease_until < now())
    found = db.session.scalars(select(Job.id).where(*silent)).all()
    db.session.rollback()
    if not found:
        return []
    waiting = []
    with transaction() as session:
        for job in session.scalars(select(Job).where(*silent).with_for_update(skip_locked=True)):
            job.lease_owner = job.lease_until = None
            if job.attempts < MAX_ATTEMPTS:
                job.state = QUEUED
                waiting.append(job.id)
            else:
                job.state, job.finished_at = FAILED, now()
                job.error = msg("The worker stopped in the middle of it, %(count)s times.", count=job.attempts)
    return waiting


def _end(start: datetime) -> datetime:
    return start + timedelta(seconds=length())


def _change(claim: Claim, **values: Any) -> bool:
    ours = (Job.id == claim.job_id, Job.state == RUNNING, Job.lease_owner == claim.owner)
    changed = db.session.execute(update(Job).where(*ours).values(**values).execution_options(synchronize_session=False))
    return changed.rowcount == 1
