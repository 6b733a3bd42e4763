"""Logistics' pure rules: words, weights, dated rules, deadlines, freight, capacity, barcodes."""

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy
import pytest
import zxingcpp
from hypothesis import given
from hypothesis import strategies as st

from core.imports.rules import RowRejected
from core.messages import Refusal
from plugins.logistics import code128
from plugins.logistics.rules import capacity, claims, dispatch, exceptions, freight, parcels

HERE = ZoneInfo("Asia/Shanghai")
DAYS = st.dates(date(2026, 1, 1), date(2026, 3, 31))


@dataclass(frozen=True)
class Held:
    id: int
    since: date
    until: date | None = None


@pytest.mark.parametrize(
    ("text", "state"),
    [
        ("已签收", "signed"),
        ("订单关闭", "closed"),
        ("(BFC-关)通知清关", "customs"),
        ("(BFC-仓)保税仓已出库", "shipped"),
        ("派送中", "delivering"),
        ("买家拒收，退回中", "refused"),
        ("外包装破损", "damaged"),
        ("待出库", "waiting"),
        ("从未见过", ""),
        (None, ""),
    ],
)
def test_a_carriers_word_says_where_the_parcel_is(text, state):
    assert parcels.parcel_state(text) == state


@pytest.mark.parametrize(
    ("text", "grams"), [("1.2", 1200), ("0.455kg", 455), ("800g", 800), ("1.2345", 1235), ("", None), ("2 公斤", 2000)]
)
def test_a_weight_is_kilograms_unless_it_says_so(text, grams):
    assert parcels.grams(text) == grams


@pytest.mark.parametrize(
    "text", ["abc", "-1", "1,5", "1.2 磅", "2147484"]
)  # the last is no number of grams that a column holds
def test_what_is_no_weight_is_refused(text):
    with pytest.raises(RowRejected):
        parcels.grams(text)


@pytest.mark.parametrize(
    ("text", "short"),
    [
        ("浙江省杭州市", "浙江"),
        ("新疆维吾尔自治区", "新疆"),
        ("上海", "上海"),
        ("内蒙古自治区 赤峰市", "内蒙古"),
        ("*", "*"),
        ("", None),
        (None, None),
    ],
)
def test_provinces_are_compared_by_their_short_names(text, short):
    assert parcels.province(text) == short


def test_an_older_file_only_fills_gaps():
    stored = {"status": "signed", "carrier": None, "last_at": 5}
    assert parcels.merge("logistics.parcel", stored, {"status": "transit", "carrier": "中通", "last_at": 3}) == {
        "carrier": "中通"
    }
    assert parcels.merge("logistics.parcel", {"status": "transit"}, {"status": "signed"}) == {"status": "signed"}


def test_two_versions_of_a_rule_give_two_answers_for_two_days():
    usual = Held(1, date(2026, 1, 1))
    campaign = Held(2, date(2026, 3, 5), date(2026, 3, 8))
    found = {day: exceptions.counting([usual, campaign], date(2026, 3, day)).id for day in (4, 5, 8, 9)}
    assert found == {4: 1, 5: 2, 8: 2, 9: 1}


@given(st.lists(st.tuples(DAYS, st.none() | st.integers(0, 40)), min_size=1, max_size=6), DAYS)
def test_every_day_is_in_one_segment_and_under_the_rule_that_counts(spans, day):
    rules = [
        Held(number, since, since + timedelta(days=length) if length is not None else None)
        for number, (since, length) in enumerate(spans)
    ]
    found = [
        each.rule
        for each in exceptions.segments(rules)
        if each.first <= day and (each.last is None or day <= each.last)
    ]
    counting = exceptions.counting(rules, day)
    assert found == ([counting] if counting else [])


def test_48_hours_after_payment_and_a_campaigns_last_day():
    paid = datetime(2026, 11, 11, 3, tzinfo=UTC)
    assert dispatch.due(paid, 48, None, HERE) == paid + timedelta(hours=48)
    assert dispatch.due(paid, None, date(2026, 11, 16), HERE) == datetime(2026, 11, 16, 16, tzinfo=UTC)
    assert dispatch.due(paid, 480, date(2026, 11, 16), HERE) == paid + timedelta(hours=480)


