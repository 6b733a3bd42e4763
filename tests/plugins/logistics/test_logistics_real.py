"""The real waybill file of a month and the orders it belongs to: nothing is refused, no amount counts twice."""

import csv
import io
import json
from pathlib import Path

import pytest
from sqlalchemy import func, select

from core.extensions import db
from core.imports import command
from core.stores.models import Order
from core.transactions import transaction
from plugins.logistics import desk, parcels
from plugins.logistics.models import Case, Parcel, ParcelItem, ParcelOrder
from plugins.logistics.rules import exceptions

REAL = Path(__file__).resolve().parents[4] / "shared" / "data" / "real"
ORDERS, WAYBILLS = REAL / "tmall_orders_201804_part.csv", REAL / "cainiao_waybills_201804_part.csv"

pytestmark = pytest.mark.skipif(not WAYBILLS.exists(), reason="THE REAL FILES ARE NOT THERE: nothing real was tested")


def rows_of(path):
    found = list(csv.DictReader(io.StringIO(path.read_bytes().decode("gb18030"))))
    return [{name.strip(): cell.strip() for name, cell in row.items()} for row in found]


def taken(*paths):
    said = []
    command.run(paths, "S", new_store=True, as_json=True, echo=said.append)
    return [json.loads(line) for line in said]


def count(model, *conditions):
    return db.session.scalar(select(func.count()).select_from(model).where(*conditions))


def test_every_row_is_taken_and_the_file_again_changes_nothing(in_app):
    rows = rows_of(WAYBILLS)
    first, again = taken(WAYBILLS), taken(WAYBILLS)

    assert (first[0]["kind"], first[0]["rows"], first[0]["rejected"]) == ("logistics.waybills", len(rows), [])
    assert (again[0]["created"], again[0]["updated"], again[0]["unchanged"]) == (0, 0, len(rows))
    assert count(ParcelItem) == len(rows)
    assert count(ParcelOrder) == len({row["交易订单号"] for row in rows})
    numbers = {row["配送运单号"] or row["物流订单号"] for row in rows}
    assert set(db.session.scalars(select(Parcel.key))) == numbers


@pytest.mark.parametrize("files", [(ORDERS, WAYBILLS), (WAYBILLS, ORDERS)])
def test_parcels_and_orders_find_each_other_in_either_order(in_app, files):
    report = taken(*files)
    with transaction():
        assert parcels.from_orders() == 0  # the file already told of every waybill

    assert [each["rejected"] for each in report] == [[], []]
    assert count(ParcelOrder, ParcelOrder.order_id.is_(None)) == 0
    assert count(ParcelOrder, ParcelOrder.parcel_id.is_(None)) == 0
    assert count(ParcelItem, ParcelItem.parcel_id.is_(None)) == 0


def test_the_orders_alone_make_the_parcels_that_the_file_brings_later(in_app):
    taken(ORDERS)
    with transaction():
        made = parcels.from_orders()
    assert made == sum(
        bool(row["物流单号"].removeprefix("No:").strip("' ").replace("null", "")) for row in rows_of(ORDERS)
    )

    taken(WAYBILLS)
    keys = [row["配送运单号"] or row["物流订单号"] for row in rows_of(WAYBILLS)]
    assert set(db.session.scalars(select(Parcel.key))) == set(keys)
    assert count(ParcelOrder) == len({row["交易订单号"] for row in rows_of(WAYBILLS)})


def statuses(rows, orders, waybill_words, order_words):
    """Order numbers and totals (fen, once per order) by what the two files say together, worked out from the files."""
    totals = {row["订单编号"][2:-1]: round(float(row["总金额"]) * 100) for row in orders}
    states = {row["订单编号"][2:-1]: row["订单状态"] for row in orders}
    return {
        row["交易订单号"]: totals[row["交易订单号"]]
        for row in rows
        if waybill_words in row["订单状态"] and order_words in states.get(row["交易订单号"], "")
    }


def cases(kind):
    query = select(Order.order_no, Case.at_risk).join(Order, Order.id == Case.order_id).where(Case.kind == kind)
    return dict(db.session.execute(query).all())


def test_signed_but_closed_is_found_with_each_orders_money_once(in_app, tmp_path):
    """In the part at hand no signed order is closed: so some are closed here, in the bytes of the real order file."""
    text = ORDERS.read_bytes().decode("gb18030")
    signed = statuses(rows_of(WAYBILLS), rows_of(ORDERS), "签收", "交易成功")
    chosen = set(sorted(signed)[:25])
    lines = [
        line.replace("交易成功", "交易关闭") if line[2:].partition('"')[0] in chosen else line
        for line in text.split("\n")
    ]
    changed = tmp_path / "ExportOrderList201805010000.csv"
    changed.write_bytes("\n".join(lines).encode("gb18030"))
    expected = statuses(rows_of(WAYBILLS), rows_of(changed), "签收", "关闭")
    assert set(expected) == chosen | set(statuses(rows_of(WAYBILLS), rows_of(ORDERS), "签收", "关闭"))

    taken(changed, WAYBILLS)
    with transaction():
        desk.scan()

    assert cases(exceptions.SIGNED_CLOSED) == expected


def test_what_is_signed_and_never_confirmed_is_money_at_risk_once_per_order(in_app):
    expected = statuses(rows_of(WAYBILLS), rows_of(ORDERS), "签收", "卖家已发货")
    taken(ORDERS, WAYBILLS)
    with transaction():
        desk.scan()

    assert cases(exceptions.SIGNED_OPEN) == expected
    assert cases(exceptions.SIGNED_CLOSED) == statuses(rows_of(WAYBILLS), rows_of(ORDERS), "签收", "关闭")
    at_risk = db.session.scalar(select(func.sum(Case.at_risk)).where(Case.kind == exceptions.SIGNED_OPEN))
    assert at_risk == sum(expected.values())
    stuck = {row["配送运单号"] for row in rows_of(WAYBILLS) if "清关" in row["订单状态"]}
    lost = select(Case.subject).where(Case.kind == exceptions.LOST)  # nothing was heard of them for years
    assert set(db.session.scalars(lost)) == stuck
