"""What a run sums to: classes on both sides, and the digest of all of it. Pure."""

from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from core.imports.rules import money_text
from plugins.finance.matching.classes import LINE, LINE_CLASSES, NAMES, ORDER, ORDER_CLASSES, line_code, order_code
from plugins.finance.matching.engine import Outcome
from plugins.finance.matching.groups import Ints, sums
from plugins.finance.matching.repeats import Rows


@dataclass
class Side:
    """The rows of one side of a result: what each is called in the database and by content, its class, its amount."""

    ids: Ints
    keys: pa.Array
    codes: NDArray[np.uint8]
    amounts: Ints

    @cached_property
    def by_code(self) -> tuple[list[int], list[int]]:
        """How many rows have each code, and what they sum to."""
        length = max(map(len, NAMES.values()))
        amounts = sums(self.codes.astype(np.int64), self.amounts, length)
        return np.bincount(self.codes, minlength=length).tolist(), amounts.tolist()


@dataclass
class Class:
    """How many rows are in a class, and what they sum to."""

    count: int
    amount: int


def sides(orders: pd.DataFrame, lines: pd.DataFrame, found: Outcome, again: tuple[Rows, Rows]) -> tuple[Side, ...]:
    """All rows of a run, by side; ``again`` are the repeated rows of orders and of lines."""
    paid = np.where(found.paid, orders["total"].to_numpy(), 0)
    whole = (
        Side(orders["id"].to_numpy(), arrow(orders["key"]), found.orders, paid),
        Side(lines["id"].to_numpy(), arrow(lines["key"]), found.lines, lines["amount"].to_numpy()),
    )
    codes = (order_code("DUP_ORDER"), line_code("DUP_ROW"))
    return (*whole, *(_repeated(of, rows, code) for of, rows, code in zip(whole, again, codes, strict=True)))


def _repeated(of: Side, rows: Rows, code: int) -> Side:
    keys, amounts = of.keys.take(pa.array(rows.places)), of.amounts[rows.places]
    return Side(rows.ids, keys, np.full(len(rows.ids), code, np.uint8), amounts)


def arrow(column: "pd.Series[Any]") -> pa.Array:
    """A column of text as one Arrow array."""
    found = pa.array(column)
    return found.combine_chunks() if isinstance(found, pa.ChunkedArray) else found


def classes(rows: tuple[Side, ...], side: int) -> dict[str, Class]:
    """Count and amount of every class of a side, with its repeated rows."""
    names = ORDER_CLASSES if side == ORDER else LINE_CLASSES
    found = {name: Class(0, 0) for name in names}
    for each in rows[side::2]:
        for name, count, amount in zip(names, *each.by_code, strict=False):
            found[name].count += count
            found[name].amount += amount
    return found


def digest(header: str, rows: tuple[Side, ...]) -> str:
    """A name for all that came out: by content alone, in whatever order it was read."""
    told = sha256(header.encode())
    for side, each in enumerate(rows):
        order = pc.sort_indices(each.keys)
        keys = each.keys.take(order)
        places = order.to_numpy(zero_copy_only=False)
        told.update(f"{side}:{len(keys)}:{','.join(NAMES[side])}".encode())
        told.update(pc.binary_length(keys).to_numpy(zero_copy_only=False).astype("<i4").tobytes())
        told.update(_bytes(keys))
        told.update(each.codes[places].tobytes())
        told.update(each.amounts[places].astype("<i8").tobytes())
    return told.hexdigest()


def _bytes(keys: pa.Array) -> bytes:
    """The text of an array that ``take`` has just made: it begins at the beginning of its buffer."""
    _, offsets, data = keys.buffers()
    if data is None:
        return b""
    ends = np.frombuffer(offsets, np.int32)
    return data.to_pybytes()[ends[keys.offset] : ends[keys.offset + len(keys)]]


def shown(found: dict[str, Class]) -> dict[str, dict[str, Any]]:
    """Classes as the command prints them."""
    return {name: {"count": each.count, "amount": money_text(each.amount)} for name, each in found.items()}


def both(rows: tuple[Side, ...]) -> tuple[dict[str, Class], dict[str, Class]]:
    """The classes of orders and of lines."""
    return classes(rows, ORDER), classes(rows, LINE)
