"""The way of an order, stock and suggestions as they are stored."""

from datetime import UTC, datetime, timedelta

import pytest

from core import localtime
from core.columns import now
from core.contracts import SYSTEM, Actor
from core.imports.rules import SHANGHAI
from core.messages import Refusal, Stale
from core.stores.models import Order, OrderLine
from core.transactions import transaction
from plugins.purchasing import answers, invoices, jobs, limits, orders, receiving, sales, stock, suggesting, suppliers
from plugins.purchasing.models import StockMove, Suggestion, Uplift
from tests.plugins.purchasing.conftest import TEA


def invoice(shop, pieces, *, number="F-1", price=500, order=None, days=0, extra=0):
    lines = [{"merchant_code": "A-1", "quantity": pieces, "price": price}]
    on = localtime.today() + timedelta(days=days)
    order_id = order.id if order else None
    return invoices.enter_invoice(
        shop.actor("cai"), shop.supplier.id, number, on, lines, order_id=order_id, extra=extra
    )


def test_nobody_approves_their_own_order(shop):
    order = shop.draft(TEA, by="pan")
    orders.submit(shop.actor("pan"), order.id)
    with pytest.raises(Refusal, match="approved by somebody else"):
        orders.decide(shop.actor("pan"), order.id, True, "")
    assert orders.decide(shop.actor("gou"), order.id, True, "").state == "approved"


@pytest.mark.parametrize(("pieces", "who"), [(1000, {"gou": 0, "pan": 0}), (1001, {"pan": 1}), (10_001, {"pan": 1})])
def test_the_amount_says_who_approves(shop, pieces, who):
    order = shop.draft(("A-1", "", pieces, 500))
    tiers = {name: orders.may_approve(shop.actor(name), order) for name in ("cai", "gou", "pan", "li", "qian")}
    assert {name: tier for name, tier in tiers.items() if tier is not None} == who
    assert orders.may_approve(SYSTEM, order) == {1000: 0, 1001: 1, 10_001: 2}[pieces]


def test_other_limits_hold_from_their_day_on_but_not_for_what_waits_already(shop):
    waiting, pan = shop.draft(("A-1", "", 600, 500)), shop.actor("pan")
    orders.submit(shop.actor("cai"), waiting.id)
    limits.put(pan, localtime.today(), 200_000, 20_000_000, "new buyers")
    limits.put(pan, localtime.today() + timedelta(days=1), 0, 0, "stocktaking")
    assert (orders.pending(waiting), limits.at(now())) == ([0], (200_000, 20_000_000))
    assert limits.at(now() + timedelta(days=1)) == (0, 0)
    later = shop.draft(("A-1", "", 600, 500))
    assert orders.pending(later) == [1]
    for since, members, lead in (
        (localtime.today() - timedelta(days=1), 1, 2),
        (None, 1, 2),
        (localtime.today(), 3, 2),
    ):
        with pytest.raises(Refusal):
            limits.put(pan, since, members, lead, "why")


def test_a_large_order_needs_the_lead_and_an_administrator_in_either_order(shop, make_user):
    boss = Actor(make_user("boss", admin=True).id, "boss", admin=True)
    lead, buyer, wanted = shop.actor("pan"), shop.actor("cai"), ("A-1", "", 10_001, 500)
    for first, second in ((lead, boss), (boss, lead)):
        order = shop.draft(wanted)
        orders.submit(buyer, order.id)
        assert orders.decide(first, order.id, True, "").state == "approval"
        with pytest.raises(Refusal, match="approved by somebody else"):
            orders.decide(first, order.id, True, "")
        with pytest.raises(Refusal):
            orders.send(buyer, order.id)
        assert orders.decide(second, order.id, True, "").state == "approved"
    orders.edit_order(buyer, order.id, orders.Wanted(shop.store.id, shop.supplier.id, [wanted]))
    orders.submit(buyer, order.id)
    assert orders.pending(shop.fresh(order)) == [1, 2]  # what was said before does not count


