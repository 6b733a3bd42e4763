"""From a request to orders by quotes: asked, entered, compared, chosen."""

from datetime import timedelta
from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from core import localtime
from core.board import services as board
from core.extensions import db
from core.messages import Refusal, Stale
from plugins.purchasing import inquiries, quoting, suggesting, suppliers
from plugins.purchasing.models import Offer, Quote

TINS, BAGS = ("T-1", "罐", 100), ("B-1", "袋", 1000)


def test_a_bid_is_raised_to_what_can_be_ordered_at_the_break_that_reaches():
    prices = [[50, 500], [200, 450]]
    assert quoting.bid(30, prices) == quoting.Bid(50, 500)
    assert quoting.bid(180, prices, pack=48) == quoting.Bid(192, 500)
    assert quoting.bid(180, prices, minimum=150, pack=100).amount == 200 * 450


def test_freight_decides_whether_one_supplier_or_two_are_cheaper():
    one = quoting.Quoted(1, {"a": quoting.Bid(10, 100), "b": quoting.Bid(10, 120)}, 500)
    two = quoting.Quoted(2, {"a": quoting.Bid(10, 130), "b": quoting.Bid(10, 80)}, 500)
    assert quoting.cheapest([one, two], ["a", "b"]) == ({"a": 2, "b": 2}, 2600)
    free = quoting.Quoted(3, {"b": quoting.Bid(10, 80)}, 0)
    assert quoting.cheapest([one, two, free], ["a", "b"]) == ({"a": 1, "b": 3}, 2300)
    assert quoting.cheapest([one], ["a", "nobody's"]) == ({"a": 1}, 1500)
    assert quoting.cheapest([], ["a"]) == ({}, 0)


bids = st.dictionaries(st.sampled_from("abc"), st.integers(1, 50).map(lambda price: quoting.Bid(1, price)), min_size=1)


@given(st.lists(st.tuples(bids, st.integers(0, 60)), min_size=1, max_size=3), st.data())
@settings(max_examples=40)
def test_no_choice_is_cheaper_than_the_cheapest(given_quotes, data):
    quotes = {n: quoting.Quoted(n, of, freight) for n, (of, freight) in enumerate(given_quotes, 1)}
    way, cost = quoting.cheapest(quotes.values(), "abc")
    assert quoting.landed(quotes, way) == cost
    other = {code: data.draw(st.sampled_from([n for n in quotes if code in quotes[n].bids])) for code in way}
    assert quoting.landed(quotes, other) >= cost


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("A-1 草莓脆 120", ("A-1", "草莓脆", 120)),
        ("A-1 · 草莓脆 大袋 · x12", ("A-1", "草莓脆 大袋", 12)),
        ("A-1，2026 款", ("A-1", "2026 款", None)),
        ("A-1", ("A-1", "", None)),
        ("", ("", "", None)),
    ],
)
def test_a_line_of_a_request_says_code_name_and_pieces(text, line):
    assert quoting.goods_line(text) == line


class Asking:
    """An inquiry to two suppliers, and their quotes."""

    def __init__(self, shop, *lines, **more):
        self.shop = shop
        asked = inquiries.Asked(shop.store.id, [shop.supplier.id, shop.other.id], lines or (TINS, BAGS), **more)
        self.inquiry = inquiries.ask(shop.actor("cai"), asked)
        self.one, self.two = self.inquiry.quotes

    def quote(self, quote, freight=0, **prices):
        lines = [
            {"merchant_code": code.replace("_", "-"), "prices": [[1, price]], "minimum": 1, "pack": 1}
            for code, price in prices.items()
        ]
        values = {"lines": lines, "freight": freight, "lead_days": 4, "terms": "月结", "valid_until": None, "note": ""}
        return inquiries.enter_quote(self.shop.actor("cai"), quote.id, values)

    def choose(self, chosen, reason="", **more):
        return inquiries.choose(self.shop.actor("cai"), self.inquiry.id, chosen, reason, **more)


def test_the_dearer_choice_needs_a_reason_that_is_kept_and_becomes_orders_at_the_quoted_prices(shop):
    asking = Asking(shop)
    asking.quote(asking.one, 1_000, T_1=400, B_1=90)
    asking.quote(asking.two, 2_000, B_1=80)
    chosen = {"T-1": asking.one.id, "B-1": asking.one.id}
    with pytest.raises(Refusal, match=r"80\.00 more") as refused:
        asking.choose(chosen)  # the bags of the other would save 100.00 for 20.00 of freight
    assert set(refused.value.fields) == {"reason"}
    (order,) = asking.choose(chosen, "one delivery")
    assert (order.state, order.total, order.supplier_id) == ("draft", 131_000, shop.supplier.id)
    assert order.expected_on == localtime.today() + timedelta(days=4)
    found = shop.fresh(asking.inquiry)
    assert (found.state, found.reason, found.chosen, found.cheapest) == ("decided", "one delivery", 131_000, 123_000)
    assert inquiries.of_order(order.id).id == asking.one.id
    kept = {offer.merchant_code: offer.prices for offer in db.session.scalars(select(Offer))}
    assert kept == {"T-1": [[1, 400]], "B-1": [[1, 90]]}
    with pytest.raises(Refusal, match="is closed"):
        asking.choose(chosen, "again")


def test_the_cheapest_way_over_two_suppliers_is_two_orders_and_asks_nothing(shop):
    asking = Asking(shop)
    asking.quote(asking.one, T_1=400, B_1=90)
    asking.quote(asking.two, B_1=80)
    made = asking.choose({"T-1": asking.one.id, "B-1": asking.two.id}, keep_offers=False)
    assert {(order.supplier_id, order.total) for order in made} == {(shop.supplier.id, 40_000), (shop.other.id, 80_000)}
    assert db.session.scalars(select(Offer)).all() == []


