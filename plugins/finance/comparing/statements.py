"""What statements say of themselves, and whether their rows agree with that. Pure."""

from collections.abc import Iterable
from types import SimpleNamespace
from typing import Any

import numpy as np

from plugins.finance.books import bills
from plugins.finance.books.balances import Chain, Movement
from plugins.finance.books.importers import lines as importing
from plugins.finance.comparing.exported import Export
from plugins.finance.comparing.sides import Side
from plugins.finance.comparing.spans import moment_of, seconds_of
from plugins.finance.matching import ties
from plugins.finance.matching.controls import counted
from plugins.finance.matching.groups import Ints
from plugins.finance.matching.loading import Span
from plugins.finance.matching.loading_lines import MISSING_BALANCE

CHANNEL = "alipay"
SILENT = dict.fromkeys(("in_count", "in_sum", "out_count", "out_sum"))  # of a bill that tells no totals
Told = dict[str, object]


def account_of(export: Export) -> str:
    """The account that a statement is of."""
    return str(importing.facts(CHANNEL, export.table)["account"])


def said(bill: Side) -> list[Told]:
    """What a statement says of itself, once its lines agree with it as the import demands; refuses it otherwise."""
    export, lines = bill.exports[0], bill.columns
    table, amount = export.table, lines["amount"]
    once = bills.Totals(*counted(amount))
    ledger = bills.Ledger(once=once, whole=once + bills.Totals(*counted(amount[bill.repeated])))
    table.memo["ledger"] = ledger
    chain = _chain(amount, lines["balance"], lines["at"])
    if chain is None or not _lies_in(bills.period_of(table), lines["at"]):
        ledger.movements += _movements(table.header_row, bill)
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


def _movements(header: int, bill: Side) -> list[Movement]:
    told = (bill.columns[name].tolist() for name in ("at", "amount", "balance"))
    rows = np.flatnonzero(~bill.again)
    return [
        Movement(header + 1 + row, moment_of(at), amount, None if balance == MISSING_BALANCE else balance)
        for row, at, amount, balance in zip(rows.tolist(), *told, strict=True)
    ]


def controls(told: Iterable[Told], span: Span) -> list[Any]:
    """What statements say that touch a period, as ``Control`` would hold it; those of the same days put together."""
    found: dict[tuple[object, ...], Told] = {}
    for values in told:
        key = tuple(values[name] for name in ("account", "first_at", "until"))
        known = found.setdefault(key, values)
        if known is not values:
            found[key] = {**known, **importing.merge(importing.CONTROL, known, values)}
    made = [SimpleNamespace(**{**SILENT, **values}) for _, values in sorted(found.items())]
    return [each for each in made if each.first_at < span.end and each.until > span.start]
