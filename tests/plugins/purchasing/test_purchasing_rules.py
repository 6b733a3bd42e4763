"""What purchasing works out, with exact values, and what must hold whatever the numbers."""

from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugins.purchasing import rules, scoring
from plugins.purchasing.licences import standing
from plugins.purchasing.rules import Demand, Held
from plugins.purchasing.scoring import Delivery

CODES = st.sampled_from(["A", "B", "C"])
PIECES = st.integers(0, 50)
PRICED = st.dictionaries(CODES, st.tuples(PIECES, st.integers(0, 900)))


@pytest.mark.parametrize(
    ("sold", "speed", "trend"),
    [
        ([], Fraction(0), Fraction(1)),
        ([4] * 28, Fraction(4), Fraction(1)),
        ([2] * 21 + [4] * 7, Fraction(3), Fraction(2)),
        ([8] * 7 + [1] * 7, Fraction(9, 2), Fraction(1, 2)),  # an eighth, but never below one half
        ([0] * 7 + [3] * 7, Fraction(3, 2), Fraction(1)),  # nothing to compare with
    ],
)
def test_speed_weighs_the_last_week_and_the_trend_is_bounded(sold, speed, trend):
    assert (rules.speed(sold), rules.trend(sold)) == (speed, trend)


def test_advice_shows_every_line_of_its_arithmetic():
    demand = Demand([10] * 28, on_hand=60, reserved=5, on_order=40, lead_days=7, minimum=50, pack=24)
    advice = rules.advise(demand)
    values = [step.value for step in advice.steps]
    assert values == ["10", "× 1", "7 + 14 = 21", "210", "+ 30", "− 55", "− 40", "145", "168"]
    assert advice.quantity == 168


def test_a_campaign_adds_what_it_sells_more():
    plain = rules.advise(Demand([10] * 28, on_hand=0))
    campaign = rules.advise(Demand([10] * 28, on_hand=0, uplift=[100, 260, 260]))
    assert (plain.quantity, campaign.quantity) == (240, 240 + 2 * 16)


def test_enough_in_stock_needs_no_order():
    assert rules.advise(Demand([1] * 28, on_hand=500, minimum=50, pack=10)).quantity == 0


@given(st.integers(-100, 10_000), st.integers(0, 500), st.integers(0, 144))
def test_packed_is_whole_packs_enough_and_never_a_pack_too_many(quantity, minimum, pack):
    packed, size = rules.packed(quantity, minimum, pack), max(pack, 1)
    if quantity <= 0:
        assert packed == 0
    else:
        assert packed % size == 0 and packed >= max(quantity, minimum)
        assert packed - size < max(quantity, minimum)


def test_the_price_break_that_is_reached_counts():
    prices = rules.price_breaks("100 4.50\n1：5\n\n500: 4.20")
    assert prices == [[1, 500], [100, 450], [500, 420]]
    assert [rules.price_for(prices, pieces) for pieces in (0, 1, 99, 100, 900)] == [None, 500, 500, 450, 420]


@pytest.mark.parametrize("text", ["", "cheap", "1", "0 5.00", "1 5.001", "1 -5", "1 5\n1 6", "-1 5", "1 2 3"])
def test_what_is_no_price_break_is_refused(text):
    with pytest.raises(ValueError):
        rules.price_breaks(text)


@pytest.mark.parametrize(("total", "tier"), [(0, 0), (500_000, 0), (500_001, 1), (5_000_000, 1), (5_000_001, 2)])
def test_the_tier_follows_the_amount_and_a_large_order_needs_every_tier_from_the_lead_up(total, tier):
    assert rules.tier(total) == tier
    assert rules.approvers(total) == {0: [0], 1: [1], 2: [1, 2]}[tier]


