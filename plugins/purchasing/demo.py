"""Purchasing's part of the demo store: stock that runs low, suppliers, orders in every state."""

from datetime import timedelta

from sqlalchemy import select

from core import localtime
from core.answers import Demo
from core.board import moves
from core.contracts import Actor
from core.extensions import db
from core.stores.models import Sku
from core.transactions import transaction
from plugins.purchasing import inquiries, invoices, licences, orders, receiving, returns, suggesting, suppliers
from plugins.purchasing.models import Inquiry, PlatformLine, PlatformOrder, PurchaseOrder, StockDay, Suggestion, Uplift

WAREHOUSES = ("杭州一号仓", "广州二号仓")
GOODS = (
    ("GY-TEA-01", "高山绿茶 250g", 9, 60),
    ("GY-TEA-02", "茉莉花茶 100g", 4, 24),
    ("GY-BOX-01", "茶叶礼盒 双罐", 3, 400),
    ("GY-CUP-01", "玻璃杯 350ml", 0, 80),
    ("GY-TIN-01", "茶叶罐 小号", 5, 0),
    ("GY-BAG-01", "手提袋 中号", 12, 150),
)
MAKERS = (
    ("安溪云岭茶业有限公司", "YL-01", 7, 100_000, "月结 30 天，送货到仓", 30, "联系人：采购对接群"),
    ("义乌恒泰包装厂", "HT-01", 5, 50_000, "款到发货", 0, "1688 店铺留言"),
    ("杭州顺和纸品有限公司", "SH-01", 8, 30_000, "预付 30%，货到付清", 0, "业务部"),
)
ASKED = {
    "GY-TEA-01": (0, [[1, 3200], [100, 2980], [500, 2800]], 20, 10),
    "GY-TEA-02": (0, [[1, 1850], [200, 1720]], 20, 20),
    "GY-BOX-01": (0, [[1, 6800]], 10, 1),
    "GY-TIN-01": (1, [[1, 420], [300, 380]], 100, 50),
    "GY-BAG-01": (1, [[1, 110], [500, 95]], 200, 100),
}


def load(demo: Demo) -> None:
    """Suppliers and stock first, then what the buyers made of them."""
    lead, member = demo.people["purchasing1"], demo.people["purchasing2"]
    makers = [_supplier(lead, values) for values in MAKERS]
    with transaction():
        _stock(demo.store_id)
    for code, (maker, prices, least, pack) in ASKED.items():
        text = "\n".join(f"{pieces} {price // 100}.{price % 100:02d}" for pieces, price in prices)
        values = {"store_id": demo.store_id, "merchant_code": code, "supplier_code": "", "prices": text}
        rest = {"minimum": least, "pack": pack, "lead_days": None, "preferred": True}
        suppliers.save_offer(lead, makers[maker], values | rest)
    today = localtime.today()
    licences.add(lead, makers[0], "食品生产许可证", "SC11435052400123", today + timedelta(days=21))
    licences.add(lead, makers[0], "营业执照", "91350524MA00000000", None)
    licences.add(lead, makers[1], "产品检测报告", "HT-2025-118", today - timedelta(days=6))
    _past(demo.store_id)
    suggesting.score(demo.store_id)
    suggesting.suggest(demo.store_id)
    _orders(demo.store_id, makers, lead, member)
    _inquiries(demo.store_id, makers, lead, member)
    _bought_online(demo.store_id)


def _supplier(lead: Actor, values: tuple[str, str, int, int, str, int, str]) -> int:
    names = ("name", "code", "lead_days", "minimum_order", "terms", "payment_days", "contact")
    return suppliers.save(lead, None, {**dict(zip(names, values, strict=True)), "status": "active", "note": ""}).id


def _goods(store_id: int) -> list[tuple[str, str, int, int]]:
    query = select(Sku).where(Sku.store_id == store_id, Sku.merchant_code.is_not(None)).order_by(Sku.id)
    names = {sku.merchant_code: sku.title for sku in db.session.scalars(query) if sku.merchant_code}
    some = enumerate([*names.items()][:10])
    return [*GOODS, *((code, name, 2 + place % 5, 30 + 9 * place) for place, (code, name) in some)]


