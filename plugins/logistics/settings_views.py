"""Pages of what the lead sets: one for each kind of entries."""

from typing import Any

from flask import Response, abort, request
from flask.typing import ResponseReturnValue

from core import localtime
from core.access import allowed, current_actor, needs
from core.board import brief
from core.messages import Refusal, msg, refuse
from core.pages import answer
from core.web import go, whole_number
from plugins.logistics import settings
from plugins.logistics.pages import bp
from plugins.logistics.records import VIEW

CHANGE = "logistics.settings"


@bp.get("/settings", endpoint="settings")
@needs(VIEW)
def first() -> ResponseReturnValue:
    return _page(settings.SETTINGS["rules"])


@bp.get("/settings/<what>")
@needs(VIEW)
def setting(what: str) -> ResponseReturnValue:
    return _page(_known(what))


def _known(what: str) -> settings.Setting:
    return settings.SETTINGS.get(what) or abort(404)


def _page(kind: settings.Setting, refusal: Refusal | None = None) -> Response:
    rows = settings.rows(kind)
    asked = request.args.get("edit", "")
    names = {str(getattr(row, "id", getattr(row, "code", ""))): row for row in rows}
    edited = names.get(asked)
    values: dict[str, Any] = settings.shown(kind, edited) if edited is not None else {}
    today = localtime.today()
    return answer(
        "logistics/settings.html",
        refusal,
        kind=kind,
        kinds=settings.SETTINGS.values(),
        rows=rows,
        shown=[settings.shown(kind, row) for row in rows],
        edited=edited,
        asked=asked,
        values=values,
        labels={field.name: field for field in kind.fields},
        today=today,
        held=bool(edited is not None and kind.numbered and edited.since <= today),
        may_change=allowed(current_actor(), CHANGE),
        raw=request.form if refusal else None,
    )


@bp.post("/settings/<what>")
@needs(CHANGE)
def save_setting(what: str) -> Response:
    kind = _known(what)
    values, problems = brief.parse(kind.fields, request.form.getlist)
    try:
        refuse(**problems)
        settings.save(kind, current_actor(), values, whole_number(request.args.get("edit")))
    except Refusal as refusal:
        return _page(kind, refusal)
    return go("logistics.setting", msg("The change is stored."), what=what)
