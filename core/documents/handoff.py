"""The handoff sheet: what it says of a task, as plain values."""

from collections.abc import Mapping
from typing import Any

from core.audit import services as audit
from core.board import brief, clocks, contents, rules
from core.board.models import Leg, Task, TaskApproval, TaskFile
from core.board.services import RUSH
from core.board.situation import relatives
from core.board.types import task_type
from core.contracts import DocumentType, Ref
from core.documents.models import TASK
from core.documents.rules import MOMENT
from core.extensions import db
from core.messages import N_
from core.registry import kind_label, team_label
from core.stores.models import Store

OUTSIDE = N_("Outside")


def snapshot(task: Task) -> dict[str, Any]:
    """All that the sheet shows. Labels are message ids; what people wrote is as they wrote it.

    ``task`` and ``parties`` are the head; ``brief`` rows carry label, kind and value, as ``core.board.brief.shown``
    gives them; ``attachments``, ``slots`` and ``signoff`` name files by version and SHA-256; ``moment`` holds what
    moves by itself: the running leg's seconds and the end of the task's log.
    """
    kind, around = task_type(task.type), relatives(task)
    approval = next((each for each in reversed(task.approvals) if each.voided_at is None), None)
    return {
        "task": head(task),
        "parties": parties(task),
        "brief": brief.shown(kind.fields, task.brief) + brief.strangers(kind.fields, task.brief),
        "attachments": [file_line(each) for each in task.files if each.slot == contents.BRIEF_SLOT],
        "checks": checks(task),
        "slots": slots(task, approval),
        "signoff": signoff(task, approval),
        "legs": [_leg(each) for each in task.legs],
        "rounds": _rounds(task),
        "records": [{"label": kind_label(link.kind), "title": link.title} for link in task.links],
        "parent": _line(task.parent) if task.parent else None,
        "blockers": [_line(other) for other in around.blockers],
        "children": [_line(other) for other in around.children],
        MOMENT: _moment(task),
    }


def head(task: Task) -> dict[str, Any]:
    """The task's own facts."""
    store = db.session.get(Store, task.store_id) if task.store_id else None
    return {
        "number": task.number,
        "title": task.title,
        "type": task_type(task.type).label,
        "state": rules.STATES[task.state],
        "priority": rules.PRIORITIES[task.priority],
        "rush": task.priority == RUSH,
        "due_at": task.due_at,
        "created_at": task.created_at,
        "closed_at": task.closed_at,
        "round": task.round,
        "store": store.title if store else "",
        "waiting": (task.waiting or {}).get("why", ""),
    }


def parties(task: Task) -> dict[str, Any]:
    """Who asks whom."""
    return {
        "from_team": team_label(task.requester_team),
        "requester": task.requester.name,
        "to_team": team_label(task.responsible_team),
        "holder": task.holder.name if task.holder else "",
    }


def checks(task: Task) -> list[dict[str, Any]]:
    """The acceptance checklist as it stands."""
    return [
        {
            "label": each.label,
            "mandatory": each.mandatory,
            "result": each.result or "",
            "note": each.note,
            "by": each.by.name if each.by and each.result else "",
            "at": each.at if each.result else None,
        }
        for each in task.checks
    ]


def slots(task: Task, approval: TaskApproval | None) -> list[dict[str, Any]]:
    """Deliverable slots with their versions, newest first, each marked if the sign-off is for it; of a slot that holds
    many files, each of them by itself."""
    approved = {(each["slot"], each["version"]) for each in approval.files} if approval else set()
    found = []
    for slot in contents.slots_of(task):
        mine = [each for each in reversed(task.files) if each.slot == slot.name]
        lines = [{**file_line(each), "approved": (each.slot, each.version) in approved} for each in mine]
        parts = [[line] for line in reversed(lines)] if slot.many and lines else [lines]
        found += [{"label": slot.label, "required": slot.required, "versions": part} for part in parts]
    return found


def file_line(version: TaskFile) -> dict[str, Any]:
    """One file version; ``picture`` is the thumbnail's SHA-256, empty for what is not an image."""
    return {
        "version": version.version,
        "name": version.file.name,
        "size": version.file.size,
        "sha256": version.sha256,
        "kind": version.file.kind,
        "pixels": [version.file.width, version.file.height] if version.file.width else None,
        "picture": version.file.thumb or "",
        "by": version.by.name,
        "at": version.at,
    }


def signoff(task: Task, approval: TaskApproval | None) -> dict[str, Any] | None:
    """The electronic sign-off that stands, with who co-signed, or None."""
    if approval is None:
        return None
    return {
        "by": approval.by.name,
        "at": approval.at,
        "note": approval.note,
        "cosigners": [
            {"name": each.user.name, "at": each.at} for each in task.cosigns if each.agreed and each.round == task.round
        ],
    }


def _leg(leg: Leg) -> dict[str, Any]:
    return {
        "team": team_label(leg.team) if leg.team else OUTSIDE,
        "holder": leg.user.name if leg.user else "",
        "state": rules.STATES[leg.state],
        "started_at": leg.started_at,
        "ended_at": leg.ended_at,
        "seconds": leg.working_seconds,
        "target": leg.target_minutes,
        "breached": leg.breached,
    }


def _rounds(task: Task) -> list[dict[str, Any]]:
    labels = {check.name: check.label for check in task.checks}
    return [
        {
            "round": each.round,
            "what": N_("Rework") if each.verb == "rework" else N_("Sent back"),
            "reason": rules.REASONS.get(each.reason, each.reason),
            "text": each.text,
            "failed": [labels.get(name, name) for name in each.failed_checks],
            "by": each.by.name,
            "at": each.at,
        }
        for each in task.rounds
    ]


def _line(task: Task) -> dict[str, Any]:
    """How another task stands; what it is about is its own team's affair while it is a draft."""
    return {
        "number": task.number,
        "title": task.title if task.state != rules.DRAFT else "",
        "state": rules.STATES[task.state],
        "team": team_label(task.responsible_team),
    }


def _moment(task: Task) -> Mapping[str, Any]:
    last = audit.last_event(Ref(TASK, task.id))
    running = clocks.running(task.legs)
    return {
        "running": clocks.spent(running) if running else 0,
        "log": {"id": last.id, "at": last.at, "hash": last.hash} if last else None,
    }


HANDOFF = DocumentType(
    name="core.handoff",
    label=N_("Handoff sheet"),
    prefix="HND",
    template="documents/handoff.html",
    version="1",
    snapshot=snapshot,
    subject=TASK,
)
