"""The box on the task of a supplier complaint: whose goods, how many, who is at fault."""

from flask import Response, abort, make_response, render_template, request
from sqlalchemy import select

from core.access import allowed, current_actor, load, needs
from core.board import rules
from core.board.models import Task
from core.extensions import db
from core.messages import Message, Refusal, msg, refuse
from core.web import go, whole_number
from plugins.purchasing import complaints, scoring, suppliers
from plugins.purchasing.models import Supplier
from plugins.purchasing.pages import BUY, VIEW, bp, number_of
from plugins.purchasing.types import CAUSES, COMPLAINT


@bp.get("/complaints/<number>")
@needs("board.view")
def complaint_box(number: str) -> Response:
    """Whoever sees the task sees how it was judged, for it is they who sign it off."""
    return _box(_task(number))


def _task(number: str) -> Task:
    task: Task = load(Task, current_actor(), number=number)
    if task.type != COMPLAINT.name:
        abort(404)
    return task


def _box(task: Task, refusal: Refusal | None = None) -> Response:
    actor, found = current_actor(), complaints.of_task(task)
    supplier = db.session.get(Supplier, found.supplier_id) if found.supplier_id else None
    page = render_template(
        "purchasing/_complaint.html",
        task=task,
        complaint=found,
        supplier=supplier,
        score=suppliers.scores(supplier.id).get(supplier.id) if supplier else None,
        percent=scoring.percent,
        causes=CAUSES,
        verdicts=complaints.VERDICTS,
        suppliers=db.session.execute(select(Supplier.id, Supplier.name).order_by(Supplier.name)).all(),
        may_view=allowed(actor, VIEW),
        may_judge=allowed(actor, BUY) and task.state in rules.IN_HAND,
        problems=refusal.fields if refusal else {},
        reasons=refusal.general if refusal else (),
        raw=request.form if refusal else None,
    )
    response = make_response(page)
    response.status_code = refusal.status if refusal else 200
    return response


@bp.post("/complaints/<number>")
@needs(BUY)
def judge(number: str) -> Response:
    task, form, problems = _task(number), request.form, dict[str, Message]()
    supplier = form.get("supplier", "")
    given = {
        "verdict": form.get("verdict", ""),
        "quantity": number_of("quantity", problems, 0),
        "supplier_id": whole_number(supplier) if supplier else None,
        "answer": form.get("answer", ""),
    }
    try:
        refuse(**problems)
        complaints.judge(task.id, current_actor(), whole_number(form.get("version")), given)
    except Refusal as refusal:
        return _box(_task(number), refusal)
    return go("board.task", msg("The change is stored."), number=number)
