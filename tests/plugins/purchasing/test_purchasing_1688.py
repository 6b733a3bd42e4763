"""Orders of 1688: read for purchasing and finance alike, matched once, made into purchase orders."""

from io import BytesIO

import pytest
from sqlalchemy import select

from core.extensions import db
from core.imports import services as imports
from core.imports import undoing
from core.imports.models import ImportBatch
from core.messages import Refusal
from core.transactions import transaction
from plugins.purchasing import bought_online, stock
from plugins.purchasing.models import PlatformLine, PlatformOrder
from tests.fixtures.partners import purchase, purchases

MAKER = "果园食品有限公司"
TWO = purchase(
    "1688000000000000001", "100.00", "8.00", "-3.00", "105.00", ("莓干 箱", "40.00", "2"), ("礼盒", "20.00", "1")
)
ONE = purchase("1688000000000000002", "60.00", "0.00", "0.00", "60.00", ("莓干 箱", "20.00", "3"))
OFF = purchase("1688000000000000003", "60.00", "0.00", "1.00", "60.00", ("莓干 箱", "20.00", "3"))


@pytest.fixture
def buying(shop):
    shop.batch, shop.reading, shop.outcome = shop.take(purchases(TWO, ONE, OFF), "1688.csv")
    shop.bought = db.session.scalars(select(PlatformOrder).order_by(PlatformOrder.key)).all()
    return shop


def matched(shop, order, **said):
    codes = {article.replace("_", " "): code for article, code in said.items()}
    return bought_online.remember(shop.actor("cai"), order.id, shop.supplier.id, codes)


def test_one_file_is_read_for_purchasing_and_for_finance_and_names_nobody(shop):
    readings = imports.read_each(purchases(TWO, ONE), "1688.csv", imports.importers_for(shop.actor("cai")))
    assert [reading.kind for reading in readings] == ["purchasing.orders_1688", "finance.purchases"]
    for reading in readings:
        kept = b"".join(each.read() for each in reading.evidence).decode()
        assert "王小明" not in kept and "13800001111" not in kept and "文一路" not in kept


def test_an_order_has_its_lines_and_one_that_does_not_add_up_is_rejected(buying):
    assert [(each.key, each.paid, each.seller) for each in buying.bought] == [
        ("1688000000000000001", 10_500, MAKER),
        ("1688000000000000002", 6_000, MAKER),
    ]
    lines = [(each.name, each.price, each.quantity) for each in bought_online.lines_of(buying.bought[0])]
    assert lines == [("莓干 箱", 4_000, 2), ("礼盒", 2_000, 1)]
    assert [each.column for each in buying.reading.extract.rejected] == ["实付款(元)"]
    again, _, outcome = buying.take(purchases(TWO, ONE), "again.csv")
    assert dict(outcome.counts) == {"unchanged": 3}
    for batch in (again, buying.batch):
        undoing.undo(batch.id, buying.actor("cai"))
    assert db.session.scalars(select(PlatformLine)).all() == []


def test_an_older_file_takes_no_order_back_and_a_paid_one_keeps_its_amount(shop):
    def stated(rows, **words):
        for before, after in words.items():
            rows = [row.replace(before, after) for row in rows]
        return purchases(rows)

    shop.take(stated(TWO, 交易成功="等待买家付款", **{"-3.00": "-4.00", "105.00": "104.00"}), "first.csv")
    shop.take(purchases(TWO), "paid.csv")
    shop.take(stated(TWO, 交易成功="待收货"), "older.csv")
    _, _, outcome = shop.take(stated(TWO, **{"-3.00": "-4.00", "105.00": "104.00"}), "other.csv")
    (order,) = db.session.scalars(select(PlatformOrder))
    assert (order.status_text, order.paid) == ("交易成功", 10_500)
    assert [(each.column, each.value) for each in outcome.conflicts] == [("实付款(元)", "104.00")] * 2


def test_what_is_matched_once_holds_for_all_orders_of_the_seller(buying):
    first, second = buying.bought
    with pytest.raises(Refusal, match="Say first"):
        bought_online.take_over(buying.actor("cai"), first.id)
    known = matched(buying, first, 莓干_箱=("A-1", 24))
    assert (known.supplier_id, known.whole, [code for _, code, _ in known.lines]) == (
        buying.supplier.id,
        False,
        ["A-1", ""],
    )
    assert bought_online.take_all(buying.actor("cai")) == (1, 1)
    (order,) = buying.orders()
    assert (order.platform_no, order.state, order.total) == (second.key, "sent", 6_000)
    assert [(line.merchant_code, line.quantity, line.price) for line in order.lines] == [("A-1", 72, 83)]
    assert (order.freight, order.discount) == (24, 0)  # what does not divide by 72 pieces
    assert stock.coming(buying.store.id)["A-1"][0] == 72


def test_an_order_is_taken_over_once_and_an_unpaid_one_is_a_draft(buying):
    first, _ = buying.bought
    matched(buying, first, 莓干_箱=("A-1", 1), 礼盒=("B-2", 1))
    with transaction() as session:
        session.get(PlatformOrder, first.id).status_text = "等待买家付款"
    order = bought_online.take_over(buying.actor("cai"), first.id)
    assert (order.state, order.total, order.freight, order.discount) == ("draft", 10_500, 800, 300)
    with pytest.raises(Refusal, match=f"{order.number} is already this order"):
        bought_online.take_over(buying.actor("cai"), first.id)


def test_a_buyer_matches_an_order_on_its_page(buying, browse):
    first, second = buying.bought
    page = f"/purchasing/1688/{first.id}"
    cai, form = browse("cai"), {"supplier": buying.supplier.id, "step": "take", "code-0": "A-1", "pieces-0": "24"}
    assert cai.post(page, data={**form, "supplier": ""}).status_code == 422
    assert "what each article is here" in cai.post(page, data=form).text
    assert browse("li").post(page, data=form).status_code == 403
    assert cai.post(page, data={**form, "code-1": "B-2"}).status_code == 303
    (order,) = buying.orders()
    text = cai.get(f"/purchasing/orders/{order.id}").text
    assert "Bought on 1688 without an approval here" in text and first.key in text
    assert order.number in cai.get("/purchasing/1688").text
    assert second.key in cai.get("/purchasing/1688?taken=without").text
    assert cai.post("/purchasing/1688").status_code == 303
    assert len(buying.orders()) == 2


def test_the_page_of_an_upload_leads_to_what_the_others_read_of_it(shop, browse):
    cai = browse("cai")
    sent = cai.post("/imports", data={"store": shop.store.id, "file": (BytesIO(purchases(TWO)), "1688.csv")})
    db.session.rollback()
    ours, theirs = db.session.scalars(select(ImportBatch).order_by(ImportBatch.id)).all()
    assert (ours.kind, theirs.kind, ours.state, theirs.state) == (
        "purchasing.orders_1688",
        "finance.purchases",
        "checked",
        "checked",
    )
    assert sent.location == f"/imports/{ours.id}"
    for here, there in ((ours, theirs), (theirs, ours)):
        page = cai.get(f"/imports/{here.id}").text
        assert "This file is read for others too" in page and f'href="/imports/{there.id}"' in page
