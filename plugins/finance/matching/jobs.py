"""The reconciliation as background work."""

from collections.abc import Callable, Mapping
from datetime import date
from secrets import token_urlsafe
from typing import Any

from sqlalchemy import select

from core.contracts import Actor, Job
from core.extensions import db
from core.jobs import services as jobs
from core.jobs.models import Job as Asked
from core.jobs.rules import DONE
from plugins.finance.matching import preview, services, superseded
from plugins.finance.matching.models import Run

RECONCILE, PREVIEW = "finance.reconcile", "finance.preview_rules"


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


def ask_preview(store_id: int, data: Mapping[str, Any], form: Mapping[str, str], actor: Actor) -> Asked:
    """Have other rules tried on past periods in the background; ``form`` is what was typed, to be shown again."""
    name = token_urlsafe(12)
    return jobs.enqueue(PREVIEW, {"store": store_id, "name": name, "data": data, "form": form}, _key(name), actor)


def _key(name: str) -> str:
    return f"{PREVIEW}:{name}"


def previewed(name: str, actor: Actor) -> Asked | None:
    """A preview that is done, by its name, for who asked for it."""
    mine = (Asked.key == _key(name), Asked.state == DONE, Asked.visible_to(actor))
    return db.session.scalar(select(Asked).where(*mine))


def try_rules(payload: Mapping[str, Any], progress: Any) -> Mapping[str, Any]:
    """What other rules would have made of past periods; nothing is stored but the answer."""
    seen = preview.preview(payload["store"], payload["data"], preview.past(payload["store"]), progress)
    told = [each.data() for each in seen]
    db.session.rollback()
    return {"seen": told, "url": f"/finance/rules?store={payload['store']}&preview={payload['name']}"}


JOBS = [Job(RECONCILE, reconcile), Job(PREVIEW, try_rules), Job(superseded.DROP, superseded.drop)]
