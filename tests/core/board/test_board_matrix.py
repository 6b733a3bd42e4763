"""The matrix of handoffs: what it counts, that every number leads to exactly its tasks, who sees it, its document."""

import csv
import io
import re
from collections import Counter
from datetime import date
from html import unescape

import pypdfium2
import pytest

from core.board.matrix import queries, rules
from core.board.matrix.models import Review
from core.board.matrix.rules import Scope
from core.contracts import SYSTEM
from core.documents.models import Document
from core.extensions import db
from core.files import blobs
from core.stores.services import create_store

WEEK = Scope(date(2026, 3, 2), date(2026, 3, 8))
TODAY = date(2026, 11, 25)  # a Wednesday


@pytest.fixture(autouse=True)
def today(clock, monkeypatch):
    for name in ("core.board.matrix.queries", "core.board.matrix.tasks", "core.localtime"):
        monkeypatch.setattr(f"{name}.now", clock)


@pytest.mark.parametrize(
    ("first", "last", "days"),
    [
        ("", "", (date(2026, 11, 23), date(2026, 11, 29))),
        ("2026-11-30", "2026-11-01", (date(2026, 11, 1), date(2026, 11, 30))),
        ("2026-11-20", "", (date(2026, 11, 20), date(2026, 11, 20))),
        ("", "2026-11-20", (date(2026, 11, 20), date(2026, 11, 20))),
        ("0001-01-01", "9999-12-31", (date(2026, 11, 23), date(2026, 11, 29))),
        ("today", "2026-02-30", (date(2026, 11, 23), date(2026, 11, 29))),
    ],
)
def test_an_address_names_days_or_gets_the_running_week(first, last, days):
    assert rules.period(first, last, TODAY) == days


def test_weeks_begin_on_monday_and_months_end_on_their_last_day():
    assert [days for _label, *days in rules.weeks_and_months(date(2026, 3, 1))] == [
        [date(2026, 2, 23), date(2026, 3, 1)],
        [date(2026, 2, 16), date(2026, 2, 22)],
        [date(2026, 3, 1), date(2026, 3, 31)],
        [date(2026, 2, 1), date(2026, 2, 28)],
    ]


def test_cells_add_up_to_the_median_of_all_their_handoffs_and_name_the_reason_given_most():
    times = {leg: [] for leg in rules.LEGS}
    reasons = Counter(wrong_team=1, other=1, missing_info=1)
    first = rules.Cell(2, 1, 2, times | {"accept": [10, 20], "deliver": [7]}, Counter(accept=1), reasons)
    first.add(rules.Cell(1, 1, 0, times | {"accept": [90]}, Counter(accept=1, check=1)))

    assert (first.handoffs, first.late, first.returned, first.share) == (3, 2, 2, 67)
    assert [first.median(leg) for leg in rules.LEGS] == [20, 7, None]
    assert first.worst == "missing_info"  # all three once: the first in the table of reasons
    assert rules.Cell().share == 0


def story(desk, clock):
    """A Monday's handoffs: one done, one sent back and offered again and late, one of two at the warehouse late."""
    done = desk.task("draft", title="Done")
    desk.move(done, "offer", "li")
    clock.set("2026-03-02 09:30")
    desk.move(done, "accept", "mei")
    desk.move(done, "start", "mei")
    clock.set("2026-03-02 11:30")
    desk.add(done)
    desk.move(done, "deliver", "mei")
    back = desk.task("draft", title="Back")
    desk.move(back, "offer", "li")
    clock.set("2026-03-02 11:50")
    desk.move(back, "return", "mei", reason="missing_info", text="which size?")
    desk.check(done)
    desk.move(done, "sign_off", "li")
    withdrawn = desk.task("offered", title="Withdrawn")
    desk.move(withdrawn, "withdraw", "li")
    desk.task("draft", title="Draft")
    desk.move(back, "offer", "li")
    desk.task("offered", kind="warehouse.counting", title="Waits")
    clock.set("2026-03-03 18:00")
    counted = desk.task(
        "offered", kind="warehouse.counting", title="Of a shop", store_id=create_store("Shop", SYSTEM).id
    )
    desk.move(counted, "accept", "gao")


@pytest.fixture
def week(pages, clock):
    pages.look(lambda desk: story(desk, clock))


def said(cell):
    return cell.handoffs, [cell.median(leg) for leg in rules.LEGS], dict(+cell.late_in), cell.share, cell.worst


def test_handoffs_are_counted_once_with_the_time_of_the_team_that_had_them(desk, clock):
    story(desk, clock)
    found = queries.matrix(WEEK)

    # Done: 30 min to accept, 2 h of work, 20 min to check. Back: 20 min, then on offer again, past the hour it had.
    assert said(found.cells["operations", "studio"]) == (2, [30, 120, 20], {"accept": 1}, 50, "missing_info")
    # By the warehouse's hours the first has waited for a day and a half, which is longer than four hours.
    assert said(found.cells["operations", "warehouse"]) == (2, [0, None, None], {"accept": 1}, 0, "")
    assert set(found.cells) == {("operations", "studio"), ("operations", "warehouse")}
    assert [found.total().late, found.total(responsible="studio").late] == [2, 1]
    assert queries.matrix(Scope(date(2026, 3, 3), date(2026, 3, 8))).total().handoffs == 1
    assert queries.matrix(Scope(date(2026, 2, 1), date(2026, 3, 1))).cells == {}
    assert queries.matrix(Scope(WEEK.first, WEEK.last, None, "studio")).total().handoffs == 2


