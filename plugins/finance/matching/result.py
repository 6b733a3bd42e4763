"""What comes of the orders and lines of a period: the class of every row, tie-outs, and the sums of both. Pure."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from core.imports.rules import money_text
from plugins.finance.matching import ties, totals
from plugins.finance.matching.classes import REFUND
from plugins.finance.matching.engine import Outcome, reconcile
from plugins.finance.matching.loading import Books
from plugins.finance.matching.returns import taken_back
from plugins.finance.matching.rules import RuleSet
from plugins.finance.matching.totals import Class, Side


def matched(books: Books, rules: RuleSet) -> Outcome:
    """The class of every row."""
    back = taken_back(books.orders, books.lines)
    if len(back):
        books.lines.iloc[back, books.lines.columns.get_loc("part")] = REFUND
    return reconcile(books.orders, books.lines, rules, books.usual)


def checks(count: int, books: Books, outcome: Outcome, rows: tuple[Side, ...], rules: RuleSet) -> Iterator[ties.Tie]:
    """The tie-outs of books and statement; ``count`` is how many lines there are, counted where they come from."""
    of_orders, of_lines = totals.both(rows)
    money = int(books.lines["amount"].to_numpy().sum())
    paid = int(books.orders["total"].to_numpy()[outcome.paid].sum())
    again = [(len(side.ids), int(side.amounts.sum())) for side in rows[2:]]
    yield from ties.partition("orders", len(books.orders) + again[0][0], paid + again[0][1], of_orders)
    yield from ties.partition("lines", count + again[1][0], money + again[1][1], of_lines)
    yield from ties.books_to_statement(books.orders, books.lines, outcome)
    yield from ties.carry(books.orders, outcome)
    yield from ties.tolerated(outcome, rules)


def summary(books: Books, outcome: Outcome, rows: tuple[Side, ...], checked: Sequence[ties.Tie]) -> dict[str, Any]:
    """Counts, sums, classes and tie-outs, as the commands print them; without the differences."""
    of_orders, of_lines = totals.both(rows)
    amount = books.lines["amount"].to_numpy()
    return {
        "orders": {
            "count": _count(of_orders),
            "paid_count": int(outcome.paid.sum()),
            "paid": _sum(books.orders["total"], outcome.paid),
            "refunded": _sum(books.orders["refund"], outcome.paid),
        },
        "lines": {
            "count": _count(of_lines),
            "in": money_text(int(amount[amount > 0].sum())),
            "out": money_text(-int(amount[amount < 0].sum())),
        },
        "order_classes": totals.shown(of_orders),
        "line_classes": totals.shown(of_lines),
        "tie_out": {"ok": all(tie.ok for tie in checked), "checks": [tie.data() for tie in checked]},
        "receipt_due": outcome.due,
    }


def _count(found: dict[str, Class]) -> int:
    return sum(each.count for each in found.values())


def _sum(column: Any, rows: Any) -> str:
    return money_text(int(np.asarray(column)[rows].sum()))
