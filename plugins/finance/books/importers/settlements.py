"""Payouts of a Tmall Global store: the batch, and the trades and refunds that it settles."""

from collections.abc import Mapping, Sequence
from typing import Any

from core.contracts import Column, Importer, ImportRecord
from core.imports.rules import RowRejected, money_text
from core.messages import N_, msg
from plugins.finance.books.settlement_rules import batch_in, digest, in_rmb

BATCH = (
    Column("batch_no", ("Settle_batch_no",), "id", required=True),
    Column("settled_at", ("Settle_date",), "time", required=True),
    Column("amount", ("Amount",), "money", required=True),
    Column("fee", ("Fee",), "money", required=True),
    Column("settlement", ("Settlement",), "money", required=True),
    Column("currency", ("Currency",), required=True),
)
DETAILS = (
    Column("order_no", ("Partner_transaction_id",), "id", required=True),
    Column("amount", ("Amount",), "money", required=True),
    Column("rmb_amount", ("Rmb_amount",), "money", required=True),
    Column("fee", ("Fee",), "money", required=True),
    Column("settlement", ("Settlement",), "money", required=True),
    Column("rmb_settlement", ("Rmb_settlement",), "money", required=True),
    Column("currency", ("Currency",), required=True),
    Column("rate", ("Rate",)),
    Column("paid_at", ("Payment_time",), "time"),
    Column("settled_at", ("Settlement_time",), "time", required=True),
    Column("type", ("Type",), required=True),
    Column("status", ("Status",)),
    Column("stem_from", ("Stem_from",)),
    Column("items", ("Remarks",), "memo"),
)
PAY, REFUND, FEE = "pay", "refund", "fee"
KINDS = {"P": PAY, "R": REFUND}


def full(row: Mapping[str, Any], *names: str) -> None:
    """Refuse a row in which one of these is blank."""
    for name in names:
        if row.get(name) is None:
            raise RowRejected(msg("Nothing stands here."), name)


def tied(row: Mapping[str, Any], part: str, rmb: str, *, converted: bool = False) -> None:
    """Refuse a row whose amount in RMB is not its foreign amount at the platform's rate."""
    rate = row.get("rate")
    if not in_rmb(row[part], row[rmb], rate, row["currency"], converted=converted):
        raise RowRejected(
            msg("At the rate %(rate)s this is not %(amount)s.", rate=rate, amount=money_text(row[part])), rmb
        )


def settled(row: Mapping[str, Any]) -> None:
    """Refuse a row whose amount less its fee is not what it settles."""
    left = row["amount"] - row["fee"]
    if left != row["settlement"]:
        raise RowRejected(msg("The amount less the fee is %(left)s.", left=money_text(left)), "settlement")


def batch(row: Mapping[str, Any]) -> Sequence[ImportRecord]:
    """The payout of one row."""
    full(row, *(column.field for column in BATCH))
    settled(row)
    values = {name: row[name] for name in ("settled_at", "amount", "fee", "settlement", "currency")}
    return [
        ImportRecord("finance.settlement", row["batch_no"], values, amounts=("amount", "fee", "settlement")),
    ]


def facts(table: Any) -> Mapping[str, Any]:
    """The payout's number, from the name of the file."""
    return {"batch_no": batch_in(table.sheet)}


def detail(row: Mapping[str, Any]) -> Sequence[ImportRecord]:
    """One trade or refund of a payout, and what it moves in the books: what was paid, and the fee kept of it."""
    full(row, "order_no", "amount", "rmb_amount", "fee", "settlement", "rmb_settlement", "currency", "settled_at")
    if row["type"] not in KINDS:
        raise RowRejected(msg("Neither P, a payment, nor R, a refund."), "type")
    settled(row)
    tied(row, "amount", "rmb_amount")
    tied(row, "settlement", "rmb_settlement", converted=True)
    names = ("order_no", "type", "amount", "rmb_amount", "fee", "settlement", "rmb_settlement", "currency")
    values = {name: row.get(name) for name in (*names, "paid_at", "settled_at")}
    key = f"{row['order_no']}:{row['type']}:{digest(values)}"
    values |= {name: row.get(name) for name in ("rate", "batch_no", "items")}
    return [
        ImportRecord("finance.settlement_detail", key, values, counted=True),
        _line(row, key, KINDS[row["type"]], row["rmb_amount"], row["amount"]),
        _line(row, key, FEE, row["rmb_settlement"] - row["rmb_amount"], -row["fee"]),
    ]


def _line(row: Mapping[str, Any], key: str, kind: str, amount: int, foreign: int) -> ImportRecord:
    account = f"alipay_global:{row['currency']}"
    values = {
        "source": "settlement",
        "account": account,
        "base_order_no": row["order_no"],
        "order_no": row["order_no"],
        "order_by": "base",
        "at": row["settled_at"],
        # a refund's own time says nothing of when the trade was paid
        "opened_at": row.get("paid_at") if row["type"] == "P" else None,
        "kind": kind,
        "memo": row.get("items"),
        "amount": amount,
        "currency": row["currency"],
        "foreign_amount": foreign,
        "rate": row.get("rate"),
    }
    return ImportRecord("finance.line", f"{account}:{kind}:{key}", values, counted=True)


BATCHES = Importer("finance.settlement_batches", N_("Tmall Global payouts"), BATCH, batch, weight=40)
SETTLED = Importer(
    "finance.settlement_details",
    N_("Tmall Global payout details"),
    DETAILS,
    detail,
    needs=(("status", "stem_from", "items"),),
    facts=facts,
    weight=41,
)
