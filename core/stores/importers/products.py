"""Product lists: the seller centre's template (header on row 3, names twice) and plain lists of products and SKUs."""

from collections.abc import Mapping, Sequence
from typing import Any

from core.contracts import Column, Importer, ImportRecord
from core.imports.rules import RowRejected
from core.messages import N_, msg
from core.stores import rules

COLUMNS = (
    Column("item_id", ("商品ID", "宝贝ID", "数字ID", "商品编号"), "id", required=True),
    Column("title", ("商品标题", "宝贝标题", "商品名称", "宝贝名称"), required=True),
    Column("category", ("类目", "商品类目", "宝贝类目", "叶子类目")),
    Column("status_text", ("商品状态", "宝贝状态", "出售状态", "状态")),
    Column("merchant_code", ("商品商家编码", "商家编码", "商家货号")),
    Column("list_price", ("一口价", "商品价格", "价格"), "money"),
    Column("stock", ("总库存", "商品库存", "库存", "数量"), "int"),
    Column("sku_id", ("SKUID", "SKU编号", "规格ID"), "id"),
    Column("attributes", ("销售属性", "SKU属性", "SKU名称", "SKU规格", "规格名称", "规格", "商品属性"), "attributes"),
    Column("sku_code", ("SKU商家编码", "规格编码", "规格商家编码")),
    Column("second_code", ("商家编码",), occurrence=2),
    Column("barcode", ("SKU条形码", "商品条形码", "条形码", "条码"), "id"),
    Column("sku_price", ("SKU价格", "SKU一口价", "规格价格"), "money"),
    Column("daily_price", ("SKU日常价", "日常价", "优惠价"), "money"),
    Column("sku_stock", ("SKU库存", "规格库存", "可售库存"), "int"),
)
OF_PRODUCT = ("item_id", "title", "category", "status_text", "merchant_code")


def records(row: Mapping[str, Any]) -> Sequence[ImportRecord]:
    """The product and the SKU of one row. A product without variants is its own only SKU."""
    item, title = row["item_id"], row["title"]
    if not item:
        raise RowRejected(msg("The item id is missing."), "item_id")
    if not title:
        raise RowRejected(msg("The title is missing."), "title")
    code = row.get("sku_code") or row.get("second_code")
    variant = any((row.get("sku_id"), row.get("attributes"), code, row.get("sku_price"), row.get("sku_stock")))
    product = {
        "title": title,
        "category": row.get("category"),
        "status": rules.product_state(row.get("status_text")) or None,
        "merchant_code": row.get("merchant_code"),
        "list_price": None if variant else row.get("list_price"),
        "stock": None if variant else row.get("stock"),
    }
    sku = {
        "item_id": item,
        "sku_id": row.get("sku_id"),
        "merchant_code": code or row.get("merchant_code"),
        "barcode": row.get("barcode"),
        "attributes": row.get("attributes"),
        "list_price": _first(row.get("sku_price"), row.get("list_price")),
        "daily_price": row.get("daily_price"),
        "stock": _first(row.get("sku_stock"), row.get("stock")),
        "status": product["status"],
    }
    return [
        ImportRecord("core.product", item, product),
        ImportRecord(
            "core.sku", row.get("sku_id") or _key(item, row, code), sku, amounts=("list_price", "daily_price")
        ),
    ]


def _first(*amounts: int | None) -> int | None:
    return next((amount for amount in amounts if amount is not None), None)


def _key(item: str, row: Mapping[str, Any], code: str | None) -> str:
    """The key of a SKU in a file without SKU ids: its item and attributes, for these tell variants apart."""
    told = row.get("attributes") or ({"": code} if code else {})
    return f"{item}#{';'.join(sorted(told.values()))}" if told else item


PRODUCTS = Importer(
    "core.products",
    N_("Product list"),
    COLUMNS,
    records,
    needs=(("merchant_code", "list_price", "stock", "sku_id", "sku_price", "sku_stock", "barcode"),),
    carry=OF_PRODUCT,
    weight=30,
)
