"""Pages of customer service as its people use them."""

from datetime import UTC, date, datetime
from urllib.parse import unquote

import pytest
from sqlalchemy import select

from core import localtime
from core.board.models import Task
from core.extensions import db
from core.testing.jobs import run_pending
from plugins.cs import feedback, figures, handing, members, promises, settings
from plugins.cs.models import AfterSale, Definition, Member, Playbook, Promise, Rating, Reply, Ticket
from tests.fixtures import cases as files

ORDER = "154839030206893571"
PAGES = (
    "/cs/",
    "/cs/tickets/new",
    "/cs/after-sales",
    "/cs/promises",
    "/cs/feedback",
    "/cs/feedback/ratings",
    "/cs/members",
)
PAGES += ("/cs/figures", "/cs/replies", "/cs/playbooks", "/cs/today")


def one(model):
    db.session.rollback()
    return db.session.scalars(
        select(model).order_by(model.id.desc() if hasattr(model, "id") else model.task_id)
    ).first()


@pytest.mark.parametrize("path", PAGES)
def test_every_page_stands_when_nothing_is_there(desk, browse, path):
    assert browse("hui").get(path).status_code == 200
    assert browse("jin").get(path).status_code == 403


def test_a_ticket_is_opened_answered_and_stands_in_the_queue(desk, browse):
    client = browse("an")
    form = {"title": "什么时候发货", "what": "昨天拍的", "priority": "1", "answered": "1", "channel": "wangwang"}
    assert client.post("/cs/tickets/new?type=cs.inquiry", data={**form, "what": ""}).status_code == 422
    form["platform_due_at"] = "2026-11-24T10:00"
    assert client.post("/cs/tickets/new?type=cs.inquiry", data={**form, "platform_due_at": "24"}).status_code == 422
    answer = client.post("/cs/tickets/new?type=cs.inquiry", data=form)

    task = db.session.scalar(select(Task))
    assert answer.location.endswith(f"/tasks/{task.number}")
    assert (task.state, task.holder_id) == ("accepted", desk.people["an"].id)
    assert desk.beside(task).platform_due_at == datetime(2026, 11, 24, 2, tzinfo=UTC)
    found = client.get("/cs/?tab=mine&q=发货").text
    assert ("什么时候发货" in found, 'href="?tab=closed&amp;q=%E5%8F%91%E8%B4%A7&amp;page=1"' in found) == (True, True)
    assert "什么时候发货" not in client.get("/cs/?tab=new").text
    table = client.get("/cs/?type=cs.inquiry&export=csv").text
    assert f"{task.number},什么时候发货," in table
    assert task.number not in client.get("/cs/?cause=damaged&export=csv").text
    assert client.get(f"/tasks/{task.number}").status_code == 200


def test_the_box_of_a_ticket_shows_playbook_parts_and_replies(desk, browse):
    reply = settings.write_reply(desk.actor("an"), "", {"title": "安抚", "text": "亲，抱歉", "tags": []})
    task = desk.ticket(cause="damaged")
    handing.hand_out(task.id, ["warehouse"], desk.actor("an"))
    client = browse("bo")

    assert "亲，抱歉" not in client.get(f"/cs/tickets/{task.number}/box").text
    browse("hui").post(f"/cs/replies/{reply.id}", data={"verdict": "approve"})
    box = client.get(f"/cs/tickets/{task.number}/box").text
    assert "亲，抱歉" in box and "LOG-1" in box and "开箱视频或破损照片" in box
    assert client.post(f"/cs/tickets/{task.number}/here").status_code == 200
    assert "bo looks at this ticket" in browse("an").post(f"/cs/tickets/{task.number}/here").text


