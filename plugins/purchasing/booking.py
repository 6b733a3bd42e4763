"""What was received and sent back, as movements of stock, until the warehouse's own files tell of it."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime

from sqlalchemy import func, or_, select

from core import localtime
from core.extensions import db
from core.messages import N_
from plugins.purchasing.models import PurchaseOrder, StockMove

RECEIVED, RETURNED = N_("Received from the supplier"), N_("Returned to the supplier")
GOOD, DEFECTIVE = N_("Good"), N_("Defective")
OURS = (RECEIVED, RETURNED)
FLAWED = ("残", "次", "损")  # words of kinds of stock that cannot be sold


def book(
    order: PurchaseOrder, number: str, kind: str, lines: Iterable[Mapping[str, int]], *, at: datetime, warehouse: str
) -> None:
    """Write down that goods of an order came in, or went back. Inside a transaction."""
    names, sign = {line.merchant_code: line.name for line in order.lines}, 1 if kind == RECEIVED else -1
    for line in lines:
        for stock_kind, pieces in ((GOOD, line["good"]), (DEFECTIVE, line["damaged"])):
            if pieces:
                code = str(line["merchant_code"])
                move = StockMove(store_id=order.store_id, key=f"{number}|{code}|{stock_kind}", number=number, at=at)
                move.merchant_code, move.name, move.warehouse = code, names.get(code, ""), warehouse
                move.kind, move.stock_kind, move.quantity, move.reference = (
                    kind,
                    stock_kind,
                    sign * pieces,
                    order.number,
                )
                db.session.add(move)


def since(
    store_id: int, snapshot: date, until: date | None = None, code: str | None = None
) -> list[tuple[str, str, bool, int]]:
    """Code, warehouse, whether it can be sold, and pieces of all that moved after the end of the snapshot's day
    (of this article).

    What purchasing wrote down itself counts only beyond the warehouse's last movement: up to there its files tell all.
    """
    here = StockMove.store_id == store_id
    told = select(func.max(StockMove.at)).where(here, StockMove.kind.not_in(OURS)).scalar_subquery()
    counts = or_(StockMove.kind.not_in(OURS), told.is_(None), StockMove.at > told)
    days = [StockMove.at >= localtime.ends(snapshot), *([StockMove.at < localtime.ends(until)] if until else ())]
    query = select(
        StockMove.merchant_code, StockMove.warehouse, StockMove.stock_kind, func.sum(StockMove.quantity)
    ).where(here, counts, *days)
    if code:
        query = query.where(StockMove.merchant_code == code)
    rows = db.session.execute(query.group_by(StockMove.merchant_code, StockMove.warehouse, StockMove.stock_kind))
    return [(each, warehouse, _sellable(kind), int(pieces)) for each, warehouse, kind, pieces in rows]


def _sellable(stock_kind: str) -> bool:
    return stock_kind != DEFECTIVE and not any(word in stock_kind for word in FLAWED)
