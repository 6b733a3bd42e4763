"""The list of documents."""

from operator import attrgetter

from sqlalchemy import func, select
from sqlalchemy.orm import defer, joinedload

from core.board.models import Task
from core.contracts import Actor
from core.documents.models import TASK, Document
from core.listing import Choice, Column, Listing
from core.messages import N_, msg
from core.registry import kind_label, registry
from core.stores.queries import of_store
from core.web import say

TASK_TITLE = (
    select(Task.number + " " + Task.title)
    .where(Document.subject_kind == TASK, Task.id == Document.subject_id)
    .correlate(Document)
    .scalar_subquery()
)


def _about(document: Document) -> str:
    if document.task is not None:
        return f"{document.task.number} {document.task.title}"
    return say(kind_label(document.subject_kind))


def _kinds(_actor: Actor) -> list[tuple[str, str]]:
    return [(each.name, each.label) for each in registry().documents.values()]


def _issuer(document: Document) -> str:
    return say(msg("the program")) if document.issuer == "system" else document.issuer


DOCUMENTS = Listing(
    "documents",
    Document,
    (
        Column("number", N_("Number"), attrgetter("number"), "link", Document.number),
        Column("kind", N_("Document"), attrgetter("label"), "label", Document.kind),
        Column("about", N_("About"), _about, sort=func.coalesce(TASK_TITLE, Document.subject_kind), wide=True),
        Column(
            "store", N_("Store"), lambda row: row.store.name if row.store else None, sort=Document.store_id, wide=True
        ),
        Column("issuer", N_("Issued by"), _issuer, sort=Document.issuer, wide=True),
        Column("issued", N_("Issued"), attrgetter("issued_at"), "when", Document.issued_at),
    ),
    search=(Document.number, func.coalesce(TASK_TITLE, "")),
    order=(Document.id.desc(),),
    filters=(
        of_store(Document.store_id),
        Choice("kind", N_("Any kind of document"), _kinds, lambda given: Document.kind == given),
    ),
    day=Document.issued_at,
    # what a document says is long, and no list shows it
    options=(defer(Document.snapshot), joinedload(Document.store), joinedload(Document.task)),
    key="number",
)
