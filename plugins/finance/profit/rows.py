"""What stands behind a figure of profit: each amount with what it comes from, and where that is shown."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import pandas as pd
from sqlalchemy import select

from core.extensions import db
from core.messages import N_
from core.stores.models import Order
from plugins.finance.books.models import Line
from plugins.finance.differences.models import Difference
from plugins.finance.partners.models import AdSpend, AffiliateLine, CourierLine, SharedCost
from plugins.finance.profit.rules import COST_KINDS, PARTS

CHUNK = 5_000
SOURCES: dict[str, tuple[str, Any, str | None]] = {
    "order": (N_("Order"), Order, "stores.order"),
    "line": (N_("Statement row"), Line, "finance.line"),
    "difference": (N_("Difference"), Difference, "finance.difference"),
    "parcel": (N_("Courier bill"), CourierLine, None),
    "affiliate": (N_("Taobaoke"), AffiliateLine, None),
    "ad": (N_("Advertising"), AdSpend, None),
    "shared": (N_("Shared cost"), SharedCost, None),
}


@dataclass(frozen=True)
class Amount:
    """One amount behind a figure; ``endpoint`` is the page of what it comes from."""

    day: date
    part: str
    source: str
    name: str
    id: int
    endpoint: str | None
    amount: int


def amounts(table: pd.DataFrame) -> Iterator[Amount]:
    """The rows of ``report.behind``, by name."""
    named = {
        source: _names(source, sorted(set(ids.tolist()))) for source, ids in table.groupby("source")["id"] if len(ids)
    }
    for row in table.itertuples():
        label, _, endpoint = SOURCES[row.source]
        name = named[row.source].get(row.id, "")
        yield Amount(
            date.fromordinal(row.day), PARTS.get(row.part, row.part), label, name, row.id, endpoint, int(row.amount)
        )


def _names(source: str, ids: Sequence[int]) -> dict[int, str]:
    model = SOURCES[source][1]
    found: dict[int, str] = {}
    for start in range(0, len(ids), CHUNK):
        for row in db.session.scalars(select(model).where(model.id.in_(ids[start : start + CHUNK]))):
            found[row.id] = _name(row)
    return found


def _name(row: Any) -> str:
    if isinstance(row, SharedCost):
        return COST_KINDS.get(row.kind, row.kind)
    if isinstance(row, AdSpend):
        return " ".join(filter(None, [row.channel, row.plan, row.item_id]))
    if isinstance(row, CourierLine):
        return row.waybill_no
    if isinstance(row, Line):
        return row.flow_no or row.key
    return str(row.title if isinstance(row, Difference) else row.order_no)
