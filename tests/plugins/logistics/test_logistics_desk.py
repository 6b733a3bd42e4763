"""The exception desk and the dispatch clock: what is found, when, under which rule, and what becomes of it."""

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select, update

from core.board import moves
from core.board.models import Task
from core.board.queries import tasks_of
from core.board.services import Draft
from core.contracts import Ref
from core.extensions import db
from core.messages import Refusal, Stale
from core.stores.models import Order
from core.transactions import transaction
from plugins.logistics import clock, desk
from plugins.logistics.models import Case, Claim, Parcel, ParcelOrder, Rule
from plugins.logistics.rules import dispatch
from tests.plugins.logistics.conftest import NOW

HOUR = timedelta(hours=1)


def scan(at=NOW):
    with transaction():
        return desk.scan(at)


def kinds(depot):
    return sorted((case.kind, case.subject) for case in depot.cases() if case.state == "open")


BY_STATE_AND_SILENCE = [
    ("shipped", 23, None),
    ("shipped", 25, "not_collected"),
    ("transit", 71, None),
    ("transit", 73, "stuck"),
    ("customs", 73, "stuck"),
    ("transit", 241, "lost"),
    ("lost", 1, "lost"),
    ("damaged", 1, "damaged"),
    ("refused", 1, "refused"),
    ("wrong_address", 1, "wrong_address"),
    ("back", 1, "back"),
    ("signed", 1, None),
    ("waiting", 999, None),
]
WITH_THE_SHOP = [
    ("signed", "closed", "signed_closed"),
    ("transit", "closed", "intercept"),
    ("signed", "shipped", "signed_open"),
    ("signed", "done", None),
    ("closed", "closed", None),
    ("waiting", "closed", None),
]


def test_each_kind_is_found_when_its_rule_says(depot):
    made = {}
    for status, silent, kind in BY_STATE_AND_SILENCE:
        made[depot.parcel(status=status, shipped=NOW - silent * HOUR).key] = kind
    scan()
    assert {subject: kind for kind, subject in kinds(depot)} == {key: kind for key, kind in made.items() if kind}


def test_what_carrier_and_shop_say_together(depot):
    made = {}
    for status, in_shop, kind in WITH_THE_SHOP:
        order = depot.order(in_shop, total=21600)
        depot.parcel(order, status=status, shipped=NOW - timedelta(days=20), last_at=NOW - timedelta(days=16))
        made[order.order_no] = kind
    with transaction() as session:
        session.execute(delete(Rule).where(Rule.kind.in_(["stuck", "lost"])))
    scan()
    found = {case.subject: (case.kind, case.at_risk) for case in depot.cases()}
    assert found == {number: (kind, 21600) for number, kind in made.items() if kind}


def test_an_order_in_three_signed_parcels_is_one_exception_with_its_money_once(depot):
    order = depot.order("closed", total=32400)
    for _ in range(3):
        depot.parcel(order, status="signed")
    scan()
    assert [(case.kind, case.subject, case.at_risk) for case in depot.cases()] == [
        ("signed_closed", order.order_no, 32400)
    ]


def test_a_lost_parcel_of_two_orders_risks_both_and_a_second_one_risks_nothing_more(depot):
    one, two = depot.order(total=1000), depot.order(total=500)
    depot.parcel(one, two, status="lost")
    depot.parcel(one, status="lost")
    scan()
    assert [case.at_risk for case in depot.cases("lost")] == [1500, 0]


def test_a_new_version_of_a_rule_counts_from_its_first_day(depot):
    before = depot.parcel(status="shipped", shipped=NOW - timedelta(days=3))
    after = depot.parcel(status="shipped", shipped=NOW - timedelta(days=1, hours=2))
    depot.add(Rule(kind="not_collected", name="12 h", since=date(2026, 3, 19), hours=12, due_hours=4))
    depot.add(Rule(kind="not_collected", name="campaign", since=date(2026, 3, 16), until=date(2026, 3, 18), hours=96))
    scan()
    found = {case.subject: case.rule.name for case in depot.cases("not_collected")}
    assert found == {after.key: "12 h"}
    scan(NOW + timedelta(days=2))
    found = {case.subject: case.rule.name for case in depot.cases("not_collected")}
    assert found == {after.key: "12 h", before.key: "campaign"}


