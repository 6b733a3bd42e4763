"""What the overview and the pages of runs show."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from core.contracts import Actor
from core.extensions import db
from core.imports.models import ImportRow
from core.listing import PER_PAGE, paged
from core.stores.models import Order, Store
from plugins.finance.books.models import Line
from plugins.finance.differences import queries as differences
from plugins.finance.differences.models import Difference
from plugins.finance.differences.rules import PENDING
from plugins.finance.differences.seen import seen_by
from plugins.finance.matching import classes
from plugins.finance.matching.models import Result, Run
from plugins.finance.periods import names, rules
from plugins.finance.periods import queries as periods
from plugins.finance.periods.models import Period

SIDES = {"orders": (classes.ORDER, classes.REPEATED_ORDER), "lines": (classes.LINE, classes.REPEATED_LINE)}
CODES = dict(zip(SIDES, classes.REPEATS, strict=True))  # of repeated rows
MOST_STORES = 30
LAST_PAGE = 100_000


def fen(value: Any) -> int:
    """An amount of a run's totals, which are kept as text with two decimals."""
    return value if isinstance(value, int) else int((Decimal(str(value)) * 100).to_integral_value())


@dataclass(frozen=True)
class Standing:
    """How far one store is: its newest run, what is open, its periods, and the days to reconcile next."""

    store: Store
    run: Run | None
    open: Mapping[str, list[dict[str, Any]]]
    pending: int
    periods: Sequence[Period]
    unsettled: Mapping[int, int]
    next: tuple[date, date]


def standings(actor: Actor, today: date, only: int | None = None) -> list[Standing]:
    """Every store that the actor sees, those that were reconciled last first."""
    newest = select(func.max(Run.id)).where(Run.store_id == Store.id, Run.digest != "").scalar_subquery()
    query = select(Store).where(Store.visible_to(actor)).order_by(newest.is_(None), newest.desc(), Store.name)
    if only is not None:
        query = query.where(Store.id == only)
    return [_standing(store, actor, today) for store in db.session.scalars(query.limit(MOST_STORES))]


def _standing(store: Store, actor: Actor, today: date) -> Standing:
    mine = periods.newest(store.id)
    open_ = differences.summary(actor, store.id)
    run = db.session.scalar(_runs(actor).where(Run.store_id == store.id).order_by(Run.id.desc()).limit(1))
    return Standing(
        store=store,
        run=run,
        open=open_,
        pending=sum(row["count"] for row in open_["code"]),
        periods=mine,
        unsettled=periods.pending(mine),
        next=_next(store.id, run, mine, today),
    )


def _next(store_id: int, run: Run | None, known: Sequence[Period], today: date) -> tuple[date, date]:
    """The days of the newest run while they are not signed, then the month after them; at first the month of the newest
    line, or the last one where there is none."""
    if run is None:
        newest = db.session.scalar(select(func.max(Line.at)).where(Line.store_id == store_id))
        return rules.month_of(rules.book_day(newest)) if newest else rules.month_before(today)
    if not any((each.first, each.last) == (run.first, run.last) and each.state == rules.SIGNED for each in known):
        return run.first, run.last
    return rules.month_of(run.last + timedelta(days=1))


def _runs(actor: Actor) -> Any:
    return select(Run).where(Run.visible_to(actor)).options(joinedload(Run.store), joinedload(Run.rule_set))


def runs(actor: Actor, args: Mapping[str, str], store_id: int | None = None) -> Any:
    """A page of runs, the newest first."""
    query = _runs(actor).order_by(Run.id.desc())
    return paged(query if store_id is None else query.where(Run.store_id == store_id), args)


def others(run: Run, limit: int = 30) -> Sequence[Run]:
    """Other runs of the same store to compare with: those of the same days first."""
    same = (Run.first == run.first) & (Run.last == run.last)
    query = select(Run).where(Run.store_id == run.store_id, Run.id != run.id, Run.digest != "")
    return db.session.scalars(query.order_by(same.desc(), Run.id.desc()).limit(limit)).all()


