"""A courier's bill: one row for each parcel, or several."""

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from hashlib import blake2b
from typing import Any

from core.contracts import Column, Importer, ImportRecord
from core.imports.rules import RowRejected
from core.imports.tables import Table
from core.messages import N_, msg

FREIGHT = ("运费", "应付运费", "快递费", "合计运费", "费用", "金额")
WEIGHED = ("计费重量", "结算重量", "重量")
UNITS = ("", "(kg)", "(公斤)", "(千克)", "(g)", "(克)")
COLUMNS = (
    Column("waybill_no", ("运单号", "快递单号", "物流单号", "运单编号", "运单号码", "面单号"), "id", required=True),
    Column(
        "shipped_at",
        ("发货日期", "发货时间", "揽收时间", "揽收日期", "寄件日期", "寄件时间", "业务日期", "日期"),
        "time",
        required=True,
    ),
    Column("amount", tuple(f"{name}{unit}" for unit in ("", "(元)") for name in FREIGHT), "money", required=True),
    Column("weight", tuple(f"{name}{unit}" for name in WEIGHED for unit in UNITS)),
    Column(
        "region",
        ("目的地", "目的省份", "目的省", "目的地省份", "收件省份", "收件省", "收货省份", "省份", "到达省"),
        "region",
    ),
    Column("carrier", ("快递公司", "物流公司", "承运商", "快递")),
)
WEIGHT = re.compile(r"(\d{1,6}(?:\.\d{1,6})?)\s*(kg|公斤|千克|g|克)?", re.IGNORECASE | re.ASCII)
GRAMS = {"g", "克"}


def facts(table: Table) -> Mapping[str, Any]:
    """Whether the header says that weights are in grams."""
    return {"in_grams": any(word in table.header_of("weight").lower() for word in ("(g)", "(克)"))}


def grams(text: str | None, in_grams: bool) -> int | None:
    """A weight in grams; of one without a unit, the header's, or kilograms."""
    if text is None:
        return None
    found = WEIGHT.fullmatch(text.strip())
    if found is None:
        raise RowRejected(msg("Not a weight."), "weight")
    small = found[2].lower() in GRAMS if found[2] else in_grams
    return int(Decimal(found[1]) * (1 if small else 1000))


def records(row: Mapping[str, Any]) -> Sequence[ImportRecord]:
    """One parcel of the bill; a parcel that is billed twice is two lines."""
    if row["waybill_no"] is None:
        raise RowRejected(msg("The waybill number is missing."), "waybill_no")
    if row["amount"] is None:
        raise RowRejected(msg("The amount is missing."), "amount")
    values = {name: row.get(name) for name in ("waybill_no", "carrier", "shipped_at", "region", "amount")}
    values["grams"] = grams(row.get("weight"), row["in_grams"])
    told = repr([str(values[name]) for name in ("shipped_at", "amount", "grams")])
    key = f"{row['waybill_no']}:{blake2b(told.encode(), digest_size=6).hexdigest()}"
    return [ImportRecord("finance.courier_line", key, values, counted=True)]


COURIER = Importer(
    "finance.courier_bill", N_("Courier bill"), COLUMNS, records, facts=facts, weight=63, shared="courier bill"
)
