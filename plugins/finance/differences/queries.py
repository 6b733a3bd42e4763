"""Lists of differences: filtered and aged, the patterns that repeat, what waits for somebody, one order's."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, literal, or_, select, union_all
from sqlalchemy.orm import joinedload, selectinload

from core.board.models import Task
from core.columns import now
from core.contracts import Actor
from core.extensions import db
from core.listing import Choice, Column, Listing, known
from core.messages import N_
from core.registry import registry, team_label
from core.stores.models import Store
from core.stores.queries import store_names
from core.web import whole_number
from plugins.finance.differences import rules
from plugins.finance.differences.models import Difference
from plugins.finance.differences.seen import seen_by
from plugins.finance.matching.classes import DIFFERENCES, LABELS
from plugins.finance.matching.models import Run
from plugins.finance.periods.rules import bounds

REPEATS = 3  # alike from so many on are a group
GROUPS = 8
WAITING = 6

WAITS = "approval"
STATES = {
    "pending": N_("Not settled"),
    **rules.STATES,
    WAITS: N_("Waiting for approval"),
}
AMOUNTS: dict[str, tuple[str, int, int | None]] = {
    "cent": (N_("0.01 yuan"), 1, 2),
    "1": (N_("up to 1 yuan"), 1, 101),
    "10": (N_("1 to 10 yuan"), 101, 1_001),
    "100": (N_("10 to 100 yuan"), 1_001, 10_001),
    "more": (N_("over 100 yuan"), 10_001, None),
}


def asked_for_approval() -> ColumnElement[bool]:
    """Write-offs that wait for a second person."""
    return and_(Difference.state == rules.RESOLVED, Difference.resolution == rules.WRITE_OFF)


# Most rows are of one store: without the sum the database would look each up by its store instead of by its age.
OF_STORE = Difference.store_id + 0


def _state(given: str) -> ColumnElement[bool] | None:
    if given == "pending":
        return Difference.state.in_(sorted(rules.PENDING))
    if given == WAITS:
        return asked_for_approval()
    return Difference.state == given if given in rules.STATES else None


def _age(given: str, at: datetime | None = None) -> ColumnElement[bool] | None:
    if given not in rules.AGES:
        return None
    _, first, until = rules.AGES[given]
    at = at or now()
    newest = Difference.happened_at <= at - timedelta(days=first) if first else None
    oldest = Difference.happened_at > at - timedelta(days=until) if until else None
    return and_(*(each for each in (newest, oldest) if each is not None))


def _amount(given: str) -> ColumnElement[bool] | None:
    if given not in AMOUNTS:
        return None
    _, first, until = AMOUNTS[given]
    # both signs, spelt out: an index can be used
    above = or_(Difference.amount >= first, Difference.amount <= -first)
    below = and_(Difference.amount < until, Difference.amount > -until) if until else None
    return above if below is None else and_(above, below)


def _period(given: str) -> ColumnElement[bool] | None:
    first, _, last = given.partition("_")
    try:
        start, end = bounds(date.fromisoformat(first), date.fromisoformat(last))
    except (ValueError, OverflowError):
        return None
    return and_(Difference.happened_at >= start, Difference.happened_at < end)


def _pattern(given: str) -> ColumnElement[bool]:
    """Of every store, as the index begins with it."""
    return and_(Difference.store_id.in_(select(Store.id)), Difference.pattern == given)


def _run(given: str) -> ColumnElement[bool] | None:
    number = whole_number(given)
    run = db.session.get(Run, number) if number is not None else None
    return None if number is None else Difference.last_run_id == number if run is None else seen_by(run)


def _whole(column: Any) -> Any:
    def condition(given: str) -> ColumnElement[bool] | None:
        number = whole_number(given)
        return None if number is None else column == number

    return condition


def periods(_actor: Actor) -> Sequence[tuple[str, str]]:
    """The spans of days that were reconciled, the newest first."""
    query = select(Run.first, Run.last).group_by(Run.first, Run.last).order_by(Run.last.desc(), Run.first).limit(24)
    return [(f"{first}_{last}", f"{first} – {last}") for first, last in db.session.execute(query)]


def team_options(_actor: Actor) -> Sequence[tuple[str, str]]:
    """The teams that differences can belong to."""
    return [(code, team.label) for code, team in registry().teams.items()]


def _label(row: Difference) -> str:
    return LABELS.get(row.code, row.code)


def shown_state(row: Difference) -> str:
    """The state as people read it: a decision that waits for somebody says so."""
    if rules.waits_for_approval(row.state, row.resolution):
        return STATES[WAITS]
    return rules.STATES[row.state]


def _days(row: Difference) -> int:
    return rules.age(row.happened_at, now())


def _team(row: Difference) -> str:
    return team_label(row.owner_team)


LISTING = Listing(
    "differences",
    Difference,
    (
        Column("title", N_("Order or line"), lambda row: row.title, "link"),
        Column("code", N_("Class"), _label, "label", Difference.code),
        Column("amount", N_("Difference"), lambda row: row.amount, "money", Difference.amount),
        Column("expected", N_("By the books"), lambda row: row.expected, "money", wide=True),
        Column("found", N_("By the statement"), lambda row: row.found, "money", wide=True),
        Column("happened_at", N_("Since"), lambda row: row.happened_at, "when", Difference.happened_at, wide=True),
        Column("age", N_("Age in days"), _days, "number"),
        Column("state", N_("State"), shown_state, "label", Difference.state),
        Column("owner_team", N_("Owner team"), _team, "label", Difference.owner_team, wide=True),
        Column("due_at", N_("Due"), lambda row: row.due_at, "when", Difference.due_at, wide=True),
        Column("task", N_("Task"), lambda row: row.task.number if row.task else "", wide=True),
        Column("resolution", N_("How it was settled"), lambda row: rules.RESOLUTIONS.get(row.resolution, ""), "label"),
        Column("reason", N_("Reason"), lambda row: row.reason),
        Column("store", N_("Store"), lambda row: row.store.name, wide=True),
    ),
    search=(Difference.key, Difference.order_no),
    order=(Difference.happened_at.desc(), Difference.id.desc()),
    day=Difference.happened_at,
    filters=(
        Choice("store", N_("All stores"), store_names, _whole(OF_STORE)),
        Choice("state", N_("Any state"), lambda _: list(STATES.items()), _state),
        Choice(
            "code",
            N_("Any class"),
            lambda _: [(code, LABELS[code]) for code in DIFFERENCES],
            known(LABELS, Difference.code),
        ),
        Choice("team", N_("Any owner"), team_options, lambda given: Difference.owner_team == given),
        Choice("age", N_("Any age"), lambda _: [(name, row[0]) for name, row in rules.AGES.items()], _age),
        Choice("size", N_("Any amount"), lambda _: [(name, row[0]) for name, row in AMOUNTS.items()], _amount),
        Choice("period", N_("Any period"), periods, _period),
        Choice("pattern", "", lambda _: (), _pattern),
        Choice("run", "", lambda _: (), _run),
        Choice("task", "", lambda _: (), lambda given: Difference.task_id == _task_id(given)),
    ),
    options=(
        selectinload(Difference.store),
        selectinload(Difference.task).options(joinedload(Task.requester), joinedload(Task.holder)),
    ),
)


def _task_id(number: str) -> Any:
    return select(Task.id).where(Task.number == number).scalar_subquery()


@dataclass(frozen=True)
class Group:
    """Differences that are alike in class, amount and day."""

    store_id: int
    pattern: str
    code: str
    amount: int
    day: str
    count: int


def groups(actor: Actor, store_id: int | None = None, limit: int = GROUPS) -> list[Group]:
    """Patterns that repeat among what is open, the most frequent first."""
    count = func.count().label("count")
    same = (Difference.store_id, Difference.pattern)
    here = (Difference.visible_to(actor), Difference.state == rules.OPEN, Difference.pattern != "")
    query = select(*same, count).where(*here).group_by(*same).having(count >= REPEATS)
    if store_id is not None:
        query = query.where(Difference.store_id == store_id)
    found = db.session.execute(query.order_by(count.desc(), Difference.pattern).limit(limit))
    return [Group(store, pattern, *rules.alike(pattern), count) for store, pattern, count in found]


def ids_of(store_id: int, pattern: str, most: int) -> list[int]:
    """The open differences of one pattern."""
    alike = (Difference.store_id == store_id, Difference.pattern == pattern, Difference.state == rules.OPEN)
    return list(db.session.scalars(select(Difference.id).where(*alike).order_by(Difference.id).limit(most + 1)))


def summary(actor: Actor, store_id: int, period: tuple[date, date] | None = None) -> dict[str, list[dict[str, Any]]]:
    """What is not settled in a store, by class, by owner team and by age: counts and signed amounts."""
    here = [Difference.visible_to(actor), store_id == OF_STORE, Difference.state.in_(sorted(rules.PENDING))]
    if period is not None:
        start, end = bounds(*period)
        here += [Difference.happened_at >= start, Difference.happened_at < end]
    at, sums = now(), (func.count(), func.sum(Difference.amount))
    # each age by itself, which is a part of an index: to tell the ages of all rows takes twice as long
    parts = [
        select(Difference.code, Difference.owner_team, literal(name), *sums)
        .where(*here, _age(name, at))
        .group_by(Difference.code, Difference.owner_team)
        for name in rules.AGES
    ]
    rows = db.session.execute(union_all(*parts)).all()
    return {
        "code": _folded(rows, 0, LABELS),
        "team": _folded(rows, 1, {code: team.label for code, team in registry().teams.items()}),
        "age": _folded(rows, 2, {name: row[0] for name, row in rules.AGES.items()}),
    }


def _folded(rows: Sequence[Any], place: int, labels: Mapping[str, str]) -> list[dict[str, Any]]:
    sums: dict[str, list[int]] = {}
    for row in rows:
        held = sums.setdefault(row[place], [0, 0])
        held[0] += row[3]
        held[1] += int(row[4])
    order = {name: number for number, name in enumerate(labels)}
    return [
        {"name": name, "label": labels.get(name, name), "count": count, "amount": amount}
        for name, (count, amount) in sorted(sums.items(), key=lambda item: order.get(item[0], 99))
    ]


def waiting_for(actor: Actor) -> dict[str, Any]:
    """What a member of finance has to see to: finance's own open differences, and write-offs to approve."""
    mine = and_(Difference.state == rules.OPEN, Difference.owner_team == rules.TEAM)
    unasked = and_(Difference.state == rules.OPEN, Difference.owner_team != rules.TEAM)
    to_approve = and_(
        asked_for_approval(), or_(Difference.resolved_by_id.is_(None), Difference.resolved_by_id != actor.user_id)
    )
    late = and_(Difference.state == rules.OPEN, Difference.due_at < now())
    counted = select(*(func.count(case((each, 1))) for each in (mine, unasked, to_approve, late)))
    counts = db.session.execute(counted.where(Difference.state.in_([rules.OPEN, rules.RESOLVED]))).one()
    order = (Difference.due_at, Difference.id)
    first = select(Difference.id).where(Difference.visible_to(actor), or_(mine, to_approve)).order_by(*order)
    ids = db.session.scalars(first.limit(WAITING)).all()  # apart, for they are found in an index
    rows = db.session.scalars(select(Difference).where(Difference.id.in_(ids)).order_by(*order)).all()
    return {"rows": rows, **dict(zip(("mine", "unasked", "to_approve", "late"), counts, strict=True))}


def of_order(order_id: int) -> Sequence[Difference]:
    """All differences of one order, the newest first."""
    query = select(Difference).where(Difference.order_id == order_id).options(joinedload(Difference.task))
    return db.session.scalars(query.order_by(Difference.id.desc()).limit(50)).all()


def of_task(task: Task, limit: int = 100) -> tuple[dict[str, int], Sequence[Difference]]:
    """How many differences of each state a task has, and the first of them."""
    mine = Difference.task_id == task.id
    states = dict(
        db.session.execute(select(Difference.state, func.count()).where(mine).group_by(Difference.state)).all()
    )
    return states, db.session.scalars(select(Difference).where(mine).order_by(Difference.id).limit(limit)).all()
