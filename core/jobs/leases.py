"""Who works on a job: taken with a lease, kept by signs of life, ended by its holder only."""

import os
import secrets
import socket
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask import current_app
from sqlalchemy import ColumnElement, select, update

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
    waits = Job.id == job_id, Job.state == QUEUED, Job.not_before <= moment
    lease = {"lease_owner": owner, "lease_until": _end(moment)}
    with transaction() as session:
        if not _change(*waits, state=RUNNING, attempts=Job.attempts + 1, started_at=moment, **lease):
            return None
        job = session.get_one(Job, job_id, populate_existing=True)
        return Claim(job.id, job.name, job.payload, job.actor, job.attempts, owner)


def renew(claim: Claim, done: int, total: int | None, note: Message | None) -> bool:
    """Store progress and prolong the lease; False when it is no longer ours."""
    with transaction():
        return _change(*_held(claim), lease_until=_end(now()), done=done, total=total, note=note) == 1


def finish(claim: Claim, outcome: Callable[[], Any] | Any) -> None:
    """Store a job's effects and its end in one transaction; raises ``LeaseLost``, having stored nothing, if it is
    no longer ours."""
    with transaction():
        result = outcome() if callable(outcome) else outcome
        # Last, so that nobody waits for the row while the effects are written.
        if not _change(*_held(claim), state=DONE, result=result, error=None, lease_until=None, finished_at=now()):
            raise LeaseLost(claim.job_id)


def fail(claim: Claim, reason: Message, retry: bool) -> timedelta | None:
    """Store why a job failed; returns after what time it is tried again, or None if it is given up."""
    pause = retry_after(claim.attempts) if retry else None
    if pause is None:
        end = {"state": FAILED, "finished_at": now()}
    else:
        end = {"state": QUEUED, "not_before": now() + pause, "lease_owner": None}
    with transaction():
        _change(*_held(claim), error=reason, lease_until=None, **end)
    return pause


def hand_back() -> int:
    """Let go of all jobs of this process, which is about to end; they do not count as failed attempts."""
    mine = Job.state == RUNNING, Job.lease_owner.startswith(process(), autoescape=True)
    with transaction():
        return _change(*mine, state=QUEUED, attempts=Job.attempts - 1, lease_owner=None, lease_until=None)


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


def _held(claim: Claim) -> tuple[ColumnElement[bool], ...]:
    return Job.id == claim.job_id, Job.state == RUNNING, Job.lease_owner == claim.owner


def _change(*which: ColumnElement[bool], **values: Any) -> int:
    """Change jobs as they are stored, whatever the session knows of them; returns how many."""
    change = update(Job).where(*which).values(**values)
    return db.session.execute(change.execution_options(synchronize_session=False)).rowcount
