"""Lists of account lines, one line with where it came from, and the money of one order."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import joinedload, undefer

from core.contracts import Actor
from core.extensions import db
from core.imports.models import ImportBatch, ImportRow
from core.listing import Choice, Column, Listing, known
from core.messages import N_
from core.stores.models import Order
from core.stores.queries import store_names
from core.web import whole_number
from plugins.finance.books.models import Control, Line

MANY = 200

SOURCES = {
    "alipay_statement": N_("Alipay account statement"),
    "alipay_flows": N_("Alipay fund flows"),
    "alipay_records": N_("Alipay account records"),
    "alipay_receipt": N_("Alipay customer receipt"),
    "wallet": N_("Wallet for WeChat payments"),
    "settlement": N_("Tmall Global settlement"),
    "global_statement": N_("Tmall Global account statement"),
}
FOUND_BY = {
    "base": N_("the platform's base order number"),
    "merchant": N_("the merchant order number"),
    "memo": N_("the memo"),
    "waybill": N_("a waybill"),
}
WITH, WITHOUT, IN, OUT = "with", "without", "in", "out"


def _store(given: str) -> ColumnElement[bool] | None:
    number = whole_number(given)
    return None if number is None else Line.store_id == number


def _accounts(actor: Actor) -> Sequence[tuple[Any, str]]:
    """The accounts of which a statement said what it is."""
    query = select(Control.account).where(Control.visible_to(actor)).distinct().order_by(Control.account)
    return [(account, account.partition(":")[2]) for account in db.session.scalars(query)]


def _by(options: Mapping[str, ColumnElement[bool]]) -> Any:
    return options.get


LISTING = Listing(
    "account-lines",
    Line,
    (
        Column("at", N_("Time"), lambda row: row.at, "when", Line.at),
        Column("flow_no", N_("Flow number"), lambda row: row.flow_no or row.trade_no, wide=True),
        Column("kind", N_("Kind"), lambda row: row.kind),
        Column("order_no", N_("Order number"), lambda row: row.order_no, sort=Line.order_no, wide=True),
        Column("memo", N_("Memo"), lambda row: row.memo or row.subject, wide=True),
        Column("amount", N_("Amount"), lambda row: row.amount, "money", Line.amount),
        Column("balance", N_("Balance"), lambda row: row.balance, "money", wide=True),
        Column("account", N_("Account"), lambda row: row.account, wide=True),
        Column("store", N_("Store"), lambda row: row.store.name, wide=True),
    ),
    search=(Line.order_no, Line.flow_no, Line.trade_no, Line.merchant_no, Line.kind, Line.subject, Line.memo),
    order=(Line.at.desc(), Line.id.desc()),
    filters=(
        Choice("store", N_("All stores"), store_names, _store),
        Choice(
            "account",
            N_("All accounts"),
            _accounts,
            lambda given: Line.account == given if given.isprintable() else None,
        ),
        Choice("source", N_("All files"), lambda _: list(SOURCES.items()), known(SOURCES, Line.source)),
        Choice(
            "direction",
            N_("In and out"),
            lambda _: [(IN, N_("Money in")), (OUT, N_("Money out"))],
            _by({IN: Line.amount > 0, OUT: Line.amount < 0}),
        ),
        Choice(
            "order",
            N_("With and without order"),
            lambda _: [(WITH, N_("With an order")), (WITHOUT, N_("Without an order"))],
            _by({WITH: Line.order_no.is_not(None), WITHOUT: Line.order_no.is_(None)}),
        ),
    ),
    day=Line.at,
    options=(joinedload(Line.store),),
)


def origins(kind: str, record_id: int) -> list[Mapping[str, Any]]:
    """The rows of files that spoke of a record, the first first: file, sheet, row, and what the row did to it."""
    query = (
        select(ImportRow, ImportBatch)
        .options(undefer(ImportRow.numbers))
        .join(ImportBatch, ImportBatch.id == ImportRow.batch_id)
        .where(ImportRow.tells_of(kind, record_id))
        .order_by(ImportRow.id)
        .limit(MANY)
    )
    return [
        {"row": row.number_of(record_id), "sheet": row.sheet, "action": row.action, "batch": batch}
        for row, batch in db.session.execute(query)
    ]


def order_of(record: Any) -> Order | None:
    """The order that a line or trade names, or whose parcel a line names, if it is imported."""
    waybill = getattr(record, "waybill_no", None)
    if record.order_no:
        named = Order.order_no == record.order_no
    elif waybill:
        named = Order.waybill_no == waybill
    else:
        return None
    return db.session.scalar(select(Order).where(Order.store_id == record.store_id, named).limit(1))


def lines_of(order: Order) -> tuple[Sequence[Line], int]:
    """The money lines of an order, the oldest first, and what they come to.

    A payment of several orders together names none of them, but their payment number; a few lines name the parcel.
    """
    query = select(Line).where(Line.store_id == order.store_id)
    rows = list(db.session.scalars(query.where(Line.order_no == order.order_no).limit(MANY)))
    others = [
        column == number
        for column, number in ((Line.trade_no, order.payment_no), (Line.waybill_no, order.waybill_no))
        if number
    ]
    if others:  # apart, for lines without an order are few and found by the index
        rows += db.session.scalars(query.where(Line.order_no.is_(None), or_(*others)).limit(MANY))
    rows.sort(key=lambda line: (line.at, line.id))
    return rows, sum(line.amount for line in rows)