def test_a_handoff_that_comes_back_in_a_later_week_still_belongs_to_its_first(desk, clock):
    task = desk.task("returned")
    clock.set("2026-03-10 09:00")
    desk.move(task, "offer", "li")

    assert queries.matrix(WEEK).total().handoffs == 1
    assert queries.matrix(Scope(date(2026, 3, 9), date(2026, 3, 15))).total().handoffs == 0


LINK = re.compile(r'href="(/matrix/tasks\?[^"]*)"(?: aria-label="(\d+) handoffs")?>([^<]*)<')


def test_every_number_leads_to_exactly_its_tasks(week, pages):
    links = LINK.findall(pages.get("root", "/matrix").text)
    found = {}
    for url, count, text in links:
        number = count or (text.rpartition(" ")[2] if text.startswith("late ") else text.partition(" over")[0])
        rows = list(csv.DictReader(io.StringIO(pages.get("root", f"{unescape(url)}&export=csv").text.lstrip("\ufeff"))))
        found[url] = [row["Title"] for row in rows]
        if number.isdigit():
            assert len(rows) == int(number), url
        assert rows, url

    assert len(found) > 12
    base = "/matrix/tasks?from=2026-03-02&amp;to=2026-03-08&amp;"
    assert found[f"{base}late=accept&amp;requester=operations&amp;responsible=studio"] == ["Back"]
    assert found[f"{base}over=check&amp;requester=operations&amp;responsible=studio"] == ["Done"]
    assert found[f"{base}returned=missing_info&amp;requester=operations&amp;responsible=studio"] == ["Back"]


def test_the_list_says_of_each_task_what_the_matrix_counts(week, pages):
    url = "/matrix/tasks?from=2026-03-02&to=2026-03-08&responsible=studio&sort=number&export=csv"
    done, back = csv.DictReader(io.StringIO(pages.get("root", url).text.lstrip("\ufeff")))

    assert (done["Accept (min)"], done["Work (min)"], done["Sign off (min)"]) == ("30", "120", "20")
    assert (back["Accept (min)"], back["Over target"], back["Sent back"]) == (
        "",
        "Accept",
        "Something is missing in the brief",
    )


def test_the_file_holds_a_row_for_each_pair_of_teams(week, pages):
    answer = pages.get("root", "/matrix?from=2026-03-02&to=2026-03-08&export=csv")

    assert sorted(answer.text.splitlines()[1:]) == [
        "Operations,Studio,2,30,1,120,0,20,0,1,1,50,Something is missing in the brief",
        "Operations,Warehouse,2,0,1,,0,,0,1,0,0,",
    ]


def test_leads_and_operations_look_through_their_own_team_and_administrators_through_all(week, pages, count_queries):
    url = "/matrix?from=2026-03-02&to=2026-03-08&export=csv"
    rows = {who: pages.get(who, url).text.count("\r\n") - 1 for who in ("root", "li", "tang")}

    assert rows == {"root": 2, "li": 2, "tang": 1}
    assert pages.get("tang", f"{url}&team=warehouse").text == pages.get("tang", url).text
    assert pages.get("mei", url).status_code == 403
    assert 'href="/matrix"' in pages.get("tang", "/").text
    assert 'href="/matrix"' not in pages.get("mei", "/").text
    assert count_queries(lambda: pages.get("root", "/matrix")) <= 9


def test_the_review_is_a_document_of_the_period_and_its_teams(week, app, pages):
    form = {"from": "2026-03-02", "to": "2026-03-08", "language": "en"}
    answer = pages.post("root", "/matrix/reviews", **form)
    again = pages.post("root", "/matrix/reviews", **form)
    of_team = pages.post("tang", "/matrix/reviews", **form)

    assert answer.status_code == 303
    assert again.location == answer.location != of_team.location
    assert pages.get("tang", answer.location).status_code == 404  # it tells of teams that are not theirs
    assert 'href="/matrix/reviews/2"' in pages.get("tang", of_team.location).text
    assert pages.get("tang", "/matrix/reviews/2").location == "/matrix?from=2026-03-02&to=2026-03-08&team=studio"
    assert pages.get("tang", "/matrix/reviews/1").status_code == 404
    with app.app_context():
        papers = db.session.scalars(db.select(Document).order_by(Document.id)).all()
        assert [(each.kind, each.number[:4]) for each in papers] == [("core.handoff_review", "REV-")] * 2
        assert [review.team for review in db.session.scalars(db.select(Review).order_by(Review.id))] == ["", "studio"]
        assert [each["title"] for each in papers[0].snapshot["discussed"]] == ["Back", "Waits"]
        paper = pypdfium2.PdfDocument(blobs.read(papers[0].printed.file.sha256))
        text = re.sub(r"\s+", " ", "".join(page.get_textpage().get_text_bounded() for page in paper))
    assert "2026-03-02 – 2026-03-08" in text
    assert "Operations → Studio 2 30 min late 1 2 h 20 min 50% Something is missing in the brief" in text
    assert f"1 / {len(paper)}" in text


def test_a_team_whose_plugin_is_switched_off_still_counts(week, pages, switch_off):
    switch_off()

    page = pages.get("root", "/matrix?from=2026-03-02&to=2026-03-08&export=csv").text

    assert "Operations,studio,2,30" in page
    assert pages.get("root", "/matrix/tasks?from=2026-03-02&to=2026-03-08").text.count("studio") > 1