def test_what_came_of_a_ticket_is_stored_and_a_stale_form_is_refused(desk, browse):
    task, client = desk.ticket(), browse("an")
    form = {"cause": "damaged", "payer": "courier", "amount": "18.00", "satisfaction": "4", "version": "1"}
    assert client.post(f"/cs/tickets/{task.number}", data={**form, "amount": "viel"}).status_code == 422
    assert client.post(f"/cs/tickets/{task.number}", data=form).status_code == 303

    ticket = one(Ticket)
    assert (ticket.cause, ticket.payer, ticket.amount, ticket.satisfaction) == ("damaged", "courier", 1800, 4)
    assert client.post(f"/cs/tickets/{task.number}", data=form).status_code == 409


def test_who_may_not_approve_is_refused(desk, browse):
    task = desk.ticket(cause="damaged")
    desk.set(task, amount=5000)

    assert browse("an").post(f"/cs/tickets/{task.number}/approve").status_code == 403
    assert f"/cs/tickets/{task.number}/ask" in browse("an").get(f"/cs/tickets/{task.number}/box").text
    assert browse("an").post(f"/cs/tickets/{task.number}/ask").status_code == 303
    assert browse("hui").post(f"/cs/tickets/{task.number}/approve").status_code == 303
    assert one(Ticket).approved_by_id == desk.people["hui"].id


def test_an_after_sale_case_becomes_a_ticket_with_the_platforms_clock(desk, browse):
    desk.bring("o.csv", files.orders(files.order(ORDER)))
    desk.bring("r.csv", files.refunds(files.refund("26110301", ORDER)))
    case, client = one(AfterSale), browse("an")
    assert "26110301" in client.get("/cs/after-sales").text
    assert client.get(f"/cs/after-sales/{case.id}").status_code == 200
    assert "26110301" in client.get(f"/cs/orders/{case.order_id}/box").text
    path = f"/cs/tickets/new?type=cs.after_sale&record=cs.after_sale:{case.id}"
    assert "罐子压坏了" in client.get(path).text
    client.post(path, data={"title": "退货", "what": "压坏了", "case_no": "26110301", "store": str(case.store_id)})

    assert one(Ticket).platform_due_at == case.due_at
    assert one(Ticket).after_sale_id == case.id


def test_comments_on_an_article_become_one_task(desk, browse):
    told = [files.rating(f"第{n}罐压坏了", at=f"2026-11-03 12:0{n}:00") for n in range(3)]
    desk.bring("p.csv", files.ratings(*told))
    client = browse("an")
    form = {"store": str(desk.store().id), "item": "7300000001", "cause": "damaged", "code": "ticket"}
    assert client.post("/cs/feedback", data=form).status_code == 303

    db.session.rollback()
    task = db.session.scalar(select(Task).where(Task.type == "cs.complaint"))
    assert task.brief["what"].count("压坏了") == 3
    assert {row.task_id for row in db.session.scalars(select(Rating))} == {task.id}
    assert client.post("/cs/feedback", data=form).status_code == 422
    rating = one(Rating)
    client.post(f"/cs/feedback/ratings/{rating.id}", data={"cause": "quality", "tags": "罐装 包装"})
    assert (one(Rating).cause, one(Rating).tags) == ("quality", ["包装", "罐装"])
    found = [
        f"/cs/feedback/ratings/{rating.id}" in client.get(f"/cs/feedback/ratings?tag={tag}").text
        for tag in ("罐装", "罐", "")
    ]
    assert found == [True, False, True]


def test_comments_on_bad_goods_go_to_the_suppliers_buyer_each_as_a_piece(desk, browse):
    told = [files.rating(f"第{n}罐有异味", at=f"2026-11-03 12:0{n}:00") for n in range(2)]
    desk.bring("p.csv", files.ratings(*told))
    form = {"store": str(desk.store().id), "item": "7300000001", "cause": "quality", "code": "supplier"}
    assert browse("an").post("/cs/feedback", data=form).status_code == 303

    db.session.rollback()
    task = db.session.scalar(select(Task).where(Task.type == "purchasing.supplier_complaint"))
    assert (task.state, task.brief["cause"], task.brief["quantity"]) == ("offered", "quality", 2)


