"""Tmall's refund management export, both generations: 39 columns of 2018 and over 50 of 2025."""

from collections.abc import Mapping, Sequence
from typing import Any

from core.contracts import Column, Importer, ImportRecord
from core.imports.rules import RowRejected, differing, filling, money_text
from core.messages import N_, msg
from plugins.cs.rules import words as rules

COLUMNS = (
    Column("refund_no", ("退款编号",), "id", required=True),
    Column("order_no", ("订单编号",), "id", required=True),
    Column("trade_no", ("支付单号", "支付宝交易号"), "id"),
    Column("item_id", ("商品id",), "id"),
    Column("merchant_code", ("商品编码",)),
    Column("items", ("宝贝标题",)),
    Column("kind_text", ("售后类型", "是否需要退货")),
    Column("status_text", ("退款状态",), required=True),
    Column("goods_text", ("货物状态",)),
    Column("phase_text", ("售中或售后",)),
    Column("whole", ("部分退款/全部退款",)),
    Column("paid", ("买家实际支付金额",), "money"),
    Column("amount", ("买家退款金额",), "money", required=True),
    Column("reason", ("买家退款原因",)),
    Column("tag", ("退款原因标签",)),
    Column("explanation", ("买家退款说明",), "note"),
    Column("note", ("商家备注",), "note"),
    Column("responsible", ("责任方",)),
    Column("platform_involved", ("客服介入状态",)),
    Column("return_waybill_no", ("退货物流单号",)),
    Column("return_carrier", ("退货物流公司",)),
    Column("paid_at", ("订单付款时间",), "time"),
    Column("applied_at", ("退款的申请时间",), "time"),
    Column("due_at", ("超时时间",), "time"),
    Column("evidence_due_at", ("举证超时",), "time"),
    Column("returned_at", ("买家退货时间",), "time"),
    Column("completed_at", ("完结时间", "退款完结时间"), "time"),
)
FINAL = ("refunded", "closed")
COPIED = [column.field for column in COLUMNS if column.field not in {"refund_no", "phase_text"}]


def records(row: Mapping[str, Any]) -> Sequence[ImportRecord]:
    """The after-sale case of one row."""
    for name, why in (
        ("refund_no", msg("The refund number is missing.")),
        ("order_no", msg("The order number is missing.")),
        ("amount", msg("The amount is missing.")),
    ):
        if row[name] is None:
            raise RowRejected(why, name)
    if row["amount"] < 0:
        raise RowRejected(msg("A refund cannot be negative."), "amount", money_text(row["amount"]))
    values = {name: row.get(name) for name in COPIED}
    values |= {
        "kind": rules.after_sale_kind(row.get("kind_text"), row.get("goods_text")) or None,
        "status": rules.after_sale_state(row.get("status_text")) or None,
        "phase": rules.phase(row.get("phase_text")) or None,
    }
    return [ImportRecord("cs.after_sale", row["refund_no"], values, ("amount",))]


def merge(_kind: str, stored: Mapping[str, Any], new: Mapping[str, Any]) -> Mapping[str, Any]:
    """What a file changes in a stored case, where what was refunded stays.

    One from before its end, or from before the goods came back, only fills in gaps.
    """
    changes = differing(stored, new)
    ended, returned = stored.get("status") in FINAL, stored.get("returned_at") and not new.get("returned_at")
    if new.get("status") not in FINAL and (ended or returned):
        return filling(stored, changes)
    if not ended:
        return changes
    if stored["status"] == new["status"] == "refunded" and "amount" in changes:
        why = msg("An earlier file says that %(amount)s yuan were refunded.", amount=money_text(stored["amount"]))
        raise RowRejected(why, "amount", money_text(new["amount"]))
    return changes


AFTER_SALES = Importer(
    "cs.after_sales",
    N_("Tmall refund management"),
    COLUMNS,
    records,
    merge=merge,
    permission="cs.import",
    weight=20,
)
