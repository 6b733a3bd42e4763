"""Pages of couriers' bills: the lines and their differences, the calculator, two templates side by side."""

from typing import Any

from flask import Response, request
from flask.typing import ResponseReturnValue

from core import localtime
from core.access import allowed, current_actor, load, needs
from core.board.brief import parse
from core.contracts import Field
from core.extensions import db
from core.imports.rules import RowRejected
from core.jobs.services import enqueue
from core.messages import N_, Refusal, msg
from core.web import go, respond, whole_number
from plugins.logistics import claims as register
from plugins.logistics import freight, jobs, listings
from plugins.logistics.models import BillLine
from plugins.logistics.pages import bp
from plugins.logistics.records import VIEW
from plugins.logistics.rules import freight as rules
from plugins.logistics.rules.parcels import province, volume
from plugins.logistics.settings import SETTINGS, rows
from plugins.logistics.views import HANDLE, about

ASKED = (
    Field("carrier", N_("Courier"), max_length=80),
    Field("region", N_("To"), max_length=40),
    Field("grams", N_("Weight (grams)"), "number"),
    Field("size", N_("Volume, or its three sides in cm"), max_length=40),
)


@bp.get("/bills", endpoint="bills")
@needs(VIEW)
def bill_list() -> ResponseReturnValue:
    return _bills()


def _bills(refusal: Refusal | None = None) -> ResponseReturnValue:
    more = {"totals": freight.totals(), "may_handle": allowed(current_actor(), HANDLE)}
    reasons = refusal.reasons if refusal else ()
    return listings.BILLS.respond("logistics/bills.html", "logistics.bill_line", reasons=reasons, **more)


@bp.post("/bills/claim")
@needs(HANDLE)
def claim_findings() -> ResponseReturnValue:
    """Enter the open differences of one kind into the claim register, a claim for each courier."""
    try:
        made = register.of_findings(freight.open_findings(request.form.get("kind", "")), current_actor())
    except Refusal as refusal:
        return _bills(refusal)
    if len(made) == 1:
        return go("logistics.claim", msg("%(number)s is in the register.", number=made[0].number), id=made[0].id)
    return go("logistics.claims", msg("%(count)s claims are in the register.", count=len(made)))


@bp.post("/bills/check")
@needs(HANDLE)
def check_bills() -> Response:
    """Check the bills of all stores again, by the templates and weights of today."""
    actor, ids = current_actor(), db.session.scalars(db.select(BillLine.store_id).distinct()).all()
    for each in ids:
        enqueue(jobs.CHECK, {"store": each}, key=f"{jobs.CHECK}:{each}", actor=actor)
    return go("logistics.bills", msg("The bills are being checked: load the page again in a moment."))


@bp.get("/bills/<int:id>")
@needs(VIEW)
def bill_line(id: int) -> ResponseReturnValue:
    found = load(BillLine, current_actor(), id=id)
    return respond("logistics/bill_line.html", findings=rules.FINDINGS, **about("logistics.bill_line", found))


@bp.get("/bills/tariffs")
@needs(VIEW)
def tariffs() -> ResponseReturnValue:
    """What a parcel costs by the template of today, and what two templates say differently."""
    asked, problems = parse(ASKED, request.args.getlist)
    try:
        asked["volume"] = volume(asked.get("size"))
    except RowRejected as rejected:
        problems["size"] = rejected.message
    quote = _quote(asked)
    if quote is None and not problems and any(request.args.get(field.name) for field in ASKED):
        problems["grams"] = msg("Give the courier, the destination and the weight.")
    return respond(
        "logistics/tariffs.html",
        rows=rows(SETTINGS["tariffs"]),
        given=request.args,
        quote=quote,
        problems=problems,
        changes=_changes(),
        bases=rules.BASES,
    )


def _quote(asked: dict[str, Any]) -> dict[str, Any] | None:
    if not {"carrier", "region", "grams"} <= set(asked):
        return None
    tariff = freight.tariff_of(asked["carrier"], localtime.today())
    zone = rules.zone_for(rules.zones_of(tariff.zones), province(asked["region"])) if tariff else None
    measured = rules.Measured(asked["grams"], asked.get("volume") or 0)
    charged = measured.charged(tariff.basis, tariff.divisor) if tariff else None
    price = zone.price(charged, tariff.basis) if zone and tariff and charged is not None else None
    return {**asked, "tariff": tariff, "zone": zone, "price": price, "charged": charged}


def _changes() -> list[Any] | None:
    known = {row.id: row for row in rows(SETTINGS["tariffs"])}
    pair = [known.get(whole_number(request.args.get(name))) for name in ("old", "new")]
    if pair[0] is None or pair[1] is None:
        return None
    return rules.changes(rules.zones_of(pair[0].zones), rules.zones_of(pair[1].zones))
