"""Profit read from a store's books: every part to the fen, by every date and grouping, down to its rows."""

from datetime import date

import pytest
from sqlalchemy import select

from core.extensions import db
from core.stores.models import Order, OrderLine
from core.transactions import transaction
from plugins.finance.books.models import SettlementFee
from plugins.finance.partners.models import AdSpend, AffiliateLine, Cost, CourierLine, SharedCost
from plugins.finance.profit.facts import facts
from plugins.finance.profit.queries import books
from plugins.finance.profit.reading import Span
from plugins.finance.profit.rules import BASES, COLUMNS, between, profit
from tests.plugins.finance.papers import FIRST, LAST, Month, at, november


def spent(month):
    """What the partners of November ask for."""
    store = {"store_id": month.store.id}
    with transaction() as session:
        session.add_all(
            [
                Cost(**store, merchant_code="GH-100", since=date(2025, 10, 1), amount=3_000),
                Cost(**store, merchant_code="GH-100", since=date(2025, 11, 11), amount=3_300),
                Cost(**store, merchant_code="LJ-250", since=date(2025, 10, 1), amount=5_000),
                SharedCost(**store, first=FIRST, last=LAST, kind="rent", amount=300_000),
                SharedCost(**store, first=date(2025, 11, 30), last=date(2025, 12, 1), kind="gifts", amount=101),
                AdSpend(**store, key="1", on=date(2025, 11, 11), channel="zhitongche", item_id="6LJ-250", spend=1_200),
                AdSpend(**store, key="2", on=date(2025, 11, 20), channel="wanxiangtai", spend=500),
                CourierLine(**store, key="SF1", waybill_no="SF1", amount=320, shipped_at=at(4)),
                CourierLine(**store, key="SF9", waybill_no="SF9", amount=280, shipped_at=at(9)),
                AffiliateLine(
                    **store, key="settle:1", kind="settle", order_no="2511000000000000002", commission=90,
                    service_fee=10, settled_at=at(25),
                ),
            ]
        )  # fmt: skip
        month.fresh("2511000000000000001").waybill_no = "SF1"


@pytest.fixture
def month(in_app):
    made = november()
    spent(made)
    made.reconcile()
    return made


def figures(month, basis="ordered", articles=True, first=FIRST, last=LAST):
    return facts(books(Span(month.store.id, first, last, basis)), articles)


def test_orders_that_were_sent_without_known_articles_are_counted(month):
    assert figures(month).uncoded == 4  # 3 to 6: of these no article was imported
    with transaction() as session:
        session.query(OrderLine).filter_by(merchant_code="LJ-250").one().merchant_code = None
    assert figures(month, articles=False).uncoded == 5


def test_a_months_profit_is_exact(month):
    total = figures(month).total()

    assert total == {
        "sales": 71_300, "refunds": -10_700, "goods": -11_300, "gifts": -51, "freight": -600, "fees": -64,
        "ads": -1_800,
        "shared": -300_000, "open": 27_800, "risk": -13_210, "gain": 40_600,
    }  # fmt: skip
    assert profit(total) == -253_215
    assert between(total) == (-266_425, -212_615)


@pytest.mark.parametrize("basis", BASES)
def test_by_every_date_all_groupings_add_up_to_the_same(month, basis):
    total = figures(month, basis).total()

    assert figures(month, basis, articles=False).total() == total
    for key in ("day", "article", "order"):
        sums = figures(month, basis).by(key)
        assert {part: int(sums[part].sum()) for part in COLUMNS} == total


def test_days_add_up_to_their_month(month):
    whole = figures(month).total()
    halves = [
        figures(month, first=FIRST, last=date(2025, 11, 13)).total(),
        figures(month, first=date(2025, 11, 14), last=LAST).total(),
    ]

    assert {part: sum(half[part] for half in halves) for part in COLUMNS} == whole


def test_an_article_has_its_share_of_orders_and_days(month):
    read = books(Span(month.store.id, FIRST, LAST))
    names = {key: place for place, (key, _) in enumerate(read.articles)}
    sums = facts(read).by("article").loc[names["LJ-250"]]

    # 17,100 of 29,900: its part of the refund and of the affiliate's commission; an advertisement of its own
    assert {part: int(sums[part]) for part in ("sales", "refunds", "goods", "ads")} == {
        "sales": 17_100,
        "refunds": -5_662,
        "goods": -5_000,
        "ads": -1_200 - 57,
    }


def test_an_orders_days_by_settlement_are_those_of_its_first_receipt(month):
    read = books(Span(month.store.id, date(2025, 11, 2), date(2025, 11, 3), "settled"))

    assert sorted(read.orders["total"]) == [4_400, 12_800]  # one of October
    assert books(Span(month.store.id, FIRST, LAST, "shipped")).orders.empty


def test_the_first_receipt_is_sought_among_the_lines_of_the_order_and_not_of_the_whole_store(month):
    if db.engine.dialect.name != "sqlite":
        pytest.skip("only SQLite's planner went through all lines of the store for every order")
    query = select(Order.id).where(*Span(month.store.id, FIRST, LAST, "settled").orders)
    text = query.compile(db.engine, compile_kwargs={"literal_binds": True})
    plan = [row[3] for row in db.session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {text}")]

    sought = [step for step in plan if "finance_line" in step]
    assert sought and all("ix_finance_line_order (store_id=? AND order_no=?)" in step for step in sought)


def test_before_any_reconciliation_all_sales_are_open(in_app):
    month = november()
    total = figures(month).total()

    assert total["open"] == total["sales"] + total["refunds"]
    assert between(total) == (profit(total) - total["open"], profit(total))


def test_a_parcel_of_two_orders_is_shared_by_their_totals(in_app):
    month = Month()
    month.order("2511000000000000011", 1_000, waybill_no="SF1")
    month.order("2511000000000000012", 2_000, waybill_no="SF1")
    with transaction() as session:
        session.add(CourierLine(store_id=month.store.id, key="1", waybill_no="SF1", amount=100))

    sums = figures(month).by("order")["freight"]

    assert sums.tolist() == [-33, -67]


def test_a_parcel_that_the_platform_has_charged_for_is_not_counted_again_by_a_couriers_bill(in_app):
    month, store = Month(), {"currency": "USD", "gross": 0, "rmb_gross": 0, "rmb_fee": 0}
    for place, number in enumerate(("21", "22", "23")):
        month.order(f"25110000000000000{number}", 1_000, waybill_no=f"SF{place}")
    duty, service = "菜鸟-保税_进口关税(商家){LP1}", "菜鸟-保税_基础服务费(商家){LP1}"
    month.line(-628, "2511000000000000021", kind="其它", memo=duty)
    month.line(-1_300, "2511000000000000022", kind="其它", memo=service)
    with transaction() as session:
        fee = {"store_id": month.store.id, "source": "settlement", "fee_type": "Tmall Logisitic", "fee": 200, **store}
        session.add(SettlementFee(key="1", order_no="2511000000000000023", memo=service, **fee))
        for place in range(3):
            waybill = {"key": str(place), "waybill_no": f"SF{place}"}
            session.add(CourierLine(store_id=month.store.id, amount=500, **waybill))

    total = figures(month).total()

    assert (total["freight"], total["fees"]) == (-500, -1_928)
