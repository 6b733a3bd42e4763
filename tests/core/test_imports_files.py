# ruff: noqa: E501 - rows as they stand in files
"""Files as the platform gives them: each generation is recognised by its headers and means the same.

The files are synthetic: made from the published headers and quirks, since no real ones may be kept here.
"""

import csv
import io
import json
import os
from datetime import UTC, datetime

import pytest
from sqlalchemy import func, select

from core.extensions import db
from core.imports import columnar, command
from core.stores.models import Order, OrderLine, Product, Sku
from tests.fixtures import exports

SOLD = exports.sales(40, seed=7)
SHAPE = {"file", "kind", "rows", "created", "updated", "unchanged", "rejected", "refused", "batch"}


@pytest.fixture
def take(in_app, tmp_path):
    """Import bytes as a file into store S; the exit code and the report."""

    def run(data, name="x.csv", store="S", **options):
        (tmp_path / name).write_bytes(data)
        said = []
        code = command.run([tmp_path / name], store, **{"new_store": True} | options, as_json=True, echo=said.append)
        (line,) = said
        report = json.loads(line)
        assert set(report) == SHAPE
        taken = report["created"] + report["updated"] + report["unchanged"] + len(report["rejected"])
        assert taken == report["rows"], "every row is in exactly one class"
        return code, report

    return run


def order(sale=SOLD[0]):
    db.session.expire_all()
    return db.session.scalars(select(Order).where(Order.order_no == sale["no"])).one()


def count(model):
    return db.session.scalar(select(func.count()).select_from(model))


GENERATIONS = {
    "35 columns of 2014": exports.orders(SOLD, exports.OF_2014),
    "53 columns": exports.orders(SOLD, exports.OF_53),
    "55 columns": exports.orders(SOLD),
    "70 and more columns": exports.orders(SOLD, exports.NEWER, "utf-8-sig"),
    "reordered": exports.orders(SOLD, sorted(exports.CLASSIC)),
    "21 columns of 2026": exports.xlsx_2026(SOLD),
    "zipped": exports.archive(("订单报表.csv", exports.orders(SOLD))),
}


@pytest.mark.parametrize("name", GENERATIONS)
def test_every_generation_of_the_order_export_means_the_same(name, take):
    data = GENERATIONS[name]
    code, report = take(data, "x.xlsx" if data.startswith(b"PK") else "x.csv")
    assert (code, report["kind"], report["rows"], report["created"]) == (0, "core.tmall_orders", 40, 40)
    for sale in SOLD:
        found = order(sale)
        assert found.total == sale["total"], sale
        assert found.ordered_at == sale["ordered"].replace(tzinfo=UTC) - exports.timedelta(hours=8)
        assert found.region == " ".join(sale["place"].split()[:2]).replace("海外 海外", "海外")
        assert found.waybill_no == (sale["waybill"] or None)
        assert found.status == {"refunded": "closed", "unpaid": "closed"}.get(sale["state"], sale["state"])
        assert found.goods_due == sale["total"] - sale["postage"]


def test_the_amounts_of_the_classic_export_keep_their_meanings(take):
    take(exports.orders(SOLD))
    refunded = next(sale for sale in SOLD if sale["state"] == "refunded")
    found = order(refunded)
    assert (found.total, found.kept, found.refund, found.payout) == (refunded["total"], 0, refunded["total"], 0)
    done = next(sale for sale in SOLD if sale["state"] == "done")
    found = order(done)
    assert (found.total, found.kept, found.refund, found.payout) == (done["total"], done["total"], 0, done["total"])
    assert (found.list_total, found.closed_reason) == (None, None)


def test_where_the_total_is_a_list_total_it_is_kept_as_that(take):
    take(exports.xlsx_2026(SOLD), "x.xlsx")
    sale = next(sale for sale in SOLD if sale["state"] == "done")
    assert order(sale).list_total == sum(line["price"] * line["quantity"] for line in sale["lines"])
    assert order(sale).total == sale["total"]
    assert order(sale).payment_no == sale["payment"]


