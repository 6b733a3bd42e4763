"""Refund management of both generations, ratings and shop scores; promises in the notes of orders."""

from datetime import date

import pytest
from sqlalchemy import select

from core.extensions import db
from core.questions import asked
from plugins.cs import members
from plugins.cs.models import AfterSale, Member, Promise, Rating, ShopScore
from tests.fixtures import cases as files

ORDER, OTHER = "154839030206893571", "154839030206893572"


def everything(model):
    db.session.rollback()
    return db.session.scalars(select(model).order_by(model.id)).all()


@pytest.mark.parametrize("header", [files.OLD, files.NEW])
def test_both_generations_of_refund_management_say_the_same(desk, header):
    report = desk.bring("退款.csv", files.refunds(files.refund("26110301", ORDER), header=header))

    assert (report["kind"], report["created"], report["rejected"]) == ("cs.after_sales", 1, [])
    (row,) = everything(AfterSale)
    assert (row.refund_no, row.order_no, row.amount, row.paid) == ("26110301", ORDER, 1990, 5900)
    assert (row.kind, row.status, row.phase) == ("refund_only", "applied", "in_sale")
    assert row.due_at.isoformat() == "2026-11-05T01:00:00+00:00"
    assert "13812345678" not in row.explanation


def test_a_later_export_moves_the_case_on_and_the_same_file_again_does_nothing(desk):
    first = files.refunds(files.refund("26110301", ORDER))
    desk.bring("a.csv", first)
    again = desk.bring("b.csv", first)
    later = desk.bring("c.csv", files.refunds(files.refund("26110301", ORDER, 退款状态="退款成功")))

    assert (again["created"], again["updated"], again["unchanged"]) == (0, 0, 1)
    assert (later["created"], later["updated"]) == (0, 1)
    assert [row.status for row in everything(AfterSale)] == ["refunded"]


def test_an_older_export_does_not_open_a_case_again_and_what_was_refunded_stays(desk):
    done = {"退款状态": "退款成功", "完结时间": "2026-11-06 10:00:00"}
    desk.bring("a.csv", files.refunds(files.refund("26110301", ORDER, **done)))
    older = files.refund("26110301", ORDER, "29.90", 买家退款原因="", 退货物流单号="SF1")
    desk.bring("b.csv", files.refunds(older))
    (row,) = everything(AfterSale)
    assert (row.status, row.amount, row.return_waybill_no) == ("refunded", 1990, "SF1")

    other = desk.bring("c.csv", files.refunds(files.refund("26110301", ORDER, "29.90", **done)))
    assert [(each["column"], each["value"]) for each in other["rejected"]] == [("买家退款金额", "29.90")]
    assert [row.amount for row in everything(AfterSale)] == [1990]


def test_an_export_from_before_the_goods_came_back_does_not_send_the_case_back(desk):
    back = {"退款状态": "买家已经退货，等待卖家确认收货", "买家退货时间": "2026-11-06 10:00:00"}
    desk.bring("a.csv", files.refunds(files.refund("26110301", ORDER, **back, 超时时间="2026-11-16 10:00:00")))
    desk.bring("b.csv", files.refunds(files.refund("26110301", ORDER, 退款状态="卖家已经同意退款，等待买家退货")))
    (row,) = everything(AfterSale)
    assert (row.status, row.due_at.isoformat()) == ("returned", "2026-11-16T02:00:00+00:00")


def test_two_amounts_of_one_case_or_two_scores_of_one_day_in_a_file_are_a_conflict(desk):
    cases = desk.bring("a.csv", files.refunds(files.refund("1", ORDER), files.refund("1", ORDER, "20.00")))
    days = [("2026-11-01", "4.8", "4.7", "4.9", "4.5"), ("2026-11-01", "4.8", "4.7", "4.6", "4.5")]
    scores = desk.bring("b.csv", files.scores(*days))
    assert [each["column"] for each in (*cases["rejected"], *scores["rejected"])] == ["买家退款金额", "服务态度"]


def test_rows_without_an_amount_are_listed_and_a_file_without_the_column_is_refused(desk):
    report = desk.bring("a.csv", files.refunds(files.refund("1", ORDER, ""), files.refund("2", ORDER, "-3.00")))
    header = [name for name in files.NEW if name != "买家退款金额"]

    assert (report["created"], len(report["rejected"])) == (0, 2)
    assert everything(AfterSale) == []
    with pytest.raises(AssertionError):
        assert desk.bring("b.csv", files.refunds(files.refund("1", ORDER), header=header))["kind"] == "cs.after_sales"


def test_ratings_lose_their_author_and_find_their_cause(desk):
    report = desk.bring("评价.csv", files.ratings(files.rating("压坏了"), files.rating("好吃", 评价分类="好评")))

    assert (report["kind"], report["created"]) == ("cs.ratings", 2)
    assert [(row.cause, row.grade) for row in everything(Rating)] == [("damaged", "差评"), ("", "好评")]
    assert "t**9" not in repr([vars(row) for row in everything(Rating)])


def test_scores_are_kept_in_hundredths(desk):
    desk.bring("dsr.csv", files.scores(("2026-11-20", "4.76", "4.81", "4.8", "4.5")))

    (row,) = everything(ShopScore)
    assert (row.key, row.logistics, row.description, row.service, row.overall) == ("2026-11-20", 476, 481, 480, 450)


def test_notes_become_drafts_once_however_often_they_are_read(desk):
    data = files.orders(
        files.order(ORDER, "前1000件 已登 退39.1 莲"),
        files.order(OTHER, "售后退款已退5"),
        files.order("154839030206893573"),
    )
    desk.bring("orders.csv", data)

    assert (desk.read_notes(), desk.read_notes()) == (2, 0)
    assert [(row.order_no, row.amount, row.state) for row in everything(Promise)] == [
        (ORDER, 3910, "draft"),
        (OTHER, 500, "said_paid"),
    ]
    assert asked("promised_payments", store_id=desk.store().id, first=date(2026, 1, 1), last=date(2027, 1, 1)) == []


def test_members_are_the_buyers_of_a_store_without_their_names(desk):
    same = "888888880206893571"  # ends as ORDER does: the same buyer
    desk.bring("o.csv", files.orders(files.order(ORDER), files.order(same, paid="241.00"), files.order(OTHER)))

    assert members.refresh(desk.store().id) == 2
    first = {row.pseudonym: (row.id, row.orders, row.spent, row.tier) for row in everything(Member)}
    assert sorted((each[1:]) for each in first.values()) == [(1, 5900, "new"), (2, 30000, "vip")]
    assert members.refresh(desk.store().id) == 2
    assert {row.pseudonym: (row.id, row.orders, row.spent, row.tier) for row in everything(Member)} == first
    best = max(everything(Member), key=lambda row: row.spent)
    assert {order.order_no for order in members.orders_of(best)} == {ORDER, same}
