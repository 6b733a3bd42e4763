"""Freight bills, claims, manifests, capacity and what is set by hand: to the fen."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from core import localtime
from core.board import contents, moves, services
from core.board.services import Draft
from core.extensions import db
from core.files.rules import Accepted
from core.messages import Refusal, Stale
from core.testing.jobs import run_pending
from core.transactions import transaction
from plugins.logistics import capacity, claims, desk, evidence, freight, manifests, settings
from plugins.logistics.models import BillLine, Campaign, Capacity, Claim, Finding, Gift, GoodsWeight, ParcelItem, Tariff
from plugins.logistics.rules import freight as rules
from tests.fixtures import parcels as files
from tests.plugins.logistics.conftest import NOW

ZONES = "浙江 上海: 1000g 3.20 + 1000g 0.80\n*: 1000g 6.00 + 1000g 3.50"


@pytest.fixture
def billed(depot):
    """A bill of six lines: right, too heavy, to a wrong region, at a wrong price, twice, never sent."""
    depot.add(Tariff(carrier="中通", since=date(2026, 1, 1), tolerance=50, zones=rules.stored(rules.parse(ZONES))))
    depot.add(GoodsWeight(code="SY-001", grams=450))
    made = [
        depot.parcel(depot.order(), key=f"731000000{number}", status="signed", grams=None if number == 1 else 800)
        for number in range(1, 6)
    ]
    item = {"parcel_key": made[0].key, "parcel_id": made[0].id, "order_no": "1", "merchant_code": "SY-001"}
    depot.add(ParcelItem(store_id=depot.store.id, key="i", name="x", quantity=2, **item))
    lines = [
        ("7310000001", "浙江", "0.92", "3.20"),  # its two articles weigh 900 g
        ("7310000002", "浙江", "2.4", "4.80"),  # 800 g: 1.60 too much
        ("7310000003", "新疆", "0.8", "6.00"),  # went to Zhejiang: 2.80 too much
        ("7310000004", "浙江", "0.8", "3.80"),  # 0.60 above the template
        ("7310000005", "浙江", "0.8", "3.20"),
        ("7310000005", "浙江", "0.8", "3.20"),
        ("7319999999", "四川", "0.5", "6.00"),
    ]
    depot.take(files.bill(lines), "bill.csv")
    run_pending()
    return depot


def found():
    query = select(BillLine.waybill_no, Finding.kind, Finding.amount).join(Finding, Finding.line_id == BillLine.id)
    return sorted(map(tuple, db.session.execute(query)))


def test_every_difference_is_found_with_its_amount(billed):
    assert found() == [
        ("7310000002", "weight", 160),
        ("7310000003", "region", 280),
        ("7310000004", "price", 60),
        ("7310000005", "double", 320),
        ("7319999999", "not_shipped", 600),
    ]
    db.session.expire_all()
    assert db.session.scalar(select(BillLine.own_grams).where(BillLine.waybill_no == "7310000001")) == 900
    assert sum(row["amount"] for row in freight.totals()) == 1420


def test_a_courier_that_charges_by_volume_is_held_to_what_the_parcel_takes_up(depot):
    zones = rules.stored(rules.parse(ZONES))
    depot.add(Tariff(carrier="中通", since=date(2026, 1, 1), basis="volume", divisor=8000, zones=zones))
    depot.add(GoodsWeight(code="LAMP", grams=900, volume=16_000))
    known, _unknown = (depot.parcel(depot.order(), key=f"DPK{number}", status="signed", grams=900) for number in (1, 2))
    item = {"parcel_key": known.key, "parcel_id": known.id, "order_no": "1", "merchant_code": "LAMP"}
    depot.add(ParcelItem(store_id=depot.store.id, key="i", name="x", quantity=1, **item))
    depot.take(files.bill([("DPK1", "浙江", "3", "4.80"), ("DPK2", "浙江", "3", "4.80")]), "bill.csv")
    run_pending()

    assert found() == [("DPK1", "weight", 80)]  # 16,000 cm³ count as 2 kg, not 3; of the other nobody knows
    own = dict(db.session.execute(select(BillLine.waybill_no, BillLine.own_grams)).all())
    assert own == {"DPK1": 2000, "DPK2": None}


def test_billed_is_expected_and_differences_line_by_line(billed):
    db.session.expire_all()
    for line in db.session.scalars(select(BillLine)):
        assert line.amount == line.expected + sum(finding.amount for finding in line.findings)


def test_differences_go_into_the_register_once(billed):
    actor = billed.actor("wei")
    (claim,) = claims.of_findings(freight.open_findings("weight"), actor)
    assert (claim.kind, claim.carrier, claim.amount, claim.subject) == ("weight", "中通快递", 160, "7310000002")
    with pytest.raises(Refusal):
        claims.of_findings(freight.open_findings("weight"), actor)
    with transaction():
        freight.check(billed.store.id)
    assert [row["open"] for row in freight.totals() if row["kind"] == "weight"] == [0]
    assert len(found()) == 5


def test_another_template_from_a_day_on_leaves_the_days_before_as_they_were(billed):
    dear = ZONES.replace("3.20", "9.20")
    billed.add(Tariff(carrier="中通快递", since=date(2026, 3, 3), zones=rules.stored(rules.parse(dear))))
    with transaction():
        freight.check(billed.store.id)
    assert ("7310000004", "price", 60) in found()  # sent on 2 March
    assert freight.tariff_of("中通快递", date(2026, 3, 4)).zones[0]["first_price"] == 920


def test_a_claim_goes_from_exception_to_money_and_the_exception_knows(depot):
    depot.parcel(depot.order(total=8900), status="damaged")
    with transaction():
        desk.scan(NOW)
    (case,) = depot.cases()
    actor = depot.actor("wei")
    claim = claims.of_case(case, actor)
    assert (claim.number, claim.amount, claim.state) == ("CLM-1", 8900, "draft")
    assert claims.of_case(case, actor).id == claim.id
    assert claim.deadline == localtime.today() + timedelta(days=30)
    with pytest.raises(Refusal):
        claims.step(claim.id, actor, "pay", claim.version, {"granted": 100})
    for step, said in (("send", {}), ("grant", {"granted": 6000, "result": "按合同赔付"}), ("pay", {"granted": 6000})):
        claim = claims.step(claim.id, actor, step, claim.version, said)
    assert (claim.state, claim.granted, claim.result) == ("paid", 6000, "按合同赔付")
    assert depot.cases()[0].recovered == 6000
    with pytest.raises(Stale):
        claims.step(claim.id, actor, "drop", claim.version - 1, {"result": "x"})


def test_a_claim_that_another_team_asks_for_is_entered_when_it_is_accepted(depot):
    parcel = depot.parcel(depot.order(), status="signed")
    brief = {"waybill_no": parcel.key, "kind": "damaged", "amount": 3900, "what": "客户来图"}
    whole = services.draft_task(depot.actor("li"), "logistics.exception", "operations", Draft("破损"))
    draft = Draft("破损索赔", brief, store_id=depot.store.id, parent_id=whole.id)
    task = services.draft_task(depot.actor("li"), "logistics.courier_claim", "operations", draft)
    photo = Accepted(b"photo", "image/png", "image", "破损.png")
    contents.add_file(task.id, contents.BRIEF_SLOT, photo, depot.actor("li"))
    moves.move(task.id, "offer", depot.actor("li"))
    assert db.session.scalar(select(Claim.id)) is None
    moves.move(task.id, "accept", depot.actor("wei"))
    claim = db.session.scalars(select(Claim)).one()
    assert (claim.task_id, claim.parcel_id, claim.amount, claim.kind, claim.carrier) == (
        task.id,
        parcel.id,
        3900,
        "damaged",
        "中通快递",
    )
    assert [each.file.name for each in claim.files] == ["破损.png"]
    assert (claim.files[0].file_id, evidence.on_task(claim, depot.actor("wei"))) == (task.files[0].file_id, [])

    asked = Draft("仓库核查", {"what": "看称重"}, parent_id=whole.id)
    beside = services.draft_task(depot.actor("li"), "logistics.warehouse_check", "operations", asked)
    moves.move(beside.id, "offer", depot.actor("li"))
    found = Accepted(b"scales", "image/png", "image", "称重.png")
    contents.add_file(beside.id, contents.BRIEF_SLOT, found, depot.actor("li"))
    assert [each.name for each in evidence.on_task(claim, depot.actor("wei"))] == ["称重.png"]
    assert evidence.on_task(claim, depot.actor("qian")) == []


def test_evidence_is_kept_once_and_stays_once_the_courier_has_it(depot):
    actor = depot.actor("wei")
    claim = claims.register(actor, depot.store.id, {"kind": "damaged", "amount": 100, "carrier": "中通快递"})
    photo, paper, late = (Accepted(name.encode(), "application/pdf", "pdf", f"{name}.pdf") for name in "abc")
    evidence.add(claim.id, [photo, paper, photo], actor)
    with pytest.raises(Refusal, match="has these files already"):
        evidence.add(claim.id, [paper], actor)
    evidence.take_away(claim.id, claim.files[0].id, actor)
    claim = claims.step(claim.id, actor, "send", claim.version, {})
    with pytest.raises(Refusal, match="with the courier"):
        evidence.take_away(claim.id, claim.files[0].id, actor)
    evidence.add(claim.id, [late], actor)
    claims.step(claim.id, actor, "drop", claim.version, {"result": "超过时效"})
    with pytest.raises(Refusal, match="is settled"):
        evidence.add(claim.id, [photo], actor)
    db.session.refresh(claim)
    assert [each.file.name for each in claim.files] == ["b.pdf", "c.pdf"]


def test_what_is_claimed_stays_as_it_was_sent(depot):
    actor = depot.actor("wei")
    claim = claims.register(actor, depot.store.id, {"kind": "lost", "amount": 100, "carrier": "中通快递"})
    claim = claims.edit(claim.id, actor, claim.version, {"amount": 200, "evidence": "无轨迹"})
    claim = claims.step(claim.id, actor, "send", claim.version, {})
    with pytest.raises(Refusal):
        claims.edit(claim.id, actor, claim.version, {"amount": 300})


def test_a_manifest_takes_what_is_ready_once(depot):
    ready = [depot.parcel(depot.order(), status="shipped") for _ in range(3)]
    depot.parcel(depot.order(), status="shipped", carrier="圆通速递")
    depot.parcel(depot.order(), status="transit")
    assert [(row["carrier"], row["count"]) for row in manifests.ready()] == [("中通快递", 3), ("圆通速递", 1)]
    made = manifests.make(depot.actor("wei"), depot.store.id, "一号仓", "中通快递")
    assert (made.number, [each.key for each in manifests.parcels_of(made)]) == ("HAND-1", [each.key for each in ready])
    with pytest.raises(Refusal):
        manifests.make(depot.actor("wei"), depot.store.id, "一号仓", "中通快递")
    assert manifests.order_count(made) == 3


def test_a_gift_goes_into_the_first_parcel_of_an_order_that_has_earned_it(depot):
    span = {"since": date(2026, 3, 10), "until": date(2026, 3, 20)}
    old = {"since": date(2026, 1, 1), "until": date(2026, 1, 2)}
    depot.add(Gift(name="满赠", least=5000, put_in="试吃装", **span), Gift(name="旧", put_in="旧卡", **old))
    depot.add(Gift(name="随货", merchant_code="SY-001", put_in="说明书", **span))
    rich, poor = depot.order(total=5000), depot.order(total=4999)
    first, second = (depot.parcel(rich, status="shipped") for _ in range(2))
    depot.parcel(poor, status="shipped")
    item = {"parcel_key": second.key, "order_no": rich.order_no, "merchant_code": "SY-001", "name": "x"}
    depot.add(ParcelItem(store_id=depot.store.id, key="i", parcel_id=second.id, **item))
    made = manifests.make(depot.actor("wei"), depot.store.id, "一号仓", "中通快递")
    rows = [(row["waybill_no"], [line["put_in"] for line in row["lines"]]) for row in manifests.gifts_for(made)]
    assert rows == [(first.key, ["试吃装"]), (second.key, ["说明书"])]
    assert manifests.to_pick(manifests.gifts_for(made)) == [("试吃装", 1), ("说明书", 1)]


def test_expected_parcels_follow_the_usual_days_the_campaign_and_what_is_left_over(depot):
    today = date(2026, 3, 20)
    for number in range(28):
        depot.parcel(shipped=NOW - timedelta(days=1 + number % 14), warehouse="甲仓" if number % 4 else "乙仓")
    depot.order("paid", paid=NOW - timedelta(hours=1))
    depot.add(Campaign(name="大促", since=date(2026, 3, 21), until=date(2026, 3, 21), percent=500))
    depot.add(Capacity(kind="warehouse", name="甲仓", since=date(2026, 1, 1), per_day=4))
    rows = {row["name"]: row["days"] for row in capacity.forecast(today)}
    assert set(rows) == {"甲仓", "乙仓", "中通快递"}
    assert [(day.expected, day.carried) for day in rows["中通快递"][:3]] == [(2, 0), (10, 0), (2, 0)]
    # three quarters of 2 and of 10 go to 甲仓, in whole parcels; one waits there, and 3 of the campaign's day stay over
    days = [(day.expected, day.carried, day.left) for day in rows["甲仓"][:4]]
    assert days == [(2, 0, 0), (7, 0, 3), (1, 3, 0), (1, 0, 0)]
    assert rows["乙仓"][0].percent is None


def test_what_was_applied_is_ended_and_not_rewritten(depot):
    actor, kind = depot.actor("fang"), settings.SETTINGS["capacity"]
    values = {"kind": "warehouse", "name": "甲仓", "since": "2026-01-01", "per_day": 100}
    made = settings.save(kind, actor, values)
    with pytest.raises(Refusal, match="2026-01-01"):
        settings.save(kind, actor, {**values, "per_day": 200}, made.id)
    assert settings.save(kind, actor, {**values, "until": "2026-02-01"}, made.id).until == date(2026, 2, 1)
    later = settings.save(kind, actor, {**values, "since": "2099-01-01"})
    assert settings.save(kind, actor, {**values, "since": "2099-01-01", "per_day": 300}, later.id).per_day == 300


NONSENSE = [
    ("rules", {"kind": "dispatch", "name": "x", "since": "2026-01-01"}, {"hours"}),
    ("rules", {"kind": "stuck", "name": "x", "since": "2026-01-01"}, {"hours"}),
    (
        "rules",
        {"kind": "stuck", "name": "x", "since": "2026-01-01", "hours": 5, "by_day": "2026-01-02"},
        {"by_day"},
    ),
    ("campaigns", {"name": "x", "since": "2026-01-05", "until": "2026-01-01", "percent": 200}, {"until"}),
    ("campaigns", {"name": "x", "since": "0001-01-01", "until": "2026-01-01", "percent": 200}, {"since"}),
    ("weights", {"code": "A", "grams": 0}, {"grams"}),
    ("capacity", {"kind": "warehouse", "since": "2026-01-01", "per_day": 10**8}, {"name", "per_day"}),
    ("tariffs", {"carrier": "x", "since": "2026-01-01", "basis": "weight", "zones": "?"}, {"zones"}),
    (
        "tariffs",
        {"carrier": "x", "since": "2026-01-01", "basis": "volume", "divisor": 6, "zones": "*: 1g 1 + 1g 1"},
        {"divisor"},
    ),
]


def test_a_setting_that_makes_no_sense_is_refused_at_its_field(depot):
    for what, given, wrong in NONSENSE:
        with pytest.raises(Refusal) as why:
            settings.save(settings.SETTINGS[what], depot.actor("fang"), given)
        assert (what, set(why.value.fields)) == (what, wrong)
