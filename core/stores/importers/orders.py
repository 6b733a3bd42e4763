"""Tmall's order export, every generation of it: 35, 53, 55 and over 70 columns, extracts, and the xlsx of 2026."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from core.contracts import Column, Columnar, Importer, ImportRecord
from core.imports.rules import RowRejected, money_text
from core.messages import N_, msg
from core.stores import rules

COLUMNS = (
    Column("order_no", ("订单编号",), "id", required=True),
    Column("parent_order_no", ("主订单编号",), "id"),
    Column("payment_no", ("支付单号",), "id"),
    Column("status_text", ("订单状态",)),
    Column("closed_reason", ("订单关闭原因",)),
    Column("goods_due", ("买家应付货款",), "money"),
    Column("postage_due", ("买家应付邮费",), "money"),
    # Once 总金额 was what the buyer pays. Where 买家实付金额 stands, that is, and 总金额 is the goods at list price.
    Column("total", ("买家实付金额", "总金额"), "money", required=True),
    Column("gross", ("总金额",), "money"),
    Column("modern", ("买家实付金额",), "money"),
    Column("kept", ("买家实际支付金额", "买家实付金额"), "money", required=True),
    Column("refund", ("退款金额",), "money"),
    Column("payout", ("打款商家金额", "确认收货打款金额"), "money"),
    Column("ordered_at", ("订单创建时间",), "time"),
    Column("paid_at", ("订单付款时间",), "time"),
    Column("shipped_at", ("发货时间",), "time"),
    Column("confirmed_at", ("确认收货时间",), "time"),
    Column("items", ("宝贝标题", "商品标题")),
    Column("quantity", ("宝贝总数量",), "int"),
    Column("commission_rate", ("类目佣金率",), "rate"),
    Column("carrier", ("物流公司",)),
    Column("waybill_no", ("物流单号",)),
    Column("region", ("收货地址",), "region"),
    Column("buyer_message", ("买家留言",), "note"),
    Column("note", ("订单备注", "商家备注", "商家备忘"), "note"),
)


def records(row: Mapping[str, Any]) -> Sequence[ImportRecord]:
    """The order of one row."""
    number = rules.order_number(row["order_no"])
    total, state, reason = row["total"], rules.order_state(row.get("status_text")), row.get("closed_reason")
    if total is None:
        raise RowRejected(msg("The amount is missing."), "total")
    if total < 0:
        raise RowRejected(msg("The amount of an order cannot be negative."), "total", money_text(total))
    if total == 0 and "modern" in row and state in (rules.UNPAID, rules.CLOSED):
        # nothing paid, which does not say how much was to be paid
        total = None if row.get("goods_due") is None else row["goods_due"] + (row.get("postage_due") or 0)
    values = {name: row.get(name) for name in COPIED}
    if "modern" in row and _lowered(state, total, row.get("refund"), row.get("payout")):
        values["kept"] = row["payout"]  # 买家实付金额 stays as it was paid: what was paid out is lower by the refund
    values |= {
        "total": total,
        "status": state or None,
        "list_total": row.get("gross") if "modern" in row else None,
        "waybill_no": rules.waybills(row.get("waybill_no")),
        "closed_reason": None if reason == rules.NOT_CLOSED else reason,
    }
    return [ImportRecord("core.order", number, values, amounts=("total",))]


def _lowered(state: str, total: int | None, refund: int | None, payout: int | None) -> bool:
    """Whether what was paid out, or of a closed order never will be, is the total less the refund."""
    return bool(total and refund and (payout or state == rules.CLOSED)) and payout == total - refund


COPIED = [column.field for column in COLUMNS if column.field not in {"order_no", "gross", "modern"}]


def in_columns(read: Mapping[str, Any], _facts: Mapping[str, Any]) -> tuple[Any, Mapping[str, Any]]:
    """The orders of many rows: what ``records`` says of each, or no key for one that it is to look at."""
    import pyarrow.compute as pc

    from core.imports.columnar_cells import matches, told

    state = told(read.get("status_text"), lambda text: rules.order_state(text) or None)
    total, modern = read["total"], "modern" in read
    sound = pc.and_(pc.greater_equal(total, 1 if modern else 0), pc.match_substring_regex(read["order_no"], PLAIN_NO))
    values = {name: read[name] for name in COPIED if name in read} | {"status": state}
    if modern and "payout" in read and "refund" in read:
        closed = False if state is None else pc.fill_null(pc.equal(state, rules.CLOSED), False)
        lower = pc.and_(pc.or_(pc.greater(read["payout"], 0), closed), pc.greater(read["refund"], 0))
        lower = pc.and_(lower, pc.equal(read["payout"], pc.subtract(total, read["refund"])))
        values["kept"] = pc.if_else(pc.fill_null(lower, False), read["payout"], read["kept"])
    if modern and "gross" in read:
        values["list_total"] = read["gross"]
    if "waybill_no" in read:
        values["waybill_no"] = told(read["waybill_no"], rules.waybills, lambda text: ~matches(text, PLAIN_WAYBILL))
    if "closed_reason" in read:
        values["closed_reason"] = told(read["closed_reason"], lambda text: None if text == rules.NOT_CLOSED else text)
    return pc.if_else(sound, read["order_no"], None), {name: each for name, each in values.items() if each is not None}


PLAIN_NO = "^[0-9A-Za-z-]{1,40}$"
PLAIN_WAYBILL = "^[0-9A-Za-z]{5,}$"

ORDERS = Importer(
    "core.tmall_orders",
    N_("Tmall order export"),
    COLUMNS,
    records,
    needs=(("ordered_at", "paid_at"),),
    merge=partial(rules.merge_sale, fixed=("total",)),
    columnar=Columnar("core.order", "order_no", in_columns, ordered="ordered_at"),
    weight=10,
)
