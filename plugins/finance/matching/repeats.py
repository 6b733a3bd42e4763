"""Rows that files repeat: inside one, or because two of them overlap. The very same file again repeats nothing."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sqlalchemy import select
from sqlalchemy.orm import aliased

from core.extensions import db
from core.imports.models import APPLIED, CREATED, REPEAT, UNCHANGED, UPDATED, ImportBatch, ImportRow
from plugins.finance.matching.frames import ints, joined

ORDER, LINE = "core.order", "finance.line"
Rows = tuple[NDArray[np.int64], NDArray[np.int64]]


def files(store_id: int) -> list[Any]:
    """The files taken into a store, each content once: id, kind, name and hash of the first import of it."""
    query = select(ImportBatch.id, ImportBatch.kind, ImportBatch.file_name, ImportBatch.sha256)
    rows = db.session.execute(
        query.where(ImportBatch.store_id == store_id, ImportBatch.state == APPLIED).order_by(
            ImportBatch.applied_at, ImportBatch.id
        )
    )
    first: dict[str, Any] = {}
    for row in rows:
        first.setdefault(row.sha256, row)
    return list(first.values())


def repeated(taken: Sequence[Any], kind: str, ids: NDArray[np.int64]) -> Rows:
    """Repeated rows of records of this kind: the ids of import rows, and the place of each one's record in ``ids``."""
    found: list[list[int]] = [[], []]
    before: dict[str, list[int]] = defaultdict(list)
    for file in taken:
        row = select(ImportRow.id, ImportRow.record_id).where(ImportRow.batch_id == file.id, ImportRow.kind == kind)
        inside = row.where(ImportRow.action == REPEAT)
        earlier = aliased(ImportRow)
        seen = select(earlier.id).where(
            earlier.kind == kind,
            earlier.record_id == ImportRow.record_id,
            earlier.batch_id.in_(before[file.kind]),
            earlier.action.in_((CREATED, UPDATED, UNCHANGED)),
        )
        overlap = row.where(ImportRow.action == UNCHANGED, seen.exists())
        for query in (inside, overlap) if before[file.kind] else (inside,):
            for whole, column in zip(found, joined(query), strict=True):
                whole.extend(column)
        before[file.kind].append(file.id)
    rows, records = ints(found[0]), ints(found[1])
    places = pd.Index(ids).get_indexer(records)
    known = places >= 0
    order = np.argsort(rows[known], kind="stable")
    return rows[known][order], places[known][order]
