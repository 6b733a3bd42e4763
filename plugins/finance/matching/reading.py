"""Order exports and account statements straight from their bytes, as the frames that the engine takes. Pure.

GB18030 need not be decoded to be read: tab, line end, quote and comma never are part of a longer character. Amounts are
read as decimals, whose unscaled value is the amount in fen; ids become whole numbers; of the texts only those are ever
decoded that are needed to find an order. Blocks are reduced one by one, so that little is held.
"""

import io
import os
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pv
from numpy.typing import NDArray

from plugins.finance.books.rules import MEMO, find_order
from plugins.finance.matching import verdicts
from plugins.finance.matching.classes import FEE, OTHER
from plugins.finance.matching.keys import NONE, Codes
from plugins.finance.matching.kinds import subjects_of
from plugins.finance.matching.parts import Told, parts
from plugins.finance.matching.rules import COMMISSION, RuleSet

ENCODING = "gb18030"
BLOCK = 8 << 20
EDGE = 8 << 10
YUAN, RATE, TEXT, RAW, TIME = pa.decimal128(18, 2), pa.decimal128(6, 4), pa.string(), pa.binary(), pa.timestamp("s")
NEVER = np.iinfo(np.int64).min
ORDER_TYPES = {
    "订单编号": TEXT,
    "支付单号": TEXT,
    "总金额": YUAN,
    "买家实际支付金额": YUAN,
    "退款金额": YUAN,
    "订单状态": RAW,
    "订单付款时间": TIME,
    "确认收货时间": TIME,
    "类目佣金率": RATE,
}
LINE_TYPES = {
    "账务流水号": TEXT,
    "业务流水号": TEXT,
    "商户订单号": TEXT,
    "发生时间": TIME,
    "收入金额（+元）": YUAN,
    "支出金额（-元）": YUAN,
    "账户余额（元）": YUAN,
    "业务类型": RAW,
    "备注": RAW,
    "业务描述": RAW,
    "业务基础订单号": TEXT,
}
DONE, SHUT = ("交易成功".encode(ENCODING), "交易关闭".encode(ENCODING))
USUAL = "T200P"
PREFIX = len(USUAL)
FIRST_MEMO = MEMO[0].pattern.replace(r"(?<!\d)(\d{10,20})(?!\d)", r"(?P<order>\d{10,20})")
FOOTER = re.compile(r"#(收入|支出)合计：(\d+)笔，共(-?[\d.]+)元")
Table = dict[str, Any]


@dataclass(frozen=True)
class Days:
    """A period as the files write times, local and without a zone: from ``start`` up to, not including, ``end``."""

    start: datetime
    end: datetime
    cutoff: datetime


class _Slice(io.RawIOBase):
    """The bytes of a file from ``start`` to ``end``: preamble and footer never reach the reader."""

    def __init__(self, path: Path, start: int, end: int):
        self._file = path.open("rb", buffering=0)
        self._file.seek(start)
        self._left = end - start

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        count = self._file.readinto(memoryview(buffer)[: max(0, min(len(buffer), self._left))]) or 0
        self._left -= count
        return count

    def close(self) -> None:
        self._file.close()
        super().close()


def read_table(path: Path, types: Mapping[str, pa.DataType], reduce: Callable[[pa.RecordBatch], Table]) -> Table:
    """Some columns of a file, each block reduced at once and then put together; raises ``KeyError`` for a column that
    the file does not have, and Arrow's own error for a cell that is not of its type."""
    start, end, names, _ = edges(path)
    if missing := [name for name in types if name not in names]:
        raise KeyError(", ".join(missing))
    with _Slice(path, start, end) as raw:
        reader = pv.open_csv(
            pa.PythonFile(io.BufferedReader(raw, 1 << 20), mode="r"),
            read_options=pv.ReadOptions(column_names=names, block_size=BLOCK, use_threads=False),
            convert_options=pv.ConvertOptions(
                include_columns=list(types), column_types=types, strings_can_be_null=False, null_values=[""]
            ),
        )
        blocks = [reduce(block) for block in reader]
    return {name: np.concatenate([block[name] for block in blocks]) for name in blocks[0]} if blocks else {}


