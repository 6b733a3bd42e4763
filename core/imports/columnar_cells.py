"""What the cells of a whole column mean: the same as one by one.

A test tells which cells the function for one cell leaves as they are, or reads in the one plain way; all others are
given to that very function, each different one once. The test may doubt too many cells, never too few.
"""

from collections.abc import Callable, Sequence
from datetime import UTC
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from core.exports import BLANKS, DANGEROUS, NUMBER, SUSPECT
from core.imports import evidence, privacy
from core.imports.rules import CLEANERS, EDGE, RowRejected, as_id, bare, rounded_digits

SAMPLE = 4096
CLOTHED = f"^[{EDGE}'`=]|[{EDGE}]$|^(?s:.{{0,4}})$"  # what ``bare`` may take something off
D = r"\p{Nd}"
NO_D = r"[^\p{Nd}]"
PHONE = (
    rf"(?:^|{NO_D})(?:\+?86[- ]?)?1[3-9]{D}[- ]?{D}{{4}}[- ]?{D}{{4}}(?:$|{NO_D})"
    rf"|(?:^|{NO_D})0{D}{{2,3}}[- ]{D}{{7,8}}(?:$|{NO_D})"
)
CONTACT = f"(?s)@|{PHONE}"
ACCOUNT = "(?i)支付宝|微信|wechat|weixin|zfb|alipay|vx|wx|qq|账号|账户|帐号|帐户|卡号|旺旺"
PLAIN_ID = r"^[A-Za-z_-]*[0-9][0-9A-Za-z_-]*$"
LONGEST_ID = 64
PLAIN_MONEY = r"^-?[0-9]{1,12}\.[0-9]{2}$"
PLAIN_MOMENT = r"^20[0-9]{2}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}$"
AHEAD = 8 * 3600
MOMENT = pa.timestamp("us")
TYPES = {"money": pa.int64(), "int": pa.int64(), "rate": pa.int64(), "time": MOMENT}
KINDS = {*TYPES, "id", "text", "memo", "note", "region"}


class Cleaned(NamedTuple):
    """A column's values, and which cells of it could not be read, if any."""

    values: pa.Array
    bad: np.ndarray | None = None


def mask(values: pa.Array) -> np.ndarray:
    """Truth values for numpy; nothing is false."""
    return pc.fill_null(values, False).to_numpy(zero_copy_only=False)


def matches(cells: pa.Array, pattern: str) -> np.ndarray:
    """Which cells a pattern is found in."""
    return mask(pc.match_substring_regex(cells, pattern))


def few(cells: pa.Array) -> bool:
    """Whether a column repeats itself so much that its different cells are looked at instead."""
    sample = cells[:SAMPLE]
    return 2 * pc.count_distinct(sample).as_py() <= len(sample)


def mapped(cells: pa.Array, doubt: str | Callable[[pa.Array], np.ndarray], function: Callable[[str], Any]) -> pa.Array:
    """What ``function`` makes of each text; it leaves alone what is not in ``doubt``."""
    if few(cells) and len(cells):
        coded = cells.dictionary_encode()
        return _mapped(coded.dictionary, doubt, function).take(coded.indices)
    return _mapped(cells, doubt, function)


def _mapped(cells: pa.Array, doubt: str | Callable[[pa.Array], np.ndarray], function: Callable[[str], Any]) -> pa.Array:
    doubtful = matches(cells, doubt) if isinstance(doubt, str) else doubt(cells)
    if not doubtful.any():
        return cells
    made = [function(cell) for cell in cells.filter(pa.array(doubtful)).to_pylist()]
    return pc.replace_with_mask(cells, pa.array(doubtful), pa.array(made, pa.string()))


def told(cells: pa.Array | None, function: Callable[[Any], str | None], doubt: Any = None) -> pa.Array | None:
    """What ``function`` makes of cleaned texts, some of them nothing; of all of them, unless ``doubt`` says which."""
    if cells is None:
        return None
    return mapped(cells, doubt or (lambda texts: np.ones(len(texts), bool)), function)


def cleaned(kind: str, cells: pa.Array, rounded: bool = False) -> Cleaned:
    """A column as its kind is cleaned; ``rounded`` if a spreadsheet has rounded its identifiers."""
    if kind == "id":
        return _ids(cells, rounded)
    if kind in {"text", "memo", "note"}:
        return Cleaned(mapped(cells, CLOTHED, CLEANERS[kind]))
    if kind in PLAINLY and not few(cells):
        return PLAINLY[kind](cells)
    coded = cells.dictionary_encode()
    found = PLAINLY[kind](coded.dictionary) if kind in PLAINLY else _each(kind, coded.dictionary)
    bad = None if found.bad is None else found.bad[coded.indices.to_numpy()]
    return Cleaned(found.values.take(coded.indices), bad)