@pytest.mark.parametrize("resaved", [False, True])
def test_the_seven_column_extract_is_read_even_when_a_spreadsheet_saved_it_again(take, resaved):
    code, report = take(exports.seven(SOLD, resaved))
    assert (code, report["created"]) == (0, 40)
    sale = SOLD[3]
    found = db.session.scalars(select(Order).where(Order.order_no == str(int(sale["no"][-9:])))).one()
    seconds = 0 if resaved else sale["ordered"].second
    assert found.ordered_at == datetime(*sale["ordered"].timetuple()[:5], seconds, tzinfo=UTC) - exports.timedelta(
        hours=8
    )
    assert found.region == sale["place"].split()[0]


def test_orders_and_lines_of_one_workbook_are_read_together(take):
    code, report = take(exports.xlsx_main_and_sub(SOLD), "x.xlsx")
    lines = exports.lines_of(SOLD)
    assert (code, report["kind"]) == (0, "core.tmall_orders,core.tmall_order_lines")
    assert report["created"] == 40 + len(lines) == report["rows"]
    assert db.session.scalar(select(func.count()).where(OrderLine.order_id.is_(None))) == 0
    assert {line.refund for line in db.session.scalars(select(OrderLine))} == {0}


@pytest.mark.parametrize("first", ["orders", "lines"])
def test_lines_find_their_orders_whichever_comes_first(take, first):
    files = [exports.orders(SOLD), exports.lines(SOLD)]
    for data in files if first == "orders" else reversed(files):
        assert take(data)[0] == 0
    assert count(OrderLine) == len(exports.lines_of(SOLD))
    for line in db.session.scalars(select(OrderLine)):
        assert db.session.get(Order, line.order_id).order_no == line.order_no


def test_the_newer_order_lines_are_not_counted_beside_the_same_ones_of_the_older_export(take):
    take(exports.lines(SOLD))
    code, report = take(exports.lines(SOLD, exports.LINES_18))
    assert (code, report["created"], report["updated"]) == (0, 0, len(exports.lines_of(SOLD)))
    numbers = {line["no"] for sale in SOLD for line in sale["lines"] if sale["state"] != "unpaid"}
    assert {line.key for line in db.session.scalars(select(OrderLine))} == numbers
    assert take(exports.lines(SOLD))[1]["unchanged"] == len(numbers)
    assert take(exports.lines(SOLD, exports.LINES_18))[1]["unchanged"] == len(numbers)


@pytest.mark.parametrize("first", ["without codes", "with codes"])
def test_lines_of_2026_are_not_counted_beside_those_of_the_older_export(take, first):
    numbers = {line["no"] for sale in SOLD for line in sale["lines"] if sale["state"] != "unpaid"}
    files = [(exports.xlsx_main_and_sub(SOLD), "2026.xlsx"), (exports.lines(SOLD), "old.csv")]
    for data, name in files if first == "without codes" else files[::-1]:
        take(data, name, kind="core.tmall_order_lines")
    for data, name in files:
        assert take(data, name, kind="core.tmall_order_lines")[1]["updated"] == 0
    paid = [line for line in db.session.scalars(select(OrderLine)) if line.status != "unpaid"]
    assert {line.key for line in paid} == numbers
    assert {line.merchant_code for line in paid} == {line["code"] for sale in SOLD for line in sale["lines"]}


def test_two_lines_that_say_the_same_are_two_lines(take):
    rows = exports.lines_of(SOLD)[:1] * 3
    assert take(exports.table(exports.LINES, rows))[1]["created"] == 3
    assert take(exports.table(exports.LINES, rows))[1]["unchanged"] == 3
    assert take(exports.table(exports.LINES, rows[:2]))[1]["unchanged"] == 2
    assert count(OrderLine) == 3


