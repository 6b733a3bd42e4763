"""Pages of imports: drop a file, see what it would do, say yes, watch, read the report, take it back."""

import tempfile
from pathlib import Path
from typing import Any

from flask import Blueprint, Response, request
from flask.typing import ResponseReturnValue
from sqlalchemy import func, select

from core.access import current_actor, load, needs
from core.exports import MEDIA
from core.extensions import db
from core.imports import preview, services, undoing
from core.imports.listings import IMPORTS, labels
from core.imports.models import (
    APPLIED,
    CHECKED,
    CONFLICT,
    KEPT,
    REJECTED,
    STATES,
    ImportBatch,
    ImportRow,
)
from core.listing import download
from core.messages import Refusal, msg
from core.stores.queries import store_names, told
from core.stores.services import checked_name, taken
from core.web import go, respond, say

bp = Blueprint("imports", __name__)

SHOWN_ROWS = 200


@bp.get("/imports")
@needs("imports.run")
def index() -> ResponseReturnValue:
    return _index()


def _index(refusal: Refusal | None = None, file_name: str = "") -> Response:
    actor = current_actor()
    response = IMPORTS.respond(
        "imports/index.html",
        "imports.batch",
        stores=store_names(actor),
        kinds=[(each.name, each.label) for each in services.importers_for(actor)],
        reasons=refusal.reasons if refusal else (),
        problems=refusal.fields if refusal else {},
        refused=file_name,
    )
    response.status_code = 422 if refusal else 200
    return response


@bp.post("/imports")
@needs("imports.run")
def upload() -> ResponseReturnValue:
    """Read the file at once; the file as it was sent is never stored."""
    actor, sent = current_actor(), request.files.get("file")
    name = (sent.filename or "").replace("\\", "/").rsplit("/", 1)[-1][:200] if sent else ""
    try:
        if sent is None or not name:
            raise Refusal(fields={"file": msg("Choose a file.")})
        store = _chosen_store()
        importers = services.importers_for(actor, request.form.get("kind", ""))
        with tempfile.NamedTemporaryFile() as kept:
            sent.save(kept)
            kept.flush()
            readings = services.read_each(Path(kept.name), name, importers)
        batch = services.keep_each(readings, store, actor)[0]
    except Refusal as refusal:
        return _index(refusal, name)
    return go("imports.batch", id=batch.id)


def _chosen_store() -> str:
    chosen = request.form.get("store", "")
    if chosen == "new":
        name = checked_name(request.form.get("new_store", ""))
        if services.find_store(name) is not None:
            raise taken(name)
        return name
    names = {str(number): name for number, name in store_names(current_actor())}
    if chosen not in names:
        raise Refusal(fields={"store": msg("Choose the store this file belongs to.")})
    if request.form.get("new_store", "").strip():
        raise Refusal(fields={"store": msg("A new store is named, but another one is chosen: which is it?")})
    return names[chosen]


@bp.get("/imports/<int:id>")
@needs("imports.run")
def batch(id: int) -> ResponseReturnValue:
    return _batch(load(ImportBatch, current_actor(), id=id))


def _batch(found: ImportBatch) -> Response:
    shown = (ImportRow.batch_id == found.id, ImportRow.action.in_([REJECTED, CONFLICT, KEPT]))
    rows = select(ImportRow).where(*shown).order_by(ImportRow.sheet, ImportRow.number).limit(SHOWN_ROWS)
    same = (ImportBatch.sha256 == found.sha256, ImportBatch.kind == found.kind, ImportBatch.state == APPLIED)
    again = (*same, ImportBatch.id != found.id, ImportBatch.store_name == found.store_name)
    earlier = select(ImportBatch).where(*again).limit(1)
    waits = found.state == CHECKED
    return respond(
        "imports/batch.html",
        "imports/_batch.html",
        batch=found,
        job=found.job,
        rows=db.session.scalars(rows).all(),
        listed=db.session.scalar(select(func.count()).select_from(ImportRow).where(*shown)),
        earlier=db.session.scalar(earlier) if waits else None,
        beside=services.beside(found, current_actor()),
        sample=[each | {"told": told(each["kind"], each["changes"], {})} for each in found.sample] if waits else [],
        columns={part.id: preview.columns(part) for part in found.parts} if waits else {},
        labels=labels(),
        states=STATES,
    )


@bp.post("/imports/<int:id>/apply")
@needs("imports.run")
def apply(id: int) -> ResponseReturnValue:
    actor = current_actor()
    services.ask_to_apply(load(ImportBatch, actor, id=id).id, actor)
    return go("imports.batch", id=id)


@bp.post("/imports/<int:id>/discard")
@needs("imports.run")
def discard(id: int) -> ResponseReturnValue:
    services.throw_away(load(ImportBatch, current_actor(), id=id).id)
    return go("imports.index", msg("The dry run was thrown away; nothing was imported."))


@bp.post("/imports/<int:id>/undo")
@needs("imports.run")
def undo(id: int) -> ResponseReturnValue:
    actor = current_actor()
    undoing.undo(load(ImportBatch, actor, id=id).id, actor)
    return go("imports.batch", msg("The import was taken back."), id=id)


@bp.get("/imports/<int:id>/rejected.<form>")
@needs("imports.run")
def rejected(id: int, form: str) -> ResponseReturnValue:
    """The rows that were not taken, as a file."""
    found = load(ImportBatch, current_actor(), id=id)
    form = form if form in MEDIA else "csv"
    listed = (ImportRow.batch_id == found.id, ImportRow.action.in_([REJECTED, CONFLICT]))
    rows = db.session.scalars(select(ImportRow).where(*listed).order_by(ImportRow.sheet, ImportRow.number))
    header = [say(label) for label in (msg("Sheet"), msg("Row"), msg("Column"), msg("Value"), msg("Reason"))]
    return download(f"rejected-{found.id}", form, header, map(_cells, rows))


def _cells(row: ImportRow) -> list[Any]:
    return [row.sheet, row.number, row.column, row.value, say(row.message) if row.message else ""]