@pytest.mark.parametrize(
    ("minutes", "band"),
    [(-1, "breached"), (0, "soon"), (240, "soon"), (241, "day"), (1440, "day"), (1441, "later")],
)
def test_the_bands_of_the_clock(minutes, band):
    at = datetime(2026, 3, 1, tzinfo=UTC)
    assert dispatch.band(at + timedelta(minutes=minutes), at) == band


def test_the_table_counts_each_order_once_by_warehouse():
    at = datetime(2026, 3, 1, tzinfo=UTC)
    orders = [
        dispatch.Waiting(n, str(n), 1, "甲" if n % 2 else "乙", at, 0, at + timedelta(hours=n - 2)) for n in range(10)
    ]
    assert dispatch.table(orders, at) == {
        "乙": Counter(soon=3, breached=1, day=1),
        "甲": Counter(soon=2, breached=1, day=2),
    }


ZONES = "浙江 上海: 1000g 3.20 + 1000g 0.80\n*: 1000g 6.00 + 500g 3.50"


def test_a_template_is_read_as_it_is_written():
    zones = freight.parse(ZONES)
    assert zones[0] == freight.Zone(("浙江", "上海"), 1000, 320, 1000, 80)
    assert freight.parse(freight.written(zones)) == zones
    assert freight.zones_of(freight.stored(zones)) == zones


@pytest.mark.parametrize(
    "text", ["", "浙江 3.20", "浙江: 1000g 3.2 + 0g 1", "浙江: 1g 1 + 1g 1\n浙江 上海: 1g 1 + 1g 1", ":"]
)
def test_what_is_no_template_is_refused_with_its_line(text):
    with pytest.raises(Refusal):
        freight.parse(text)


VOLUMES = [
    ("12000", 12_000),
    ("30*20*20cm", 12_000),
    ("30×20×20.5", 12_300),
    ("0.012", 12_000),
    ("0.012 m³", 12_000),
    ("1.5立方米", 1_500_000),
    ("9.5 cm3", 10),
    ("", None),
]


@pytest.mark.parametrize(("text", "volume"), VOLUMES)
def test_a_volume_is_cubic_centimetres_unless_it_says_so(text, volume):
    assert parcels.volume(text) == volume


def test_what_is_no_volume_is_refused():
    with pytest.raises(RowRejected):
        parcels.volume("30*20")


@pytest.mark.parametrize(
    ("grams", "volume", "charged"),
    [(800, 12_000, 2_000), (2_500, 12_000, 2_500), (800, 12_001, 2_001), (800, None, None), (None, 12_000, None)],
)
def test_by_volume_the_heavier_of_scales_and_space_is_charged_and_nothing_is_guessed(grams, volume, charged):
    measured = freight.Measured(grams, volume)
    assert (measured.charged("volume"), measured.charged("weight")) == (charged, grams)


@pytest.mark.parametrize(("grams", "fen"), [(0, 600), (1000, 600), (1001, 950), (1500, 950), (1501, 1300)])
def test_each_further_weight_begun_is_paid(grams, fen):
    assert freight.zone_for(freight.parse(ZONES), "四川").price(grams) == fen


def test_by_piece_a_parcel_costs_the_same_whatever_it_weighs():
    zone = freight.Zone(("*",), 1000, 500, 1000, 200)
    assert {zone.price(grams, "piece") for grams in (1, 999, 30_000)} == {500}


def test_a_line_is_taken_apart_into_price_region_and_weight():
    zones = freight.parse(ZONES)
    line = freight.Billed(1400, "四川", 1600, "浙江", 900)
    # as billed 6.00 + 2 x 3.50 = 13.00, in Zhejiang 4.00, of its own weight 3.20
    checked = freight.check(line, zones)
    assert (checked.expected, dict(checked.differences)) == (320, {"price": 100, "region": 900, "weight": 80})


