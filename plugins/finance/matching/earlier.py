"""Look back at orders of earlier periods of which lines come in this one."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pandas as pd
from sqlalchemy import select

from core.extensions import db
from core.stores.models import Order
from plugins.finance.books.models import Line
from plugins.finance.matching import late, loading, loading_lines
from plugins.finance.matching.classes import OTHER, REFUND, line_code
from plugins.finance.matching.engine import Outcome
from plugins.finance.matching.frames import numbers, picked
from plugins.finance.matching.groups import Ints
from plugins.finance.matching.keys import Codes
from plugins.finance.matching.loading import Books, Span, moment
from plugins.finance.matching.manual import given
from plugins.finance.matching.returns import taken_back
from plugins.finance.matching.rules import RuleSet

CHUNK = 5_000
EVER = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass
class Earlier:
    """What looking back found: what of a line (by its row) was still to be expected, and the orders (by number) of
    which everything agrees by now."""

    expected: dict[int, int] = field(default_factory=dict)
    settled: frozenset[str] = frozenset()


def look_back(store_id: int, books: Books, outcome: Outcome, rules: RuleSet) -> Earlier:
    """Judge the period's lines of orders of earlier periods, and put those that go beyond into their class."""
    ids = books.lines["id"].to_numpy()[homeless(books, outcome)]
    wanted = _orders(store_id, books.span.start, ids)
    if not wanted:
        return Earlier()
    return judged(books, outcome, ids, _frames(store_id, books.span, wanted, rules), rules)


def homeless(books: Books, outcome: Outcome) -> Ints:
    """The rows of lines whose order is not of the period."""
    unknown = np.isin(outcome.lines, [line_code("OTHER_PERIOD"), line_code("STMT_ONLY")])
    return np.flatnonzero(unknown & (books.lines["part"].to_numpy() != OTHER))


def judged(
    books: Books, outcome: Outcome, ids: Ints, frames: tuple[pd.DataFrame, pd.DataFrame], rules: RuleSet
) -> Earlier:
    """Put the lines with these ids into their class, by earlier orders and all that ever came for them."""
    orders, lines = frames
    back = taken_back(orders, lines)
    lines.iloc[back, lines.columns.get_loc("part")] = REFUND
    now = np.isin(lines["id"].to_numpy(), ids)
    found = late.look(orders, lines, now, rules)
    place = pd.Index(books.lines["id"].to_numpy()).get_indexer(lines["id"].to_numpy()[now])
    outcome.lines[place] = found.codes[now]
    expected = dict(zip(place.tolist(), found.expected[now].tolist(), strict=True))
    return Earlier(expected, frozenset(orders["key"][found.settled]))


def _chunks(items: Sequence[Any]) -> Iterator[Sequence[Any]]:
    return (items[start : start + CHUNK] for start in range(0, len(items), CHUNK))


def _orders(store_id: int, before: datetime, lines: Ints) -> dict[int, str | None]:
    """The earlier orders that lines name, by number or by payment, and those that were paid together with them: ids,
    and numbers of payments."""
    mine = (Order.store_id == store_id, moment() < before)
    told = select(Order.id, Order.payment_no).where(*mine)
    found: dict[int, str | None] = {}
    payments: set[str] = set()
    for chunk in _chunks(lines.tolist()):
        named = told.join(Line, (Line.store_id == Order.store_id) & (Line.order_no == Order.order_no))
        found.update(map(tuple, db.session.execute(named.where(Line.id.in_(chunk)))))
        trades = select(Line.trade_no).where(Line.id.in_(chunk), Line.order_no.is_(None), Line.trade_no.is_not(None))
        payments.update(db.session.scalars(trades))
    these = set(lines.tolist())
    by_hand = {order for line, order in given(store_id).orders.items() if line in these}
    for chunk in _chunks(sorted(by_hand)):
        found.update(map(tuple, db.session.execute(told.where(Order.order_no.in_(chunk)))))
    payments.update(filter(None, found.values()))
    for chunk in _chunks(sorted(payments)):
        found.update(map(tuple, db.session.execute(told.where(Order.payment_no.in_(chunk)))))
    return found


def _frames(
    store_id: int, span: Span, wanted: dict[int, str | None], rules: RuleSet
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """These orders, and all their lines up to the period's end."""
    order_codes, trade_codes = Codes(), Codes()
    whole = Span(EVER, span.end, span.end)
    some = [[Order.id.in_(chunk)] for chunk in _chunks(sorted(wanted))]
    orders = loading.framed(picked(loading.told(whole), some), order_codes, trade_codes)
    orders = loading.rated(store_id, orders, rules)
    mine = (Line.store_id == store_id, Line.at < span.end)
    matches = given(store_id)
    known = set(orders["key"])
    parts = [[*mine, Line.order_no.in_(chunk)] for chunk in _chunks(sorted(known))]
    payments = sorted(filter(None, set(wanted.values())))
    parts += [[*mine, Line.order_no.is_(None), Line.trade_no.in_(chunk)] for chunk in _chunks(payments)]
    by_hand = [line for line, order in matches.orders.items() if order in known]
    parts += [[*mine, Line.id.in_(chunk)] for chunk in _chunks(by_hand)]
    found = picked(loading_lines.told(), parts)
    _, once = np.unique(numbers(found, "id"), return_index=True)
    lines, _ = loading_lines.framed(found.take(once), rules, order_codes, trade_codes)
    loading_lines.by_hand(lines, matches, order_codes)
    lines["elsewhere"] = False
    return orders, lines
