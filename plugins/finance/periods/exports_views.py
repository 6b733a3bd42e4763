"""The balance statement of a run as a page, and its workbook to download."""

from flask import Response, abort, request

from core.access import current_actor, load, needs
from core.listing import LAST_PAGE, PER_PAGE, handed_out
from core.messages import Refusal, msg
from core.web import respond, whole_number
from plugins.finance.matching import controls, superseded
from plugins.finance.matching.models import Run
from plugins.finance.pages import bp
from plugins.finance.periods import behind, papers
from plugins.finance.periods.balance import AWAITED
from plugins.finance.periods.balances import balance_sheet
from plugins.finance.periods.models import Period
from plugins.finance.periods.services import of_run
from plugins.finance.periods.workbook import workbook

# The rows behind a line of the balance statement, as the run's page lists them: side and class.
BEHIND = {
    **{code: ("orders", code) for code in (*AWAITED, "AMOUNT", "TOL")},
    **{code: ("lines", code) for code in ("STMT_ONLY", "OTHER", "OTHER_PERIOD", "DUP_PAY")},
    "UNDER": ("orders", "REFUND"),
}


@bp.get("/runs/<int:id>/balance")
@needs("finance.view")
def run_balance(id: int) -> Response:
    """Books and statement of every account, brought to one figure or not."""
    run = load(Run, current_actor(), id=id)
    sheet = balance_sheet(run)
    over = "orders" if run.totals.get("order_classes", {}).get("REFUND", {}).get("count") else "lines"
    return respond(
        "finance/balance.html",
        run=run,
        balance=papers.sheet(sheet),
        accounts=[each.account for each in sheet.accounts],
        behind=BEHIND | {"OVER": (over, "REFUND")},
        of_account=behind.ACCOUNT,
        here=behind.LABELS,
        uncovered={} if sheet.flat else controls.uncovered(run.store_id, run.first, run.last),
        has_rows=superseded.has_rows(run),
        period=of_run(run),
    )


@bp.get("/runs/<int:id>/balance/<code>")
@needs("finance.view")
def run_balance_rows(id: int, code: str) -> Response:
    """The rows behind a figure of the balance statement."""
    run = load(Run, current_actor(), id=id)
    if code not in behind.LABELS:
        abort(404)
    page = min(whole_number(request.args.get("page")) or 1, LAST_PAGE)
    of_orders = code in behind.ORDERS
    account = request.args.get("account", "")
    rows, total = behind.orders(run, code, page) if of_orders else behind.lines(run, code, account, page)
    return respond(
        "finance/run_rows.html",
        run=run,
        side="orders" if of_orders else "lines",
        code=code,
        label=behind.LABELS[code],
        rows=rows,
        total=total,
        number=page,
        first=(page - 1) * PER_PAGE + 1,
        last=(page - 1) * PER_PAGE + len(rows),
        more=page * PER_PAGE < total,
        has_rows=superseded.has_rows(run),
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
    return handed_out(f"reconciliation-{run.first:%Y%m%d}-{run.last:%Y%m%d}-{run.id}", "xlsx", workbook(run))
