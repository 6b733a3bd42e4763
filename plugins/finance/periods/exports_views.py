"""The balance statement of a run as a page, and its workbook to download."""

from flask import Response, make_response

from core.access import current_actor, load, needs
from core.exports import MEDIA
from core.messages import Refusal, msg
from core.web import respond
from plugins.finance.matching.models import Run
from plugins.finance.pages import bp
from plugins.finance.periods import papers
from plugins.finance.periods.balance import AWAITED
from plugins.finance.periods.balances import balance_sheet
from plugins.finance.periods.models import Period
from plugins.finance.periods.services import of_run
from plugins.finance.periods.workbook import workbook

# The rows behind a line of the balance statement, as the run's page lists them: side and class.
BEHIND = {
    **{code: ("orders", code) for code in (*AWAITED, "AMOUNT", "TOL")},
    **{code: ("lines", code) for code in ("STMT_ONLY", "OTHER", "OTHER_PERIOD", "DUP_PAY")},
    "OVER": ("orders", "REFUND"),
    "UNDER": ("orders", "REFUND"),
}


@bp.get("/runs/<int:id>/balance")
@needs("finance.view")
def run_balance(id: int) -> Response:
    """Books and statement of every account, brought to one figure or not."""
    run = load(Run, current_actor(), id=id)
    return respond(
        "finance/balance.html", run=run, balance=papers.sheet(balance_sheet(run)), behind=BEHIND, period=of_run(run)
    )


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
