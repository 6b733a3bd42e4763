"""Logistics' background work: parcels from orders, exceptions, breaches, bills."""

from collections.abc import Callable, Mapping
from typing import Any

from core.contracts import Actor, Job
from core.jobs.services import enqueue
from plugins.logistics import desk, freight, parcels
from plugins.logistics.imports import BILLS, WAYBILLS

WATCH, CHECK = "logistics.watch", "logistics.check_bills"
ORDERS = "core.tmall_orders"


def watch(payload: Mapping[str, Any], _progress: Any) -> Callable[[], Mapping[str, int]]:
    """Make parcels of new orders, find exceptions, and draft a handoff for what has just breached.

    With a ``store`` of which orders were taken back, their parcels go first.
    """

    def work() -> Mapping[str, int]:
        if store := payload.get("store"):
            parcels.forget(store)
        tied = parcels.from_orders()
        found = desk.scan()
        return {"tied": tied, **found, "drafted": len(desk.draft_breaches())}

    return work


def check_bills(payload: Mapping[str, Any], _progress: Any) -> Callable[[], Mapping[str, int]]:
    """Take the bills of a store apart."""
    return lambda: freight.check(payload["store"])


def after_import(batch: Any, actor: Actor) -> None:
    """A file brought orders, parcels or bills: look at what they change."""
    kinds = set(batch.kind.split(","))
    if kinds & {ORDERS, WAYBILLS.name}:
        enqueue(WATCH, {}, key=WATCH, actor=actor)
    if kinds & {BILLS.name, WAYBILLS.name} and batch.store_id is not None:
        enqueue(CHECK, {"store": batch.store_id}, key=f"{CHECK}:{batch.store_id}", actor=actor)


def after_undoing(batch: Any, actor: Actor) -> None:
    """A file was taken back: what was made of its orders goes, and bills are looked at again."""
    enqueue(WATCH, {"store": batch.store_id}, key=f"{WATCH}:{batch.store_id}", actor=actor)
    enqueue(CHECK, {"store": batch.store_id}, key=f"{CHECK}:{batch.store_id}", actor=actor)


JOBS = (Job(WATCH, watch, every=900), Job(CHECK, check_bills))
