"""Rows that files repeat: inside one, or because two of them overlap. The very same file again repeats nothing."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sqlalchemy import Select, case, or_, select
from sqlalchemy.orm import aliased

from core.extensions import db
from core.imports.models import APPLIED, CREATED, REPEAT, UNCHANGED, UPDATED, ImportBatch, ImportRow
from plugins.finance.matching.frames import ints, joined

ORDER, LINE = "core.order", "finance.line"
NOBODY = np.zeros(0, np.int64)
INSIDE, OVERLAP = "inside", "overlap"


@dataclass(frozen=True)
class Rows:
    """Repeated rows: ids of import rows, the place of each one's record in a frame, whether its own file has it twice,
    and by file how many rows it holds twice itself and how many an earlier file has, too."""

    ids: NDArray[np.int64]
    places: NDArray[np.int64]
    inside: NDArray[np.bool_]
    files: dict[int, dict[str, int]]


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
    """Repeated rows of the records of this kind that ``ids`` names."""
    before: dict[int, set[str]] = {}  # importers of earlier files; an archive has several
    rows, places, inside = [NOBODY], [NOBODY], [NOBODY.astype(bool)]
    counts: dict[int, dict[str, int]] = {}
    for file in taken:
        kinds = set(file.kind.split(","))
        alike = [number for number, of in before.items() if kinds & of]
        for how, query in _queries(file.id, kind, alike):
            found, records = (ints(column) for column in joined(query))
            place = _places(ids, records)
            rows.append(found[place >= 0])
            places.append(place[place >= 0])
            inside.append(np.full(len(rows[-1]), how == INSIDE))
            if len(rows[-1]):
                counts.setdefault(file.id, {INSIDE: 0, OVERLAP: 0})[how] += len(rows[-1])
        before[file.id] = kinds
    every = np.concatenate(rows)
    order = np.argsort(every, kind="stable")
    return Rows(every[order], np.concatenate(places)[order], np.concatenate(inside)[order], counts)


def _places(ids: NDArray[np.int64], records: NDArray[np.int64]) -> NDArray[np.int64]:
    """Where each of a few records stands among many; -1 for one that does not."""
    some = np.flatnonzero(np.isin(ids, records))
    found = pd.Index(ids[some]).get_indexer(records)
    return np.append(some, -1)[found]


def _queries(file: int, kind: str, before: Sequence[int]) -> Iterator[tuple[str, Select[Any]]]:
    # + "": the rows of the file are few, and the index of all rows of a kind is not to be gone through
    row = select(ImportRow.id, ImportRow.record_id).where(ImportRow.batch_id == file, ImportRow.kind + "" == kind)
    yield INSIDE, row.where(ImportRow.action == REPEAT)
    if before:
        earlier = aliased(ImportRow)
        seen = select(earlier.id).where(
            earlier.kind == kind,
            earlier.record_id == ImportRow.record_id,
            earlier.batch_id.in_(before),
            earlier.action.in_((CREATED, UPDATED, UNCHANGED)),
        )
        many = aliased(ImportRow)
        # of records one after the other, each made once: only the nearest row before one can tell of it
        made = select(case((many.last_id >= ImportRow.record_id, many.batch_id)))
        made = made.where(many.kind == kind, many.last_id.is_not(None), many.record_id <= ImportRow.record_id)
        by = made.order_by(many.record_id.desc()).limit(1).scalar_subquery()
        # a movement never changes: with more columns it is the same; an order that changed is news
        again = (UNCHANGED, UPDATED) if kind == LINE else (UNCHANGED,)
        yield OVERLAP, row.where(ImportRow.action.in_(again), or_(seen.exists(), by.in_(before)))


def told(inputs: Sequence[Mapping[str, Any]], again: Sequence[Rows]) -> list[dict[str, Any]]:
    """What files repeat, one fact for each file and side: no money moved."""
    return [
        {"batch": file["batch"], "file": file["file"], "side": side, **rows.files[file["batch"]]}
        for file in inputs
        for side, rows in zip(("orders", "lines"), again, strict=True)
        if file["batch"] in rows.files
    ]
