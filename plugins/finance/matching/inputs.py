"""The files of a store that a run is made from, and which of them hold something of its days."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from sqlalchemy import ColumnElement, Select, func, select

from core.extensions import db
from core.imports.models import ImportRow
from core.stores.models import Order, OrderLine
from plugins.finance.books.models import Control, SettlementBatch, SettlementDetail, SettlementFee
from plugins.finance.matching.groups import Ints
from plugins.finance.matching.loading import Books, Span, moment
from plugins.finance.matching.repeats import LINE, ORDER

AT_ONCE = 10_000


def inputs(taken: Sequence[Any], books: Books) -> list[dict[str, Any]]:
    """Every file as a run keeps it; ``here`` says whether it holds an order or a line of the run, or what it reads
    beside them. All are told of: a late line is judged by all that came for its order before."""
    ids = {ORDER: np.sort(books.orders["id"].to_numpy()), LINE: np.sort(books.lines["id"].to_numpy())}
    return [
        {
            "batch": file.id,
            "file": file.file_name,
            "sha256": file.sha256,
            "kind": file.kind,
            "here": _is_here(file.id, ids, books.span),
        }
        for file in taken
    ]


def _is_here(batch: int, ids: Mapping[str, Ints], span: Span) -> bool:
    last = func.coalesce(ImportRow.last_id, ImportRow.record_id)
    query = select(ImportRow.kind, ImportRow.record_id, last)
    rows = query.where(ImportRow.batch_id == batch, ImportRow.record_id.is_not(None))
    beside = set()
    with db.session.execute(rows.execution_options(yield_per=AT_ONCE)) as found:
        for part in found.partitions():
            for kind in {row[0] for row in part}:
                if kind not in ids:
                    beside.add(kind)
                elif _among(ids[kind], np.array([row[1:] for row in part if row[0] == kind], np.int64)):
                    return True
    queries = (query for kind, query in _beside(batch, span).items() if kind in beside)
    return any(db.session.scalar(query.limit(1)) is not None for query in queries)


def _among(known: Ints, spans: Ints) -> bool:
    """Whether one of the ``known`` numbers lies in one of the spans, each from its first to its last number."""
    first, last = spans.T
    return bool((np.searchsorted(known, last, "right") > np.searchsorted(known, first)).any())


def _beside(batch: int, span: Span) -> dict[str, Select[Any]]:
    """By kind of record, what a run reads of a file beside orders and lines."""

    def of(kind: str, model: Any, *where: ColumnElement[bool]) -> Select[Any]:
        row = select(ImportRow.id).join(model, ImportRow.told(model.id))
        # + "": the rows of the file are few, and the index of all rows of a kind is not to be gone through
        return row.where(ImportRow.batch_id == batch, ImportRow.kind + "" == kind, *where)

    paid = select(Order.id).where(Order.id == OrderLine.order_id, moment() >= span.start, moment() < span.end)
    payout, detail, fee = SettlementBatch, SettlementDetail, SettlementFee
    due = detail.settled_at >= span.start, detail.settled_at < span.end
    paid_out = select(detail.id).where(detail.store_id == fee.store_id, detail.order_no == fee.order_no, *due)
    return {
        "core.order_line": of("core.order_line", OrderLine, paid.exists()),
        "finance.control": of("finance.control", Control, Control.first_at < span.end, Control.until > span.start),
        "finance.settlement": of(
            "finance.settlement", payout, payout.settled_at >= span.start, payout.settled_at < span.end
        ),
        "finance.settlement_detail": of("finance.settlement_detail", detail, *due),
        "finance.settlement_fee": of("finance.settlement_fee", fee, paid_out.exists()),
    }
