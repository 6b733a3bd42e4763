"""Account statements as columns for the engine. Pure.

Of the texts only those are ever decoded that are needed to find an order.
"""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from core.imports.rules import ROUNDED, SCIENTIFIC, bare, rounded_digits
from core.messages import msg
from plugins.finance.books.rules import MEMO, find_order
from plugins.finance.comparing.cells import (
    DRESS,
    MISSING,
    NEVER,
    RAW,
    TEXT,
    TIME,
    YUAN,
    Numbers,
    bits,
    coded,
    demand,
    fen,
    ids,
    seconds,
)
from plugins.finance.comparing.exported import Block, Export, Found, Odd
from plugins.finance.matching.classes import OTHER
from plugins.finance.matching.groups import Bools, Ints
from plugins.finance.matching.keys import NONE, cut
from plugins.finance.matching.kinds import subjects_of
from plugins.finance.matching.loading import UNSAID
from plugins.finance.matching.loading_lines import MISSING_BALANCE
from plugins.finance.matching.parts import Told, parts
from plugins.finance.matching.rules import RuleSet

TYPES = {
    "flow_no": TEXT,
    "trade_no": TEXT,
    "merchant_no": TEXT,
    "at": TIME,
    "income": YUAN,
    "expense": YUAN,
    "balance": YUAN,
    "kind": RAW,
    "memo": RAW,
    "paid_memo": RAW,
    "goods": RAW,
    "subject": RAW,
    "base_order_no": TEXT,
}
UNNUMBERED = msg("The line has no number of its own.")
SHORT = 16  # no more is wrapped around nothing
USUAL = "T200P"
FIRST_MEMO = MEMO[0].pattern.replace(r"(?<!\d)(\d{10,20})(?!\d)", r"(?P<order>\d{10,20})")
FOREIGN = "交易号"  # numbers of other trades, which are taken out of a memo first


def read_lines(export: Export, rules: RuleSet, codes: Numbers, account: int, start: int) -> list[Found]:
    """A statement's lines, repeated rows as well; beside them ``trade_no`` and ``kind`` as text, which
    only few are asked for. Before ``start`` lines that are not about orders are told with theirs as well."""
    subjects = subjects_of(rules.kinds)
    agreed = {subjects.index(name): place for place, name in enumerate(rules.contracted) if name in subjects}
    lookup = np.array([agreed.get(place, NONE) for place in range(len(subjects))], np.int16)

    def reduce(block: Block) -> Found:
        came, went = fen(block["income"], UNSAID), fen(block["expense"], UNSAID)
        demand((came == UNSAID) & (went == UNSAID), "income", MISSING)
        amount = np.where(came == UNSAID, 0, came) - np.abs(np.where(went == UNSAID, 0, went))
        at = seconds(block["at"])
        demand(at == NEVER, "at", msg("The time is missing."))
        words = _Words(block, export.encoding)
        kind = words.coded("kind")
        told = Told(np.zeros(len(amount), np.int8), amount > 0, kind, words.coded("subject"))
        part, what = parts(["alipay:"], told, rules.kinds, lambda rows: (words.memo(rows), words.merchants(rows)))
        order = _orders_of(block, words, (part != OTHER) | (at < start), codes)
        return {
            "account": np.full(len(amount), account, np.int8),
            "order": order,
            "part": part,
            "subject": lookup[what],
            "amount": amount,
            "balance": fen(block["balance"], MISSING_BALANCE),
            "at": at,
            "key": ids(block["flow_no"], codes.flows, "flow_no", UNNUMBERED),
            "trade_no": block["trade_no"],
            "kind": kind,
        }

    return export.read(TYPES, reduce)


class _Words:
    """What the lines of a block say, decoded where it is asked for."""

    def __init__(self, block: Block, encoding: str):
        self._block, self._encoding = block, encoding

    def coded(self, field: str) -> pa.Array:
        """A column of few different words."""
        places, names = coded(self._block[field], self._encoding)
        return pa.DictionaryArray.from_arrays(places, pa.array(names, TEXT))

    def merchants(self, rows: Ints) -> list[str]:
        """The numbers that the platform gives some lines as their merchant's."""
        return [bare(each) for each in self._block["merchant_no"].take(pa.array(rows)).to_pylist()]

    def memo(self, rows: Ints) -> list[str]:
        """The memo of some lines, or what stands for it where there is none."""
        found = self._decoded("memo", rows)
        lengths = pc.binary_length(self._block["memo"].take(pa.array(rows))).to_numpy()
        blank = np.flatnonzero(lengths < SHORT)
        for field in ("paid_memo", "goods"):
            blank = blank[[not bare(found[place]) for place in blank.tolist()]]
            for place, other in zip(blank.tolist(), self._decoded(field, rows[blank]), strict=True):
                found[place] = other
        return found

    def _decoded(self, field: str, rows: Ints) -> list[str]:
        """Texts decoded in one go: no character of theirs holds a line end."""
        texts = self._block[field].take(pa.array(rows)).to_pylist()
        found = b"\n".join(texts).decode(self._encoding, "replace").split("\n") if texts else []
        return found if len(found) == len(texts) else [each.decode(self._encoding, "replace") for each in texts]


def _orders_of(block: Block, words: _Words, asked: Bools, codes: Numbers) -> Ints:
    """Order, or parcel, of each line that is asked: as ``find_order`` finds it, the usual ways for many at once."""
    merchant, base = (pc.ascii_trim(block[name], DRESS) for name in ("merchant_no", "base_order_no"))
    order = np.full(len(merchant), NONE, np.int64)
    plain = asked & bits(pc.equal(base, ""))
    tail = cut(merchant, len(USUAL), 64)
    length = pc.binary_length(tail).to_numpy(zero_copy_only=False)
    usual = plain & bits(pc.starts_with(merchant, USUAL)) & bits(pc.ascii_is_decimal(tail))
    usual &= (length >= 10) & (length <= 20)
    rows = np.flatnonzero(usual)
    order[rows] = codes.orders(tail.take(pa.array(rows)))
    rows = np.flatnonzero(plain & ~usual & bits(pc.equal(merchant, "")))
    memo = pa.array(words.memo(rows), TEXT)
    found = pc.struct_field(pc.extract_regex(memo, FIRST_MEMO), "order")
    foreign = pc.match_substring(memo, FOREIGN)
    order[rows] = codes.orders(pc.if_else(foreign, pa.scalar(None, TEXT), found) if foreign.true_count else found)
    rows = np.flatnonzero(asked & ~usual & (order == NONE))
    bases = [bare(each) for each in base.take(pa.array(rows)).to_pylist()]
    named: list[str | None] = []
    for row, *told in zip(rows.tolist(), bases, words.merchants(rows), words.memo(rows), strict=True):
        if SCIENTIFIC.fullmatch(told[1]) or rounded_digits(told[1]) >= 4:
            raise Odd(row, "merchant_no", ROUNDED)
        number, _, waybill = find_order(*told)
        named.append(codes.parcel(waybill) if waybill else number)
    order[rows] = codes.orders(pa.array(named, TEXT))
    return order
