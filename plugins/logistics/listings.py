"""Lists of parcels, exceptions, claims and bill lines."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import joinedload, selectinload

from core import localtime
from core.columns import now
from core.contracts import Actor
from core.extensions import db
from core.listing import Choice, Column, Listing, among, called
from core.messages import N_
from core.searching import Number, Words
from core.stores.queries import of_store
from plugins.logistics.models import BillLine, Case, Claim, Finding, Parcel
from plugins.logistics.rules import claims, exceptions, freight, parcels

PENDING, LATE = "pending", "late"
NEWEST = 2_000
COUNTED = 10_000


def _values(name: str, label: str, column: Any) -> Choice:
    """A filter with the values that a column holds, in the newest rows: to look at all takes too long."""

    def options(_actor: Actor) -> list[tuple[str, str]]:
        newest = select(column.label("value")).order_by(column.class_.id.desc()).limit(NEWEST).subquery()
        values = db.session.scalars(select(newest.c.value).distinct().order_by(newest.c.value).limit(100))
        return [(value, value) for value in values if value]

    return Choice(name, label, options, lambda given: column == given)


PARCELS = Listing(
    "parcels",
    Parcel,
    (
        Column("key", N_("Waybill"), lambda row: row.title, "link", Parcel.key),
        Column("status", N_("Status"), called(parcels.STATES, "status"), "label", Parcel.status),
        Column("carrier", N_("Courier"), lambda row: row.carrier, sort=Parcel.carrier, wide=True),
        Column("warehouse", N_("Warehouse"), lambda row: row.warehouse, sort=Parcel.warehouse, wide=True),
        Column("region", N_("To"), lambda row: " ".join(filter(None, [row.region, row.city])), wide=True),
        Column("shipped_at", N_("Sent out"), lambda row: row.shipped_at, "when", Parcel.shipped_at),
        Column("promised_at", N_("Promised"), lambda row: row.promised_at, "when", Parcel.promised_at, wide=True),
        Column("signed_at", N_("Signed for at"), lambda row: row.signed_at, "when", Parcel.signed_at, wide=True),
        Column("store", N_("Store"), lambda row: row.store.name, sort=Parcel.store_id, wide=True),
    ),
    search=(Number(Parcel.key), Number(Parcel.logistics_no, whole=True), Number(Parcel.warehouse_no, whole=True)),
    order=(Parcel.shipped_at.desc(), Parcel.id.desc()),
    filters=(
        of_store(Parcel.store_id),
        among("status", N_("Any status"), parcels.STATES, Parcel.status),
        _values("carrier", N_("Any courier"), Parcel.carrier),
        _values("warehouse", N_("Any warehouse"), Parcel.warehouse),
    ),
    day=Parcel.shipped_at,
    options=(joinedload(Parcel.store),),
    counted=COUNTED,
)


def _case_state(given: str) -> ColumnElement[bool] | None:
    if given == PENDING:
        return Case.state.in_(exceptions.UNSETTLED)
    if given == LATE:
        return Case.state.in_(exceptions.UNSETTLED) & (Case.due_at < now())
    return Case.state == given if given in exceptions.STATES else None


CASE_STATES = {PENDING: N_("Not settled"), LATE: N_("Overdue"), **exceptions.STATES}
CASES = Listing(
    "exceptions",
    Case,
    (
        Column("subject", N_("Parcel or order"), lambda row: row.subject, "link", Case.subject),
        Column("kind", N_("What is wrong"), called(exceptions.KINDS, "kind"), "label", Case.kind),
        Column("state", N_("State"), called(exceptions.STATES, "state"), "label", Case.state),
        Column("remedy", N_("Remedy"), called(exceptions.REMEDIES, "remedy"), "label", Case.remedy, wide=True),
        Column("owner", N_("Owner"), lambda row: row.owner.name if row.owner else None, wide=True),
        Column("at_risk", N_("At risk"), lambda row: row.at_risk or None, "money", Case.at_risk),
        Column("due_at", N_("To be handled by"), lambda row: row.due_at, "when", Case.due_at),
        Column("warehouse", N_("Warehouse"), lambda row: row.warehouse, sort=Case.warehouse, wide=True),
    ),
    search=(Number(Case.subject), Words(Case.note)),
    order=(Case.closed_at.desc().nulls_first(), Case.due_at, Case.id),
    filters=(
        Choice("state", N_("Any state"), lambda _actor: list(CASE_STATES.items()), _case_state),
        among("kind", N_("Any kind"), exceptions.KINDS, Case.kind),
        of_store(Case.store_id),
        _values("warehouse", N_("Any warehouse"), Case.warehouse),
        _values("carrier", N_("Any courier"), Case.carrier),
    ),
    day=Case.found_at,
    options=(joinedload(Case.owner),),
    counted=COUNTED,
)


def _claim_state(given: str) -> ColumnElement[bool] | None:
    if given == LATE:
        return (Claim.state == claims.DRAFT) & (Claim.deadline < localtime.today())
    return Claim.state == given if given in claims.STATES else None


CLAIM_STATES = {LATE: N_("Overdue, not sent"), **claims.STATES}
CLAIMS = Listing(
    "claims",
    Claim,
    (
        Column("number", N_("Number"), lambda row: row.number, "link", Claim.id),
        Column("kind", N_("What for"), called(claims.CLAIM_KINDS, "kind"), "label", Claim.kind),
        Column("state", N_("State"), called(claims.STATES, "state"), "label", Claim.state),
        Column("carrier", N_("Courier"), lambda row: row.carrier, sort=Claim.carrier),
        Column("subject", N_("Waybill"), lambda row: row.subject, sort=Claim.subject, wide=True),
        Column("amount", N_("Claimed"), lambda row: row.amount, "money", Claim.amount),
        Column("granted", N_("Granted"), lambda row: row.granted or None, "money", Claim.granted, wide=True),
        Column("deadline", N_("Deadline"), lambda row: row.deadline.isoformat(), sort=Claim.deadline),
    ),
    search=(Claim.number, Claim.subject, Claim.carrier, Claim.evidence),
    order=(Claim.state.not_in(claims.PENDING), Claim.deadline, Claim.id),
    filters=(
        Choice("state", N_("Any state"), lambda _actor: list(CLAIM_STATES.items()), _claim_state),
        among("kind", N_("Any kind"), claims.CLAIM_KINDS, Claim.kind),
        _values("carrier", N_("Any courier"), Claim.carrier),
        of_store(Claim.store_id),
    ),
    day=Claim.created_at,
)


def _finding(given: str) -> ColumnElement[bool] | None:
    lines = select(Finding.line_id)
    if given == "any":
        return BillLine.id.in_(lines)
    return BillLine.id.in_(lines.where(Finding.kind == given)) if given in freight.FINDINGS else None


def _kilograms(name: str) -> Callable[[Any], Any]:
    def value(row: Any) -> str | None:
        grams = getattr(row, name)
        return None if grams is None else f"{grams / 1000:.3f}".rstrip("0").rstrip(".")

    return value


def _wrong(row: BillLine) -> int | None:
    return sum(finding.amount for finding in row.findings) if row.findings else None


DIFFERENCE = select(func.sum(Finding.amount)).where(Finding.line_id == BillLine.id).scalar_subquery()
BILLS = Listing(
    "freight",
    BillLine,
    (
        Column("waybill_no", N_("Waybill"), lambda row: row.waybill_no, "link", BillLine.waybill_no),
        Column("carrier", N_("Courier"), lambda row: row.carrier, sort=BillLine.carrier, wide=True),
        Column("shipped_at", N_("Sent out"), lambda row: row.shipped_at, "when", BillLine.shipped_at, wide=True),
        Column("region", N_("Billed to"), lambda row: row.region, sort=BillLine.region, wide=True),
        Column("grams", N_("Billed kg"), _kilograms("grams"), "number", BillLine.grams, wide=True),
        Column("own_grams", N_("Own kg"), _kilograms("own_grams"), "number", BillLine.own_grams, wide=True),
        Column("amount", N_("Billed"), lambda row: row.amount, "money", BillLine.amount),
        Column("expected", N_("Freight expected"), lambda row: row.expected, "money", BillLine.expected),
        Column("difference", N_("Gap"), _wrong, "money", DIFFERENCE),
    ),
    search=(Number(BillLine.waybill_no),),
    order=(BillLine.id.desc(),),
    filters=(
        Choice(
            "finding",
            N_("All lines"),
            lambda _actor: [("any", N_("With a difference")), *freight.FINDINGS.items()],
            _finding,
        ),
        _values("carrier", N_("Any courier"), BillLine.carrier),
        of_store(BillLine.store_id),
    ),
    day=BillLine.shipped_at,
    options=(selectinload(BillLine.findings),),
    counted=COUNTED,
)
