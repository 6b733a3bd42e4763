"""Accounts of partners over what is imported, and their pages."""

import io
from datetime import UTC, date, datetime, timedelta

import pytest

from core.answers import Parcel, Promise, Receipt
from core.contracts import Actor
from core.extensions import db
from core.messages import Refusal, Stale
from core.stores.models import Order, Store
from core.transactions import transaction
from plugins.finance.books.models import Line
from plugins.finance.partners import advertising, affiliates, couriers, promises, services, suppliers
from plugins.finance.partners.models import (
    AdSpend,
    AffiliateLine,
    CourierLine,
    PurchaseOrder,
    SupplierLine,
    SupplierMatch,
)
from tests.contract.tiny import plugin

AT = datetime(2026, 11, 3, 4, 0, tzinfo=UTC)
DAY = date(2026, 11, 3)
MEMBER = Actor(None, "陈", {"finance": "member"})


@pytest.fixture
def answers():
    """What the other plugins answer, for a test to fill in."""
    return {"promised_payments": [], "parcels": [], "goods_received": []}


@pytest.fixture
def app(make_app, answers):
    asked = plugin(
        promised_payments=lambda: answers["promised_payments"],
        parcels=lambda: answers["parcels"],
        goods_received=lambda: answers["goods_received"],
    )
    return make_app(extra_plugins=[("others", asked)], LANGUAGE="zh")


@pytest.fixture
def store(in_app):
    with transaction() as session:
        made = Store(name="S")
        session.add(made)
    return made.id


def add(*rows):
    with transaction() as session:
        session.add_all(rows)
    return rows[0]


def line(store, number, amount, **more):
    given = {"source": "alipay_statement", "account": "alipay:1", "at": AT, "kind": "其它"} | more
    return Line(store_id=store, key=f"L{number}", amount=amount, **given)


def test_a_courier_is_checked_against_orders_and_parcels(store, answers):
    waybills = ["1001", "1001", "1002", "1003", "1004", "1005"]
    add(
        *(
            CourierLine(store_id=store, key=f"{n}", waybill_no=w, amount=100 * n, shipped_at=AT + timedelta(minutes=n))
            for n, w in enumerate(waybills, 1)
        ),
        Order(store_id=store, order_no="1", status="done", waybill_no="1001"),
        Order(store_id=store, order_no="2", status="paid", waybill_no="1002"),
        Order(store_id=store, order_no="3", status="shipped", waybill_no="9000,1003"),
    )
    answers["parcels"] = [Parcel("1005", AT)]

    found = couriers.bill(store)

    assert found.sums == {"twice": (1, 200), "unknown": (1, 500), "not_shipped": (1, 300), "fine": (3, 1100)}
    assert couriers.bill(store, DAY + timedelta(days=1)).lines == []


def test_commissions_are_compared_order_by_order(store):
    def report(number, order, kind, commission):
        return AffiliateLine(
            store_id=store,
            key=f"A{number}",
            kind=kind,
            order_no=order,
            commission=commission,
            service_fee=10,
            settled_at=AT,
        )

    add(
        report(1, "11", "settle", 500),
        report(2, "12", "settle", 500),
        report(3, "12", "refund", 500),
        report(4, "13", "settle", 90),
        line(store, 1, -510, order_no="11", memo="淘宝客佣金代扣款[11]"),
        line(store, 2, -510, order_no="12", memo="淘宝客佣金代扣款[12]"),
        line(store, 3, 400, order_no="12", memo="淘宝客佣金退款[12]"),
        line(store, 4, -7, memo="淘宝客佣金"),
    )

    found = affiliates.commissions(store)

    told = [(each.order_no, each.reported, each.charged, each.difference) for each in found.differing]
    assert told == [("12", 0, 110, 110), ("13", 100, 0, -100)]
    assert (found.reported, found.charged, len(found.nameless)) == (610, 627, 1)


def test_advertising_is_compared_with_its_top_ups(store):
    def spend(number, amount, **more):
        return AdSpend(store_id=store, key=f"S{number}", on=DAY, channel="直通车", spend=amount, **more)

    add(
        line(store, 1, -10000, memo="代扣款（扣款用途：天猫国际快车充值-1）"),
        spend(1, 3000, plan="甲", item_id="1"),
        spend(2, 2000, plan="甲", item_id="2"),
        spend(3, 5200),
        spend(4, 30, plan="总计"),
    )

    (day,) = advertising.account(store)

    assert (day.top_up, day.spending, day.balance) == (10000, 5230, 4770)
    assert [each.spend for each in advertising.unlisted(store)] == [30]


