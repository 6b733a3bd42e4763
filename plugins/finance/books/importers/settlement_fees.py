"""What explains the payouts of a Tmall Global store: fees of a payout or a month, and the month's trades."""

from collections.abc import Mapping, Sequence
from typing import Any

from core.contracts import Column, Importer, ImportRecord
from core.imports.rules import RowRejected
from core.messages import N_, msg
from plugins.finance.books.importers.settlements import full, settled, tied
from plugins.finance.books.settlement_rules import digest, fee_kind

COMMON = (
    Column("paid_at", ("Payment_time",), "time"),
    Column("trade_no", ("Transaction_id",), "id", required=True),
    Column("order_no", ("Partner_transaction_id",), "id", required=True),
    Column("currency", ("Currency",), required=True),
    Column("fee_type", ("Fee_type",), required=True),
)
OF_PAYOUT = (
    *COMMON,
    Column("gross", ("Gross_amount",), "money", required=True),
    Column("rmb_gross", ("Rmb_gross_amount",), "money", required=True),
    Column("fee", ("Fee_amount",), "money", required=True),
    Column("rmb_fee", ("Fee_rmb_amount",), "money", required=True),
    Column("rate", ("Rate",)),
    Column("memo", ("Remark",), "memo"),
)
OF_MONTH = (
    *COMMON,
    Column("gross", ("Foreign_amount",), "money", required=True),
    Column("rmb_gross", ("Amount",), "money", required=True),
    Column("fee", ("Foreign_fee_amount",), "money", required=True),
    Column("rmb_fee", ("Fee_amount",), "money", required=True),
    Column("rate", ("Exchange_Rate",)),
    Column("memo", ("Fee_desc",), "memo"),
)
TRADES = (
    Column("order_no", ("Partner_transaction_id",), "id", required=True),
    Column("trade_no", ("Transaction_id",), "id", required=True),
    Column("amount", ("Amount",), "money", required=True),
    Column("rmb_amount", ("Rmb_amount",), "money", required=True),
    Column("fee", ("Fee",), "money"),
    Column("refund", ("Refund",), "money", required=True),
    Column("settlement", ("Settlement",), "money", required=True),
    Column("rmb_settlement", ("Rmb_settlement",), "money", required=True),
    Column("currency", ("Currency",), required=True),
    Column("rate", ("Rate",)),
    Column("paid_at", ("Payment_time",), "time", required=True),
    Column("settled_at", ("Settlement_time",), "time"),
    Column("type", ("Type",), required=True),
)
VALUES = ("trade_no", "gross", "rmb_gross", "fee", "rmb_fee", "currency", "paid_at", "memo")


def payout_fee(row: Mapping[str, Any]) -> Sequence[ImportRecord]:
    """One fee of one trade of a payout."""
    return _fee(row, "settlement")


def monthly_fee(row: Mapping[str, Any]) -> Sequence[ImportRecord]:
    """One fee of one trade paid in a month."""
    return _fee(row, "monthly")


def _fee(row: Mapping[str, Any], source: str) -> Sequence[ImportRecord]:
    full(row, "gross", "rmb_gross", "fee", "rmb_fee", "currency", "fee_type")
    kind, named = fee_kind(row["fee_type"])
    order_no = row.get("order_no") or named
    if order_no is None:
        raise RowRejected(msg("No order is named, neither here nor in the kind of fee."), "order_no")
    tied(row, "gross", "rmb_gross")
    tied(row, "fee", "rmb_fee")
    values = {name: row.get(name) for name in VALUES} | {"source": source, "order_no": order_no, "fee_type": kind}
    # the number in the kind of fee tells the fees of two articles of one order apart
    key = f"{order_no}:{digest({**values, 'named': named})}"
    return [ImportRecord("finance.settlement_fee", key, values | {"rate": row.get("rate")}, counted=True)]


def trade(row: Mapping[str, Any]) -> Sequence[ImportRecord]:
    """One trade of a month, or one refund of it; settled by and by, so that a later file says more."""
    full(row, "amount", "rmb_amount", "currency", "type")
    if not (row["trade_no"] or row["order_no"]):
        raise RowRejected(msg("Nothing stands here."), "trade_no")
    tied(row, "amount", "rmb_amount")
    if None not in (row["settlement"], row["rmb_settlement"]):
        tied(row, "settlement", "rmb_settlement", converted=True)
    if None not in (row.get("fee"), row["settlement"]) and not row["refund"]:
        settled(row)
    key = f"{row['trade_no'] or row['order_no']}:{row['type']}"
    if row["type"] != "P":  # one trade has one payment, and any number of refunds
        key += f":{row['amount']}:{row['paid_at']:%Y%m%d%H%M%S}" if row["paid_at"] else f":{row['amount']}"
    values = {
        "source": "global",
        "order_no": row["order_no"],
        "trade_no": row["trade_no"],
        "type": row["type"],
        "amount": row["rmb_amount"],
        "currency": row["currency"],
        "foreign_amount": row["amount"],
        "foreign_fee": row.get("fee"),
        "foreign_refund": row["refund"],
        "foreign_settlement": row["settlement"],
        "settlement": row["rmb_settlement"],
        "rate": row.get("rate"),
        "paid_at": row["paid_at"],
        "settled_at": row.get("settled_at"),
    }
    return [
        ImportRecord("finance.trade", key, values, amounts=("amount", "foreign_amount"), counted=row["type"] != "P")
    ]


PAYOUT_FEES = Importer("finance.settlement_fees", N_("Tmall Global payout fees"), OF_PAYOUT, payout_fee, weight=42)
MONTHLY_FEES = Importer("finance.monthly_fees", N_("Tmall Global monthly fees"), OF_MONTH, monthly_fee, weight=43)
GLOBAL_TRADES = Importer("finance.global_trades", N_("Tmall Global trades"), TRADES, trade, weight=44)