def told(run: Run, other: Run | None = None) -> dict[str, Any]:
    """A run's totals in fen: its figures, both sides' classes (beside another run's), its checks."""
    totals = run.totals
    sides = {
        side: _classes(totals.get(name, {}), other.totals.get(name, {}) if other else None)
        for side, name in (("orders", "order_classes"), ("lines", "line_classes"))
    }
    orders, lines = totals.get("orders", {}), totals.get("lines", {})
    return {
        "count": orders.get("count", 0),
        "paid_count": orders.get("paid_count", 0),
        "paid": fen(orders.get("paid", 0)),
        "refunded": fen(orders.get("refunded", 0)),
        "line_count": lines.get("count", 0),
        "in": fen(lines.get("in", 0)),
        "out": fen(lines.get("out", 0)),
        "sides": sides,
        "checks": [_check(each) for each in totals.get("tie_out", {}).get("checks", [])],
        "ok": bool(totals.get("tie_out", {}).get("ok")),
        "differences": totals.get("differences"),
        "repeats": [each | {"code": CODES[each["side"]]} for each in totals.get("repeats", [])],
    }


def _check(told: Mapping[str, Any]) -> dict[str, Any]:
    """A tie-out with its label; an amount is written with decimals, a number of rows is not."""
    figures = {name: fen(told[name]) if "." in str(told[name]) else told[name] for name in ("expected", "found")}
    named = names.check(told["name"])
    return {**told, **named, "of": names.account(named["of"]), **figures, "money": "." in str(told["expected"])}


def _classes(mine: Mapping[str, Any], other: Mapping[str, Any] | None) -> list[dict[str, Any]]:
    rows = []
    for code, label in classes.LABELS.items():
        here, there = mine.get(code), (other or {}).get(code)
        count, amount = (here["count"], fen(here["amount"])) if here else (0, 0)
        before = (there["count"], fen(there["amount"])) if there else (0, 0)
        if count or amount or any(before):
            row = {"code": code, "label": label, "count": count, "amount": amount}
            row["differs"] = code not in classes.AGREEING
            row["more"] = (count - before[0], amount - before[1]) if other is not None else None
            rows.append(row)
    return rows


def of_run(run: Run) -> dict[str, int]:
    """How many of the run's differences are in which state."""
    query = select(Difference.state, func.count()).where(seen_by(run)).group_by(Difference.state)
    found = dict(db.session.execute(query).all())
    return {"all": sum(found.values()), "pending": sum(found.get(state, 0) for state in PENDING)}


def rows(run: Run, side: str, code: str, page: int) -> list[dict[str, Any]]:
    """A page of the rows that a run put into a class, each with the order or line it is."""
    codes = classes.ORDER_CLASSES if side == "orders" else classes.LINE_CLASSES
    query = (
        select(Result.side, Result.record_id, Result.amount)
        .where(Result.run_id == run.id, Result.side.in_(SIDES[side]), Result.code == codes.index(code))
        .order_by(Result.side, Result.record_id)
        .limit(PER_PAGE)
        .offset((page - 1) * PER_PAGE)
    )
    found = db.session.execute(query).all()
    _, repeated = SIDES[side]
    again = [row.record_id for row in found if row.side == repeated]
    origin = dict(db.session.execute(select(ImportRow.id, ImportRow.record_id).where(ImportRow.id.in_(again))).all())
    ids = [origin.get(row.record_id) if row.side == repeated else row.record_id for row in found]
    model: Any = Order if side == "orders" else Line
    known = {row.id: row for row in db.session.scalars(select(model).where(model.id.in_(set(ids) - {None})))}
    return [
        {"record": known.get(record), "amount": row.amount, "repeated": row.side == repeated}
        for row, record in zip(found, ids, strict=True)
    ]


def count(run: Run, side: str, code: str) -> int:
    """How many rows a run put into a class."""
    name = "order_classes" if side == "orders" else "line_classes"
    return int(run.totals.get(name, {}).get(code, {}).get("count", 0))
