"""The pages of differences, runs and periods: what they say, to whom, and what their forms do."""

import re
from contextvars import Context
from functools import partial

import pytest
from sqlalchemy import func, select

from core.board import moves
from core.board.models import Task
from core.contracts import Actor
from core.extensions import db
from plugins.finance.differences import queries, services
from plugins.finance.matching import classes
from plugins.finance.matching.manual import match_by_hand
from plugins.finance.matching.models import Result
from plugins.finance.periods.services import newer_than
from tests.plugins.finance.desk import TEAMS, Desk, imported


@pytest.fixture
def people(make_user):
    return {name: make_user(name, teams=teams) for name, teams in TEAMS.items()}


@pytest.fixture
def desk(in_app, people):
    return Desk(people)


@pytest.fixture
def browse(people, as_user):
    """A signed-in browser: ``browse("wen").get(path)``. Its requests see nothing of the context that is pushed here."""

    class Browser:
        def __init__(self, name):
            self.client = as_user(people[name])

        def get(self, path, **more):
            return Context().run(partial(self.client.get, path, **more))

        def post(self, path, **more):
            return Context().run(partial(self.client.post, path, **more))

    return Browser


def plain(answer):
    """What a page says, without its markup."""
    return " ".join(re.sub(r"<[^>]+>", " ", answer.text).split())


def test_the_overview_shows_each_stores_run_and_what_is_open(desk, browse):
    order = desk.order("1001")
    desk.run(desk.found(order))

    said = plain(browse("wen").get("/finance/"))

    assert "Newest run #1 2026-11-01 – 2026-11-30" in said
    assert "Paid by buyers 300.00 3 orders" in said
    assert "Amount differs 1 -0.01" in said
    assert "2026-11-01 – 2026-11-30 Not signed 1 open" in said


def test_the_pages_of_finance_are_for_finance(desk, browse):
    order = desk.order("1001")
    desk.run(desk.found(order))

    for path in ("/finance/", "/finance/differences", "/finance/differences/1", "/finance/runs/1", "/finance/periods"):
        assert browse("wen").get(path).status_code == 200
        assert browse("gao").get(path).status_code == 403


def test_the_list_filters_and_groups_what_repeats(desk, browse):
    orders = [desk.order(f"10{n:02d}", day=30) for n in range(4)]
    other = desk.order("2001", day=2)
    desk.run(*(desk.found(order) for order in orders), desk.found(other, "REFUND", 500))
    client = browse("wen")

    assert "4 × -0.01 Amount differs 2026-11-30" in plain(client.get("/finance/differences"))
    assert "1–1 of 1" in plain(client.get("/finance/differences?code=REFUND"))
    assert "1–4 of 4" in plain(client.get("/finance/differences?size=cent"))
    assert "1–5 of 5" in plain(client.get("/finance/differences?period=2026-11-01_2026-11-30&state=pending"))
    assert "1–1 of 1" in plain(client.get("/finance/differences?q=2001"))
    assert "No difference fits this filter." in plain(client.get("/finance/differences?state=closed"))
    group = f"/finance/differences?pattern=AMOUNT:-1:2026-11-30&store={desk.store.id}&state=open"
    assert "4 differences of exactly -0.01 on 2026-11-30" in plain(client.get(group))


@pytest.mark.parametrize("asked", [{}, {"state": "pending"}, {"state": "open", "code": "FEE"}, {"size": "cent"}])
def test_differences_are_counted_without_reading_them(in_app, asked):
    if db.engine.dialect.name != "sqlite":
        pytest.skip("PostgreSQL goes by how many there are")
    rows = queries.LISTING.query(Actor(None, "wen", admin=True), asked).order_by(None).subquery()
    count = select(func.count()).select_from(rows).compile(db.engine, compile_kwargs={"literal_binds": True})
    plan = db.session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {count}").all()
    assert ["COVERING INDEX" in step.detail for step in plan] == [True]


def test_a_group_is_settled_in_one_go(desk, browse):
    orders = [desk.order(f"10{n:02d}", day=30) for n in range(4)]
    desk.run(*(desk.found(order) for order in orders))

    form = {"pattern": "AMOUNT:-1:2026-11-30", "store": desk.store.id, "kind": "write_off", "reason": "尾差"}
    answer = browse("wen").post("/finance/differences/resolve", data=form)

    assert answer.status_code == 303
    assert {desk.difference(order).state for order in orders} == {"closed"}