def test_looking_twice_finds_nothing_twice_and_what_is_over_settles_itself(depot):
    parcel = depot.parcel(status="shipped", shipped=NOW - 30 * HOUR)
    assert scan() == {"opened": 1, "settled": 0}
    assert scan(NOW + HOUR) == {"opened": 0, "settled": 0}
    with transaction() as session:
        session.get(Parcel, parcel.id).status = "signed"
    assert scan(NOW + 2 * HOUR) == {"opened": 0, "settled": 1}
    assert [case.state for case in depot.cases()] == ["gone"]


def test_what_comes_again_is_open_again_but_what_was_closed_stays_closed(depot):
    parcel = depot.parcel(status="refused")
    scan()
    for status, state in (("signed", "gone"), ("refused", "open")):
        with transaction() as session:
            session.get(Parcel, parcel.id).status = status
        scan(NOW + HOUR)
        assert [case.state for case in depot.cases()] == [state]
    (case,) = depot.cases()
    desk.edit(case.id, depot.actor("wei"), case.version, {"note": "退回入库", "closing": True})
    scan(NOW + 2 * HOUR)
    assert [case.state for case in depot.cases()] == ["closed"]


SHOP = st.sampled_from(["closed", "shipped", "done"])
ROAD = st.sampled_from(["signed", "transit", "lost", "damaged", "refused", "back"])


PLACES = st.lists(st.integers(0, 4), min_size=1, max_size=3, unique=True)


@settings(max_examples=12)
@given(st.lists(st.tuples(ROAD, PLACES), max_size=7), st.lists(SHOP, min_size=5, max_size=5))
def test_the_money_at_risk_is_each_orders_total_once(depot, road, shop):
    with transaction() as session:
        for model in (Case, ParcelOrder, Parcel, Order):
            session.execute(delete(model))
    orders = [depot.order(state, total=1000 * 2**place) for place, state in enumerate(shop)]
    for status, places in road:
        depot.parcel(*(orders[place] for place in places), status=status, shipped=NOW - timedelta(days=30))
    scan()
    risky = [case for case in depot.cases() if case.at_risk]
    total = sum(case.at_risk for case in risky)
    assert total < 2 * 1000 * 2**4  # of five different totals, none is in it twice
    in_question = {
        orders[place].id
        for status, places in road
        for place in places
        if status in ("lost", "damaged", "refused", "back", "transit") or shop[place] in ("closed", "shipped")
    }
    assert total == sum(order.total for order in orders if order.id in in_question)


def test_the_clock_follows_the_rule_of_the_day_of_payment(depot):
    usual = depot.order("paid", paid=NOW - 47 * HOUR)
    depot.order("shipped", paid=NOW - 47 * HOUR)
    assert [(each.order_id, each.due_at) for each in clock.waiting()] == [(usual.id, NOW + HOUR)]
    depot.add(
        Rule(kind="dispatch", name="大促", since=date(2026, 3, 18), until=date(2026, 3, 18), by_day=date(2026, 3, 25))
    )
    (each,) = clock.waiting()
    assert each.due_at.isoformat() == "2026-03-25T16:00:00+00:00"
    assert dispatch.band(each.due_at, NOW) == "later"


def test_an_order_whose_parcel_has_left_does_not_wait_even_if_the_shop_says_so(depot):
    order = depot.order("paid", paid=NOW - 47 * HOUR)
    depot.parcel(order, status="transit")
    assert clock.waiting() == []


