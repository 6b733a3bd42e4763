"""What the importers of account files have in common: a movement's record, the file's own words checked and kept."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from core.contracts import ImportRecord
from core.imports.rules import ROUNDED, SCIENTIFIC, RowRejected, differing, filling, money_text, rounded_digits
from core.imports.tables import Table
from core.messages import Message, msg
from plugins.finance.books import bills
from plugins.finance.books.balances import Chain, broken, chain_of
from plugins.finance.books.rules import find_order, opened_at

LINE, CONTROL = "finance.line", "finance.control"
UNKNOWN = "unknown"
SAME_KIND = {"分账": "交易分账"}  # two downloads of one line word it differently


def facts(channel: str, table: Table) -> Mapping[str, Any]:
    """The account that a bill is of, which none of its rows says."""
    named = bills.accounts_of(table)
    return {"account": f"{channel}:{named[0] if named else UNKNOWN}"}


def line(source: str, row: Mapping[str, Any], *, amount: int | None, at: datetime | None, **more: Any) -> ImportRecord:
    """The record of one movement, from its cleaned cells; raises ``RowRejected`` without amount or time.

    Its key is the account and the movement's own number; without one, all that tells it from others.
    """
    if amount is None:
        raise RowRejected(msg("The amount is missing."), "income" if "income" in row else "amount", "")
    if at is None:
        raise RowRejected(msg("The time is missing."), "at", "")
    merchant, trade, kind = row.get("merchant_no"), row.get("trade_no"), row.get("kind") or ""
    if merchant and (SCIENTIFIC.fullmatch(merchant) or rounded_digits(merchant) >= 4):
        raise RowRejected(ROUNDED, "merchant_no")
    values = {
        "source": source,
        "account": row["account"],
        "flow_no": row.get("flow_no"),
        "trade_no": trade,
        "merchant_no": merchant,
        "base_order_no": row.get("base_order_no"),
        "at": at,
        "kind": kind,
        "subject": row.get("subject"),
        "memo": row.get("memo") or row.get("paid_memo") or row.get("goods"),
        "amount": amount,
        "balance": row.get("balance"),
        "opened_at": opened_at(trade, kind),
    }
    order, by, waybill = find_order(row.get("base_order_no"), merchant, values["memo"])
    values |= {"order_no": order, "order_by": by, "waybill_no": waybill, **more}
    if values["flow_no"]:
        return ImportRecord(LINE, f"{row['account']}:{values['flow_no']}", values, amounts=("amount",))
    told = (trade or merchant or "", SAME_KIND.get(kind, kind), str(amount), f"{at:%Y%m%d%H%M%S}")
    balance = values["balance"]  # never twice the same beside all that
    key = ":".join((row["account"], *told, *(() if balance is None else (str(balance),))))
    return ImportRecord(LINE, key, values, amounts=("amount",), counted=balance is None)


def check(table: Table) -> Iterator[Message]:
    """Why a bill is not taken: two accounts, other totals than its own, a row outside its period, a missing line."""
    accounts = bills.accounts_of(table)
    if len(accounts) > 1:
        yield bills.several(accounts)
        return
    if cut := list(bills.cut_off(table)):
        yield from cut
        return
    ledger = bills.ledger_of(table)
    yield from outside(bills.period_of(table), [(each.row, each.at) for each in ledger.movements])
    yield from bills.disagreements(bills.totals_of(table), ledger)
    if ledger.unread:
        return
    chain = chain_of(ledger.movements)
    if gap := broken(chain, len(ledger.movements)):
        yield msg(
            "The running balance breaks at row %(row)s: it should be %(expected)s there, but is %(found)s. A movement "
            "of %(missing)s is missing before it; download the file again.",
            row=gap.row,
            expected=money_text(gap.expected),
            found=money_text(gap.found),
            missing=money_text(gap.missing),
        )


def outside(period: bills.Period | None, rows: Iterable[tuple[int, datetime | None]]) -> Iterator[Message]:
    """The first row that is dated outside the file's own period."""
    for row, at in rows if period else ():
        if at is not None and period and not period.holds(at):
            yield msg(
                "Row %(row)s is dated %(at)s, outside the period that the file states: %(first)s to %(last)s.",
                row=row,
                at=bills.local_text(at),
                first=bills.local_text(period.since),
                last=bills.local_text(period.until),
            )
            return


def whole(channel: str, table: Table) -> Sequence[ImportRecord]:
    """What a bill says of itself, to be checked again whenever its period is reconciled."""
    period, said = bills.period_of(table), bills.totals_of(table)
    if period is None:
        return []
    account = facts(channel, table)["account"]
    ledger = bills.ledger_of(table)
    if said == ledger.whole:
        said = ledger.once  # a row that stands there twice is stored once
    chain = chain_of(ledger.movements) if ledger.movements else Chain(True)
    values = {
        "account": account,
        "first_at": period.since,
        "until": period.until,
        "opening": chain.opening,
        "closing": chain.closing,
        "chained": chain.holds,
        **(vars(said) if said else {}),
    }
    key = f"{account}:{bills.local_text(period.since)} - {bills.local_text(period.until)}"
    return [ImportRecord(CONTROL, key, values)]


def merge(kind: str, stored: Mapping[str, Any], new: Mapping[str, Any]) -> Mapping[str, Any]:
    """What a file changes in a stored line: it may add what was not known, never correct an amount."""
    if kind == CONTROL:
        return _merged_control(stored, new)
    if kind == LINE and stored["amount"] != new["amount"]:
        raise RowRejected(
            msg(
                "The line %(flow)s is already stored with %(stored)s; this file says %(new)s. One of them is wrong.",
                flow=stored.get("flow_no") or new.get("flow_no") or "",
                stored=money_text(stored["amount"]),
                new=money_text(new["amount"]),
            ),
            "income" if new["amount"] > 0 else "expense",
            money_text(new["amount"]),
        )
    return filling(stored, differing(stored, new))


COUNTS = ("in_count", "in_sum", "out_count", "out_sum")


def _merged_control(stored: Mapping[str, Any], new: Mapping[str, Any]) -> Mapping[str, Any]:
    """Two files of one period: the parts of one, put together; else the fuller one, if they tell which that is."""
    for first, last in ((stored, new), (new, stored)):
        moves = first["opening"] != first["closing"] and last["opening"] != last["closing"]
        if first["chained"] and last["chained"] and moves and first["closing"] == last["opening"]:
            sums = {name: _sum(first.get(name), last.get(name)) for name in COUNTS}
            return differing(stored, sums | {"opening": first["opening"], "closing": last["closing"]})
    if stored.get("in_count") is None or new.get("in_count") is None:
        same = all(stored.get(name) == new.get(name) for name in ("opening", "closing"))
        if same or not stored["chained"]:
            return {}
        # parts that overlap or leave a gap: which of both it is the stored lines show when they are reconciled
        return {"opening": None, "closing": None, "chained": new["chained"]}
    fuller = all(new[name] >= stored[name] for name in ("in_count", "out_count"))
    return differing(stored, new) if fuller else {}


def _sum(one: int | None, other: int | None) -> int | None:
    return None if one is None or other is None else one + other