def test_promises_are_compared_with_transfers_and_refunds(store, answers):
    add(
        Order(store_id=store, order_no="23", refund=300),
        line(store, 1, -500, order_no="21", memo="支付宝转账小额打款-关联订单号：21"),
        line(store, 2, -500, order_no="21", memo="支付宝转账小额打款-关联订单号：21"),
        line(store, 3, -300, order_no="23", memo="支付宝转账小额打款-关联订单号：23"),
        line(store, 4, -900, order_no="29", memo="支付宝转账小额打款-关联订单号：29"),
    )
    answers["promised_payments"] = [
        Promise(f"P{order}", order, amount, AT) for order, amount in (("21", 500), ("22", 500), ("23", 300))
    ]

    found = promises.promises(store)

    assert {each.order_no: each.finding for each in found} == {
        "21": "twice",
        "22": "unpaid",
        "23": "refunded",
        "29": "unpromised",
    }
    assert promises.summed(found)["unpaid"] == (1, 500)


def purchase(store, number, paid, quantity=None, supplier="果园"):
    values = {"supplier": supplier, "paid": paid, "ordered_at": AT, "quantity": quantity}
    return PurchaseOrder(store_id=store, key=f"3100000{number}", **values)


def billed(store, number, amount, document=None, supplier="果园"):
    return SupplierLine(store_id=store, key=f"B{number}", supplier=supplier, amount=amount, document_no=document, on=AT)


def test_a_supplier_is_compared_three_ways(store, answers):
    add(
        purchase(store, 1, 10000, 10),
        purchase(store, 2, 5000, 5),
        billed(store, 1, 10500, "31000001"),
        billed(store, 2, 3000),
        billed(store, 3, 2000),
        line(store, 1, -10000, merchant_no="31000001"),
    )
    answers["goods_received"] = [Receipt("R1", "果园", DAY, "31000001", quantity=8)]

    found = suppliers.account(store, "果园")

    first = found.purchases[0].compared
    assert (first.ordered, first.billed, first.paid, first.ordered_pieces, first.received_pieces) == (
        10000,
        10500,
        10000,
        10,
        8,
    )
    assert (found.billed, found.ordered, found.paid) == (15500, 15000, 10000)
    assert [(each.amount, len(each.lines)) for each in found.suggestions] == [(5000, 2)]


def test_goods_of_orders_that_no_file_brought_stand_beside_what_is_billed_for_them(store, answers):
    add(billed(store, 1, 298_000, "PO-1"), billed(store, 2, 17_000, "PO-2"))
    answers["goods_received"] = [
        Receipt("GR-1", "果园", DAY, "PO-1", quantity=60, amount=200_000),
        Receipt("GR-2", "果园", DAY, "PO-1", quantity=40, amount=98_000),
        Receipt("GR-3", "别家", DAY, "PO-2", amount=17_000),
    ]

    found = suppliers.account(store, "果园")

    assert dict(found.came) == {"PO-1": 298_000, "GR-1": 200_000, "GR-2": 98_000}
    assert ([each.number for each in found.receipts], found.purchases) == (["GR-1", "GR-2"], [])


def test_a_suggestion_is_accepted_by_a_person_and_undone_by_another_row(store):
    add(purchase(store, 2, 5000), billed(store, 2, 3000), billed(store, 3, 2000))
    (offered,) = suppliers.account(store, "果园").suggestions

    match = suppliers.accept(store, "果园", (offered.lines, offered.purchases), MEMBER)

    found = suppliers.account(store, "果园")
    assert (found.suggestions, found.open_lines, found.purchases[0].compared.billed) == ([], [], 5000)
    with pytest.raises(Stale):
        suppliers.accept(store, "果园", (offered.lines, offered.purchases), MEMBER)
    with pytest.raises(Refusal):
        suppliers.undo(match.id, MEMBER, " ")
    suppliers.undo(match.id, MEMBER, "另一张单")
    with pytest.raises(Stale):
        suppliers.undo(match.id, MEMBER, "again")
    assert len(suppliers.account(store, "果园").suggestions) == 1
    assert db.session.query(SupplierMatch).count() == 2


