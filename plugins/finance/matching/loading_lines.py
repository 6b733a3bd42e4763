"""Lines of a period from the database: what part each plays, and which order it is about."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray
from sqlalchemy import Select, func, select
from sqlalchemy.orm import aliased

from core.extensions import db
from core.stores.models import Order
from plugins.finance.books.models import Line, SettlementFee
from plugins.finance.matching import kinds, parts
from plugins.finance.matching.classes import OTHER
from plugins.finance.matching.frames import TEXT, WHOLE, column, joined, numbers, table, texts
from plugins.finance.matching.keys import NONE, Codes
from plugins.finance.matching.manual import Given, given
from plugins.finance.matching.rules import RuleSet
from plugins.finance.periods.rules import BOOKS, bounds

CHUNK = 5_000
EXACT = "settlement"  # the source whose lines tell when their trade was paid, to the second
MISSING_BALANCE = np.iinfo(np.int64).min


def lines(
    store_id: int, span: Any, rules: RuleSet, order_codes: Codes, trade_codes: Codes
) -> tuple[pd.DataFrame, list[str]]:
    """The movements of a period, and the names of ``what``, their subjects."""
    within = (Line.at >= span.start, Line.at < span.end)
    frame, subjects = framed(table(told(), Line, store_id, within, within), rules, order_codes, trade_codes)
    _by_waybill(store_id, span, frame, order_codes)
    by_hand(frame, given(store_id), order_codes)
    return frame, subjects


def told() -> dict[str, tuple[Any, pa.DataType]]:
    """What of lines is read, and as what."""
    return {
        "id": (Line.id, WHOLE),
        "key": (Line.key, TEXT),
        "order": (Line.order_no, TEXT),
        "trade": (Line.trade_no, TEXT),
        "amount": (Line.amount, WHOLE),
        "balance": (Line.balance, WHOLE),
        "account": (Line.account, TEXT),
        "kind": (Line.kind, TEXT),
        "text": (Line.subject, TEXT),
        "at": (Line.at, TEXT),
    }


def framed(found: pa.Table, rules: RuleSet, order_codes: Codes, trade_codes: Codes) -> tuple[pd.DataFrame, list[str]]:
    """Lines as the engine takes them."""
    accounts = column(found, "account").dictionary_encode()
    frame = pd.DataFrame(
        {
            "id": numbers(found, "id"),
            "key": pd.Series(column(found, "key"), dtype=pd.ArrowDtype(TEXT)),
            "order": order_codes(column(found, "order")),
            "trade": trade_codes(column(found, "trade")),
            "amount": numbers(found, "amount"),
            "balance": numbers(found, "balance", MISSING_BALANCE),
            "account": accounts.indices.to_numpy(zero_copy_only=False),
            "at": pd.Series(column(found, "at"), dtype=pd.ArrowDtype(TEXT)),
        },
        copy=False,
    )
    frame.attrs["accounts"] = accounts.dictionary.to_pylist()
    subjects = kinds.subjects_of(rules.kinds)
    frame["part"], frame["what"] = parts.parts(
        frame.attrs["accounts"],
        parts.Told(
            accounts.indices.to_numpy(zero_copy_only=False),
            frame["amount"].to_numpy() > 0,
            column(found, "kind"),
            column(found, "text"),
        ),
        rules.kinds,
        lambda rows: _words(frame["id"].to_numpy()[rows]),
    )
    agreed = {subjects.index(name): place for place, name in enumerate(rules.contracted) if name in subjects}
    lookup = np.array([agreed.get(place, NONE) for place in range(len(subjects))], np.int64)
    frame["subject"] = lookup[frame["what"].to_numpy()]
    return frame, subjects


def _words(ids: NDArray[np.int64]) -> tuple[list[Any], list[Any]]:
    """Memo and merchant's number of some lines, whose ids ascend."""
    found: list[list[Any]] = [[], []]
    for start in range(0, len(ids), CHUNK):
        wanted = ids[start : start + CHUNK].tolist()
        query = select(Line.memo, Line.merchant_no).where(Line.id.in_(wanted)).order_by(Line.id)
        for whole, part in zip(found, joined(query), strict=True):
            whole.extend(part)
    return found[0], found[1]


