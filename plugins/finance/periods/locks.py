"""The lock of signed periods: asked by whatever would change their figures."""

from collections.abc import Iterable
from datetime import date

from sqlalchemy import select

from core.extensions import db
from core.messages import Refusal, msg
from plugins.finance.periods import rules
from plugins.finance.periods.models import Period


def signed(store_id: int, first: date, last: date) -> list[Period]:
    """The signed periods of a store that the days from ``first`` to ``last`` touch."""
    touching = (Period.first <= last, Period.last >= first)
    query = select(Period).where(Period.store_id == store_id, Period.state == rules.SIGNED, *touching)
    return list(db.session.scalars(query.order_by(Period.first)))


def demand_open(store_id: int, first: date, last: date) -> None:
    """Refuse what would change a signed period."""
    for period in signed(store_id, first, last):
        raise Refusal(
            msg(
                "%(first)s to %(last)s is signed and locked. Open the period again first, and say why.",
                first=period.first.isoformat(),
                last=period.last.isoformat(),
            )
        )


def demand_all_open(spans: Iterable[tuple[int, date, date]]) -> None:
    """The same for several spans of days, each of a store."""
    for store_id, first, last in set(spans):
        demand_open(store_id, first, last)
