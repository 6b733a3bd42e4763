"""The profit statement of a period on paper, with the charts of the page."""

from collections.abc import Sequence
from typing import Any

from core.contracts import DocumentType
from core.documents.rules import MOMENT
from core.messages import N_
from plugins.finance.periods import papers
from plugins.finance.periods.documents import PERIOD
from plugins.finance.periods.models import Period
from plugins.finance.profit import rules
from plugins.finance.profit.report import Asked, Row, report
from plugins.finance.profit.rules import ORDERED, PARTS, SALES
from plugins.finance.profit.views import chart_of_days, chart_of_steps

MOST = 40  # articles on paper; the workbook has them all
REST = N_("All other articles")


def snapshot(period: Period) -> dict[str, Any]:
    """The period's profit by the day of the order: part by part, by campaign, day and article."""
    stores = (period.store_id,)
    groups = ("day", "campaign", "article")
    by = {group: report(Asked(stores, period.first, period.last, ORDERED, group)) for group in groups}
    total = by["day"].total
    return {
        "period": papers.head(period),
        "run": papers.run(period.run) if period.run else None,
        "basis": rules.BASES[ORDERED],
        "lines": [_line(label, total.figures[part], total.figures[SALES]) for part, label in PARTS.items()],
        "total": _row(total),
        "steps": chart_of_steps(total),
        "by_day": chart_of_days(by["day"].days),
        "days": [_row(row) for row in by["day"].days if any(row.figures.values())],
        "campaigns": [_row(row) for row in by["campaign"].rows],
        "articles": [_row(row) for row in _largest(by["article"].rows)],
        "uncosted": list(by["day"].uncosted),
        MOMENT: {"uncoded": by["day"].uncoded},
    }


def _line(label: str, amount: int, sales: int) -> dict[str, Any]:
    return {"label": label, "amount": amount, "share": rules.per_mille(amount, sales)}


def _largest(rows: Sequence[Row]) -> list[Row]:
    """The articles that sold most, and all others as one row."""
    shown, rest = list(rows[:MOST]), rows[MOST:]
    return [*shown, Row("", REST, rules.added(row.figures for row in rest))] if rest else shown


def _row(row: Row) -> dict[str, Any]:
    return {
        "key": row.key,
        "label": row.label,
        **row.figures,
        "costs": row.profit - row.figures[SALES] - row.figures[rules.REFUNDS],
        "profit": row.profit,
        "between": list(row.between),
        "margin": row.margin,
        "confirmed": row.confirmed,
    }


DOCUMENTS = [
    DocumentType(
        name="finance.profit",
        label=N_("Profit statement"),
        prefix="FIN",
        template="finance/documents/profit.html",
        version="1",
        snapshot=snapshot,
        subject=PERIOD,
        permission="finance.reconcile",
    )
]
