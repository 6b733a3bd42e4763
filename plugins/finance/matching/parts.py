"""What part each of many lines plays: few differ in account, kind, description and direction. Pure."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from plugins.finance.matching.kinds import Kind, chosen, classify, part_code, subjects_of

Words = Callable[[NDArray[np.int64]], tuple[Sequence[str | None], Sequence[str | None]]]


@dataclass(frozen=True)
class Told:
    """What lines say that is the same for many: places among the accounts, and words as Arrow arrays."""

    account: NDArray[np.integer[Any]]
    incoming: NDArray[np.bool_]
    kind: pa.Array
    text: pa.Array


def parts(
    accounts: Sequence[str], told: Told, known: Sequence[Kind], words: Words
) -> tuple[NDArray[np.int8], NDArray[np.int64]]:
    """Part of each line, and its subject's place in ``subjects_of(known)``.

    ``words(rows)`` gives memo and merchant's number, asked only of lines that nothing else tells apart.
    """
    encoded = [_encoded(each) for each in (told.kind, told.text)]
    alike = told.account.astype(np.int64)
    for codes, size in (*((each, len(names)) for each, names in encoded), (told.incoming, 2)):
        alike = alike * size + codes
    group, _ = pd.factorize(alike)
    first = np.zeros(int(group.max(initial=-1)) + 1, np.int64)
    first[group[::-1]] = np.arange(len(group))[::-1]
    (kinds, kind_names), (texts, text_names) = encoded
    channels = [each.partition(":")[0] for each in accounts]
    candidates = classify(
        known,
        [
            (channels[told.account[row]], kind_names[kinds[row]], text_names[texts[row]], bool(told.incoming[row]))
            for row in first.tolist()
        ],
    )
    place = {subject: number for number, subject in enumerate(subjects_of(known))}
    part = np.array([part_code(each[-1].part) for each in candidates], np.int8)[group]
    what = np.array([place[each[-1].subject] for each in candidates], np.int64)[group]
    unclear = np.array([len(each) > 1 for each in candidates], np.bool_)
    rows = np.flatnonzero(unclear[group]) if len(group) else np.zeros(0, np.int64)
    for row, memo, merchant in zip(rows.tolist(), *words(rows), strict=True):
        found = chosen(candidates[group[row]], memo or "", merchant or "")
        part[row], what[row] = part_code(found.part), place[found.subject]
    return part, what


def _encoded(words: pa.Array) -> tuple[NDArray[np.int64], list[str]]:
    """A column of words as places among its different ones."""
    found = words if pa.types.is_dictionary(words.type) else words.fill_null("").dictionary_encode()
    return found.indices.to_numpy(zero_copy_only=False).astype(np.int64), found.dictionary.to_pylist()
