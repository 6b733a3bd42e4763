"""Write a plan into the store: in bulk, for a file has tens of thousands of rows."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import Table, insert, inspect, select, update

from core.contracts import Actor
from core.extensions import db
from core.imports.extraction import Key
from core.imports.models import ImportBatch, ImportRow
from core.imports.plans import Outcome, Plan
from core.registry import registry
from core.stores.models import RecordChange


def write(batch: ImportBatch, store_id: int, made: Plan, found: Outcome, actor: Actor) -> None:
    """Write the plan's records, their changes and what became of each row. Inside a transaction."""
    ids = {key: stored.id for key, stored in made.unchanged.items()}
    ids |= {key: stored.id for key, (stored, _) in made.updated.items()}
    for name in dict.fromkeys(kind for kind, _ in made.created):
        ids |= _create(name, store_id, made)
    _change(batch, made, actor)
    for name in {kind for kind, _ in ids}:
        connect(name, store_id)
    rows = [
        {
            "batch_id": batch.id,
            "sheet": source.table.sheet,
            "number": source.row,
            "action": action if source.repeat else made.action(key),
            "kind": key[0],
            "record_id": ids[key],
        }
        for source, action, keys in found.rows
        for key in keys
    ]
    if rows:
        db.session.execute(insert(ImportRow), rows)


def _create(name: str, store_id: int, made: Plan) -> dict[tuple[str, str], int]:
    kind = registry().record_types[name]
    table: Table = inspect(kind.model).local_table
    defaults = {each.key: each.default for each in table.columns if each.default is not None}
    usual = {field: default.arg for field, default in defaults.items() if default.is_scalar}
    records = [record for (of, _), record in made.created.items() if of == name]
    fields = {field for record in records for field in record.values}
    rows = []
    for record in records:
        row = {field: record.values.get(field) for field in fields}
        row |= {field: usual[field] for field in fields & usual.keys() if row[field] is None}
        rows.append(row | {"store_id": store_id, kind.key: record.key})
    written = db.session.execute(insert(table).returning(table.columns[kind.key], table.columns.id), rows)
    return {(name, key): record_id for key, record_id in written}


def _change(batch: ImportBatch, made: Plan, actor: Actor) -> None:
    rows: dict[str, list[dict[str, Any]]] = defaultdict(list)
    history: dict[str, dict[int, Any]] = defaultdict(dict)
    for (name, key), (stored, changes) in made.updated.items():
        version = {"version": stored.values["version"] + 1} if "version" in stored.values else {}
        rows[name].append({"id": stored.id, **changes, **version})
        history[name][stored.id] = changed(made, (name, key))
    for name, each in rows.items():
        rewrite(name, each, history[name], batch, actor, source="import")


def changed(made: Plan, key: Key) -> dict[str, list[Any]]:
    """What a plan changes in a stored record: field -> before and after."""
    stored, changes = made.updated[key]
    known = {**stored.values, registry().record_types[key[0]].key: stored.key}
    return {field: [plain(known.get(field)), plain(value)] for field, value in changes.items()}


def rewrite(
    kind: str, rows: list[dict[str, Any]], history: Mapping[int, Any], batch: ImportBatch, actor: Actor, *, source: str
) -> None:
    """Store changed records of one kind, rows with the same fields together, and what changed in each by its id."""
    alike: dict[tuple[str, ...], list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        alike[tuple(sorted(row))].append(row)
    for each in alike.values():
        db.session.execute(update(registry().record_types[kind].model), each)
    by = {"actor_id": actor.user_id, "actor_name": actor.name, "source": source, "batch_id": batch.id}
    changes = [{"kind": kind, "record_id": number, "changes": change, **by} for number, change in history.items()]
    if changes:
        db.session.execute(insert(RecordChange), changes)


def plain(value: Any) -> Any:
    """A value as history keeps it: what JSON holds."""
    return value.isoformat() if isinstance(value, date) else value


def restored(model: type, changes: Mapping[str, Any]) -> dict[str, Any]:
    """The values before ``changes``, as the columns of ``model`` take them."""
    columns = inspect(model).columns
    return {
        field: of.fromisoformat(before)
        if before is not None and (of := columns[field].type.python_type) in (date, datetime)
        else before
        for field, (before, _) in changes.items()
    }


def connect(name: str, store_id: int) -> None:
    """Fill in the ids by which records of this kind point to others, and others to them."""
    kinds = registry().record_types
    for kind in kinds.values():
        for column, (word, target) in kind.links.items():
            if name not in (kind.name, target) or target not in kinds:
                continue
            other, model = kinds[target].model, kind.model
            same = (other.store_id == store_id, getattr(other, kinds[target].key) == getattr(model, word))
            found = select(other.id).where(*same).scalar_subquery()
            db.session.execute(
                update(model)
                .where(
                    model.store_id == store_id, getattr(model, column).is_(None), select(other.id).where(*same).exists()
                )
                .values({column: found})
                .execution_options(synchronize_session=False)
            )
