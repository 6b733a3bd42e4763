"""How accounts of partners are compared."""

from datetime import date, timedelta
from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from plugins.finance.partners.rules import (
    ALSO_REFUNDED,
    AS_SHIPPED,
    BILLED_TWICE,
    NOT_SHIPPED,
    OTHER_AMOUNT,
    PAID,
    PAID_TWICE,
    UNKNOWN_WAYBILL,
    UNPAID,
    Item,
    ThreeWay,
    ad_account,
    courier_findings,
    covering,
    kept_promises,
    spent_at,
    suggestions,
)

DAY = date(2026, 11, 3)


def items(*amounts, on=DAY):
    return [Item(place, amount, on) for place, amount in enumerate(amounts, 1)]


@given(st.lists(st.integers(-500, 500), max_size=9), st.integers(-900, 900))
def test_a_covering_set_is_offered_only_where_it_is_the_only_one(amounts, target):
    pool = items(*amounts)
    sets = [some for size in range(1, 5) for some in combinations(pool, size) if sum(i.amount for i in some) == target]

    assert covering(target, pool) == (sets[0] if len(sets) == 1 else None)


def test_in_a_pool_of_more_than_20_nothing_is_offered():
    assert covering(7, items(7, *[100] * 19)) is not None
    assert covering(7, items(7, *[100] * 20)) is None


def test_a_delivery_in_parts_is_offered_with_its_reason():
    (found,) = suggestions(items(300, 700, 55), [Item(9, 1000, DAY)])

    assert (found.lines, found.purchases, found.amount) == ((1, 2), (9,), 1000)
    assert found.reason.params == {"count": 2}


def test_one_bill_of_several_orders_is_offered():
    (found,) = suggestions([Item(1, 1000, DAY)], items(400, 600, 77))

    assert (found.lines, found.purchases) == ((1,), (1, 2))


def test_what_could_be_either_is_not_offered():
    assert suggestions(items(500), [Item(8, 500, DAY), Item(9, 500, DAY)]) == []
    assert suggestions(items(500, 500), [Item(9, 500, DAY)]) == []


def test_a_line_long_before_or_after_an_order_is_none_of_it():
    for days in (-8, 61):
        assert suggestions([Item(1, 500, DAY + timedelta(days=days))], [Item(9, 500, DAY)]) == []
    assert len(suggestions([Item(1, 500)], [Item(9, 500, DAY)])) == 1  # an undated line may be of any day


def test_each_line_of_a_courier_has_one_finding():
    billed = [(1, "A"), (2, "B"), (3, "A"), (4, "C"), (5, "D"), (6, "D")]

    found = courier_findings(billed, {"A": True, "B": False, "C": True})

    assert found == {
        1: AS_SHIPPED,
        2: NOT_SHIPPED,
        3: BILLED_TWICE,
        4: AS_SHIPPED,
        5: UNKNOWN_WAYBILL,
        6: BILLED_TWICE,
    }


def test_the_advertising_balance_runs_from_day_to_day():
    days = ad_account([(DAY, 1000)], [(DAY, "a", 300), (DAY + timedelta(1), "b", 900), (DAY, "b", 50)])

    assert [(day.on, day.top_up, day.spending, day.balance) for day in days] == [
        (DAY, 1000, 350, 650),
        (DAY + timedelta(1), 0, 900, -250),
    ]


def test_reports_of_one_day_at_several_levels_are_never_added_up():
    assert spent_at({"account": 1000, "plan": 998, "item": 640}) == 1000
    assert spent_at({}) == 0


def promised(amounts, transfers, refunds=()):
    kept, left = kept_promises(amounts, items(*transfers), refunds)
    return [each.finding for each in kept], [item.amount for item in left]


def test_what_became_of_a_promise():
    assert promised([500], [500]) == ([PAID], [])
    assert promised([500], []) == ([UNPAID], [])
    assert promised([500], [500, 500]) == ([PAID_TWICE], [])
    assert promised([500], [300]) == ([OTHER_AMOUNT], [])
    assert promised([500], [500], [500]) == ([ALSO_REFUNDED], [])
    assert promised([500], [500], [5900]) == ([PAID], [])
    assert promised([500], [500, 700]) == ([PAID], [700])


def test_two_promises_of_one_order_are_paid_by_two_transfers():
    assert promised([500, 500], [500, 500]) == ([PAID, PAID], [])
    assert promised([500, 500], [500]) == ([PAID, UNPAID], [])
    assert promised([500, 300], [300, 500, 300]) == ([PAID, PAID_TWICE], [])


@given(st.lists(st.integers(1, 5), max_size=5), st.lists(st.integers(1, 5), max_size=6))
def test_every_transfer_is_for_one_promise_or_for_none(amounts, transfers):
    kept, left = kept_promises(amounts, items(*transfers), [])

    used = [item.id for each in kept for item in each.transfers] + [item.id for item in left]
    assert sorted(used) == list(range(1, len(transfers) + 1))
    assert len(kept) == len(amounts)


def test_the_three_sides_of_a_purchase():
    assert ThreeWay(1000).findings == []
    assert ThreeWay(1000, 1000, 1000, 1000, 10, 10).findings == []
    assert [str(each) for each in ThreeWay(1000, 1100, None, 900, 10, 8).findings] == [
        "Billed for another amount than ordered.",
        "Paid another amount than ordered.",
        "Received another number of pieces than ordered.",
    ]
    assert [str(each) for each in ThreeWay(1000, 1000, 900).findings] == ["Received for another amount than billed."]