def test_a_difference_shows_both_sides_and_what_happened(desk, browse):
    order = desk.order("1001")
    desk.line("2026110300001", 9_999, "1001")
    desk.run(desk.found(order, findings=({"code": "FEE", "expected": -50, "found": 0},)))
    services.resolve([desk.difference(order).id], desk.actor("wen"), "entry", "运费差一分")

    said = plain(browse("wen").get("/finance/differences/1"))

    assert "By the books 100.00 By the statement 99.99 Difference -0.01" in said
    assert "Fee differs books -0.50, statement 0.00" in said
    assert "2026110300001" in said
    assert "Adjusting entry · wen" in said
    assert "Adjustments -0.01" in said
    assert "Found by run 1" in said


def test_a_refused_form_keeps_what_was_said(desk, browse):
    order = desk.order("1001")
    desk.run(desk.found(order))

    form = {"ids": "1", "page": "1", "kind": "claim", "reason": ""}
    answer = browse("wen").post("/finance/differences/resolve", data=form)

    assert answer.status_code == 422
    assert "Say why in a few words." in plain(answer)
    assert '<option value="claim" selected>' in answer.text
    listed = browse("wen").post("/finance/differences/resolve", data={"ids": "1", "kind": "claim", "reason": ""})
    assert 'aria-label="Choose 1001" checked>' in listed.text


def test_only_a_lead_approves_a_write_off(desk, browse):
    order = desk.order("1001", 90_000)
    desk.run(desk.found(order, amount=-60_000))
    services.resolve([1], desk.actor("qian"), "write_off", "丢件")

    assert browse("wen").post("/finance/differences/approve", data={"ids": "1", "page": "1"}).status_code == 403
    assert browse("qian").post("/finance/differences/approve", data={"ids": "1", "page": "1"}).status_code == 422
    assert browse("jin").post("/finance/differences/approve", data={"ids": "1", "page": "1"}).status_code == 303
    assert desk.difference(order).state == "closed"


def test_one_click_drafts_the_task_and_its_box_is_for_who_sees_the_task(desk, browse):
    order = desk.order("1001")
    desk.run(desk.found(order))

    answer = browse("wen").post("/finance/differences/hand_over", data={"ids": "1", "page": "1", "team": "design"})

    assert answer.location.endswith("/tasks/DES-1")
    assert browse("mei").get("/finance/tasks/DES-1").status_code == 404
    task = db.session.query(Task).one()
    moves.move(task.id, "offer", desk.actor("wen"))
    assert plain(browse("mei").get("/finance/tasks/DES-1")) == "Handed over 1"
    assert plain(browse("wen").get("/finance/tasks/DES-1")) == "Handed over 1 1001"
    seen = browse("mei").get("/tasks/DES-1")
    assert "/finance/tasks/DES-1" in seen.text
    assert plain(seen).count("1001, 2026-11-03, Amount differs: books 100.00, statement 99.99, difference -0.01") == 1


def test_the_boxes_on_the_desk_and_on_an_order(desk, browse):
    order = desk.order("1001")
    desk.run(desk.found(order))

    assert "1 for finance" in plain(browse("wen").get("/finance/desk"))
    assert "1001 Amount differs -0.01" in plain(browse("wen").get(f"/finance/orders/{order.id}/differences"))


def test_a_figure_of_a_run_leads_to_its_rows(desk, browse):
    order = desk.order("1001")
    run = desk.run(desk.found(order), results=[(order, "AMOUNT")])
    client = browse("wen")

    page = client.get(f"/finance/runs/{run.id}")
    assert f"/finance/runs/{run.id}/orders/AMOUNT" in page.text
    assert "Receipts: from the books to the statement 199.99 199.99 ties out" in plain(page)
    assert "alipay.csv" in plain(page)
    assert "1001" in plain(client.get(f"/finance/runs/{run.id}/orders/AMOUNT"))
    assert client.get(f"/finance/runs/{run.id}/orders/NONSENSE").status_code == 404
    assert db.session.query(Result).filter_by(side=classes.ORDER).count() == 1


def test_runs_are_compared_class_by_class(desk, browse):
    first = desk.run()
    second = desk.run(totals={**first.totals, "order_classes": {"OK": {"count": 3, "amount": "300.00"}}})

    said = plain(browse("wen").get(f"/finance/runs/{second.id}?with={first.id}"))

    assert "Agrees 3 300.00 +2 · 200.00" in said
    assert "Amount differs 0 0.00 -1 · -100.00" in said


def test_a_period_leads_to_all_it_waits_for_also_to_what_was_carried_to_it(desk, browse):
    carried, order = desk.order("0901", month=10), desk.order("1001")
    desk.run(desk.found(carried, "CARRY_OPEN", -10_000), desk.found(order))
    wen = browse("wen")

    page = wen.get("/finance/periods/1").text
    assert "2 differences are neither settled, handed over nor carried forward." in page
    link = re.search(r'href="(/finance/differences[?][^"]*state=open[^"]*)"', page)[1].replace("&amp;", "&")
    assert "1–2 of 2" in plain(wen.get(link))