def test_one_no_of_any_tier_stops_an_order_whatever_yes_was_said(shop, make_user):
    boss = Actor(make_user("boss", admin=True).id, "boss", admin=True)
    order = shop.draft(("A-1", "", 10_001, 500))
    orders.submit(shop.actor("cai"), order.id)
    orders.decide(boss, order.id, True, "")
    with pytest.raises(Refusal, match="somebody else"):
        orders.decide(shop.actor("gou"), order.id, False, "too much")
    assert orders.decide(shop.actor("pan"), order.id, False, "too much").state == "refused"
    with pytest.raises(Refusal):
        orders.decide(boss, order.id, True, "")


def test_where_nobody_else_leads_an_administrator_is_enough(shop, make_user):
    boss = Actor(make_user("boss", admin=True).id, "boss", admin=True)
    order = shop.draft(("A-1", "", 10_001, 500), by="pan")
    orders.submit(shop.actor("pan"), order.id)
    assert orders.decide(boss, order.id, True, "").state == "approved"


def test_one_no_stops_an_order_until_it_is_written_anew(shop):
    order = shop.draft()
    orders.submit(shop.actor("cai"), order.id)
    with pytest.raises(Refusal, match="Say why"):
        orders.decide(shop.actor("gou"), order.id, False, " ")
    orders.decide(shop.actor("gou"), order.id, False, "too dear")
    for step in (orders.send, orders.submit):
        with pytest.raises(Refusal, match="cannot be done now"):
            step(shop.actor("cai"), order.id)
    with pytest.raises(Refusal, match="cannot be done now"):
        orders.decide(shop.actor("pan"), order.id, True, "")
    wanted = orders.Wanted(shop.store.id, shop.supplier.id, [TEA])
    assert orders.edit_order(shop.actor("cai"), order.id, wanted).state == "draft"


def test_changing_an_approved_order_asks_anew(shop):
    order = shop.draft()
    orders.submit(shop.actor("cai"), order.id)
    orders.decide(shop.actor("gou"), order.id, True, "")
    wanted = orders.Wanted(shop.store.id, shop.supplier.id, [("A-1", "", 5000, 500)])
    assert orders.edit_order(shop.actor("cai"), order.id, wanted).state == "draft"
    with pytest.raises(Refusal):
        orders.send(shop.actor("cai"), order.id)


@pytest.mark.parametrize("lines", [[], [TEA, TEA], [("A-1", "", 0, 500)], [("", "", 1, 500)], [("A-1", "", 1, -1)]])
def test_an_unsound_order_is_refused(shop, lines):
    with pytest.raises(Refusal) as refused:
        orders.draft_order(shop.actor("cai"), orders.Wanted(shop.store.id, shop.supplier.id, lines))
    assert "lines" in refused.value.fields


def test_goods_come_in_parts_and_what_is_there_is_not_coming_any_more(shop):
    order = shop.sent()
    shop.receive(order, A_1=(60, 0))
    assert (shop.fresh(order).state, stock.coming(shop.store.id)) == (
        "partly",
        {"A-1": (40, "草莓脆"), "B-2": (20, "礼盒")},
    )
    shop.receive(order, A_1=(35, 5), B_2=(20, 0))
    assert (shop.fresh(order).state, stock.coming(shop.store.id)) == ("received", {})
    with pytest.raises(Refusal, match="does not wait for goods"):
        shop.receive(order, A_1=(1, 0))


def test_the_rest_of_an_order_is_given_up_with_a_reason(shop):
    order = shop.sent()
    shop.receive(order, A_1=(60, 0))
    with pytest.raises(Refusal, match="becomes of the rest"):
        orders.close(shop.actor("cai"), order.id, "")
    assert orders.close(shop.actor("cai"), order.id, "sold out").state == "closed"


def test_nothing_is_claimed_twice(shop):
    order = shop.sent()
    shop.receive(order, A_1=(60, 5), B_2=(20, 0))
    first = receiving.claim(shop.actor("cai"), order.id)
    assert {(line["kind"], line["quantity"], line["amount"]) for line in first.lines} == {
        ("short", 35, 17_500),
        ("damaged", 5, 2_500),
    }
    with pytest.raises(Refusal, match="beyond what is noted"):
        receiving.claim(shop.actor("cai"), order.id)
    shop.receive(order, A_1=(30, 2))
    second = receiving.claim(shop.actor("cai"), order.id)
    assert [(line["kind"], line["quantity"]) for line in second.lines] == [("damaged", 2)]
    assert (first.claimed, second.claimed) == (20_000, 1_000)


