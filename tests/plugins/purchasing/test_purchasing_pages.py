"""Purchasing's pages: who may open them, and what their forms do."""

import html
import re

import pytest
from sqlalchemy import select

from core import localtime
from core.board.models import Task
from core.extensions import db
from core.transactions import transaction
from plugins.purchasing import invoices, receiving, suggesting
from plugins.purchasing.models import Discrepancy, Invoice, Offer, Suggestion, Supplier, Uplift

LISTS = (
    "/purchasing/",
    "/purchasing/orders",
    "/purchasing/stock",
    "/purchasing/suppliers",
    "/purchasing/discrepancies",
    "/purchasing/invoices",
    "/purchasing/uplifts",
)


@pytest.fixture
def short(shop):
    """An order of which ten pieces are missing and five broken."""
    order = shop.sent()
    shop.receive(order, A_1=(85, 5), B_2=(20, 0))
    return order


def version(page):
    return re.search(r'name="version" value="(\d+)"', page)[1]


def billed(shop, order_id=None, price=500):
    lines = [{"merchant_code": "A-1", "quantity": 100, "price": price}]
    return invoices.enter_invoice(
        shop.actor("cai"), shop.supplier.id, "F-1", localtime.today(), lines, order_id=order_id
    )


@pytest.mark.parametrize("full", [False, True])
def test_buyers_finance_and_operations_see_every_page_and_strangers_none(shop, browse, full):
    pages = list(LISTS)
    if full:
        shop.offer()
        shop.days("A-1", 10, 20)
        shop.days("B-2", 0, 50, name="")
        suggesting.suggest(shop.store.id)
        order = shop.sent()
        shop.receive(order, A_1=(85, 5))
        note, invoice = receiving.claim(shop.actor("cai"), order.id), billed(shop, order.id)
        pages += [
            f"/purchasing/orders/{order.id}",
            f"/purchasing/suppliers/{shop.supplier.id}",
            f"/purchasing/discrepancies/{note.id}",
            f"/purchasing/invoices/{invoice.id}",
            f"/purchasing/stock/{shop.store.id}/A-1",
            "/purchasing/orders?export=csv",
            "/purchasing/stock?export=csv",
            "/purchasing/stock?standing=dead&q=b-2",
        ]
    for address in pages:
        for name in ("cai", "li", "qian"):
            assert (address, browse(name).get(address).status_code) == (address, 200)
    assert {browse("mei").get(address).status_code for address in pages} == {403}


def test_who_only_looks_is_offered_no_button_and_can_do_nothing(shop, browse, short):
    page = browse("qian").get(f"/purchasing/orders/{short.id}").text
    assert f"/orders/{short.id}/" not in page and 'name="step"' not in page
    assert browse("qian").post(f"/purchasing/orders/{short.id}", data={"step": "close"}).status_code == 403
    for address in ("/purchasing/orders/new", "/purchasing/suppliers/new", "/purchasing/invoices/new"):
        assert (address, browse("qian").get(address).status_code) == (address, 403)


def test_a_supplier_is_entered_with_an_offer_and_a_licence(shop, browse):
    given = {"name": "新厂", "status": "active", "lead_days": "9", "minimum_order": "500", "payment_days": "30"}
    browse("cai").post("/purchasing/suppliers/new", data=given)
    db.session.rollback()
    made = db.session.scalars(select(Supplier).where(Supplier.name == "新厂")).one()
    assert (made.lead_days, made.minimum_order, made.version) == (9, 50_000, 1)
    address = f"/purchasing/suppliers/{made.id}"

    offer = {"store": shop.store.id, "merchant_code": "A-1", "prices": "1 5\n100 4.80", "minimum": "20", "pack": "10"}
    bad = browse("cai").post(f"{address}/offers", data=offer | {"prices": "cheap"})
    assert (bad.status_code, "from how many pieces" in bad.text) == (422, True)
    browse("cai").post(f"{address}/offers", data=offer)
    db.session.rollback()
    kept = db.session.scalars(select(Offer)).one()
    assert (kept.prices, kept.minimum, kept.pack, kept.preferred) == ([[1, 500], [100, 480]], 20, 10, False)

    day = localtime.today().isoformat()
    browse("cai").post(f"{address}/licences", data={"licence": "营业执照", "licence_number": "9133", "expires": day})
    assert "expires soon" in browse("cai").get(address).text
    assert "expires on" in browse("cai").get("/purchasing/suppliers").text
    browse("cai").post(f"/purchasing/offers/{kept.id}/remove")
    db.session.rollback()
    assert db.session.scalars(select(Offer)).all() == []

    stale = browse("cai").post(address, data=given | {"version": "0"})
    assert stale.status_code == 409


