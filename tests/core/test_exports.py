"""Files that leave Storeboard: no cell runs as a formula, numbers stay numbers, ids keep every digit."""

import csv
import io
from datetime import datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from core.exports import csv_bytes, file_bytes, safe_text
from core.imports.rules import EDGE, bare

DANGEROUS = [
    "=1+1",
    "+cmd",
    "-cmd",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "\n=1",
    "＝1+1",
    "＋1",
    "－x",
    "＠x",
    "  =1",
    "\u3000=1",
    "=cmd|' /C calc'!A0",
]


def rows_of(data):
    return list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))


@pytest.mark.parametrize("cell", DANGEROUS)
def test_what_would_run_as_a_formula_is_text_in_both_kinds_of_file(cell):
    (row,) = rows_of(csv_bytes(["x"], [[cell]]))[1:]
    assert row == [f"'{cell}"]
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(file_bytes("xlsx", ["x"], [[cell]]))).get_sheet_by_index(0)
    assert sheet.to_python()[1][0].startswith("'")


@pytest.mark.parametrize("cell", ["-5.00", "+86", "12.50", "-1", "0", "abc", "a=b", "你好", ""])
def test_numbers_and_plain_texts_stay_as_they_are(cell):
    assert safe_text(cell) == cell


@given(st.text(max_size=30))
def test_no_cell_begins_as_a_formula_and_importing_it_gives_the_text_back(cell):
    safe = safe_text(cell)
    assert not safe.lstrip(" \u3000\u00a0\ufeff").startswith(tuple("=＝＋－＠@\t\r\n")) or safe.startswith("'")
    if not cell.strip(EDGE).startswith(("'", "`", "=")):
        assert bare(safe) == bare(cell)


def test_values_are_written_as_spreadsheets_take_them():
    values = ["154839030206893571", Decimal("59.10"), 3, None, datetime(2026, 5, 1, 12, 0), "2026"]
    assert rows_of(csv_bytes(["a"] * 6, [values]))[1] == [
        "154839030206893571",
        "59.10",
        "3",
        "",
        "2026-05-01 12:00:00",
        "2026",
    ]
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(file_bytes("xlsx", ["a"] * 6, [values]))).get_sheet_by_index(0)
    assert sheet.to_python()[1] == ["154839030206893571", 59.1, 3.0, "", values[4], "2026"]
