"""Alipay's two account files: 账务明细 (12 and 16 columns) and 资金流水 (15 and 19)."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from core.contracts import Column, Importer, ImportRecord
from core.messages import N_
from plugins.finance.books.accounts import objections
from plugins.finance.books.bills import signed
from plugins.finance.books.importers.columns import columnar
from plugins.finance.books.importers.lines import check, facts, line, merge, whole
from plugins.finance.books.importers.summaries import SUMMARY, together

PEOPLE = ("对方账号", "对方账户", "对方名称", "交易对方", "对方户名")

MONEY = (
    Column(
        "income",
        ("收入金额（+元）", "收入（+元）", "收入金额（元）", "收入金额", "收入（元）", "收入"),
        "money",
        required=True,
    ),
    Column(
        "expense",
        ("支出金额（-元）", "支出（-元）", "支出金额（元）", "支出金额", "支出（元）", "支出"),
        "money",
        required=True,
    ),
    Column("balance", ("账户余额（元）", "账户余额", "余额（元）", "余额"), "money"),
)
WORDS = (
    Column("merchant_no", ("商户订单号",)),
    Column("goods", ("商品名称",)),
    Column("memo", ("备注",), "memo"),
    Column("paid_memo", ("付款备注",), "memo"),
    Column("subject", ("业务描述",), "memo"),
    Column("base_order_no", ("业务基础订单号",), "id"),
)

STATEMENT_COLUMNS = (
    Column("flow_no", ("账务流水号",), "id"),
    Column("trade_no", ("业务流水号",), "id"),
    Column("at", ("发生时间",), "time", required=True),
    Column("kind", ("业务类型",), required=True),
    *MONEY,
    *WORDS,
)
FLOW_COLUMNS = (
    Column("flow_no", ("支付宝流水号",), "id"),
    Column("trade_no", ("支付宝交易号",), "id"),
    Column("at", ("入账时间",), "time", required=True),
    Column("kind", ("账务类型",), required=True),
    *MONEY,
    *WORDS,
)


def _records(source: str, row: Mapping[str, Any]) -> Sequence[ImportRecord]:
    return [line(source, row, amount=signed(row["income"], row["expense"]), at=row["at"])]


def _importer(name: str, label: str, columns: tuple[Column, ...]) -> Importer:
    return Importer(
        f"finance.{name}",
        label,
        columns,
        partial(_records, name),
        needs=(("flow_no", "trade_no"),),
        identity=PEOPLE,
        check=lambda table: list(check(table)),
        facts=partial(facts, "alipay"),
        whole=partial(whole, "alipay"),
        together=together,
        objections=objections,
        merge=merge,
        columnar=columnar(name, "alipay"),
        weight=20,
    )


STATEMENT = _importer("alipay_statement", N_("Alipay account statement"), STATEMENT_COLUMNS)
FLOWS = _importer("alipay_flows", N_("Alipay fund flows"), FLOW_COLUMNS)
IMPORTERS = [STATEMENT, SUMMARY, FLOWS]
