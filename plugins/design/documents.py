"""The design brief on paper: what a designer needs beside the screen, and the requester stands by."""

from typing import Any

from core.board import brief
from core.board.contents import BRIEF_SLOT
from core.board.models import Task, TaskLink
from core.board.types import task_type
from core.contracts import DocumentType
from core.documents import handoff
from core.documents.rules import MOMENT
from core.extensions import db
from core.messages import N_
from core.registry import registry
from plugins.design.types import COPY, TASK_TYPES

HEAD = ("number", "title", "type", "priority", "rush", "due_at", "round", "store")
BOXED = (*COPY, "forbidden", "references")  # fields that stand in boxes of their own


def snapshot(task: Task) -> dict[str, Any]:
    """What the sheet shows. It stays true while the brief is what it was, wherever the task has moved meanwhile."""
    kind, head, parties = task_type(task.type), handoff.head(task), handoff.parties(task)
    return {
        "task": {name: head[name] for name in HEAD},
        "parties": {**parties, "holder": ""},
        "points": task.points,
        "brief": [row for row in brief.shown(kind.fields, task.brief) if row["name"] not in BOXED],
        "boxes": {name: list(task.brief.get(name, ())) for name in BOXED},
        "attachments": [handoff.file_line(file) for file in task.files if file.slot == BRIEF_SLOT],
        "products": [product for link in task.links if (product := _product(link))],
        "checks": [{"label": check.label, "mandatory": check.mandatory} for check in task.checks],
        "slots": [{"label": slot.label, "required": slot.required} for slot in kind.slots],
        MOMENT: {"holder": parties["holder"]},
    }


def _product(link: TaskLink) -> dict[str, Any] | None:
    """What is known of a linked product or SKU; a kind without plain values to show is left out."""
    kind = registry().record_types.get(link.kind)
    record = db.session.get(kind.model, link.record_id) if kind and kind.summary else None
    if kind is None or kind.summary is None or record is None:
        return None
    said = kind.summary(record)
    names = ("title", "item_id", "merchant_code", "barcode", "price", "attributes")
    return {"kind": kind.label, **{name: said.get(name) or "" for name in names}}


BRIEF = DocumentType(
    name="design.brief",
    label=N_("Design brief"),
    prefix="DES",
    template="design/documents/brief.html",
    version="1",
    snapshot=snapshot,
    task_types=tuple(TASK_TYPES),
)