def test_the_product_template_is_read_with_its_header_on_row_3_and_names_twice(take):
    code, report = take(exports.products(), "x.xlsx")
    assert (code, report["kind"], report["rows"], report["created"]) == (0, "core.products", 16, 16)
    product = db.session.scalars(select(Product).where(Product.item_id == "610000000001")).one()
    assert (product.title, product.merchant_code, product.status) == ("樱桃 零食", "SPU-01", "on_sale")
    skus = sorted(product.skus, key=lambda sku: sku.sku_id)
    assert [(sku.merchant_code, sku.barcode, sku.attributes, sku.list_price, sku.stock) for sku in skus] == [
        ("SKU-010", "6901234500010", {"食品口味": "原味"}, 4990, 10),
        ("SKU-011", "6901234500011", {"食品口味": "蜜饯味"}, 5090, 10),
    ]
    assert take(exports.products(), "x.xlsx")[1]["unchanged"] == 16


def test_a_plain_product_list_gives_each_product_one_sku(take):
    rows = [
        {"宝贝ID": f"61000000000{n}", "宝贝标题": f"商品{n}", "商家编码": f"C{n}", "价格": "9.90", "数量": "5"}
        for n in range(3)
    ]
    assert take(exports.table(exports.PLAIN_LIST, rows))[1]["created"] == 3
    skus = db.session.scalars(select(Sku).order_by(Sku.id))
    assert [(sku.key, sku.merchant_code, sku.list_price, sku.stock) for sku in skus] == [
        ("610000000000", "C0", 990, 5),
        ("610000000001", "C1", 990, 5),
        ("610000000002", "C2", 990, 5),
    ]


def test_preamble_blank_and_comment_lines_are_passed_over_and_rows_keep_their_numbers(take):
    text = exports.orders(SOLD[:3]).decode("gb18030").splitlines()
    text[3] = text[3].replace(exports.classic_values(SOLD[2])["总金额"], "abc", 1)
    lines = ["#订单报表", "#导出时间：[2026-05-01],,,", "", text[0], text[1], "", text[2], text[3], "#结束,,,"]
    code, report = take("\n".join(lines).encode("gb18030"))
    assert (code, report["rows"], report["created"]) == (1, 3, 2)
    assert (report["rejected"][0]["row"], report["rejected"][0]["value"]) == (8, "abc")


@pytest.mark.parametrize("name", ["总金额", "订单编号", "买家实际支付金额"])
def test_a_file_without_a_required_column_is_refused_by_that_columns_name(take, name):
    header = [each for each in exports.CLASSIC if each != name]
    code, report = take(exports.orders(SOLD, header))
    assert (code, report["created"], report["batch"], report["kind"]) == (2, 0, None, None)
    assert name in report["refused"]
    assert count(Order) == 0


def test_a_file_in_no_known_format_is_refused_and_says_what_is_known(take):
    code, report = take("姓名,城市\n张测,北京\n".encode())
    assert code == 2
    assert "Tmall order export" in report["refused"]


def test_a_file_of_which_only_a_few_columns_are_known_is_not_taken_for_something_else(take):
    header = "店铺名称,仓库名称,下单时间,支付时间,物流订单号,交易订单号,配送公司,配送运单号,收件人,省,市,区,手机,订单金额,运费,商品数量,货品id,商品id,商家编码,商品名称,税费"
    code, report = take(f"{header}\n{',' * header.count(',')}\n".encode("gb18030"))
    assert (code, report["kind"]) == (2, None)


def test_a_kind_can_be_named_and_an_unknown_one_is_refused(take):
    assert take(exports.orders(SOLD), kind="core.tmall_orders")[0] == 0
    code, report = take(exports.orders(SOLD), kind="core.products")
    assert (code, "商品ID" in report["refused"]) == (2, True)
    code, report = take(exports.orders(SOLD), kind="core.nonsense")
    assert (code, "core.tmall_orders" in report["refused"]) == (2, True)


def test_files_put_together_by_hand_are_read_past_their_second_header(take):
    text = exports.orders(SOLD[:3]) + exports.orders(SOLD[3:5])
    assert take(text)[1]["created"] == 5


