"""What the papers of a period say, as plain values: its run, its totals, its differences, its signatures."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from core.board.models import Task
from core.columns import now
from core.extensions import db
from core.registry import team_label
from plugins.finance.books.models import Control, Line
from plugins.finance.differences import rules as settling
from plugins.finance.differences.models import Difference
from plugins.finance.differences.seen import codes_in, seen_by
from plugins.finance.matching.classes import AGREEING, FINDINGS, LABELS
from plugins.finance.matching.models import Run
from plugins.finance.periods import names
from plugins.finance.periods.balance import BOOKS, ERROR, PAID, RECEIVED, START, STATEMENT, AccountSheet, BalanceSheet
from plugins.finance.periods.models import Period
from plugins.finance.periods.rules import SIGNED, STATES, bounds

MOST = 2_000  # differences on paper; the workbook has them all
CARRIED = ("CROSS_OUT", "CARRY_OPEN")
COUNTED = ("in_count", "in_sum", "out_count", "out_sum")


def fen(value: Any) -> int:
    """An amount of a run's totals, which are kept as text with two decimals."""
    return value if isinstance(value, int) else int((Decimal(str(value)) * 100).to_integral_exact())


def head(period: Period) -> dict[str, Any]:
    """Whose days they are, and how far they are signed."""
    return {
        "store": period.store.title,
        "first": period.first,
        "last": period.last,
        "state": STATES[period.state],
        "signed": period.state == SIGNED,
        "reason": period.reason,
    }


def run(made: Run) -> dict[str, Any]:
    """Which run it is, by which rules."""
    return {
        "id": made.id,
        "digest": made.digest,
        "at": made.at,
        "by": made.by_name,
        "rules": made.rule_set.version if made.rule_set else None,
        "files": len(files(made, True)),
    }


def files(made: Run, here: bool) -> list[dict[str, Any]]:
    """The files of the store at the time of a run: those that hold something of its days, or the others."""
    return [each for each in made.inputs if each.get("here", True) is here]


def totals(made: Run) -> dict[str, Any]:
    """What went in, by class of either side, and how it ties out."""
    told = made.totals
    orders, lines = told["orders"], told["lines"]
    return {
        "orders": {
            "count": orders["count"],
            "paid_count": orders["paid_count"],
            "paid": fen(orders["paid"]),
            "refunded": fen(orders["refunded"]),
        },
        "lines": {"count": lines["count"], "in": fen(lines["in"]), "out": fen(lines["out"])},
        "order_classes": classes(told["order_classes"]),
        "line_classes": classes(told["line_classes"]),
        "checks": [_check(check) for check in told["tie_out"]["checks"]],
        "ties": bool(told["tie_out"]["ok"]),
    }


def _check(told: dict[str, Any]) -> dict[str, Any]:
    """A tie-out by its label; amounts, which are kept as text, in fen, and counts as they are."""
    money = isinstance(told["expected"], str)
    sides = {side: fen(told[side]) if money else told[side] for side in ("expected", "found")}
    return {**names.check(told["name"]), **sides, "money": money, "ok": told["ok"]}


def classes(told: Any) -> list[dict[str, Any]]:
    """The classes of one side that have rows, in the order in which the closed list has them."""
    known = [code for code in LABELS if code in told and told[code]["count"]]
    return [
        {
            "code": code,
            "label": LABELS[code],
            "count": told[code]["count"],
            "amount": fen(told[code]["amount"]),
            "differs": code not in AGREEING,
        }
        for code in known
    ]


def controls(period: Period) -> list[dict[str, Any]]:
    """What every statement of the period says of itself, beside what its stored lines come to."""
    start, end = bounds(period.first, period.last)
    query = select(Control).where(Control.store_id == period.store_id)
    overlapping = (Control.first_at < end, Control.until > start)
    rows = db.session.scalars(query.where(*overlapping).order_by(Control.account, Control.first_at)).all()
    return [_control(row) for row in rows]


def _control(row: Control) -> dict[str, Any]:
    incoming, amount = Line.amount > 0, Line.amount
    within = (Line.store_id == row.store_id, Line.account == row.account, Line.at >= row.first_at, Line.at < row.until)
    found = db.session.execute(
        select(
            func.count().filter(incoming),
            func.coalesce(func.sum(amount).filter(incoming), 0),
            func.count().filter(~incoming),
            func.coalesce(-func.sum(amount).filter(~incoming), 0),
        ).where(*within)
    ).one()
    read = dict(zip(COUNTED, map(int, found), strict=True))
    stated = {name: getattr(row, name) for name in COUNTED}
    balances = None not in (row.opening, row.closing)
    return {
        **names.account(row.account),
        "first": row.first_at,
        "until": row.until,
        "stated": stated,
        "read": read,
        "agrees": all(stated[name] in (None, read[name]) for name in COUNTED),
        "opening": row.opening,
        "closing": row.closing,
        "chained": row.chained,
        "balanced": not balances or row.opening + read["in_sum"] - read["out_sum"] == row.closing,
    }


