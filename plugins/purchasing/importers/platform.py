"""Orders placed on 1688: an order of several articles has several rows, and its own cells blank in all but one."""

from collections.abc import Mapping, Sequence
from hashlib import blake2b
from typing import Any

from core.contracts import Column, Importer, ImportRecord
from core.imports.rules import RowRejected, money_text
from core.messages import N_, msg
from core.stores.rules import merge_purchase

ORDER, LINE = "purchasing.platform_order", "purchasing.platform_line"
ORDER_COLUMNS = (
    Column("order_no", ("订单编号",), "id", required=True),
    Column("seller", ("卖家公司名",), required=True),
    Column("goods_total", ("货品总价(元)", "货品总价"), "money", required=True),
    Column("freight", ("运费(元)", "运费"), "money", required=True),
    Column("adjustment", ("涨价或折扣(元)", "涨价或折扣"), "money", required=True),
    Column("paid", ("实付款(元)", "实付款"), "money", required=True),
    Column("status_text", ("订单状态",), required=True),
    Column("ordered_at", ("订单创建时间",), "time"),
    Column("paid_at", ("订单付款时间",), "time"),
)
LINE_COLUMNS = (
    Column("name", ("货品标题",), required=True),
    Column("article", ("单品货号", "货号", "物料编号", "型号")),
    Column("price", ("单价(元)", "单价"), "money", required=True),
    Column("quantity", ("数量",), "int", required=True),
    Column("unit", ("单位",)),
)
PEOPLE = ("买家公司名", "买家会员名", "卖家会员名", "发货方", "收货人姓名", "收货地址", "邮编", "联系电话", "联系手机")


def records(row: Mapping[str, Any]) -> Sequence[ImportRecord]:
    """The order that a row is of, and the article in it; an article may stand in an order twice."""
    for name in ("order_no", "seller", "goods_total", "paid", "name", "price", "quantity"):
        if row[name] is None:
            raise RowRejected(msg("The cell is empty."), name)
    freight, adjustment = row["freight"] or 0, row["adjustment"] or 0
    total = row["goods_total"] + freight + adjustment
    if total != row["paid"]:
        raise RowRejected(msg("Goods, freight and adjustment make %(total)s.", total=money_text(total)), "paid")
    if row["quantity"] < 1 or row["price"] < 0:
        raise RowRejected(msg("At least one piece."), "quantity")
    values = {column.field: row.get(column.field) for column in ORDER_COLUMNS if column.field != "order_no"}
    values |= {"freight": freight, "adjustment": adjustment, "status_text": row["status_text"] or ""}
    line = {name: row.get(name) or "" for name in ("name", "article", "unit")}
    line |= {"order_no": row["order_no"], "price": row["price"], "quantity": row["quantity"]}
    line["article"] = line["article"] or line["name"]
    told = blake2b(repr(sorted(line.items())).encode(), digest_size=6).hexdigest()
    return [
        ImportRecord(ORDER, row["order_no"], values, amounts=("paid", "goods_total")),
        ImportRecord(LINE, f"{row['order_no']}|{told}", line, counted=True),
    ]


ORDERS_1688 = Importer(
    "purchasing.orders_1688",
    N_("1688 orders with their articles"),
    (*ORDER_COLUMNS, *LINE_COLUMNS),
    records,
    merge=merge_purchase,
    identity=PEOPLE,
    carry=tuple(column.field for column in ORDER_COLUMNS),
    permission="purchasing.import",
    weight=31,
    shared="1688 orders",
)
