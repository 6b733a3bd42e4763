"""Numbers are found by their beginning through an index, and by their last digits by looking at each."""

import pytest
from sqlalchemy import select

from core.extensions import db
from core.searching import Number, following
from core.stores.models import Order, Store
from core.transactions import transaction

NUMBERS = ["7310001299", "7310001300", "LP0099", "LP0199", "lp0099", "999999"]
FOUND = [
    ("7310001299", ["7310001299"]),
    ("73100012", ["7310001299"]),
    ("731000", ["7310001299", "7310001300"]),
    ("LP0099", ["LP0099"]),
    ("999999", ["999999"]),
    ("1300", ["7310001300"]),
    ("7310", ["7310001299", "7310001300"]),
    ("3100", []),
    ("p01", ["LP0199"]),
    ("73%0001", []),
]


@pytest.mark.parametrize(
    ("number", "after"), [("7310001299", "73100013"), ("LP0099", "LP01"), ("12", "13"), ("999", None), ("LP", None)]
)
def test_what_follows_a_beginning_is_its_last_digit_below_nine_plus_one(number, after):
    assert following(number) == after


def test_a_number_is_found_by_its_beginning_and_a_few_digits_at_either_end(in_app):
    with transaction() as session:
        store = Store(name="S")
        session.add(store)
        session.flush()
        session.add_all(Order(store_id=store.id, order_no=number) for number in NUMBERS)
    for word, expected in FOUND:
        query = select(Order.order_no).where(Number(Order.order_no).icontains(word, autoescape=True))
        assert sorted(db.session.scalars(query)) == sorted(expected), word
        pasted = select(Order.order_no).where(Number(Order.order_no, whole=True).icontains(word, autoescape=True))
        assert sorted(db.session.scalars(pasted)) == sorted(expected if len(word) > 5 else []), word


def test_a_long_number_is_looked_up_in_the_index(in_app):
    query = select(Order.id).where(Number(Order.waybill_no).icontains("7310001299", autoescape=True))
    told = str(query.compile(db.engine, compile_kwargs={"literal_binds": True}))
    assert "waybill_no >= '7310001299' AND sales_order.waybill_no < '73100013'" in told