def test_the_story_of_a_period_by_its_pages(desk, browse):
    order = desk.order("1001")
    run = desk.run(desk.found(order))
    wen, jin = browse("wen"), browse("jin")

    refused = wen.post(f"/finance/runs/{run.id}/prepare")
    assert (refused.status_code, "1 differences are neither settled" in plain(refused)) == (422, True)
    wen.post("/finance/differences/resolve", data={"ids": "1", "kind": "write_off", "reason": "尾差"})
    assert wen.post(f"/finance/runs/{run.id}/prepare").location.endswith("/finance/periods/1")
    assert wen.post("/finance/periods/1/sign").status_code == 403
    assert jin.post("/finance/periods/1/sign").status_code == 303
    assert "Signed and locked" in plain(wen.get("/finance/periods/1"))
    paper = {"kind": "finance.statement", "language": "en"}
    assert jin.post("/records/finance.period/1/documents", data=paper).status_code < 400

    again = {"store": desk.store.id, "first": "2026-11-01", "last": "2026-11-30"}
    assert "is signed and locked" in plain(wen.post("/finance/runs", data=again))
    assert jin.post("/finance/periods/1/reopen", data={"reason": ""}).status_code == 422
    assert jin.post("/finance/periods/1/reopen", data={"reason": "补账单"}).status_code == 303
    told = plain(wen.get("/finance/periods/history"))
    assert "jin opened the period again 补账单" in told
    assert "jin signed the period" in told
    assert "issued a document" not in told

    imported(desk, "late.csv", desk.line("9", 100, day=30))
    page = wen.get("/finance/periods/1")
    assert ("Reconcile again" in page.text, "Prepare the signature" in page.text) == (True, False)


def test_a_reconciliation_is_asked_for_in_the_background(desk, browse):
    form = {"store": desk.store.id, "first": "2026-11-01", "last": "2026-11-30"}
    wen = browse("wen")

    assert "/jobs/" in wen.post("/finance/runs", data=form).location
    assert wen.post("/finance/runs", data=form | {"last": "gestern"}).status_code == 422
    assert wen.post("/finance/runs", data=form | {"last": "2026-10-01"}).status_code == 422


def test_a_line_is_matched_by_hand_and_the_match_taken_back(desk, browse):
    order = desk.order("1001")
    desk.order("1002")
    line = desk.line("2026110300001", 9_999, "1001")
    desk.run(desk.found(order))
    wen = browse("wen")

    form = {"line": line.id, "order_no": "1002", "part": "", "reason": "备注写错了"}
    assert wen.post("/finance/differences/1/match", data=form | {"line": "77"}).status_code == 422
    assert wen.post("/finance/differences/1/match", data=form).status_code == 303
    assert re.search(
        r"to order 1002 2026-11-03 99\.99 wen · \S+ \S+ · 备注写错了", plain(wen.get("/finance/differences/1"))
    )
    assert "No line of the statement names it." in plain(wen.get("/finance/differences/1"))
    assert wen.post("/finance/differences/1/unmatch", data={"match": "1", "reason": "看错了"}).status_code == 303
    said = plain(wen.get("/finance/differences/1"))
    assert "taken back" in said and "No line of the statement names it." not in said
    assert wen.post("/finance/differences/1/unmatch", data={"match": "1", "reason": "看错了"}).status_code == 409


def test_a_match_by_hand_is_taken_back_where_no_difference_is_open_and_asks_for_another_run(desk, browse):
    order, other = desk.order("1001"), desk.order("1002")
    line = desk.line("2026110300001", 9_999, "1002")
    desk.run(desk.found(order, "MISSING_STMT", -10_000))
    match_by_hand(line.id, desk.actor("wen"), "备注写错了", order_no="1001")
    run = desk.run(results=[(order, "OK"), (other, "OK")])
    wen = browse("wen")

    closed = plain(wen.get("/finance/differences/1"))
    assert "Settled" in closed and "to order 1001 2026-11-03 99.99" in closed and "Take it back" in closed
    assert newer_than(run) is None
    assert wen.post("/finance/lines/1/unmatch", data={"match": "7", "reason": "看错了"}).status_code == 422
    assert wen.post("/finance/lines/1/unmatch", data={"match": "1", "reason": "看错了"}).status_code == 303
    assert re.search(r"taken back · wen · \S+ \S+ · 看错了", plain(wen.get("/finance/lines/1")))
    assert newer_than(desk.fresh(run)) == "1001"
