"""Finance's part of the demo store: its months' statements, reconciled, with differences of several kinds."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select

from core.answers import Demo
from core.board import moves
from core.columns import now
from core.contracts import Actor
from core.extensions import db
from core.imports import services as imports
from core.registry import registry
from core.stores.models import Order, Store
from core.transactions import transaction
from core.web import yuan
from plugins.finance.differences import services
from plugins.finance.differences.models import Difference
from plugins.finance.matching.services import reconcile
from plugins.finance.periods.rules import BOOKS, bounds, month_of

CLERK = "finance2"
ACCOUNT = "20881234567890120156"
OPENING = 2_680_000
HEADER = (
    "账务流水号,业务流水号,商户订单号,商品名称,发生时间,对方账号,收入金额（+元）,支出金额（-元）,账户余额（元）,"
    "交易渠道,业务类型,备注,业务描述,业务账单来源,业务基础订单号,业务订单号"
)
PAID, REFUNDED, WITHDRAWN = "交易付款", "交易退款", "提现"
PROMISED = 500


@dataclass(frozen=True)
class Movement:
    """One line of the statement; ``fen`` is positive for money in."""

    at: datetime
    kind: str
    fen: int
    order_no: str = ""
    title: str = ""
    memo: str = ""


def load(demo: Demo) -> None:
    """Import the statements of the demo's orders, reconcile them, settle one difference and hand another over."""
    clerk = demo.people[CLERK]
    orders = _orders(demo.store_id)
    _promise(orders[-4])
    lines = sorted(_movements(orders), key=lambda each: each.at)
    balance, drawn = OPENING, now().astimezone(BOOKS).replace(microsecond=0)
    for first, last in sorted({month_of(line.at.date()) for line in lines}):
        start, end = bounds(first, last)
        end = min(end, drawn)  # no bill goes beyond the day on which it is drawn
        mine = [line for line in lines if start <= line.at < end]
        _import(demo, _statement(mine, start, end, balance), f"{ACCOUNT}_{start:%Y%m}_账务明细.csv", clerk)
        balance += sum(line.fen for line in mine)
        reconcile(demo.store_id, first, last, clerk)
    _work(demo, clerk)


def _orders(store_id: int) -> list[Order]:
    query = select(Order).where(Order.store_id == store_id, Order.paid_at.is_not(None)).order_by(Order.paid_at)
    return list(db.session.scalars(query))


def _book_time(order: Order) -> datetime:
    return order.paid_at.astimezone(BOOKS)


def _promise(order: Order) -> None:
    """A refund that the order knows of and the statement does not."""
    with transaction() as session:
        session.get_one(Order, order.id).refund = PROMISED


def _movements(orders: Sequence[Order]) -> Iterator[Movement]:
    for place, order in enumerate(orders):
        if place == 5:
            continue  # its money never came
        amount = order.total or 0
        at = _book_time(order) + timedelta(seconds=2)
        short = 1 if 10 <= place < 14 else 0
        yield Movement(at, PAID, amount - short, order.order_no, order.items or "", "订单收款")
        if place == 8:
            yield Movement(at + timedelta(minutes=4), PAID, amount, order.order_no, order.items or "", "订单收款")
        if place == 20:
            yield Movement(at + timedelta(hours=30), REFUNDED, -900, order.order_no, order.items or "", "售后退款")
    at = _book_time(orders[len(orders) // 2])
    yield Movement(at, PAID, 5_990, "4610099999100200300", "宁夏枸杞王 210g 免洗", "订单收款")
    yield Movement(at + timedelta(hours=1), WITHDRAWN, -800_000, memo="提现")


def _import(demo: Demo, statement: bytes, name: str, actor: Actor) -> None:
    store = db.session.get_one(Store, demo.store_id).name
    imports.import_now(imports.read_file(statement, name, imports.importers_for(actor)), store, actor)


def _statement(lines: Sequence[Movement], start: datetime, end: datetime, balance: int) -> bytes:
    """The bill as Alipay writes it, with its totals and its running balance."""
    rows = []
    for number, line in enumerate(lines, 1):
        balance += line.fen
        trade = f"{line.at:%Y%m%d}2200{number:016d}"
        merchant = f"T200P{line.order_no}" if line.order_no else ""
        into, out = max(line.fen, 0), min(line.fen, 0)
        cells = [
            f"2570{line.at:%Y%m%d}{number:08d}", trade, merchant, line.title, f"{line.at:%Y-%m-%d %H:%M:%S}", "",
            _yuan(into), _yuan(out), _yuan(balance), "支付宝", line.kind, line.memo, "", "淘宝",
            line.order_no, line.order_no,
        ]  # fmt: skip
        rows.append(",".join(cells))
    into = [line.fen for line in lines if line.fen > 0]
    out = [line.fen for line in lines if line.fen < 0]
    text = [
        "#支付宝账务明细查询",
        f"#账号：[{ACCOUNT}]",
        f"#起始日期：[{start:%Y年%m月%d日 %H:%M:%S}]   终止日期：[{end:%Y年%m月%d日 %H:%M:%S}]",
        "#-----------------------------------------账务明细列表----------------------------------------",
        HEADER,
        *rows,
        "#----------------------------------------账务明细列表结束-------------------------------------",
        f"#支出合计：{len(out)}笔，共{_yuan(sum(out))}元",
        f"#收入合计：{len(into)}笔，共{_yuan(sum(into))}元",
        f"#导出时间：[{end:%Y年%m月%d日 %H:%M:%S}]",
    ]
    return "".join(f"{line}\r\n" for line in text).encode("gb18030")


def _yuan(fen: int) -> str:
    return yuan(fen).replace(",", "")


def _work(demo: Demo, clerk: Actor) -> None:
    """What the team has done so far: one handed over, one decided, one write-off that waits for a second person."""
    rows = {code: _of(code) for code in ("REFUND", "DUP_PAY", "MISSING_STMT", "CARRY_OPEN")}
    if rows["REFUND"]:
        row = rows["REFUND"][0]
        team = row.owner_team if row.owner_team != "finance" else "operations"
        what = "客服答应退的 5 元没有退出去，请核实并补退，附转账截图。"
        task = services.hand_over([row.id], clerk, team if team in registry().teams else "", what, demo.ago(6))
        moves.move(task.id, "offer", clerk, at=demo.ago(5))
    if rows["DUP_PAY"]:
        services.resolve([rows["DUP_PAY"][0].id], clerk, "claim", "平台重复入账，已提工单申请冲正。")
    if missing := rows["MISSING_STMT"] + rows["CARRY_OPEN"]:  # of this month, or of the one before
        services.resolve([missing[0].id], clerk, "write_off", "丢件，快递已赔付，差额核销。")


def _of(code: str) -> list[Difference]:
    open_ = (Difference.code == code, Difference.state == "open")
    return list(db.session.scalars(select(Difference).where(*open_).order_by(Difference.id)))
