"""Which rate of which fee is agreed for each order."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
from sqlalchemy import func, or_, select

from core.extensions import db
from core.stores.models import Order, OrderLine, Product
from plugins.finance.matching.rules import COMMISSION, EVERYTHING, Fee, RuleSet
from plugins.finance.matching.verdicts import UNKNOWN_RATE
from plugins.finance.periods.rules import bounds


def rates(store_id: int, orders: pd.DataFrame, rules: RuleSet) -> dict[str, Any]:
    """Of each agreed fee the rate of each order, in basis points: its own (``own_rate``) where the export says, or the
    first line of the contract that fits; of orders whose articles have different rates, none."""
    found = {subject: np.full(len(orders), UNKNOWN_RATE, np.int64) for subject in rules.contracted}
    found[COMMISSION] = orders["own_rate"].to_numpy().copy()
    for subject, rate in found.items():
        agreed = [fee for fee in rules.contract if fee.subject == subject]
        narrow = [fee for fee in agreed if fee.of != EVERYTHING]
        wide = [fee for fee in agreed if fee.of == EVERYTHING]
        for fee in (*narrow, *wide):
            rows = np.flatnonzero(rate == UNKNOWN_RATE)
            fits = np.isin(orders["id"].to_numpy()[rows], np.fromiter(_orders_of(store_id, fee), np.int64))
            rate[rows[fits]] = fee.rate
    return found


def _orders_of(store_id: int, fee: Fee) -> Iterator[int]:
    query = select(Order.id).where(Order.store_id == store_id)
    if fee.since:
        query = query.where(Order.paid_at >= bounds(fee.since, fee.since)[0])
    if fee.until:
        query = query.where(Order.paid_at < bounds(fee.until, fee.until)[1])
    if fee.of != EVERYTHING:
        category = select(Product.item_id).where(Product.store_id == store_id, Product.category == fee.of)
        of = or_(func.coalesce(OrderLine.merchant_code, "") == fee.of, OrderLine.item_id.in_(category))
        mine = select(OrderLine.order_no).where(OrderLine.store_id == store_id, of)
        others = select(OrderLine.order_no).where(OrderLine.store_id == store_id, ~of)
        query = query.where(Order.order_no.in_(mine), Order.order_no.not_in(others))
    yield from db.session.scalars(query)
