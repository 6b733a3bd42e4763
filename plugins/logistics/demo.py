"""Logistics' part of the demo store: a warehouse with parcels, some of which went wrong, a bill and a campaign."""

from datetime import timedelta

from sqlalchemy import select

from core import localtime
from core.answers import Demo
from core.board import moves
from core.board.services import Draft
from core.columns import now
from core.contracts import Actor
from core.demo.pictures import picture
from core.extensions import db
from core.stores.models import Order, OrderLine
from core.transactions import transaction
from plugins.logistics import claims, desk, evidence, freight, manifests, parcels
from plugins.logistics.models import (
    BillLine,
    Campaign,
    Capacity,
    Case,
    Gift,
    GoodsWeight,
    Parcel,
    ParcelItem,
    ParcelOrder,
    Rule,
    Tariff,
)
from plugins.logistics.rules import freight as prices
from plugins.logistics.rules import parcels as words
from plugins.logistics.types import EXCEPTION

WORDS = {"refused": "拒收件退回入库", "stuck": "停滞件查件"}
WAREHOUSE, COURIER = "杭州一号仓", "中通快递"
ZONES = "浙江 上海 江苏: 1000g 3.20 + 1000g 0.80\n广东 湖北: 1000g 4.50 + 1000g 1.60\n*: 1000g 6.00 + 1000g 3.50"
TROUBLES = (
    (words.SIGNED, "已签收", "closed"),
    (words.DAMAGED, "破损", ""),
    (words.REFUSED, "拒收", ""),
    (words.TRANSIT, "运输中", ""),
    (words.TRANSIT, "运输中", ""),
    (words.SHIPPED, "已出库", ""),
    (words.SHIPPED, "已出库", ""),
    (words.SHIPPED, "已出库", ""),
)


def load(demo: Demo) -> None:
    """Parcels from the demo's orders, what the rules find in them, and what has become of some of it."""
    with transaction():
        _settings()
        parcels.from_orders()
        _parcels()
    with transaction():
        desk.scan()
        desk.draft_breaches()
        _bill(demo.store_id)
        freight.check(demo.store_id)
    _handled(demo.people["logistics1"])
    _handed_over(demo.people["logistics1"], demo.people["logistics2"])
    manifests.make(demo.people["logistics2"], demo.store_id, WAREHOUSE, COURIER)


def _settings() -> None:
    today = localtime.today()
    begin = today - timedelta(days=120)
    db.session.add_all(
        [
            Tariff(
                carrier=COURIER, since=begin, basis="weight", tolerance=50, zones=prices.stored(prices.parse(ZONES))
            ),
            Tariff(
                carrier=COURIER,
                since=today + timedelta(days=10),
                basis="weight",
                tolerance=50,
                zones=prices.stored(prices.parse(ZONES.replace("3.20", "3.00"))),
            ),
            Rule(
                kind="dispatch",
                name="双十二 24 小时发货",
                since=today - timedelta(days=5),
                until=today + timedelta(days=9),
                hours=24,
                remedy="ship",
                due_hours=4,
                ground="店铺公告：双十二期间 24 小时内发货",
            ),
            Capacity(kind="warehouse", name=WAREHOUSE, since=begin, per_day=12),
            Capacity(kind="carrier", name=COURIER, since=begin, per_day=10),
            Campaign(name="双十二", since=today + timedelta(days=3), until=today + timedelta(days=5), percent=260),
            Gift(name="双十二赠品", since=begin, until=today + timedelta(days=30), least=3000, put_in="试吃装 1 包"),
            Gift(name="新客卡", since=begin, until=today + timedelta(days=30), put_in="感谢卡 1 张"),
        ]
    )


