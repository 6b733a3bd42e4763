"""Lines that name a part of an order (子订单): they are about the order itself."""

from collections.abc import Iterable
from datetime import date

from sqlalchemy import select, update

from core.extensions import db
from core.imports.plans import chunks
from core.stores.models import OrderLine
from core.transactions import transaction
from plugins.finance.books.models import Line
from plugins.finance.periods import locks


def put_to_orders(store_id: int, first: date, last: date, homeless: Iterable[int]) -> int:
    """Put those of the ``homeless`` lines that name a sub-order to its order, as the imported articles tell; returns
    how many.

    Statements and articles are imported in any order, so every run asks. Lines of a signed period stay as they are.
    """
    part = (OrderLine.store_id == Line.store_id) & (OrderLine.key == Line.order_no)
    named = (
        select(Line.id, OrderLine.order_no)
        .join(OrderLine, part & (OrderLine.sub_order_no == OrderLine.key) & (OrderLine.order_no != OrderLine.key))
        .where(Line.store_id == store_id)
    )
    found = [row for ids in chunks(list(homeless)) for row in db.session.execute(named.where(Line.id.in_(ids)))]
    if not found:
        return 0
    with transaction() as session:
        if locks.signed(store_id, first, last):
            return 0
        session.execute(update(Line), [{"id": line, "order_no": order} for line, order in found])
    return len(found)