def test_asked_for_one_kind_only_the_sheets_of_that_kind_are_read(take):
    code, report = take(exports.xlsx_main_and_sub(SOLD), "x.xlsx", kind="core.tmall_orders")
    assert (code, report["kind"], report["rows"]) == (0, "core.tmall_orders", 40)
    assert count(OrderLine) == 0


def test_a_workbook_with_one_sheet_that_lacks_a_column_is_not_taken_by_halves(take):
    main = exports.grid([name for name in exports.MAIN_2026 if name != "买家实付金额"], [exports.values_2026(SOLD[0])])
    book = exports.workbook(("主订单", main), ("子订单", exports.grid(exports.SUB_2026, exports.lines_of(SOLD))))
    code, report = take(book, "x.xlsx")
    assert (code, "买家实付金额" in report["refused"], count(OrderLine)) == (2, True, 0)


def test_rows_that_do_not_add_up_to_the_files_own_total_refuse_it(take):
    total = sum(sale["total"] for sale in SOLD)
    row = dict.fromkeys(exports.CLASSIC, "") | {"订单编号": "合计", "总金额": exports.yuan(total)}
    right = [*(exports.classic_values(sale) for sale in SOLD), row]
    wrong = [*right[:-1], row | {"总金额": exports.yuan(total + 1)}]
    code, report = take(exports.table(exports.CLASSIC, wrong))
    assert (code, "总金额" in report["refused"], exports.yuan(total) in report["refused"]) == (2, True, True)
    assert take(exports.table(exports.CLASSIC, right))[1]["created"] == 40


def test_an_id_damaged_by_a_spreadsheet_quarantines_its_row_and_no_other(take):
    rows = [exports.classic_values(sale) for sale in SOLD]
    rows[4]["订单编号"], rows[9]["订单编号"] = "2.60E+18", "2600000004123450000"
    code, report = take(exports.table(exports.CLASSIC, rows))
    assert (code, report["created"]) == (1, 38)
    assert [(each["row"], each["column"], each["value"]) for each in report["rejected"]] == [
        (6, "订单编号", "2.60E+18"),
        (11, "订单编号", "2600000004123450000"),
    ]


@pytest.mark.parametrize("large", [columnar.LARGE, 0])
def test_a_text_that_no_index_holds_rejects_its_row_and_no_other(take, monkeypatch, large):
    monkeypatch.setattr(columnar, "LARGE", large)
    rows = [exports.classic_values(sale) for sale in SOLD]
    rows[3] |= {"物流单号": "A" * 801}
    rows[4] |= {"物流单号": "A" * 800}
    code, report = take(exports.table(exports.CLASSIC, rows))
    assert (code, report["created"]) == (1, len(SOLD) - 1)
    assert [(each["row"], each["column"], each["value"]) for each in report["rejected"]] == [(5, "物流单号", "A" * 80)]


def test_an_id_that_ends_in_zeros_is_taken_where_the_export_still_guards_it_as_text(take):
    rows = [exports.classic_values(sale) for sale in SOLD]
    rows[9]["订单编号"] = '="2600000004123450000"'
    assert take(exports.table(exports.CLASSIC, rows))[1]["created"] == 40


def test_a_whole_column_of_rounded_18_digit_ids_is_quarantined(take):
    rows = [exports.classic_values(sale) | {"订单编号": f"{154839030206000 + n}000"} for n, sale in enumerate(SOLD)]
    assert len(take(exports.table(exports.CLASSIC, rows))[1]["rejected"]) == 40


def test_an_id_kept_as_a_number_in_a_workbook_is_quarantined(take):
    grid = exports.grid(exports.OF_2026, [exports.values_2026(sale) for sale in SOLD[:3]])
    grid[2][0] = float(grid[2][0])
    code, report = take(exports.workbook(("Sheet0", grid)), "x.xlsx")
    assert (code, report["created"], [each["row"] for each in report["rejected"]]) == (1, 2, [3])