def test_an_order_goes_from_the_form_to_its_close(shop, browse):
    form = {
        "supplier": shop.supplier.id,
        "store": shop.store.id,
        "code": ["A-1", "", "B-2"],
        "name": ["草莓脆", "", ""],
        "pieces": ["100", "", "20"],
        "price": ["5.00", "", ""],
        "freight": "12.50",
    }
    assert browse("cai").post("/purchasing/orders/new", data=form | {"freight": "much"}).status_code == 422
    browse("cai").post("/purchasing/orders/new", data=form)
    (order,) = shop.orders()
    address = f"/purchasing/orders/{order.id}"
    assert (order.total, [line.price for line in order.lines]) == (51_250, [500, 0])

    unpriced = browse("cai").post(address, data={"step": "submit"})
    assert (unpriced.status_code, "Give the price of B-2." in unpriced.text) == (422, True)
    edited = form | {"price": ["5.00", "", "30"], "version": version(browse("cai").get(f"{address}/edit").text)}
    assert browse("cai").post(f"{address}/edit", data=edited).status_code == 303
    assert browse("cai").post(f"{address}/edit", data=edited).status_code == 409

    browse("cai").post(address, data={"step": "submit"})
    assert 'value="approve"' not in browse("cai").get(address).text  # nobody approves their own
    assert 'value="approve"' in browse("gou").get(address).text
    browse("gou").post(address, data={"step": "approve"})
    browse("cai").post(address, data={"step": "send"})
    count = {"code": ["A-1", "B-2"], "good": ["100", "20"], "damaged": ["", ""]}
    seen = version(browse("cai").get(address).text)
    browse("cai").post(f"{address}/receive", data=count | {"version": seen})
    again = browse("cai").post(f"{address}/receive", data=count | {"version": seen})
    assert again.status_code == 409
    browse("cai").post(address, data={"step": "close"})
    (order,) = shop.orders()
    assert (order.state, len(order.receipts), order.freight) == ("closed", 1, 1_250)
    assert browse("cai").get(f"{address}/edit").status_code == 404
    assert browse("cai").post(address, data={"step": "burn"}).status_code == 404


def test_a_name_or_price_left_out_is_taken_from_stock_and_the_suppliers_offer(shop, browse):
    shop.days("A-1", sold=1, left=10)
    shop.offer("A-1", "1 5.00\n200 4.50")
    form = {"supplier": shop.supplier.id, "store": shop.store.id, "code": ["A-1", "B-2"], "name": ["", "枣"]}
    browse("cai").post("/purchasing/orders/new", data=form | {"pieces": ["200", "3"], "price": ["", "2.50"]})
    (order,) = shop.orders()
    assert [(line.name, line.price) for line in order.lines] == [("草莓脆", 450), ("枣", 250)]


def test_a_refused_line_is_told_by_its_number_and_what_is_wrong_with_it(shop, browse):
    form = {
        "supplier": shop.supplier.id,
        "store": shop.store.id,
        "code": ["", "A-1", "", "C-3", "D-4"],
        "name": ["", "", "", "", ""],
        "pieces": ["", "0", "5", "ten", "1"],
        "price": ["", "5.00", "1", "2", "dear"],
    }
    said = html.unescape(browse("cai").post("/purchasing/orders/new", data=form).text)
    assert re.search(r'<p class="error">(.*?)</p>', said)[1] == (
        "Line 2 needs a whole number of pieces, at least one. Line 3 needs a merchant code. "
        "Line 4 needs a whole number of pieces, at least one. Line 5: “dear” is not a price in yuan."
    )
    twice = form | {"code": ["A-1", "A-1"], "name": ["", ""], "pieces": ["1", "2"], "price": ["1", "1"]}
    assert (
        "A-1 stands on two lines; put them together." in browse("cai").post("/purchasing/orders/new", data=twice).text
    )
    assert shop.orders() == []


def test_a_short_delivery_becomes_a_claim_that_is_handed_over_and_settled(shop, browse, short):
    browse("cai").post(f"/purchasing/orders/{short.id}/claim", data={"note": "照片 3 张"})
    db.session.rollback()
    note = db.session.scalars(select(Discrepancy)).one()
    assert note.claimed == 15 * 500
    assert "75.00" in browse("qian").get(f"/purchasing/discrepancies/{note.id}").text

    address = f"/purchasing/discrepancies/{note.id}"
    browse("cai").post(f"{address}/task")
    assert browse("cai").post(f"{address}/task").status_code == 409
    db.session.rollback()
    task = db.session.scalars(select(Task)).one()
    assert (task.type, task.brief["amount"], task.brief["supplier"]) == ("purchasing.claim", 7_500, "云岭茶业")
    assert {link.kind for link in task.links} == {"purchasing.discrepancy", "purchasing.order"}

    less = browse("cai").post(address, data={"remedy": "refund", "granted": "50"})
    assert (less.status_code, "Say why less is granted" in less.text) == (422, True)
    browse("cai").post(address, data={"remedy": "refund", "granted": "50", "note": "对方认 10 件"})
    kept = shop.fresh(note)
    assert (kept.state, kept.granted, kept.remedy) == ("settled", 5_000, "refund")


