"""Logistics' pages: who may open them, what their forms do, and how their lists filter."""

import io
import re

import pytest
from sqlalchemy import select

from core.board.models import Task
from core.extensions import db
from core.testing.jobs import run_pending
from core.transactions import transaction
from plugins.logistics import desk, manifests
from plugins.logistics.models import Capacity, Case, Claim, Manifest
from tests.plugins.logistics.conftest import NOW
from tests.plugins.logistics.test_logistics_money import billed

__all__ = ["billed"]
PAGES = (
    "/logistics/",
    "/logistics/parcels",
    "/logistics/exceptions",
    "/logistics/claims",
    "/logistics/manifests",
    "/logistics/bills",
    "/logistics/bills/tariffs",
    "/logistics/capacity",
    "/logistics/settings/rules",
)


@pytest.fixture
def case(depot):
    depot.parcel(depot.order("closed", total=21600), status="signed")
    with transaction():
        desk.scan(NOW)
    return depot.cases()[0]


def version(page):
    return re.search(r'name="version" value="(\d+)"', page)[1]


def test_logistics_and_operations_see_the_pages_and_strangers_do_not(depot, browse, make_user, as_user):
    for address in PAGES:
        assert (address, browse("wei").get(address).status_code) == (address, 200)
        assert (address, browse("li").get(address).status_code) == (address, 200)
    stranger = as_user("mei", teams={"design": "lead"})
    assert {stranger.get(address).status_code for address in PAGES} == {403}


def test_who_only_looks_is_offered_no_button_and_can_do_nothing(depot, browse, case):
    page = browse("li").get(f"/logistics/exceptions/{case.id}").text
    assert "closing" not in page and f"/logistics/exceptions/{case.id}/task" not in page
    assert browse("li").post(f"/logistics/exceptions/{case.id}", data={"note": "x"}).status_code == 403
    assert browse("wei").post("/logistics/settings/capacity", data={}).status_code == 403


def test_an_exception_is_handled_and_closed_on_its_page(depot, browse, case):
    address = f"/logistics/exceptions/{case.id}"
    seen = version(browse("wei").get(address).text)
    given = {"version": seen, "owner": depot.people["wei"].id, "remedy": "money", "cost": "12.50", "note": "已联系买家"}
    assert browse("wei").post(address, data=given).status_code == 303
    (kept,) = depot.cases()
    assert (kept.state, kept.owner.login, kept.cost, kept.remedy) == ("doing", "wei", 1250, "money")

    stale = browse("wei").post(address, data=given | {"note": "again"})
    assert (stale.status_code, "Somebody else changed this exception first." in stale.text) == (409, True)
    bad = browse("wei").post(address, data=given | {"version": kept.version, "cost": "many"})
    assert (bad.status_code, "is not an amount in yuan" in bad.text) == (422, True)
    browse("wei").post(address, data=given | {"version": kept.version, "closing": "yes"})
    assert depot.cases()[0].state == "closed"
    page = " ".join(browse("wei").get(address).text.split())
    assert all(told in page for told in ("Owner — → wei", "What it costs 0.00 → 12.50", "Note — → 已联系买家"))


@pytest.mark.parametrize("kind", ["logistics.exception", "logistics.intercept", "logistics.money"])
def test_an_exception_becomes_a_task_that_leads_back_to_it(depot, browse, case, kind):
    answer = browse("wei").post(f"/logistics/exceptions/{case.id}/task", data={"type": kind})
    db.session.rollback()
    task = db.session.scalars(select(Task)).one()
    assert (answer.status_code, task.type, task.store_id) == (303, kind, depot.store.id)
    assert {link.kind for link in task.links} == {"logistics.case", "logistics.parcel", "core.order"}
    assert task.brief.get("amount", 21600) == 21600
    assert task.number in browse("wei").get(f"/logistics/exceptions/{case.id}").text


def test_an_exception_becomes_a_claim_that_is_sent_and_granted(depot, browse, case):
    answer = browse("wei").post(f"/logistics/exceptions/{case.id}/claim")
    address = answer.location
    given = {"file": [(io.BytesIO(b"%PDF-1.7"), "运单底单.pdf"), (io.BytesIO(b"%PDF-1.4"), "价值证明.pdf")]}
    assert browse("wei").post(f"{address}/evidence", data=given).status_code == 303
    assert browse("li").post(f"{address}/evidence", data={}).status_code == 403
    empty = browse("wei").post(f"{address}/evidence", data={})
    assert (empty.status_code, "No file was chosen" in empty.text) == (422, True)
    shown = browse("li").get(address).text
    assert ("价值证明.pdf" in shown, "/evidence" in shown) == (True, False)
    assert browse("wei").post(f"{address}/evidence/remove", data={"file": 1}).status_code == 303
    for step, more in (("send", {}), ("grant", {"granted": "100.00", "result": "同意"})):
        seen = version(browse("wei").get(address).text)
        assert browse("wei").post(address, data={"version": seen, "step": step, **more}).status_code == 303
    db.session.rollback()
    claim = db.session.scalars(select(Claim)).one()
    assert (claim.state, claim.amount, claim.granted) == ("granted", 21600, 10000)
    assert [each.file.name for each in claim.files] == ["价值证明.pdf"]
    late = browse("wei").post(address, data={"version": claim.version, "step": "send"})
    assert (late.status_code, "gone on meanwhile" in late.text) == (422, True)


