"""The workbook of a run: differences, class totals, balance statement and checks, in cells of their own kind."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from core.columns import now
from core.exports import Sheet, workbook_bytes
from core.messages import N_
from core.web import say
from plugins.finance.matching.models import Run
from plugins.finance.periods import names, papers
from plugins.finance.periods.balance import BOOKS, STATEMENT, AccountSheet
from plugins.finance.periods.balances import balance_sheet
from plugins.finance.periods.rules import BOOKS as ZONE

DIFFERENCES = (
    N_("Class code"),
    N_("Class"),
    N_("Order number"),
    N_("Statement flow number"),
    N_("Books"),
    N_("Statement"),
    N_("Difference"),
    N_("Happened at"),
    N_("Age in days"),
    N_("Owner team"),
    N_("Task"),
    N_("State"),
    N_("How it was settled"),
    N_("Reason"),
    N_("Settled by"),
    N_("Due"),
)
CLASSES = (N_("Side"), N_("Class code"), N_("Class"), N_("Count"), N_("Amount"))
BALANCE = (N_("Account"), N_("Side"), N_("Place"), N_("Line"), N_("Count"), N_("Amount"))
CHECKS = (N_("Check"), N_("Of"), N_("Figure"), N_("Should be"), N_("Actual"), N_("Agrees"))
FACTS = (N_("Fact"), N_("Value"))
ELSEWHERE = N_("holds nothing of these days")
ORDER_SIDE, LINE_SIDE = N_("Orders"), N_("Statement rows")


def workbook(run: Run) -> bytes:
    """All of a run as one Excel file, in the reader's language."""
    return workbook_bytes(
        [
            _sheet(N_("Differences"), DIFFERENCES, _differences(run), (14, 16, 22, 22, 12, 12, 12, 19)),
            _sheet(N_("Class totals"), CLASSES, _classes(run), (10, 14, 22, 10, 16)),
            _sheet(N_("Balance statement"), BALANCE, _balance(run), (30, 10, 30, 30, 10, 16)),
            _sheet(N_("Tie-out"), CHECKS, _checks(run), (34, 30, 12, 16, 16, 10)),
            _sheet(N_("Run and files"), FACTS, _facts(run), (22, 70)),
        ]
    )


def _sheet(name: str, header: Sequence[str], rows: Iterator[Sequence[Any]], widths: Sequence[int]) -> Sheet:
    return Sheet(say(name), [say(label) for label in header], rows, widths)


def yuan(fen: int | None) -> Decimal | str:
    """Fen as an amount of a cell; an empty cell where nothing is known."""
    return "" if fen is None else Decimal(fen) / 100


def local(at: datetime | None) -> datetime | str:
    """A moment by the clock of the books."""
    return at.astimezone(ZONE).replace(tzinfo=None, microsecond=0) if at else ""


def _differences(run: Run) -> Iterator[Sequence[Any]]:
    rows = papers.differences(run.id)
    for row, days in zip(rows, papers.ages(rows, now()), strict=True):
        yield (
            row["code"],
            say(row["label"]),
            row["order_no"],
            row["flow"],
            yuan(row["expected"]),
            yuan(row["found"]),
            yuan(row["amount"]),
            local(row["happened_at"]),
            days,
            say(row["owner"]),
            row["task"],
            say(row["state"]),
            say(row["resolution"]),
            row["reason"],
            say(", ").join(row["by"]),
            local(row["due_at"]),
        )


def _classes(run: Run) -> Iterator[Sequence[Any]]:
    told = papers.totals(run)
    for side, name in ((ORDER_SIDE, "order_classes"), (LINE_SIDE, "line_classes")):
        for row in told[name]:
            yield say(side), row["code"], say(row["label"]), row["count"], yuan(row["amount"])


def _balance(run: Run) -> Iterator[Sequence[Any]]:
    for each in balance_sheet(run).accounts:
        yield from _account(each)


def _account(each: AccountSheet) -> Iterator[Sequence[Any]]:
    sides = (
        (N_("Books"), BOOKS, each.books, N_("Adjusted balance of the books"), each.books_after),
        (N_("Statement"), STATEMENT, each.statement, N_("Adjusted balance of the statement"), each.statement_after),
    )
    named = names.account(each.account)
    account = f"{say(named['channel'])} {named['number']}"
    for side, labels, rows, after, amount in sides:
        for row in rows:
            yield account, say(side), say(labels[row.place]), say(row.label), row.count, yuan(row.amount)
        yield account, say(side), say(after), "", "", yuan(amount)
    yield (
        account,
        say(N_("Flat") if each.flat else N_("NOT FLAT")),
        say(N_("Difference")),
        "",
        "",
        yuan(each.difference),
    )


def _checks(run: Run) -> Iterator[Sequence[Any]]:
    for check in papers.totals(run)["checks"]:
        figures = (yuan(check[side]) if check["money"] else check[side] for side in ("expected", "found"))
        agrees = N_("Yes") if check["ok"] else N_("No")
        yield say(check["label"]), check["of"], say(check["figure"]), *figures, say(agrees)


def _facts(run: Run) -> Iterator[Sequence[Any]]:
    yield say(N_("Store")), run.store.title
    yield say(N_("First day")), run.first
    yield say(N_("Last day")), run.last
    yield say(N_("Run")), run.id
    yield say(N_("Reconciled at")), local(run.at)
    yield say(N_("Reconciled by")), run.by_name
    yield say(N_("Rules")), run.rule_set.version if run.rule_set else say(N_("default rules"))
    yield say(N_("Digest")), run.digest
    for here in (True, False):
        without = "" if here else f" · {say(ELSEWHERE)}"
        for file in papers.files(run, here):
            yield (file.get("file") or "") + without, file.get("sha256") or ""
    for again in run.totals.get("repeats", ()):
        yield f"{again['file']} · {say(N_('Repeated rows'))}", again["inside"] + again["overlap"]
