"""Make and edit store records by hand."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy.exc import IntegrityError

from core import plugins
from core.audit import services as audit
from core.contracts import Actor, Ref
from core.messages import Refusal, Stale, msg
from core.registry import registry
from core.stores.models import RecordChange, Store
from core.transactions import transaction


def create_store(name: str, actor: Actor, **values: Any) -> Store:
    """A new store with these ``values``; raises ``Refusal`` when there is one of that name."""
    name = checked_name(name)
    with transaction() as session:
        store = Store(name=name, **values)
        try:
            with session.begin_nested():
                session.add(store)
        except IntegrityError:
            raise taken(name) from None
        audit.record(actor, "store_created", Ref("core.store", store.id), {"name": name}, store_id=store.id)
        plugins.tell_later("record_saved", record=store, actor=actor)
    return store


def taken(name: str) -> Refusal:
    """The refusal of a name that another store has."""
    return Refusal(fields={"name": msg("There is a store called %(name)s already.", name=name)})


def checked_name(name: str) -> str:
    """A store's name without blanks around it; raises ``Refusal`` for none, or one too long."""
    name = " ".join(name.split())
    if not name:
        raise Refusal(fields={"name": msg("Give the store a name.")})
    if len(name) > 80:
        raise Refusal(fields={"name": msg("The name is too long: at most %(count)s characters.", count=80)})
    return name


def edit(kind: str, record_id: int, version: int | None, values: Mapping[str, Any], actor: Actor) -> Any:
    """Change a record by hand, and keep what it was; plugins may object.

    Raises ``Stale`` when somebody changed it since ``version``.
    """
    with transaction() as session:
        record = session.get(
            registry().record_types[kind].model, record_id, with_for_update=True, populate_existing=True
        )
        if record is None or record.version != version:
            raise Stale(msg("Somebody else changed this record first."))
        changes = {
            name: [getattr(record, name), value] for name, value in values.items() if getattr(record, name) != value
        }
        if not changes:
            return record
        for name, (_, value) in changes.items():
            setattr(record, name, value)
        record.version += 1
        try:
            session.flush()
        except IntegrityError:  # of all that people change, a store's name is the one thing that no other may have
            raise taken(changes["name"][1]) from None
        problems = list(plugins.collect("record_problems", record=record))
        if problems:
            loose = [problem.message for problem in problems if not problem.field]
            raise Refusal(*loose, fields={problem.field: problem.message for problem in problems if problem.field})
        session.add(
            RecordChange(
                kind=kind,
                record_id=record_id,
                actor_id=actor.user_id,
                actor_name=actor.name,
                source=actor.source,
                changes=changes,
            )
        )
        audit.record(actor, "record_edited", Ref(kind, record_id), {"changes": changes}, store_id=record.store_id)
        plugins.tell_later("record_saved", record=record, actor=actor)
    return record
