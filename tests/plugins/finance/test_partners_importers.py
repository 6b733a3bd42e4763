"""Files of partners: what they become, and what of them is refused."""

import json
from datetime import date

import pytest
from sqlalchemy import select

from core.contracts import SYSTEM, Actor
from core.extensions import db
from core.imports import command, services
from core.imports.models import ImportBatch
from core.transactions import transaction
from plugins.finance.partners.importers import ads
from plugins.finance.partners.models import (
    AdSpend,
    AffiliateLine,
    ColumnMap,
    Cost,
    CourierLine,
    PurchaseOrder,
    SupplierLine,
)
from tests.fixtures import partners as files

ORDER, SUB = "200100000000000001", "200100000000000011"


@pytest.fixture
def bring(in_app, tmp_path):
    """Import a file under a name; the report of the command."""

    def one(name, data, kind=""):
        path = tmp_path / name
        path.write_bytes(data)
        said = []
        command.run([path], "S", new_store=True, kind=kind, as_json=True, echo=said.append)
        (report,) = map(json.loads, said)
        others = report.get("also", [])  # other teams may read the same file
        return next((each for each in (report, *others) if (each["kind"] or "").startswith("finance.")), report)

    return one


def everything(model):
    return db.session.scalars(select(model).order_by(model.id)).all()


def test_of_one_sub_order_the_last_commission_holds_and_ragged_rows_are_whole(bring):
    rows = [
        files.commission(SUB, ORDER, commission="9.99"),
        files.commission("200100000000000012", ORDER, ragged=True),
        files.commission(SUB, ORDER, commission="4.20", fee="0.42"),
    ]

    report = bring("淘客.csv", files.affiliate(*rows))

    assert (report["kind"], report["created"], report["rejected"]) == ("finance.affiliate_settled", 2, [])
    found = [
        (line.order_no, line.sub_order_no, line.commission, line.service_fee) for line in everything(AffiliateLine)
    ]
    assert found == [(ORDER, SUB, 420, 42), (ORDER, "200100000000000012", 500, 50)]


def test_a_row_that_lacks_more_than_its_blank_end_is_rejected(bring):
    report = bring("淘客.csv", files.affiliate(files.commission(SUB, ORDER), "2026-11-03 10:00:00,,"))

    assert (report["created"], [each["row"] for each in report["rejected"]]) == (1, [3])


def test_commissions_taken_back_are_lines_of_their_own(bring):
    bring("a.csv", files.affiliate(files.commission(SUB, ORDER)))

    report = bring("b.csv", files.affiliate_refunds((ORDER, SUB, "100.00", "0.50", "5.00")))

    assert report["kind"] == "finance.affiliate_refunds"
    assert [(line.kind, line.commission) for line in everything(AffiliateLine)] == [("settle", 500), ("refund", 500)]


def test_an_order_of_1688_with_several_articles_is_one_record_without_its_people(bring, tmp_path):
    two = files.purchase(
        "31000001", "100.00", "8.00", "-3.00", "105.00", ("杏仁", "5.00", "10"), ("核桃", "5.00", "10")
    )

    report = bring("1688.csv", files.purchases(two))

    assert (report["kind"], report["created"], report["unchanged"]) == ("finance.purchases", 1, 1)
    (order,) = everything(PurchaseOrder)
    assert (order.key, order.supplier, order.paid, order.quantity) == ("31000001", "果园食品有限公司", 10500, 20)
    assert order.goods == "杏仁，核桃"
    kept = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file() and path.name != "1688.csv")
    assert not any(word.encode() in kept for word in ("王小明", "buyer01", "seller01", "13800001111", "文一路"))


@pytest.mark.parametrize("pieces", ["Infinity", "9999999999", "两件"])
def test_pieces_that_are_no_number_of_pieces_are_left_open(bring, pieces):
    bring("1688.csv", files.purchases(files.purchase("31000002", "5", "0", "0", "5", ("杏仁", "5", pieces))))
    assert [(order.paid, order.quantity) for order in everything(PurchaseOrder)] == [(500, None)]


