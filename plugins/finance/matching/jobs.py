"""The reconciliation as background work."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from core.contracts import Actor, Job
from core.extensions import db
from core.jobs import services as jobs
from core.jobs.models import Job as Asked
from plugins.finance.matching import services, superseded
from plugins.finance.matching.models import Run

RECONCILE = "finance.reconcile"


def ask(store_id: int, first: date, last: date, actor: Actor) -> Asked:
    """Have a period reconciled in the background; asking twice is asking once. Its result is ``{"run": id}``."""
    services.demand_days(first, last)
    days = {"first": first.isoformat(), "last": last.isoformat()}
    key = f"finance:{store_id}:{first}:{last}"
    return jobs.enqueue(RECONCILE, {"store": store_id, **days}, key, actor)


def reconcile(payload: Mapping[str, Any], progress: Any) -> Callable[[], Mapping[str, Any]]:
    """Match and check; what it returns writes the run together with the end of the job."""
    first, last = (date.fromisoformat(payload[name]) for name in ("first", "last"))
    made = services.make(payload["store"], first, last, progress)
    finish = services.prepared(made, progress.actor, progress)
    db.session.rollback()
    return lambda: _told(finish())


def _told(run: Run) -> dict[str, Any]:
    return {"run": run.id, "url": f"/finance/runs/{run.id}"}


JOBS = [Job(RECONCILE, reconcile), Job(superseded.DROP, superseded.drop)]
