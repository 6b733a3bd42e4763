"""What a run found not to agree, as the rows that become differences."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import func, select

from core.columns import UTCDateTime
from core.extensions import db
from core.stores.models import Order
from plugins.finance.books.models import Line
from plugins.finance.differences.rules import Found, pattern_of
from plugins.finance.matching.classes import (
    DIFFERENCES,
    LINE_CLASSES,
    MERGED,
    OF_THEIR_ORDER,
    ORDER_CLASSES,
    REPEATS,
    line_code,
    order_code,
)
from plugins.finance.matching.engine import Outcome, open_amount
from plugins.finance.matching.groups import NONE, Ints
from plugins.finance.matching.loading import Books
from plugins.finance.matching.repeats import Rows
from plugins.finance.periods.rules import BOOKS

About = Callable[[Ints], Mapping[int, Any]]
CHUNK = 5_000
NOTHING_CAME = ("MISSING_STMT", "CROSS_OUT", "CARRY_OPEN")


def found_by(
    books: Books,
    outcome: Outcome,
    again: tuple[Rows, Rows],
    expected: Mapping[int, int] | None = None,
    about: tuple[About, About] | None = None,
) -> list[Found]:
    """Every difference of a run, each matter once: a line that belongs to an order that differs is told there.

    ``expected`` is what was still to come of lines (by row) for orders that are not of the run. ``about`` tells more of
    orders and of lines, by id; without it the database does.
    """
    of_orders, of_lines = about or (_about_orders, _about_lines)
    return [
        *_orders(books, outcome, of_orders),
        *_lines(books, outcome, expected or {}, of_lines),
        *_repeated(books, again, (of_orders, of_lines)),
    ]


def _found(told: Any, side: str, code: str, expected: int, found: int, **more: Any) -> Found:
    at, key = told.at, more.pop("key")
    pattern = pattern_of(code, found - expected, at.astimezone(BOOKS).date())
    return Found(key, side, code, found - expected, at, expected, found, pattern=pattern, **more)


def _orders(books: Books, outcome: Outcome, about: About) -> Iterator[Found]:
    wanted = [order_code(code) for code in DIFFERENCES if code in ORDER_CLASSES]
    rows = np.flatnonzero(np.isin(outcome.orders, wanted))
    told, numbers = about(books.orders["id"].to_numpy()[rows]), books.orders["key"]
    left, group = open_amount(outcome, books.orders), outcome.receipts.group
    leads = _leads(books, group, rows)
    for row in rows.tolist():
        code = ORDER_CLASSES[outcome.orders[row]]
        lead = leads[int(group[row])]
        matters = _matters(outcome, row, code, str(numbers.iloc[lead]) if lead != row else "", int(left[row]))
        first, *others = matters
        order = told[int(books.orders["id"].iloc[row])]
        yield _found(
            order,
            "order",
            code,
            first["expected"],
            first["found"],
            key=f"order:{order.order_no}",
            findings=tuple(others),
            order_no=order.order_no,
            order_id=order.id,
        )


def _leads(books: Books, group: NDArray[np.int64], rows: NDArray[np.int64]) -> dict[int, int]:
    """Of each payment group of these orders the one that carries its amount: the first by number."""
    mine = np.flatnonzero(np.isin(group, group[rows]))
    numbers = books.orders["key"].iloc[mine].tolist()
    found: dict[int, int] = {}
    for _, row in sorted(zip(numbers, mine.tolist(), strict=True)):
        found.setdefault(int(group[row]), row)
    return found


def _matters(outcome: Outcome, row: int, code: str, lead: str, left: int) -> list[dict[str, Any]]:
    """What is wrong with an order: first what its class says, then the rest.

    Of a payment for several orders, ``lead`` is the number of the one that carries its amount, if that is another.
    """
    got, group = outcome.receipts, int(outcome.receipts.group[row])
    matters = []
    if code in NOTHING_CAME:
        matters.append({"code": code, "expected": left, "found": 0})
    elif code == "AMOUNT":
        due, came = (0, 0) if lead else (int(got.due[group]), int(got.came[group]))
        matters.append({"code": code, "expected": due, "found": came})
        if got.size[group] > 1:
            matters.append({"code": MERGED, "orders": int(got.size[group]), "lead": lead})
    for name, verdict in (("REFUND", outcome.refunds), ("FEE", outcome.fees)):
        if verdict.wrong[row]:
            amounts = {"expected": -int(verdict.expected[row]), "found": -int(verdict.found[row])}
            matters.append({"code": name, **amounts})
    return matters


def _lines(books: Books, outcome: Outcome, expected: Mapping[int, int], about: About) -> Iterator[Found]:
    wanted = [line_code(code) for code in DIFFERENCES if code in LINE_CLASSES]
    theirs = np.isin(outcome.lines, [line_code(code) for code in OF_THEIR_ORDER])
    rows = np.flatnonzero(np.isin(outcome.lines, wanted) & ~(theirs & (outcome.receipts.line_group != NONE)))
    told = about(books.lines["id"].to_numpy()[rows])
    for row in rows.tolist():
        line = told[int(books.lines["id"].iloc[row])]
        code = LINE_CLASSES[outcome.lines[row]]
        yield _found(
            line,
            "line",
            code,
            expected.get(row, 0),
            line.amount,
            key=f"line:{line.key}",
            order_no=line.order_no,
            order_id=line.order_id,
            line_id=line.id,
        )


def _repeated(books: Books, again: tuple[Rows, Rows], about: tuple[About, About]) -> Iterator[Found]:
    """Rows that a file holds twice: expected and found say what the row was about, nothing is due.

    What an earlier file has, too, is no difference: that file was fetched for days that were there already.
    """
    frames = (books.orders, books.lines)
    for rows, frame, tell, side, code in zip(again, frames, about, ("order", "line"), REPEATS, strict=True):
        ids = frame["id"].to_numpy()[rows.places[rows.inside]]
        told = tell(np.unique(ids))
        seen: Counter[int] = Counter()
        for record in ids.tolist():
            row = told[record]
            seen[record] += 1
            name, amount = (row.order_no, row.total or 0) if side == "order" else (row.key, row.amount)
            key = f"repeat:{side}:{name}:{seen[record]}"
            yield _found(row, side, code, amount, amount, key=key, order_no=row.order_no, **{f"{side}_id": row.id})


def _about_orders(ids: NDArray[np.int64]) -> dict[int, Any]:
    at = func.coalesce(Order.paid_at, Order.ordered_at, type_=UTCDateTime).label("at")
    return _told(select(Order.id, Order.order_no, Order.total, at), Order.id, ids)


def _about_lines(ids: NDArray[np.int64]) -> dict[int, Any]:
    """Lines, each with its order if that is stored, of whichever period."""
    of = (Order.store_id == Line.store_id) & (Order.order_no == Line.order_no)
    columns = (Line.id, Line.key, Line.order_no, Line.amount, Line.at, Order.id.label("order_id"))
    return _told(select(*columns).outerjoin(Order, of), Line.id, ids)


def _told(query: Any, column: Any, ids: NDArray[np.int64]) -> dict[int, Any]:
    found: dict[int, Any] = {}
    for start in range(0, len(ids), CHUNK):
        part = query.where(column.in_(ids[start : start + CHUNK].tolist()))
        found.update((row.id, row) for row in db.session.execute(part))
    return found
