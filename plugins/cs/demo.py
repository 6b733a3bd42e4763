"""Customer service's part of the demo store: tickets of a few days, cases, promises, comments, scores, replies."""

from datetime import timedelta
from typing import Any

from sqlalchemy import select

from core import localtime
from core.answers import Demo
from core.board import contents, moves
from core.board.models import Task
from core.board.services import Draft
from core.columns import now
from core.contracts import Ref
from core.extensions import db
from core.stores.models import Order, OrderLine, Product
from core.transactions import transaction
from plugins.cs import handing, members, promises, settings, tickets
from plugins.cs.models import AfterSale, Member, Rating, ShopScore, Ticket
from plugins.cs.rules.words import cause_of
from plugins.cs.types import AFTER_SALE, COMPLAINT, EVIDENCE, INQUIRY

LEAD, AGENT = "cs1", "cs2"
NOTES = (
    "前1000件，已登记，退39.1 许",
    "第二件半价 退9.9元 莲",
    "好评返现 返5 已登记",
    "买贵了 补差价12.5元",
    "物流慢 补偿3元",
    "售后退款已退18.9 邹",
)
COMMENTS = (
    "收到的时候袋子破了，碎了一半",
    "包装压坏了，罐子变形",
    "破损严重，联系客服两天没人理",
    "口感不脆，感觉质量一般",
    "有异味，不敢给孩子吃",
    "颜色和图片不符，偏暗",
    "规格和描述不符，以为是大袋",
    "发货太慢了，等了五天",
    "很好吃，会回购",
    "少发了一袋",
)
REPLIES = (
    ("催发货", "亲，您的订单已经在打包，今天 18 点前发出，发出后给您留单号，请放心～", ("发货",)),
    (
        "破损安抚",
        "亲，非常抱歉让您收到破损的商品。麻烦拍一下外包装、面单和破损处，我们马上给您处理。",
        ("破损", "售后"),
    ),
    ("保价说明", "亲，本店 7 天内降价可补差价，您把订单号发我，核对后当天给您打款。", ("差价",)),
)
# kind, title, what, cause, amount in fen, steps come, hours ago
STORIES: tuple[tuple[str, str, str, str, int | None, int, float], ...] = (
    (COMPLAINT.name, "草莓脆罐子压坏，碎了", "买家说收到时外箱瘪了，罐子变形，要求退一半。", "damaged", 1800, 6, 30),
    (COMPLAINT.name, "坚果礼盒漏发一袋", "买家称 30 包只有 29 包，要求补发。", "wrong_item", 500, 6, 90),
    (COMPLAINT.name, "灰枣有异味，要求全额退款", "买家开袋后闻到异味，同批次已有两起。", "quality", 2900, 5, 12),
    (COMPLAINT.name, "枸杞页面写 250g，实收 210g", "详情页第二屏写 250g，买家要求赔付。", "description", 1500, 5, 20),
    (AFTER_SALE.name, "蓝莓干退货退款", "买家已寄回，等仓库验货。", "", 1690, 4, 40),
    (INQUIRY.name, "什么时候发货", "昨天拍的，问今天能不能发。", "", None, 7, 26),
    (INQUIRY.name, "能不能开发票", "企业采购，要专票。", "", None, 1, 0.3),
    (INQUIRY.name, "两个口味能不能混着发", "想各要一半。", "", None, 2, 1),
    (INQUIRY.name, "改收货地址", "地址填成老家了，问能不能改到公司。", "", None, 8, 32),
    (INQUIRY.name, "满减没用上", "买了两罐，说没减到 10 元。", "", None, 8, 51),
    (INQUIRY.name, "包裹三天没动静", "物流停在分拨中心三天，买家催。", "", None, 8, 74),
)
STEPS = ("open", "offer", "accept", "start", "hand", "evidence", "deliver", "sign_off")


def load(demo: Demo) -> None:
    """Tell what a few days at the desk would have brought."""
    query = select(Order).where(Order.store_id == demo.store_id, Order.paid_at.is_not(None)).order_by(Order.id)
    orders = list(db.session.scalars(query.limit(40)))
    _records(demo, orders)
    promises.scan([order.id for order in orders])
    members.refresh(demo.store_id)
    members.tag_all(select(Member).where(Member.tier.in_(("vip", "svip"))), ["双12回访"])
    for title, text, tags in REPLIES:
        reply = settings.write_reply(demo.people[AGENT], "", {"title": title, "text": text, "tags": tags})
        if title != "保价说明":
            settings.decide_reply(reply.id, demo.people[LEAD], "approve")
    left = orders[10:]
    for story in STORIES:
        order = next((each for each in left if story[1][:2] in (each.items or "")), left[0])
        left.remove(order)
        _tell(demo, story, order)
    _settle(demo)


