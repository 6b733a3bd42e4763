"""Rows of runs that a newer one replaces are dropped; what went into such a run and what it came to is kept."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import delete, exists, func, select

from core.contracts import Actor
from core.extensions import db
from core.jobs import services as jobs
from core.transactions import transaction
from plugins.finance.matching.models import Result, Run
from plugins.finance.periods.models import Period
from plugins.finance.periods.rules import OPEN

DROP = "finance.drop_superseded"
AT_ONCE = 50_000


def ask(run: Run, actor: Actor) -> None:
    """Have the rows of the runs that ``run`` replaces dropped in the background, where there are such runs."""
    if db.session.scalar(_replaced(run.store_id, run.first, run.last).limit(1)) is not None:
        days = {"first": run.first.isoformat(), "last": run.last.isoformat()}
        jobs.enqueue(
            DROP, {"store": run.store_id, **days}, f"finance.drop:{run.store_id}:{run.first}:{run.last}", actor
        )


def _replaced(store_id: int, first: date, last: date) -> Any:
    """Runs with rows that are not the newest of their days, and that nobody has put forward or signed for."""
    same = (Run.store_id == store_id, Run.first == first, Run.last == last, Run.digest != "")
    newest = select(func.max(Run.id)).where(*same).scalar_subquery()
    held = exists().where(Period.run_id == Run.id, Period.state != OPEN)
    return select(Run.id).where(*same, Run.id < newest, exists().where(Result.run_id == Run.id), ~held).order_by(Run.id)


def has_rows(run: Run) -> bool:
    """Whether the rows of a run are still kept, if it had any."""
    told = [run.totals.get(side, {}).get("count", 0) for side in ("orders", "lines")]
    return not any(told) or db.session.scalar(select(exists().where(Result.run_id == run.id)))


def drop(payload: Mapping[str, Any], _progress: Any) -> dict[str, Any]:
    """Drop the rows of replaced runs, a part at a time: nobody waits long for the write lock."""
    days = (date.fromisoformat(payload[name]) for name in ("first", "last"))
    gone = 0
    for run_id in db.session.scalars(_replaced(payload["store"], *days)).all():
        for side in range(4):
            while (until := _next(run_id, side)) is not None:
                part = (Result.run_id == run_id, Result.side == side, Result.record_id <= until)
                with transaction() as session:
                    gone += session.execute(delete(Result).where(*part)).rowcount
    db.session.rollback()
    return {"rows": gone}


def _next(run_id: int, side: int) -> int | None:
    """The last record of the next part to drop; None when nothing is left."""
    mine = (Result.run_id == run_id, Result.side == side)
    part = select(Result.record_id).where(*mine).order_by(Result.record_id).limit(AT_ONCE).subquery()
    return db.session.scalar(select(func.max(part.c.record_id)))
