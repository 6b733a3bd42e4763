"""Issuing, printing, sealing and verifying documents, on a real task."""

import io
import random
from zoneinfo import ZoneInfo

import pypdfium2
import pytest
import zxingcpp
from PIL import Image
from sqlalchemy import text

from core.audit import services as audit
from core.board import contents, moves
from core.board.services import Draft, edit_task
from core.columns import now
from core.contracts import DocumentType, Ref
from core.documents import printing, services
from core.documents.models import Document, DocumentPrint
from core.documents.rules import digest
from core.extensions import db
from core.files import services as files
from core.messages import Refusal, msg
from core.registry import registry
from core.testing.jobs import run_pending
from core.transactions import transaction

KIND = "core.handoff"


@pytest.fixture
def task(in_app, draft):
    return draft()


def about(task):
    return Ref("core.task", task.id)


def rename(task, actor, title):
    edit_task(task.id, actor, Draft(title, task.brief, store_id=task.store_id))


def picture() -> io.BytesIO:
    out = io.BytesIO()
    Image.effect_mandelbrot((640, 400), (-2, -1.5, 1, 1.5), 40).convert("RGB").save(out, "PNG")
    out.seek(0)
    out.name = "首屏_800x800.png"
    return out


def through(task, actor, *verbs):
    for verb in verbs:
        moves.move(task.id, verb, actor, {})


def printed(document) -> bytes:
    run_pending()
    db.session.expire_all()
    assert services.last_job(document).state == "done"
    return files.read(document.printed.file)


def issued(task, actor, language="zh"):
    document = services.issue(KIND, about(task), actor, language)
    printed(document)
    return document


def test_documents_of_one_day_are_numbered_one_after_another(task, actor):
    today = f"{now().astimezone(ZoneInfo('Asia/Shanghai')):%Y%m%d}"
    numbers = [services.issue(KIND, about(task), actor, language).number for language in ("zh", "en")]
    assert numbers == [f"HND-{today}-0001", f"HND-{today}-0002"]


def test_the_sheet_says_what_the_task_says(task, actor, text_of):
    through(task, actor, "offer", "accept", "start")
    contents.add_file(task.id, "result", files.open_upload(picture(), ("image",)), actor)
    through(task, actor, "deliver")
    contents.set_check(task.id, "done_as_asked", "pass", "很好", actor)
    through(task, actor, "sign_off")
    document = services.issue(KIND, about(task), actor)
    pdf = printed(document)
    words = text_of(pdf)
    for expected in (
        document.number,
        task.number,
        "详情页改版𠮷祥",
        "素禾旗舰店",
        "双12主会场:羊绒大衣「雾灰」首屏,¥1,680.32起。",
        "https://example.com/?a=1&b=2",
        "首屏_800x800.png",
        task.files[0].sha256,
        document.snapshot_sha256[:12],
        document.snapshot["moment"]["log"]["hash"],
        "很好王小雨",
    ):
        assert expected in words
    assert len(list(pypdfium2.PdfDocument(pdf)[0].get_objects(filter=[pypdfium2.raw.FPDF_PAGEOBJ_IMAGE]))) == 1


def test_a_long_brief_is_printed_whole_and_in_order(task, actor, text_of):
    chance = random.Random(5)
    rows = [bytes([high, low]).decode("gb2312") for high in range(0xB0, 0xD7) for low in range(0xA1, 0xFE)]
    said = "".join(chance.choices(rows, k=4500)) + "0123456789,.¥%"
    edit_task(task.id, actor, Draft("长需求", {"what": said}, store_id=task.store_id))
    document = issued(task, actor)
    words = text_of(files.read(document.printed.file))
    pages = len(pypdfium2.PdfDocument(files.read(document.printed.file)))
    pieces = [said[at : at + 20] for at in range(0, len(said), 20)]
    broken = [piece for piece in pieces if piece not in words]
    assert pages >= 3
    assert len(broken) < pages  # only a piece that a page's end falls into
    assert all(words.count(character) >= said.count(character) for character in set(said))


def test_the_printed_code_leads_to_the_document(task, actor):
    document = issued(task, actor)
    page = pypdfium2.PdfDocument(files.read(document.printed.file))[0].render(scale=2).to_pil()
    assert [code.text for code in zxingcpp.read_barcodes(page)] == [f"http://localhost/v/{document.token}"]


def test_an_issued_document_prints_the_same_bytes_whenever_it_is_printed(task, actor):
    document = issued(task, actor)
    first, _ = printing.paint(document)
    rename(task, actor, "另一个标题")
    assert printing.paint(document)[0] == first == files.read(document.printed.file)


def test_asking_again_while_nothing_changed_gives_the_same_document(task, actor):
    document = issued(task, actor)
    contents.comment(task.id, "看过了", actor)
    assert services.issue(KIND, about(task), actor, "zh").id == document.id
    assert services.standing(document) == "current"


