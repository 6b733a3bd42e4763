"""All rows of some files, each once, and which of them the files repeat. Pure."""

import filecmp
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from core.messages import Message
from plugins.finance.comparing.exported import Export, Found, joined
from plugins.finance.matching.groups import NONE, Bools, Ints
from plugins.finance.matching.repeats import Rows

NOBODY = np.zeros(0, np.int64)


class Key(NamedTuple):
    """What tells rows apart: a column, in which columns those that have the same agree, and what to say otherwise."""

    name: str
    alike: Sequence[str]
    field: str
    why: Message


@dataclass
class Side:
    """The columns of some files. Of the files' rows those stand here that are not ``again``; the others repeat the one
    that stands at the place ``repeated``, ``inside`` one file or from another."""

    exports: Sequence[Export]
    columns: Found
    again: Bools
    repeated: Ints
    inside: Bools

    @classmethod
    def of(cls, exports: Sequence[Export], found: Sequence[Sequence[Found]], key: Key) -> "Side":
        every = whole(found)
        return cls.without(exports, found, every, key, pd.Series(every[key.name]).duplicated().to_numpy())

    @classmethod
    def without(
        cls, exports: Sequence[Export], found: Sequence[Sequence[Found]], every: Found, key: Key, again: Bools
    ) -> "Side":
        """The same, where it is known already which rows come ``again``; refuses one that contradicts the first."""
        if not again.any():
            return cls(exports, every, again, NOBODY, again[:0])
        ends = np.cumsum([sum(len(block[key.name]) for block in blocks) for blocks in found])
        rows, first = _alike(every[key.name], again)
        file = np.searchsorted(ends, rows, side="right")
        apart = np.zeros(len(rows), np.bool_)
        for name in key.alike:
            apart |= every[name][rows] != every[name][first]
        if apart.any():
            place = int(np.argmax(apart))
            of = int(file[place])
            raise exports[of].cell(int(rows[place] - (ends[of - 1] if of else 0)), key.field, key.why)
        inside = pd.DataFrame({"number": every[key.name][rows], "file": file}).duplicated().to_numpy()
        kept, here = np.flatnonzero(~again), again[rows]
        columns = {name: each[kept] if isinstance(each, np.ndarray) else each for name, each in every.items()}
        return cls(exports, columns, again, np.searchsorted(kept, first[here]), inside[here])

    def rows(self, places: Ints) -> Ints:
        """Which rows of the files stand at some places."""
        return np.flatnonzero(~self.again)[places] if len(self.repeated) else places

    def repeats(self, kept: Ints) -> Rows:
        """The rows that repeat one of those that are ``kept``, by its place among these."""
        here = np.isin(self.repeated, kept)
        return Rows(np.flatnonzero(self.again)[here], np.searchsorted(kept, self.repeated[here]), self.inside[here], {})


def _alike(numbers: Ints, again: Bools) -> tuple[Ints, Ints]:
    """The rows whose number stands several times, and the first row of each such number."""
    rows = np.flatnonzero(among(numbers, numbers[again]))
    codes, _ = pd.factorize(numbers[rows])
    _, first = np.unique(codes, return_index=True)
    return rows, rows[first][codes]


def whole(found: Sequence[Sequence[Found]]) -> Found:
    """The columns of files, of which each block of each file is given."""
    return {name: joined([block[name] for blocks in found for block in blocks]) for name in found[0][0]}


def among(codes: Ints, some: Ints) -> Bools:
    """Which codes are among some others; none that stands for nothing."""
    return pd.Series(codes).isin(some[some != NONE]).to_numpy(copy=True)


def placed(orders: Ints, named: Ints) -> tuple[Bools, Ints]:
    """Which orders come again, and of each order that is named its place among those that do not."""
    codes, _ = pd.factorize(np.concatenate([orders, named]))
    codes = codes.astype(np.int64, copy=False)
    of_orders, places = codes[: len(orders)], codes[len(orders) :]
    newest = np.maximum.accumulate(of_orders) if len(orders) else of_orders
    again = np.zeros(len(orders), np.bool_)
    again[1:] = newest[1:] == newest[:-1]
    return again, np.where(places < len(orders) - int(again.sum()), places, NONE)


def once(paths: Sequence[Path]) -> list[Path]:
    """Files without those that hold the very same as another: they repeat nothing."""
    paths = list(dict.fromkeys(paths))
    same = {two for one, two in combinations(paths, 2) if filecmp.cmp(one, two, shallow=False)}
    return [path for path in paths if path not in same]
