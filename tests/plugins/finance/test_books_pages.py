"""Pages of account lines: the list, one line and the row it came from, an order's money, and taking an import back."""

from contextvars import Context
from io import BytesIO

import pytest
from sqlalchemy import func, select

from core.contracts import Actor
from core.extensions import db
from core.imports import services, undoing
from core.imports.models import ImportBatch
from core.stores.models import Order
from plugins.finance.books.models import Control, Line, Trade
from tests.fixtures import exports, money

LI = Actor(None, "li", admin=True)
SOLD = exports.sales(8, seed=2)
LINES = money.movements(30, orders=[sale["no"] for sale in SOLD])


@pytest.fixture
def books(in_app):
    """A store with orders, a month's lines and a list of trades; the lines by their flow number."""
    for name, data in (
        ("o.csv", exports.orders(SOLD)),
        ("march.zip", money.packed(LINES)),
        ("t.csv", money.business()),
    ):
        services.import_now(services.read_file(data, name, services.importers_for(LI)), "S", LI)
    return {line.flow_no: line for line in db.session.scalars(select(Line))}


@pytest.fixture
def get(as_user):
    client = as_user("qian", teams={"finance": "member"})
    return lambda path: Context().run(client.get, path)


def test_the_list_shows_and_filters_every_line(books, get):
    page = get("/finance/lines").text
    assert all(line["flow"] in page for line in LINES)
    out = get("/finance/lines?direction=out").text
    assert all((line["flow"] in out) == (line["fen"] < 0) for line in LINES)
    without = get("/finance/lines?order=without").text
    assert all((line["flow"] in without) == (line["order"] is None) for line in LINES)
    assert LINES[0]["flow"] in get(f"/finance/lines?q={LINES[0]['order']}").text
    assert "Nothing matches." in get("/finance/lines?account=alipay:1").text
    assert LINES[0]["flow"] in get(f"/finance/lines?account=alipay:{money.ACCOUNT}&source=alipay_statement").text


def test_the_list_is_exported_whole(books, get):
    text = get("/finance/lines?export=csv&sort=at").data.decode("utf-8-sig")
    assert len(text.splitlines()) == 31
    assert all(line["flow"] in text and money.yuan(line["fen"]) in text for line in LINES)


def test_a_line_shows_the_row_of_the_file_that_it_came_from(books, get):
    line = next(line for line in LINES if line["order"] == SOLD[0]["no"])
    page = get(f"/finance/lines/{books[line['flow']].id}").text
    batch = db.session.scalar(select(ImportBatch).where(ImportBatch.file_name == "march.zip"))

    assert f'href="/imports/{batch.id}">march.zip</a>' in page
    assert f'<td class="num">{6 + line["no"]}</td>' in page
    assert line["trade"] in page
    assert SOLD[0]["no"] in page


def test_an_order_shows_its_money_and_its_sum(books, get):
    sale = SOLD[0]["no"]
    order = db.session.scalar(select(Order).where(Order.order_no == sale))
    fen = sum(line["fen"] for line in LINES if line["order"] == sale)

    assert f'hx-get="/finance/orders/{order.id}/lines"' in get(f"/orders/{order.id}").text
    assert money.yuan(fen) in get(f"/finance/orders/{order.id}/lines").text


def test_a_payment_of_several_orders_is_shown_at_each(in_app, get):
    trade = "2026030122001400110073009234"
    orders = exports.sales(2, seed=9)
    for sale in orders:
        sale["payment"] = trade
    line = money.movements(1)[0] | {"merchant": "T50060NP0073009234", "base": "", "trade": trade, "memo": "订单收款"}
    for data in (exports.orders(orders, exports.NEWER), money.statement([line])):
        services.import_now(services.read_file(data, "a.csv", services.importers_for(LI)), "S", LI)
    for order in db.session.scalars(select(Order)).all():
        page = get(f"/finance/orders/{order.id}/lines").text
        assert "paid together with other orders" in page
        assert money.yuan(line["fen"]) in page


def test_a_compensation_is_shown_at_the_order_of_its_parcel(books, get):
    order = db.session.scalar(select(Order).where(Order.waybill_no.is_not(None)).limit(1))
    memo = f"代扣款（扣款用途：商家集运物流责任货值赔付，赔付单号：CH1，运单号：{order.waybill_no}，付款方：某公司）"
    paid = money.movements(1, 7)[0] | {"merchant": "", "base": "", "memo": memo, "flow": "157999000000000001"}
    data = money.statement([paid], first=money.FIRST, last=money.LAST)
    services.import_now(services.read_file(data, "b.csv", services.importers_for(LI)), "S", LI)
    line = db.session.scalar(select(Line).where(Line.flow_no == paid["flow"]))

    assert (line.order_no, line.waybill_no) == (None, order.waybill_no)
    assert "by its parcel" in get(f"/finance/orders/{order.id}/lines").text
    assert order.order_no in get(f"/finance/lines/{line.id}").text


def test_statements_and_trades_have_a_page(books, get):
    page = get(f"/finance/lines/statements/{db.session.scalar(select(Control.id))}").text
    assert money.yuan(LINES[-1]["balance"]).split(".")[1] in page
    assert "holds from row to row" in page
    trade = db.session.scalars(select(Trade)).first()
    assert trade.trade_no in get(f"/finance/lines/trades/{trade.id}").text


def test_nobody_else_sees_any_of_it(books, as_user):
    for team in ("design", "operations"):
        client = as_user(f"a-{team}", teams={team: "lead"})
        line = next(iter(books.values())).id
        for path in ("/finance/lines", f"/finance/lines/{line}", "/finance/lines/statements/1"):
            assert Context().run(client.get, path).status_code == 403


def test_the_web_page_takes_the_same_zip_in_two_steps(in_app, get, as_user):
    client = as_user("an", admin=True)
    sent = {"file": (BytesIO(money.packed(LINES)), "march.zip"), "store": "new", "new_store": "S"}
    answer = Context().run(client.post, "/imports", data=sent, content_type="multipart/form-data")
    batch = db.session.scalars(select(ImportBatch)).one()
    assert answer.status_code == 303
    assert (batch.rows, batch.created, batch.rejected) == (30, 30, 0)
    page = Context().run(client.get, f"/imports/{batch.id}").text
    assert f"Amount</span> {money.yuan(LINES[0]['fen'])}</span>" in page
    services.apply(services.reread(batch), batch.id, LI)

    assert db.session.scalar(select(func.sum(Line.amount))) == sum(line["fen"] for line in LINES)
    assert db.session.scalars(select(Line.account)).all() == [f"alipay:{money.ACCOUNT}"] * 30


def test_taking_an_import_back_leaves_no_line(books):
    batch = db.session.scalar(select(ImportBatch).where(ImportBatch.file_name == "march.zip"))
    undoing.undo(batch.id, LI)

    assert db.session.scalar(select(func.count()).select_from(Line)) == 0
    assert db.session.scalar(select(func.count()).select_from(Control)) == 0
