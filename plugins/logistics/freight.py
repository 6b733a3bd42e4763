"""Check couriers' bills against what was sent and the freight templates."""

from collections import Counter
from typing import Any

from sqlalchemy import delete, func, insert, select, update

from core import localtime
from core.columns import now
from core.extensions import db
from plugins.logistics.models import BillLine, Finding, GoodsWeight, Parcel, ParcelItem, Tariff
from plugins.logistics.rules import freight as rules
from plugins.logistics.rules.exceptions import counting

CHUNK = 5_000


def check(store_id: int) -> dict[str, int]:
    """Take every line of a store's bills apart anew; what is in a claim stays. Inside a transaction."""
    lines = db.session.execute(
        select(BillLine.id, BillLine.waybill_no, BillLine.carrier, BillLine.shipped_at, BillLine.region)
        .add_columns(BillLine.grams, BillLine.amount, BillLine.parcel_id)
        .where(BillLine.store_id == store_id)
        .order_by(BillLine.id)
    ).all()
    parcels, articles = _parcels(store_id), _articles(store_id)
    tariffs, billed, at = list(db.session.scalars(select(Tariff))), Counter[str](), now()
    results, findings = [], []
    for line in lines:
        billed[line.waybill_no] += 1
        parcel = parcels.get(line.parcel_id)
        measured = _measured(parcel, articles.get(line.parcel_id))
        own, expected, found = _taken_apart(line, parcel, measured, tariffs, billed[line.waybill_no])
        results.append({"id": line.id, "expected": expected, "own_grams": own, "checked_at": at})
        findings += [{"line_id": line.id, "kind": kind, "amount": amount} for kind, amount in found.items()]
    claimed = _forget(store_id)
    fresh = [row for row in findings if (row["line_id"], row["kind"]) not in claimed]
    if results:
        db.session.execute(update(BillLine), results)
    if fresh:
        db.session.execute(insert(Finding), fresh)
    return {"lines": len(lines), "findings": len(findings)}


def _forget(store_id: int) -> set[tuple[int, str]]:
    """Drop findings that nobody has claimed; those that stand in a claim."""
    mine = Finding.line_id.in_(select(BillLine.id).where(BillLine.store_id == store_id))
    query = delete(Finding).where(mine, Finding.claim_id.is_(None)).execution_options(synchronize_session=False)
    db.session.execute(query)
    return {(line, kind) for line, kind in db.session.execute(select(Finding.line_id, Finding.kind).where(mine))}


def _taken_apart(
    line: Any, parcel: Any, measured: rules.Measured, tariffs: list[Tariff], time: int
) -> tuple[int | None, int | None, dict[str, int]]:
    """The parcel's own weight as freight is charged for it, the freight expected, and the differences."""
    if time > 1:
        return measured.grams, 0, {rules.DOUBLE: line.amount}
    if parcel is None or (parcel.shipped_at is None and parcel.status in ("waiting", "closed")):
        return measured.grams, 0, {rules.NOT_SHIPPED: line.amount}
    carrier = line.carrier or parcel.carrier or ""
    sent = line.shipped_at or parcel.shipped_at
    tariff: Any = counting(_of_carrier(tariffs, carrier), localtime.day_of(sent or now()))
    if tariff is None:
        return measured.grams, None, {}
    own = measured.charged(tariff.basis, tariff.divisor)
    billed = rules.Billed(line.amount, line.region, line.grams, parcel.region, own)
    checked = rules.check(billed, rules.zones_of(tariff.zones), tariff.basis, tariff.tolerance)
    return own, checked.expected, dict(checked.differences)


def _of_carrier(tariffs: list[Tariff], carrier: str) -> list[Tariff]:
    """A courier's templates; 中通 and 中通快递 are one courier."""
    return [each for each in tariffs if carrier and (each.carrier in carrier or carrier in each.carrier)]


def tariff_of(carrier: str, day: Any) -> Tariff | None:
    """The template that counts for a courier on a day."""
    found: Any = counting(_of_carrier(list(db.session.scalars(select(Tariff))), carrier), day)
    return found


def _parcels(store_id: int) -> dict[int, Any]:
    columns = (Parcel.id, Parcel.region, Parcel.grams, Parcel.volume, Parcel.carrier, Parcel.shipped_at, Parcel.status)
    billed = select(BillLine.id).where(BillLine.parcel_id == Parcel.id).exists()
    query = select(*columns).where(Parcel.store_id == store_id, billed)
    return {row.id: row for row in db.session.execute(query)}


def _measured(parcel: Any, articles: rules.Measured | None) -> rules.Measured:
    """As the warehouse measured the parcel, or else as its articles add up."""
    known = articles or rules.Measured()
    return rules.Measured(parcel.grams or known.grams, parcel.volume or known.volume) if parcel else rules.Measured()


def _articles(store_id: int) -> dict[int, rules.Measured]:
    """What the articles of each parcel weigh and take up; with one of which it is unknown, the whole is unknown."""
    item = func.coalesce(ParcelItem.merchant_code, ParcelItem.goods_code)
    grams, volume = (ParcelItem.quantity * each for each in (GoodsWeight.grams, GoodsWeight.volume))
    query = (
        select(ParcelItem.parcel_id, func.count(), func.sum(grams), func.count(grams))
        .add_columns(func.sum(volume), func.count(volume))
        .outerjoin(GoodsWeight, GoodsWeight.code == item)
        .where(ParcelItem.store_id == store_id, ParcelItem.parcel_id.is_not(None))
        .group_by(ParcelItem.parcel_id)
    )
    return {
        parcel: rules.Measured(int(weight) if weighed == items else None, int(space) if measured == items else None)
        for parcel, items, weight, weighed, space, measured in db.session.execute(query)
        if weighed
    }


def totals(store_id: int | None = None) -> list[dict[str, Any]]:
    """Differences by kind: how many, how much, and how much of it is in no claim yet."""
    open_amount = func.sum(Finding.amount).filter(Finding.claim_id.is_(None))
    query = select(Finding.kind, func.count(), func.sum(Finding.amount), open_amount).group_by(Finding.kind)
    if store_id is not None:
        query = query.join(BillLine, BillLine.id == Finding.line_id).where(BillLine.store_id == store_id)
    found = {kind: (count, int(amount), int(left or 0)) for kind, count, amount, left in db.session.execute(query)}
    return [
        {"kind": kind, "label": label, "count": found[kind][0], "amount": found[kind][1], "open": found[kind][2]}
        for kind, label in rules.FINDINGS.items()
        if kind in found
    ]


def open_findings(kind: str) -> list[int]:
    """The differences of a kind that are in no claim and speak for us."""
    here = (Finding.kind == kind, Finding.claim_id.is_(None), Finding.amount > 0)
    return list(db.session.scalars(select(Finding.id).where(*here).order_by(Finding.id).limit(CHUNK)))