def test_a_settled_discrepancy_is_not_settled_again(shop):
    order = shop.sent()
    shop.receive(order, A_1=(90, 0), B_2=(20, 0))
    note = receiving.claim(shop.actor("cai"), order.id)
    for remedy, granted in (("gift", 5_000), ("refund", None), ("refund", -1)):
        with pytest.raises(Refusal):
            receiving.settle(shop.actor("cai"), note.id, remedy, granted)
    receiving.settle(shop.actor("cai"), note.id, "credit", 5_000)
    with pytest.raises(Stale):
        receiving.settle(shop.actor("cai"), note.id, "credit", 5_000)


def test_an_invoice_waits_whole_until_it_is_linked(shop):
    order = shop.sent()
    shop.receive(order, A_1=(90, 10), B_2=(20, 0))
    late = invoice(shop, 100, price=520)
    assert invoices.held_amount(late) == 52_000
    invoices.link_invoice(shop.actor("cai"), late.id, order.id)
    held = {each.why: each.amount for each in invoices.held(shop.fresh(late))}
    assert held == {"quantity": 10 * 520, "price": 90 * 20}
    with pytest.raises(Stale):
        invoices.link_invoice(shop.actor("cai"), late.id, order.id)


@pytest.mark.parametrize(("remedy", "held"), [("refund", 0), ("none", 0), ("resend", 5_000)])
def test_a_settled_claim_lets_the_invoice_be_paid_unless_the_goods_are_to_come_again(shop, remedy, held):
    order = shop.sent()
    shop.receive(order, A_1=(90, 4), B_2=(20, 0))
    note = receiving.claim(shop.actor("cai"), order.id)
    bill = invoice(shop, 100, order=order)
    assert invoices.held_amount(shop.fresh(bill)) == 5_000
    receiving.settle(shop.actor("cai"), note.id, remedy, note.claimed)
    assert invoices.held_amount(shop.fresh(bill)) == held


def test_an_invoice_is_due_when_the_suppliers_terms_say_so(shop):
    assert (invoice(shop, 10).due_on - localtime.today()).days == 30


def test_pieces_are_paid_once_over_all_invoices_of_an_order(shop):
    order = shop.sent(freight=1_000)
    shop.receive(order, A_1=(90, 0))
    one = invoice(shop, 60, order=order, extra=1_000)
    two = invoice(shop, 40, number="F-2", order=order, days=1, extra=1_000)
    assert invoices.held_amount(shop.fresh(one)) == 0
    assert {each.why: each.amount for each in invoices.held(shop.fresh(two))} == {"quantity": 5_000, "extra": 1_000}


def test_an_invoice_is_entered_once_and_only_to_an_order_of_its_supplier(shop):
    invoice(shop, 10)
    with pytest.raises(Refusal, match="already entered"):
        invoice(shop, 10)
    with pytest.raises(Refusal, match="never sent"):
        invoice(shop, 10, number="F-2", order=shop.draft())
    wanted = orders.Wanted(shop.store.id, shop.other.id, [TEA])
    foreign = orders.draft_order(shop.actor("cai"), wanted)
    with pytest.raises(Refusal, match="another supplier"):
        invoice(shop, 10, number="F-3", order=foreign)


def test_stock_counts_what_is_free_coming_and_sold(shop):
    shop.days("A-1", 2, 30)
    shop.days("D-4", 0, 8)
    with transaction() as session:
        order = Order(store_id=shop.store.id, order_no="26000000000000001", status="paid", total=1)
        session.add(order)
        session.flush()
        line = {"store_id": shop.store.id, "order_id": order.id, "order_no": order.order_no, "merchant_code": "A-1"}
        session.add(OrderLine(key="1", fingerprint="1", quantity=4, **line))
    shop.sent()
    found = stock.articles(shop.store.id)
    tea = found["A-1"]
    assert (tea.good, tea.reserved, tea.free, tea.coming, sum(tea.sold)) == (30, 4, 26, 100, 56)
    assert (tea.cover, tea.standing, found["D-4"].standing, found["B-2"].coming) == (13, "", "dead", 20)
    assert next(row.merchant_code for row in suggesting.described(shop.store.id)) == "B-2"  # out, and coming


