"""Tickets: their clocks, playbooks, parts, merging, and who looks at them."""

import pytest
from sqlalchemy import select

from core.board import contents, notices
from core.board.models import Task
from core.extensions import db
from core.messages import Refusal
from core.testing.jobs import run_pending
from plugins.cs import handing, tickets
from plugins.cs.models import Promise
from tests.fixtures import cases as files

ORDER = "154839030206893571"


def deliver(desk, task, who="an"):
    desk.move(task, "start", who)
    return desk.move(task, "deliver", who)


def refusal(work):
    with pytest.raises(Refusal) as told:
        work()
    return " ".join(map(str, told.value.reasons))


def test_a_later_file_moves_the_platforms_deadline_of_an_open_ticket_or_ends_it(desk):
    desk.bring("r.csv", files.refunds(files.refund("26110301", ORDER)))
    task = desk.ticket("cs.after_sale", case_no="26110301", cause="damaged")
    agreed = {"退款状态": "卖家已经同意退款，等待买家退货", "超时时间": "2026-11-12 09:00:00"}
    for told, due in ((agreed, "2026-11-12T01:00:00+00:00"), ({"退款状态": "退款成功"}, None)):
        desk.bring("r.csv", files.refunds(files.refund("26110301", ORDER, **told)))
        run_pending()
        found = desk.beside(task).platform_due_at
        assert (found.isoformat() if found else None) == due


def test_a_ticket_finds_its_order_case_and_playbook_and_keeps_both_clocks(desk):
    desk.bring("o.csv", files.orders(files.order(ORDER)))
    desk.bring("r.csv", files.refunds(files.refund("26110301", ORDER)))
    task = desk.ticket("cs.after_sale", order_no=ORDER, case_no="26110301", cause="damaged", answered=False)

    ticket = desk.beside(task)
    assert (ticket.order.order_no, ticket.amount, ticket.playbook.code) == (ORDER, 1990, "damaged")
    assert ticket.payer == "courier"
    assert ticket.platform_due_at.isoformat() == "2026-11-05T01:00:00+00:00"
    assert desk.fresh(task).leg_due_at is not None
    assert ticket.replied_at is None
    desk.move(task, "accept", "an")
    assert desk.beside(task).replied_at is not None
    assert desk.fresh(task).leg_team == "cs"


def test_a_ticket_of_operations_gets_its_row_too(desk):
    from core.board import services
    from core.board.services import Draft

    task = services.draft_task(desk.actor("gao"), "cs.inquiry", "operations", Draft("问", {"what": "什么时候发"}))

    assert desk.beside(task).channel == "wangwang"


def test_a_complaint_is_not_delivered_against_its_playbook(desk):
    task = desk.ticket()
    desk.move(task, "start", "an")

    assert "cause" in refusal(lambda: desk.move(task, "deliver", "an"))
    desk.set(task, cause="damaged", amount=5000)
    said = refusal(lambda: desk.move(task, "deliver", "an"))
    assert "30.00" in said and "evidence" in said
    desk.evidence(task)
    tickets.approve(task.id, desk.actor("hui"), None, beyond=False)
    assert desk.move(task, "deliver", "an").state == "delivered"
    assert desk.beside(task).resolved_at is not None


def test_another_amount_voids_the_approval_and_a_large_one_is_for_operations(desk):
    task = desk.ticket(cause="damaged")
    desk.set(task, amount=5000)
    tickets.approve(task.id, desk.actor("hui"), None, beyond=False)
    desk.set(task, amount=50_000)

    assert desk.beside(task).approved_at is None
    with pytest.raises(Refusal):
        tickets.approve(task.id, desk.actor("hui"), None, beyond=False)
    assert tickets.approve(task.id, desk.actor("gao"), None, beyond=True).approved_by_id == desk.people["gao"].id
    assert "approved" in str(notices.recent(desk.people["an"].id)[0].text)


@pytest.mark.parametrize(("amount", "told", "reads"), [(5000, "hui", False), (50_000, "gao", True)])
def test_the_lead_who_may_approve_an_amount_is_asked_and_may_read_the_ticket(desk, amount, told, reads):
    task = desk.ticket(cause="damaged")
    assert "no amount" in refusal(lambda: tickets.ask_approval(task.id, desk.actor("an")))
    desk.set(task, amount=amount)
    tickets.ask_approval(task.id, desk.actor("an"))

    news = {name: notices.recent(desk.people[name].id) for name in ("hui", "gao")}
    asked = {name: [each.params["amount"] for each in rows if "amount" in each.params] for name, rows in news.items()}
    assert asked == {"hui": [], "gao": []} | {told: [f"{amount // 100}.00"]}
    mine = select(Task.id).where(Task.visible_to(desk.actor("gao")))
    assert (db.session.scalar(mine) is not None) is reads


