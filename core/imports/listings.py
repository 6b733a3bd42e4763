"""The list of imports."""

from operator import attrgetter
from typing import Any

from sqlalchemy import ColumnElement

from core.contracts import Actor
from core.imports.models import APPLIED, APPLYING, CHECKED, STATES, WRITING, ImportBatch
from core.imports.services import importers_for
from core.listing import Choice, Column, Listing, among, called
from core.messages import LIST, N_, Message, msg, together
from core.registry import registry
from core.stores.queries import of_store
from core.web import say

TONES = {APPLIED: "green", APPLYING: "accent", WRITING: "accent", CHECKED: "amber"}


def labels() -> dict[str, str]:
    """What each kind of file is called."""
    return {each.name: each.label for each in registry().importers.values()}


def _kinds(batch: ImportBatch) -> Message:
    known = labels()
    return together([Message(known.get(kind, kind)) for kind in batch.kind.split(",")], LIST)


def _offered(actor: Actor) -> list[tuple[str, str]]:
    return [(each.name, each.label) for each in importers_for(actor)]


def _of_kind(given: str) -> ColumnElement[bool] | None:
    """A batch names all kinds that its file holds, between commas."""
    kinds: Any = "," + ImportBatch.kind + ","
    return kinds.contains(f",{given},", autoescape=True) if given in registry().importers else None


def _by(batch: ImportBatch) -> str:
    return say(msg("the program")) if batch.actor_name == "system" else batch.actor_name


def _count(name: str, label: str, wide: bool = True, tone: Any = None) -> Column:
    return Column(name, label, attrgetter(name), "number", getattr(ImportBatch, name), wide, tone)


IMPORTS = Listing(
    "imports",
    ImportBatch,
    (
        Column("file", N_("File"), attrgetter("file_name"), "link", ImportBatch.file_name),
        Column("kind", N_("Kind of file"), _kinds, "label", ImportBatch.kind, wide=True),
        Column("store", N_("Store"), attrgetter("store_name"), sort=ImportBatch.store_name, wide=True),
        Column(
            "state",
            N_("State"),
            called(STATES, "state"),
            "label",
            ImportBatch.state,
            tone=lambda batch: TONES.get(batch.state, ""),
        ),
        _count("rows", N_("Rows"), wide=False),
        _count("created", N_("New")),
        _count("updated", N_("Changed")),
        _count("rejected", N_("Rejected"), wide=False, tone=lambda batch: "red" if batch.rejected else ""),
        Column("by", N_("By"), _by, sort=ImportBatch.actor_name, wide=True),
        Column("when", N_("When"), attrgetter("created_at"), "when", ImportBatch.created_at, wide=True),
    ),
    search=(ImportBatch.file_name, ImportBatch.store_name),
    order=(ImportBatch.id.desc(),),
    filters=(
        of_store(ImportBatch.store_id),
        Choice("kind", N_("Any kind of file"), _offered, _of_kind),
        among("state", N_("Any state"), STATES, ImportBatch.state),
    ),
    day=ImportBatch.created_at,
)