def _by_waybill(store_id: int, span: Any, frame: pd.DataFrame, codes: Codes) -> None:
    """Lines that name a parcel only, by the order that it carried; a parcel of several orders tells nothing."""
    query = (
        select(Line.id, func.min(Order.order_no))
        .join(Order, (Order.store_id == Line.store_id) & (Order.waybill_no == Line.waybill_no))
        .where(Line.store_id == store_id, Line.at >= span.start, Line.at < span.end)
        .where(Line.waybill_no.is_not(None), Line.order_no.is_(None))
        .group_by(Line.id)
        .having(func.count(Order.id) == 1)
    )
    _put(frame, *joined(query), codes)


def by_hand(frame: pd.DataFrame, matches: Given, codes: Codes) -> None:
    """What people said of single lines stands above what the rules say."""
    _put(frame, list(matches.orders), list(matches.orders.values()), codes)
    rows = pd.Index(frame["id"].to_numpy()).get_indexer(list(matches.parts)) if matches.parts else []
    for row, part in zip(rows, matches.parts.values(), strict=True):
        if row != NONE:
            frame.iloc[row, frame.columns.get_loc("part")] = kinds.part_code(part)


def _put(frame: pd.DataFrame, ids: Sequence[int], numbers: Sequence[str], codes: Codes) -> None:
    if not len(ids):
        return
    rows = pd.Index(frame["id"].to_numpy()).get_indexer(list(ids))
    order = frame["order"].to_numpy().copy()
    known = rows != NONE
    order[rows[known]] = codes(texts(list(numbers)))[known]
    frame["order"] = order


def elsewhere(store_id: int, lines: pd.DataFrame, orders: pd.DataFrame) -> NDArray[np.bool_]:
    """Of lines whose order is not of this run: whether it is stored all the same, or was paid when no stored order
    was, as the line's own trade tells, or any other line or fee of the order."""
    found = np.zeros(len(lines), np.bool_)
    known = pd.Index(orders["no"].to_numpy()).get_indexer(lines["order"].to_numpy())
    rows = np.flatnonzero((known == NONE) & (lines["part"].to_numpy() != OTHER))
    if not len(rows):
        return found
    ids = lines["id"].to_numpy()[rows]
    stored = select(Line.id).join(Order, (Order.store_id == Line.store_id) & (Order.order_no == Line.order_no))
    hits: list[int] = list(given(store_id).orders)  # who put it to an order knew that there is one
    for start in range(0, len(ids), CHUNK):
        part = Line.id.in_(ids[start : start + CHUNK].tolist())
        hits += [each for query in (stored, *_outside(store_id)) for each in db.session.scalars(query.where(part))]
    found[rows] = np.isin(ids, np.array(hits, np.int64))
    return found


def _outside(store_id: int) -> Iterator[Select[Any]]:
    """Lines whose trade was paid when no stored order was: as they say themselves, or another line of their order, or
    a fee of a payout."""
    paid = func.coalesce(Order.paid_at, Order.ordered_at)
    # + 0: every order is looked at, which an index would only make slower
    first, last = db.session.execute(select(func.min(paid), func.max(paid)).where(Order.store_id + 0 == store_id)).one()
    other = aliased(Line)
    for told in (Line, other):
        beyond = told.opened_at.is_not(None)
        if first is not None:
            since, until = bounds(first.astimezone(BOOKS).date(), last.astimezone(BOOKS).date())
            # a payout tells the moment of the payment, a trade number only its day
            exact = (told.source == EXACT) & ((told.opened_at < first) | (told.opened_at > last))
            beyond &= (told.opened_at < since) | (told.opened_at >= until) | exact
        query = select(Line.id).where(beyond)
        same = (told.store_id == Line.store_id) & (told.order_no == Line.order_no)
        yield query if told is Line else query.join(told, same).distinct()
    fee = SettlementFee
    beyond = fee.paid_at.is_not(None) if first is None else (fee.paid_at < first) | (fee.paid_at > last)
    same = (fee.store_id == Line.store_id) & (fee.order_no == Line.order_no)
    yield select(Line.id).join(fee, same).where(beyond).distinct()
