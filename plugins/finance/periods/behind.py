"""The rows behind a figure of a run's balance statement."""

from collections.abc import Iterator
from itertools import islice
from typing import Any

from sqlalchemy import func, select

from core.extensions import db
from core.listing import PER_PAGE
from core.stores.models import Order
from plugins.finance.books.models import Line
from plugins.finance.matching.classes import LINE, ORDER, line_code, order_code
from plugins.finance.matching.loading import moment
from plugins.finance.matching.models import Result, Run
from plugins.finance.periods.balance import LOOSE_CODES, WORDS
from plugins.finance.periods.rules import bounds
from plugins.finance.profit.moves import Sorter

ORDERS = ("DUE", "CARRIED", "REFUNDS")
LINES = ("FEES", "LATER")
ACCOUNT = ("OPENING", "CLOSING", "MOVED", "ELSEWHERE")  # what all lines of the account come to
LABELS = {code: WORDS[code] for code in (*ORDERS, *LINES)}
FEE_PART, REFUND_PART = "fee", "refund"


def orders(run: Run, code: str, page: int) -> tuple[list[dict[str, Any]], int]:
    """A page of the orders that a figure is the sum of, and how many there are."""
    start, _ = bounds(run.first, run.last)
    within = {"DUE": moment() >= start, "CARRIED": moment() < start, "REFUNDS": func.coalesce(Order.refund, 0) > 0}
    query = (
        select(Order)
        .join(Result, Result.record_id == Order.id)
        .where(Result.run_id == run.id, Result.side == ORDER, Result.code != order_code("UNPAID"), within[code])
    )
    count = db.session.scalar(select(func.count()).select_from(query.subquery())) or 0
    found = db.session.scalars(query.order_by(Order.id).limit(PER_PAGE).offset((page - 1) * PER_PAGE))
    back = code == "REFUNDS"
    return [_row(order, -(order.refund or 0) if back else order.total or 0) for order in found], count


def lines(run: Run, code: str, account: str, page: int) -> tuple[list[dict[str, Any]], int]:
    """A page of the account's lines that a figure is the sum of, and how many there are at least: one more where a
    further page follows."""
    found = list(islice(_told(run, code, account), (page - 1) * PER_PAGE, page * PER_PAGE + 1))
    total = (page - 1) * PER_PAGE + len(found)
    known = {row.id: row for row in db.session.scalars(select(Line).where(Line.id.in_(found[:PER_PAGE])))}
    return [_row(known[each], known[each].amount) for each in found[:PER_PAGE]], total


def _told(run: Run, code: str, account: str) -> Iterator[int]:
    loose = [line_code(each) for each in LOOSE_CODES if each != "ELSEWHERE"] + [line_code("DUP_PAY")]
    start, end = bounds(run.first, run.last)
    columns = (Line.id, Line.order_no, Line.account, Line.kind, Line.subject, Line.memo, Line.merchant_no)
    query = (
        select(*columns, Line.amount, Line.at, func.coalesce(Order.refund, 0))
        .join(Result, Result.record_id == Line.id)
        .outerjoin(Order, (Order.store_id == Line.store_id) & (Order.order_no == Line.order_no))
        .where(Result.run_id == run.id, Result.side == LINE, Result.code.not_in(loose))
        .where(Line.store_id == run.store_id, Line.account == account, Line.at >= start, Line.at < end)
        .order_by(Line.at, Line.id)
    )
    sorter = Sorter(run.store_id)
    part = FEE_PART if code == "FEES" else REFUND_PART
    for row in db.session.execute(query.execution_options(yield_per=PER_PAGE)):
        *told, refund = row
        move = sorter(tuple(told))
        if move.part == part and (part == FEE_PART or not refund):
            yield move.id


def _row(record: Any, amount: int) -> dict[str, Any]:
    return {"record": record, "amount": amount, "repeated": False}
