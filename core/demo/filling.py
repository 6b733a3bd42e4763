"""Fill an empty installation with the demo store."""

import random
from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import cycle
from typing import Any
from zoneinfo import ZoneInfo

from flask import Flask
from sqlalchemy import select

from core import plugins
from core.accounts import services as accounts
from core.accounts.models import User
from core.answers import Demo
from core.board import contents, moves, services
from core.board.calendar import HOURS, WorkingCalendar, parse_hours
from core.columns import now
from core.contracts import Actor, Ref
from core.demo.pictures import picture
from core.extensions import db
from core.messages import Refusal, msg
from core.registry import registry
from core.stores.models import Order, OrderLine, Product, Sku, Store
from core.transactions import transaction

PASSWORD = "dianwutai-demo"
ADMIN = ("admin", "店主 沈禾")
NAMES = ["林晓", "周敏", "陈墨", "何苗", "宋佳", "吴桐", "郑凯", "高远", "许岚", "罗平", "冯楠", "邓越"]
STORE = "山野果集旗舰店"
MONTH = timedelta(days=30)
PRODUCTS = (
    ("冻干草莓脆 30g 罐装", 2990, 1890, (("口味", ("原味", "酸奶味")),)),
    ("新疆若羌灰枣 500g 特级", 3990, 2680, (("规格", ("500g", "1kg")),)),
    ("每日坚果混合装 25g×30", 12900, 8900, (("规格", ("30 包", "60 包")),)),
    ("宁夏枸杞王 210g 免洗", 5990, 3990, ()),
    ("云南高原蓝莓干 120g", 2590, 1690, ()),
    ("夏威夷果 奶油味 500g", 6990, 4590, (("口味", ("奶油", "原味")),)),
)
STATUSES = (
    ("shipped", "卖家已发货，等待买家确认"),
    ("done", "交易成功"),
    ("paid", "买家已付款，等待卖家发货"),
    ("closed", "交易关闭"),
)
REGULARS = (4, 7, 11, 17)  # buyers whose every so many-th order it is


def logins() -> list[tuple[str, str]]:
    """Log-ins of the demo and whose they are; empty in any other installation."""
    if db.session.scalar(select(Store.id).where(Store.name == STORE)) is None:
        return []
    names = {ADMIN[0], *(f"{code}{n}" for code in registry().teams for n in (1, 2))}
    rows = db.session.execute(select(User.login, User.name).where(User.login.in_(names)).order_by(User.id))
    return [(login, name) for login, name in rows]


def load(app: Flask) -> None:
    """Fill the empty installation of ``app``; raises ``Refusal`` where somebody works already."""
    with app.app_context():
        if not accounts.nobody_yet():
            raise Refusal(msg("There are users already: the demo store is only for a new installation."))
    with app.test_request_context():
        people = _people()
        store_id, products = _records()
        demo = Demo(
            store_id=store_id,
            people=people,
            products=products,
            ago=_in_office_hours(now()),
            picture=picture,
        )
        _tasks(demo)
        plugins.tell("demo_loaded", demo=demo)


def _in_office_hours(end: datetime) -> Callable[[float], datetime]:
    """Moments before ``end`` as somebody at work sees them: nothing happens at night or on a holiday."""
    calendar = WorkingCalendar(ZoneInfo("Asia/Shanghai"), parse_hours(HOURS["office"]), follows_holidays=True)
    start = end - MONTH
    worked = calendar.seconds_between(start, end)
    return lambda hours: calendar.after(start, round(worked * (1 - timedelta(hours=hours) / MONTH)))


def _people() -> dict[str, Actor]:
    system = Actor(None, "demo", admin=True, source="demo")
    wanted: list[tuple[str, str, bool, dict[str, str]]] = [(*ADMIN, True, {"operations": "lead"})]
    names = cycle(NAMES)  # there may be more teams than names
    for code in registry().teams:
        wanted += [(f"{code}{n}", next(names), False, {code: role}) for n, role in ((1, "lead"), (2, "member"))]
    people = {}
    for login, name, admin, teams in wanted:
        user = accounts.create_user(system, login=login, name=name, password=PASSWORD, admin=admin, roles=teams)
        people[login] = Actor(user.id, name, teams, admin, source="demo")
    return people


