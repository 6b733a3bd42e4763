"""File formats as plugins hand them over: columns, records and importers, frozen and free of any framework."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from core.messages import Message

# A note is written by people, a memo by the platform: numbers in it may name an order. A rate is in basis points.
ColumnKind = Literal["id", "text", "note", "memo", "money", "int", "rate", "time", "region", "attributes"]


@dataclass(frozen=True)
class Column:
    """A column an importer reads: its field, the header names it goes by, and how its cells are cleaned.

    ``required`` refuses a file without it; ``occurrence`` says which one is meant where a header occurs twice.
    """

    field: str
    headers: tuple[str, ...]
    kind: ColumnKind = "text"
    required: bool = False
    occurrence: int = 1


@dataclass(frozen=True)
class ImportRecord:
    """One record found in a row: its kind, its natural key within the store, and its values; None says nothing.

    ``amounts`` names values in which two rows of one file may not differ for the same key. ``counted`` says that the
    key alone does not tell two records apart: identical rows are that many records, not repeats. ``alias`` finds a
    record that another generation of the file stored under a key of its own kind. ``named`` is what people call the
    record, where its key would tell them nothing.
    """

    kind: str
    key: str
    values: Mapping[str, Any]
    amounts: tuple[str, ...] = ()
    counted: bool = False
    alias: str = ""
    named: str = ""


@dataclass(frozen=True)
class Columnar:
    """How an importer works on whole columns of a large text file: much faster, and with the very same result.

    Rows with the same cell under the field ``key`` speak of one record of ``kind``, rows with different ones never do.
    ``records(columns, facts)`` gets the cleaned cells by field as Arrow arrays, without those the file has no column
    for, and gives the records' keys and their values by field; where a key is null the row is read as in a small file.
    ``check(table, columns)`` and ``whole(table, columns)`` are the importer's own for a table whose ``rows`` are only
    those that were not read as columns; the others' fields ``summed`` are in ``columns``, with ``number``.
    ``ordered`` is the time by which the records are written: most indexes grow at their end then, which is fast.
    """

    kind: str
    key: str
    records: Callable[[Mapping[str, Any], Mapping[str, Any]], tuple[Any, Mapping[str, Any]]]
    check: Callable[[Any, Mapping[str, Any]], Sequence[Message]] | None = None
    whole: Callable[[Any, Mapping[str, Any]], Sequence[ImportRecord]] | None = None
    summed: tuple[str, ...] = ()
    ordered: str = ""


@dataclass(frozen=True)
class Importer:
    """A file format: how it is recognised, what its columns mean, what records its rows become.

    A file is recognised by its headers: all required columns, and of each group of fields in ``needs`` at least one.
    ``records(row)`` gets the cleaned cells by field, without those the file has no column for, and raises
    ``core.imports.rules.RowRejected`` for a row that cannot be taken. Headers that name a buyer are dropped before
    anything is kept; ``identity`` names further ones. ``carry`` names fields that, all of them blank, repeat the row
    above (merged cells). ``check(table)`` gives reasons to refuse the whole file (its own totals do not add up);
    ``facts(table)`` what the file says once for all its rows (an account, a period), which every row then has beside
    its cells; ``whole(table)`` the records that the file is as a whole, beside those of its rows.
    ``together(tables)`` gives reasons to refuse a file for what its tables, of all importers, say of each other; one
    of an importer without ``records`` is only judged.
    ``objections(records, store_id)`` reasons not to take what was read into a store (None: one that is yet to be made).
    ``ragged`` says that its rows may lack blank cells at the end. ``variants()`` gives the importers that stand for
    this one now, where users say what its columns are called; they bear its name. ``columnar`` reads large files.
    ``merge(kind, stored, new)`` gives the values to change in a stored record, or raises ``RowRejected`` where a file
    may not change it; by default every value that differs and is not None.
    ``shared`` names what the table is (a courier's bill) where several teams read it: whichever importer knows it best,
    each other one with the same word that finds its columns takes it too, into an import of its own.
    """

    name: str
    label: str
    columns: tuple[Column, ...]
    records: Callable[[Mapping[str, Any]], Sequence[ImportRecord]] | None
    needs: tuple[tuple[str, ...], ...] = ()
    identity: tuple[str, ...] = ()
    carry: tuple[str, ...] = ()
    check: Callable[[Any], Sequence[Message]] | None = None
    facts: Callable[[Any], Mapping[str, Any]] | None = None
    whole: Callable[[Any], Sequence[ImportRecord]] | None = None
    together: Callable[[Sequence[Any]], Sequence[Message]] | None = None
    objections: Callable[[Iterable[ImportRecord], int | None], Sequence[Message]] | None = None
    merge: Callable[[str, Mapping[str, Any], Mapping[str, Any]], Mapping[str, Any]] | None = None
    ragged: bool = False
    variants: Callable[[], Sequence["Importer"]] | None = None
    columnar: Columnar | None = None
    permission: str = "imports.run"
    weight: int = 50
    shared: str = ""