def test_scales_may_differ_within_the_tolerance():
    line = freight.Billed(400, "浙江", 1030, "浙江", 990)
    assert dict(freight.check(line, freight.parse(ZONES), tolerance=50).differences) == {}
    assert dict(freight.check(line, freight.parse(ZONES), tolerance=30).differences) == {"weight": 80}


REGIONS = st.sampled_from(["浙江", "上海", "四川", None])


@given(st.integers(0, 10_000), REGIONS, st.none() | st.integers(0, 9000), REGIONS, st.none() | st.integers(0, 9000))
def test_the_differences_add_up_to_what_is_billed_beyond_what_is_expected(amount, region, grams, own_region, own_grams):
    checked = freight.check(freight.Billed(amount, region, grams, own_region, own_grams), freight.parse(ZONES))
    if checked.expected is not None:
        assert sum(checked.differences.values()) == amount - checked.expected


def test_two_templates_differ_province_by_province():
    after = freight.parse("浙江: 1000g 3.20 + 1000g 0.80\n上海: 1000g 3.00 + 1000g 0.80\n*: 1000g 6.00 + 500g 3.50")
    found = freight.changes(freight.parse(ZONES), after)
    assert [(region, old.first_price, new.first_price) for region, old, new in found] == [("上海", 320, 300)]


@given(st.integers(0, 10_000), st.dictionaries(st.text(max_size=3), st.integers(0, 500), max_size=6))
def test_shares_add_up_to_the_whole(total, weights):
    shares = capacity.share(total, weights)
    assert sum(shares.values()) == (total if sum(weights.values()) else 0)


@given(st.lists(st.tuples(st.integers(0, 500), st.integers(1, 300)), min_size=1, max_size=20))
def test_nothing_that_comes_in_is_lost_on_the_way_to_the_last_day(days):
    found = capacity.loads(date(2026, 3, 1), [count for count, _ in days], [limit for _, limit in days])
    taken = sum(min(each.load, each.capacity) for each in found)
    assert taken + found[-1].left == sum(count for count, _ in days)


def test_a_campaign_fills_the_days_after_it():
    found = capacity.loads(date(2026, 3, 1), [100, 250, 100, 100], [150, 150, 150, 150])
    assert [(each.load, each.left) for each in found] == [(100, 0), (250, 100), (200, 50), (150, 0)]


def test_of_two_campaigns_the_higher_counts():
    assert [capacity.expected(90, percents) for percents in ([], [150], [150, 260])] == [90, 135, 234]


def test_a_claim_goes_its_way_and_no_other():
    assert [name for name, _ in claims.steps("draft")] == ["send", "drop"]
    assert [name for name, _ in claims.steps("sent")] == ["grant", "refuse", "pay", "drop"]
    assert claims.steps("paid") == []
    assert set(claims.problems("grant", "sent", 100, 101, "")) == {"granted"}
    assert set(claims.problems("refuse", "sent", 100, 0, "")) == {"result"}
    assert set(claims.problems("pay", "draft", 100, 100, "")) == {""}
    assert claims.problems("pay", "granted", 100, 100, "") == {}


def scanned(text):
    """What a scanner reads from the barcode, drawn three dots a module."""
    bars = code128.widths(text)
    row = [255] * (3 * code128.QUIET)
    for place, width in enumerate(bars):
        row += [0 if place % 2 == 0 else 255] * (3 * width)
    row += [255] * (3 * code128.QUIET)
    found = zxingcpp.read_barcodes(numpy.tile(numpy.array(row, dtype=numpy.uint8), (80, 1)))
    return [(each.text, each.format.name) for each in found]


@pytest.mark.parametrize(
    "text", ["731012345678", "SF1234567890123", "LP00098350000272", "HAND-12", "77120001234567 9", "1"]
)
def test_a_scanner_reads_the_barcode(text):
    assert scanned(text) == [(text, "Code128")]


@given(st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=2, max_size=24))
def test_a_scanner_reads_any_waybill(text):
    assert scanned(text) == [(text, "Code128")]


@pytest.mark.parametrize("text", ["", "运单", "a\n"])
def test_what_a_barcode_cannot_hold_is_refused(text):
    with pytest.raises(ValueError, match="printable"):
        code128.symbols(text)
