"""What a bill says of itself, and whether its rows agree with that: account, period, totals, running balance. Pure."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta

from core.imports.rules import SHANGHAI, RowRejected, as_moment, as_money, bare, money_text
from core.imports.tables import Table
from core.messages import LIST, N_, Message, msg, together
from plugins.finance.books.balances import Movement

OPEN, CLOSE = r"[\[【(（]?", r"[\]】)）]?"
ACCOUNT = re.compile(rf"(?:支付宝)?[账帐][号户][:：]\s*[^\[【]{{0,64}}?{OPEN}\s*([\d*.…]{{8,32}})\s*{CLOSE}")
IN_NAME = re.compile(r"(?<!\d)(2088\d{12,16})(?!\d)")
MOMENT = r"(\d{4}[-/年.]\d{1,2}[-/月.]\d{1,2}日?(?:\s+\d{1,2}:\d{2}(?::\d{2})?)?)"
SINCE = re.compile(rf"起始(?:日期|时间)[:：]\s*{OPEN}\s*{MOMENT}")
UNTIL = re.compile(rf"终止(?:日期|时间)[:：]\s*{OPEN}\s*{MOMENT}")
TOTAL = re.compile(r"(支出|收入)合计[:：]\s*(\d+)\s*笔\s*[,，]?\s*共\s*([-+]?[\d,]+(?:\.\d+)?)\s*元")


def remarks_of(table: Table) -> str:
    """The lines above the header and the ``#`` lines, one after the other, without a spreadsheet's empty cells."""
    return "\n".join(",".join(cells).rstrip(", \t") for _, cells in table.remarks)


def accounts_of(table: Table) -> list[str]:
    """The account numbers that a bill names above its header; that in its name where it names none."""
    named = [found[1] for found in ACCOUNT.finditer(remarks_of(table))] or IN_NAME.findall(
        f"{table.sheet} {table.file}"
    )[:1]
    return list(dict.fromkeys(named))


def cut_off(table: Table) -> Iterator[Message]:
    """The refusal of a file that breaks off: its last row is not whole, and nothing of its own words comes below."""
    number, cells = (table.rows or [(0, [])])[-1]
    below = max((row for row, _ in (*table.remarks, *table.totals)), default=0)
    if number > max(below, table.memo.get("read_to", 0)) and not table.sound(cells):
        yield msg("The file breaks off in row %(row)s; download it again.", row=number)


def several(accounts: Sequence[str]) -> Message:
    """The refusal of a file that holds more than one account."""
    names = together(accounts, LIST)
    return msg("The file holds the lines of several accounts: %(names)s. Import one account at a time.", names=names)


@dataclass(frozen=True)
class Period:
    """From when until when a bill goes; ``until`` is exclusive."""

    since: datetime
    until: datetime

    def holds(self, at: datetime) -> bool:
        return self.since <= at < self.until


def period_of(table: Table) -> Period | None:
    """The period that a bill states; of bills put together, from the first beginning to the last end."""
    text = remarks_of(table)
    since = [as_moment(found[1]) for found in SINCE.finditer(text)]
    until = [as_moment(found[1]) for found in UNTIL.finditer(text)]
    if not since or not until:
        return None
    end = max(filter(None, until))
    # an end at midnight is the first moment that is out; any other end, such as 23:59:59, is the last that is in
    if end.astimezone(SHANGHAI).time() != time():
        end += timedelta(seconds=1)
    return Period(min(filter(None, since)), end)


@dataclass
class Totals:
    """How many movements and how much, by direction; both sums positive."""

    in_count: int = 0
    in_sum: int = 0
    out_count: int = 0
    out_sum: int = 0

    def add(self, amount: int) -> None:
        if amount < 0:
            self.out_count, self.out_sum = self.out_count + 1, self.out_sum - amount
        else:
            self.in_count, self.in_sum = self.in_count + bool(amount), self.in_sum + amount

    def __add__(self, other: "Totals") -> "Totals":
        return Totals(*(one + two for one, two in zip(vars(self).values(), vars(other).values(), strict=True)))


