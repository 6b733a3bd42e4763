"""Money put to parts adds up, always; refunds are counted once; what is open moves the profit the right way."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugins.finance.profit import rules

FEN = st.integers(-(10**11), 10**11)
WEIGHTS = st.lists(st.integers(0, 10**11), min_size=1, max_size=12)


@given(FEN, WEIGHTS)
def test_portions_add_up_and_none_is_a_fen_off_its_share(amount, weights):
    parts = rules.portions(amount, weights)

    assert sum(parts) == amount
    shares = weights if sum(weights) else [1] * len(weights)
    assert all(abs(part * sum(shares) - amount * each) < sum(shares) for part, each in zip(parts, shares, strict=True))


@given(st.lists(st.tuples(FEN, WEIGHTS), max_size=8))
def test_many_amounts_are_spread_as_each_alone(tasks):
    groups = [number for number, (_, weights) in enumerate(tasks) for _ in weights]
    weights = [each for _, shares in tasks for each in shares]

    parts = rules.spread([amount for amount, _ in tasks], groups, weights)

    assert parts.tolist() == [part for amount, shares in tasks for part in rules.portions(amount, shares)]


def test_what_is_over_goes_to_the_largest_remainders_from_the_first_on():
    assert rules.portions(100, [1, 1, 1]) == [34, 33, 33]
    assert rules.portions(-100, [1, 1, 1]) == [-34, -33, -33]
    assert rules.portions(10, [5, 3, 8]) == [3, 2, 5]
    assert rules.portions(7, [0, 0]) == [4, 3]


def test_nothing_cannot_hold_an_amount():
    with pytest.raises(ValueError, match="nothing"):
        rules.portions(1, [])


def test_a_months_rent_is_even_to_the_fen():
    days = rules.by_days(100_000, date(2025, 11, 1), date(2025, 11, 30))

    assert sum(days.values()) == 100_000
    assert sorted(set(days.values())) == [3333, 3334]
    assert days[date(2025, 11, 10)] == 3334
    assert days[date(2025, 11, 11)] == 3333


@pytest.mark.parametrize(
    ("order", "lines", "expected"),
    [
        ((5900, 5900, 0), (5900, 0), 0),
        ((5900, 4900, 1000), (4900, 0), 1000),  # before settlement: no line
        ((5900, 4900, 1000), (4900, 500), 1500),  # before settlement, and again after it
        ((5900, 5900, 0), (5900, 5900), 5900),  # after it: only lines tell
        ((5900, 5900, 1000), (5900, 1000), 1000),  # the same refund, told twice
        ((5900, 4900, 1000), (5900, 1000), 1000),  # all was received, so the line is that refund
        ((5900, 5900, 1000), (5900, 0), 1000),  # promised, not paid
        ((5900, 0, 5900), (0, 0), 5900),  # closed before anything came
    ],
)
def test_a_refund_counts_once(order, lines, expected):
    """``order`` is total, kept, refund; ``lines`` what was received and what was returned."""
    assert rules.refunded(*order, *lines) == expected


@pytest.mark.parametrize(
    ("code", "amount", "expected"),
    [
        ("MISSING_STMT", -5900, (-5900, 0)),
        ("STMT_ONLY", 1200, (0, 1200)),
        ("AMOUNT", -100, (-100, 0)),
        ("REFUND", 1000, (0, 1000)),  # not paid out yet
        ("REFUND", -1000, (0, 1000)),  # paid out once too often
        ("FEE", -30, (0, 30)),  # charged too much
        ("FEE", 30, (-30, 0)),  # still to be charged
        ("DUP_ROW", 5900, (0, 0)),
    ],
)
def test_an_open_difference_moves_the_profit_to_one_side(code, amount, expected):
    assert rules.at_stake(code, amount) == expected


def test_shares_are_rounded_half_up():
    assert rules.per_mille(1, 3) == 333
    assert rules.per_mille(1, 2000) == 1
    assert rules.per_mille(-1, 3) == -333
    assert rules.per_mille(5, 0) is None
