"""Pages to draft and edit a task."""

from typing import Any

from flask import Response, abort, request

from core.access import current_actor, needs, record
from core.board import forms, rules, services, shown
from core.board.models import Task
from core.board.situation import relatives
from core.board.types import available, task_type
from core.board.views import bp, find
from core.contracts import TaskType
from core.messages import Refusal, refuse
from core.pages import answer
from core.registry import registry
from core.stores.queries import store_names
from core.web import go, respond, whole_number


@bp.get("/tasks/new")
@needs("board.create")
def new() -> Response:
    """Choose a kind of task, then write its brief; ``record`` prefills and links it."""
    kind = registry().task_types.get(request.args.get("type", ""))
    refs = [ref for text in request.args.getlist("record") if (ref := forms.reference(text))]
    if kind is None:
        return respond("board/choose.html", groups=_types_by_team(refs), query=_carried())
    actor, values, title, store_id = current_actor(), {}, "", None
    for ref in refs:
        found, summary = record(ref, actor) or abort(404), registry().record_types[ref.kind].summary
        title, store_id = title or found.title, store_id or found.store_id
        if kind.prefill and summary:
            values |= kind.prefill({"kind": ref.kind, **summary(found)})
    return _form(
        kind,
        {"title": title[:200], "store": store_id, "parent": request.args.get("parent", ""), "priority": 1},
        values,
        records=refs,
    )


def _carried() -> dict[str, list[str]]:
    return {name: request.args.getlist(name) for name in ("record", "parent") if request.args.get(name)}


def _types_by_team(refs: list[Any]) -> list[dict[str, Any]]:
    groups: dict[str, list[TaskType]] = {}
    for kind in registry().task_types.values():
        if all(not kind.from_records or ref.kind in kind.from_records for ref in refs):
            groups.setdefault(kind.team, []).append(kind)
    return [{"team": team, "label": shown.team_label(team), "types": types} for team, types in groups.items()]


@bp.post("/tasks/new")
@needs("board.create")
def create() -> Response:
    kind = registry().task_types.get(request.form.get("type", ""))
    if kind is None:
        abort(404)
    actor = current_actor()
    draft, problems = forms.draft(kind, actor)
    try:
        refuse(**problems)
        made = services.draft_task(actor, kind.name, request.form.get("team", ""), draft)
    except Refusal as refusal:
        return _form(kind, request.form, draft.brief, draft.records, refusal=refusal)
    return go("board.task", number=made.number)


@bp.get("/tasks/<number>/edit")
@needs("board.create")
def edit(number: str) -> Response:
    found = find(number)
    if not available(found.type):
        abort(404)
    given = {
        "title": found.title,
        "priority": found.priority,
        "due_at": found.due_at,
        "store": found.store_id,
        "parent": found.parent.number if found.parent else "",
        "blockers": " ".join(task.number for task in relatives(found).blockers),
        "version": found.version,
    }
    return _form(task_type(found.type), given, found.brief, task=found)


@bp.post("/tasks/<number>/edit")
@needs("board.create")
def save(number: str) -> Response:
    found, actor = find(number), current_actor()
    kind = task_type(found.type)
    draft, problems = forms.draft(kind, actor)
    try:
        refuse(**problems)
        version = whole_number(request.form.get("version")) or 0  # one that does not say what it saw is stale
        services.edit_task(found.id, actor, draft, version)
    except Refusal as refusal:
        return _form(kind, request.form, draft.brief, task=find(number), refusal=refusal)
    return go("board.task", number=number)


def _form(
    kind: TaskType,
    given: Any,
    values: Any,
    records: Any = (),
    *,
    task: Task | None = None,
    refusal: Refusal | None = None,
) -> Response:
    actor = current_actor()
    return answer(
        "board/edit.html",
        refusal,
        kind=kind,
        task=task,
        given=given,
        values=values,
        raw=request.form if refusal else None,  # also what somebody else was quicker to change: it is compared
        records=[(ref, found.title) for ref in records if (found := record(ref, actor))],
        teams=[(code, shown.team_label(code)) for code in registry().teams if actor.in_team(code)],
        stores=store_names(actor),
        priorities=list(enumerate(rules.PRIORITIES)),
    )
