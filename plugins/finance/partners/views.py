"""Pages of partners' accounts: couriers, affiliates, advertising, promised payments."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from flask import request
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from core.access import current_actor, needs
from core.extensions import db
from core.localtime import day_named
from core.stores.models import Order
from core.stores.queries import store_names
from core.web import respond, whole_number
from plugins.finance.pages import bp
from plugins.finance.partners import advertising as ads
from plugins.finance.partners import payables as owed
from plugins.finance.partners.affiliates import commissions
from plugins.finance.partners.couriers import bill
from plugins.finance.partners.promises import promises as promised
from plugins.finance.partners.promises import summed
from plugins.finance.partners.rules import COURIER_FINDINGS, PROMISE_FINDINGS
from plugins.finance.partners.suppliers import suppliers as suppliers_of

SHOWN = 200


def frame() -> dict[str, Any]:
    """What every page of partners is about: the store, and from which day to which."""
    stores, args = store_names(current_actor()), request.args
    wanted, known = whole_number(args.get("store")), [number for number, _ in stores]
    store_id = wanted if wanted in known else next(iter(known), None)
    return {"stores": stores, "store_id": store_id, "first": day_of(args, "from"), "last": day_of(args, "to")}


def day_of(given: Mapping[str, str], name: str) -> date | None:
    """The date in a form or address; None for none."""
    return day_named(given.get(name, ""))


def days(given: dict[str, Any]) -> tuple[int, date | None, date | None]:
    """The frame's store and days, as services take them; no store is one that has nothing."""
    return given["store_id"] or 0, given["first"], given["last"]


@bp.get("/partners")
@needs("finance.view")
def partners() -> ResponseReturnValue:
    given = frame()
    wanted = days(given)
    account = ads.account(*wanted)
    return respond(
        "finance/partners.html",
        **given,
        suppliers=suppliers_of(wanted[0]),
        bill=bill(*wanted),
        affiliates=commissions(*wanted),
        balance=account[-1].balance if account else None,
        promises=summed(promised(*wanted)),
        owed=owed.summed(owed.payables(*wanted)),
    )


@bp.get("/partners/couriers")
@needs("finance.view")
def couriers() -> ResponseReturnValue:
    given = frame()
    found = bill(*days(given))
    wanted = request.args.get("finding", "")
    rows = [each for each in found.lines if each[1] == wanted] if wanted in COURIER_FINDINGS else found.wrong
    return respond(
        "finance/couriers.html", **given, bill=found, rows=rows[:SHOWN], count=len(rows), labels=COURIER_FINDINGS
    )


@bp.get("/partners/affiliates")
@needs("finance.view")
def affiliates() -> ResponseReturnValue:
    given = frame()
    found = commissions(*days(given))
    rows = found.differing[:SHOWN]
    return respond("finance/affiliates.html", **given, found=found, rows=rows, orders=_orders(given, rows))


def _orders(given: Mapping[str, Any], rows: Iterable[Any]) -> dict[str, int]:
    """The orders that rows are about, by number, as far as they are imported."""
    numbers = {row.order_no for row in rows if row.order_no}
    query = select(Order.order_no, Order.id).where(Order.store_id == (given["store_id"] or 0))
    return dict(db.session.execute(query.where(Order.order_no.in_(numbers))).all())


@bp.get("/partners/advertising")
@needs("finance.view")
def advertising() -> ResponseReturnValue:
    given = frame()
    found = ads.account(*days(given))
    channels = sorted({channel for day in found for channel in day.spent})
    return respond(
        "finance/advertising.html",
        **given,
        rows=list(reversed(found))[:SHOWN],
        account=found,
        channels=channels,
        unlisted=ads.unlisted(given["store_id"] or 0),
    )


@bp.get("/partners/promises")
@needs("finance.view")
def promises() -> ResponseReturnValue:
    given = frame()
    found = promised(*days(given))
    wanted = request.args.get("finding", "")
    rows = [each for each in found if wanted in ("", each.finding)]
    return respond(
        "finance/promises.html",
        **given,
        rows=rows[:SHOWN],
        orders=_orders(given, rows[:SHOWN]),
        count=len(rows),
        sums=summed(found),
        labels=PROMISE_FINDINGS,
    )
