"""Customer service's background work after new orders: what their notes promise, and who bought."""

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import select

from core.contracts import Actor, Job
from core.extensions import db
from core.imports.models import ImportRow
from core.jobs.services import enqueue
from plugins.cs import deadlines, members, promises
from plugins.cs.models import MemberKey

MEMBERS, PROMISES, FORGET, DEADLINES = "cs.members", "cs.promises", "cs.forget_promises", "cs.deadlines"


def refresh(payload: Mapping[str, Any], _progress: Any) -> Callable[[], Mapping[str, int]]:
    """Work out a store's members anew."""
    store = members.work_out(payload["store"])
    return lambda: {"members": store()}


def read_notes(payload: Mapping[str, Any], _progress: Any) -> Callable[[], Mapping[str, int]]:
    """Draft the promises that the notes of an import's orders make."""
    return lambda: {"drafted": promises.scan_batch(payload["batch"])}


def after_import(batch: Any, actor: Actor) -> None:
    """A file brought cases or orders: take over deadlines, read what notes promise, count buyers."""
    if _brought(batch, deadlines.KIND):
        enqueue(DEADLINES, {"batch": batch.id}, key=f"{DEADLINES}:{batch.id}", actor=actor)
    if not _brought(batch, "core.order"):
        return
    enqueue(PROMISES, {"batch": batch.id}, key=f"{PROMISES}:{batch.id}", actor=actor)
    if batch.store_id is not None:
        enqueue(MEMBERS, {"store": batch.store_id}, key=f"{MEMBERS}:{batch.store_id}", actor=actor)


def refresh_all(actor: Actor) -> None:
    """The bounds of tiers are others: work out the members of every store anew."""
    for store_id in db.session.scalars(select(MemberKey.store_id)).all():
        enqueue(MEMBERS, {"store": store_id}, key=f"{MEMBERS}:{store_id}", actor=actor)


def _brought(batch: Any, kind: str) -> bool:
    here = select(ImportRow.id).where(ImportRow.batch_id == batch.id, ImportRow.kind == kind).limit(1)
    return db.session.scalar(here) is not None


def follow_cases(payload: Mapping[str, Any], _progress: Any) -> Callable[[], Mapping[str, int]]:
    """Take over the platform's deadlines from the cases of an import."""
    return lambda: {"changed": deadlines.follow_batch(payload["batch"])}


def forget(payload: Mapping[str, Any], _progress: Any) -> Callable[[], Mapping[str, int]]:
    """Drop the drafts of promises whose orders were taken back."""
    return lambda: {"dropped": promises.forget(payload["store"])}


def after_undoing(batch: Any, actor: Actor) -> None:
    """A file was taken back: what was read from its orders goes, too."""
    enqueue(FORGET, {"store": batch.store_id}, key=f"{FORGET}:{batch.store_id}", actor=actor)
    enqueue(MEMBERS, {"store": batch.store_id}, key=f"{MEMBERS}:{batch.store_id}", actor=actor)


JOBS = (Job(MEMBERS, refresh), Job(PROMISES, read_notes), Job(FORGET, forget), Job(DEADLINES, follow_cases))
