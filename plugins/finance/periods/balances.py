"""The balance statement of a run: measured when it is made, and kept with it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import numpy as np
import pandas as pd
from sqlalchemy import func, select

from core.extensions import db
from plugins.finance.books.models import Control, Line
from plugins.finance.matching.classes import FEE, LINE, LINE_CLASSES, ORDER, ORDER_CLASSES, PAY, REFUND
from plugins.finance.matching.frames import ints, joined
from plugins.finance.matching.groups import NONE, Ints, Receipts, receipts, sums
from plugins.finance.matching.loading import Books, load
from plugins.finance.matching.models import Result, Run
from plugins.finance.matching.rules import RuleSet, rule_set
from plugins.finance.periods.balance import GROUP, LOOSE_CODES, Balances, BalanceSheet, sheet_of, table
from plugins.finance.periods.rules import bounds

KEPT = "balance"  # among a run's totals
NO_ACCOUNT = "-"

# Of orders that were paid together the one furthest down says what they are.
RANK = {code: rank for rank, code in enumerate(
    ("UNPAID", "OK", "TOL", "CROSS_IN", "FEE", "REFUND", "AMOUNT", "IN_TRANSIT", "CARRY_OPEN", "CROSS_OUT",
     "MISSING_STMT", "DUP_ORDER")
)}  # fmt: skip


def balance_sheet(run: Run) -> BalanceSheet:
    """The balance statement of ``run``, as it was kept or, of a run without one, as its rows are now."""
    kept = run.totals.get(KEPT)
    if kept is not None:
        return BalanceSheet.of(kept)
    rules = rule_set(run.rule_set.data if run.rule_set else None)
    books = load(run.store_id, run.first, run.last, rules)
    orders, lines = (
        _codes(run.id, side, frame["id"].to_numpy())
        for side, frame in ((ORDER, books.orders), (LINE, books.lines))
    )  # fmt: skip
    return measure(run, books, receipts(books.orders, books.lines), (orders, lines), rules)


def _codes(run_id: int, side: int, ids: Ints) -> Ints:
    """The class of each record in a run; -1 for one that it did not look at."""
    query = select(Result.record_id, Result.code).where(Result.run_id == run_id, Result.side == side)
    records, codes = (ints(column) for column in joined(query))
    places = pd.Index(records).get_indexer(ids)
    return np.where(places == NONE, NONE, codes[places]) if len(codes) else np.full(len(ids), NONE, np.int64)


def measure(run: Run, books: Books, got: Receipts, codes: tuple[Ints, Ints], rules: RuleSet) -> BalanceSheet:
    """The balance statement of what a run put into classes; ``codes`` are places of its orders in ``ORDER_CLASSES``
    and of its lines in ``LINE_CLASSES``."""
    order_codes, line_codes = codes
    names = [*books.lines.attrs.get("accounts", []), NO_ACCOUNT]
    lines = books.lines
    part, account = lines["part"].to_numpy(), lines["account"].to_numpy()
    classes = np.array([*LINE_CLASSES, ""], object)[line_codes]
    receipt = (part == PAY) & (got.line_group != NONE) & (classes != "DUP_PAY")
    refund = (part == REFUND) & (got.place != NONE)
    attached = (receipt | refund) & ~np.isin(classes, LOOSE_CODES)
    group = (
        np.where(receipt, got.line_group, np.where(refund, got.group[got.place], NONE))
        if len(got.group)
        else got.line_group
    )
    home = _homes(len(got.due), group, account, attached & receipt, names)
    amount = lines["amount"].to_numpy()
    away = attached.copy()
    away[attached] = account[attached] != home[group[attached]]
    paid = ORDER_CLASSES.index("UNPAID") != order_codes
    groups = _groups(books.orders, got, order_codes, paid)
    for name, which, sign in (("received", receipt, 1), ("returned", refund, -1)):
        rows = np.flatnonzero(attached & which)
        groups[name] = sums(group[rows], sign * amount[rows], len(groups))
    groups["elsewhere"] = sums(group[away], amount[away], len(groups))
    groups["account"] = np.array(names, object)[home]
    groups = groups[(groups["code"] != "UNPAID") | (groups["received"] != 0) | (groups["returned"] != 0)]
    rest = ~attached
    tied = np.isin(classes, [*LOOSE_CODES, "DUP_PAY"])
    loose = pd.DataFrame(
        {
            "account": np.array(names, object)[np.concatenate([account[rest], account[away]])],
            "code": np.concatenate([classes[rest], np.full(int(away.sum()), "ELSEWHERE", object)]),
            "fee": np.concatenate([((part == FEE) & ~tied)[rest], np.zeros(int(away.sum()), bool)]),
            "amount": np.concatenate([amount[rest], amount[away]]),
        }
    )
    slack = max(rules.tolerance["pay"].fen, rules.tolerance["refund"].fen)
    says = _balances(run, [name for name in names if name != NO_ACCOUNT])
    return sheet_of(groups[list(GROUP)], loose, says, slack)


def _homes(count: int, group: Ints, account: Ints, receipt: Any, names: list[str]) -> Ints:
    """The account of each group: that of its first receipt, or of most receipts where it has none."""
    rows = np.flatnonzero(receipt)
    usual = np.bincount(account[rows], minlength=len(names)) if len(rows) else np.zeros(len(names), np.int64)
    main = int(usual.argmax()) if usual.any() else 0 if len(names) > 1 else len(names) - 1
    home = np.full(count, main, np.int64)
    home[group[rows[::-1]]] = account[rows[::-1]]
    return home


def _groups(orders: pd.DataFrame, got: Receipts, codes: Ints, paid: Any) -> pd.DataFrame:
    if not len(orders):
        return table(GROUP)
    count, group = len(got.due), got.group
    ranks = np.array([RANK[code] for code in ORDER_CLASSES] + [0])[codes]
    highest = np.zeros(count, np.int64)
    np.maximum.at(highest, group, ranks)
    members, total, refund = group[paid], orders["total"].to_numpy()[paid], orders["refund"].to_numpy()[paid]
    carried = np.zeros(count, bool)
    carried[group] = (orders["flags"].to_numpy() & 2) != 0
    return pd.DataFrame(
        {
            "code": np.array(list(RANK), object)[highest],
            "carried": carried,
            "total": sums(members, total, count),
            "refund": sums(members, refund, count),
            "net": sums(members, np.where(orders["net"].to_numpy()[paid], refund, 0), count),
            "orders": sums(members, np.ones(len(members), np.int64), count),
        }
    )


def _balances(run: Run, accounts: list[str]) -> Mapping[str, Balances]:
    """What the statements say of each account at the period's ends."""
    start, end = bounds(run.first, run.last)
    chained = (Control.chained, Control.opening.is_not(None), Control.closing.is_not(None))
    mine = (Control.store_id == run.store_id, Control.first_at < end, Control.until > start)
    query = select(Control).where(*mine, *chained).order_by(Control.account, Control.first_at, Control.until)
    found: dict[str, list[Control]] = {}
    for row in db.session.scalars(query):
        found.setdefault(row.account, []).append(row)
    return {name: _ends(found[name], start, end) for name in accounts if name in found}


def _ends(rows: list[Control], start: datetime, end: datetime) -> Balances:
    """Balances at the period's ends from those at the files' ends, by what moved between the two."""
    first, last = rows[0], max(rows, key=lambda row: row.until or end)
    opening, closing = first.opening or 0, last.closing or 0
    return Balances(
        opening + _moved(first, first.first_at or start, start), closing - _moved(last, end, last.until or end)
    )


def _moved(row: Control, since: datetime, until: datetime) -> int:
    """What moved in the account between two moments; the other way round if they stand the other way round."""
    low, high = min(since, until), max(since, until)
    mine = (Line.store_id == row.store_id, Line.account == row.account, Line.at >= low, Line.at < high)
    moved = db.session.scalar(select(func.coalesce(func.sum(Line.amount), 0)).where(*mine)) if low < high else 0
    return int(moved or 0) * (1 if since <= until else -1)
