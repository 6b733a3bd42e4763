"""Tmall's order lines: the detail export of 10 columns, the newer one of 18, and the sub-order sheet of 2026."""

from collections.abc import Mapping, Sequence
from hashlib import blake2b
from typing import Any

from core.contracts import Column, Importer, ImportRecord
from core.imports.rules import RowRejected
from core.messages import N_, msg
from core.stores import rules

COLUMNS = (
    Column("order_no", ("主订单编号", "订单编号"), "id", required=True),
    Column("sub_order_no", ("子订单编号",), "id"),
    Column("title", ("标题", "商品标题", "宝贝标题"), required=True),
    Column("list_price", ("价格", "商品价格"), "money", required=True),
    Column("quantity", ("购买数量",), "int", required=True),
    Column("item_id", ("商品ID", "宝贝ID"), "id"),
    Column("outer_code", ("外部系统编号",)),
    Column("merchant_code", ("商家编码",)),
    Column("attributes", ("商品属性", "商品属性SKU"), "attributes"),
    Column("goods_due", ("买家应付货款",), "money"),
    Column("kept", ("买家实际支付金额", "买家实付金额"), "money"),
    Column("refund", ("退款金额",), "money"),
    Column("refund_text", ("退款状态",)),
    Column("status_text", ("订单状态",)),
    Column("shipped_at", ("发货时间",), "time"),
    Column("note", ("备注",), "note"),
)


def records(row: Mapping[str, Any]) -> Sequence[ImportRecord]:
    """The order line of one row. One without a number of its own is known by what it says."""
    order_no = rules.order_number(row["order_no"])
    for name, why in (("title", msg("The title is missing.")), ("quantity", msg("The quantity is missing."))):
        if row[name] is None:
            raise RowRejected(why, name)
    values = {column.field: row.get(column.field) for column in COLUMNS}
    number = row.get("sub_order_no")
    own = f"{order_no}#{_fingerprint(values)}"
    values |= {"status": rules.order_state(row.get("status_text")) or None, "fingerprint": own}
    key = rules.order_number(number, "sub_order_no") if number else own
    return [ImportRecord("core.order_line", key, values, ("list_price", "goods_due"), counted=not number, alias=own)]


def _fingerprint(values: Mapping[str, Any]) -> str:
    told = [values[name] for name in ("title", "merchant_code", "list_price", "quantity")]
    return blake2b(repr([*told, sorted((values["attributes"] or {}).items())]).encode(), digest_size=6).hexdigest()


def merge(kind: str, stored: Mapping[str, Any], new: Mapping[str, Any]) -> Mapping[str, Any]:
    """What a file changes in a stored line, which stays known by what the first file said of it."""
    changes = rules.merge_sale(kind, stored, new, fixed=("list_price", "goods_due"))
    return {name: value for name, value in changes.items() if name != "fingerprint"}


LINES = Importer("core.tmall_order_lines", N_("Tmall order lines"), COLUMNS, records, merge=merge, weight=20)
