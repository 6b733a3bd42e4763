"""Account lines of a large bill, read as columns: what ``lines`` says of one, said of all of them."""

from collections.abc import Mapping, Sequence
from datetime import UTC
from functools import partial
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from core.contracts import Columnar, ImportRecord
from core.imports.columnar_cells import mask, matches
from core.imports.tables import Table
from core.messages import Message
from plugins.finance.books import balances, bills
from plugins.finance.books.importers import lines
from plugins.finance.books.rules import TRADES, find_order, opened_at

ROUNDED = r"^[0-9]{15}0000+$|[eE]\+[0-9]"
OF_BASE = "^[0-9]{10,20}$"
OF_MERCHANT = "^T[0-9]+P(?P<no>[0-9]{10,20})(?:$|[^0-9])"
OF_MEMO = "佣金[^{｛]*[{｛](?P<no>[0-9]{10,20})[}｝]"
FOREIGN = "交易号"  # numbers of other trades, which are taken out of a memo first
TRADE = "^20[0-9]{2}(?:0[1-9]|1[0-2])(?:[0-2][0-9]|3[01])[0-9]{20}$"
MOMENT = pa.timestamp("us")


def columnar(source: str, channel: str) -> Columnar:
    """How the bill's importer reads many rows."""
    return Columnar(lines.LINE, "flow_no", partial(records, source), check, partial(whole, channel), SUMMED, "at")


SUMMED = ("income", "expense", "balance", "at")


def records(source: str, read: Mapping[str, Any], facts: Mapping[str, Any]) -> tuple[Any, Mapping[str, Any]]:
    """Keys and values of the lines; no key for one without amount, time or number."""
    flow, at, count = read["flow_no"], read["at"], len(read["flow_no"])
    nothing = pa.nulls(count, pa.string())
    trade, merchant = read.get("trade_no", nothing), read.get("merchant_no", nothing)
    base, kind = read.get("base_order_no", nothing), pc.fill_null(read.get("kind", nothing), "")
    memo = pc.coalesce(*(read.get(name, nothing) for name in ("memo", "paid_memo", "goods")))
    amount = _amount(read)
    sound = ~matches(merchant, ROUNDED) & mask(amount.is_valid()) & mask(at.is_valid())
    order, by, waybill = orders(base, merchant, memo)
    key = pc.binary_join_element_wise(pa.scalar(f"{facts['account']}:"), flow, "")
    values = {
        "source": source,
        "account": facts["account"],
        "flow_no": flow,
        "trade_no": trade,
        "merchant_no": merchant,
        "base_order_no": base,
        "at": at,
        "kind": kind,
        "subject": read.get("subject", nothing),
        "memo": memo,
        "amount": amount,
        "balance": read.get("balance", pa.nulls(count, pa.int64())),
        "opened_at": opened(trade, kind),
        "order_no": order,
        "order_by": by,
        "waybill_no": waybill,
    }
    return pc.if_else(pa.array(sound), key, pa.scalar(None, pa.string())), values


def _amount(read: Mapping[str, Any]) -> pa.Array:
    income, expense = read["income"], read["expense"]
    total = pc.subtract(pc.fill_null(income, 0), pc.abs(pc.fill_null(expense, 0)))
    return pc.if_else(pc.or_(income.is_valid(), expense.is_valid()), total, pa.scalar(None, pa.int64()))


def orders(base: pa.Array, merchant: pa.Array, memo: pa.Array) -> tuple[pa.Array, pa.Array, pa.Array]:
    """``find_order`` of many lines: the plain ones by the pattern that comes first for them, the others one by one."""
    of_base = matches(base, OF_BASE)
    numbers = pc.struct_field(pc.extract_regex(merchant, OF_MERCHANT), "no")
    of_merchant = ~of_base & mask(numbers.is_valid())
    order = pc.if_else(pa.array(of_base), base, numbers)
    by = np.where(of_base, "base", np.where(of_merchant, "merchant", "")).astype(object)
    rest = ~of_base & ~of_merchant
    fees = pc.struct_field(pc.extract_regex(memo, OF_MEMO), "no")
    of_memo = rest & mask(fees.is_valid()) & mask(merchant.is_null()) & ~matches(memo, FOREIGN)
    order, by[of_memo] = pc.if_else(pa.array(of_memo), fees, order), "memo"
    alone = pa.array(rest & ~of_memo)
    waybill = pa.nulls(len(base), pa.string())
    words = zip(*(column.filter(alone).to_pylist() for column in (base, merchant, memo)), strict=True)
    if found := [find_order(*each) for each in words]:
        numbers, told, parcels = zip(*found, strict=True)
        order = pc.replace_with_mask(order, alone, pa.array(numbers, pa.string()))
        waybill = pc.replace_with_mask(waybill, alone, pa.array(parcels, pa.string()))
        by[alone.to_numpy(zero_copy_only=False)] = told
    return order, pa.array(by, pa.string()), waybill


