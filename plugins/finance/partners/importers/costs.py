"""What articles cost, by merchant code."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from core.contracts import Column, Importer, ImportRecord
from core.imports.rules import SHANGHAI, RowRejected
from core.messages import N_, msg

COLUMNS = (
    Column("merchant_code", ("商家编码", "商品编码", "货号", "规格编码"), required=True),
    Column("amount", ("成本价", "成本", "采购价", "进货价", "单位成本"), "money", required=True),
    Column("since", ("生效日期", "起始日期", "开始日期"), "time"),
)
ALWAYS = date(2000, 1, 1)


def records(row: Mapping[str, Any]) -> Sequence[ImportRecord]:
    """What one article costs from a day on; without a day, ever since."""
    code, amount = row["merchant_code"], row["amount"]
    if not code:
        raise RowRejected(msg("The merchant code is missing."), "merchant_code")
    if amount is None or amount < 0:
        raise RowRejected(msg("The amount is missing."), "amount")
    since = row["since"].astimezone(SHANGHAI).date() if row.get("since") else ALWAYS
    values = {"merchant_code": code, "since": since, "amount": amount}
    return [ImportRecord("finance.cost", f"{code}:{since}", values)]


COSTS = Importer("finance.costs", N_("Costs of articles"), COLUMNS, records, weight=90)