def test_an_order_whose_parts_do_not_make_what_was_paid_is_rejected_at_its_column(bring):
    report = bring("1688.csv", files.purchases(files.purchase("31000001", "100", "8", "0", "105", ("杏仁", "5", "10"))))

    (rejected,) = report["rejected"]
    assert (rejected["column"], rejected["value"]) == ("实付款(元)", "105")


def test_a_parcel_billed_twice_is_two_lines(bring):
    twice = ("75000000000001", "2026-11-03", "4.50", "1.2")

    data = files.courier(twice, twice, ("75000000000002", "2026-11-04", "3.20", "850g"))
    report = bring("快递.csv", data, "finance.courier_bill")  # another plugin may read such bills too

    assert (report["kind"], report["created"]) == ("finance.courier_bill", 3)
    assert [(line.amount, line.grams) for line in everything(CourierLine)] == [(450, 1200), (450, 1200), (320, 850)]
    assert {line.region for line in everything(CourierLine)} == {"广东省 深圳市"}


def test_a_bill_of_waybill_day_and_freight_is_known_by_its_columns(bring):
    report = bring("快递.csv", files.table("运单号,发货日期,运费", "75000000000001,2026-11-03,4.50"))

    assert (report["kind"], report["created"]) == ("finance.courier_bill", 1)


def test_the_day_of_a_report_without_days_is_in_its_name(bring):
    data = files.mama(("9001", "61001", "12.50", "80.00"), ("9002", "61001", "nan", "-"))

    report = bring("x.zip", files.zipped(商品报表_20260801_110000=data))

    assert (report["kind"], report["created"]) == ("finance.ad_spend", 2)
    found = [(each.on, each.channel, each.item_id, each.spend, each.sales) for each in everything(AdSpend)]
    assert found == [
        (date(2026, 8, 1), "阿里妈妈", "61001", 1250, 8000),
        (date(2026, 8, 1), "阿里妈妈", "61001", 0, None),
    ]


def test_the_archives_name_tells_the_day_where_its_members_does_not(bring):
    bring("计划报表_20260803.zip", files.zipped(report=files.mama(("9001", "61001", "1.00", "0"))))

    assert everything(AdSpend)[0].on == date(2026, 8, 3)


def test_a_report_of_no_day_is_refused(bring):
    assert "no column of days" in bring("report.csv", files.mama(("9001", "61001", "1.00", "0")))["refused"]


@pytest.mark.parametrize(
    ("header", "row", "channel"),
    [
        (files.PLATFORM, "2026-11-01,促进成交,点击,按支付,15天,30.00,900,40,120.00,4.0", "万相台"),
        (files.CUBE, "2026-11-01,组一,计划一,30.00,900,40,120.00,4.0", "引力魔方"),
        (
            files.TRAIN,
            "2026-11-01,1,计划一,标准,2,单元,61001,900,40,30.00" + ",1" * 10 + ",120.00" + ",1" * 5,
            "直通车",
        ),
    ],
)
def test_every_kind_of_report_is_known_by_its_columns(bring, header, row, channel):
    report = bring("r.csv", files.table(header, row, row))

    assert (report["kind"], report["created"]) == ("finance.ad_spend", 2)
    assert [(each.on, each.channel, each.spend, each.sales, each.clicks) for each in everything(AdSpend)] == [
        (date(2026, 11, 1), channel, 3000, 12000, 40)
    ] * 2


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2026-11-15", date(2026, 11, 15)),
        ("2026/12/2", date(2026, 12, 2)),
        ("2026年11月11日", date(2026, 11, 11)),
        ("2026-1-3", date(2026, 1, 3)),
        ("2026-10-31 00:00:00", date(2026, 10, 31)),
        ("商品报表_20261112_110000", date(2026, 11, 12)),
        ("20261101-20261130", None),
        ("2026-11", None),
        ("2026-02-30", None),
    ],
)
def test_a_day_is_read_whole_in_every_month(text, day):
    assert ads.day_in(text) == day


