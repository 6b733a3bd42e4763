"""Pages of profit: by store, campaign, SKU and day, down to the rows behind each figure."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

from flask import Response, abort, request

from core.access import current_actor, needs
from core.columns import now
from core.exports import Sheet, workbook_bytes
from core.listing import LAST_PAGE, handed_out
from core.localtime import day_named
from core.messages import N_
from core.stores.queries import store_names
from core.web import respond, say, whole_number
from plugins.finance.pages import bp
from plugins.finance.periods.rules import book_day, month_of
from plugins.finance.profit import charts, rules
from plugins.finance.profit.report import LONGEST, TOTAL, Asked, Report, Row, behind, report
from plugins.finance.profit.rows import amounts
from plugins.finance.profit.rules import BASES, COLUMNS, GROUPS, PARTS

NAMES = {
    **PARTS,
    rules.OPEN: N_("Not reconciled yet"),
    rules.RISK: N_("May be lost"),
    rules.GAIN: N_("May be gained"),
}
SHOWN = 200  # rows of a grouping on the page: files have all; and amounts behind a figure on one page


def _asked(stores: Sequence[tuple[Any, str]]) -> Asked:
    """What the address asks for; the running month of all stores where it says nothing."""
    known = [id for id, _ in stores]
    store = whole_number(request.args.get("store"))
    first, last = (day_named(request.args.get(name, "")) for name in ("from", "to"))
    month = month_of(first or last or book_day(now()))
    first, last = first or month[0], last or month[1]
    if last < first:
        first, last = last, first
    if (last - first).days >= LONGEST:
        first = last - timedelta(days=LONGEST - 1)
    basis, group = request.args.get("by", ""), request.args.get("group", "")
    return Asked(
        stores=(store,) if store in known else tuple(known),
        first=first,
        last=last,
        basis=basis if basis in BASES else rules.ORDERED,
        group=group if group in GROUPS else "day",
    )


def chart_of_steps(row: Row) -> dict[str, Any]:
    """From sales to profit, part by part."""
    return charts.waterfall([(label, row.figures[part]) for part, label in PARTS.items()], N_("Profit"))


def chart_of_days(rows: Sequence[Row]) -> dict[str, Any]:
    """The profit of each row with its range."""
    return charts.columns(
        [(row.label[5:] if len(row.label) == 10 else row.label, row.profit, *row.between) for row in rows]
    )


@bp.get("/profit")
@needs("finance.view")
def profit() -> Response:
    stores = store_names(current_actor())
    asked = _asked(stores)
    found = report(asked)
    return respond(
        "finance/profit/profit.html",
        found=found,
        asked=asked,
        stores=stores,
        parts=PARTS,
        bases=BASES,
        groups=GROUPS,
        rows=found.rows[:SHOWN],
        more=len(found.rows) - SHOWN,
        steps=chart_of_steps(found.total),
        days=chart_of_days(found.days),
        here=_here(asked),
    )


def _here(asked: Asked) -> dict[str, Any]:
    """What links keep of the address."""
    kept = {"from": asked.first, "to": asked.last, "by": asked.basis, "group": asked.group}
    return kept | ({"store": asked.stores[0]} if request.args.get("store") and len(asked.stores) == 1 else {})


@bp.get("/profit/rows")
@needs("finance.view")
def profit_rows() -> Response:
    """The rows behind one figure."""
    asked = _asked(store_names(current_actor()))
    key, part = request.args.get("key", TOTAL), request.args.get("part", "")
    if part and part not in COLUMNS:
        abort(404)
    found = report(asked)
    rows = behind(found, key, part)
    page = min(whole_number(request.args.get("page")) or 1, LAST_PAGE)
    first = (page - 1) * SHOWN
    shown = list(amounts(rows[first : first + SHOWN]))
    row = next((each for each in found.rows if each.key == key), None)
    return respond(
        "finance/profit/rows.html",
        asked=asked,
        label=row.label if row else "",
        part=NAMES.get(part),
        rows=shown,
        number=page,
        first=first + 1,
        last=first + len(shown),
        count=len(rows),
        total=int(rows["amount"].sum()),
        more=first + SHOWN < len(rows),
        here=_here(asked),
        key=key,
    )


@bp.get("/profit/workbook.xlsx")
@needs("finance.view")
def profit_workbook() -> Response:
    asked = _asked(store_names(current_actor()))
    return handed_out(f"profit-{asked.first:%Y%m%d}-{asked.last:%Y%m%d}", "xlsx", workbook(asked))


def workbook(asked: Asked) -> bytes:
    """Every grouping as a sheet, with typed cells."""
    return workbook_bytes(_sheet(report(replace(asked, group=group)), group) for group in GROUPS)


HEADS = {"day": N_("Day"), "article": N_("Article"), "campaign": N_("Campaign"), "store": N_("Store")}


def _sheet(found: Report, group: str) -> Sheet:
    figures = *PARTS.values(), N_("Profit"), N_("At least"), N_("At most"), N_("Not reconciled yet")
    heads, widths, rows = [HEADS[group]], [30], [_cells(row) for row in (*found.rows, found.total)]
    if group == "article":
        heads, widths = [N_("Code"), *heads], [16, *widths]
        rows = [[row.key, *cells] for row, cells in zip(found.rows, rows, strict=False)] + [["", *rows[-1]]]
    return Sheet(say(GROUPS[group]), [say(each) for each in (*heads, *figures)], rows, widths + [13] * len(figures))


def _cells(row: Row) -> Sequence[Any]:
    figures = [*(row.figures[part] for part in PARTS), row.profit, *row.between, row.figures[rules.OPEN]]
    name = say(N_("All")) if row.key == TOTAL else say(row.label)
    return (name, *(Decimal(each) / 100 for each in figures))
