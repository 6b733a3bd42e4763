"""Waybill files and courier bills: every row explained, no amount counted twice, no receiver kept."""

import pytest
from sqlalchemy import func, select

from core.extensions import db
from core.imports import services as imports
from core.imports import undoing
from core.imports.rules import RowRejected
from core.messages import Refusal
from core.stores.models import Order
from core.testing.jobs import run_pending
from core.transactions import transaction
from plugins.logistics import answers, claims, parcels
from plugins.logistics.imports import waybill_records
from plugins.logistics.models import BillLine, Parcel, ParcelItem, ParcelOrder
from tests.fixtures import cases
from tests.fixtures import parcels as files


def count(model, *conditions):
    return db.session.scalar(select(func.count()).select_from(model).where(*conditions))


def rows_of(sent):
    return sum(len(each["items"]) for each in sent)


def test_a_row_is_an_article_a_parcel_may_have_many_orders_and_an_order_many_parcels(depot):
    sent = files.shipments(40)
    batch, reading, _outcome = depot.take(files.waybills(sent))

    assert (batch.kind, reading.extract.rows, reading.extract.rejected) == ("logistics.waybills", rows_of(sent), [])
    assert count(ParcelItem) == rows_of(sent)
    assert count(Parcel) == len({each["waybill"] or each["logistics"] for each in sent})
    assert count(ParcelOrder) == len({(each["order"], each["waybill"] or each["logistics"]) for each in sent})
    shared = select(ParcelOrder.parcel_id).group_by(ParcelOrder.parcel_id).having(func.count() > 1)
    split = select(ParcelOrder.order_no).group_by(ParcelOrder.order_no).having(func.count() > 1)
    assert db.session.scalars(shared).all() and db.session.scalars(split).all()
    assert count(ParcelOrder, ParcelOrder.parcel_id.is_(None)) == 0


def test_the_same_file_again_changes_nothing(depot):
    sent = files.shipments(20)
    depot.take(files.waybills(sent))
    _batch, _reading, outcome = depot.take(files.waybills(sent))
    assert (outcome.counts["created"], outcome.counts["updated"]) == (0, 0)


def test_a_later_file_moves_parcels_on_and_an_older_one_does_not_move_them_back(depot):
    sent = [each for each in files.shipments(20) if each["state"] == "已出库"]
    depot.take(files.waybills(sent))
    later = [{**each, "state": "已签收"} for each in sent]
    depot.take(files.waybills(later))
    assert set(db.session.scalars(select(Parcel.status))) == {"signed"}
    depot.take(files.waybills(sent))
    db.session.expire_all()
    assert set(db.session.scalars(select(Parcel.status))) == {"signed"}


def test_the_history_of_a_parcel_tells_its_changes_in_words(depot, browse):
    (sent,) = files.shipments(1)
    depot.take(files.waybills([{**sent, "state": "已出库"}]))
    depot.take(files.waybills([{**sent, "state": "已签收"}]))
    parcel = db.session.scalars(select(Parcel)).one()
    page = browse("wei").get(f"/logistics/parcels/{parcel.id}").text
    assert "<del>Sent out, not collected</del>" in page.replace("\n", "") and "<ins>Signed for</ins>" in page


def test_a_parcel_keeps_its_identity_when_it_gets_its_waybill(depot):
    sent = files.shipments(1)
    waybill = sent[0]["waybill"] = "48900000001"
    depot.take(files.waybills([{**sent[0], "waybill": "", "state": "待出库", "shipped": None}]))
    before = db.session.scalars(select(Parcel)).one()
    assert (before.key, before.waybill_no) == (sent[0]["logistics"], None)

    depot.take(files.waybills(sent))
    db.session.expire_all()
    after = db.session.scalars(select(Parcel)).one()
    assert (after.id, after.key, after.waybill_no) == (before.id, waybill, waybill)
    assert db.session.scalars(select(ParcelOrder.key)).all() == [f"{sent[0]['order']}@{waybill}"]


def test_a_file_without_a_needed_column_is_refused_by_name(depot):
    with pytest.raises(Refusal, match="配送运单号"):
        depot.take(files.waybills(files.shipments(3), drop="配送运单号"))


