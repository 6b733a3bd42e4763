# ruff: noqa: E501 - XML in one line
"""Bytes to sheets: every encoding and container, bounds, bombs, and nothing that makes it fail unexplained."""

import io
import resource
import signal
import subprocess
import time
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.imports import reading
from core.imports.delimited import decoded, rows_of
from core.imports.reading import read
from core.messages import Refusal
from core.web import say
from tests.fixtures import exports
from tests.fixtures.xls import xls

ROWS = [["订单编号", "总金额"], ["1548390302068935711", "34.00"], ["䶮😀𠮷", "1"]]
TEXT = "\n".join(",".join(row) for row in ROWS)
HEAD = b'<?xml version="1.0"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
TAIL = b"</sheetData></worksheet>"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_every_encoding_of_the_platforms_is_read_in_pieces_of_any_length(encoding, monkeypatch):
    assert read(TEXT.encode(encoding), "x.csv")[0].rows == ROWS
    monkeypatch.setattr("core.imports.delimited.PIECE", 3)
    assert read(TEXT.encode(encoding), "x.csv")[0].rows == ROWS


def test_tabs_separate_where_there_are_no_commas_and_are_cell_content_where_there_are():
    assert rows_of("a\tb\n1,5\t2\n".replace(",", ".")) == [["a", "b"], ["1.5", "2"]]
    assert rows_of("流水号,金额\n123\t,4.00\t\n") == [["流水号", "金额"], ["123\t", "4.00\t"]]


def test_a_broken_line_stays_recognisable_and_the_others_are_read():
    lines = [f"154839030206{n:06d},苹果".encode("gb18030") for n in range(30)]
    lines[7] = b"154839030206000007,\xff\xfe\x81"
    text = decoded(b"\n".join(lines))
    assert [n for n, line in enumerate(text.split("\n")) if "\ufffd" in line] == [7]


def test_a_file_of_mixed_encodings_is_refused():
    lines = ["苹果,红".encode("gb18030" if n % 2 else "utf-8") for n in range(40)]
    with pytest.raises(Refusal, match="encodings"):
        decoded(b"\n".join([*lines, b"\xff\xff\xff"]))


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "empty"),
        (b"\0\0\0\0", "empty"),
        (b"%PDF-1.7 x", "Only CSV"),
        (b"\x89PNG\r\n", "Only CSV"),
        (b"<html><table><tr><td>1</td></tr></table>", "web page"),
        (b"PK\x03\x04 no archive at all", "damaged"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 no workbook", "damaged"),
        (b"a,b\n" + b"x" * 40_000 + b",1\n", "too big"),
        (b",".join([b"x"] * 500), "too big"),
        (b'a,"' + b"x" * 200_000, "quote"),
    ],
)
def test_what_cannot_be_a_table_is_refused_with_a_sentence(data, why):
    with pytest.raises(Refusal, match=why):
        read(data, "x")


def test_a_table_beyond_the_bounds_is_refused(monkeypatch):
    monkeypatch.setattr("core.imports.delimited.MAX_ROWS", 10)
    with pytest.raises(Refusal, match="too big"):
        read(b"a,b\n" * 11, "x.csv")


def test_a_workbook_is_read_as_text_with_its_ids_whole_whatever_its_dimension_says():
    rows = [*ROWS, ["", ""], [154839030206893571.0, 34.5], [3, 0.1 + 0.2]]
    for dimension in ("A1", "A1:XFD1048576", ""):
        (sheet,) = read(exports.workbook(("表", rows), dimension=dimension), "x.xlsx")
        assert sheet.name == "表"
        assert sheet.rows[:3] == ROWS
        assert sheet.rows[4:] == [["1.54839030206894E+17", "34.5"], ["3", "0.3"]]


def test_an_old_workbook_is_read():
    assert read(xls([*ROWS[:2], ["x", 1.5483903020689357e17]]), "x.xls")[0].rows == [
        *ROWS[:2],
        ["x", "1.54839030206894E+17"],
    ]


def test_an_archive_is_read_member_by_member_under_their_chinese_names():
    data = exports.archive(
        ("对账/账务明细(汇总).csv", b"a,b\n1,2\n"),
        ("对账/账务明细.csv", TEXT.encode("gb18030")),
        ("说明.pdf", b"%PDF"),
        ("__MACOSX/x.csv", b"junk"),
        ("订单.xlsx", exports.workbook(("表", ROWS))),
    )
    assert [(sheet.name, len(sheet.rows)) for sheet in read(data, "x.zip")] == [
        ("账务明细(汇总).csv", 2),
        ("账务明细.csv", 3),
        ("说明.pdf", 1),
        ("订单.xlsx 表", 3),
    ]


