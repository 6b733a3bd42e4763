"""What a file would change in a store: its records against what is stored."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import islice
from typing import Any

from sqlalchemy import String, Table, UniqueConstraint, inspect, or_, select

from core.contracts import ImportRecord, RecordType
from core.extensions import db
from core.imports.extraction import Extract, Key, Rejected, Source, merged, rejection
from core.imports.models import CONFLICT, CREATED, REPEAT, UNCHANGED, UPDATED
from core.imports.rules import RowRejected
from core.messages import msg
from core.registry import registry

CHUNK = 5_000
LONGEST = 800  # bytes of a text that an index holds: PostgreSQL takes three such texts into one entry


@dataclass(frozen=True)
class Stored:
    """A record as it is in the database."""

    id: int
    key: str
    values: Mapping[str, Any]


@dataclass
class Plan:
    """What becomes of each record: new, changed (what it was, what changes), or in conflict, with its name."""

    created: dict[Key, ImportRecord] = field(default_factory=dict)
    updated: dict[Key, tuple[Stored, dict[str, Any]]] = field(default_factory=dict)
    unchanged: dict[Key, Stored] = field(default_factory=dict)
    conflicts: dict[Key, RowRejected] = field(default_factory=dict)
    names: dict[Key, str] = field(default_factory=dict)

    def action(self, key: Key) -> str:
        """What the file does to one record."""
        for name, group in ((CONFLICT, self.conflicts), (CREATED, self.created), (UPDATED, self.updated)):
            if key in group:
                return name
        return UNCHANGED


@dataclass
class Outcome:
    """What becomes of each row; every row is counted once."""

    counts: Counter[str] = field(default_factory=Counter)
    rows: list[tuple[Source, str, list[Key]]] = field(default_factory=list)
    conflicts: list[Rejected] = field(default_factory=list)


def plan(extract: Extract, store_id: int | None) -> Plan:
    """Compare what a file holds with what the store has; nothing is stored for a store that is yet to be made."""
    made = Plan()
    for name, importer in extract.importers.items():
        kind = registry().record_types[name]
        records = [record for (of, _), record in extract.records.items() if of == name]
        known = _Known(kind, store_id, records)
        for record in records:
            key, stored = (name, record.key), known.match(record)
            made.names[key] = record.named or record.key
            if (why := too_long(kind, record)) is not None:
                made.conflicts[key] = why
                continue
            if stored is None:
                made.created[key] = record
                continue
            try:
                changes = dict(merged(importer, name, stored.values, record.values))
            except RowRejected as why:
                made.conflicts[key] = why
                continue
            if stored.key != record.key and not record.key.startswith(record.alias):
                changes[kind.key] = record.key
            if changes:
                made.updated[key] = (stored, changes)
            else:
                made.unchanged[key] = stored
    return made


def too_long(kind: RecordType, record: ImportRecord) -> RowRejected | None:
    """Why a database could not find a record again: a text of it that an index holds has no end."""
    told = {**record.values, kind.key: record.key}
    for name in indexed(kind.model):
        if len((text := told.get(name) or "").encode()) > LONGEST:
            return RowRejected(msg("The text is too long."), name, text)
    return None


@cache
def indexed(model: Any) -> frozenset[str]:
    """The text columns of a model by which its records are found."""
    table: Table = inspect(model).local_table
    unique = [each for each in table.constraints if isinstance(each, UniqueConstraint)]
    columns = [column for each in (*table.indexes, *unique) for column in each.columns]
    return frozenset(column.key for column in columns if isinstance(column.type, String))


def outcome(extract: Extract, made: Plan) -> Outcome:
    """Put each row into its one class by the records it speaks of."""
    found, seen = Outcome(), set()
    for source in extract.sources:
        conflict = next((made.conflicts[key] for key in source.keys if key in made.conflicts), None)
        if conflict is not None:
            found.conflicts.append(rejection(source.table, source.row, conflict))
            continue
        first = [key for key in source.keys if key not in seen]
        seen.update(first)
        actions = {made.action(key) for key in first}
        if source.repeat:
            action = REPEAT
        elif source.keys and not first:
            action = UPDATED  # the file adds to what a row above said
        else:
            action = next((name for name in (CREATED, UPDATED) if name in actions), UNCHANGED)
        found.counts[action] += not source.whole
        found.rows.append((source, action, source.keys if source.repeat else first))
    return found


class _Known:
    """The stored records of one kind that a file speaks of: by key, or else by alias, or by what they say."""

    def __init__(self, kind: RecordType, store_id: int | None, records: Sequence[ImportRecord]):
        self.kind = kind
        self.by_key: dict[str, Stored] = {}
        self.by_alias: dict[str, list[Stored]] = {}
        self.alike: dict[Any, list[Stored]] = {}
        self.matched: set[int] = set()
        if store_id is None or not records:
            return
        names = {name for record in records for name in record.values}
        fields = sorted((names | {"version"}) & {column.key for column in inspect(kind.model).column_attrs})
        model, keys = kind.model, {record.key for record in records}
        columns = [model.id, getattr(model, kind.key), *(getattr(model, name) for name in fields)]
        for part in chunks(records):
            wanted = getattr(model, kind.key).in_([record.key for record in part])
            if kind.alias:
                wanted = or_(wanted, getattr(model, kind.alias).in_({record.alias for record in part}))
            if kind.like:
                first = kind.like[0]
                wanted = or_(wanted, getattr(model, first).in_({record.values[first] for record in part}))
            for row in db.session.execute(select(*columns).where(model.store_id == store_id, wanted)):
                stored = Stored(row[0], row[1], dict(zip(fields, row[2:], strict=True)))
                self.by_key[stored.key] = stored
        if kind.alias:
            for stored in sorted(self.by_key.values(), key=lambda each: each.key):
                if stored.key not in keys:
                    self.by_alias.setdefault(stored.values[kind.alias], []).append(stored)
                    if kind.like:
                        self.alike.setdefault(stored.values[kind.like[0]], []).append(stored)

    def match(self, record: ImportRecord) -> Stored | None:
        """The stored record that a file's record is."""
        if found := self.by_key.get(record.key):
            return found
        candidates = self.by_alias.get(record.alias, []) if record.alias else []
        if self.kind.like:
            others = self.alike.get(record.values[self.kind.like[0]], [])
            candidates = [*candidates, *(each for each in others if self._agree(each, record))]
        numbered = not record.key.startswith(record.alias)
        for stored in candidates:
            if stored.id not in self.matched and stored.key.startswith(stored.values[self.kind.alias]) == numbered:
                self.matched.add(stored.id)
                return stored
        return None

    def _agree(self, stored: Stored, record: ImportRecord) -> bool:
        pairs = ((stored.values.get(name), record.values.get(name)) for name in self.kind.like)
        return all(ours == theirs or None in (ours, theirs) for ours, theirs in pairs)


def chunks(items: Sequence[Any], size: int = CHUNK) -> Iterator[list[Any]]:
    """``items`` in lists of at most ``size``."""
    rest = iter(items)
    while part := list(islice(rest, size)):
        yield part