def _stock(store_id: int) -> None:
    today = localtime.today()
    for code, name, daily, left in _goods(store_id):
        for back in range(42, -1, -1):
            on = today - timedelta(days=back)
            sold = daily + (1 if daily and on.weekday() > 4 else 0)
            for share, warehouse in zip((2, 1), WAREHOUSES, strict=True):
                out = sold * share // 3
                closing = (left + daily * back) * share // 3
                row = StockDay(store_id=store_id, key=f"{on.isoformat()}|{warehouse}|{code}", on=on, name=name)
                row.warehouse, row.merchant_code, row.goods_id = warehouse, code, None
                row.opening, row.entered, row.left, row.closing = closing + out, 0, out, closing
                row.good, row.defective, row.sold = max(closing - 1, 0), min(closing, 1), out
                db.session.add(row)
    first = today + timedelta(days=6)
    db.session.add(Uplift(store_id=store_id, name="双十二", first=first, last=first + timedelta(days=2), percent=260))


def _past(store_id: int) -> None:
    """Suggestions of three weeks ago, to be looked back on."""
    on = localtime.today() - timedelta(days=22)
    told = (("GY-TEA-01", 140, 185, 61), ("GY-TEA-02", 60, 92, 24), ("GY-BAG-01", 200, 250, 90))
    with transaction() as session:
        for code, pieces, expected, spare in told:
            row = Suggestion(store_id=store_id, on=on, merchant_code=code, steps=[], suggested=pieces)
            row.days, row.expected, row.spare = 21, expected, spare
            session.add(row)


def _orders(store_id: int, makers: list[int], lead: Actor, member: Actor) -> None:
    """One order closed, one received short with its claim and a held invoice, one sent, one waiting, one draft."""
    tea = ("GY-TEA-01", "高山绿茶 250g", 120, 2980)
    jasmine = ("GY-TEA-02", "茉莉花茶 100g", 200, 1720)
    tins = ("GY-TIN-01", "茶叶罐 小号", 300, 380)
    bags = ("GY-BAG-01", "手提袋 中号", 500, 95)
    whole = _sent(store_id, makers[0], [tea], lead, member)
    receiving.receive(member, whole.id, [{"merchant_code": tea[0], "good": 120, "damaged": 0}], WAREHOUSES[0])
    orders.close(member, whole.id, "")
    short = _sent(store_id, makers[0], [(*tea[:3], 3040), jasmine], lead, member)
    counted = [
        {"merchant_code": tea[0], "good": 100, "damaged": 4},
        {"merchant_code": jasmine[0], "good": 200, "damaged": 0},
    ]
    receiving.receive(member, short.id, counted, WAREHOUSES[0], "外箱受潮，破损 4 件")
    note = receiving.claim(member, short.id, "到货清点照片 6 张，外箱受潮")
    task = receiving.hand_over(member, note.id, f"供应商索赔 {note.number}", _brief(note.claimed))
    moves.move(task.id, "offer", member)
    back = [{"merchant_code": tea[0], "good": 0, "damaged": 4}]
    sent = returns.draft(
        member, short.id, back, discrepancy_id=note.id, warehouse=WAREHOUSES[0], note="受潮破损，退回厂家"
    )
    returns.send(member, sent.id, "中通快递", "78900000012345")
    billed = [
        {"merchant_code": tea[0], "quantity": 120, "price": 3040},
        {"merchant_code": jasmine[0], "quantity": 200, "price": 1760},
    ]
    today = localtime.today()
    invoices.enter_invoice(member, makers[0], "12345678", today, billed, order_id=short.id)
    alone = [{"merchant_code": tins[0], "quantity": 300, "price": 380}]
    invoices.enter_invoice(member, makers[1], "87654321", today - timedelta(days=2), alone)
    _sent(store_id, makers[1], [tins], lead, member)
    waiting = _draft(store_id, makers[1], [bags, tins], member)
    orders.submit(member, waiting.id)
    _draft(store_id, makers[0], [jasmine], lead)


