"""How many pieces were sold of each article on each day."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pyarrow import csv
from sqlalchemy import String, case, cast, func, select

from core import localtime
from core.extensions import db
from plugins.purchasing.models import StockDay, StockMove

SEEN_DAYS = 28
KINDS = ("交易出库", "销售出库")  # of movements


def sold(store_id: int, until: date, days: int = SEEN_DAYS, code: str | None = None) -> dict[str, list[int]]:
    """Pieces sold of each article (of this one) on each of the ``days`` up to ``until``: by stock movements, or by the
    snapshots of days of which there are no movements."""
    first = until - timedelta(days=days - 1)
    ends = [(StockMove.at < localtime.ends(first + timedelta(days=place)), place) for place in range(days)]
    moved = _read(
        StockMove,
        (case(*ends), pa.int64()),
        StockMove.quantity,
        code,
        StockMove.store_id == store_id,
        StockMove.kind.in_(KINDS),
        StockMove.at >= localtime.begins(first),
        StockMove.at < localtime.ends(until),
    )
    told = _read(
        StockDay,
        (StockDay.on, pa.date32()),
        StockDay.sold,
        code,
        StockDay.store_id == store_id,
        StockDay.on >= first,
        StockDay.on <= until,
        StockDay.sold != 0,
    )
    rows = {name: row for row, name in enumerate(dict.fromkeys([*moved.codes, *told.codes]))}
    counts = np.zeros((len(rows), days), np.int64)
    cells = moved.rows(rows), moved.at
    np.subtract.at(counts, cells, moved.pieces)
    by_movements = np.zeros(counts.shape, bool)
    by_movements[cells] = True
    cells = told.rows(rows), (told.at - np.datetime64(first)).astype(np.int64)
    np.add.at(counts, cells, np.where(by_movements[cells], 0, told.pieces))
    return dict(zip(rows, counts.tolist(), strict=True))


class _Pieces(NamedTuple):
    """Pieces of articles at some times, or in so many days: of each of ``codes`` so many as ``counts`` says."""

    codes: Sequence[str]
    counts: Sequence[int]
    at: NDArray[Any]
    pieces: NDArray[Any]

    def rows(self, known: Mapping[str, int]) -> NDArray[Any]:
        """The row of each article in ``known``, once for each of its pieces."""
        return np.repeat(np.array([known[name] for name in self.codes], np.int64), self.counts)


def _read(of: Any, at: tuple[Any, pa.DataType], pieces: Any, code: str | None, *where: Any) -> _Pieces:
    """What one of the tables of stock says. There are half a million rows: the database makes one text of all rows of
    an article, and Arrow reads it."""
    line = cast(at[0], String) + "," + cast(pieces, String)
    query = select(of.merchant_code, func.count(), func.aggregate_strings(line, "\n")).where(*where)
    if code:
        query = query.where(of.merchant_code == code)
    rows = db.session.execute(query.group_by(of.merchant_code)).all()
    if not rows:
        return _Pieces((), (), np.zeros(0, at[1].to_pandas_dtype()), np.zeros(0, np.int64))
    names, counts, texts = zip(*rows, strict=True)
    found = csv.read_csv(
        pa.BufferReader("\n".join(texts).encode()),
        read_options=csv.ReadOptions(column_names=["at", "pieces"], use_threads=False),
        convert_options=csv.ConvertOptions(column_types={"at": at[1], "pieces": pa.int64()}),
    )
    return _Pieces(names, counts, *(found[name].to_numpy() for name in ("at", "pieces")))
