"""What a dry run shows before anything is stored: some records as they would become, and what each column is to it."""

from collections.abc import Mapping, Sequence
from typing import Any

from core.contracts import Importer
from core.files import services as files
from core.imports.applying import changed, plain
from core.imports.delimited import decoded, rows_of
from core.imports.evidence import roles_of
from core.imports.models import CREATED, UPDATED, ImportPart
from core.imports.plans import Outcome, Plan
from core.imports.tables import Sheet, recognised
from core.messages import N_, Refusal
from core.registry import registry

MANY = {UPDATED: 20, CREATED: 5}
HEAD = 65536  # bytes of the evidence in which its header is looked for
READ, PERSON, REGION, NOTE, UNUSED = (
    N_("Read"),
    N_("Dropped: it names or reaches a buyer"),
    N_("Read: province and city only"),
    N_("Read: without contacts and accounts"),
    N_("Not read"),
)


def sample(made: Plan, found: Outcome) -> list[dict[str, Any]]:
    """Some records that a plan would change, then some that it would make: row, key, fields before and after."""
    some: dict[str, list[dict[str, Any]]] = {action: [] for action in MANY}
    for source, of_row, keys in found.rows:
        for key in keys if of_row in MANY else ():
            action = made.action(key)
            if action in MANY and len(some[action]) < MANY[action]:
                told = {"sheet": source.table.sheet, "row": source.row, "kind": key[0], "key": made.names[key]}
                some[action].append(told | {"action": action, "changes": _changes(made, key, action)})
    return [told for group in some.values() for told in group]


def _changes(made: Plan, key: tuple[str, str], action: str) -> Mapping[str, Sequence[Any]]:
    if action == CREATED:
        values = made.created[key].values.items()
        return {field: [None, plain(value)] for field, value in values if value not in (None, "")}
    return changed(made, key)


def columns(part: ImportPart) -> list[tuple[str, str]]:
    """Each header of a kept table, and what is done with the cells under it; nothing once its importer is gone."""
    importer: Importer | None = registry().importers.get(part.kind)
    if part.file is None or importer is None:
        return []
    try:
        table = recognised(Sheet(part.sheet, rows_of(decoded(files.read(part.file)[:HEAD]))), [importer])
    except Refusal:
        table = None
    if table is None:
        return []
    roles, read = roles_of(table), set(table.columns.values())
    words = dict.fromkeys(read, READ)
    words |= dict.fromkeys(roles.persons, PERSON) | dict.fromkeys(roles.regions, REGION)
    words |= dict.fromkeys(read.intersection(roles.notes), NOTE)
    return [(header, words.get(position, UNUSED)) for position, header in enumerate(table.header)]