def test_three_way_names_what_is_held_and_why():
    ordered = {"A": (100, 500), "B": (20, 3000)}
    invoiced = {"A": (100, 520), "B": (20, 3000), "C": (1, 700)}
    assert rules.three_way(ordered, {"A": 90, "B": 20}, invoiced, extra=(1000, 1500)) == [
        Held("A", "quantity", 5200),
        Held("A", "price", 1800),
        Held("C", "unordered", 700),
        Held("", "extra", 500),
    ]
    assert rules.three_way(ordered, {"A": 90}, {"A": (90, 520)}, tolerance=20) == []
    assert rules.three_way(ordered, {"A": 110}, {"A": (120, 500)}) == [
        Held("A", "quantity", 5000),
        Held("A", "over", 5000),
    ]


@given(PRICED, st.dictionaries(CODES, PIECES), PRICED)
def test_what_is_held_and_what_is_payable_are_the_invoice(ordered, received, invoiced):
    held = rules.three_way(ordered, received, invoiced)
    amount = sum(pieces * price for pieces, price in invoiced.values())
    payable = sum(
        min(pieces, received.get(code, 0), ordered[code][0]) * min(price, ordered[code][1])
        for code, (pieces, price) in invoiced.items()
        if code in ordered
    )
    assert sum(each.amount for each in held) + payable == amount
    assert all(each.amount >= 0 for each in held)


@given(PRICED, st.dictionaries(CODES, st.fixed_dictionaries({"good": PIECES, "damaged": PIECES})))
def test_good_short_and_damaged_are_the_order_and_over_is_beyond_it(ordered, received):
    found = {(each["merchant_code"], each["kind"]): each for each in rules.discrepancies(ordered, received)}
    for code in {*ordered, *received}:
        pieces, price = ordered.get(code, (0, 0))
        came = received.get(code, {"good": 0, "damaged": 0})
        short, over, damaged = (
            found.get((code, kind), {"quantity": 0})["quantity"] for kind in ("short", "over", "damaged")
        )
        assert pieces + over == came["good"] + came["damaged"] + short
        assert damaged == came["damaged"] and not (short and over)
        assert all(found[code, kind]["amount"] == price * count for kind, count in (("short", short),) if count)


def delivery(on, expected, done, lines, came):
    days = (date(2026, 3, number) if number else None for number in (on, expected, done))
    return Delivery(*days, lines, came)


def test_a_supplier_is_scored_by_what_was_delivered():
    rows = [
        delivery(1, 8, 8, {"A": (100, 500)}, {"A": {"good": 95, "damaged": 2}}),
        delivery(5, 9, 12, {"A": (100, 550), "B": (10, 100)}, {"A": {"good": 100}, "B": {"good": 12}}),
        delivery(9, 14, None, {"B": (30, 90)}, {}),  # due and not there
        delivery(18, 28, None, {"C": (1, 1)}, {}),  # not due yet
    ]
    score = scoring.score(reversed(rows), date(2026, 3, 20))
    assert (score.orders, score.due, score.on_time) == (4, 3, 1)
    assert (score.pieces, score.short, score.damaged) == (210, 3, 2)
    assert score.price == Fraction(100 * 550 + 30 * 90, 100 * 500 + 30 * 100)
    assert [scoring.percent(each) for each in (score.on_time_share, score.short_share)] == ["33.3%", "1.4%"]


def test_nothing_delivered_says_nothing():
    score = scoring.score([], date(2026, 3, 20))
    assert (score.on_time_share, score.short_share, score.damaged_share, score.price) == (None, None, None, None)
    assert scoring.percent(None) == ""


@pytest.mark.parametrize(
    ("expires", "said"),
    [
        (None, ""),
        (date(2026, 3, 19), "expired"),
        (date(2026, 3, 20), "soon"),
        (date(2026, 5, 19), "soon"),
        (date(2026, 5, 20), ""),
    ],
)
def test_a_paper_warns_sixty_days_ahead(expires, said):
    assert standing(expires, date(2026, 3, 20)) == said
