"""The real orders of a month: what their notes promise, and how many buyers they came from."""

import json
from pathlib import Path

import pytest
from sqlalchemy import func, select

from core.extensions import db
from core.imports import command
from core.imports.models import ImportBatch
from core.stores.models import Order, Store
from plugins.cs import members, promises
from plugins.cs.models import Member, Promise

REAL = Path(__file__).resolve().parents[4] / "shared" / "data" / "real"
ORDERS = REAL / "tmall_orders_201804_part.csv"

pytestmark = pytest.mark.skipif(not ORDERS.exists(), reason="THE REAL FILES ARE NOT THERE: nothing real was tested")


@pytest.fixture
def taken(in_app):
    said = []
    command.run([ORDERS], "S", new_store=True, as_json=True, echo=said.append)
    assert json.loads(said[0])["rejected"] == []
    return db.session.scalar(select(ImportBatch.id))


def test_seventy_one_of_three_hundred_orders_promise_an_amount(taken):
    assert db.session.scalar(select(func.count()).select_from(Order)) == 300
    assert (promises.scan_batch(taken), promises.scan_batch(taken)) == (71, 0)

    groups = select(Promise.amount, Promise.state, func.count()).group_by(Promise.amount, Promise.state)
    found = {(amount, state): count for amount, state, count in db.session.execute(groups)}
    assert found == {
        (3910, "draft"): 52,
        (3910, "said_paid"): 1,
        (1990, "draft"): 9,
        (2950, "draft"): 5,
        (2910, "draft"): 3,
        (4900, "draft"): 1,
    }


def test_the_paid_orders_come_from_fewer_buyers_and_their_money_adds_up(taken):
    store = db.session.scalar(select(Store.id))
    paid = (Order.paid_at.is_not(None),)
    count, kept = db.session.execute(select(func.count(), func.sum(Order.kept)).where(*paid)).one()

    assert members.refresh(store) <= count
    orders, spent = db.session.execute(select(func.sum(Member.orders), func.sum(Member.spent))).one()
    assert (int(orders), int(spent)) == (count, int(kept))