def test_a_total_beyond_its_rows_is_kept_as_a_spending_of_its_own(bring):
    report = bring("商品报表_20260801.csv", files.mama(("9001", "61001", "12.50", "0"), total="15.00"))

    assert report["refused"] is None
    assert [(each.plan, each.spend) for each in everything(AdSpend) if each.plan == "总计"] == [("总计", 250)]


def test_a_total_below_its_rows_is_refused(bring):
    assert "2.50" in bring("商品报表_20260801.csv", files.mama(("9001", "61001", "12.50", "0"), total="10"))["refused"]


def named(supplier, **columns):
    with transaction() as session:
        session.add(ColumnMap(supplier=supplier, columns=columns))


def test_a_statement_is_read_by_the_columns_that_a_user_named(bring):
    named("果园", amount="本期应付", on="送货日", document_no="送货单", quantity="件数", returned="退货")
    rows = "送货日,送货单,件数,本期应付,退货", "2026-11-02,S1,10,120.00,", "2026-11-03,S2,,,20.00"

    report = bring("对账单.csv", files.table(*rows))

    assert (report["kind"], report["created"], report["rejected"]) == ("finance.supplier_statement", 2, [])
    found = [(line.supplier, line.document_no, line.quantity, line.amount) for line in everything(SupplierLine)]
    assert found == [("果园", "S1", 10, 12000), ("果园", "S2", None, -2000)]


def test_two_suppliers_with_the_same_columns_are_told_apart_by_the_files_name(bring):
    named("果园", amount="金额", on="日期")
    named("茶庄", amount="金额", on="日期")
    data = files.table("日期,金额", "2026-11-02,10.00")

    assert "果园" in bring("对账单.csv", data)["refused"]
    assert bring("茶庄11月.csv", data)["refused"] is None
    assert [line.supplier for line in everything(SupplierLine)] == ["茶庄"]


def test_costs_come_from_a_list(bring):
    report = bring("成本.csv", files.table("商家编码,成本价,生效日期", "A-1,12.30,2026-11-01", "A-2,5,", "A-3,x,"))

    assert (report["created"], len(report["rejected"])) == (2, 1)
    found = [(cost.merchant_code, cost.amount, cost.since) for cost in everything(Cost)]
    assert found == [("A-1", 1230, date(2026, 11, 1)), ("A-2", 500, date(2000, 1, 1))]


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("商品报表_20260801.csv", files.mama(("9001", "61001", "12.50", "0"))),
        ("成本.csv", files.table("商家编码,成本价", "A-1,12.30")),
        ("淘客.csv", files.affiliate(files.commission(SUB, ORDER, ragged=True))),
    ],
)
def test_a_dry_run_on_the_page_is_applied_like_the_command(in_app, name, data):
    actor = Actor(None, "x", admin=True)
    batch = services.keep(services.read_file(data, name, services.importers_for(actor)), "S", actor)

    again = services.reread(db.session.get(ImportBatch, batch.id))

    assert services.apply(again, batch.id, actor)[0].created == 1


def test_a_courier_bill_with_weights_and_regions_is_read_for_logistics_too(in_app):
    bill, importers = files.courier(("7310001", "2026-11-03", "3.20", "1.2kg")), services.importers_for(SYSTEM)
    others = (
        "运单号码,业务日期,应付运费（元）,结算重量（公斤）,目的地省份\n7310001,2026-11-03,3.20,1.2,广东省\n".encode()
    )
    more = "面单号,日期,快递费(元),计费重量(千克),到达省\n7310001,2026-11-03,3.20,1.2,广东省\n".encode()
    for written in (bill, others, more):
        read = services.read_each(written, "bill.csv", importers)
        said = {
            (each.kind, record.values["amount"], record.values["grams"])
            for each in read
            for record in each.extract.records.values()
        }
        assert said == {("finance.courier_bill", 320, 1200), ("logistics.courier_bill", 320, 1200)}
    plain = "运单号,发货日期,运费\n7310001,2026-11-03,3.20\n".encode()
    assert [reading.kind for reading in services.read_each(plain, "bill.csv", importers)] == ["finance.courier_bill"]