def _records() -> tuple[int, tuple[Ref, ...]]:
    chance = random.Random(20261122)
    with transaction() as session:
        store = Store(name=STORE, platform="tmall", platform_id="shanyeguoji")
        session.add(store)
        session.flush()
        skus: list[tuple[Product, Sku]] = []
        for number, (title, list_price, price, variants) in enumerate(PRODUCTS, 1):
            product = Product(
                store_id=store.id,
                item_id=f"7300000000{number:02d}",
                merchant_code=f"SY-{number:03d}",
                title=title,
                status="on_sale",
                list_price=list_price,
                stock=chance.randint(80, 900),
            )
            session.add(product)
            session.flush()
            for place, value in enumerate(variants[0][1] if variants else [""], 1):
                sku = Sku(
                    store_id=store.id,
                    key=f"52000000{number:02d}{place:02d}",
                    sku_id=f"52000000{number:02d}{place:02d}",
                    item_id=product.item_id,
                    product_id=product.id,
                    merchant_code=f"SY-{number:03d}-{place}",
                    barcode=f"69012345{number:02d}{place:03d}",
                    attributes={variants[0][0]: value} if variants else None,
                    list_price=list_price,
                    daily_price=price + 900 * (place - 1),
                    stock=chance.randint(20, 500),
                )
                session.add(sku)
                skus.append((product, sku))
        for number in range(80):
            product, sku = chance.choice(skus)
            _order(session, chance, number, product, sku)
        products = session.scalars(select(Product.id).order_by(Product.id)).all()
    return store.id, tuple(Ref("core.product", product_id) for product_id in products)


def _order(session: Any, chance: random.Random, number: int, product: Product, sku: Sku) -> None:
    store_id = product.store_id
    quantity = chance.choice([1, 1, 1, 2, 3])
    total = sku.daily_price * quantity
    status, text = STATUSES[2 if number < 6 else 0 if number < 25 else chance.choice([0, 1, 1, 1, 3])]
    ordered = now() - timedelta(hours=2 + number * 4, minutes=chance.randint(0, 200))
    digits = str(chance.randint(10**8, 10**9 - 1))
    regular = next((each for each in REGULARS if number % each == 1), None)
    buyer = f"{271_828 + regular}" if regular else digits[3:]  # the same on all orders of a buyer
    order_no = f"46100{number:05d}{digits[:3]}{buyer}"
    paid = status != "closed"
    order = Order(
        store_id=store_id,
        order_no=order_no,
        status=status,
        status_text=text,
        goods_due=total,
        postage_due=0,
        total=total,
        kept=total if paid else 0,
        refund=0,
        payout=total if status == "done" else 0,
        ordered_at=ordered,
        paid_at=ordered + timedelta(minutes=3) if paid else None,
        shipped_at=ordered + timedelta(minutes=90) if status in ("shipped", "done") else None,
        confirmed_at=ordered + timedelta(days=3) if status == "done" else None,
        items=product.title,
        quantity=quantity,
        carrier="中通快递" if status in ("shipped", "done") else None,
        waybill_no=f"7310{number:09d}" if status in ("shipped", "done") else None,
        region=chance.choice(["浙江省 杭州市", "广东省 深圳市", "四川省 成都市", "上海 上海市", "湖北省 武汉市"]),
    )
    session.add(order)
    session.flush()
    session.add(
        OrderLine(
            store_id=store_id,
            key=f"{order_no}1",
            fingerprint=f"{order_no}1",
            order_no=order_no,
            order_id=order.id,
            item_id=product.item_id,
            merchant_code=sku.merchant_code,
            title=product.title,
            attributes=sku.attributes,
            list_price=sku.list_price,
            quantity=quantity,
            status=status,
            status_text=text,
        )
    )


def _tasks(demo: Demo) -> None:
    lead, member = demo.people["operations1"], demo.people["operations2"]
    ask = {"what": "把双十二主推的六款商品按毛利和库存排个序，附上建议到手价。", "why": "周三选品会要用。"}
    asked = services.draft_task(
        lead,
        "core.general",
        "operations",
        services.Draft("双十二主推款选品表", ask, 2, store_id=demo.store_id),
        demo.ago(30),
    )
    moves.move(asked.id, "offer", lead, at=demo.ago(29))
    moves.move(asked.id, "accept", member, at=demo.ago(27))
    moves.move(asked.id, "start", member, at=demo.ago(26))
    contents.comment(asked.id, "枸杞的库存只够一周，要不要先排除？ @operations1", member)
    ask = {"what": "店铺公告里的发货时间改成 48 小时内，并截图留档。"}
    draft = services.Draft("更新店铺公告的发货时效", ask, store_id=demo.store_id)
    other = services.draft_task(member, "core.general", "operations", draft, demo.ago(5))
    moves.move(other.id, "offer", member, at=demo.ago(4))