def once(frame: pd.DataFrame, number: str) -> tuple[pd.DataFrame, NDArray[np.bool_]]:
    """The rows whose ``number`` did not stand above already, and which rows repeat."""
    again = frame[number].duplicated().to_numpy()
    rows = np.flatnonzero(~again)
    return pd.DataFrame({name: column.to_numpy()[rows] for name, column in frame.items()}, copy=False), again


def edges(path: Path) -> tuple[int, int, list[str], str]:
    """Where a file's rows begin and end, its headers, and the text below; only both ends of the file are read."""
    size = os.path.getsize(path)
    with path.open("rb") as file:
        head = file.read(EDGE)
        file.seek(max(0, size - EDGE))
        tail = file.read()
    start = 0
    while head[start : start + 1] == b"#":
        start = head.index(b"\n", start) + 1
    rows = head.index(b"\n", start) + 1
    names = head[start:rows].decode(ENCODING).strip().split(",")
    foot = tail.rfind(b"\n#---") + 1 if tail.rstrip().rpartition(b"\n")[2].startswith(b"#") else len(tail)
    return rows, size - len(tail) + foot, [name.strip() for name in names], tail[foot:].decode(ENCODING)


def fen(amounts: pa.Array) -> NDArray[np.int64]:
    """The unscaled values of a column of decimals; refuses a blank, and what needs more than 64 bits."""
    if amounts.null_count:
        raise ValueError("an amount is missing")
    words = np.frombuffer(amounts.buffers()[1], np.int64)[2 * amounts.offset : 2 * (amounts.offset + len(amounts))]
    low, high = words[0::2], words[1::2]
    if (high != low >> 63).any():
        raise ValueError("an amount is too large")
    return low.copy()


def _seconds(times: pa.Array) -> NDArray[np.int64]:
    return times.view(pa.int64()).fill_null(NEVER).to_numpy(zero_copy_only=False)


def _bits(condition: pa.Array) -> NDArray[np.bool_]:
    return condition.to_numpy(zero_copy_only=False)


def _reduced_orders(days: Days, numbers: Codes, trades: Codes) -> Callable[[pa.RecordBatch], Table]:
    start, end, cutoff = (
        int(np.datetime64(each, "s").astype(np.int64)) for each in (days.start, days.end, days.cutoff)
    )

    def reduce(block: pa.RecordBatch) -> Table:
        paid_at, confirmed = _seconds(block.column("订单付款时间")), _seconds(block.column("确认收货时间"))
        total, kept, refund = (fen(block.column(name)) for name in ("总金额", "买家实际支付金额", "退款金额"))
        done, shut = (_bits(pc.equal(block.column("订单状态"), word)) for word in (DONE, SHUT))
        paid, late, within = paid_at != NEVER, paid_at >= cutoff, (confirmed >= start) & (confirmed < end)
        told = (
            (verdicts.PAID, paid),
            (verdicts.CARRIED, paid & (paid_at < start)),
            (verdicts.LATE, late),
            (verdicts.CONFIRMED, within),
            (verdicts.DONE, done),
            (verdicts.WAITING, ~shut & ~(done & (confirmed < end))),
            (verdicts.CLOSED, shut),
            (verdicts.DUE_LATE, (confirmed >= cutoff) | ((confirmed == NEVER) & late)),
        )
        return {
            "no": numbers(pc.utf8_trim(block.column("订单编号"), '="')),
            "pay": trades(block.column("支付单号")),
            "total": total,
            "refund": refund,
            "net": (refund > 0) & (kept == total - refund),
            "flags": sum((bit * flag.astype(np.uint8) for bit, flag in told), np.zeros(len(total), np.uint8)),
            f"rate:{COMMISSION}": fen(block.column("类目佣金率")),
        }

    return reduce


def read_orders(paths: Sequence[Path], days: Days, numbers: Codes, trades: Codes) -> pd.DataFrame:
    """The orders of several exports, repeated rows as well."""
    tables = [read_table(path, ORDER_TYPES, _reduced_orders(days, numbers, trades)) for path in paths]
    frame = pd.DataFrame({name: np.concatenate([table[name] for table in tables]) for name in tables[0]}, copy=False)
    frame["key"] = frame["no"]
    return frame


