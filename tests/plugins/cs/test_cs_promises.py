"""A promise is confirmed, approved once, handed to finance, paid once, and never beside a refund."""

from datetime import date

import pytest
from sqlalchemy import select

from core.board import contents
from core.extensions import db
from core.imports import undoing
from core.imports.models import ImportBatch
from core.messages import Refusal
from core.questions import asked
from core.testing.jobs import run_pending
from plugins.cs import promises
from plugins.cs.models import Promise
from tests.fixtures import cases as files

NUMBERS = ["154839030206893571", "154839030206893572", "154839030206893573"]


@pytest.fixture
def found(desk):
    """Three drafts of 39.10, 5.00 and 12.50 yuan; their ids."""
    notes = ["退39.1 莲", "好评返现 返5", "补差价12.5"]
    desk.bring("o.csv", files.orders(*map(files.order, NUMBERS, notes)))
    desk.read_notes()
    return list(db.session.scalars(select(Promise.id).order_by(Promise.id)))


def test_drafts_go_when_their_orders_are_taken_back_and_what_somebody_confirmed_stays(desk, found):
    promises.step(found[:1], "confirm", desk.actor("an"))
    batch = db.session.scalar(select(ImportBatch.id))
    undoing.undo(batch, desk.actor("gao"))
    run_pending()

    assert states() == ["confirmed"]


def states():
    db.session.rollback()
    return list(db.session.scalars(select(Promise.state).order_by(Promise.id)))


def told(desk):
    found = asked("promised_payments", store_id=desk.store().id, first=date(2026, 11, 1), last=date(2026, 11, 1))
    return [(each.order_no, each.amount) for each in found]


def approved(desk, ids):
    promises.step(ids, "confirm", desk.actor("an"))
    return promises.step(ids, "approve", desk.actor("hui"))


def test_promises_go_to_finance_as_one_task_and_are_paid_when_it_is_signed_off(desk, found):
    assert approved(desk, found) == (3, [])
    task = promises.hand_over(desk.store().id, desk.actor("hui"))

    assert (task.type, task.responsible_team, task.state) == ("cs.payment", "finance", "offered")
    assert (task.brief["amount"], task.brief["count"]) == (5660, 3)
    assert states() == ["handed"] * 3
    for verb, who in (("accept", "jin"), ("start", "jin"), ("deliver", "jin")):
        desk.move(task, verb, who)
    contents.set_check(task.id, "paid", "pass", "", desk.actor("hui"))
    desk.move(task, "sign_off", "hui")

    assert states() == ["paid"] * 3
    assert told(desk) == list(zip(NUMBERS, [3910, 500, 1250], strict=True))
    with pytest.raises(Refusal):
        promises.hand_over(desk.store().id, desk.actor("hui"))
    assert promises.step(found, "confirm", desk.actor("an"))[0] == 0


def test_a_refund_of_the_same_order_blocks_approval(desk, found):
    desk.bring("r.csv", files.refunds(files.refund("26110301", NUMBERS[0], "39.10")))

    done, refused = approved(desk, found)

    assert (done, len(refused)) == (2, 1)
    assert NUMBERS[0] in str(refused[0]) and "26110301" in str(refused[0]) and "39.10" in str(refused[0])
    assert states() == ["confirmed", "approved", "approved"]


def test_a_closed_case_gives_no_money_back_and_blocks_nothing(desk, found):
    desk.bring("r.csv", files.refunds(files.refund("26110301", NUMBERS[0], "39.10", 退款状态="退款关闭")))

    assert approved(desk, found)[0] == 3


def test_an_order_that_says_itself_that_it_was_refunded_blocks_too(desk, found):
    desk.bring("o2.csv", files.orders(files.order(NUMBERS[1], "好评返现 返5", refunded="59.00")))

    assert approved(desk, found)[0] == 2
    assert states()[1] == "confirmed"


def test_a_refund_that_comes_later_stops_finance(desk, found):
    approved(desk, found)
    task = promises.hand_over(desk.store().id, desk.actor("hui"))
    desk.bring("r.csv", files.refunds(files.refund("26110301", NUMBERS[0], "39.10")))

    with pytest.raises(Refusal, match="26110301"):
        desk.move(task, "accept", "jin")


def test_a_task_that_is_cancelled_gives_its_promises_back(desk, found):
    approved(desk, found)
    task = promises.hand_over(desk.store().id, desk.actor("hui"))
    desk.move(task, "cancel", "hui", text="重做")

    assert states() == ["approved"] * 3
    assert promises.hand_over(desk.store().id, desk.actor("hui")).number != task.number


def test_dropping_needs_a_reason_and_what_is_dropped_is_not_told(desk, found):
    with pytest.raises(Refusal):
        promises.step(found, "drop", desk.actor("an"))
    promises.step(found[:1], "drop", desk.actor("an"), "不是承诺")
    approved(desk, found[1:])

    assert states() == ["dropped", "approved", "approved"]
    assert told(desk) == [(NUMBERS[1], 500), (NUMBERS[2], 1250)]


def test_only_a_lead_approves(desk, found, browse):
    promises.step(found, "confirm", desk.actor("an"))
    form = {"step": "approve", "ids": [str(each) for each in found]}

    assert browse("an").post("/cs/promises?state=confirmed", data=form).status_code == 403
    assert browse("hui").post("/cs/promises?state=confirmed", data=form).status_code == 303
    assert states() == ["approved"] * 3