@pytest.mark.parametrize("name", ["../../etc/passwd.csv", "/etc/x.csv", "a/../../b.csv", "..\\..\\x.csv", "C:\\x.csv"])
def test_a_path_out_of_the_archive_is_refused(name):
    with pytest.raises(Refusal, match="path"):
        read(exports.archive((name, b"a,b\n1,2\n")), "x.zip")


def test_an_archive_under_a_password_is_refused():
    data = bytearray(exports.archive(("x.csv", b"a,b\n1,2\n")))
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(mark) + offset] |= 1
    with pytest.raises(Refusal, match="password"):
        read(bytes(data), "x.zip")


def sheet(xml):
    return exports.rewritten(exports.workbook(("x", [["a"]]), dimension=""), lambda _: xml)


def zipped(count, size):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as made:
        for number in range(count):
            made.writestr(f"{number}.csv", b"0," * (size // 2))
    return out.getvalue()


def laughs():
    entities = b"".join(b'<!ENTITY l%d "%s">' % (n, b"&l%d;" % (n - 1) * 10) for n in range(1, 10))
    cell = b'<row r="1"><c r="A1" t="inlineStr"><is><t>&l9;</t></is></c></row>'
    return sheet(b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY l0 "lol">' + entities + b"]>" + HEAD[21:] + cell + TAIL)


BOMBS = {
    "sparse": lambda: sheet(HEAD + b'<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>' + TAIL),
    "sparse, hidden": lambda: sheet(HEAD + b'<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="&#88;FD1048576"><v>1</v></c></row>' + TAIL),
    "wide and long": lambda: sheet(HEAD + b'<row r="1"><c r="A1"><v>1</v></c></row><row r="499999"><c r="OA499999"><v>1</v></c></row>' + TAIL),
    "ratio 243": lambda: sheet(HEAD + b" " * (310 << 20) + TAIL),
    "billion laughs": laughs,
    "thousands of members": lambda: zipped(3_000, 2),
    "much in little": lambda: zipped(40, 10 << 20),
    "archive of archives": lambda: exports.archive(*((f"{n}.zip", zipped(1, 1000)) for n in range(16))),
}  # fmt: skip


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_is_refused_in_seconds_and_leaves_this_process_as_it_was(name):
    data = BOMBS[name]()
    before, start = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.process_time()
    with pytest.raises(Refusal) as refused:
        read(data, "bomb")
    assert ("2000 files" in say(refused.value.reasons[0])) == (name == "thousands of members")
    assert time.process_time() - start < 1
    assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime < 60
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100_000


def test_a_child_that_hangs_is_ended(monkeypatch):
    monkeypatch.setattr(reading, "SECONDS", 0.01)
    with pytest.raises(Refusal, match="too much memory or time"):
        read(exports.workbook(("x", ROWS)), "x.xlsx")


def test_a_child_that_dies_is_a_refusal(monkeypatch):
    def dead(*args, **kwargs):
        return subprocess.CompletedProcess(args, -signal.SIGABRT)

    monkeypatch.setattr(subprocess, "run", dead)
    with pytest.raises(Refusal, match="too much memory or time"):
        read(exports.workbook(("x", ROWS)), "x.xlsx")


@settings(max_examples=300)
@given(st.binary(max_size=400))
def test_no_bytes_make_reading_fail_unexplained(data):
    if data.startswith((b"PK\x03\x04", b"\xd0\xcf")):
        return
    try:
        for one in read(data, "x"):
            assert all(isinstance(cell, str) for row in one.rows for cell in row)
    except Refusal as refusal:
        assert refusal.reasons


@settings(max_examples=25)
@given(st.data())
def test_no_damage_to_a_workbook_makes_reading_fail_unexplained(data):
    book = bytearray(data.draw(st.sampled_from([SOUND_XLSX, SOUND_XLS, SOUND_ZIP])))
    for _ in range(data.draw(st.integers(1, 6))):
        book[data.draw(st.integers(8, len(book) - 1))] = data.draw(st.integers(0, 255))
    try:
        read(bytes(book[: data.draw(st.integers(len(book) // 2, len(book)))]), "x")
    except Refusal as refusal:
        assert refusal.reasons


SOUND_XLSX = exports.workbook(("表", ROWS))
SOUND_XLS = xls(ROWS[:2])
SOUND_ZIP = exports.archive(("订单.csv", TEXT.encode()))
