"""What came into a period since it was reconciled."""

from datetime import datetime
from typing import Any

from sqlalchemy import func, or_, select

from core.audit.models import Event
from core.extensions import db
from core.imports.models import APPLIED, UNDONE, ImportBatch, ImportRow
from core.stores.models import Order, RecordChange
from plugins.finance.books.assigning import ASSIGNED
from plugins.finance.books.models import Line
from plugins.finance.matching.models import Match, Run
from plugins.finance.periods.rules import bounds


def newer_than(run: Run) -> str | None:
    """What came into the run's period after the run, by its name: a file, a file whose account was
    named, an order that was edited, a line that was matched by hand. None if there is nothing."""
    later = or_(
        (ImportBatch.state == APPLIED) & (ImportBatch.applied_at > run.at),
        (ImportBatch.state == UNDONE) & (ImportBatch.undone_at > run.at),
    )
    query = select(ImportBatch).where(ImportBatch.store_id == run.store_id, later).order_by(ImportBatch.id)
    for batch in db.session.scalars(query).all():
        if batch.state == UNDONE or touches(batch, run.first, run.last):
            return batch.file_name
    renamed = (Event.verb == ASSIGNED, Event.store_id == run.store_id, Event.at > run.at)
    if (told := db.session.scalar(select(Event.data).where(*renamed).limit(1))) is not None:
        return told["file"]
    return _edited(run) or _matched(run)


def _edited(run: Run) -> str | None:
    start, end = bounds(run.first, run.last)
    edited = (RecordChange.kind == "core.order", RecordChange.batch_id.is_(None), RecordChange.at > run.at)
    order = select(Order.order_no).join(RecordChange, RecordChange.record_id == Order.id)
    return db.session.scalar(order.where(*edited, Order.store_id == run.store_id, _within(start, end)).limit(1))


def _matched(run: Run) -> str | None:
    """What a match by hand, or the end of one, was about."""
    start, end = bounds(run.first, run.last)
    about = select(func.coalesce(Match.order_no, Line.flow_no, Line.key)).join(Line, Match.line_id == Line.id)
    since = (Match.store_id == run.store_id, Match.at > run.at, Line.at >= start, Line.at < end)
    return db.session.scalar(about.where(*since).limit(1))


def _within(start: datetime, end: datetime) -> Any:
    at = func.coalesce(Order.paid_at, Order.ordered_at)
    return (at >= start) & (at < end)


def touches(batch: ImportBatch, first: Any, last: Any) -> bool:
    """Whether a file holds an order or a line of these days. The very same file again changes nothing."""
    earlier = select(ImportBatch.id).where(
        ImportBatch.store_id == batch.store_id,
        ImportBatch.sha256 == batch.sha256,
        ImportBatch.state == APPLIED,
        ImportBatch.id < batch.id,
    )
    if db.session.scalar(earlier.limit(1)) is not None:
        return False
    start, end = bounds(first, last)
    # + "": the rows of the file are few, and the index of all rows of a kind is not to be gone through
    row = select(ImportRow.id).where(ImportRow.batch_id == batch.id).limit(1)
    order = row.join(Order, ImportRow.told(Order.id)).where(ImportRow.kind + "" == "core.order", _within(start, end))
    line = row.join(Line, ImportRow.told(Line.id)).where(
        ImportRow.kind + "" == "finance.line", Line.at >= start, Line.at < end
    )
    return db.session.scalar(order) is not None or db.session.scalar(line) is not None
