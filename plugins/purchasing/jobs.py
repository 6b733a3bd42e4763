"""Purchasing's background work: what to reorder, how well that was guessed, and which licences run out."""

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import select

from core.contracts import Actor, Job
from core.extensions import db
from core.jobs.services import enqueue
from core.stores.models import Store
from plugins.purchasing import licences, suggesting
from plugins.purchasing.importers import MOVES, SNAPSHOT

DAILY, OF_STORE = "purchasing.daily", "purchasing.suggest"


def daily(_payload: Any, _progress: Any) -> Callable[[], Mapping[str, int]]:
    """Work out every store's suggestions, score those whose days are over, and remind of licences that run out."""

    def work() -> Mapping[str, int]:
        stores = db.session.scalars(select(Store.id).order_by(Store.id)).all()
        made = sum(len(suggesting.suggest(store_id)) for store_id in stores)
        scored = sum(suggesting.score(store_id) for store_id in stores)
        return {"suggested": made, "scored": scored, "reminded": licences.remind()}

    return work


def of_store(payload: Mapping[str, Any], _progress: Any) -> Callable[[], Mapping[str, int]]:
    """Work out one store's suggestions."""
    return lambda: {"suggested": len(suggesting.suggest(payload["store"]))}


def ask(store_id: int, actor: Actor) -> None:
    """Have a store's suggestions worked out soon."""
    enqueue(OF_STORE, {"store": store_id}, key=f"{OF_STORE}:{store_id}", actor=actor)


def after_import(batch: Any, actor: Actor) -> None:
    """New stock asks for new suggestions."""
    if {*batch.kind.split(",")} & {SNAPSHOT.name, MOVES.name} and batch.store_id is not None:
        ask(batch.store_id, actor)


JOBS = (Job(DAILY, daily, every=86_400), Job(OF_STORE, of_store))
