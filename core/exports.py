"""The one writer of every CSV and Excel file that leaves Storeboard: no cell of it runs as a formula."""

import csv
import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import xlsxwriter

DANGEROUS = "=+-@＝＋－＠\t\r\n"
BLANKS = " \u3000\u00a0\ufeff"
SUSPECT = {*DANGEROUS, *BLANKS}
SHEET_NAME = re.compile(r"[\[\]:*?/\\]")
NUMBERS = (int, float, Decimal)
NUMBER = re.compile(r"[+-]?\d{1,15}(\.\d+)?", re.ASCII)

MEDIA = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def safe_text(cell: str) -> str:
    """A cell that a spreadsheet shows as text: what would start a formula gets an apostrophe in front.

    Plain numbers stay numbers. The importers take the apostrophe off again.
    """
    if cell[:1] not in SUSPECT:
        return cell
    start = cell.lstrip(BLANKS)[:1]
    dangerous = (start and start in DANGEROUS) or cell[:1] in DANGEROUS
    return f"'{cell}" if dangerous and not NUMBER.fullmatch(cell) else cell


def csv_bytes(header: Sequence[str], rows: Iterable[Sequence[Any]]) -> bytes:
    """A CSV file; with a byte order mark, without which Excel takes Chinese for Latin."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([safe_text(name) for name in header])
    writer.writerows([safe_text(_text(value)) for value in row] for row in rows)
    return out.getvalue().encode("utf-8-sig")


@dataclass(frozen=True)
class Sheet:
    """One sheet of a workbook. ``widths`` are those of its first columns, in characters; a time gets the room it needs
    in the others."""

    name: str
    header: Sequence[str]
    rows: Iterable[Sequence[Any]]
    widths: Sequence[int] = ()


HEAD = {"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"}
FORMATS = {
    Decimal: {"num_format": "#,##0.00;[Red]-#,##0.00"},
    date: {"num_format": "yyyy-mm-dd"},
    datetime: {"num_format": "yyyy-mm-dd hh:mm:ss"},
}
ROOM = {date: 11, datetime: 19}  # where there is less, Excel shows ####


def workbook_bytes(sheets: Iterable[Sheet]) -> bytes:
    """An Excel workbook with typed cells: text stays text, a ``Decimal`` is an amount with two decimals, an ``int`` a
    number, a ``date`` a date, a ``datetime`` (without a zone) a moment; long digits stay text, because Excel rounds
    numbers beyond 15 digits."""
    out = io.BytesIO()
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(out, options) as book:
        head = book.add_format(HEAD)
        formats = {kind: book.add_format(each) for kind, each in FORMATS.items()}
        for each in sheets:
            sheet = book.add_worksheet(SHEET_NAME.sub(" ", each.name)[:31])
            sheet.freeze_panes(1, 0)
            for column, name in enumerate(each.header):
                sheet.write_string(0, column, safe_text(name), head)
            widths = dict(enumerate(each.widths))
            for row, values in enumerate(each.rows, 1):
                for column, value in enumerate(values):
                    cell = _cell(value)
                    sheet.write(row, column, cell, formats.get(type(cell)))
                    if type(cell) in ROOM:
                        widths.setdefault(column, ROOM[type(cell)])
            for column, width in widths.items():
                sheet.set_column(column, column, width)
    return out.getvalue()


def _cell(value: Any) -> Any:
    number = isinstance(value, NUMBERS) and not isinstance(value, bool) and abs(value) < 10**15
    return value if number or value is None or isinstance(value, date) else safe_text(_text(value))


def file_bytes(form: str, header: Sequence[str], rows: Iterable[Sequence[Any]]) -> bytes:
    """A file in ``form``: ``csv`` or ``xlsx``."""
    return workbook_bytes([Sheet("Sheet1", header, rows)]) if form == "xlsx" else csv_bytes(header, rows)


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, Decimal):
        return f"{value:.2f}"
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M:%S}"
    if isinstance(value, date):
        return value.isoformat()
    return str(value)