def test_only_what_was_quoted_is_chosen_and_only_what_was_asked_is_quoted(shop):
    asking = Asking(shop)
    asking.quote(asking.one, T_1=400)
    for chosen in ({}, {"B-1": asking.one.id}, {"T-1": asking.two.id}):
        with pytest.raises(Refusal, match="one of the quotes"):
            asking.choose(chosen)
    with pytest.raises(Refusal, match="what was asked"):
        asking.quote(asking.two, X_9=1)


def test_an_inquiry_is_rewritten_only_until_somebody_answered(shop):
    asking = Asking(shop)
    first = inquiries.Asked(shop.store.id, [shop.other.id], [TINS])
    found = inquiries.ask(shop.actor("cai"), first, asking.inquiry.id, asking.inquiry.version)
    assert [quote.supplier_id for quote in found.quotes] == [shop.other.id]
    asking.quote(found.quotes[0], T_1=1)
    with pytest.raises(Refusal, match="answered already"):
        inquiries.ask(shop.actor("cai"), first, found.id)
    with pytest.raises(Stale):
        inquiries.give_up(shop.actor("cai"), found.id, "no", version=1)
    assert inquiries.give_up(shop.actor("cai"), found.id, "no need").state == "given_up"


def test_a_buyer_goes_from_the_request_to_the_order(shop, browse):
    goods = {"goods": ["T-1 罐 100", "B-1 袋 1000"], "needed_on": "2026-12-12", "why": "活动"}
    draft = board.Draft("备货", goods, store_id=shop.store.id)
    task = board.draft_task(shop.actor("cai"), "purchasing.request", "purchasing", draft)
    cai = browse("cai")
    assert f"/purchasing/inquiries/new?task={task.number}" in cai.get(f"/purchasing/requests/{task.number}").text
    page = cai.get(f"/purchasing/inquiries/new?task={task.number}").text
    assert all(word in page for word in ('value="T-1"', 'value="1000"', 'value="2026-12-12"', task.number))
    form = {"task": task.number, "store": shop.store.id, "suppliers": [shop.supplier.id, shop.other.id]}
    form |= {"code": ["T-1", "B-1"], "name": ["罐", "袋"], "pieces": ["100", "1000"]}
    refused = cai.post("/purchasing/inquiries/new", data={**form, "suppliers": []})
    assert (refused.status_code, "Choose the suppliers to ask." in refused.text) == (422, True)
    assert cai.post("/purchasing/inquiries/new", data=form).status_code == 303
    one, two = db.session.scalars(select(Quote).order_by(Quote.id)).all()
    address = f"/purchasing/inquiries/quotes/{one.id}"
    assert "is no price" in cai.post(address, data={"prices-0": "cheap"}).text
    assert "Enter at least one price" in cai.post(address, data={"freight": "1"}).text
    paper = (BytesIO(b"%PDF-1.4\n%%EOF"), "报价.pdf")
    sent = {"prices-0": "4.00", "prices-1": "1 1.00; 500 0.90", "freight": "10", "paper": paper, "minimum-1": "2000"}
    assert cai.post(address, data=sent).status_code == 303
    assert (
        cai.post(f"/purchasing/inquiries/quotes/{two.id}", data={"step": "decline", "note": "缺货"}).status_code == 303
    )
    inquiry = one.inquiry_id
    page = cai.get(f"/purchasing/inquiries/{inquiry}").text
    assert all(word in page for word in ("1,800.00", "2,210.00", "1000 more than asked", "缺货", "/files/"))
    picked = {"pick-0": one.id, "pick-1": one.id, "keep": "yes"}
    assert browse("li").post(f"/purchasing/inquiries/{inquiry}/choose", data=picked).status_code == 403
    assert cai.post(f"/purchasing/inquiries/{inquiry}/choose", data=picked).status_code == 303
    (order,) = shop.orders()
    assert (order.total, order.freight) == (221_000, 1_000)
    assert {(row.kind, row.record_id) for row in shop.fresh(task).links} == {
        ("purchasing.inquiry", inquiry),
        ("purchasing.order", order.id),
    }
    assert suppliers.offer_of(shop.supplier.id, shop.store.id, "B-1").minimum == 2000


def test_ticked_suggestions_begin_an_inquiry_even_where_nobody_offers(shop, browse):
    shop.days("A-1", 10, 0)
    (row,) = suggesting.suggest(shop.store.id)
    begun = browse("cai").post("/purchasing/order", data={"suggestion": row.id, "step": "ask"})
    assert begun.location == f"/purchasing/inquiries/new?suggestions={row.id}"
    page = browse("cai").get(begun.location).text
    assert 'value="A-1"' in page and f'value="{row.suggested}"' in page and 'value="草莓脆"' in page


def test_what_is_ordered_by_quotes_is_not_to_be_ordered_again(shop, browse):
    shop.days("A-1", 10, 0)
    (row,) = suggesting.suggest(shop.store.id)
    made = inquiries.ask(shop.actor("cai"), inquiries.Asked(shop.store.id, [shop.supplier.id], [("A-1", "", 240)]))
    line = {"merchant_code": "A-1", "prices": [[1, 500]], "minimum": 1, "pack": 1}
    given = {"lines": [line], "freight": 0, "lead_days": None, "terms": "", "valid_until": None, "note": ""}
    quote = inquiries.enter_quote(shop.actor("cai"), made.quotes[0].id, given)
    (order,) = inquiries.choose(shop.actor("cai"), made.id, {"A-1": quote.id})
    with pytest.raises(Refusal, match="not ordered yet"):
        suggesting.order(shop.actor("cai"), [row.id])
    assert order.number in browse("cai").get("/purchasing/").text
