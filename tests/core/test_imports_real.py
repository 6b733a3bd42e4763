"""The real files, where they are at hand: they are private and not part of the project."""

import csv
import io
import json
from pathlib import Path

import pytest
from sqlalchemy import func, select

from core.extensions import db
from core.imports import command
from core.stores.models import Order, OrderLine

REAL = Path(__file__).resolve().parents[3] / "shared" / "data" / "real"
ORDERS, LINES = REAL / "tmall_orders_201804_part.csv", REAL / "tmall_order_lines_201804_part.csv"
PERSONS = ("买家会员名", "买家支付宝账号", "收货人姓名", "收货地址", "联系电话", "联系手机")

pytestmark = pytest.mark.skipif(not ORDERS.exists(), reason="THE REAL FILES ARE NOT THERE: nothing real was tested")


def rows_of(path):
    found = list(csv.DictReader(io.StringIO(path.read_bytes().decode("gb18030"))))
    return [{name.strip(): cell for name, cell in row.items()} for row in found]


@pytest.fixture
def report(in_app):
    said = []
    assert command.run([ORDERS, LINES], "S", new_store=True, as_json=True, echo=said.append) == 0
    return [json.loads(line) for line in said]


def test_all_300_orders_and_239_lines_are_taken(report):
    assert [(each["kind"], each["created"], each["rejected"]) for each in report] == [
        ("core.tmall_orders", 300, []),
        ("core.tmall_order_lines", 239, []),
    ]
    assert command.run([ORDERS, LINES], "S", as_json=True, echo=report.append) == 0
    assert [json.loads(line)["unchanged"] for line in report[2:]] == [300, 239]


def test_the_amounts_of_the_store_are_those_of_the_file(report):
    rows = rows_of(ORDERS)
    for field, name in (
        ("total", "总金额"),
        ("kept", "买家实际支付金额"),
        ("payout", "打款商家金额"),
        ("refund", "退款金额"),
    ):
        cents = sum(round(float(row[name].rstrip("元")) * 100) for row in rows)
        assert db.session.scalar(select(func.sum(getattr(Order, field)))) == cents
    assert {order.order_no for order in db.session.scalars(select(Order))} == {row["订单编号"][2:-1] for row in rows}
    assert db.session.scalar(select(func.count()).where(OrderLine.order_id.is_(None))) == 0
    paid = db.session.scalars(select(Order).where(Order.paid_at.is_not(None))).all()
    assert all(order.kept == order.total - order.refund for order in paid)


def test_no_buyer_of_the_real_file_is_anywhere_in_the_home_folder(report, in_app, tmp_path):
    db.session.remove()
    people = {row[name].strip("' ") for row in rows_of(ORDERS) for name in PERSONS} - {"", "null"}
    assert len(people) > 700
    wholes = [path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()]
    assert wholes
    for person in people:
        assert not any(person.encode() in whole for whole in wholes), person