def test_the_same_key_with_another_amount_in_one_file_is_a_conflict_row(take):
    rows = [exports.classic_values(sale) for sale in SOLD[:3]]
    rows.append(rows[1] | {"总金额": "1.5"})
    code, report = take(exports.table(exports.CLASSIC, rows))
    (rejected,) = report["rejected"]
    assert (code, report["created"]) == (1, 3)
    assert (rejected["row"], rejected["column"], rejected["value"]) == (5, "总金额", "1.50")
    assert exports.yuan(SOLD[1]["total"]) in rejected["message"]
    assert order(SOLD[1]).total == SOLD[1]["total"]


def test_an_order_already_stored_with_another_amount_is_a_conflict_row(take):
    take(exports.orders(SOLD))
    sale = next(sale for sale in SOLD if sale["state"] == "done")
    changed = exports.classic_values(sale) | {"总金额": "1.00"}
    code, report = take(exports.table(exports.CLASSIC, [changed]))
    assert (code, report["rejected"][0]["value"], report["updated"]) == (1, "1.00", 0)
    assert order(sale).total == sale["total"]


def test_an_older_file_does_not_take_an_order_back_to_an_earlier_state(take):
    sale = next(sale for sale in SOLD if sale["state"] == "done")
    newer = exports.classic_values(sale)
    older = newer | {
        "订单状态": "买家已付款，等待卖家发货",
        "确认收货时间": "",
        "打款商家金额": "0.00元",
        "物流单号": "",
    }
    take(exports.table(exports.CLASSIC, [newer]))
    assert take(exports.table(exports.CLASSIC, [older]))[1]["unchanged"] == 1
    assert (order(sale).status, order(sale).payout) == ("done", sale["total"])


def test_an_unpaid_order_may_still_change_its_price(take):
    waiting = exports.classic_values(SOLD[0]) | {
        "订单状态": "等待买家付款",
        "订单付款时间": "",
        "订单关闭原因": "订单未关闭",
    }
    take(exports.table(exports.CLASSIC, [waiting]))
    code, report = take(exports.table(exports.CLASSIC, [waiting | {"总金额": "3.00"}]))
    assert (code, report["updated"]) == (0, 1)
    assert order().total == 300


def test_a_row_with_cells_too_many_or_too_few_is_rejected_and_shows_none_of_them(take):
    text = list(csv.reader(io.StringIO(exports.orders(SOLD[:4]).decode("gb18030"))))
    del text[2][10]
    text[3].insert(7, "zu viel")
    out = io.StringIO()
    csv.writer(out).writerows(text)
    code, report = take(out.getvalue().encode())
    assert (code, report["created"]) == (1, 2)
    assert [(each["row"], each["value"]) for each in report["rejected"]] == [(3, ""), (4, "")]


def test_a_line_of_broken_bytes_is_rejected_and_no_replacement_character_is_stored(take, tmp_path):
    lines = exports.orders(SOLD).split(b"\n")
    lines[5] = lines[5].replace("省".encode("gb18030"), b"\xff\xff", 1)
    if b"\xff\xff" not in lines[5]:
        lines[5] = lines[5][:40] + b"\xff\xff" + lines[5][42:]
    code, report = take(b"\n".join(lines))
    assert (code, [each["row"] for each in report["rejected"]]) == (1, [6])
    for path in tmp_path.rglob("*"):
        assert path.is_dir() or "\ufffd".encode() not in path.read_bytes()


@pytest.mark.parametrize("large", [False, True])
def test_a_broken_last_row_is_told_as_a_file_that_may_be_cut_off(take, monkeypatch, large):
    if large:
        monkeypatch.setattr(columnar, "LARGE", 0)
    rows = exports.orders(SOLD).splitlines(keepends=True)
    rows[4] = rows[4][:90] + b"\n"
    code, report = take(b"".join([*rows[:9], rows[9][:90]]))
    said = [(each["row"], each["message"].split(":")[0]) for each in report["rejected"]]
    assert (code, said) == (1, [(5, "The row is broken"), (10, "The last row is broken")])


