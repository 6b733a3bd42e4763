# ruff: noqa: E501 - cells as they stand in files
"""What a cell means: ids digit for digit, money to the fen, times of Shanghai, of an address no more than a city."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.imports.rules import (
    CLEANERS,
    SHANGHAI,
    RowRejected,
    as_attributes,
    as_id,
    as_moment,
    as_money,
    as_region,
    as_text,
    as_whole,
    bare,
    looks_rounded,
    money_text,
)


@pytest.mark.parametrize(
    "cell",
    ['="154839030206893571"', "'154839030206893571", "`154839030206893571", "154839030206893571\t", " 154839030206893571 ",
     "No:154839030206893571", "@154839030206893571", "'=\"154839030206893571\"", "\ufeff154839030206893571\u00a0"],
)  # fmt: skip
def test_an_id_loses_what_was_wrapped_around_it_and_no_digit(cell):
    assert as_id(cell) == "154839030206893571"


@given(st.text("0123456789", min_size=1, max_size=28).filter(lambda t: t[15:].strip("0") or len(t) < 16))
def test_every_undamaged_id_comes_through_unchanged(digits):
    for cell in (digits, f'="{digits}"', f"'{digits}", f"{digits}\t", f"No:{digits}"):
        assert as_id(cell) == digits


@pytest.mark.parametrize("cell", ["1.23E+18", "1.54839030206894E+17", "2.02606041134381e+27", "1548390302068930000"])
def test_an_id_that_a_spreadsheet_rounded_is_not_taken(cell):
    with pytest.raises(RowRejected, match="spreadsheet"):
        as_id(cell)


@pytest.mark.parametrize("cell", ["8E10", "12E5", "SKU-01.0", "5.0"])
def test_codes_that_only_look_like_numbers_are_ids(cell):
    assert as_id(cell) == ("5" if cell == "5.0" else cell)


def test_a_column_of_18_digit_ids_that_all_end_in_zeros_has_been_rounded():
    assert looks_rounded(["154839030206893000", "154839030206894000", "154839030206895000"])
    assert looks_rounded(["154839030206893000"])
    assert not looks_rounded(["154839030206893571", "154839030206894000", "154839030206895123", "154839030206891234"])
    assert not looks_rounded(["1548390302068930"])
    assert not looks_rounded([])


@pytest.mark.parametrize(
    ("cell", "fen"),
    [("99.80元", 9980), ("0元", 0), ("￥1,234.56", 123456), ("¥ 5", 500), ("-0.00", 0), ("-23.45", -2345), ("+1.5", 150),
     ("59.00", 5900), ("12.340", 1234), ("１２．５", 1250), ("无退款申请", 0), ("没有申请退款", 0), ("188,320.00", 18832000)],
)  # fmt: skip
def test_money_is_read_to_the_fen(cell, fen):
    assert as_money(cell) == fen


@pytest.mark.parametrize("cell", ["", "''", "'null", "null", "-", "--", "nan", "\t", "NULL"])
def test_words_for_nothing_are_nothing(cell):
    assert [clean(cell) for clean in CLEANERS.values()] == [None] * len(CLEANERS)


@pytest.mark.parametrize("cell", ["12.345", "1,23", "1e3", "abc", "1.2.3", "∞", "NaN1", "12 34", "0x10", "1,2345.00"])
def test_what_is_no_exact_amount_is_rejected(cell):
    with pytest.raises(RowRejected):
        as_money(cell)


@given(st.integers(1 - 10**14, 10**14 - 1))
def test_money_survives_being_written_and_read(fen):
    assert as_money(money_text(fen)) == fen
    assert as_money(f"{abs(fen) // 100:,}.{abs(fen) % 100:02d}元") == abs(fen)


@given(st.datetimes(datetime(2003, 1, 1), datetime(2099, 12, 31)))
def test_times_are_those_of_shanghai(local):
    local = local.replace(microsecond=0)
    utc = local.replace(tzinfo=SHANGHAI).astimezone(UTC)
    assert as_moment(f"{local:%Y-%m-%d %H:%M:%S}") == utc
    assert (
        as_moment(f"{local.year}/{local.month}/{local.day} {local.hour}:{local.minute:02d}:{local.second:02d}") == utc
    )
    assert as_moment(f"{local:%Y年%m月%d日}") == utc - timedelta(
        hours=local.hour, minutes=local.minute, seconds=local.second
    )


def test_a_spreadsheets_own_day_number_is_a_time():
    assert as_moment("43882.5") == datetime(2020, 2, 21, 4, 0, tzinfo=UTC)


@pytest.mark.parametrize("cell", ["2020-13-01", "2020-02-30 10:00:00", "13812345678", "20200221", "1899-01-01", "昨天"])
def test_what_is_no_time_is_rejected(cell):
    with pytest.raises(RowRejected):
        as_moment(cell)


@pytest.mark.parametrize(
    ("address", "region"),
    [
        ("广东省 汕头市 潮南区 试验街道4942号(000000)", "广东省 汕头市"),
        ("重庆 重庆市 北碚区 试验街道917号(000000)", "重庆 重庆市"),
        ("江苏省  苏州市  常熟市 试验街道", "江苏省 苏州市"),
        ("内蒙古自治区 锡林郭勒盟 x", "内蒙古自治区 锡林郭勒盟"),
        ("广东省 汕头市 潮南区 ****", "广东省 汕头市"),
        ("上海", "上海"),
        ("广东省汕头市潮南区试验街道4942号", "广东省"),
        ("广东省 试验街道4942号 张测测", "广东省"),
        ("张测测 13812345678 广东省", None),
        ("试验街道4942号", None),
    ],
)
def test_of_an_address_only_province_and_city_are_read(address, region):
    assert as_region(address) == region


def test_attributes_are_pairs_in_either_width():
    assert as_attributes("食品口味：蔓越莓;颜色:红:深") == {"食品口味": "蔓越莓", "颜色": "红:深"}
    assert as_attributes("默认") == {"": "默认"}


def test_whole_numbers():
    assert [as_whole(cell) for cell in ("2", "2.0", "1,234", "-3")] == [2, 2, 1234, -3]
    with pytest.raises(RowRejected):
        as_whole("2.5")


@given(st.text(max_size=60))
def test_no_cell_makes_a_cleaner_fail_otherwise_than_by_rejecting(cell):
    for clean in CLEANERS.values():
        try:
            clean(cell)
        except RowRejected as why:
            assert why.message.text
    assert bare(bare(cell)) in (bare(cell), bare(bare(bare(cell))))
    assert as_text(cell) is None or as_text(cell)
