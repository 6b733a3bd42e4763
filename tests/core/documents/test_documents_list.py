"""The list of all documents: what of them somebody may see, found by number, task, kind, store and day."""

import csv
import io
from datetime import timedelta

from sqlalchemy import select

from core import localtime
from core.board.models import Task
from core.board.services import Draft, edit_task
from core.contracts import Ref
from core.documents import services
from core.documents.listings import DOCUMENTS
from core.documents.models import Document
from core.extensions import db


def test_the_list_shows_finds_and_exports_what_its_reader_may_see(app, draft, actor, wang, as_user):
    with app.app_context():
        task = draft()
        ref = Ref("core.task", task.id)
        first = services.issue("core.handoff", ref, actor, "en").number
        edit_task(task.id, actor, Draft("Second title", task.brief, store_id=task.store_id))
        second = services.issue("core.handoff", ref, actor, "en").number
        today, number, store = localtime.today(), task.number, task.store_id
        assert db.session.scalar(select(Task.title)) == "Second title"
    browser = as_user(wang)

    def listed(query, who=browser):
        rows = csv.DictReader(io.StringIO(who.get(f"/documents?export=csv&{query}").text.lstrip("\ufeff")))
        return [row["Number"] for row in rows]

    assert (first[-4:], second[-4:]) == ("0001", "0002")
    assert listed("") == [second, first]
    assert listed("sort=number") == [first, second]
    assert listed(f"q={first}") == [first]
    assert listed(f"q={number}") == [second, first]
    assert listed(f"store={store}&kind=core.handoff&from={today}&to={today}") == [second, first]
    assert listed(f"from={today + timedelta(days=1)}") == listed("kind=design.proof") == listed("store=999") == []
    assert listed("", as_user("mei", teams={"design": "lead"})) == []
    page = browser.get("/documents").text
    assert f'href="/documents/{first}"' in page
    assert f"{number} Second title" in page
    assert "素禾旗舰店" in page


def test_the_list_does_not_read_what_documents_say(app, draft, actor):
    with app.test_request_context("/documents"):
        services.issue("core.handoff", Ref("core.task", draft().id), actor, "en")
        db.session.expunge_all()
        row = DOCUMENTS.page(actor, {}).items[0]

        assert isinstance(row, Document)
        assert "snapshot" not in row.__dict__