def _money(cells: pa.Array) -> Cleaned:
    plain = matches(cells, PLAIN_MONEY)
    digits = pc.replace_substring(_only(cells, plain, "0"), ".", "")
    return _rest("money", cells, plain, digits.cast(pa.int64()))


def _time(cells: pa.Array) -> Cleaned:
    plain = matches(cells, PLAIN_MOMENT)
    moments = _moments(_only(cells, plain, None))
    return _rest("time", cells, plain & mask(moments.is_valid()), moments)


PLAINLY = {"money": _money, "time": _time}


def _only(cells: pa.Array, plain: np.ndarray, other: str | None) -> pa.Array:
    return cells if plain.all() else pc.if_else(pa.array(plain), cells, pa.scalar(other, pa.string()))


def _moments(cells: pa.Array) -> pa.Array:
    try:
        seconds = cells.cast(pa.timestamp("s"))
    except pa.ArrowInvalid:  # a day that no calendar has
        seconds = pc.strptime(cells, format="%Y-%m-%d %H:%M:%S", unit="s", error_is_null=True)
    return pc.subtract(seconds, pa.scalar(AHEAD, pa.duration("s"))).cast(MOMENT)


def _each(kind: str, cells: pa.Array, clean: Callable[[str], Any] | None = None) -> Cleaned:
    """Every cell by the function for one."""
    clean, values, bad = clean or CLEANERS[kind], [], np.zeros(len(cells), bool)
    for position, cell in enumerate(cells.to_pylist()):
        try:
            values.append(clean(cell))
        except RowRejected:
            values.append(None)
            bad[position] = True
    if kind == "time":
        values = [value.replace(tzinfo=None) if value else None for value in values]
    return Cleaned(pa.array(values, TYPES.get(kind, pa.string())), bad if bad.any() else None)


def _rest(kind: str, cells: pa.Array, plain: np.ndarray, values: pa.Array, clean: Any = None) -> Cleaned:
    """The values of the plain cells, and of the others by the function for one."""
    if plain.all():
        return Cleaned(values)
    coded = cells.filter(pa.array(~plain)).dictionary_encode()
    found = _each(kind, coded.dictionary, clean)
    values = pc.replace_with_mask(values, pa.array(~plain), found.values.take(coded.indices))
    if found.bad is None:
        return Cleaned(values)
    bad = np.zeros(len(cells), bool)
    bad[np.flatnonzero(~plain)[found.bad[coded.indices.to_numpy()]]] = True
    return Cleaned(values, bad)


def plain_id(text: pa.Array) -> np.ndarray:
    """Which cells hold an identifier and nothing else."""
    digits = mask(pc.ascii_is_decimal(text))
    return digits | _of_those(~digits, text, PLAIN_ID)


def _of_those(which: np.ndarray, text: pa.Array, pattern: str) -> np.ndarray:
    """Which of some cells a pattern is found in."""
    found = which.copy()
    found[which] = matches(text.filter(pa.array(which)), pattern) if which.any() else False
    return found


def unwrapped(cells: pa.Array) -> pa.Array:
    """Cells without the blanks and the ="..." around them."""
    text = pc.utf8_trim(cells, EDGE)
    if not pc.any(pc.starts_with(text, '="')).as_py():
        return text
    return pc.replace_substring_regex(text, r'^="([0-9A-Za-z_-]+)"$', r"\1")


def _ids(cells: pa.Array, rounded: bool) -> Cleaned:
    if len(cells) and pc.max(pc.binary_length(cells)).as_py() == 0:
        return Cleaned(pa.nulls(len(cells), pa.string()))
    text = unwrapped(cells)
    plain = plain_id(text) & mask(pc.less_equal(pc.binary_length(text), LONGEST_ID))
    ends = "0" if rounded else "0000"
    plain &= ~_of_those(mask(pc.ends_with(text, ends)), text, f"^[0-9]{{15}}{ends}+$")

    def clean(cell: str) -> str | None:
        value = as_id(cell)
        if rounded and rounded_digits(bare(cell)):
            raise RowRejected("")  # type: ignore[arg-type]
        return value

    return _rest("id", cells, plain, text, clean)


