"""The page of the couriers' scorecard: all of them in one month, or one of them over a year."""

from flask import request
from flask.typing import ResponseReturnValue

from core import localtime
from core.access import needs
from core.exports import MEDIA
from core.listing import download
from core.messages import N_
from core.web import respond, say, yuan
from plugins.logistics import couriers as scorecard
from plugins.logistics.pages import bp
from plugins.logistics.records import VIEW
from plugins.logistics.rules.couriers import Score, months, percent

YEAR = 12
HEADER = (
    N_("Courier"),
    N_("Month"),
    N_("Parcels"),
    N_("Damaged"),
    N_("Lost"),
    N_("Stuck or not collected"),
    N_("Gone wrong, share"),
    N_("Signed for late"),
    N_("Claims"),
    N_("Claimed"),
    N_("Got back"),
)


@bp.get("/couriers")
@needs(VIEW)
def couriers() -> ResponseReturnValue:
    """How couriers do; a month that is not one of the last twelve is this one."""
    known = list(months(localtime.today(), YEAR))
    chosen = next((first for first in known if f"{first:%Y-%m}" == request.args.get("month")), known[0])
    courier = request.args.get("courier", "").strip()[:80]
    rows = scorecard.of_courier(courier, known) if courier else scorecard.of_month(chosen)
    if (form := request.args.get("export", "")) in MEDIA:
        return download("couriers", form, [say(label) for label in HEADER], map(_row, rows))
    return respond("logistics/couriers.html", months=known, chosen=chosen, courier=courier, rows=rows, percent=percent)


def _row(score: Score) -> list[object]:
    counts = [score.parcels, score.damaged, score.lost, score.stuck, percent(score.wrong_share), score.late]
    return [score.carrier, f"{score.month:%Y-%m}", *counts, score.claims, yuan(score.claimed), yuan(score.back)]
