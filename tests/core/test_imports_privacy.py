# ruff: noqa: E501 - headers as they stand in files
"""No buyer is kept: not in columns, notes, broken rows, messages, evidence or temporary files."""

import csv
import io
import os
import tempfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.imports import command, services
from core.imports.evidence import anonymised
from core.imports.privacy import People, is_identity, scrubbed, without_contacts
from core.imports.tables import Sheet, recognised
from core.stores.importers import IMPORTERS
from tests.fixtures import exports


@pytest.mark.parametrize(
    "header",
    ["买家会员名", "买家会员昵称", "买家支付宝账号", "收货人姓名", "收货地址", "联系电话", "联系手机", "发票抬头", "修改后的收货地址", "开票信息",
     "买家昵称", "收件人", "手机", "手机号码", "街道", "区", "身份证号", "对方账户", "receiver_name", "Phone", "E-mail", "买家手机", "OAID", "open_uid", "实名", "收货\ufffd址"],
)  # fmt: skip
def test_headers_that_name_a_buyer_are_known(header):
    assert is_identity(header)


@pytest.mark.parametrize(
    "header",
    ["订单编号", "总金额", "买家实际支付金额", "是否手机订单", "手机订单", "是否上传身份证", "店铺名称", "新零售发货门店名称", "含应开票给个人的个人红包", "运送方式"],
)  # fmt: skip
def test_other_headers_are_not_taken_for_a_buyers(header):
    assert not is_identity(header)


@pytest.mark.parametrize(
    ("note", "kept"),
    [
        ("前1000件 已登zfb 退39.1  莲", "前1000件 已登zfb 退39.1  莲"),
        ("已登zfb 39.10元", "已登zfb 39.10元"),
        ("打13812345678", "打***"),
        ("138 1234 5678 改地址", "*** 改地址"),
        ("座机 0754-12345678", "座机 ***"),
        ("退到 someone.x@example.com", "退到 ***"),
        ("支付宝账号：zhang_san99", "支付宝账号：***"),
        ("加微信 wx_000123", "加微信 ***"),
        ("QQ12345678", "QQ***"),
        ("Alipay service fee 0.60", "Alipay service fee 0.60"),
        ("wechat zhangsan", "wechat ***"),
        ("alipay servicezhang", "alipay ***"),
        ("卡号 6222 0212 3456 7890 123", "卡号 ***"),
        ("编号 10085848038", "编号 ***"),
        ("2018-04-19 补发", "2018-04-19 补发"),
        ("改地址 浙江省杭州市西湖区文三路12号302室 王测 13812345678", "改地址 *** *** ***"),
        ("收件人改成：王测测", "收件人改成：***"),
    ],
)
def test_notes_lose_contacts_and_accounts_and_keep_amounts(note, kept):
    assert scrubbed(note) == kept


def test_notes_lose_the_names_of_buyers_and_keep_the_orders_own_numbers():
    assert (
        scrubbed("钱测测 补发 154839030206893571", ["钱测测"], ["154839030206893571"]) == "*** 补发 154839030206893571"
    )


@given(
    st.from_regex(r"1[3-9]\d{9}", fullmatch=True),
    st.text("退改地址 ，。", max_size=8),
    st.text("退改地址 ，。", max_size=8),
)
def test_no_phone_number_survives_anywhere_in_a_text(phone, before, after):
    for text in (f"{before}{phone}{after}", f"{before}+86{phone}{after}", f"{before}86 {phone}{after}"):
        assert phone not in scrubbed(text)
        assert phone not in without_contacts(text)


def test_a_buyer_named_in_another_buyers_note_is_found():
    people = People({"tb12345", "钱测测", "李"})
    assert people.named_in("和tb12345的一起发给钱测测") == ["tb12345", "钱测测"]


def test_a_row_whose_cells_have_shifted_keeps_nothing():
    sold = exports.sales(3)
    rows = list(csv.reader(io.StringIO(exports.orders(sold).decode("gb18030"))))
    del rows[2][5]
    table = recognised(Sheet("x", rows), IMPORTERS)
    kept = anonymised(table, People(()))
    assert kept[1][1] == ["***"]
    assert sold[1]["phone"] not in str(kept)


def test_what_a_buyer_has_put_on_an_article_keeps_no_phone_number():
    header = ["订单编号", "标题", "价格", "购买数量", "商品属性"]
    sheet = Sheet("x", [header, ["154839030206893571", "杯子", "9.90", "1", "刻字：平安 13812345678;颜色：红"]])
    ((_, kept),) = anonymised(recognised(sheet, IMPORTERS), People(()))
    assert kept[4] == "刻字：平安 ***;颜色：红"


def identities(sold, names=True):
    return {sale[name] for sale in sold for name in ("nick", "phone", "account", "street", *(["name"] * names))}


def all_bytes(folder):
    for root, _, names in os.walk(folder):
        for name in names:
            with open(os.path.join(root, name), "rb") as file:
                yield name, file.read()


FILES = {
    "classic.csv": exports.orders,
    "newer.csv": lambda sold: exports.orders(sold, exports.NEWER, "utf-8-sig"),
    "y2026.xlsx": exports.xlsx_2026,
    "main_and_sub.xlsx": exports.xlsx_main_and_sub,
    "lines.csv": exports.lines,
    "all.zip": lambda sold: exports.archive(("订单.csv", exports.orders(sold)), ("明细.csv", exports.lines(sold))),
}


@pytest.mark.parametrize("name", FILES)
def test_nothing_of_a_buyer_is_found_under_the_home_folder_or_left_among_temporary_files(
    name, app, tmp_path, monkeypatch
):
    sold = exports.sales(60)
    named_in_file = name not in ("lines.csv", "main_and_sub.xlsx")  # these have no column of names to know them by
    path, temporary = tmp_path / name, tmp_path / "temporary"
    path.write_bytes(FILES[name](sold))
    temporary.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    with app.app_context():
        code = command.run([path], "S", new_store=True, as_json=True, echo=lambda _: None)
        services.db.session.remove()
    assert code == 0
    assert list(temporary.iterdir()) == []
    path.unlink()
    for file, data in all_bytes(tmp_path):  # the home folder, and the database beside it
        for identity in identities(sold, named_in_file):
            assert identity.encode() not in data, (file, identity)
            assert identity.encode("gb18030") not in data, (file, identity)


def test_rejected_rows_do_not_echo_a_buyer(app, tmp_path):
    sold = exports.sales(30)
    rows = [exports.classic_values(sale) for sale in sold]
    for row, sale in zip(rows, sold, strict=True):
        row["订单创建时间"] = sale["phone"]
        row["总金额"] = f"{sale['name']} {sale['nick']}"
    (tmp_path / "x.csv").write_bytes(exports.table(exports.CLASSIC, rows))
    said = []
    with app.app_context():
        assert command.run([tmp_path / "x.csv"], "S", new_store=True, as_json=True, echo=said.append) == 1
    (tmp_path / "x.csv").unlink()
    for identity in identities(sold):
        assert identity not in said[0]
        assert all(identity.encode() not in data for _, data in all_bytes(tmp_path))
