"""The files that logistics reads: Cainiao's waybills, and couriers' bills with weights and regions."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from hashlib import blake2b
from typing import Any

from sqlalchemy import func, select

from core.contracts import Column, Importer, ImportRecord
from core.extensions import db
from core.imports.plans import chunks
from core.imports.rules import RowRejected
from core.messages import N_, Message, msg
from core.stores.models import Store
from core.stores.rules import order_number
from plugins.logistics.models import Parcel
from plugins.logistics.rules import parcels

PARCEL, LINK, ITEM, BILL_LINE = (
    "logistics.parcel",
    "logistics.parcel_order",
    "logistics.parcel_item",
    "logistics.bill_line",
)

WAYBILL_COLUMNS = (
    Column("logistics_no", ("物流订单号",), "id", required=True),
    Column("order_no", ("交易订单号",), "id", required=True),
    Column("waybill_no", ("配送运单号",), "id", required=True),
    Column("status_text", ("订单状态",), required=True),
    Column("warehouse_no", ("仓库订单号",), "id"),
    Column("warehouse", ("仓库名称",)),
    Column("carrier", ("配送公司",)),
    Column("ordered_at", ("下单时间",), "time"),
    Column("paid_at", ("支付时间",), "time"),
    Column("shipped_at", ("发货时间",), "time"),
    Column("collected_at", ("揽收时间",), "time"),
    Column("last_at", ("最新轨迹时间", "最后更新时间"), "time"),
    Column("promised_at", ("预计送达时间", "承诺送达时间"), "time"),
    Column("signed_at", ("签收时间",), "time"),
    Column("region", ("省",)),
    Column("city", ("市",)),
    Column("weight", ("包裹重量", "包裹重量(kg)", "重量", "重量(kg)")),
    Column(
        "volume",
        ("包裹体积", "包裹体积(cm3)", "包裹体积(cm³)", "体积", "体积(cm3)", "体积(cm³)", "体积(m3)", "体积(m³)"),
    ),
    Column("amount", ("订单金额",), "money"),
    Column("quantity", ("商品数量",), "int"),
    Column("item_id", ("商品id",), "id"),
    Column("goods_id", ("货品id",), "id"),
    Column("goods_code", ("货品编码",)),
    Column("merchant_code", ("商家编码",)),
    Column("name", ("商品名称",)),
    Column("tax", ("税费",), "money"),
)
COPIED = (
    "waybill_no",
    "logistics_no",
    "warehouse_no",
    "warehouse",
    "carrier",
    "status_text",
    "ordered_at",
    "paid_at",
    "shipped_at",
    "collected_at",
    "last_at",
    "promised_at",
    "signed_at",
    "city",
)


def waybill_records(row: Mapping[str, Any]) -> Sequence[ImportRecord]:
    """The parcel, the article in it and the order it belongs to. The order's amount stands on every row of it."""
    order_no, own = order_number(row["order_no"]), row["logistics_no"]
    if not own:
        raise RowRejected(msg("The logistics order number is missing."), "logistics_no")
    if (row.get("quantity") or 0) < 0:
        raise RowRejected(msg("Not a number of pieces."), "quantity")
    key = row["waybill_no"] or own
    values = {name: row.get(name) for name in COPIED}
    values |= {
        "status": parcels.parcel_state(row["status_text"]) or None,
        "region": parcels.province(row.get("region")),
        "grams": parcels.grams(row.get("weight"), "weight"),
        "volume": parcels.volume(row.get("volume")),
    }
    link = {
        "alias": link_key(order_no, own),
        "parcel_key": key,
        "order_no": order_no,
        "amount": row.get("amount"),
    }
    tie, item = link_key(order_no, key), _item(row, key, order_no)
    return [
        ImportRecord(LINK, tie, link, ("amount",), alias=link_key(order_no, own), named=f"{order_no} · {key}"),
        ImportRecord(PARCEL, key, values, alias=own),
        ImportRecord(ITEM, f"{own}#{_fingerprint(row)}", item, counted=True, named=f"{key} · {item['name'][:40]}"),
    ]


