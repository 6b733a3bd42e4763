"""Pages of profit: every figure leads to rows that add up to it; costs and campaigns are entered by hand."""

import io
import re
from contextvars import Context
from datetime import date

import pytest
from python_calamine import CalamineWorkbook

from core.extensions import db
from core.transactions import transaction
from plugins.finance.partners.models import Campaign, SharedCost
from plugins.finance.profit import charts, views
from plugins.finance.profit.report import TOTAL, Asked, behind, report
from plugins.finance.profit.rules import COLUMNS, GROUPS, PARTS
from tests.plugins.finance.papers import FIRST, LAST, november
from tests.plugins.finance.test_profit_queries import spent

NOVEMBER = "from=2025-11-01&to=2025-11-30"


@pytest.fixture
def month(in_app):
    made = november()
    spent(made)
    made.reconcile()
    return made


@pytest.fixture
def browse(as_user):
    """A signed-in browser whose requests see nothing of the context that is pushed here."""
    client = as_user("wen", teams={"finance": "member"})

    class Browser:
        def get(self, path):
            return Context().run(client.get, path)

        def post(self, path, **form):
            return Context().run(lambda: client.post(path, data=form))

    return Browser()


def asked(month, **more):
    return Asked(**{"stores": (month.store.id,), "first": FIRST, "last": LAST} | more)


@pytest.mark.parametrize("group", GROUPS)
def test_every_grouping_adds_up_and_every_figure_leads_to_its_rows(month, group):
    found = report(asked(month, group=group))

    for part in COLUMNS:
        assert sum(row.figures[part] for row in found.rows) == found.total.figures[part]
        assert behind(found, TOTAL, part)["amount"].sum() == found.total.figures[part]
        for row in found.rows:
            assert behind(found, row.key, part)["amount"].sum() == row.figures[part]
    assert behind(found, TOTAL, "")["amount"].sum() == found.total.profit == -253_215


def test_a_campaign_has_its_days_and_the_shortest_wins(month):
    rows = [
        Campaign(store_id=month.store.id, name="11.11", first=date(2025, 11, 11), last=date(2025, 11, 11)),
        Campaign(store_id=month.store.id, name="November", first=date(2025, 11, 3), last=date(2025, 11, 20)),
    ]
    with transaction() as session:
        session.add_all(rows)

    sales = {row.label: row.figures["sales"] for row in report(asked(month, group="campaign")).rows}

    assert sales == {"November": 12_800 + 8_800 + 6_600 + 5_500, "11.11": 29_900, "Outside campaigns": 7_700}


def test_the_page_shows_the_figures_and_charts_without_any_script_or_style(month, browse):
    page = browse.get(f"/finance/profit?{NOVEMBER}&group=article").text

    for figure in ("713.00", "-2,532.15", "-2,664.25", "-2,126.15", "桂花乌龙 100g", "龙井 250g"):
        assert figure in page
    charts_ = re.findall(r"<svg class=\"chart\".*?</svg>", page, re.S)
    assert len(charts_) == 2
    for each in charts_:
        assert "<title" in each
        assert "<desc" in each
        assert not re.search(r"style=|<style|<script|\bon\w+=", each)


def test_a_figure_opens_its_rows(month, browse):
    page = browse.get(f"/finance/profit/rows?{NOVEMBER}&group=day&key=2025-11-11&part=refunds").text

    assert "-99.00" in page
    assert "2511000000000000002" in page
    assert browse.get(f"/finance/profit/rows?{NOVEMBER}&part=nothing").status_code == 404


def test_the_amounts_behind_a_figure_are_turned_page_by_page(month, browse, monkeypatch):
    monkeypatch.setattr(views, "SHOWN", 4)
    first = browse.get(f"/finance/profit/rows?{NOVEMBER}&part=sales").text
    second = browse.get(f"/finance/profit/rows?{NOVEMBER}&part=sales&page=2").text

    assert "1–4 of 6" in first and "5–6 of 6" in second
    assert "2511000000000000001" in first and "2511000000000000001" not in second
    assert "2511000000000000006" in second and "page=3" not in second