def test_a_document_is_current_then_changed_then_superseded(task, actor):
    first = issued(task, actor)
    assert services.standing(first) == "current"
    rename(task, actor, "另一个标题")
    assert services.standing(first) == "changed"
    second = services.issue(KIND, about(task), actor, "zh")
    assert (second.supersedes_id, services.standing(first)) == (first.id, "changed")  # it takes over when printed
    printed(second)
    assert services.standing(first) == "superseded"
    assert services.superseded_by(first).id == second.id
    assert services.standing(second) == "current"


def test_the_other_language_stands_beside(task, actor, text_of):
    chinese, english = issued(task, actor, "zh"), issued(task, actor, "en")
    assert (services.standing(chinese), services.standing(english)) == ("current", "current")
    assert "Handoffsheet" in text_of(files.read(english.printed.file))


@pytest.mark.parametrize("table", ["document", "document_print"])
@pytest.mark.parametrize("change", ["UPDATE {} SET {} = 'x'", "DELETE FROM {}"])
def test_the_database_refuses_to_change_what_was_issued(task, actor, table, change):
    issued(task, actor)
    column = {"document": "number", "document_print": "sha256"}[table]
    with pytest.raises(Exception, match="never changed"), transaction() as session:
        session.execute(text(change.format(table, column)))
    assert len(db.session.scalars(db.select(Document)).all()) == 1


def test_the_mapped_rows_refuse_too(task, actor):
    document = issued(task, actor)
    for row, change in ((document, {"issuer": "x"}), (document.printed, {"sha256": "x"})):
        with pytest.raises(RuntimeError, match="never changed"), transaction() as session:
            found = session.merge(row)
            for name, value in change.items():
                setattr(found, name, value)
        with pytest.raises(RuntimeError, match="never changed"), transaction() as session:
            session.delete(session.merge(row))


def test_a_document_is_printed_once_however_often_it_is_asked_for(task, actor):
    document = services.issue(KIND, about(task), actor)
    services.print_soon(document, actor)
    services.print_soon(document, actor)
    services.ask_for_print(document, actor)
    run_pending()
    assert len(db.session.scalars(db.select(DocumentPrint)).all()) == 1


def test_a_character_without_a_glyph_is_marked_and_named(task, actor, text_of):
    rename(task, actor, "双12🎉㛃𠮷")
    document = issued(task, actor)
    words = text_of(files.read(document.printed.file))
    assert "双12〓㛃𠮷" in words
    assert "U+1F389" in words
    assert document.printed.missing == "U+1F389"


def test_a_document_that_cannot_be_printed_keeps_its_number_and_says_why(task, actor, monkeypatch):
    monkeypatch.setattr("core.documents.render.LARGEST", 10)
    document = services.issue(KIND, about(task), actor, "zh")
    services.print_soon(document, actor)
    job = services.last_job(document)
    assert (document.printed, job.state) == (None, "failed")
    assert job.error == msg("The document is too large to be printed.")
    monkeypatch.undo()
    services.print_soon(document, actor)
    assert document.printed is not None
    assert services.issue(KIND, about(task), actor, "zh").number == document.number


def test_what_a_document_keeps_is_what_its_digest_was_made_of(task, actor):
    document = issued(task, actor)
    db.session.expire_all()
    assert digest(document.snapshot) == document.snapshot_sha256


def test_a_document_nobody_offers_is_refused(task, actor):
    for kind, subject in (("core.none", about(task)), (KIND, Ref("core.order", 1)), (KIND, Ref("core.task", 99))):
        with pytest.raises(Refusal):
            services.issue(kind, subject, actor)


def test_a_document_of_a_plugin_that_is_gone_cannot_be_compared(task, actor, monkeypatch):
    document = issued(task, actor)
    monkeypatch.delitem(registry().documents, KIND)
    assert services.standing(document) == "unknown"


def test_news_of_a_document_come_when_its_pdf_is_there(task, actor, monkeypatch):
    told = []
    monkeypatch.setattr("core.plugins.tell", lambda hook, **given: told.append((hook, given.get("document"))))
    document = services.issue(KIND, about(task), actor)
    assert told == []
    run_pending()
    assert [(hook, row.number) for hook, row in told] == [("document_issued", document.number)]


def test_issuing_and_printing_are_in_the_log(task, actor):
    document = issued(task, actor)
    assert audit.last_event(about(task)).data["number"] == document.number
    sealed = audit.last_event(Ref("core.document", document.id))
    assert (sealed.verb, sealed.data["sha256"]) == ("print_document", document.printed.sha256)


def test_a_template_that_asks_for_what_the_snapshot_lacks_is_named(task, actor, monkeypatch):
    offer = DocumentType(
        "x.note", "Note", "NOT", "documents/handoff.html", "1", lambda task: {"amount": 1}, "core.task"
    )
    monkeypatch.setitem(registry().documents, "x.note", offer)
    document = services.issue("x.note", about(task), actor)
    services.print_soon(document, actor)
    assert "template is faulty" in str(services.last_job(document).error)