def test_an_order_of_which_a_part_is_still_to_be_sent_waits(depot):
    order = depot.order(status="part_shipped", paid=NOW - HOUR)
    depot.parcel(order)
    assert (clock.waiting(), clock.of_order(order), clock.backlog().total()) == ([], None, 0)
    depot.parcel(order, status="waiting", shipped=None)
    (waits,) = clock.waiting()
    assert (waits.order_id, waits.due_at) == (order.id, clock.of_order(order))
    assert clock.backlog() == {"一号仓": 1}


def test_the_warehouse_of_an_order_is_its_parcels_or_the_one_its_store_mostly_uses(depot):
    depot.parcel(depot.order(), warehouse="二号仓")
    depot.parcel(depot.order(), warehouse="二号仓")
    waiting = depot.order("paid", paid=NOW - HOUR)
    placed = depot.order("paid", paid=NOW - HOUR)
    depot.parcel(placed, warehouse="三号仓", status="waiting", shipped=None)
    assert {each.order_id: each.warehouse for each in clock.waiting()} == {waiting.id: "二号仓", placed.id: "三号仓"}


def test_orders_that_breach_become_one_drafted_handoff_for_each_warehouse(depot):
    late = [depot.order("paid", paid=NOW - 50 * HOUR) for _ in range(3)]
    depot.order("paid", paid=NOW - HOUR)
    scan()
    with transaction():
        (task,) = desk.draft_breaches(NOW)
    with transaction():
        assert desk.draft_breaches(NOW) == []

    assert (task.type, task.state, task.requester.login, task.responsible_team) == (
        "logistics.exception",
        "draft",
        "fang",
        "logistics",
    )
    assert {case.task_id for case in depot.cases("late")} == {task.id}
    assert set(task.brief["what"].split()) == {order.order_no for order in late}
    for order in late:  # the way back, from the order to the task
        assert [row.number for row in tasks_of(Ref("core.order", order.id), depot.actor("fang"))] == [task.number]


def test_without_anybody_in_logistics_breaches_are_found_and_nothing_is_drafted(in_app, make_user):
    from tests.plugins.logistics.conftest import Depot

    depot = Depot({})
    depot.order("paid", paid=NOW - 50 * HOUR)
    scan()
    with transaction():
        assert desk.draft_breaches(NOW) == []
    assert [case.kind for case in depot.cases()] == ["late"]


def handed_over(depot, kind="logistics.exception", brief=None):
    depot.parcel(depot.order("closed"), status="signed")
    scan()
    (case,) = depot.cases()
    said = Draft("追回货款", brief or {"kind": case.kind})
    return case, desk.draft(depot.actor("fang"), [case], kind, said)


def test_a_signed_off_task_closes_its_exception_and_a_cancelled_one_opens_it_again(depot):
    case, task = handed_over(depot)
    assert (case.state, case.task_id) == ("doing", task.id)
    moves.move(task.id, "cancel", depot.actor("fang"), {"text": "重复"})
    (case,) = depot.cases()
    assert (case.state, case.task_id) == ("open", None)

    task = desk.draft(depot.actor("fang"), [case], "logistics.exception", Draft("追回货款", {"kind": case.kind}))
    for verb in ("offer", "accept", "start", "deliver"):
        moves.move(task.id, verb, depot.actor("wei" if verb != "offer" else "fang"))
    from core.board import contents

    for check in ("reached", "settled", "told"):
        contents.set_check(task.id, check, "pass", "", depot.actor("fang"))
    moves.move(task.id, "sign_off", depot.actor("fang"))
    (case,) = depot.cases()
    assert case.state == "closed"