def totals_of(table: Table) -> Totals | None:
    """What the file itself says its rows add up to; the sums of bills put together, None where it says nothing."""
    said, words = Totals(), TOTAL.findall(remarks_of(table))
    for direction, count, amount in words:
        fen = abs(as_money(amount) or 0)
        if direction == "支出":
            said.out_count, said.out_sum = said.out_count + int(count), said.out_sum + fen
        else:
            said.in_count, said.in_sum = said.in_count + int(count), said.in_sum + fen
    return said if words else None


@dataclass
class Ledger:
    """A bill's movements, each once, and what all rows add up to; ``unread`` rows have no readable amount."""

    movements: list[Movement] = field(default_factory=list)
    once: Totals = field(default_factory=Totals)
    whole: Totals = field(default_factory=Totals)
    unread: int = 0


def signed(income: int | None, expense: int | None) -> int | None:
    """The movement of a row: income less expense, whose sign says nothing; None when both cells are empty."""
    if income is None and expense is None:
        return None
    return (income or 0) - abs(expense or 0)


def ledger_of(table: Table, moment: str = "at") -> Ledger:
    """The movements of a table with the fields ``income``, ``expense``, ``balance``, ``flow_no`` and a moment."""
    if "ledger" not in table.memo:
        table.memo["ledger"] = _ledger_of(table, moment)
    return table.memo["ledger"]


def _ledger_of(table: Table, moment: str) -> Ledger:
    cell, found, seen = _reader(table), Ledger(), set()
    for number, cells in table.rows:
        try:
            amount = signed(as_money(cell(cells, "income")), as_money(cell(cells, "expense")))
            at, balance = as_moment(cell(cells, moment)), as_money(cell(cells, "balance"))
        except RowRejected:
            amount = None
        if amount is None:
            found.unread += 1
            continue
        found.whole.add(amount)
        identity = bare(cell(cells, "flow_no")) or tuple(cells)
        if identity not in seen:
            seen.add(identity)
            found.once.add(amount)
            found.movements.append(Movement(number, at, amount, balance))
    return found


INCOME = N_(
    "The file says that it has %(said_count)s receipts of %(said)s together, but its rows are %(found_count)s of "
    "%(found)s; %(missing)s is missing. Rows were lost or changed: download it again."
)
EXPENSE = N_(
    "The file says that it has %(said_count)s payments of %(said)s together, but its rows are %(found_count)s of "
    "%(found)s; %(missing)s is missing. Rows were lost or changed: download it again."
)


def moments_of(table: Table, moment: str) -> list[tuple[int, datetime]]:
    """The rows that say when, and when."""
    cell, found = _reader(table), []
    for number, cells in table.rows:
        with suppress(RowRejected):
            if at := as_moment(cell(cells, moment)):
                found.append((number, at))
    return found


def _reader(table: Table) -> Callable[[Sequence[str], str], str]:
    places: Mapping[str, int] = table.columns

    def cell(cells: Sequence[str], name: str) -> str:
        position = places.get(name, len(cells))
        return cells[position] if position < len(cells) else ""

    return cell


def disagreements(said: Totals | None, ledger: Ledger) -> Iterator[Message]:
    """Where the rows do not add up to the file's own totals, which count a repeated row once, or as often as it is."""
    if said is None:
        return
    if ledger.unread:
        counted = {each.in_count + each.out_count + ledger.unread for each in (ledger.once, ledger.whole)}
        if said.in_count + said.out_count not in counted:
            yield msg(
                "The file says that it has %(said)s movements, but it has %(found)s; it is not whole.",
                said=said.in_count + said.out_count,
                found=max(counted),
            )
        return
    if said not in (ledger.once, ledger.whole):
        yield from differences(said, ledger.once)


def differences(said: Totals, near: Totals) -> Iterator[Message]:
    """In which direction, and by how much, what is said is not what is there."""
    for text, words, numbers in (
        (INCOME, (said.in_count, said.in_sum), (near.in_count, near.in_sum)),
        (EXPENSE, (said.out_count, said.out_sum), (near.out_count, near.out_sum)),
    ):
        if words != numbers:
            counts = {"said_count": words[0], "found_count": numbers[0]}
            sums = {"said": money_text(words[1]), "found": money_text(numbers[1])}
            yield Message(text, {**counts, **sums, "missing": money_text(words[1] - numbers[1])})


def local_text(at: datetime) -> str:
    """A moment as the bill writes it."""
    return f"{at.astimezone(SHANGHAI):%Y-%m-%d %H:%M:%S}"