@pytest.mark.parametrize(
    "query", ["", "from=x&to=y", "from=2025-11-30&to=2025-11-01", "store=99&by=z&group=z", "to=2025-11-05"]
)
def test_any_address_is_answered(month, browse, query):
    assert browse.get(f"/finance/profit?{query}").status_code == 200
    assert browse.get(f"/finance/profit/rows?{query}").status_code == 200


def test_the_workbook_holds_every_grouping_as_numbers(month, browse):
    response = browse.get(f"/finance/profit/workbook.xlsx?{NOVEMBER}")
    book = CalamineWorkbook.from_filelike(io.BytesIO(response.data))

    assert book.sheet_names == ["By day", "By SKU", "By campaign", "By store"]
    told = (["Day"], ["Code", "Article"], ["Campaign"], ["Store"])
    for name, heads in zip(book.sheet_names, told, strict=True):
        header, *rows = book.get_sheet_by_name(name).to_python()
        first = len(heads)
        assert header[: first + 8] == [*heads, *(str(label) for label in PARTS.values())]
        *parts, total = rows
        assert [round(sum(row[place] for row in parts) * 100) for place in range(first, first + 9)] == [
            round(cell * 100) for cell in total[first : first + 9]
        ]
        assert round(total[first + 8] * 100) == -253_215


def test_a_shared_cost_is_entered_changed_and_taken_away(month, browse):
    values = {
        "store": month.store.id,
        "kind": "wages",
        "amount": "1,200.50",
        "first": "2025-11-01",
        "last": "2025-11-30",
    }
    assert browse.post("/finance/profit/shared", **values).status_code == 303
    db.session.rollback()
    row = db.session.query(SharedCost).filter_by(kind="wages").one()
    assert row.amount == 120_050

    assert 'value="1,200.50"' in browse.get(f"/finance/profit/shared-costs?edit={row.id}").text
    assert browse.post("/finance/profit/shared", **values | {"edit": row.id, "amount": "7"}).status_code == 303
    assert browse.post("/finance/profit/shared", **values | {"edit": row.id, "remove": "1"}).status_code == 303
    db.session.rollback()
    assert db.session.query(SharedCost).filter_by(kind="wages").count() == 0


def test_a_campaign_that_ends_before_it_begins_is_refused_in_its_field(month, browse):
    response = browse.post(
        "/finance/profit/campaigns", store=month.store.id, name="", first="2025-11-11", last="2025-11-01"
    )

    assert response.status_code == 422
    assert "The last day must not be before the first." in response.text
    assert "Give the campaign a name" in response.text
    assert browse.post("/finance/profit/nothing", store=month.store.id).status_code == 404


def test_a_scale_is_round_and_holds_every_bar():
    chart = charts.columns([("a", -12_345, -20_000, 3_000), ("b", 45_600, 45_600, 45_600)])

    assert [line["amount"] for line in chart["lines"]] == [-20_000, 0, 20_000, 40_000, 60_000]
    assert all(charts.TOP <= bar["y"] <= charts.HEIGHT - charts.BOTTOM for bar in chart["bars"])
    assert chart["bars"][0]["range"] and chart["bars"][1]["range"] is None
    assert charts.columns([])["bars"] == []


def test_a_waterfall_ends_at_what_is_left():
    bars = charts.waterfall([("Sales", 10_000), ("Refunds", -2_500), ("Goods", -9_000)], "Profit")["bars"]

    assert [(bar["label"], bar["amount"], bar["kind"]) for bar in bars] == [
        ("Sales", 10_000, "total"),
        ("Refunds", -2_500, "step"),
        ("Goods", -9_000, "step"),
        ("Profit", -1_500, "total"),
    ]