def test_what_somebody_sees_of_a_parcel_is_on_the_desk_at_once_and_stays_until_it_is_closed(depot, browse):
    parcel, client = depot.parcel(depot.order(), status="delivering"), browse("wei")
    path = f"/logistics/parcels/{parcel.id}/exception"
    assert client.post(path, data={"kind": "damaged", "note": " "}).status_code == 422
    assert client.post(path, data={"kind": "signed_closed", "note": "x"}).status_code == 422
    assert client.post(path, data={"kind": "damaged", "note": "外箱压扁"}).status_code == 303
    scan()

    (case,) = depot.cases()
    assert (case.kind, case.state, case.at_risk, case.remedy) == ("damaged", "doing", 5900, "claim")
    assert (case.owner_id, case.note) == (depot.people["wei"].id, "外箱压扁")
    assert client.post(path, data={"kind": "damaged", "note": "又看一次"}).status_code == 422
    assert browse("li").post(path, data={"kind": "lost", "note": "x"}).status_code == 403


def test_the_desk_shows_what_is_not_settled_first_and_then_what_was_settled_last(depot, browse):
    for name, state, closed, due in (
        ("甲", "closed", 1, 0),
        ("乙", "gone", 2, 1),
        ("丙", "doing", 0, 3),
        ("丁", "open", 0, 2),
    ):
        values = {
            "state": state,
            "since_at": NOW,
            "due_at": NOW + HOUR * due,
            "closed_at": NOW + HOUR * closed if closed else None,
        }
        depot.add(Case(store_id=depot.store.id, key=name, kind="lost", subject=f"件{name}", **values))
    page = browse("wei").get("/logistics/exceptions").text
    assert sorted("甲乙丙丁", key=lambda name: page.index(f"件{name}")) == ["丁", "丙", "乙", "甲"]


def test_the_money_at_risk_is_told_once_the_order_is_known(depot):
    for _ in range(2):  # two parcels of one order, whose money is at risk once
        parcel = depot.parcel(status="lost")
        depot.add(
            ParcelOrder(
                store_id=depot.store.id,
                key=f"26@{parcel.key}",
                alias=f"26@{parcel.key}",
                parcel_key=parcel.key,
                parcel_id=parcel.id,
                order_no="26",
            )
        )
    scan()
    assert [case.at_risk for case in depot.cases()] == [0, 0]
    order = depot.order(order_no="26", total=5900)
    with transaction() as session:
        session.execute(update(ParcelOrder).values(order_id=order.id))
    for _ in range(2):
        scan()
        assert [case.at_risk for case in depot.cases()] == [5900, 0]


def test_a_task_is_drafted_once_and_the_exception_tells_of_it(depot, browse):
    depot.parcel(status="refused")
    scan()
    (case,) = depot.cases()
    path, client = f"/logistics/exceptions/{case.id}", browse("fang")
    first, again = (client.post(f"{path}/task", data={"type": "logistics.exception"}).location for _ in range(2))
    assert first == again
    assert client.post(f"{path}/task", data={"type": "logistics.intercept"}).location != first
    assert client.get(path).text.count("drafted a task of it") == 2


def test_closing_needs_a_word_and_amounts_are_not_negative(depot):
    depot.parcel(status="refused")
    scan()
    (case,) = depot.cases()
    with pytest.raises(Refusal) as why:
        desk.edit(case.id, depot.actor("wei"), case.version, {"note": "", "cost": -1, "closing": True})
    assert set(why.value.fields) == {"note", "cost"}
    with pytest.raises(Stale):
        desk.edit(case.id, depot.actor("wei"), case.version + 1, {"note": "x"})
    with pytest.raises(Refusal):
        desk.edit(case.id, depot.actor("wei"), case.version, {"owner_id": depot.people["li"].id})


def test_money_at_risk_goes_to_finance_by_task(depot):
    _case, task = handed_over(depot, "logistics.money", {"amount": 5900, "what": "已签收，款已退"})
    assert (task.responsible_team, task.number) == ("finance", "FIN-1")
    moves.move(task.id, "offer", depot.actor("fang"))
    seen = db.session.scalars(select(Task.number).where(Task.visible_to(depot.actor("qian")))).all()
    assert seen == [task.number]
    assert db.session.scalar(select(Claim.id)) is None
