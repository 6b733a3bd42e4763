"""Lines that name a part of an order (子订单): they are about the order itself."""

from datetime import date

from sqlalchemy import select, update

from core.extensions import db
from core.stores.models import OrderLine
from core.transactions import transaction
from plugins.finance.books.models import Line
from plugins.finance.periods import locks
from plugins.finance.periods.rules import bounds


def put_to_orders(store_id: int, first: date, last: date) -> int:
    """Put the lines of a period that name a sub-order to its order, as the imported articles tell; returns how many.

    Statements and articles are imported in any order, so every run asks. Lines of a signed period stay as they are.
    """
    start, end = bounds(first, last)
    part = (OrderLine.store_id == Line.store_id) & (OrderLine.key == Line.order_no)
    named = (
        select(Line.id, OrderLine.order_no)
        .join(OrderLine, part & (OrderLine.sub_order_no == OrderLine.key) & (OrderLine.order_no != OrderLine.key))
        .where(Line.store_id == store_id, Line.at >= start, Line.at < end)
    )
    articles = select(OrderLine.id).where(OrderLine.store_id == store_id).limit(1)
    if db.session.scalar(articles) is None or db.session.execute(named.limit(1)).first() is None:
        return 0
    with transaction() as session:
        if locks.signed(store_id, first, last):
            return 0
        rows = [{"id": line, "order_no": order} for line, order in session.execute(named)]
        session.execute(update(Line), rows)
    return len(rows)