def _parcels() -> None:
    """Say of each parcel where it is and what is in it; of the newest, what went wrong."""
    db.session.flush()
    rows = list(db.session.scalars(select(Parcel).order_by(Parcel.shipped_at.desc())))
    for place, parcel in enumerate(rows):
        parcel.warehouse, parcel.grams, parcel.city = WAREHOUSE, 480 + 130 * (place % 7), parcel.city
        sent = parcel.shipped_at or now()
        parcel.collected_at, parcel.last_at = sent + timedelta(hours=5), sent + timedelta(hours=9)
        parcel.promised_at = sent + timedelta(days=3)
        if parcel.status == words.SIGNED:
            parcel.signed_at = sent + timedelta(days=2)
        elif parcel.status == words.SHIPPED:
            parcel.status, parcel.status_text, parcel.last_at = words.TRANSIT, "运输中", now() - timedelta(hours=3)
    for parcel, (status, text, order_state) in zip(rows[3:], TROUBLES, strict=False):
        parcel.status, parcel.status_text, parcel.signed_at = status, text, None
        if status == words.SHIPPED:
            parcel.collected_at = parcel.last_at = None
            parcel.shipped_at = now() - timedelta(hours=30)
        elif status == words.TRANSIT:
            parcel.last_at = now() - timedelta(days=5)
        order = db.session.get_one(Order, _order_of(parcel))
        if order_state:
            parcel.signed_at = now() - timedelta(hours=6)
            order.status, order.status_text = order_state, "交易关闭"
    lines = select(OrderLine, ParcelOrder).join(ParcelOrder, ParcelOrder.order_id == OrderLine.order_id)
    for number, (line, link) in enumerate(db.session.execute(lines).all()):
        db.session.add(_item(number, line, link))
    codes = set(db.session.scalars(select(OrderLine.merchant_code).where(OrderLine.merchant_code.is_not(None))))
    db.session.add_all(GoodsWeight(code=code, grams=420) for code in sorted(codes))


def _order_of(parcel: Parcel) -> int | None:
    return db.session.scalar(select(ParcelOrder.order_id).where(ParcelOrder.parcel_id == parcel.id))


def _item(number: int, line: OrderLine, link: ParcelOrder) -> ParcelItem:
    return ParcelItem(
        store_id=line.store_id,
        key=f"{link.parcel_key}#{number}",
        parcel_key=link.parcel_key,
        parcel_id=link.parcel_id,
        order_no=line.order_no,
        item_id=line.item_id,
        merchant_code=line.merchant_code,
        name=line.title,
        quantity=line.quantity or 1,
    )


def _bill(store_id: int) -> None:
    """A courier's bill with a line too heavy, one to a wrong region, one twice and one that was never sent."""
    rows = list(db.session.scalars(select(Parcel).where(Parcel.region.is_not(None)).order_by(Parcel.key).limit(16)))
    zones = prices.zones_of(prices.stored(prices.parse(ZONES)))
    lines = []
    for place, parcel in enumerate(rows):
        grams = (parcel.grams or 500) + (1400 if place in (2, 7) else 0)
        region = "新疆" if place == 4 else parcel.region
        zone = prices.zone_for(zones, region)
        amount = (zone.price(grams) if zone else 0) + (60 if place == 9 else 0)
        lines += [(parcel.key, parcel.shipped_at, region, grams, amount, parcel.id)] * (2 if place == 5 else 1)
    lines.append(("731099999999", rows[0].shipped_at, "四川", 900, 600, None))
    for number, (key, at, region, grams, amount, parcel_id) in enumerate(lines):
        line = BillLine(store_id=store_id, key=f"{key}#{number}", waybill_no=key, carrier=COURIER, region=region)
        line.shipped_at, line.grams, line.amount, line.parcel_id = at, grams, amount, parcel_id
        db.session.add(line)
    db.session.flush()


def _handed_over(lead: Actor, member: Actor) -> None:
    """A refused parcel is in somebody's hands, a stuck one waits to be accepted."""
    for kind, verbs in (("refused", ("offer", "accept", "start")), ("stuck", ("offer",))):
        case = db.session.scalar(select(Case).where(Case.kind == kind, Case.state == "open"))
        if case is not None:
            brief = {"kind": kind, "waybill_no": case.subject, "carrier": COURIER, "remedy": case.remedy}
            task = desk.draft(lead, [case], EXCEPTION.name, Draft(f"{WORDS[kind]} {case.subject}", brief, 2))
            for verb in verbs:
                moves.move(task.id, verb, lead if verb == "offer" else member)


def _handled(lead: Actor) -> None:
    """One exception claimed, and its claim sent; the heavy lines of the bill claimed too."""
    case = db.session.scalar(select(Case).where(Case.kind == "damaged", Case.at_risk > 0))
    if case is not None:
        told = {"remedy": "claim", "cost": 0, "recovered": 0, "note": "买家签收时外箱破损，罐体变形。"}
        case = desk.edit(case.id, lead, case.version, {**told, "owner_id": lead.user_id})
        claim = claims.of_case(case, lead)
        photos = [picture(text, (800, 600)) for text in ("外箱破损", "快递面单", "罐体变形")]
        evidence.add(claim.id, photos, lead)
        claims.step(claim.id, lead, "send", claim.version, {})
    if ids := freight.open_findings("weight"):
        claims.of_findings(ids, lead)