def test_comments_are_counted_by_variant_too_and_one_variant_becomes_its_own_task(desk, browse):
    told = [("红", "第1罐压坏了"), ("红", "第2罐压坏了"), ("蓝", "第3罐压坏了")]
    desk.bring("p.csv", files.ratings(*(files.rating(text, 颜色分类=colour) for colour, text in told)))
    found = [(row.colour, row.count, row.open) for row in feedback.groups(by_variant=True)]
    assert found == [("红", 2, 2), ("蓝", 1, 1)]

    client = browse("an")
    form = {"store": str(desk.store().id), "item": "7300000001", "cause": "damaged", "code": "ticket", "variant": "红"}
    assert client.post("/cs/feedback?by=variant", data=form).status_code == 303
    db.session.rollback()
    found = [(row.variant, row.open) for row in feedback.groups(by_variant=True)]
    assert found == [("蓝", 1), ("红", 0)]
    assert 'name="variant" value="蓝"' in client.get("/cs/feedback?by=variant").text


def test_promises_are_confirmed_in_bulk_and_shown_with_what_blocks_them(desk, browse):
    desk.bring("o.csv", files.orders(files.order(ORDER, "退39.1"), files.order(ORDER[:-1] + "2", "退5")))
    desk.bring("r.csv", files.refunds(files.refund("26110301", ORDER)))
    desk.read_notes()
    assert one(Promise) is None  # the last import brought no orders

    promises.scan([order_id for (order_id,) in db.session.execute(select(AfterSale.order_id))] + [1, 2])
    client = browse("an")
    page = client.get("/cs/promises").text
    assert page.count("is refunded already") == 1
    found = client.get("/cs/promises?q=39.1").text
    assert (found.count('name="ids"'), "1 promises, ¥39.10 in all" in found) == (1, True)
    ids = list(db.session.scalars(select(Promise.id)))
    done = client.post("/cs/promises?state=draft&q=退&page=2", data={"step": "confirm", "ids": ids})
    assert (done.status_code, unquote(done.location)) == (303, "/cs/promises?state=draft&q=退")
    assert client.get(f"/cs/promises/{ids[0]}").status_code == 200
    assert "39.10" in client.get("/cs/promises?state=confirmed&export=csv").text


def test_a_definition_and_a_playbook_begin_on_a_day(desk, browse):
    client = browse("hui")
    frame = {"name": "自定", "since": "2026-11-01", "until": "", "within": "5", "days": "7"}
    assert client.post("/cs/figures?define=reply_rate", data=frame).status_code == 303
    assert one(Definition).parameters == {"within": 5, "days": 7}
    assert "自定" in client.get("/cs/figures?day=2026-11-02").text
    bare = client.post("/cs/figures?define=reply_rate", data={})
    assert (bare.status_code, bare.text.count("must be filled in.</")) == (422, 4)

    book = {"code": "damaged", "title": "新", "since": "2020-02-01", "member_limit": "10", "lead_limit": "20"}
    book |= {"payer": "store", "steps": ["warehouse"]}
    assert client.post("/cs/playbooks", data=book).status_code == 422
    assert client.post("/cs/playbooks", data={**book, "since": localtime.today().isoformat()}).status_code == 303
    assert (one(Playbook).member_limit, one(Playbook).steps) == (1000, ["warehouse"])
    assert desk.beside(desk.ticket(cause="damaged")).playbook_id == one(Playbook).id


def test_a_new_version_of_a_definition_ends_the_one_before_and_what_was_counted_stays(desk, browse):
    client, name = browse("hui"), "自定"
    old = {"name": name, "since": "2026-10-01", "until": "", "within": "5", "days": "7"}
    new = {**old, "since": "2026-11-01", "within": "3"}
    assert [client.post("/cs/figures?define=reply_rate", data=each).status_code for each in (old, new)] == [303, 303]
    assert client.post("/cs/figures?define=reply_rate", data={**old, "within": "9"}).status_code == 422

    for day, within in ((date(2026, 10, 31), 5), (date(2026, 11, 1), 3)):
        mine = [row for row in figures.table(day)["reply_rate"] if row.definition.name == name and row.holds]
        assert [row.definition.parameters["within"] for row in mine] == [within]
    version = one(Definition)
    assert f'value="{name}"' in client.get(f"/cs/figures?define=reply_rate&of={version.id}").text


