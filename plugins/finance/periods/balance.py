"""The balance statement: books and statement of one account, brought to the same figure by what only one has. Pure.

It does not adjust the books. Every line's amount is signed as it counts in its column, in fen.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from core.messages import N_
from plugins.finance.matching.classes import LABELS

GROUP = {
    "account": "object", "code": "object", "carried": "bool", "total": "int64", "refund": "int64", "net": "int64",
    "received": "int64", "returned": "int64", "elsewhere": "int64", "orders": "int64",
}  # fmt: skip
LOOSE = {"account": "object", "code": "object", "fee": "bool", "amount": "int64"}

START, RECEIVED, PAID, ERROR = "start", "received", "paid", "error"
BOOKS = {
    START: N_("Balance of the books"),
    RECEIVED: N_("On the statement as received, not in the books"),
    PAID: N_("On the statement as paid, not in the books"),
    ERROR: N_("Errors in the books"),
}
STATEMENT = {
    START: N_("Balance of the statement"),
    RECEIVED: N_("In the books as received, not on the statement"),
    PAID: N_("In the books as paid, not on the statement"),
    ERROR: N_("Errors on the statement"),
}
WORDS = {
    "OPENING": N_("Opening balance"),
    "CARRIED": N_("Receivable from earlier periods"),
    "DUE": N_("Receivable from the period's orders"),
    "REFUNDS": N_("Refunds of these orders"),
    "CLOSING": N_("Closing balance by the statement"),
    "MOVED": N_("Movements by the statement; it states no balance"),
    "FEES": N_("Fees and deductions"),
    "LATER": N_("Refunds after the sale"),
    "OVER": N_("Refunds beyond those in the books"),
    "UNDER": N_("Refunds under way"),
    "ELSEWHERE": N_("Of orders received in another account"),
}
# The classes of orders whose money is still to come, in the order in which the statement lists them.
AWAITED = ("CROSS_OUT", "IN_TRANSIT", "MISSING_STMT", "CARRY_OPEN")
LOOSE_CODES = ("STMT_ONLY", "OTHER_PERIOD", "OTHER", "ELSEWHERE")
SETTLED = ("OK", "TOL", "CROSS_IN", "FEE")


@dataclass(frozen=True)
class Row:
    """One line: where it stands, what it is, of how many rows it is the sum."""

    place: str  # start, received, paid, error
    code: str
    count: int
    amount: int

    @property
    def label(self) -> str:
        return WORDS.get(self.code) or LABELS.get(self.code, self.code)


@dataclass(frozen=True)
class Balances:
    """What an account's statement says of itself at the period's ends; None where it says nothing."""

    opening: int | None = None
    closing: int | None = None


@dataclass(frozen=True)
class AccountSheet:
    """The two columns of one account."""

    account: str
    books: tuple[Row, ...]
    statement: tuple[Row, ...]

    @property
    def books_after(self) -> int:
        return sum(row.amount for row in self.books)

    @property
    def statement_after(self) -> int:
        return sum(row.amount for row in self.statement)

    @property
    def difference(self) -> int:
        return self.statement_after - self.books_after

    @property
    def flat(self) -> bool:
        return self.difference == 0

    def data(self) -> dict[str, Any]:
        """The account as JSON holds it."""
        sides = {"books": self.books, "statement": self.statement}
        return {
            "account": self.account,
            **{side: [[row.place, row.code, row.count, row.amount] for row in rows] for side, rows in sides.items()},
        }

    def sum(self, side: str, place: str) -> int:
        """What one place of a column comes to; ``side`` is ``books`` or ``statement``."""
        return sum(row.amount for row in getattr(self, side) if row.place == place)


@dataclass(frozen=True)
class BalanceSheet:
    """The balance statements of all accounts of a run."""

    accounts: tuple[AccountSheet, ...] = field(default_factory=tuple)

    @property
    def flat(self) -> bool:
        """Whether every account comes to the same figure from both sides; else nothing may be signed."""
        return all(sheet.flat for sheet in self.accounts)

    @property
    def difference(self) -> int:
        return sum(sheet.difference for sheet in self.accounts)

    def data(self) -> list[dict[str, Any]]:
        """The sheet as JSON holds it: what a run keeps."""
        return [sheet.data() for sheet in self.accounts]

    @classmethod
    def of(cls, data: Iterable[Mapping[str, Any]]) -> "BalanceSheet":
        """The sheet that ``data`` made."""
        return cls(
            tuple(
                AccountSheet(
                    each["account"], *(tuple(Row(*row) for row in each[side]) for side in ("books", "statement"))
                )
                for each in data
            )
        )


def table(shape: Mapping[str, str], rows: Iterable[Sequence[Any]] = ()) -> pd.DataFrame:
    """Rows as a table of ``GROUP`` or ``LOOSE``."""
    return pd.DataFrame(list(rows), columns=list(shape)).astype(shape)


def sheet_of(
    groups: pd.DataFrame, loose: pd.DataFrame, balances: Mapping[str, Balances], slack: int = 0
) -> BalanceSheet:
    """The balance statement of a run.

    A row of ``groups`` is what is paid together: an order, or several with one payment. ``net`` is the part of
    ``refund`` that lowered the order before it settled. ``received`` and ``returned`` (positive) are its lines wherever
    they were booked, ``elsewhere`` the part of them in other accounts than its own. ``loose`` are all other lines; a
    line elsewhere is among them as ``ELSEWHERE``. ``slack`` is how far an agreeing group may be off by the rules.
    """
    groups = _measured(groups, slack)
    names = sorted({*groups["account"], *loose["account"], *balances})
    return BalanceSheet(
        tuple(
            _account(
                name, groups[groups["account"] == name], loose[loose["account"] == name], balances.get(name, Balances())
            )
            for name in names
        )
    )


def _measured(groups: pd.DataFrame, slack: int) -> pd.DataFrame:
    """The groups with the refund that is ``due`` as lines, the ``gap`` between statement and books, and what it is."""
    total, refund, received, returned = (groups[each] for each in ("total", "refund", "received", "returned"))
    whole = received == total
    # the whole total came, and no line of the refund before it: the platform kept it out of both
    due = refund.where(~(whole & (groups["net"] > 0) & (returned < refund)), refund - groups["net"])
    gap = received - returned - total + due
    agreed = groups["code"].isin(SETTLED) & (gap != 0)
    # a refund after the sale is in no order file
    later = agreed & (gap < 0) & (refund == groups["net"]) & (whole | (received == total - refund))
    near = agreed & ~later & ((groups["code"] == "TOL") | (gap.abs() <= slack * groups["orders"]))
    return groups.assign(due=due, gap=gap, later=later, near=near)


def _account(name: str, groups: pd.DataFrame, loose: pd.DataFrame, says: Balances) -> AccountSheet:
    came = groups["received"] - groups["returned"]
    moved = int((came - groups["elsewhere"]).sum() + loose["amount"].sum())
    known = says.opening is not None
    opening = says.opening or 0
    closing = says.closing if says.closing is not None else opening + moved
    books = [*_receivable(groups, opening, known), *_not_booked(groups, loose)]
    statement = [Row(START, "CLOSING" if known else "MOVED", 1, closing), *_not_stated(groups, loose)]
    return AccountSheet(name, tuple(books), tuple(statement))


def _receivable(groups: pd.DataFrame, opening: int, known: bool) -> list[Row]:
    carried = groups["carried"]
    rows = [
        _row(START, "CARRIED", groups["total"][carried], groups["orders"][carried]),
        _row(START, "DUE", groups["total"][~carried], groups["orders"][~carried]),
        _row(START, "REFUNDS", -groups["due"][groups["due"] != 0]),
    ]
    return [*([Row(START, "OPENING", 1, opening)] if known else []), *filter(None, rows)]


def _not_booked(groups: pd.DataFrame, loose: pd.DataFrame) -> list[Row]:
    """What the statement has and the books lack: received, paid, and differing amounts."""
    code, amount, fee = loose["code"], loose["amount"], loose["fee"]
    in_books = ~code.isin([*LOOSE_CODES, "DUP_PAY"])
    gap = groups["gap"]
    rows = [_row(RECEIVED, each, amount[(code == each) & (amount > 0)]) for each in LOOSE_CODES]
    rows += [
        _row(PAID, "FEES", amount[in_books & fee]),
        _row(PAID, "LATER", gap[groups["later"]]),
        _row(PAID, "OVER", pd.concat([gap[(groups["code"] == "REFUND") & (gap < 0)], amount[code == "REFUND"]])),
        *(_row(PAID, each, amount[(code == each) & (amount < 0)]) for each in LOOSE_CODES),
        _row(ERROR, "AMOUNT", gap[groups["code"] == "AMOUNT"]),
        _row(ERROR, "TOL", gap[groups["near"]]),
    ]
    return [row for row in rows if row]


def _not_stated(groups: pd.DataFrame, loose: pd.DataFrame) -> list[Row]:
    """What the books have and the statement lacks, and what the statement has twice."""
    gap, away = groups["gap"], groups["elsewhere"]
    rows = [_row(RECEIVED, each, -gap[groups["code"] == each]) for each in AWAITED]
    rows += [
        _row(RECEIVED, "ELSEWHERE", away[away > 0]),
        _row(PAID, "UNDER", -gap[(groups["code"] == "REFUND") & (gap > 0)]),
        _row(PAID, "ELSEWHERE", away[away < 0]),
        _row(ERROR, "DUP_PAY", -loose["amount"][loose["code"] == "DUP_PAY"]),
    ]
    return [row for row in rows if row]


def _row(place: str, code: str, amounts: pd.Series, counts: pd.Series | None = None) -> Row | None:
    if not len(amounts):
        return None
    return Row(place, code, int(len(amounts) if counts is None else counts.sum()), int(np.sum(amounts.to_numpy())))