def test_two_amounts_for_one_order_are_a_conflict_and_not_a_sum(depot):
    sent = files.shipments(1)
    sent[0]["items"] = sent[0]["items"][:1]
    other = {**sent[0], "amount": sent[0]["amount"] + 1}
    _batch, reading, _outcome = depot.take(files.waybills([sent[0], other]))
    (why,) = reading.extract.rejected
    assert (why.column, why.message.params["key"]) == ("订单金额", f"{sent[0]['order']} · {sent[0]['waybill']}")
    assert db.session.scalars(select(ParcelOrder.amount)).all() == [sent[0]["amount"]]


def test_what_a_file_would_do_is_told_without_inner_keys(depot):
    sent = files.shipments(1)
    sent[0]["items"] = [{"goods": ("SY-001", "冻干草莓脆"), "quantity": 1}]
    reading = imports.read_file(files.waybills(sent), "w.csv", imports.importers_for(depot.actor("wei")))
    told = imports.keep(reading, depot.store.name, depot.actor("wei")).sample
    order, waybill = sent[0]["order"], sent[0]["waybill"]
    assert [each["key"] for each in told] == [f"{order} · {waybill}", waybill, f"{waybill} · 冻干草莓脆"]


def test_the_parcels_of_one_store_are_not_taken_into_another(depot):
    sent = files.waybills(files.shipments(3))
    depot.take(sent)
    reading = imports.read_file(sent, "again.csv", imports.importers_for(depot.actor("wei")))
    with pytest.raises(Refusal, match="3 of these parcels are in the store 试验旗舰店"):
        imports.import_now(reading, "另一家店", depot.actor("wei"))


def test_less_than_no_piece_is_listed(depot):
    sent = files.shipments(1)
    sent[0]["items"] = [{**sent[0]["items"][0], "quantity": -1}]
    _batch, reading, _outcome = depot.take(files.waybills(sent))
    assert [(each.column, each.value) for each in reading.extract.rejected] == [("商品数量", "-1")]


def test_a_row_without_its_logistics_number_is_refused():
    with pytest.raises(RowRejected) as why:
        waybill_records({"order_no": "1", "logistics_no": None, "waybill_no": "2", "status_text": None})
    assert why.value.field == "logistics_no"


def test_no_receiver_is_kept_anywhere(depot, tmp_path):
    depot.take(files.waybills(files.shipments(10)))
    db.session.remove()
    wholes = [path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()]
    for secret in ("试测甲", "tb试验昵称", "试验街道1号", "13800000000"):
        assert not any(secret.encode() in whole for whole in wholes), secret


def test_an_import_is_taken_back_whole(depot):
    batch, _reading, _outcome = depot.take(files.waybills(files.shipments(15)))
    undoing.undo(batch.id, depot.actor("wei"))
    assert [count(model) for model in (Parcel, ParcelOrder, ParcelItem)] == [0, 0, 0]


def test_parcels_come_from_orders_too_and_are_made_once(depot):
    one = depot.order(waybill_no="7310000001,7310000002", carrier="中通快递", region="浙江省 杭州市", total=5900)
    two = depot.order(waybill_no="7310000002", status="done")
    depot.order(waybill_no=None, status="paid")
    with transaction():
        assert parcels.from_orders() == 3
    with transaction():
        assert parcels.from_orders() == 0

    found = {parcel.key: parcel for parcel in db.session.scalars(select(Parcel))}
    assert {key: (each.region, each.city) for key, each in found.items()}["7310000001"] == ("浙江", "杭州市")
    assert {link.order_no for link in found["7310000002"].orders} == {one.order_no, two.order_no}
    assert [each.key for each in parcels.of_order(one.id)] == ["7310000001", "7310000002"]
    assert found["7310000002"].status == "signed"  # the buyer of one of its orders has confirmed


def test_an_order_that_gets_another_number_gets_another_parcel(depot):
    order = depot.order(waybill_no="7310000001")
    for numbers in ("7310000001", "7310000001 7310000002", "7310000003"):
        with transaction():
            db.session.get_one(Order, order.id).waybill_no = numbers
        with transaction():
            parcels.from_orders()
    assert [each.key for each in parcels.of_order(order.id)] == ["7310000001", "7310000002", "7310000003"]