def test_a_reply_is_a_new_version_until_a_lead_approves_it(desk, browse):
    client = browse("an")
    client.post("/cs/replies", data={"title": "催发货", "text": "今天发", "tags": "发货"})
    first = one(Reply)
    assert client.post(f"/cs/replies/{first.id}", data={"verdict": "approve"}).status_code == 403
    browse("hui").post(f"/cs/replies/{first.id}", data={"verdict": "approve"})
    client.post("/cs/replies", data={"code": first.code, "title": "催发货", "text": "明天发"})

    db.session.rollback()
    assert [row.text for row in settings.usable()] == ["今天发"]
    assert (one(Reply).code, one(Reply).version) == (first.code, 2)
    browse("hui").post(f"/cs/replies/{one(Reply).id}", data={"verdict": "approve"})
    db.session.rollback()
    assert [row.text for row in settings.usable("催")] == ["明天发"]
    page = client.get("/cs/replies").text
    assert page.index("明天发") < page.index("Earlier versions") < page.index("今天发")
    assert "明天发" in client.get("/cs/replies/found?q=催 明天").text
    for path in ("/cs/replies/found?q=退款", "/cs/replies?q=退款"):
        assert "明天发" not in client.get(path).text


def test_a_reach_list_holds_order_numbers_and_nobody(desk, browse):
    desk.bring("o.csv", files.orders(files.order(ORDER, paid="400.00"), files.order("154839030206893572")))
    members.refresh(desk.store().id)
    answer = browse("an").get("/cs/members?tier=vip&export=csv")

    lines = answer.text.strip().splitlines()
    assert len(lines) == 2 and ORDER in lines[1]
    assert "某买家" not in answer.text
    assert browse("an").get(f"/cs/members/{one(Member).id}").status_code == 200


def test_other_bounds_of_tiers_hold_for_the_members_there_are(desk, browse):
    desk.bring("o.csv", files.orders(files.order(ORDER, paid="400.00")))
    members.refresh(desk.store().id)
    frame = {"name": "T", "since": "2026-01-01", "vip_from": "500", "svip_from": "900"}

    assert one(Member).tier == "vip"
    assert browse("hui").post("/cs/figures?define=tier", data=frame).status_code == 303
    run_pending()
    assert one(Member).tier == "new"


def test_a_whole_list_of_members_is_tagged_at_once_and_untagged_by_its_tag(desk, browse):
    numbers = ("154839030206893571", "154839030206893572", "154839030206893573")
    desk.bring(
        "o.csv", files.orders(*(files.order(number, paid="400.00") for number in numbers[:2]), files.order(numbers[2]))
    )
    members.refresh(desk.store().id)

    def tags():
        db.session.rollback()
        return [row.tags for row in db.session.scalars(select(Member).order_by(Member.spent.desc(), Member.id))]

    agent = browse("an")
    assert agent.post("/cs/members?tier=vip", data={"tags": "双11 回访"}).location == "/cs/members?tier=vip"
    assert sorted(tags()) == [[], ["双11", "回访"], ["双11", "回访"]]
    agent.post("/cs/members", data={"tags": "双11 a b c d e f g h i"})  # ten is the most: two would carry eleven
    assert sorted(map(len, tags())) == [2, 2, 10]
    agent.post("/cs/members?tag=回访&endpoint=x", data={"tags": "双11", "off": "1"})
    assert sorted(tags(), key=len) == [["回访"], ["回访"], [*"abcdefghi", "双11"]]
    assert agent.post("/cs/members", data={"tags": " "}).status_code == 422
    assert browse("gao").post("/cs/members", data={"tags": "x"}).status_code == 403
