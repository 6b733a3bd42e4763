"""Settled commissions of 淘宝客, and those taken back: ragged rows, and of one sub-order the last row holds."""

from collections.abc import Mapping, Sequence
from typing import Any

from core.contracts import Column, Importer, ImportRecord
from core.imports.rules import RowRejected
from core.messages import N_, msg
from core.stores.rules import order_number

SETTLE = (
    Column("confirmed_at", ("确认收货时间",), "time"),
    Column("settled_at", ("淘客结算时间", "结算时间", "账户支出时间"), "time"),
    Column("plan", ("计划名称",)),
    Column("item_id", ("商品ID",), "id"),
    Column("items", ("商品名称",)),
    Column("amount", ("实际成交价格",), "money"),
    Column("commission", ("佣金",), "money", required=True),
    Column("service_fee", ("服务费金额", "服务费"), "money"),
    Column("order_no", ("淘宝父订单编号",), "id", required=True),
    Column("sub_order_no", ("淘宝子订单编号",), "id", required=True),
)
REFUND = (
    Column("order_no", ("淘宝订单编号", "淘宝父订单编号"), "id", required=True),
    Column("sub_order_no", ("淘宝子订单编号",), "id", required=True),
    Column("items", ("商品名称",)),
    Column("amount", ("维权退款金额",), "money"),
    Column("service_fee", ("应退回服务费",), "money"),
    Column("commission", ("应退回佣金",), "money", required=True),
    Column("status_text", ("维权状态",)),
    Column("opened_at", ("维权创建时间",), "time"),
    Column("settled_at", ("维权完成时间",), "time"),
)
VALUES = ("item_id", "items", "amount", "status_text", "confirmed_at", "settled_at")


def settled(row: Mapping[str, Any]) -> Sequence[ImportRecord]:
    """The commission of one sub-order."""
    return _line("settle", row)


def refunded(row: Mapping[str, Any]) -> Sequence[ImportRecord]:
    """The commission of one sub-order that came back."""
    return _line("refund", row)


def _line(kind: str, row: Mapping[str, Any]) -> Sequence[ImportRecord]:
    order_no, sub = order_number(row["order_no"]), row["sub_order_no"] or row["order_no"]
    if row["commission"] is None:
        raise RowRejected(msg("The amount is missing."), "commission")
    values = {name: row.get(name) for name in VALUES}
    values |= {"kind": kind, "order_no": order_no, "sub_order_no": sub}
    values |= {"commission": row["commission"], "service_fee": row.get("service_fee") or 0}
    return [ImportRecord("finance.affiliate_line", f"{kind}:{sub}", values)]


SETTLED = Importer("finance.affiliate_settled", N_("Taobaoke commissions"), SETTLE, settled, ragged=True, weight=60)
REFUNDED = Importer("finance.affiliate_refunds", N_("Taobaoke refunds"), REFUND, refunded, ragged=True, weight=61)