def test_a_damaged_parcel_goes_to_three_teams_and_the_ticket_waits_for_all(desk):
    desk.bring("o.csv", files.orders(files.order(ORDER)))
    task = desk.ticket(cause="damaged", order_no=ORDER)
    desk.set(task, amount=1800)
    made, left = handing.hand_out(task.id, ["refund", "warehouse", "courier_claim"], desk.actor("an"))

    assert [child.type for child in made] == ["logistics.warehouse_check", "logistics.courier_claim", "cs.payment"]
    assert [child.state for child in made] == ["offered", "draft", "offered"]  # no waybill is known for the claim
    assert len(left) == 1 and made[1].number in str(left[0])
    parts = handing.parts_of(desk.fresh(task), desk.actor("an"))
    assert [(part.number, part.state, part.holder) for part in parts] == [
        (child.number, child.state, "") for child in made
    ]
    desk.evidence(task)
    deliver(desk, task)
    for name in ("told", "kept"):
        contents.set_check(task.id, name, "pass", "", desk.actor("an"))
    assert made[0].number in refusal(lambda: desk.move(task, "sign_off", "an"))
    for child in made:
        desk.move(child, "cancel", "an", text="不用了")
    assert desk.move(task, "sign_off", "an").state == "done"


def test_parts_in_order_wait_for_each_other(desk):
    task = desk.ticket(cause="wrong_item")
    made, _ = handing.hand_out(task.id, ["warehouse", "page_fix"], desk.actor("an"), "核对", in_order=True)
    desk.move(made[0], "accept", "cang")

    parts = handing.parts_of(desk.fresh(task), desk.actor("an"))
    assert [part.waits_for for part in parts] == [(), (made[0].number,)]
    assert parts[0].holder == "cang"


def test_a_payment_is_promised_once_and_not_above_the_limit(desk):
    desk.bring("o.csv", files.orders(files.order(ORDER)))
    task = desk.ticket(cause="damaged", order_no=ORDER)
    desk.set(task, amount=5000)
    assert "approved" in refusal(lambda: handing.hand_out(task.id, ["refund"], desk.actor("an")))
    desk.set(task, amount=1800)
    handing.hand_out(task.id, ["refund"], desk.actor("an"))

    assert "already" in refusal(lambda: handing.hand_out(task.id, ["refund"], desk.actor("an")))
    assert [(each.key, each.state) for each in db.session.scalars(select(Promise))] == [(f"{ORDER}:1800", "handed")]
    assert len(list(db.session.scalars(select(Task.id).where(Task.type == "cs.payment")))) == 1


def test_merging_moves_parts_and_records_and_closes_the_other(desk):
    first, second = desk.ticket(), desk.ticket(answered=False)
    made, _ = handing.hand_out(second.id, ["warehouse"], desk.actor("an"), "看看")
    other = tickets.merge(second.id, f" {first.number.lower()}", desk.actor("an"))

    assert other.id == first.id
    assert desk.fresh(second).state == "cancelled"
    assert desk.beside(second).merged_into_id == first.id
    assert desk.fresh(made[0]).parent_id == first.id
    with pytest.raises(Refusal):
        tickets.merge(first.id, first.number, desk.actor("an"))


@pytest.mark.parametrize("who", ["an", "hui"])
def test_whoever_works_on_tickets_merges_one_in_hand(desk, who):
    first, second = desk.ticket(), desk.ticket()
    desk.move(second, "start", "an")
    desk.move(desk.fresh(second), "wait", "an", waiting_for="buyer", text="等买家")
    tickets.merge(second.id, first.number, desk.actor(who))

    assert desk.fresh(second).state == "cancelled"


def test_two_who_look_at_a_ticket_are_told_of_each_other(desk):
    task = desk.ticket()

    assert tickets.here(task.id, desk.actor("an")) == []
    assert tickets.here(task.id, desk.actor("bo")) == ["an"]
    assert tickets.here(task.id, desk.actor("an")) == ["bo"]


def test_evidence_goes_with_the_parts_that_need_it_and_the_supplier_is_told_of_what_it_pays_for(desk):
    desk.bring("o.csv", files.orders(files.order(ORDER)))
    task = desk.ticket(cause="quality", order_no=ORDER, merchant_code="GY-1")
    desk.evidence(task)
    desk.set(task, amount=500)

    assert handing.usual(desk.beside(task)) == ("supplier", "refund")
    desk.set(task, cause="damaged")
    desk.set(task, payer="supplier")
    assert handing.usual(desk.beside(task)) == ("warehouse", "courier_claim", "refund", "supplier")
    made, _ = handing.hand_out(task.id, ["supplier", "refund"], desk.actor("an"))
    payment, complaint = (desk.fresh(each) for each in made)
    assert complaint.type == "purchasing.supplier_complaint"
    assert (complaint.brief["cause"], complaint.brief["merchant_code"]) == ("damaged", "GY-1")
    assert [(each.slot, each.file.name) for each in complaint.files] == [("brief", "破损.png")]
    assert payment.files == []


def test_what_the_buyer_asks_for_is_what_the_ticket_begins_with_and_may_be_taken_back(desk):
    task = desk.ticket("cs.after_sale", amount=1250)
    assert desk.beside(task).amount == 1250

    tickets.edit(task.id, desk.actor("an"), desk.beside(task).version, {"amount": None})
    desk.move(desk.fresh(task), "start", "an")
    assert desk.beside(task).amount is None
