"""What advertising reports say was spent, against what was topped up."""

from collections import defaultdict
from datetime import date

from sqlalchemy import func, select

from core import localtime
from core.extensions import db
from plugins.finance.partners.importers.ads import TOTAL
from plugins.finance.partners.models import AdSpend
from plugins.finance.partners.movements import of_subject
from plugins.finance.partners.rules import Day, ad_account, spent_at


def account(store_id: int, first: date | None = None, last: date | None = None) -> list[Day]:
    """The advertising account day by day; before ``first`` counts into the first balance."""
    top_ups = [(localtime.day_of(line.at), -line.amount) for line in of_subject(store_id, "ad_topup")]
    days = ad_account(top_ups, spendings(store_id))
    return [day for day in days if (first is None or day.on >= first) and (last is None or day.on <= last)]


def spendings(store_id: int) -> list[tuple[date, str, int]]:
    """What was spent by day and channel. Reports of one day at several levels say the same thing again."""
    level = (AdSpend.item_id.is_not(None), AdSpend.plan.is_not(None), AdSpend.plan == TOTAL)
    query = (
        select(AdSpend.on, AdSpend.channel, *level, func.sum(AdSpend.spend))
        .where(AdSpend.store_id == store_id)
        .group_by(AdSpend.on, AdSpend.channel, *level)
    )
    found: dict[tuple[date, str], dict[str, int]] = defaultdict(lambda: defaultdict(int))
    beyond: dict[tuple[date, str], int] = defaultdict(int)
    for on, channel, by_item, by_plan, total, spent in db.session.execute(query):
        if total:
            beyond[(on, channel)] += int(spent)
        else:
            found[(on, channel)]["item" if by_item else "plan" if by_plan else "account"] += int(spent)
    keys = sorted({*found, *beyond})
    return [(on, channel, spent_at(found[(on, channel)]) + beyond[(on, channel)]) for on, channel in keys]


def unlisted(store_id: int) -> list[AdSpend]:
    """What reports' own totals have more than their rows."""
    query = select(AdSpend).where(AdSpend.store_id == store_id, AdSpend.plan == TOTAL)
    return list(db.session.scalars(query.order_by(AdSpend.on.desc())))
