"""Compare files with each other as a run compares what is stored, and store nothing. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property, partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from core.contracts import Importer
from core.messages import msg
from core.stores.importers.orders import ORDERS
from plugins.finance.books.importers.alipay import STATEMENT
from plugins.finance.books.models import Control
from plugins.finance.comparing.cells import Numbers
from plugins.finance.comparing.exported import opened
from plugins.finance.comparing.lines import read_lines
from plugins.finance.comparing.orders import read_orders
from plugins.finance.comparing.parcels import put_to_orders
from plugins.finance.comparing.period import Files, books_of, look_back
from plugins.finance.comparing.sides import Key, Side, once, placed, whole
from plugins.finance.comparing.spans import moment_of, seconds_of
from plugins.finance.comparing.statements import account_of, controls, said
from plugins.finance.differences.rules import Found
from plugins.finance.matching import result, ties, totals
from plugins.finance.matching.controls import counted, counted_of, stated
from plugins.finance.matching.earlier import Earlier
from plugins.finance.matching.engine import Outcome
from plugins.finance.matching.findings import found_by
from plugins.finance.matching.groups import Ints
from plugins.finance.matching.loading import Books, Span
from plugins.finance.matching.repeats import Rows
from plugins.finance.matching.rules import RuleSet

KNOWN = (ORDERS, STATEMENT)
RULES = RuleSet()
ORDER = Key(
    "no",
    (),
    "order_no",
    msg("Another row of this order says something else; only the import knows which of them counts."),
)
LINE = Key("key", ("amount", "account"), "flow_no", msg("Another row with this number says something else."))


@dataclass
class Compared:
    """What a comparison comes to."""

    files: Files
    books: Books
    outcome: Outcome
    again: tuple[Rows, Rows]
    rows: tuple[totals.Side, ...]
    checks: list[ties.Tie]
    earlier: Earlier

    @cached_property
    def found(self) -> list[Found]:
        """Every difference, each matter once."""
        about = (self._about_orders, self._about_lines)
        return found_by(self.books, self.outcome, self.again, self.earlier.expected, about)

    def summary(self) -> dict[str, Any]:
        """Counts, sums, classes and tie-outs; without the differences."""
        return result.summary(self.books, self.outcome, self.rows, self.checks)

    def _about_orders(self, rows: Ints) -> Mapping[int, Any]:
        columns, text = self.files.orders.columns, self.files.codes.orders.text
        told = zip(rows.tolist(), *(columns[name][rows].tolist() for name in ("no", "total", "moment")), strict=True)
        return {
            row: SimpleNamespace(id=None, order_no=text(no), total=total, at=moment_of(at))
            for row, no, total, at in told
        }

    def _about_lines(self, rows: Ints) -> Mapping[int, Any]:
        columns, files = self.files.lines.columns, self.files
        names = ("account", "key", "order", "amount", "at")
        told = zip(rows.tolist(), *(columns[name][rows].tolist() for name in names), strict=True)
        return {
            row: SimpleNamespace(
                id=None,
                key=f"{files.accounts[account]}:{files.codes.flows.text(key)}",
                order_no=files.codes.orders.text(order),
                order_id=None,
                amount=amount,
                at=moment_of(at),
            )
            for row, account, key, order, amount, at in told
        }


def compare(
    orders: Sequence[Path], statements: Sequence[Path], first: date, last: date, known: Sequence[Importer] = KNOWN
) -> Compared:
    """Compare the orders of some exports with the lines of some statements from ``first`` to ``last``, both inclusive.

    Files are told apart by ``known`` importers. By the default rules, for files are of no store.
    """
    span = Span.of(first, last, RULES)
    files, told = read(orders, statements, span, known)
    books, kept = books_of(files, span, RULES)
    outcome = result.matched(books, RULES)
    back = look_back(files, books, outcome, RULES)
    again = (files.orders.repeats(kept[0]), files.lines.repeats(kept[1]))
    rows = totals.sides(books.orders, books.lines, outcome, again)
    checks = [
        *result.checks(len(kept[1]), books, outcome, rows, RULES),
        *stated(books, controls(told, span), partial(_lines_of, files, books)),
    ]
    return Compared(files, books, outcome, again, rows, checks, back)


def read(
    orders: Sequence[Path], statements: Sequence[Path], span: Span, known: Sequence[Importer]
) -> tuple[Files, list[dict[str, Any]]]:
    """What the files hold, and what the statements say of themselves."""
    codes = Numbers()
    exports = [opened(path, known, ORDERS) for path in once(orders)]
    bills = [opened(path, known, STATEMENT) for path in once(statements)]
    sold = [read_orders(each, codes) for each in exports]
    accounts, start = sorted({account_of(each) for each in bills}), seconds_of(span.start)
    moved = [read_lines(each, RULES, codes, accounts.index(account_of(each)), start) for each in bills]
    lines = Side.of(bills, moved, LINE)
    apart = (
        [lines] if len(bills) == 1 else [Side.of([bill], [each], LINE) for bill, each in zip(bills, moved, strict=True)]
    )
    told = [values for each in apart for values in said(each)]
    every = whole(sold)
    again, lines.columns["place"] = placed(every["no"], lines.columns["order"])
    of_orders = Side.without(exports, sold, every, ORDER._replace(alike=[*every]), again)
    if codes.parcels:
        at = lines.columns["at"]
        put_to_orders(lines, of_orders, codes, (at >= start) & (at < seconds_of(span.end)))
    return Files(of_orders, lines, accounts, codes), told


def _lines_of(files: Files, books: Books, control: Control) -> tuple[int, ...]:
    """Count and sum of the lines of a statement's period."""
    if (control.first_at, control.until) == (books.span.start, books.span.end):
        return counted_of(books, control.account)
    columns = files.lines.columns
    start, end = (seconds_of(each) for each in (control.first_at, control.until) if each)
    mine = (columns["at"] >= start) & (columns["at"] < end)
    return counted(columns["amount"][mine & (columns["account"] == files.accounts.index(control.account))])
