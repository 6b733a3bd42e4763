"""The profit of stores over some days: rows of a grouping, what they add up to, and the rows behind any figure."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import pandas as pd
from sqlalchemy import select

from core.extensions import db
from core.messages import N_
from core.stores.models import Store
from plugins.finance.partners.models import Campaign
from plugins.finance.profit import rules
from plugins.finance.profit.facts import facts
from plugins.finance.profit.queries import books
from plugins.finance.profit.reading import Span
from plugins.finance.profit.rules import COLUMNS, ORDERED, SALES

NO_ARTICLE, NO_CAMPAIGN = N_("No single article"), N_("Outside campaigns")
LONGEST = 400  # days
TOTAL = "*"


@dataclass(frozen=True)
class Asked:
    """What a report is about: whose profit, of which days by which date, grouped by what."""

    stores: tuple[int, ...]
    first: date
    last: date
    basis: str = ORDERED
    group: str = "day"


@dataclass(frozen=True)
class Row:
    """One row of a report: its figures are those of ``rules.COLUMNS``, each with its own sign."""

    key: str
    label: str
    figures: dict[str, int]

    @property
    def profit(self) -> int:
        return rules.profit(self.figures)

    @property
    def between(self) -> tuple[int, int]:
        return rules.between(self.figures)

    @property
    def margin(self) -> int | None:
        """Profit in thousandths of sales."""
        return rules.per_mille(self.profit, self.figures[SALES])

    @property
    def confirmed(self) -> int | None:
        """The share of net sales that the reconciliation has confirmed, in thousandths."""
        kept = self.figures[SALES] + self.figures[rules.REFUNDS]
        return rules.per_mille(kept - self.figures[rules.OPEN], kept)


@dataclass(frozen=True)
class Report:
    """Rows and their sum; ``days`` is always by day, for the chart; ``uncosted`` are articles without a known cost, and
    of ``uncoded`` orders not every article is known."""

    asked: Asked
    rows: list[Row]
    total: Row
    days: list[Row]
    uncosted: tuple[str, ...] = ()
    uncoded: int = 0
    table: pd.DataFrame = field(repr=False, default_factory=pd.DataFrame)


def report(asked: Asked) -> Report:
    """The profit that ``asked`` asks for."""
    table, labels, lacking, uncoded = _table(asked)
    rows = [] if asked.group == "day" else _rows(table, asked.group, labels)
    days = _days(table, asked)
    total = Row(TOTAL, "", rules.added(row.figures for row in days))
    return Report(asked, rows or (days if asked.group == "day" else []), total, days, lacking, uncoded, table)


def _table(asked: Asked) -> tuple[pd.DataFrame, dict[str, str], tuple[str, ...], int]:
    """Every fact of the stores, with its key in the grouping; the labels of keys; articles without a cost; how many
    orders have articles that are not known."""
    parts, labels, lacking, uncoded = [], {}, set(), 0
    stores = db.session.execute(select(Store.id, Store.name).where(Store.id.in_(asked.stores)))
    for store in asked.stores:
        read = books(Span(store, asked.first, asked.last, asked.basis))
        found = facts(read, articles=asked.group == "article")
        keys = _keys(asked, store, found.rows, [key for key, _ in read.articles])
        labels |= dict(read.articles) if asked.group == "article" else {}
        parts.append(found.rows.assign(store=store, key=keys))
        lacking |= set(found.uncosted)
        uncoded += found.uncoded
    labels |= {str(id): name for id, name in stores} if asked.group == "store" else {}
    labels |= _campaigns(asked) if asked.group == "campaign" else {}
    empty = pd.DataFrame(columns=["part", "day", "article", "order", "source", "id", "amount", "store", "key"])
    return (pd.concat(parts, ignore_index=True) if parts else empty), labels, tuple(sorted(lacking)), uncoded


def _keys(asked: Asked, store: int, rows: pd.DataFrame, articles: Sequence[str]) -> Any:
    if asked.group == "article":
        return pd.Series([*articles, ""], dtype=object).iloc[rows["article"].to_numpy()].to_numpy()
    if asked.group == "store":
        return str(store)
    if asked.group == "campaign":
        day_of = campaign_days(store, asked.first, asked.last)
        return rows["day"].map(lambda day: str(day_of.get(day, ""))).to_numpy()
    return rows["day"].map(lambda day: date.fromordinal(day).isoformat()).to_numpy()


def campaign_days(store: int, first: date, last: date) -> dict[int, int]:
    """Which campaign each day (its ordinal) belongs to: of several the shortest, of equal ones the latest entered."""
    mine = (Campaign.store_id == store, Campaign.first <= last, Campaign.last >= first)
    rows = db.session.scalars(select(Campaign).where(*mine)).all()
    found: dict[int, int] = {}
    for row in sorted(rows, key=lambda row: ((row.first - row.last).days, row.id)):
        found |= dict.fromkeys(range(row.first.toordinal(), row.last.toordinal() + 1), row.id)
    return found


def _campaigns(asked: Asked) -> dict[str, str]:
    rows = db.session.execute(select(Campaign.id, Campaign.name).where(Campaign.store_id.in_(asked.stores)))
    return {str(id): name for id, name in rows}


def _rows(table: pd.DataFrame, group: str, labels: dict[str, str]) -> list[Row]:
    blank = NO_ARTICLE if group == "article" else NO_CAMPAIGN
    sums = _sums(table, "key")
    rows = [Row(key, labels.get(key, key) if key else blank, figures) for key, figures in sums.items()]
    return sorted(rows, key=lambda row: (row.key == "", -row.figures[SALES], row.key))


def _days(table: pd.DataFrame, asked: Asked) -> list[Row]:
    sums = _sums(table, "day")
    blank = dict.fromkeys(COLUMNS, 0)
    days = (date.fromordinal(number) for number in range(asked.first.toordinal(), asked.last.toordinal() + 1))
    rows = [Row(day.isoformat(), day.isoformat(), sums.get(day.toordinal(), blank)) for day in days]
    return rows


def _sums(table: pd.DataFrame, by: str) -> dict[Any, dict[str, int]]:
    if table.empty:
        return {}
    sums = table.groupby([by, "part"])["amount"].sum().unstack("part", fill_value=0)
    sums = sums.reindex(columns=list(COLUMNS), fill_value=0).fillna(0).astype("int64")
    return {key: dict(zip(COLUMNS, map(int, values), strict=True)) for key, *values in sums.itertuples()}


def behind(found: Report, key: str, part: str) -> pd.DataFrame:
    """The rows behind one figure: of a row by its ``key``, or of the total."""
    table = found.table
    chosen = table[table["part"] == part] if part in COLUMNS else table[table["part"].isin(list(rules.PARTS))]
    chosen = chosen if key == TOTAL else chosen[chosen["key"] == key]
    grouped = chosen.groupby(["store", "part", "day", "source", "id"], sort=False)["amount"].sum().reset_index()
    return grouped[grouped["amount"] != 0].sort_values(["day", "part", "source", "id"], kind="stable")
