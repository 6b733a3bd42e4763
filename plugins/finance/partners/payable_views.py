"""The page of what suppliers are owed, as purchasing tells it."""

from flask import request, url_for
from flask.typing import ResponseReturnValue

from core.access import allowed, current_actor, needs
from core.answers import Payable
from core.registry import registry
from core.web import respond
from plugins.finance.pages import bp
from plugins.finance.partners import payables as owed
from plugins.finance.partners.views import SHOWN, days, frame


@bp.get("/partners/payables")
@needs("finance.view")
def payables() -> ResponseReturnValue:
    """The store's papers; beside them the invoices of which nobody knows yet what they are for."""
    given = frame()
    store_id, first, last = days(given)
    found, homeless = owed.payables(store_id, first, last), owed.payables(None, first, last)
    wanted = request.args.get("finding", "")
    rows = [each for each in found if wanted in ("", owed.finding(each))]
    return respond(
        "finance/payables.html",
        **given,
        rows=rows[:SHOWN],
        count=len(rows),
        sums=owed.summed(rows),
        homeless=homeless[:SHOWN],
        labels=owed.FINDINGS,
        address=_address,
    )


def _address(paper: Payable) -> str:
    """Where more is told of a paper, for whoever may look there."""
    kind = registry().record_types.get(paper.ref.kind) if paper.ref else None
    if paper.ref is None or kind is None or not allowed(current_actor(), kind.permission):
        return ""
    return url_for(kind.endpoint, id=paper.ref.id)
