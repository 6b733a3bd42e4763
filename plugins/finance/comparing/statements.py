"""What statements say of themselves, and whether their rows agree with that. Pure."""

from collections.abc import Iterable

import numpy as np

from plugins.finance.books import bills
from plugins.finance.books.balances import Chain, Movement
from plugins.finance.books.importers import lines as importing
from plugins.finance.books.models import Control
from plugins.finance.comparing.exported import Export, Found
from plugins.finance.comparing.spans import moment_of, seconds_of
from plugins.finance.matching import ties
from plugins.finance.matching.controls import counted
from plugins.finance.matching.groups import Bools, Ints
from plugins.finance.matching.loading import Span
from plugins.finance.matching.loading_lines import MISSING_BALANCE

CHANNEL = "alipay"
Told = dict[str, object]


def account_of(export: Export) -> str:
    """The account that a statement is of."""
    return str(importing.facts(CHANNEL, export.table)["account"])


def said(export: Export, lines: Found, again: Bools) -> list[Told]:
    """What a statement says of itself, once its lines agree with it as the import demands; refuses it otherwise.

    ``again`` says which of its lines repeat others.
    """
    table, amount, rows = export.table, lines["amount"], np.flatnonzero(~again)
    once = bills.Totals(*counted(amount[rows]))
    ledger = bills.Ledger(once=once, whole=once + bills.Totals(*counted(amount[again])))
    table.memo["ledger"] = ledger
    chain = _chain(amount[rows], lines["balance"][rows], lines["at"][rows])
    if chain is None or not _lies_in(bills.period_of(table), lines["at"]):
        ledger.movements += _movements(table.header_row, rows, lines)
    if reasons := list(importing.check(table)):
        raise export.refusal(*reasons)
    found = [record.values for record in importing.whole(CHANNEL, table)]
    for values in found if chain else ():
        values.update(opening=chain.opening, closing=chain.closing, chained=True)
    return found


def _chain(amount: Ints, balance: Ints, at: Ints) -> Chain | None:
    """The balance's chain where it holds over all rows; None where that is to be looked at."""
    if not len(amount) or (balance == MISSING_BALANCE).any():
        return None
    tie = ties.chain("", balance - amount, balance, at)
    return Chain(True, tie.expected - int(amount.sum()), tie.found) if tie.ok else None


def _lies_in(period: bills.Period | None, at: Ints) -> bool:
    if period is None or not len(at):
        return True
    return bool(at.min() >= seconds_of(period.since) and at.max() < seconds_of(period.until))


def _movements(header: int, rows: Ints, lines: Found) -> list[Movement]:
    told = (lines[name][rows].tolist() for name in ("at", "amount", "balance"))
    return [
        Movement(header + 1 + row, moment_of(at), amount, None if balance == MISSING_BALANCE else balance)
        for row, at, amount, balance in zip(rows.tolist(), *told, strict=True)
    ]


def controls(told: Iterable[Told], span: Span) -> list[Control]:
    """What statements say that touch a period, those of the same days put together as the import does."""
    found: dict[tuple[object, ...], Told] = {}
    for values in told:
        key = tuple(values[name] for name in ("account", "first_at", "until"))
        known = found.setdefault(key, values)
        if known is not values:
            found[key] = {**known, **importing.merge(importing.CONTROL, known, values)}
    made = [Control(**values) for _, values in sorted(found.items())]
    return [each for each in made if each.first_at < span.end and each.until > span.start]