def test_movements_tell_what_a_day_sold_and_snapshots_the_days_without_any(shop):
    shop.days("A-1", 2, 30, back=3)
    until = localtime.today()
    last = localtime.begins(until + timedelta(days=1)) - timedelta(microseconds=1)  # 23:59:59.999999 in Shanghai
    for place, (at, kind) in enumerate(((last, "交易出库"), (last, "交易出库"), (localtime.begins(until), "盘点入库"))):
        with transaction() as session:
            move = StockMove(
                store_id=shop.store.id, key=f"m{place}", number="m", merchant_code="A-1", warehouse="一号仓"
            )
            move.at, move.kind, move.quantity = at, kind, -7
            session.add(move)
    assert sales.sold(shop.store.id, until, 4) == {"A-1": [0, 2, 2, 14]}
    assert sales.sold(shop.store.id, until, 2, "A-1") == {"A-1": [2, 14]}
    assert sales.sold(shop.store.id, until, 4, "B-2") == {}


def test_suggestions_of_a_day_keep_what_a_person_said_and_follow_the_rest(shop):
    shop.offer(minimum=50, pack=24)
    shop.days("A-1", 10, 60)
    (row,) = suggesting.suggest(shop.store.id)
    assert (row.suggested, row.supplier_id) == (192, shop.supplier.id)  # 210 + 30 - 60 = 180, in packs of 24
    first = localtime.today() + timedelta(days=1)
    with transaction() as session:
        session.add(Uplift(store_id=shop.store.id, name="x", first=first, last=first, percent=340))
    assert suggesting.suggest(shop.store.id)[0].suggested == 216  # 24 more
    suggesting.change(shop.actor("cai"), row.id, 0, "discontinued")
    assert suggesting.suggest(shop.store.id)[0].chosen == 0


def test_what_is_drafted_already_is_not_suggested_again_until_it_is_cancelled(shop):
    shop.offer()
    shop.days("A-1", 10, 0)
    (row,) = suggesting.suggest(shop.store.id)
    (made,) = suggesting.order(shop.actor("cai"), [row.id])
    tomorrow = localtime.today() + timedelta(days=1)
    assert suggesting.suggest(shop.store.id, tomorrow) == []
    orders.cancel(shop.actor("cai"), made.id, "too early")
    assert [each.suggested for each in suggesting.suggest(shop.store.id, tomorrow)] == [240]
    assert shop.fresh(made).state == "cancelled"
    assert suggesting.order(shop.actor("cai"), [row.id])[0].id != made.id  # it may be ordered after all


def test_more_pieces_than_can_be_ordered_are_refused(shop):
    shop.days("A-1", 10, 0)
    (row,) = suggesting.suggest(shop.store.id)
    with pytest.raises(Refusal, match="at most 9,999,999"):
        suggesting.change(shop.actor("cai"), row.id, 10_000_000, "x")


def test_one_draft_per_supplier_and_nothing_where_nobody_offers(shop):
    shop.offer()
    shop.offer("B-2", "1 30", shop.other)
    for code in ("A-1", "B-2", "C-3"):
        shop.days(code, 10, 0)
    rows = {row.merchant_code: row.id for row in suggesting.suggest(shop.store.id)}
    with pytest.raises(Refusal, match="Nobody offers C-3"):
        suggesting.order(shop.actor("cai"), rows.values())
    assert shop.orders() == []
    made = suggesting.order(shop.actor("cai"), [rows["A-1"], rows["B-2"]])
    assert [(order.supplier_id, order.total) for order in made] == [
        (shop.supplier.id, 240 * 450),
        (shop.other.id, (5 + 14 + 3) * 10 * 3000),
    ]
    assert {(order.expected_on - localtime.today()).days for order in made} == {7, 5}