def differences(run_id: int) -> list[dict[str, Any]]:
    """Every difference of a run, in the order of its classes, the largest first."""
    order, made = list(LABELS), db.session.get_one(Run, run_id)
    rows = of_run(made)
    codes = codes_in(made, rows)
    found = [_difference(row, codes.get(row.id, row.code), row.last_run_id != run_id) for row in rows]
    return sorted(found, key=lambda row: (order.index(row["code"]), -abs(row["amount"]), row["title"]))


def told(made: Run) -> tuple[list[dict[str, Any]], int]:
    """The differences that papers tell of, and how many of the period closed by themselves before they were printed:
    those of files that were not all there at the first run."""
    start, end = bounds(made.first, made.last)
    rows = differences(made.id)
    stand = [row for row in rows if row["task"] or not (row["arrived"] and start <= row["happened_at"] < end)]
    return stand, len(rows) - len(stand)


def of_run(made: Run) -> Sequence[Difference]:
    """The differences that a run saw, also those that a later period found again."""
    query = select(Difference).where(seen_by(made))
    shown = (joinedload(Difference.task).load_only(Task.number), joinedload(Difference.line), *_people())
    return db.session.scalars(query.options(*shown).order_by(Difference.id)).all()


def _people() -> tuple[Any, ...]:
    return joinedload(Difference.resolved_by), joinedload(Difference.approved_by)


def _difference(row: Difference, code: str, later: bool) -> dict[str, Any]:
    """A difference by its class in the run; ``later`` says that it went on into a later period."""
    by = [person.name for person in (row.resolved_by, row.approved_by) if person]
    line = row.line
    return {
        "code": code,
        "label": LABELS[code],
        "title": row.title,
        "order_no": row.order_no or "",
        "flow": (line.flow_no or line.key) if line else "",
        "expected": row.expected,
        "found": row.found,
        "amount": row.amount,
        "owner": team_label(row.owner_team),
        "task": row.task.number if row.task else "",
        "state": settling.STATES[row.state],
        "pending": row.state in settling.PENDING,
        "arrived": row.state == settling.CLOSED and row.resolution in settling.BY_ITSELF and not later,
        "resolution": settling.RESOLUTIONS.get(row.resolution, row.resolution),
        "carry": row.resolution == settling.CARRY
        or (later and row.resolution == settling.ARRIVED)
        or (code in CARRIED and row.state != settling.CLOSED),
        "reason": row.reason,
        "by": by,
        "happened_at": row.happened_at,
        "due_at": row.due_at,
        "findings": [FINDINGS.get(each.get("code", ""), "") for each in row.findings],
    }


def ages(rows: Sequence[dict[str, Any]], at: datetime | None = None) -> list[int]:
    """How many days old each difference is; they grow by themselves, so a paper does not stand or fall with them."""
    at = at or now()
    return [settling.age(row["happened_at"], at) for row in rows]


def summed(rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Differences by class: count, amount, and how many of them are settled."""
    sums: dict[str, dict[str, Any]] = {}
    for row in rows:
        told = sums.setdefault(row["code"], {"label": row["label"], "count": 0, "amount": 0, "settled": 0})
        told["count"] += 1
        told["amount"] += row["amount"]
        told["settled"] += not row["pending"]
    return {
        "classes": list(sums.values()),
        "count": len(rows),
        "amount": sum(row["amount"] for row in rows),
        "pending": sum(row["pending"] for row in rows),
        "pending_amount": sum(row["amount"] for row in rows if row["pending"]),
    }


def sheet(found: BalanceSheet) -> dict[str, Any]:
    """The balance statements of all accounts, place by place."""
    return {
        "flat": found.flat,
        "difference": found.difference,
        "accounts": [_account(each) for each in found.accounts],
    }


def _account(each: AccountSheet) -> dict[str, Any]:
    return {
        **names.account(each.account),
        "flat": each.flat,
        "books_after": each.books_after,
        "statement_after": each.statement_after,
        "difference": each.difference,
        "places": [_place(each, place) for place in (START, RECEIVED, PAID, ERROR)],
    }


def _place(each: AccountSheet, place: str) -> dict[str, Any]:
    sides = {"books": (BOOKS, each.books), "statement": (STATEMENT, each.statement)}
    return {
        "place": place,
        **{
            side: {
                "label": labels[place],
                "amount": each.sum(side, place),
                "rows": [
                    {"label": row.label, "count": row.count, "amount": row.amount, "code": row.code}
                    for row in rows
                    if row.place == place
                ],
            }
            for side, (labels, rows) in sides.items()
        },
    }


def signatures(period: Period) -> dict[str, Any]:
    """Who prepared the period and who signed it, and when; empty while nobody has."""
    return {
        "prepared_by": period.prepared_by.name if period.prepared_by else "",
        "prepared_at": period.prepared_at,
        "signed_by": period.signed_by.name if period.signed_by else "",
        "signed_at": period.signed_at,
    }
