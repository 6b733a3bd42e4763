"""A damaged parcel from the complaint to the end: three teams at once, each signs off, the money is paid once."""

from sqlalchemy import select

from core.board import contents
from core.extensions import db
from plugins.cs import handing
from plugins.cs.models import Promise
from plugins.logistics.models import Claim
from tests.fixtures import cases as files

ORDER, WAYBILL = "154839030206893571", "75120001112233"


def through(desk, task, who, checks):
    """Have another team do a part, and sign it off as the agent who asked for it."""
    for verb in ("accept", "start", "deliver"):
        desk.move(task, verb, who)
    for name in checks:
        contents.set_check(task.id, name, "pass", "", desk.actor("an"))
    return desk.move(task, "sign_off", "an")


def test_a_damaged_parcel_is_checked_claimed_and_paid_for_before_its_ticket_closes(desk):
    desk.bring("o.csv", files.orders(files.order(ORDER, waybill=WAYBILL)))
    ticket = desk.ticket(cause="damaged", order_no=ORDER, channel="wangwang")
    desk.set(ticket, amount=1800)
    desk.evidence(ticket)
    made, left = handing.hand_out(ticket.id, handing.usual(desk.beside(ticket)), desk.actor("an"))

    assert left == []
    check, claim, payment = made
    assert [child.type for child in made] == ["logistics.warehouse_check", "logistics.courier_claim", "cs.payment"]
    assert claim.brief["waybill_no"] == WAYBILL
    through(desk, check, "cang", ["looked", "cause"])
    through(desk, claim, "cang", ["sent", "result"])
    registered = db.session.scalar(select(Claim))
    assert (registered.subject, registered.amount, registered.kind) == (WAYBILL, 1800, "damaged")
    assert db.session.scalar(select(Promise.state)) == "handed"
    through(desk, payment, "jin", ["paid"])
    db.session.rollback()
    assert db.session.scalar(select(Promise.state)) == "paid"

    desk.move(ticket, "start", "an")
    desk.move(ticket, "deliver", "an")
    for name in ("told", "kept"):
        contents.set_check(ticket.id, name, "pass", "", desk.actor("an"))
    assert desk.move(ticket, "sign_off", "an").state == "done"
    parts = handing.parts_of(desk.fresh(ticket), desk.actor("an"))
    assert [(part.state, part.holder) for part in parts] == [("done", "cang"), ("done", "cang"), ("done", "jin")]
