"""What browsers get to see of documents: members of the teams, others, and whoever scans the code."""

import re
from types import SimpleNamespace

import pytest

from core.board.services import Draft, edit_task
from core.contracts import Ref
from core.documents import services
from core.documents.models import Document
from core.extensions import db
from core.testing.jobs import run_pending

KIND = "core.handoff"


@pytest.fixture
def task(app, draft):
    with app.app_context():
        made = draft()
        return SimpleNamespace(id=made.id, number=made.number, brief=made.brief)


@pytest.fixture
def issued(app, task, actor):
    """Issue and print the sheet; its plain facts."""

    def issue(language="en"):
        with app.app_context():
            document = services.issue(KIND, Ref("core.task", task.id), actor, language)
            run_pending()
            db.session.expire_all()
            seal = document.printed
            return SimpleNamespace(
                number=document.number, token=document.token, sha256=seal.sha256, file=seal.file.token
            )

    return issue


def rename(app, task, actor, title):
    with app.app_context():
        edit_task(task.id, actor, Draft(title, task.brief))


def test_issue_from_the_task_page_and_open_the_pdf(task, as_user, wang):
    browser = as_user(wang)
    panel = browser.get(f"/tasks/{task.number}/documents")
    assert "No document has been issued yet." in panel.text
    answer = browser.post(f"/tasks/{task.number}/documents", data={"kind": KIND, "language": "en"})
    assert answer.status_code == 303
    page = browser.get(answer.headers["Location"])
    assert "Current" in page.text
    pdf = browser.get(re.search(r'href="(/files/[^"]+)"', page.text)[1])
    assert (pdf.status_code, pdf.mimetype, pdf.data[:5]) == (200, "application/pdf", b"%PDF-")
    assert re.search(r"filename=\"?HND-\d{8}-0001\.pdf", pdf.headers["Content-Disposition"])
    assert pdf.headers["X-Content-Type-Options"] == "nosniff"


def test_the_panel_lists_what_was_issued_and_stays_a_fragment(task, as_user, wang, issued):
    first = issued("en")
    given = {"kind": KIND, "language": "zh"}
    panel = as_user(wang).post(f"/tasks/{task.number}/documents", data=given, headers={"HX-Request": "true"})
    assert panel.status_code == 200
    assert "<html" not in panel.text
    assert panel.text.count("/documents/HND-") == 2
    assert first.number in panel.text
    assert "every 1s" not in panel.text


def test_a_document_being_printed_is_shown_as_such(app, task, as_user, wang, actor):
    with app.app_context():
        services.issue(KIND, Ref("core.task", task.id), actor, "en")
    panel = as_user(wang).get(f"/tasks/{task.number}/documents").text
    assert "Being printed" in panel
    assert "every 1s" in panel


def test_a_failed_print_is_explained_and_can_be_tried_again(app, task, as_user, wang, monkeypatch):
    monkeypatch.setattr("core.documents.render.LARGEST", 10)
    browser = as_user(wang)
    page = browser.post(f"/tasks/{task.number}/documents", data={"kind": KIND, "language": "en"}, follow_redirects=True)
    assert "The document is too large to be printed." in page.text
    monkeypatch.setattr("core.documents.render.LARGEST", 10**7)
    again = browser.post(re.search(r'action="(/documents/[^"]+/print)"', page.text)[1], follow_redirects=True)
    assert "Open the PDF" in again.text


@pytest.mark.parametrize("given", [{}, {"kind": "core.none"}, {"kind": KIND, "language": "fr"}])
def test_what_cannot_be_issued_is_refused(task, as_user, wang, given):
    answer = as_user(wang).post(f"/tasks/{task.number}/documents", data=given)
    assert answer.status_code == 422
    assert "There is no such document to issue." in answer.text


def test_other_teams_see_nothing_of_a_document(task, as_user, issued):
    document = issued()
    stranger = as_user("zhang", teams={"operations_2": "lead"})
    for path in (f"/documents/{document.number}", f"/files/{document.file}", "/documents/HND-20200101-0001"):
        assert stranger.get(path).status_code == 404
    assert stranger.get(f"/tasks/{task.number}/documents").status_code in (403, 404)
    assert stranger.post(f"/tasks/{task.number}/documents", data={"kind": KIND}).status_code in (403, 404)
    assert stranger.post(f"/documents/{document.number}/print").status_code == 404
    verified = stranger.get(f"/v/{document.token}").text
    assert document.number in verified
    assert task.number not in verified


def test_who_is_not_signed_in_is_sent_to_the_door(client, issued):
    document = issued()
    for path in (f"/documents/{document.number}", f"/files/{document.file}"):
        assert client.get(path).status_code in (302, 303)


def test_whoever_scans_the_code_learns_whether_the_paper_is_good_and_no_more(app, task, actor, client, issued):
    document = issued()
    page = client.get(f"/v/{document.token}")
    assert page.status_code == 200
    for shown in (document.number, document.sha256, "Current"):
        assert shown in page.text
    for hidden in (task.number, "详情页改版", "王小雨", "素禾", document.file):
        assert hidden not in page.text
    rename(app, task, actor, "另一个标题")
    assert "Data changed since" in client.get(f"/v/{document.token}").text
    newer = issued()
    replaced = client.get(f"/v/{document.token}").text
    assert "Superseded" in replaced
    assert newer.number in replaced


def test_a_code_that_was_never_issued_is_called_what_it_is(client):
    answer = client.get("/v/AAAAAAAAAAAAAAAAAAAAAA")
    assert answer.status_code == 404
    assert "Do not trust the paper" in answer.text


def test_a_member_who_scans_the_code_gets_to_the_task(task, as_user, wang, issued):
    assert task.number in as_user(wang).get(f"/v/{issued().token}").text


def test_verifying_changes_nothing(app, client, issued):
    document = issued()
    client.get(f"/v/{document.token}")
    with app.app_context():
        assert db.session.scalar(db.select(db.func.count()).select_from(Document)) == 1
