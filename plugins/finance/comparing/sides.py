"""All rows of some files, one after the other, and which of them repeat others. Pure."""

import filecmp
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from pathlib import Path

import numpy as np
import pandas as pd

from core.messages import Message, Refusal
from plugins.finance.comparing.exported import Export, Found, joined
from plugins.finance.matching.groups import NONE, Bools, Ints
from plugins.finance.matching.repeats import Rows


def once(paths: Sequence[Path]) -> list[Path]:
    """Files without those that hold the very same as another: they repeat nothing."""
    paths = list(dict.fromkeys(paths))
    same = {two for one, two in combinations(paths, 2) if filecmp.cmp(one, two, shallow=False)}
    return [path for path in paths if path not in same]


@dataclass
class Side:
    """The columns of some files; ``key`` is the column that tells them apart, ``again`` which of them stood above."""

    exports: Sequence[Export]
    columns: Found
    key: str
    again: Bools
    ends: Ints  # of each file

    @classmethod
    def of(cls, exports: Sequence[Export], found: Sequence[Sequence[Found]], key: str) -> "Side":
        whole = {name: joined([block[name] for blocks in found for block in blocks]) for name in found[0][0]}
        again = pd.Series(whole[key]).duplicated().to_numpy()
        return cls(exports, whole, key, again, np.cumsum([sum(len(each[key]) for each in blocks) for blocks in found]))

    def parts(self) -> Iterator[tuple[Export, Found, Bools]]:
        """Each file, its rows, and which of them it holds twice itself."""
        if len(self.exports) == 1:
            yield self.exports[0], self.columns, self.again
            return
        for export, start, end in zip(self.exports, [0, *self.ends], self.ends, strict=False):
            some = {name: column[start:end] for name, column in self.columns.items()}
            yield export, some, pd.Series(some[self.key]).duplicated().to_numpy()

    def demand_alike(self, fields: Sequence[str], field: str, why: Message) -> None:
        """Refuse a row that repeats another but says something else of these columns."""
        rows, first = self._alike
        apart = np.zeros(len(rows), np.bool_)
        for name in fields:
            values = self.columns[name]
            apart |= values[rows] != values[first]
        if apart.any():
            raise self.refusal(int(rows[np.argmax(apart)]), field, why)

    def repeats(self, kept: Ints) -> Rows:
        """The rows that repeat one of those that are ``kept``, by its place among these."""
        rows, first = self._alike
        numbers, file = self.columns[self.key][rows], np.searchsorted(self.ends, rows, side="right")
        inside = pd.DataFrame({"number": numbers, "file": file}).duplicated().to_numpy()
        here = self.again[rows] & np.isin(first, kept)
        return Rows(rows[here], np.searchsorted(kept, first[here]), inside[here], {})

    @cached_property
    def _alike(self) -> tuple[Ints, Ints]:
        """The rows whose number stands several times, and the first row of each such number."""
        numbers = self.columns[self.key]
        rows = np.flatnonzero(among(numbers, numbers[self.again])) if self.again.any() else NOBODY
        codes, _ = pd.factorize(numbers[rows])
        _, first = np.unique(codes, return_index=True)
        return rows, rows[first][codes]

    def refusal(self, row: int, field: str, why: Message) -> Refusal:
        """The refusal of a cell."""
        file = int(np.searchsorted(self.ends, row, side="right"))
        return self.exports[file].cell(row - int(self.ends[file - 1] if file else 0), field, why)


NOBODY = np.zeros(0, np.int64)


def among(codes: Ints, some: Ints) -> Bools:
    """Which codes are among some others; none that stands for nothing."""
    return pd.Series(codes).isin(some[some != NONE]).to_numpy(copy=True)
