"""Further account files: the old API's account records, the wallet for WeChat payments, and 电子客户回单."""

import re
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from core.contracts import Column, Importer, ImportRecord
from core.imports.rules import RowRejected, as_moment
from core.imports.tables import Table
from core.messages import N_, msg
from plugins.finance.books import bills
from plugins.finance.books.bills import signed
from plugins.finance.books.importers.alipay import PEOPLE
from plugins.finance.books.importers.lines import check, facts, line, merge
from plugins.finance.books.importers.trades import TRADE

RECORDS_2015 = (
    Column("trade_no", ("alipay_order_no",), required=True),
    Column("at", ("create_time",), "time", required=True),
    Column("kind", ("business_type",)),
    Column("group", ("type",)),
    Column("income", ("in_amount",), "money", required=True),
    Column("expense", ("out_amount",), "money", required=True),
    Column("balance", ("balance",), "money"),
    Column("merchant_no", ("merchant_order_no",), required=True),
    Column("memo", ("memo",), "memo"),
)
WALLET = (
    Column("at", ("入账时间", "入帐时间"), required=True),
    Column("day", ("入账日期", "入帐日期")),
    Column("trade_no", ("支付流水号",), "id", required=True),
    Column("base_order_no", ("淘宝订单编号", "主订单id", "主订单编号", "淘宝订单号"), "id"),
    Column("kind", ("入账类型", "入帐类型"), required=True),
    Column("income", ("收入金额（元）", "收入金额"), "money", required=True),
    Column("expense", ("支出金额（元）", "支出金额"), "money", required=True),
    Column("subject", ("业务描述",), "memo"),
    Column("memo", ("备注",), "memo"),
)
RECEIPTS = (
    Column("at", ("交易时间",), "time", required=True),
    Column("kind", ("交易分类",), required=True),
    Column("goods", ("商品说明",), "note"),
    Column("direction", ("收/支",), required=True),
    Column("amount", ("金额",), "money", required=True),
    Column("state", ("交易状态",), required=True),
    Column("trade_no", ("交易订单号", "交易号")),
    Column("merchant_no", ("商家订单号",)),
    Column("memo", ("备注",), "note"),
)
COMPACT_DAY = re.compile(r"(\d{4})(\d\d)(\d\d)", re.ASCII)


def _account_record(row: Mapping[str, Any]) -> Sequence[ImportRecord]:
    kind = row.get("kind") or row.get("group")
    amount = signed(row["income"], row["expense"])
    return [line("alipay_records", {**row, "kind": kind}, amount=amount, at=row["at"])]


def _wallet_line(row: Mapping[str, Any]) -> Sequence[ImportRecord]:
    said, day = row["at"] or "", COMPACT_DAY.sub(r"\1-\2-\3", row.get("day") or "")
    try:
        at = as_moment(said if not day or len(said) > 8 else f"{day} {said}")
    except RowRejected as why:
        raise RowRejected(why.message, "at") from None
    return [line("wallet", row, amount=signed(row["income"], row["expense"]), at=at)]


def _wallet_facts(_table: Table) -> Mapping[str, Any]:
    return {"account": "wallet:wechat"}  # the file does not say whose it is


def _receipt(row: Mapping[str, Any]) -> Sequence[ImportRecord]:
    """A movement of a personal account; what neither came nor went is a trade only."""
    if row["amount"] is None or row["at"] is None:
        raise RowRejected(msg("Nothing stands here."), "at" if row["amount"] is not None else "amount")
    direction, state = row["direction"] or "", row["state"] or ""
    sign = {"收入": 1, "支出": -1}.get(direction, 1 if state.startswith("退款成功") else 0)
    if direction not in ("收入", "支出", "不计收支", "/", ""):
        raise RowRejected(msg("This says neither income nor expense."), "direction", direction)
    amount = abs(row["amount"])
    if not sign:
        told = (row.get("trade_no") or "", row["kind"] or "", str(amount), f"{row['at']:%Y%m%d%H%M%S}")
        values = {"source": "alipay_receipt", "trade_no": row.get("trade_no"), "type": state, "paid_at": row["at"]}
        key = ":".join((row["account"], *told))
        return [ImportRecord(TRADE, key, values | {"amount": amount}, amounts=("amount",), counted=True)]
    # its merchant numbers are other sellers': they name no order of the store
    nothing = {"order_no": None, "order_by": "", "waybill_no": None}
    kind = f"{direction}-{row['kind'] or ''}"
    return [line("alipay_receipt", {**row, "kind": kind}, amount=sign * amount, at=row["at"], **nothing)]


def _receipt_facts(table: Table) -> Mapping[str, Any]:
    named = bills.accounts_of(table)  # most often it names an address, which is not kept
    return {"account": f"alipay:{named[0] if named else 'receipts'}"}


ACCOUNT_RECORDS = Importer(
    "finance.alipay_records",
    N_("Alipay account records"),
    RECORDS_2015,
    _account_record,
    check=lambda table: list(check(table)),
    facts=partial(facts, "alipay"),
    merge=merge,
    weight=24,
)
WALLET_LINES = Importer(
    "finance.wallet",
    N_("Wallet for WeChat payments"),
    WALLET,
    _wallet_line,
    needs=(("base_order_no",),),
    check=lambda table: list(bills.cut_off(table)),
    facts=_wallet_facts,
    merge=merge,
    weight=22,
)
CUSTOMER_RECEIPT = Importer(
    "finance.alipay_receipt",
    N_("Alipay customer receipt"),
    RECEIPTS,
    _receipt,
    identity=(*PEOPLE, "收/付款方式"),
    check=lambda table: list(bills.cut_off(table)),
    facts=_receipt_facts,
    merge=merge,
    weight=26,
)
IMPORTERS = [ACCOUNT_RECORDS, WALLET_LINES, CUSTOMER_RECEIPT]