def test_a_column_means_one_thing_only(in_app):
    for columns in ({"on": "日期"}, {"amount": "金额"}, {"amount": "金额", "on": "金额"}):
        with pytest.raises(Refusal):
            services.save_columns("果园", columns, MEMBER)
    services.save_columns("果园", {"amount": "金额", "on": "日期"}, MEMBER)
    services.save_columns("果园", {"amount": "应付", "on": "日期"}, MEMBER)
    assert [each.columns for each in services.column_maps()] == [{"amount": "应付", "on": "日期"}]


def fill(store):
    add(
        AffiliateLine(store_id=store, key="Z", kind="settle", order_no="77", commission=1, service_fee=0),
        CourierLine(store_id=store, key="Z", waybill_no="77", amount=100),
        AdSpend(store_id=store, key="Z", on=DAY, channel="直通车", spend=5, plan="总计"),
        purchase(store, 7, 700),
        billed(store, 7, 700),
    )


@pytest.fixture
def accountant(as_user):
    return as_user("chen", teams={"finance": "member"})


@pytest.mark.parametrize(
    "page", ["", "/couriers", "/affiliates", "/advertising", "/promises", "/suppliers", "/columns", "/costs"]
)
def test_every_page_works_with_and_without_anything_to_show(store, answers, accountant, page):
    assert accountant.get(f"/finance/partners{page}").status_code == 200
    answers["promised_payments"] = [Promise("P1", "21", 500, AT)]
    fill(store)
    assert accountant.get(f"/finance/partners{page}?store={store}&from=2026-01-01&to=x").status_code == 200


def test_a_commission_leads_to_its_order(store, accountant):
    order = Order(store_id=store, order_no="77", status="done")
    add(order)
    fill(store)

    page = accountant.get(f"/finance/partners/affiliates?store={store}").text
    assert f'<a href="/orders/{order.id}">77</a>' in page


def test_columns_are_named_on_the_page_from_a_statements_headers(in_app, accountant):
    data = "果园 对账单\n送货日期,送货单号,本期金额\n2026-11-02,S1,12.00\n".encode("gb18030")

    shown = accountant.post("/finance/partners/columns", data={"file": (io.BytesIO(data), "对账单.csv")})
    assert shown.text.count('<option value="本期金额" selected>') == 1
    saved = accountant.post(
        "/finance/partners/columns",
        data={"supplier": "果园", "header": ["送货日期", "本期金额"], "amount": "本期金额", "on": "送货日期"},
    )

    assert saved.status_code == 303
    assert "果园" in accountant.get("/finance/partners/columns").text
    assert accountant.post("/finance/partners/columns/1/forget").status_code == 303
    assert accountant.post("/finance/partners/columns/1/forget").status_code == 409
    assert "Known statements" not in accountant.get("/finance/partners/columns").text


def test_a_suggestion_is_accepted_on_the_page(store, accountant):
    add(purchase(store, 2, 5000), billed(store, 2, 3000), billed(store, 3, 2000))
    (offered,) = suppliers.account(store, "果园").suggestions
    form = {"store": store, "supplier": "果园", "line": list(offered.lines), "purchase": list(offered.purchases)}

    assert accountant.post("/finance/partners/suppliers/accept", data=form).status_code == 303
    assert accountant.post("/finance/partners/suppliers/accept", data=form).status_code == 409
    match = db.session.query(SupplierMatch).one()
    assert accountant.post(f"/finance/partners/suppliers/{match.id}/undo", data={"reason": "x"}).status_code == 303


def test_a_cost_is_entered_on_the_page(store, accountant):
    form = {"store": store, "merchant_code": "A-1", "amount": "12.345", "since": "2026-11-01"}

    assert accountant.post("/finance/partners/costs", data=form).status_code == 422
    assert accountant.post("/finance/partners/costs", data=form | {"amount": "12.30"}).status_code == 303
    assert "12.30" in accountant.get("/finance/partners/costs").text


def test_nobody_else_sees_the_accounts(store, as_user):
    designer = as_user("wang", teams={"design": "lead"})

    assert designer.get("/finance/partners/suppliers").status_code == 403
