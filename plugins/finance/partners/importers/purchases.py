"""Orders placed on 1688: an order of several articles has several rows, and its own cells blank in all but one."""

from collections.abc import Mapping, Sequence
from typing import Any

from core.contracts import Column, Importer, ImportRecord
from core.imports.rules import LARGEST, RowRejected, as_whole, bare, money_text
from core.imports.tables import Table
from core.messages import N_, msg
from core.stores.rules import merge_purchase

ORDER = (
    Column("order_no", ("订单编号",), "id", required=True),
    Column("supplier", ("卖家公司名",), required=True),
    Column("goods_total", ("货品总价(元)", "货品总价"), "money", required=True),
    Column("freight", ("运费(元)", "运费"), "money", required=True),
    Column("adjustment", ("涨价或折扣(元)", "涨价或折扣"), "money", required=True),
    Column("paid", ("实付款(元)", "实付款"), "money", required=True),
    Column("status_text", ("订单状态",)),
    Column("ordered_at", ("订单创建时间",), "time"),
    Column("paid_at", ("订单付款时间",), "time"),
)
LINE = (
    Column("goods", ("货品标题",)),
    Column("unit_price", ("单价(元)", "单价"), "money"),
    Column("quantity", ("数量",)),
    Column("unit", ("单位",)),
)
PEOPLE = ("买家公司名", "买家会员名", "卖家会员名", "发货方", "收货人姓名", "收货地址", "邮编", "联系电话", "联系手机")


def facts(table: Table) -> Mapping[str, Any]:
    """Of every order, what its rows together say of goods and pieces."""
    found: dict[str, list[tuple[str, str]]] = {}
    number = ""
    for _, cells in table.rows:
        said = {name: bare(cells[place]) for name, place in table.columns.items() if place < len(cells)}
        number = said.get("order_no", "") or number
        found.setdefault(number, []).append((said.get("goods", ""), said.get("quantity", "")))
    return {"lines": {number: _together(lines) for number, lines in found.items()}}


def _together(lines: Sequence[tuple[str, str]]) -> tuple[str | None, int | None]:
    goods = list(dict.fromkeys(title for title, _ in lines if title))
    try:
        counts = [as_whole(count) or 0 for _, count in lines if count]
    except RowRejected:
        counts = []
    return "，".join(goods) or None, sum(counts) if counts and sum(counts) <= LARGEST else None


def records(row: Mapping[str, Any]) -> Sequence[ImportRecord]:
    """The order that a row is of; the rows of one order all say the same of it."""
    number, paid, goods = row["order_no"], row["paid"], row["goods_total"]
    if number is None:
        raise RowRejected(msg("The order number is missing."), "order_no")
    if paid is None or goods is None:
        raise RowRejected(msg("The amount is missing."), "paid" if paid is None else "goods_total")
    total = goods + (row["freight"] or 0) + (row["adjustment"] or 0)
    if total != paid:
        raise RowRejected(msg("Goods, freight and adjustment make %(total)s.", total=money_text(total)), "paid")
    values = {column.field: row.get(column.field) for column in ORDER if column.field != "order_no"}
    values["goods"], values["quantity"] = row["lines"].get(number, (None, None))
    return [ImportRecord("finance.purchase", number, values, amounts=("paid", "goods_total"))]


PURCHASES = Importer(
    "finance.purchases",
    N_("1688 purchase orders"),
    (*ORDER, *LINE),
    records,
    merge=merge_purchase,
    identity=PEOPLE,
    carry=tuple(column.field for column in ORDER),
    facts=facts,
    weight=62,
    shared="1688 orders",
)