def elsewhere(records: Iterable[ImportRecord], store_id: int | None) -> Sequence[Message]:
    """Which other stores have parcels of a file, by the platform's own numbers: they cannot be in two."""
    found = Counter[str]()
    for part in chunks(sorted({record.alias for record in records if record.kind == PARCEL})):
        theirs = select(Store.name, func.count()).join(Parcel, Parcel.store_id == Store.id).group_by(Store.name)
        here = (Parcel.logistics_no.in_(part), Parcel.store_id != (store_id or 0))
        found.update(dict(db.session.execute(theirs.where(*here)).all()))
    return [
        msg(
            "%(count)s of these parcels are in the store %(store)s: choose that store, or take its import back first.",
            count=count,
            store=name,
        )
        for name, count in sorted(found.items())
    ]


def link_key(order_no: str, parcel_key: str) -> str:
    """The key of the tie between an order and a parcel."""
    return f"{order_no}@{parcel_key}"


def _item(row: Mapping[str, Any], key: str, order_no: str) -> dict[str, Any]:
    return {
        "parcel_key": key,
        "order_no": order_no,
        "item_id": row.get("item_id"),
        "goods_code": row.get("goods_code"),
        "merchant_code": row.get("merchant_code"),
        "name": row.get("name") or "",
        "quantity": 1 if row.get("quantity") is None else row["quantity"],
        "tax": row.get("tax"),
    }


def _fingerprint(row: Mapping[str, Any]) -> str:
    told = [row.get(name) for name in ("order_no", "goods_id", "goods_code", "merchant_code", "name", "quantity")]
    return blake2b(repr(told).encode(), digest_size=6).hexdigest()


FREIGHT = ("运费", "应付运费", "快递费", "合计运费", "费用", "金额")
KILOGRAMS = ("", "(kg)", "(公斤)", "(千克)")
BILL_COLUMNS = (
    Column("waybill_no", ("运单号", "运单号码", "快递单号", "运单编号", "物流单号", "面单号"), "id", required=True),
    Column("amount", tuple(f"{name}{unit}" for unit in ("", "(元)") for name in FREIGHT), "money", required=True),
    Column("weight", tuple(f"{name}{unit}" for name in ("计费重量", "结算重量", "重量") for unit in KILOGRAMS)),
    Column(
        "region", ("目的地", "目的省份", "目的省", "目的地省份", "收件省份", "收件省", "收货省份", "省份", "到达省")
    ),
    Column("carrier", ("快递公司", "物流公司", "承运商", "快递")),
    Column(
        "shipped_at",
        ("发货日期", "揽收日期", "寄件日期", "业务日期", "发货时间", "揽收时间", "寄件时间", "日期"),
        "time",
    ),
)


def bill_records(row: Mapping[str, Any]) -> Sequence[ImportRecord]:
    """One line of the bill. Lines that say the same are as many lines: a parcel may be billed twice."""
    if not row["waybill_no"]:
        raise RowRejected(msg("The waybill number is missing."), "waybill_no")
    if not row["waybill_no"].isascii():
        raise RowRejected(msg("Not a waybill number."), "waybill_no")
    if row["amount"] is None:
        raise RowRejected(msg("The freight is missing."), "amount")
    values = {
        "waybill_no": row["waybill_no"],
        "amount": row["amount"],
        "grams": parcels.grams(row.get("weight"), "weight"),
        "region": parcels.province(row.get("region")),
        "carrier": row.get("carrier"),
        "shipped_at": row.get("shipped_at"),
    }
    told = [row["waybill_no"], str(values["shipped_at"]), values["grams"], values["region"], values["amount"]]
    key = f"{row['waybill_no']}#{blake2b(repr(told).encode(), digest_size=6).hexdigest()}"
    return [ImportRecord(BILL_LINE, key, values, counted=True, named=row["waybill_no"])]


WAYBILLS = Importer(
    "logistics.waybills",
    N_("Cainiao waybills"),
    WAYBILL_COLUMNS,
    waybill_records,
    objections=elsewhere,
    merge=parcels.merge,
    weight=40,
)
BILLS = Importer(
    "logistics.courier_bill",
    N_("Courier bill with weights and regions"),
    BILL_COLUMNS,
    bill_records,
    needs=(("weight",), ("region",)),
    weight=45,
    shared="courier bill",
)
IMPORTERS = (WAYBILLS, BILLS)