def test_an_invoice_is_held_linked_late_and_released_by_the_lead(shop, browse, short):
    form = {"supplier": shop.supplier.id, "number": "F-9", "on": "2026-03-01", "code": ["A-1"], "name": [""]}
    browse("cai").post("/purchasing/invoices/new", data=form | {"pieces": ["100"], "price": ["5.00"]})
    db.session.rollback()
    made = db.session.scalars(select(Invoice)).one()
    address = f"/purchasing/invoices/{made.id}"
    assert invoices.held_amount(made) == 50_000
    assert "F-9" in browse("cai").get(f"/purchasing/orders/{short.id}").text

    assert browse("cai").post(f"{address}/link", data={}).status_code == 422
    browse("cai").post(f"{address}/link", data={"order": short.id})
    assert invoices.held_amount(shop.fresh(made)) == 15 * 500
    assert "75.00" in browse("qian").get("/purchasing/invoices").text  # finance sees what is held
    assert browse("cai").post(f"{address}/release", data={"reason": "x"}).status_code == 403
    assert browse("pan").post(f"{address}/release", data={"reason": ""}).status_code == 422
    browse("pan").post(f"{address}/release", data={"reason": "已补发"})
    assert invoices.held_amount(shop.fresh(made)) == 0

    filled = browse("cai").get(f"/purchasing/invoices/new?order={short.id}").text
    assert 'value="85"' in filled and 'value="5.00"' in filled


def test_ticked_suggestions_become_drafts_and_a_changed_one_says_why(shop, browse):
    shop.offer(pack=10)
    shop.days("A-1", 10, 20)
    browse("cai").post("/purchasing/suggest", data={"store": shop.store.id})
    db.session.rollback()
    row = db.session.scalars(select(Suggestion)).one()
    assert row.suggested == 220  # 10 a day for 7 + 14 days and 3 of safety, less 20

    mute = browse("cai").post(f"/purchasing/suggestions/{row.id}", data={"pieces": "150", "reason": ""})
    assert mute.status_code == 422
    browse("cai").post(f"/purchasing/suggestions/{row.id}", data={"pieces": "150", "reason": "仓位不够"})
    assert "220" in browse("li").get("/purchasing/").text
    browse("cai").post("/purchasing/order", data={"suggestion": [row.id]})
    (order,) = shop.orders()
    assert [(line.merchant_code, line.quantity, line.price) for line in order.lines] == [("A-1", 150, 500)]
    assert browse("cai").post("/purchasing/order", data={"suggestion": [row.id]}).status_code == 422


def test_campaigns_are_entered_and_removed(shop, browse):
    given = {"name": "双十二", "store": shop.store.id, "first": "2026-12-10", "last": "2026-12-12", "percent": "260"}
    assert browse("cai").post("/purchasing/uplifts", data=given | {"last": "2026-12-01"}).status_code == 422
    browse("cai").post("/purchasing/uplifts", data=given)
    db.session.rollback()
    row = db.session.scalars(select(Uplift)).one()
    assert (row.percent, row.merchant_code) == (260, "")
    browse("cai").post(f"/purchasing/uplifts/{row.id}/remove")
    with transaction() as session:
        assert session.scalars(select(Uplift)).all() == []


def test_the_desk_says_what_waits(shop, browse, short):
    box = browse("cai").get("/purchasing/today").text
    assert "Late deliveries" in box
    assert browse("qian").get("/purchasing/today").status_code == 403


def test_an_article_nobody_knows_is_not_there(shop, browse):
    for place in ("999/A-1", f"{shop.store.id}/nothing"):
        assert browse("cai").get(f"/purchasing/stock/{place}").status_code == 404


def test_stock_is_listed_whole_where_a_mark_is_not_known(shop, browse):
    shop.days("A-1", sold=1, left=10)
    listed = {mark: "A-1" in browse("cai").get(f"/purchasing/stock?standing={mark}").text for mark in ("odd", "dead")}
    assert listed == {"odd": True, "dead": False}
