"""Columns of cells as the integers that the engine takes. Pure."""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from core.imports.rules import ROUNDED, RowRejected, as_id, bare, looks_rounded
from core.messages import Message, msg
from plugins.finance.comparing.exported import Odd
from plugins.finance.matching.groups import Bools, Ints
from plugins.finance.matching.keys import NONE, Codes, numbered

YUAN, RATE, TEXT, RAW, TIME = pa.decimal128(18, 2), pa.decimal128(6, 4), pa.string(), pa.binary(), pa.timestamp("s")
NEVER = np.iinfo(np.int64).min
DRESS = " \t=\"'`"  # what exports wrap around a number
LONG = 10**15  # above which a spreadsheet rounds
SAMPLE = 4096  # rows that show whether a spreadsheet has rounded a column
ZEROS = 10**4  # of which it leaves as many at the end of a number of 19 digits
MISSING = msg("The amount is missing.")


@dataclass(frozen=True)
class Numbers:
    """The codes of all numbers that the files have: of orders, payments and lines. A parcel that stands for its order
    has one, too."""

    orders: Codes = field(default_factory=Codes)
    trades: Codes = field(default_factory=Codes)
    flows: Codes = field(default_factory=Codes)
    parcels: dict[str, str] = field(default_factory=dict)

    def parcel(self, waybill: str) -> str:
        """What stands for the order of a parcel until that is known: no order is called so."""
        return self.parcels.setdefault(waybill, f"#{waybill}")


def bits(condition: pa.Array) -> Bools:
    """Truth values for numpy."""
    return condition.to_numpy(zero_copy_only=False)


def fen(amounts: pa.Array, blank: int) -> Ints:
    """The unscaled values of a column of decimals, with ``blank`` in place of nulls."""
    if not len(amounts):
        return np.zeros(0, np.int64)
    words = np.frombuffer(amounts.buffers()[1], np.int64)[2 * amounts.offset : 2 * (amounts.offset + len(amounts))]
    found = words[0::2].copy()  # 18 digits need no more than these 64 bits
    if amounts.null_count:
        found[~bits(amounts.is_valid())] = blank
    return found


def seconds(times: pa.Array) -> Ints:
    """Times in seconds of the platform's own clock."""
    return times.view(pa.int64()).fill_null(NEVER).to_numpy(zero_copy_only=False)


def coded(words: pa.Array, encoding: str) -> tuple[NDArray[np.int32], list[str]]:
    """A column of few different undecoded words: places among them, and the words."""
    found = words.dictionary_encode()
    names = [bare(each.decode(encoding, "replace")) for each in found.dictionary.to_pylist()]
    return found.indices.to_numpy(zero_copy_only=False), names


def demand(wrong: Bools, name: str, why: Message) -> None:
    """Refuse the first cell that is wrong."""
    if wrong.any():
        raise Odd(int(np.flatnonzero(wrong)[0]), name, why)


def ids(
    cells: pa.Array,
    codes: Codes,
    name: str,
    lacking: Message | None = None,
    clean: Callable[[str], str | None] = as_id,
) -> Ints:
    """The codes of a column of numbers; what is not plainly one is cleaned as the import does, and refused as there."""
    found = codes(pc.ascii_trim(cells, DRESS))
    if lacking:
        demand(found == NONE, name, lacking)
    some = found[:SAMPLE]
    tens = np.flatnonzero((some >= LONG) & (some % 10 == 0))
    if 2 * len(tens) > len(some) and looks_rounded([bare(each) for each in cells.to_pylist()]):
        raise Odd(int(tens[0]), name, ROUNDED)
    odd = np.flatnonzero((found != NONE) & ~numbered(found))
    zeros = np.flatnonzero((found >= LONG) & (found & 15 == 0))  # as all are that end in four
    for row in (*odd.tolist(), *zeros[found[zeros] % ZEROS == 0].tolist()):
        try:
            found[row] = codes(pa.array([clean(cells[row].as_py())], TEXT))[0]
        except RowRejected as why:
            raise Odd(row, name, why.message) from None
    return found