def test_an_unknown_store_is_an_error_unless_it_is_to_be_made(take):
    code, report = take(exports.orders(SOLD), store="nowhere", new_store=False)
    assert (code, "nowhere" in report["refused"]) == (2, True)
    assert take(exports.orders(SOLD), store="nowhere")[0] == 0
    assert take(exports.orders(SOLD), store="nowhere", new_store=False)[0] == 0
    assert take(exports.orders(SOLD), store="no  where")[0] == 0
    assert take(exports.orders(SOLD), store=" no\u3000where", new_store=False)[1]["unchanged"] == 40


def test_a_dry_run_says_what_would_happen_and_stores_nothing(take, tmp_path):
    code, report = take(exports.orders(SOLD), dry_run=True)
    assert (code, report["created"], report["batch"]) == (0, 40, None)
    assert count(Order) == 0
    files = tmp_path / "home" / "files"
    assert not files.exists() or not list(files.rglob("*.*"))


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("missing.csv", "There is no such file."),
        (".", "That is a folder; name the files in it."),
        ("/dev/zero", "That is no file: save it as one first."),
    ],
)
def test_what_is_no_file_is_refused_as_such(in_app, tmp_path, name, why):
    said = []

    assert command.run([tmp_path / name], "S", new_store=True, as_json=True, echo=said.append) == 2
    assert [json.loads(line)["refused"] for line in said] == [why]


def test_every_file_is_reported_and_the_worst_decides_the_code(in_app, tmp_path):
    rows = [exports.classic_values(SOLD[0]), exports.classic_values(SOLD[1]) | {"总金额": "x"}]
    gbk = os.fsdecode("订单.csv".encode("gb18030"))  # as an archive made on Windows leaves it
    for name, data in {gbk: exports.orders(SOLD), "b": exports.table(exports.CLASSIC, rows), "c": b"%PDF"}.items():
        (tmp_path / name).write_bytes(data)
    said = []
    files = [tmp_path / name for name in (gbk, "b", "c", "none")]
    assert command.run(files, "S", new_store=True, as_json=True, echo=said.append) == 2
    assert command.run(files[:2], "S", as_json=True, echo=said.append) == 1
    assert command.run(files[:1], "S", echo=said.append) == 0
    assert [bool(json.loads(line)["refused"]) for line in said[:4]] == [False, False, True, True]
    assert json.loads(said[0])["file"] == f"{tmp_path}/订单.csv"
    assert said[-1].endswith("0 new, 0 changed, 40 as before, 0 rejected of 40 rows.")


def test_outliers_and_zero_amounts_are_orders_like_any_other(take):
    rows = [
        exports.classic_values(SOLD[0]) | {"总金额": amount, "订单编号": f"26000000000000000{n}1"}
        for n, amount in enumerate(["188320.00", "0.00", "1,234.56"])
    ]
    assert take(exports.table(exports.CLASSIC, rows))[1]["created"] == 3
    assert sorted(db.session.scalars(select(Order.total))) == [0, 123456, 18832000]


def test_status_words_in_either_width_and_other_languages_mean_the_same(take):
    words = {
        "等待买家付款": "unpaid", "买家已付款，等待卖家发货": "paid", "买家已付款,等待卖家发货": "paid", "卖家部分发货": "part_shipped",
        "卖家已发货，等待买家确认": "shipped", "交易成功": "done", "交易关闭": "closed", "TRADE_CLOSED_BY_TAOBAO": "closed",
        "WAIT_SELLER_SEND_GOODS": "paid", "付款以后用户退款成功，交易自动关闭": "closed",
        "待付款": "unpaid", "待发货": "paid", "待收货": "shipped", "已收货": "done", "已退换货": "closed", "没见过": "",
    }  # fmt: skip
    rows = [
        exports.classic_values(SOLD[0]) | {"订单状态": word, "订单编号": f"26000000000000000{n:02d}1"}
        for n, word in enumerate(words)
    ]
    take(exports.table(exports.CLASSIC, rows))
    assert {found.status_text: found.status for found in db.session.scalars(select(Order))} == words