def _reduced_lines(rules: RuleSet, numbers: Codes, trades: Codes, flows: Codes) -> Callable[[pa.RecordBatch], Table]:
    subjects = subjects_of(rules.kinds)
    agreed = {subjects.index(name): place for place, name in enumerate(rules.contracted) if name in subjects}
    lookup = np.array([agreed.get(place, NONE) for place in range(len(subjects))], np.int64)

    def reduce(block: pa.RecordBatch) -> Table:
        came, went = fen(block.column("收入金额（+元）")), fen(block.column("支出金额（-元）"))
        amount = came - np.abs(went)
        merchant, memo = pc.utf8_rtrim(block.column("商户订单号"), "\t "), block.column("备注")
        told = Told(np.zeros(len(amount), np.int64), amount > 0, block.column("业务类型"), block.column("业务描述"))
        part, what = parts(["alipay:"], told, rules.kinds, lambda rows: _words(memo, merchant, rows))
        order = _orders_of(block.column("业务基础订单号"), merchant, memo, part != OTHER, numbers)
        trade = np.full(len(amount), NONE, np.int64)
        rows = np.flatnonzero((order == NONE) & (part != OTHER) & (part != FEE))
        trade[rows] = trades(pc.utf8_rtrim(block.column("业务流水号").take(pa.array(rows)), "\t "))
        return {
            "order": order,
            "trade": trade,
            "part": part,
            "subject": lookup[what],
            "amount": amount,
            "balance": fen(block.column("账户余额（元）")),
            "at": _seconds(block.column("发生时间")),
            "key": flows(pc.utf8_rtrim(block.column("账务流水号"), "\t ")),
        }

    return reduce


def _words(memo: pa.Array, merchant: pa.Array, rows: NDArray[np.int64]) -> tuple[list[str], list[str]]:
    places = pa.array(rows)
    return [each.decode(ENCODING) for each in memo.take(places).to_pylist()], merchant.take(places).to_pylist()


def _orders_of(
    base: pa.Array, merchant: pa.Array, memo: pa.Array, asked: NDArray[np.bool_], numbers: Codes
) -> NDArray[np.int64]:
    """The order of each line that is asked: as ``find_order`` finds it, the usual ways for many lines at once."""
    order = np.full(len(merchant), NONE, np.int64)
    plain = asked & _bits(pc.equal(base, ""))
    tail = pc.utf8_slice_codeunits(merchant, PREFIX, 64)
    length = pc.binary_length(tail).to_numpy(zero_copy_only=False)
    usual = plain & _bits(pc.starts_with(merchant, USUAL)) & _bits(pc.ascii_is_decimal(tail))
    usual &= (length >= 10) & (length <= 20)
    rows = np.flatnonzero(usual)
    order[rows] = numbers(tail.take(pa.array(rows)))
    rows = np.flatnonzero(plain & ~usual & _bits(pc.equal(merchant, "")))
    found = pc.struct_field(pc.extract_regex(_decoded(memo.take(pa.array(rows))), FIRST_MEMO), "order")
    order[rows] = numbers(found)
    rows = np.flatnonzero(asked & ~usual & (order == NONE))
    texts = _words(memo, merchant, rows)
    named = [find_order(*row)[0] for row in zip(base.take(pa.array(rows)).to_pylist(), texts[1], texts[0], strict=True)]
    order[rows] = numbers(pa.array(named, pa.string()))
    return order


def _decoded(texts: pa.Array) -> pa.Array:
    """Many texts decoded in one go: no character of theirs holds a line end."""
    if not len(texts):
        return pa.array([], pa.string())
    found = b"\n".join(texts.to_pylist()).decode(ENCODING).split("\n")
    if len(found) != len(texts):
        found = [each.decode(ENCODING) for each in texts.to_pylist()]
    return pa.array(found, pa.string())


def read_lines(path: Path, rules: RuleSet, numbers: Codes, trades: Codes) -> pd.DataFrame:
    """The lines of a statement, repeated rows as well."""
    table = read_table(path, LINE_TYPES, _reduced_lines(rules, numbers, trades, Codes()))
    frame = pd.DataFrame(table, copy=False)
    frame["elsewhere"] = np.zeros(len(frame), np.bool_)
    return frame


def footer(path: Path) -> dict[str, tuple[int, int]]:
    """Count and signed sum, by direction, that a statement states below its rows."""
    found = {}
    for word, count, amount in FOOTER.findall(edges(path)[3]):
        found[word] = (int(count), int(amount.replace(".", "")))
    return found