def test_parcels_of_orders_that_are_taken_back_go_with_them(depot):
    depot.parcel(depot.order(), key="7310009999", logistics_no="LP1")
    orders = [cases.order(f"15483903020689357{last}", waybill=f"731000000{last}") for last in range(3)]
    batch, _reading, _outcome = depot.take(cases.orders(*orders), "ExportOrderList1.csv")
    run_pending()
    assert count(Parcel) == 4
    claimed = db.session.scalar(select(Parcel.id).where(Parcel.key == "7310000001"))
    claims.register(depot.actor("wei"), depot.store.id, {"kind": "lost", "amount": 5900, "parcel_id": claimed})

    undoing.undo(batch.id, depot.actor("wei"))
    run_pending()
    assert set(db.session.scalars(select(Parcel.key))) == {"7310009999", "7310000001"}


def test_a_bill_with_weights_is_ours_and_each_line_stays_a_line(depot):
    lines = [
        ("7310000001", "浙江省", "1.2", "4.00"),
        ("7310000001", "浙江省", "1.2", "4.00"),
        ("7310000002", "四川", "0.4", "6.00"),
    ]
    batch, reading, _outcome = depot.take(files.bill(lines), "中通3月账单.csv")
    assert (batch.kind, reading.extract.rejected) == ("logistics.courier_bill", [])
    columns = (BillLine.waybill_no, BillLine.region, BillLine.grams, BillLine.amount)
    rows = db.session.execute(select(*columns).order_by(BillLine.id)).all()
    assert rows == [
        ("7310000001", "浙江", 1200, 400),
        ("7310000001", "浙江", 1200, 400),
        ("7310000002", "四川", 400, 600),
    ]
    _batch, _reading, again = depot.take(files.bill(lines), "中通3月账单.csv")
    assert again.counts["created"] == 0


def test_a_bill_is_read_under_headers_with_units_and_its_total_with_a_count_is_no_line(depot):
    head = ["运单编号", "寄件时间", "收件省", "结算重量（公斤）", "应付运费（元）", "承运商"]
    lines = [["48900000000", "2026-03-02", "浙江省", "1.00", "3.20", "中通快递"]]
    lines += [["48900000010", "2026-03-02", "广东省", "2.10", "7.70", "中通快递"]]

    def take(total, amount):
        batch, reading, _outcome = depot.take(files.table(head, *lines, [total, "", "", "3.10", amount, ""]), "b.csv")
        return batch.kind.split(",")[0], [(each.row, each.column, each.value) for each in reading.extract.rejected]

    assert take("合计：2票", "10.90") == ("logistics.courier_bill", [])
    stored = select(BillLine.waybill_no, BillLine.region, BillLine.grams, BillLine.amount).order_by(BillLine.id)
    assert [tuple(row) for row in db.session.execute(stored)] == [
        ("48900000000", "浙江", 1000, 320),
        ("48900000010", "广东", 2100, 770),
    ]
    with pytest.raises(Refusal, match=r"99\.90"):
        take("总计(2 票)", "99.90")
    assert take("以上合计", "10.90")[1] == [(4, "运单编号", "以上合计")]


def test_a_bill_line_with_a_weight_that_is_none_is_listed(depot):
    _batch, reading, _outcome = depot.take(
        files.bill([("7310000001", "浙江", "重", "4.00"), ("7310000002", "浙江", "1", "4")])
    )
    assert [(each.row, each.column) for each in reading.extract.rejected] == [(2, "计费重量(kg)")]
    assert count(BillLine) == 1


def test_other_plugins_are_told_which_parcels_waybills_are_of(depot):
    parcel = depot.parcel(depot.order(), grams=480)
    (answer,) = answers.parcels(depot.store.id, {parcel.key, "unknown"})
    assert (answer.waybill_no, answer.shipped_at, answer.grams) == (parcel.key, parcel.shipped_at, 480)
    assert list(answers.parcels(depot.store.id + 1, {parcel.key})) == []