def test_numbers_begin_again_with_the_month_of_the_stores_calendar(shop, monkeypatch):
    monkeypatch.setattr(localtime, "now", lambda: datetime(2026, 11, 30, 16, 30, tzinfo=UTC))
    assert [shop.draft().number for _ in range(2)] == ["PO-202612-0001", "PO-202612-0002"]


def test_suggestions_are_scored_once_their_days_are_over(shop):
    shop.days("A-1", 3, 10)
    on = localtime.today() - timedelta(days=20)
    with transaction() as session:
        session.add(Suggestion(store_id=shop.store.id, on=on, merchant_code="A-1", steps=[], suggested=60))
    assert (suggesting.score(shop.store.id), suggesting.score(shop.store.id)) == (1, 0)
    past = suggesting.hindsight(shop.store.id)
    assert (past.count, past.expected, past.sold, past.rows[0][1]) == (1, 60, 42, 42)


def test_a_suggestion_is_measured_by_what_would_have_been_enough(shop):
    shop.offer()
    shop.days("A-1", 3, 0, back=60)
    on = localtime.today() - timedelta(days=22)
    (row,) = suggesting.suggest(shop.store.id, on)
    assert (row.days, row.expected, row.spare, row.suggested) == (21, 63, 66 - 9, 6)
    suggesting.change(shop.actor("cai"), row.id, 4, "no room")
    assert suggesting.score(shop.store.id, on + timedelta(days=21)) == 0  # its last day is not over
    assert suggesting.score(shop.store.id) == 1
    past = suggesting.hindsight(shop.store.id)
    assert (past.sold, past.expected, past.short, past.rows[0][1]) == (63, 63, 1, 6)


def test_the_daily_job_suggests_for_every_store(shop):
    shop.days("A-1", 3, 10)
    with transaction():
        assert jobs.daily({}, None)() == {"suggested": 1, "scored": 0, "reminded": 0}


def test_the_score_of_a_supplier_comes_from_its_orders(shop):
    order = shop.sent(expected_on=localtime.today())
    shop.receive(order, A_1=(90, 10), B_2=(20, 0))
    score = suppliers.scores()[shop.supplier.id]
    assert (score.due, score.on_time, score.pieces, score.short, score.damaged) == (1, 1, 120, 0, 10)


def test_who_asks_what_came_is_told_the_good_pieces_and_their_worth(shop):
    order = shop.sent(platform_no="1688000001")
    shop.receive(order, A_1=(90, 10), B_2=(20, 0))
    day = shop.fresh(order).receipts[0].at.astimezone(SHANGHAI).date()
    (told,) = answers.goods_received(shop.store.id, day, day)
    assert (told.supplier, told.purchase_no, told.quantity, told.amount) == ("云岭茶业", "1688000001", 110, 105_000)
    before = day - timedelta(days=1)
    assert list(answers.goods_received(shop.store.id, before, before)) == []


def test_finance_is_told_what_is_held_of_an_invoice_and_what_is_claimed(shop):
    order = shop.sent()
    shop.receive(order, A_1=(90, 10), B_2=(20, 0))
    note = receiving.claim(shop.actor("cai"), order.id)
    day = localtime.today()
    billed = [{"merchant_code": "A-1", "quantity": 100, "price": 500}]
    made = invoices.enter_invoice(shop.actor("cai"), shop.supplier.id, "8001", day, billed, order_id=order.id)
    invoices.enter_invoice(shop.actor("cai"), shop.supplier.id, "8002", day, billed)

    invoice, claim = answers.payables(shop.store.id, day, day)
    assert (invoice.number, invoice.purchase_no, invoice.amount, invoice.held) == ("8001", order.number, 50_000, 5_000)
    assert (claim.number, claim.claimed, claim.amount, claim.ref.id) == (note.number, 5_000, 0, note.id)
    (homeless,) = answers.payables(None, day, day)
    assert (homeless.number, homeless.held, homeless.ref) == ("8002", 50_000, None)
    invoices.release(shop.actor("pan"), made.id, "后补货")
    receiving.settle(shop.actor("cai"), note.id, "refund", 5_000)
    (left,) = answers.payables(shop.store.id, day, day)
    assert (left.number, left.held, left.why) == ("8001", 0, ())