def test_ticked_exceptions_are_given_and_claimed_together(depot, browse, case):
    poor = depot.add(
        Case(store_id=depot.store.id, key="x", subject="7310000088", kind="stuck", since_at=NOW, state="open")
    )
    ids, wei = [case.id, poor.id], depot.people["wei"].id
    given = {"step": "assign", "ids": ids, "owner": wei}
    done = browse("wei").post("/logistics/exceptions?state=pending&page=2", data=given)
    assert (done.status_code, done.location) == (303, "/logistics/exceptions?state=pending")
    assert [(each.owner_id, each.state) for each in depot.cases()] == [(wei, "doing")] * 2
    for bad in ({"owner": depot.people["li"].id}, {"ids": []}):
        assert browse("wei").post("/logistics/exceptions", data=given | bad).status_code == 422

    for _ in range(2):
        told = browse("wei").post("/logistics/exceptions", data={"step": "claim", "ids": ids})
        assert (told.status_code, "7310000088: Say first what this exception costs" in told.text) == (422, True)
    again = browse("wei").post("/logistics/exceptions", data={"step": "claim", "ids": case.id})
    assert (again.status_code, "claimed already" in again.text) == (422, True)
    db.session.rollback()
    assert db.session.execute(select(Claim.case_id, Claim.amount)).all() == [(case.id, 21600)]
    assert 'form="ticked"' not in browse("li").get("/logistics/exceptions").text


def test_a_claim_is_entered_by_hand(depot, browse):
    given = {
        "store": depot.store.id,
        "kind": "lost",
        "carrier": "中通快递",
        "amount": "39.90",
        "deadline": "2026-04-01",
    }
    parcel = depot.parcel(depot.order(), key="7310000099", carrier="圆通速递")
    assert browse("wei").post("/logistics/claims/new", data=given).status_code == 303
    known = given | {"subject": "7310000099", "carrier": ""}
    assert browse("wei").post("/logistics/claims/new", data=known).status_code == 303
    again = browse("wei").post("/logistics/claims/new", data=known)
    assert (again.status_code, "CLM-2 claims this already." in again.text) == (422, True)
    bad = browse("wei").post("/logistics/claims/new", data=given | {"amount": "", "store": "99"})
    assert bad.status_code == 422
    db.session.rollback()
    rows = db.session.execute(select(Claim.amount, Claim.carrier, Claim.parcel_id).order_by(Claim.id)).all()
    assert rows == [(3990, "中通快递", None), (3990, "圆通速递", parcel.id)]


def test_differences_of_a_bill_are_claimed_on_the_page(billed, browse):
    page = browse("wei").get("/logistics/bills?finding=weight").text
    assert ("7310000002" in page, "7310000001" in page) == (True, False)
    assert browse("wei").post("/logistics/bills/claim", data={"kind": "weight"}).location == "/logistics/claims/1"
    again = browse("wei").post("/logistics/bills/claim", data={"kind": "weight"})
    assert (again.status_code, "nothing left to claim" in again.text) == (200, True)
    assert browse("wei").get("/logistics/bills?export=csv").text.count("\n") == 8


def test_a_manifest_is_made_on_the_page(depot, browse):
    depot.parcel(depot.order(), status="shipped")
    given = {"store": depot.store.id, "warehouse": "一号仓", "carrier": "中通快递"}
    assert browse("wei").post("/logistics/manifests", data=given).location == "/logistics/manifests/1"
    assert browse("wei").post("/logistics/manifests", data=given).status_code == 422
    db.session.rollback()
    made = db.session.scalars(select(Manifest)).one()
    assert len(manifests.parcels_of(made)) == 1


def test_the_lead_sets_capacities_and_sees_what_is_wrong(depot, browse):
    given = {"kind": "warehouse", "name": "一号仓", "since": "2026-01-01", "per_day": "300"}
    assert browse("fang").post("/logistics/settings/capacity", data=given).status_code == 303
    bad = browse("fang").post("/logistics/settings/capacity", data=given | {"since": "soon"})
    assert (bad.status_code, "is not a date" in bad.text) == (422, True)
    db.session.rollback()
    assert db.session.scalars(select(Capacity.per_day)).all() == [300]
    assert browse("fang").get("/logistics/settings/nothing").status_code == 404


def test_the_calculator_says_what_a_parcel_costs(billed, browse):
    assert "Give the courier, the destination" in browse("wei").get("/logistics/bills/tariffs?grams=1200").text
    assert "Give the courier, the destination" not in browse("wei").get("/logistics/bills/tariffs").text
    page = browse("wei").get("/logistics/bills/tariffs?carrier=中通&region=四川省&grams=1200").text
    assert "¥ 9.50" in page
    assert (
        "No template of this courier"
        in browse("wei").get("/logistics/bills/tariffs?carrier=顺丰&region=四川&grams=1").text
    )


def test_an_orders_page_shows_its_parcels_and_what_is_wrong(depot, browse, case):
    box = browse("li").get(f"/logistics/orders/{case.order_id}").text
    assert (case.parcel.key in box, "Signed for, but closed in the shop" in box) == (True, True)
    today = browse("wei").get("/logistics/today").text
    assert "Signed for, but closed in the shop" in today


def test_looking_again_asks_the_workers_once(depot, browse):
    assert [browse("wei").post("/logistics/look").status_code for _ in range(2)] == [303, 303]
    assert run_pending() == 1
