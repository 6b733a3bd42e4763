"""Write the results of a run: of a large one in many short transactions, so that nobody waits for the write lock."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any

import pyarrow as pa
from sqlalchemy import delete, select

from core import bulk
from core.columns import now
from core.transactions import transaction
from plugins.finance.matching.models import Result, Run
from plugins.finance.matching.totals import Side

AT_ONCE = 50_000
ABANDONED = timedelta(hours=6)


def ahead(values: dict[str, Any], rows: Sequence[Side]) -> int | None:
    """Write the results of a large run before the run itself is finished; its id, or None for one that is not large.

    Until it gets its digest, nobody sees it. One whose process was killed is swept away by a later one.
    """
    if sum(len(side.ids) for side in rows) <= AT_ONCE:
        return None
    with transaction() as session:
        old = select(Run.id).where(Run.digest == "", Run.at < now() - ABANDONED)
        for run_id in session.scalars(old).all():
            session.execute(delete(Run).where(Run.id == run_id))
        run = Run(**{**values, "digest": ""})
        session.add(run)
    for part in blocks(run.id, rows):
        with transaction():
            put(*part)
    return run.id


def blocks(run_id: int, rows: Sequence[Side]) -> Iterator[tuple[dict[str, Any], dict[str, int]]]:
    """The results of a run, as columns of their table and what is the same in all rows."""
    for number, side in enumerate(rows):
        for start in range(0, len(side.ids), AT_ONCE):
            part = slice(start, start + AT_ONCE)
            told = {"record_id": side.ids[part], "code": side.codes[part], "amount": side.amounts[part]}
            yield {name: pa.array(each) for name, each in told.items()}, {"run_id": run_id, "side": number}


def put(columns: dict[str, Any], fixed: dict[str, int]) -> None:
    """Write one of the ``blocks``. Inside a transaction."""
    bulk.insert(Result.__table__, columns, fixed)
