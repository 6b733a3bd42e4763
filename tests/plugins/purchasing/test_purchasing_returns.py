"""From a damaged delivery to its credit: noted, claimed, sent back, out of stock, out of what is payable."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from core import localtime
from core.columns import now
from core.extensions import db
from core.messages import Refusal, Stale
from core.transactions import transaction
from plugins.purchasing import answers, booking, invoices, receiving, returns, stock
from plugins.purchasing.models import StockMove, SupplierReturn


def back(shop, order, *lines, **more):
    rows = [{"merchant_code": code, "good": good, "damaged": damaged} for code, good, damaged in lines]
    return returns.draft(shop.actor("cai"), order.id, rows, warehouse="一号仓", **more)


def delivered(shop):
    order = shop.sent()
    shop.receive(order, A_1=(95, 15), B_2=(20, 0))
    return shop.fresh(order)


def test_what_is_damaged_or_too_much_is_proposed_and_nothing_goes_back_twice(shop):
    order = delivered(shop)
    assert returns.proposed(order) == {"A-1": {"damaged": 15, "good": 10}}
    made = back(shop, order, ("A-1", 10, 15))
    assert made.amount == 25 * 500
    assert returns.proposed(shop.fresh(order)) == {"A-1": {"damaged": 0, "good": 10}}
    for lines in ([("A-1", 0, 1)], [("A-1", 86, 0)], [("X-9", 1, 0)], [("A-1", -1, 0)]):
        with pytest.raises(Refusal, match="can go back"):
            back(shop, order, *lines)
    with pytest.raises(Refusal, match="at least one piece"):
        back(shop, order, ("A-1", 0, 0))
    returns.cancel(shop.actor("cai"), made.id, "they fetch it")
    assert back(shop, order, ("A-1", 0, 15)).state == "draft"


def test_goods_that_left_are_out_of_stock_and_are_not_paid(shop):
    shop.days("A-1", 2, 30, back=2)
    with transaction():
        db.session.execute(StockMove.__table__.delete())
    yesterday = localtime.today() - timedelta(days=1)
    order = delivered(shop)
    before = stock.articles(shop.store.id, yesterday)["A-1"].good  # the newest snapshot is today's: nothing moved since
    assert before == 32
    made = back(shop, order, ("A-1", 40, 15))
    lines = [{"merchant_code": "A-1", "quantity": 95, "price": 500}]
    bill = invoices.enter_invoice(
        shop.actor("cai"), shop.supplier.id, "F-1", localtime.today(), lines, order_id=order.id
    )
    assert invoices.held_amount(bill) == 0
    returns.send(shop.actor("cai"), made.id, "中通", "7310001")
    assert [(each.why, each.amount) for each in invoices.held(shop.fresh(bill))] == [("quantity", 40 * 500)]
    moves = db.session.execute(select(StockMove.kind, StockMove.stock_kind, StockMove.quantity).order_by(StockMove.id))
    assert [tuple(row) for row in moves][-2:] == [
        (booking.RETURNED, booking.GOOD, -40),
        (booking.RETURNED, booking.DEFECTIVE, -15),
    ]
    with pytest.raises(Stale):
        returns.send(shop.actor("cai"), made.id, "", "")
    today = localtime.today()
    told = [(each.number, each.quantity, each.amount) for each in answers.goods_received(shop.store.id, today, today)]
    assert told[-1] == (made.number, -40, -20_000)


def test_stock_is_the_snapshot_and_what_moved_since_and_the_warehouse_has_the_last_word(shop):
    with transaction() as session:
        shop.days("A-1", 0, 30, back=1)
        session.execute(db.update(stock.StockDay).values(on=localtime.today() - timedelta(days=2)))
    shop.receive(shop.sent(), A_1=(60, 5))
    tea = stock.articles(shop.store.id)["A-1"]
    assert (tea.good, tea.defective, tea.coming, tea.warehouses) == (90, 5, 35, {"一号仓": 90})
    with transaction() as session:
        values = {"store_id": shop.store.id, "merchant_code": "A-1", "warehouse": "一号仓", "kind": "采购入库"}
        for number, kind, pieces in (("1", "可销售库存", 58), ("2", "残次库存", 7)):
            move = StockMove(key=number, number=number, at=now(), stock_kind=kind, quantity=pieces, **values)
            session.add(move)
    tea = stock.articles(shop.store.id)["A-1"]
    assert (tea.good, tea.defective) == (88, 7)


def test_a_credit_that_is_not_what_the_goods_cost_needs_a_word(shop):
    made = back(shop, delivered(shop), ("A-1", 0, 15))
    with pytest.raises(Stale):
        returns.credit(shop.actor("cai"), made.id, 7_500, "C-1")
    returns.send(shop.actor("cai"), made.id, "", "")
    for amount in (None, -1, 5_000, 7_501):
        with pytest.raises(Refusal):
            returns.credit(shop.actor("cai"), made.id, amount, "C-1")
    found = returns.credit(shop.actor("cai"), made.id, 5_000, "C-1", note="they take a third")
    assert (found.state, found.credited, found.credit_note) == ("credited", 5_000, "C-1")


def test_the_order_shows_the_chain_from_delivery_to_credit(shop, browse):
    order = delivered(shop)
    cai = browse("cai")
    cai.post(f"/purchasing/orders/{order.id}/claim", data={"note": "受潮"})
    db.session.rollback()
    note = db.session.scalar(select(receiving.Discrepancy))
    cai.post(f"/purchasing/discrepancies/{note.id}/task")
    address = f"/purchasing/orders/{order.id}/return?discrepancy={note.id}"
    assert address in cai.get(f"/purchasing/discrepancies/{note.id}").text.replace("&amp;", "&")
    form = cai.get(address).text
    assert 'value="15"' in form and note.number in form
    sent = {"code": ["A-1"], "good": ["10"], "damaged": ["15"], "discrepancy": note.id}
    assert cai.post(f"/purchasing/orders/{order.id}/return", data={**sent, "good": ["99"]}).status_code == 422
    assert cai.post(f"/purchasing/orders/{order.id}/return", data=sent).status_code == 303
    db.session.rollback()
    made = db.session.scalar(select(SupplierReturn))
    page = f"/purchasing/returns/{made.id}"
    assert cai.post(page, data={"step": "send", "carrier": "中通", "waybill_no": "7310001"}).status_code == 303
    assert browse("li").post(page, data={"step": "credit", "credited": "125"}).status_code == 403
    assert cai.post(page, data={"step": "credit", "credited": "abc"}).status_code == 422
    assert cai.post(page, data={"step": "credit", "credited": "125.00", "credit_note": "C-7"}).status_code == 303
    text = cai.get(f"/purchasing/orders/{order.id}").text
    task = shop.fresh(note).task.number
    assert all(word in text for word in (note.number, task, made.number, "125.00", "Credited"))
    assert "C-7" in cai.get(page).text
