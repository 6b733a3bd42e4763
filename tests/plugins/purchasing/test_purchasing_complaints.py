"""Complaints that suppliers answer for: whose they are, how they are judged, when they count."""

import io

import pytest

from core.board import contents, moves, services
from core.contracts import Actor
from core.files import services as files
from core.messages import Refusal
from plugins.purchasing import complaints, suppliers

UPHELD = {"verdict": "upheld", "quantity": 3, "answer": "内袋热封不牢，已换线。"}


@pytest.fixture
def complain(shop):
    """A complaint that operations handed over and a buyer accepted: ``complain(cause="quality")``."""

    def hand_over(**brief):
        brief = {"what": "袋子漏气。", "cause": "damaged", "merchant_code": "A-1", "quantity": 3, **brief}
        draft = services.Draft("草莓脆漏气", brief, store_id=shop.store.id)
        task = services.draft_task(shop.actor("li"), "purchasing.supplier_complaint", "operations", draft)
        moves.move(task.id, "offer", shop.actor("li"))
        return moves.move(task.id, "accept", shop.actor("cai"))

    return hand_over


def answer(shop, task, **given):
    """Judge a complaint and have the answer signed off."""
    found = complaints.of_task(task)
    complaints.judge(task.id, shop.actor("cai"), found.version, {**UPHELD, "supplier_id": found.supplier_id, **given})
    for verb in ("start", "deliver"):
        moves.move(task.id, verb, shop.actor("cai"))
    contents.set_check(task.id, "asked", "pass", "", shop.actor("li"))
    return moves.move(task.id, "sign_off", shop.actor("li"))


def test_an_upheld_complaint_counts_against_who_delivered_last_once_it_is_signed_off(shop, complain):
    shop.offer(supplier=shop.other)  # asked first, but has never delivered
    shop.receive(shop.sent(), A_1=(90, 5), B_2=(5, 0))
    task = complain()
    before = suppliers.scores()[shop.supplier.id]

    assert (before.came, before.complained, before.complaint_share) == (100, 0, 0)
    answer(shop, task)
    after = suppliers.scores()[shop.supplier.id]
    assert (after.complaints, after.complaint_share.as_integer_ratio()) == ({"damaged": 3}, (3, 100))
    (told,) = complaints.of_supplier(shop.supplier.id)
    assert (told.task.number, told.merchant_code, told.counted_at is not None) == (task.number, "A-1", True)


def test_a_newer_file_on_a_signed_answer_takes_it_out_of_the_score_until_it_is_signed_again(shop, complain):
    shop.offer()
    task = answer(shop, complain())
    paper = files.open_upload(io.BytesIO(b"%PDF-1.4\n%%EOF"), ("pdf",), "质检报告.pdf")
    contents.add_file(task.id, "evidence", paper, shop.actor("cai"))

    assert suppliers.scores() == {}
    contents.set_check(task.id, "asked", "pass", "", shop.actor("li"))
    moves.move(task.id, "sign_off", shop.actor("li"))
    assert suppliers.scores()[shop.supplier.id].complained == 3


def test_what_is_not_the_suppliers_fault_is_kept_and_does_not_count(shop, complain):
    shop.offer()
    answer(shop, complain(), verdict="not_theirs")

    assert suppliers.scores() == {}
    assert [each.verdict for each in complaints.of_supplier(shop.supplier.id)] == ["not_theirs"]


def test_a_complaint_is_not_delivered_before_it_is_judged_nor_upheld_against_nobody(shop, complain):
    task = complain(merchant_code="X-9")
    moves.move(task.id, "start", shop.actor("cai"))

    with pytest.raises(Refusal, match="at fault"):
        moves.move(task.id, "deliver", shop.actor("cai"))
    with pytest.raises(Refusal, match="Name the supplier"):
        complaints.judge(task.id, shop.actor("cai"), None, {**UPHELD, "supplier_id": None})


def test_a_supplier_without_a_delivery_has_complaints_and_no_share(shop, complain):
    shop.offer()
    answer(shop, complain(cause="quality", quantity=2), quantity=2)
    score = suppliers.scores()[shop.supplier.id]

    assert (score.complaints, score.complaint_share) == ({"quality": 2}, None)


def test_who_signs_a_complaint_off_sees_the_verdict_and_only_a_buyer_judges(shop, complain, browse):
    task = complain()
    page = browse("li").get(f"/purchasing/complaints/{task.number}").text

    assert "not judged yet" in page
    assert "Store the verdict" not in page
    assert "Store the verdict" in browse("cai").get(f"/purchasing/complaints/{task.number}").text
    assert browse("li").post(f"/purchasing/complaints/{task.number}", data=UPHELD).status_code == 403
    refused = browse("cai").post(f"/purchasing/complaints/{task.number}", data={"verdict": "", "quantity": "0"})
    assert refused.status_code == 422
    assert "At least one piece." in refused.text


def test_a_complaint_of_no_store_is_taken_over_without_a_supplier(shop):
    draft = services.Draft("漏气", {"what": "漏气", "cause": "quality", "merchant_code": "A-1"})
    lin = Actor(shop.people["li"].id, "li", {"operations": "member"})
    task = services.draft_task(lin, "purchasing.supplier_complaint", "operations", draft)
    moves.move(task.id, "offer", lin)
    moves.move(task.id, "accept", shop.actor("cai"))
    found = complaints.of_task(task)

    assert (found.supplier_id, found.quantity, found.cause) == (None, 1, "quality")