def _inquiries(store_id: int, makers: list[int], lead: Actor, member: Actor) -> None:
    """One inquiry decided for who was not the cheapest, and one with two of three quotes in."""
    today = localtime.today()
    tins, bags = ("GY-TIN-01", "茶叶罐 小号", 600), ("GY-BAG-01", "手提袋 中号", 1000)
    past = inquiries.Asked(store_id, makers[1:], [bags], needed_on=today + timedelta(days=12))
    done = inquiries.ask(member, past)
    _quoted(member, done, {makers[1]: ([(bags[0], [[1, 100], [1000, 92]], 100)], 4_000, 5)})
    _quoted(member, done, {makers[2]: ([(bags[0], [[1000, 88]], 1000)], 6_000, 15)})
    inquiries.choose(member, done.id, {bags[0]: done.quotes[0].id}, "顺和交期 15 天，赶不上双十二备货")
    asked = inquiries.Asked(
        store_id,
        makers,
        [tins, bags],
        today + timedelta(days=3),
        today + timedelta(days=20),
        "罐体食品级马口铁，含税含运报价；先寄样确认。",
    )
    found = inquiries.ask(lead, asked)
    both = [(tins[0], [[1, 420], [500, 372]], 50), (bags[0], [[1, 105], [1000, 90]], 100)]
    _quoted(member, found, {makers[1]: (both, 12_000, 5)})
    _quoted(member, found, {makers[2]: ([(bags[0], [[1000, 86]], 500)], 5_000, 8)})


def _bought_online(store_id: int) -> None:
    """One order of 1688 whose seller is known but not what it calls its goods, and one of a stranger."""
    at = localtime.begins(localtime.today() - timedelta(days=4))
    tins = ("马口铁茶叶罐 小号 50 只/箱", "HT-G50", 19_000, 6, "箱")
    labels = ("不干胶封口贴 500 贴", "不干胶封口贴 500 贴", 1_250, 8, "卷")
    told = (
        ("2811000000000000017", MAKERS[1][0], "待收货", tins, 3_000),
        ("2811000000000000024", "苍南县宜彩包装有限公司", "待发货", labels, 0),
    )
    with transaction() as session:
        for number, seller, state, (name, code, price, count, unit), freight in told:
            order = PlatformOrder(store_id=store_id, key=number, seller=seller, freight=freight)
            order.goods_total, order.paid = price * count, price * count + freight
            order.status_text, order.ordered_at, order.paid_at = state, at, at
            session.add(order)
            session.flush()
            line = PlatformLine(store_id=store_id, key=f"{number}|1", order_no=number, article=code, name=name)
            line.platform_order_id, line.price, line.quantity, line.unit = order.id, price, count, unit
            session.add(line)


def _quoted(
    by: Actor, found: Inquiry, quotes: dict[int, tuple[list[tuple[str, list[list[int]], int]], int, int]]
) -> None:
    for maker, (rows, freight, days) in quotes.items():
        quote = next(each for each in found.quotes if each.supplier_id == maker)
        lines = [{"merchant_code": code, "prices": prices, "minimum": 1, "pack": pack} for code, prices, pack in rows]
        valid = localtime.today() + timedelta(days=30)
        given = {"lines": lines, "freight": freight, "lead_days": days, "terms": "", "valid_until": valid, "note": ""}
        inquiries.enter_quote(by, quote.id, given)


def _brief(claimed: int) -> dict[str, object]:
    goods = ["GY-TEA-01 · 短少 · 16", "GY-TEA-01 · 破损 · 4"]
    return {"supplier": MAKERS[0][0], "goods": goods, "amount": claimed, "why": "到货清点短少、破损"}


def _draft(store_id: int, maker: int, lines: list[tuple[str, str, int, int]], by: Actor) -> PurchaseOrder:
    expected = localtime.today() + timedelta(days=5)
    return orders.draft_order(by, orders.Wanted(store_id, maker, lines, freight=8_000, expected_on=expected))


def _sent(
    store_id: int, maker: int, lines: list[tuple[str, str, int, int]], lead: Actor, member: Actor
) -> PurchaseOrder:
    made = _draft(store_id, maker, lines, member)
    orders.submit(member, made.id)
    orders.decide(lead, made.id, True, "")
    return orders.send(member, made.id)