def roundness(cells: pa.Array) -> tuple[int, int, int]:
    """Of identifiers: how many a spreadsheet could not keep, how many digits of them are zero, and of how many."""
    text = unwrapped(cells)
    long = mask(pc.ascii_is_decimal(text)) & mask(pc.greater_equal(pc.binary_length(text), 16))
    tails = _of_those(long & mask(pc.ends_with(text, "0")), text, "^[0-9]{15}0+$")
    zeros = [rounded_digits(each) for each in text.filter(pa.array(tails)).to_pylist()]
    return int(long.sum()), sum(zeros), sum(map(bool, zeros))


def shown(cells: pa.Array, position: int, roles: evidence.Roles, people: privacy.People) -> pa.Array:
    """A column as the evidence shows it."""
    if position in roles.persons:
        return pa.array([""] * len(cells))
    if position in roles.regions:
        return mapped(cells, "(?s).", lambda cell: CLEANERS["region"](cell) or "")
    if position in roles.texts:
        return mapped(cells, CONTACT, privacy.without_contacts)
    return _without_accounts(cells, people) if position in roles.memos else cells


def _without_accounts(cells: pa.Array, people: privacy.People) -> pa.Array:

    def doubtful(texts: pa.Array) -> np.ndarray:
        return people.may_be_in_any(texts) | matches(texts, CONTACT) | matches(texts, ACCOUNT)

    return mapped(
        cells,
        doubtful,
        lambda cell: privacy.without_accounts(evidence.unnamed(cell, people)) if len(cell) > 1 else cell,
    )


WRITTEN = rf"^[{BLANKS}]*[{DANGEROUS.replace('-', '')}-]"
FIRST_BYTES = np.isin(np.arange(256), [letter.encode()[0] for letter in SUSPECT])


def safe(cells: pa.Array) -> pa.Array:
    """Cells as a CSV file holds them: nothing runs as a formula, and what must be is in quotes."""
    data, begins = _bytes(cells)
    if len(data) and FIRST_BYTES[data[begins[:-1][np.diff(begins) > 0]]].any():
        runs = matches(cells, WRITTEN) & ~matches(cells, f"^(?:{NUMBER.pattern})$")
        cells = pc.if_else(pa.array(runs), pc.binary_join_element_wise(pa.scalar("'"), cells, ""), cells)
    raw = _bytes(cells)[0].tobytes()
    if any(mark in raw for mark in (b'"', b",", b"\n", b"\r")):
        wraps = matches(cells, '[",\r\n]')
        quote = pa.scalar('"')
        quoted = pc.binary_join_element_wise(quote, pc.replace_substring(cells, '"', '""'), quote, "")
        cells = pc.if_else(pa.array(wraps), quoted, cells)
    return cells


def _bytes(cells: pa.Array) -> tuple[np.ndarray, np.ndarray]:
    """A column's bytes and where each cell begins in them."""
    _, places, data = cells.buffers()
    begins = np.frombuffer(places, np.int32)[cells.offset : cells.offset + len(cells) + 1]
    bytes_of = np.frombuffer(data, np.uint8) if data is not None else np.zeros(0, np.uint8)
    return bytes_of[begins[0] : begins[-1]], begins - begins[0]


def lines(columns: list[pa.Array]) -> tuple[memoryview, np.ndarray]:
    """The rows of a CSV file, and where each begins and the last ends."""
    joined = pc.binary_join_element_wise(*map(safe, columns), ",")
    ended = pc.binary_join_element_wise(joined, pa.scalar("\r\n"), "")
    data, begins = _bytes(ended)
    return memoryview(data), begins


def python(column: pa.Array) -> list[Any]:
    """A column's values as a record has them."""
    if pa.types.is_timestamp(column.type):
        return [None if at is None else at.replace(tzinfo=UTC) for at in column.to_pylist()]
    return column.to_pylist()


def same(value: str, count: int) -> pa.Array:
    """One value as often as there are rows, in little space."""
    return pa.DictionaryArray.from_arrays(np.zeros(count, np.int8), [value])


def rows(numbers: np.ndarray, columns: Sequence[pa.Array], which: np.ndarray) -> list[tuple[int, list[str]]]:
    """Some rows, one by one, and then those of them that are blank, without cells."""
    blank = which.copy()
    for column in columns if which.any() else ():
        blank &= mask(pc.equal(pc.binary_length(column), 0))
    which = which & ~blank
    cells = [column.filter(pa.array(which)).to_pylist() for column in columns]
    told = [(number, list(row)) for number, *row in zip(numbers[which].tolist(), *cells, strict=True)]
    return [*told, *((number, []) for number in numbers[blank].tolist())]
