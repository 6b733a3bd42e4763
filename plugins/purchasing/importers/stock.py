"""Cainiao's daily stock of every article and warehouse, and the movements behind it."""

from collections.abc import Mapping, Sequence
from typing import Any

from core.contracts import Column, Importer, ImportRecord
from core.imports.rules import SHANGHAI, RowRejected
from core.messages import N_, msg

SNAPSHOT_COLUMNS = (
    Column("day", ("日期",), "time", required=True),
    Column("goods_id", ("货品ID",), "id"),
    Column("merchant_code", ("货品编码",), required=True),
    Column("name", ("货品名称",)),
    Column("warehouse", ("仓库名称",), required=True),
    Column("opening", ("期初总量",), "int", required=True),
    Column("entered", ("入库总量",), "int", required=True),
    Column("left", ("出库总量",), "int", required=True),
    Column("closing", ("期末总量",), "int", required=True),
    Column("good", ("期末良品",), "int"),
    Column("defective", ("期末次品",), "int"),
    Column("sold", ("良品销售发货",), "int"),
    Column("on_order", ("采购在途",), "int"),
    Column("in_transfer", ("调拨在途",), "int"),
)
MOVE_COLUMNS = (
    Column("number", ("单号",), "id", required=True),
    Column("merchant_code", ("货品编码",), required=True),
    Column("name", ("货品名称",)),
    Column("warehouse", ("仓库名称",), required=True),
    Column("at", ("出入库时间",), "time", required=True),
    Column("kind", ("单据类型",), required=True),
    Column("stock_kind", ("库存类型",)),
    Column("quantity", ("出入数量",), "int", required=True),
    Column("balance", ("结存数量",), "int"),
    Column("order_no", ("ERP订单号",), "id"),
    Column("reference", ("外部流水号",), "id"),
)


def snapshot(row: Mapping[str, Any]) -> Sequence[ImportRecord]:
    """The stock of one row; one that does not add up is rejected."""
    _complete(row, "day", "merchant_code", "warehouse", "opening", "entered", "left", "closing")
    expected = row["opening"] + row["entered"] - row["left"]
    if expected != row["closing"]:
        why = msg(
            "Opening %(opening)s + in %(entered)s - out %(left)s is %(expected)s, but the row says %(closing)s.",
            opening=row["opening"],
            entered=row["entered"],
            left=row["left"],
            expected=expected,
            closing=row["closing"],
        )
        raise RowRejected(why, "closing")
    day = row["day"].astimezone(SHANGHAI).date()
    good = row["closing"] if row.get("good") is None else row["good"]
    values = {name: row.get(name) or 0 for name in ("sold", "on_order", "in_transfer")}
    values |= {name: row[name] for name in ("merchant_code", "warehouse", "opening", "entered", "left", "closing")}
    values |= {
        "on": day,
        "goods_id": row.get("goods_id"),
        "name": row.get("name"),
        "good": good,
        "defective": row["closing"] - good if row.get("defective") is None else row["defective"],
    }
    key = f"{day.isoformat()}|{row['warehouse']}|{row['merchant_code']}"
    return [ImportRecord("purchasing.stock_day", key, values, amounts=("opening", "closing"))]


def moves(row: Mapping[str, Any]) -> Sequence[ImportRecord]:
    """The movement of one row. One document may move an article twice: then both rows stand."""
    _complete(row, "number", "merchant_code", "warehouse", "at", "kind", "quantity")
    values = {column.field: row.get(column.field) for column in MOVE_COLUMNS}
    told = (
        row["number"],
        row["merchant_code"],
        row["at"].isoformat(),
        row["kind"],
        row["quantity"],
        row.get("balance"),
    )
    return [ImportRecord("purchasing.stock_move", "|".join(map(str, told)), values, counted=True)]


def _complete(row: Mapping[str, Any], *names: str) -> None:
    for name in names:
        if row[name] is None:
            raise RowRejected(msg("The cell is empty."), name)


SNAPSHOT = Importer(
    "purchasing.stock_days",
    N_("Cainiao stock of each day"),
    SNAPSHOT_COLUMNS,
    snapshot,
    permission="purchasing.import",
    weight=30,
)
MOVES = Importer(
    "purchasing.stock_moves",
    N_("Cainiao stock movements"),
    MOVE_COLUMNS,
    moves,
    permission="purchasing.import",
    weight=30,
)