def opened(trade: pa.Array, kind: pa.Array) -> pa.Array:
    """``opened_at`` of many lines, each day looked at once."""
    kinds = kind.dictionary_encode()
    trades = np.array([bool(TRADES.search(each)) for each in kinds.dictionary.to_pylist()], bool)
    fits = matches(trade, TRADE) & (trades[kinds.indices.to_numpy()] if len(trades) else False)
    day = pc.if_else(pa.array(fits), pc.utf8_slice_codeunits(trade, 0, 8), pa.scalar(None, pa.string()))
    days = day.dictionary_encode()
    known = [opened_at(each + "0" * 20, "付款") for each in days.dictionary.to_pylist()]
    moments = pa.array([each.replace(tzinfo=None) if each else None for each in known], MOMENT)
    return moments.take(days.indices)


def check(table: Table, read: Mapping[str, Any]) -> Sequence[Message]:
    """As ``lines.check``. Where all is well numbers say so; to say what is not, the movements are gone through."""
    table.memo["read_to"] = pc.max(read["number"]).as_py() or 0
    ledger = bills.ledger_of(table)
    amount = _amount(read) if len(read["number"]) else pa.array([], pa.int64())
    totals = _totals(amount)
    ledger.once, ledger.whole = ledger.once + totals, ledger.whole + totals
    chain = _chain(table, ledger, amount, read)
    if chain is None:
        ledger.movements += _movements(amount, read)
        ledger.movements.sort(key=lambda each: each.row)
    else:
        table.memo["chain"] = chain
        ledger.movements.clear()
    return list(lines.check(table))


def _totals(amount: pa.Array) -> bills.Totals:
    found = amount.to_numpy(zero_copy_only=False)
    gains, losses = found[found > 0], found[found < 0]
    return bills.Totals(len(gains), int(gains.sum()), len(losses), -int(losses.sum()))


def _chain(table: Table, ledger: bills.Ledger, amount: pa.Array, read: Mapping[str, Any]) -> balances.Chain | None:
    """The balance's chain if it holds over all rows and they lie in the period; None if that is to be looked at."""
    balance, at = read.get("balance"), read["at"]
    if (
        not len(amount)
        or balance is None
        or balance.null_count
        or any(each.balance is None for each in ledger.movements)
    ):
        return None
    period = bills.period_of(table)
    ends = pc.min_max(at).as_py()
    moments = [ends["min"].replace(tzinfo=UTC), ends["max"].replace(tzinfo=UTC)]
    if period and not all(period.holds(each) for each in (*moments, *(m.at for m in ledger.movements if m.at))):
        return None
    after = np.concatenate([balance.to_numpy(), np.array([each.balance for each in ledger.movements], np.int64)])
    moved = np.concatenate([amount.to_numpy(), np.array([each.amount for each in ledger.movements], np.int64)])
    before = np.sort(after - moved)
    values, place = np.unique(np.concatenate([before, after]), return_inverse=True)
    sign = np.repeat([1, -1], len(after))
    left = np.zeros(len(values), np.int64)
    np.add.at(left, place, sign)
    first, last = values[left > 0], values[left < 0]
    if len(first) != 1 or left.max() != 1 or left.min() != -1:
        return None
    return balances.Chain(True, int(first[0]), int(last[0]))


def _movements(amount: pa.Array, read: Mapping[str, Any]) -> list[balances.Movement]:
    balance = read.get("balance", pa.nulls(len(amount), pa.int64()))
    told = zip(read["number"].tolist(), read["at"].to_pylist(), amount.to_pylist(), balance.to_pylist(), strict=True)
    return [balances.Movement(row, at.replace(tzinfo=UTC) if at else None, fen, left) for row, at, fen, left in told]


def whole(channel: str, table: Table, _read: Mapping[str, Any]) -> Sequence[ImportRecord]:
    """As ``lines.whole``."""
    found = lines.whole(channel, table)
    chain = table.memo.get("chain")
    for record in found if chain else ():
        record.values.update(opening=chain.opening, closing=chain.closing, chained=True)  # type: ignore[attr-defined]
    return found
