"""The workbook of a run: cells of their own kind, and reading it again gives what was written."""

import io
from contextvars import Context
from datetime import date, datetime
from decimal import Decimal

import pytest
from openpyxl import load_workbook
from python_calamine import CalamineWorkbook

from core.exports import Sheet, workbook_bytes
from core.extensions import db
from plugins.finance.differences.models import Difference
from plugins.finance.periods import papers
from plugins.finance.periods.rules import BOOKS
from tests.plugins.finance.papers import november

pytestmark = pytest.mark.any_database

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@pytest.fixture
def run(in_app):
    month = november()
    month.control()
    return month.reconcile()


@pytest.fixture
def download(run, as_user):
    client = as_user("wen", teams={"finance": "member"})

    def get(path):
        response = Context().run(client.get, path)
        assert response.status_code == 200
        assert response.content_type == XLSX
        return response

    return get


def sheets(data):
    book = CalamineWorkbook.from_filelike(io.BytesIO(data))
    return {name: book.get_sheet_by_name(name).to_python() for name in book.sheet_names}


def fen(cell):
    return None if cell == "" else int((Decimal(str(cell)) * 100).to_integral_exact())


def test_the_differences_read_again_are_those_of_the_run(run, download):
    header, *rows = sheets(download(f"/finance/runs/{run.id}/workbook.xlsx").data)["Differences"]
    stored = {row.key: row for row in db.session.query(Difference).filter_by(last_run_id=run.id)}

    assert len(rows) == len(stored) == 6
    told = [dict(zip(header, row, strict=True)) for row in rows]
    keys = sorted(
        (row["Class code"], row["Order number"], fen(row["Books"]), fen(row["Statement"]), fen(row["Difference"]),
         row["Happened at"])
        for row in told
    )  # fmt: skip
    assert keys == sorted(
        (row.code, row.order_no or "", row.expected, row.found, row.amount,
         row.happened_at.astimezone(BOOKS).replace(tzinfo=None))
        for row in stored.values()
    )  # fmt: skip
    assert {type(row["Order number"]) for row in told} == {str}
    assert {len(row["Statement flow number"]) for row in told if row["Class code"] == "STMT_ONLY"} == {10}


def test_amounts_are_numbers_with_two_decimals_and_days_are_days(run, download):
    book = load_workbook(io.BytesIO(download(f"/finance/runs/{run.id}/workbook.xlsx").data))
    sheet = book["Differences"]
    columns = {cell.value: cell.column for cell in sheet[1]}

    cells = {name: sheet.cell(2, column) for name, column in columns.items()}
    assert (cells["Difference"].data_type, cells["Difference"].number_format) == ("n", "#,##0.00;[Red]-#,##0.00")
    assert (cells["Order number"].data_type, cells["Order number"].value) == ("s", "2511000000000000004")
    assert isinstance(cells["Happened at"].value, datetime)
    facts = {row[0].value: row[1].value for row in book["Run and files"].iter_rows(min_row=2)}
    assert facts["First day"] == datetime(2025, 11, 1)
    assert facts["Digest"] == run.digest
    assert facts["ExportOrderList202511.csv"] == "ab" * 32


def test_class_totals_and_the_balance_statement_are_those_of_the_run(run, download):
    read = sheets(download(f"/finance/runs/{run.id}/workbook.xlsx").data)
    totals = papers.totals(run)

    expected = [(row["code"], row["count"], row["amount"]) for row in totals["order_classes"] + totals["line_classes"]]
    assert [(row[1], int(row[3]), fen(row[4])) for row in read["Class totals"][1:]] == expected
    balance = read["Balance statement"][1:]
    sums = {side: sum(fen(row[5]) for row in balance if row[1] == side and row[3]) for side in ("Books", "Statement")}
    assert sums == {"Books": 2_078_126, "Statement": 2_078_126}
    assert balance[-1][1:] == ["Flat", "Difference", "", "", 0.0]
    assert [row[5] for row in read["Tie-out"][1:]] == ["Yes"] * len(totals["checks"])


def test_the_period_has_the_workbook_of_its_run(run, download):
    of_period = download("/finance/periods/1/workbook.xlsx")

    assert sheets(of_period.data) == sheets(download(f"/finance/runs/{run.id}/workbook.xlsx").data)
    assert of_period.headers["Content-Disposition"] == (
        f"attachment; filename=reconciliation-20251101-20251130-{run.id}.xlsx"
    )


def test_nobody_else_gets_it(run, as_user):
    client = as_user("li", teams={"operations": "lead"})

    assert Context().run(client.get, f"/finance/runs/{run.id}/workbook.xlsx").status_code == 403


def test_cells_of_a_workbook_are_what_they_are():
    values = ["2025110122001100000000000001", "=1+1", Decimal("-59.10"), 7, date(2025, 11, 1), "", None, 10**16]
    data = workbook_bytes([Sheet("a/b", [str(number) for number in range(8)], [values])])

    (row,) = load_workbook(io.BytesIO(data))["a b"].iter_rows(min_row=2, values_only=True)
    assert row == (values[0], "'=1+1", -59.1, 7, datetime(2025, 11, 1), None, None, "10000000000000000")


def test_the_page_of_the_balance_statement_leads_to_the_rows_of_its_lines(run, as_user):
    client = as_user("jin", teams={"finance": "member"})

    page = Context().run(client.get, f"/finance/runs/{run.id}/balance").text

    for said in ("50,782.00", "20,781.26", "Flat", f"/finance/runs/{run.id}/orders/MISSING_STMT"):
        assert said in page
    assert Context().run(client.get, f"/finance/runs/{run.id}/orders/MISSING_STMT").status_code == 200
