"""Lists of trades, which move no money themselves: Alipay's 业务明细 (25 columns) and the old API's trade records."""

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from core.contracts import Column, Importer, ImportRecord
from core.imports.rules import RowRejected, as_money, bare, differing, money_text
from core.imports.tables import Table
from core.messages import N_, Message, msg
from plugins.finance.books import bills
from plugins.finance.books.accounts import objections
from plugins.finance.books.importers.lines import facts, outside
from plugins.finance.books.rules import find_order

TRADE = "finance.trade"
REFUND = "退款"

BUSINESS = (
    Column("trade_no", ("支付宝交易号",), "id", required=True),
    Column("merchant_no", ("商户订单号",), required=True),
    Column("kind", ("业务类型",), required=True),
    Column("created_at", ("创建时间",), "time"),
    Column("at", ("完成时间",), "time", required=True),
    Column("amount", ("订单金额（元）", "订单金额"), "money", required=True),
    Column("received", ("商家实收（元）", "商家实收"), "money", required=True),
    Column("request_no", ("退款批次号/请求号", "退款批次号", "请求号"), "id"),
    Column("fee", ("服务费（元）", "服务费"), "money"),
    Column("memo", ("备注",), "memo"),
)
RECORDS_2015 = (
    Column("trade_no", ("alipay_order_no",), required=True),
    Column("at", ("create_time",), "time", required=True),
    Column("changed_at", ("modified_time",), "time"),
    Column("direction", ("in_out_type",), required=True),
    Column("merchant_no", ("merchant_order_no",)),
    Column("state", ("order_status",), required=True),
    Column("memo", ("order_title",), "memo"),
    Column("kind", ("order_type",), required=True),
    Column("fee", ("service_charge",), "money"),
    Column("amount", ("total_amount",), "money", required=True),
)
TOTAL = re.compile(r"(交易|退款)合计[:：]\s*(\d+)\s*笔\s*[,，]?\s*商家实收(?:退款)?共\s*([-+]?[\d,]+(?:\.\d+)?)\s*元")


def trade(source: str, row: Mapping[str, Any], key: str, amount: int, **more: Any) -> ImportRecord:
    """The record of one trade or refund in a list."""
    order, _, _ = find_order(None, row.get("merchant_no"), row.get("memo"))
    values = {"source": source, "order_no": order, "trade_no": row["trade_no"], "amount": amount, "fee": row.get("fee")}
    return ImportRecord(TRADE, key, values | more, amounts=("amount",))


def _business(row: Mapping[str, Any]) -> Sequence[ImportRecord]:
    if row["trade_no"] is None or row["amount"] is None:
        raise RowRejected(msg("Nothing stands here."), "amount" if row["trade_no"] else "trade_no")
    kind, sign = row["kind"] or "", -1 if row["kind"] == REFUND else 1
    named = row.get("request_no") or (f"{row['at']:%Y%m%d%H%M%S}" if row["at"] and sign < 0 else "")
    received = None if row["received"] is None else sign * abs(row["received"])
    times = {"paid_at": row.get("created_at") or row["at"], "settled_at": row["at"]}
    more = {"type": kind, "settlement": received, **times}
    key = f"{row['account']}:{row['trade_no']}:{kind}:{named}"
    return [trade("alipay_business", row, key, sign * abs(row["amount"]), **more)]


def _records_2015(row: Mapping[str, Any]) -> Sequence[ImportRecord]:
    if not row["trade_no"] or row["amount"] is None:
        raise RowRejected(msg("Nothing stands here."), "amount" if row["trade_no"] else "trade_no")
    amount = -abs(row["amount"]) if row["direction"] == "out" else abs(row["amount"])
    more = {"type": f"{row['kind']}/{row['state']}", "paid_at": row["at"]}
    return [trade("alipay_trades", row, f"{row['account']}:{row['trade_no']}:{row['kind']}", amount, **more)]


def check(table: Table) -> Iterator[Message]:
    """Why a list of trades is not taken: several accounts, other totals than its own, a row outside its period."""
    accounts = bills.accounts_of(table)
    if len(accounts) > 1:
        yield bills.several(accounts)
        return
    yield from bills.cut_off(table)
    found, unread, seen = {"交易": [0, 0], REFUND: [0, 0]}, 0, set()
    for _, cells in table.rows:
        try:
            received, kind = as_money(cells[table.columns["received"]]), bare(cells[table.columns["kind"]])
        except (RowRejected, IndexError):
            unread += 1
            continue
        if kind in found and tuple(cells) not in seen:
            seen.add(tuple(cells))
            found[kind][0] += 1
            found[kind][1] += abs(received or 0)
    yield from outside(bills.period_of(table), bills.moments_of(table, "at"))
    for kind, count, amount in TOTAL.findall(bills.remarks_of(table)):
        said = [int(count), abs(as_money(amount) or 0)]
        if said != found[kind] and not unread:
            yield msg(
                "The file says that it has %(said_count)s rows of %(kind)s with %(said)s together, but they are "
                "%(found_count)s with %(found)s. Rows were lost or changed: download it again.",
                kind=kind,
                said_count=said[0],
                said=money_text(said[1]),
                found_count=found[kind][0],
                found=money_text(found[kind][1]),
            )


def merge(_kind: str, stored: Mapping[str, Any], new: Mapping[str, Any]) -> Mapping[str, Any]:
    """A later list knows a trade's later state; its amount never changes."""
    if stored["amount"] != new["amount"]:
        raise RowRejected(
            msg(
                "The trade %(trade)s is already stored with %(stored)s; this file says %(new)s. One of them is wrong.",
                trade=new["trade_no"],
                stored=money_text(stored["amount"]),
                new=money_text(new["amount"]),
            ),
            "amount",
            money_text(new["amount"]),
        )
    return differing(stored, new)


BUSINESS_LIST = Importer(
    "finance.alipay_business",
    N_("Alipay business list"),
    BUSINESS,
    _business,
    identity=("操作员", "对方账户"),
    check=lambda table: list(check(table)),
    facts=partial(facts, "alipay"),
    objections=objections,
    merge=merge,
    weight=22,
)
TRADE_RECORDS = Importer(
    "finance.alipay_trades",
    N_("Alipay trade records"),
    RECORDS_2015,
    _records_2015,
    identity=("opposite_name",),
    facts=partial(facts, "alipay"),
    merge=merge,
    weight=24,
)
IMPORTERS = [BUSINESS_LIST, TRADE_RECORDS]