def _records(demo: Demo, orders: list[Order]) -> None:
    """Notes with promises, running cases, comments and two weeks of scores."""
    at = now()
    ids = [order.id for order in orders]
    with transaction() as session:
        orders = [session.get_one(Order, order_id) for order_id in ids]
        for order, note in zip(orders, NOTES, strict=False):
            order.note = note
        for place, order in enumerate(orders[4:10]):
            session.add(_case(order, place))
        products = session.scalars(select(Product).where(Product.store_id == demo.store_id)).all()
        for place in range(24):
            product, text = products[place % 3 if place % 2 else place % len(products)], COMMENTS[place % len(COMMENTS)]
            rated = {"item_id": product.item_id, "product_id": product.id, "cause": cause_of(text), "text": text}
            rated["colour"] = ("原味", "礼盒装")[place % 5 == 0]
            when = at - timedelta(hours=9 * place)
            session.add(Rating(store_id=demo.store_id, key=f"demo{place}", rated_at=when, version=1, **rated))
        for back in range(14):
            day = localtime.day_of(at - timedelta(days=back)).isoformat()
            shown = {"description": 481 - back % 3, "service": 478 + back % 4, "logistics": 476 - back % 5}
            session.add(ShopScore(store_id=demo.store_id, key=day, overall=450, **shown))


def _case(order: Order, place: int) -> AfterSale:
    kinds, at = ("return", "refund_only", "refund_unshipped"), now()
    status = ("applied", "returned", "to_return", "applied", "refunded", "closed")[place]
    reasons = ("商品破损", "不想要了", "质量问题", "与商品描述不符", "少件/漏发", "拍错了")
    line = db.session.scalar(select(OrderLine).where(OrderLine.order_id == order.id).limit(1))
    return AfterSale(
        store_id=order.store_id,
        refund_no=f"2611{place:02d}{order.order_no[-12:]}",
        order_no=order.order_no,
        order_id=order.id,
        kind="return" if status in ("returned", "to_return") else kinds[place % 3],
        status=status,
        amount=(order.total or 1990) // (1 + place % 2),
        paid=order.total,
        reason=reasons[place],
        items=order.items,
        merchant_code=line.merchant_code if line else None,
        goods_text="已收到货" if place % 3 != 2 else "未收到货",
        return_carrier="中通快递" if status == "returned" else None,
        return_waybill_no=f"7512{place:02d}00{order.order_no[-6:]}" if status == "returned" else None,
        applied_at=at - timedelta(hours=20 + 7 * place),
        due_at=at + timedelta(hours=4 + 13 * place),
    )


def _tell(demo: Demo, story: tuple[Any, ...], order: Order) -> None:
    kind, title, what, cause, amount, steps, hours = story
    agent = demo.people[AGENT if steps % 2 else LEAD]
    brief = {"what": what, "order_no": order.order_no, "channel": "wangwang", "cause": cause}
    brief = {name: value for name, value in brief.items() if value}
    at = demo.ago(hours)
    task = tickets.open_ticket(agent, kind, Draft(title, brief, store_id=order.store_id, records=_refs(order)), at=at)
    with transaction() as session:
        ticket = session.get_one(Ticket, task.id)
        ticket.opened_at, ticket.amount = at, amount
        ticket.satisfaction = (5, 4, None, 3)[int(hours) % 4] if steps > 6 else None
        if kind == AFTER_SALE.name:
            ticket.platform_due_at = now() + timedelta(hours=9)
    left = hours - (0.03, 0.04, 0.3)[len(title) % 3] * min(hours, 1)  # answered in minutes
    for name in STEPS[2:steps]:
        _step(demo, task, name, agent, left)
        left = left * 0.8 if steps < len(STEPS) else left - 0.6


def _step(demo: Demo, task: Task, name: str, agent: Any, hours: float) -> None:
    at = demo.ago(hours)
    if name == "hand":
        ticket = db.session.get_one(Ticket, task.id)
        if codes := [code for code in handing.usual(ticket) if code in {each.code for each, _ in handing.offered()}]:
            handing.hand_out(task.id, codes, agent, at=at)
    elif name == "sign_off":
        for check in task.checks:
            contents.set_check(task.id, check.name, "pass", "", agent, at=at)
        moves.move(task.id, name, agent, at=at)
    elif name == "evidence":
        contents.add_file(task.id, EVIDENCE, demo.picture(task.title, (640, 480)), agent, at=at)
    elif name == "deliver" and db.session.scalar(select(Task.id).where(Task.parent_id == task.id).limit(1)):
        return
    else:
        moves.move(task.id, name, agent, at=at)


def _settle(demo: Demo) -> None:
    """Two promises confirmed, so that approving has something to show."""
    rows = db.session.scalars(select(promises.Promise).where(promises.Promise.state == "draft").limit(2)).all()
    promises.step([row.id for row in rows], "confirm", demo.people[AGENT])


def _refs(order: Order) -> tuple[Ref, ...]:
    return (Ref("core.order", order.id),)
