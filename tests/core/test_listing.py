"""Lists by their address: filtered, sorted, searched in Chinese, paged, exported; no address makes them fail."""

import csv
import io
from dataclasses import replace
from datetime import UTC, datetime
from urllib.parse import urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.contracts import Actor
from core.extensions import db
from core.imports import command
from core.listing import everything, midnight
from core.messages import Refusal
from core.stores.queries import ORDERS, PRODUCTS
from tests.fixtures import exports

SOLD = exports.sales(120, seed=3)
LI = Actor(1, "li", {"operations": "member"})


@pytest.fixture
def shelf(app, tmp_path):
    """A request's context over a store with 120 orders and 8 products."""
    files = {"o.csv": exports.orders(SOLD), "p.xlsx": exports.products()}
    for name, data in files.items():
        (tmp_path / name).write_bytes(data)
    with app.app_context():
        assert command.run([tmp_path / name for name in files], "S", new_store=True, echo=lambda _: None) == 0
    with app.test_request_context():
        yield app


def listed(listing, **args):
    return list(db.session.scalars(listing.query(LI, args)))


def test_chinese_words_are_found_and_several_words_narrow_the_search(shelf):
    assert [row.title for row in listed(PRODUCTS, q="芒果")] == ["芒果干 零食"]
    assert {row.title for row in listed(PRODUCTS, q="零食 樱桃")} == {"樱桃 零食"}
    assert listed(PRODUCTS, q="100%_") == []
    (order,) = listed(ORDERS, q=SOLD[5]["no"])
    assert order.order_no == SOLD[5]["no"]


def test_filters_narrow_and_unknown_values_are_left_out(shelf):
    done = [sale for sale in SOLD if sale["state"] == "done"]
    assert len(listed(ORDERS, status="done")) == len(done)
    assert len(listed(ORDERS, status="nonsense")) == 120
    assert len(listed(ORDERS, store="1")) == 120
    assert listed(ORDERS, store="999") == []


def test_a_long_list_is_counted_up_to_a_limit_and_goes_on_beyond_it(shelf):
    seen = []
    for counted in (None, 119, 120):
        orders = replace(ORDERS, counted=counted)
        pages = [orders.page(LI, {"page": str(number)}) for number in (1, 2, 3)]
        seen.append([(page.total, page.more_than, page.has_next) for page in pages])
    whole = [(120, None, True), (120, None, True), (120, None, False)]
    assert seen == [whole, [(120, 119, True), (120, 119, True), (120, None, False)], whole]
    near = replace(ORDERS, counted=10).page(LI, {"page": "2"})
    assert (near.first, near.last, near.more_than, near.has_next) == (51, 100, 100, True)


@pytest.mark.parametrize("sort", ["", "total", "-total", "-confirmed_at"])
def test_a_page_shows_its_part_of_the_sorted_list(shelf, sort):
    whole = listed(ORDERS, sort=sort)
    assert [ORDERS.page(LI, {"sort": sort, "page": number}).items for number in "123"] == [
        whole[:50],
        whole[50:100],
        whole[100:],
    ]


def test_days_are_the_readers_and_both_ends_count(shelf):
    first = SOLD[0]["ordered"].date()
    of_day = [sale for sale in SOLD if sale["ordered"].date() == first]
    assert len(listed(ORDERS, **{"from": str(first), "to": str(first)})) == len(of_day)
    assert len(listed(ORDERS, **{"from": "tomorrow"})) == 120


def test_a_day_begins_at_midnight_in_the_readers_zone_to_the_second(shelf):
    assert midnight("2026-01-02") == datetime(2026, 1, 1, 16, tzinfo=UTC)
    assert midnight("2026-01-02", 1) == datetime(2026, 1, 2, 16, tzinfo=UTC)
    assert midnight("tomorrow") is None


def test_sorting_goes_both_ways_with_the_empty_last(shelf):
    totals = [row.total for row in listed(ORDERS, sort="total")]
    assert totals == sorted(totals)
    assert [row.total for row in listed(ORDERS, sort="-total")] == totals[::-1]
    waybills = [row.waybill_no for row in listed(ORDERS, sort="-waybill_no")]
    assert None not in waybills[: sum(map(bool, waybills))]


def test_pages_partition_the_list(shelf):
    pages = [ORDERS.page(LI, {"page": str(number)}) for number in (1, 2, 3)]
    assert [len(page.items) for page in pages] == [50, 50, 20]
    assert len({row.id for page in pages for row in page.items}) == pages[0].total == 120
    assert ORDERS.page(LI, {"page": "99"}).items == []


def test_an_export_leaves_nothing_out_in_silence(shelf):
    assert len(everything(ORDERS.query(LI, {}), 120)) == 120
    with pytest.raises(Refusal, match="more than 119 rows"):
        everything(ORDERS.query(LI, {}), 119)


def test_an_export_holds_the_whole_list_with_exact_amounts_and_ids(shelf):
    with shelf.test_request_context("/orders?sort=total&status=done"):
        rows = list(csv.DictReader(io.StringIO(ORDERS.export(LI, "csv").data.decode("utf-8-sig"))))
    done = {sale["no"]: exports.yuan(sale["total"]) for sale in SOLD if sale["state"] == "done"}
    assert {row["Order number"]: row["Order total"] for row in rows} == done


@settings(max_examples=60)
@given(
    args=st.dictionaries(
        st.sampled_from(["q", "status", "store", "from", "to", "sort", "page", "export"]),
        st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=30),
    )
)
def test_no_address_makes_a_list_fail(args, as_user, shelf, operators):
    answer = operators.get(f"/orders?{urlencode(args)}")
    assert answer.status_code == 200


@pytest.fixture
def operators(as_user):
    return as_user("li", teams={"operations": "member"})
