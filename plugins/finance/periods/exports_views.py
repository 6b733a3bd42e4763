"""The workbook of a run and of a period, to download."""

from flask import Response, make_response

from core.access import current_actor, load, needs
from core.exports import MEDIA
from core.messages import Refusal, msg
from plugins.finance.matching.models import Run
from plugins.finance.pages import bp
from plugins.finance.periods.models import Period
from plugins.finance.periods.workbook import workbook


@bp.get("/runs/<int:id>/workbook.xlsx")
@needs("finance.view")
def run_workbook(id: int) -> Response:
    return _workbook(load(Run, current_actor(), id=id))


@bp.get("/periods/<int:id>/workbook.xlsx")
@needs("finance.view")
def period_workbook(id: int) -> Response:
    """The workbook of the run that the period stands on."""
    period = load(Period, current_actor(), id=id)
    if period.run is None:
        raise Refusal(msg("There is no run of this period: reconcile it first."))
    return _workbook(period.run)


def _workbook(run: Run) -> Response:
    response = make_response(workbook(run))
    response.content_type = MEDIA["xlsx"]
    name = f"reconciliation-{run.first:%Y%m%d}-{run.last:%Y%m%d}-{run.id}"
    response.headers["Content-Disposition"] = f"attachment; filename={name}.xlsx"
    return response
