"""The exception desk: keep what was found, say whose it is, hand it over, close it."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import insert, select, update

from core import localtime
from core.audit import services as audit
from core.board import notices, services
from core.board.models import Task
from core.board.services import Draft
from core.columns import now
from core.contracts import Actor, Ref
from core.extensions import db
from core.messages import N_, Message, Refusal, Stale, msg, refuse
from core.stores.models import Order
from core.transactions import transaction
from core.web import say
from plugins.logistics import clock, finding
from plugins.logistics.models import Case, Parcel, ParcelOrder
from plugins.logistics.rules import exceptions as rules
from plugins.logistics.types import EXCEPTION, TEAM

LISTED = 30  # order numbers that a brief names


def scan(at: datetime | None = None) -> dict[str, int]:
    """Bring the desk up to date: new exceptions are opened, those that are none any more settle by themselves.

    Inside a transaction.
    """
    at = at or now()
    found = {(each.store_id, each.key): each for each in finding.everything(at)}
    query = select(Case.store_id, Case.key, Case.id, Case.state, Case.task_id, Case.at_risk)
    known = {(row.store_id, row.key): row for row in db.session.execute(query)}
    fresh = [each for key, each in found.items() if key not in known]
    again = [known[key].id for key in found if key in known and known[key].state == rules.GONE]
    over = [
        row.id for key, row in known.items() if row.state == rules.OPEN and row.task_id is None and key not in found
    ]
    _set(again, state=rules.OPEN, closed_at=None)
    _set(over, state=rules.GONE, closed_at=at)
    poor = [each for key, each in found.items() if key in known and _may_rise(known[key], each.kind)]
    risks = _risks([*fresh, *poor])
    rows = [_row(each, at, risks[each.store_id, each.key]) for each in fresh]
    if rows:
        db.session.execute(insert(Case), rows)
    rises = [{"id": known[key].id, "at_risk": risks[key]} for key in ((e.store_id, e.key) for e in poor) if risks[key]]
    if rises:
        db.session.execute(update(Case), rises)
    return {"opened": len(fresh) + len(again), "settled": len(over)}


def _may_rise(row: Any, kind: str) -> bool:
    """Whether the money at risk may come to be known yet: the order may be imported after the parcel."""
    return kind in rules.AT_RISK and row.state in rules.UNSETTLED and not row.at_risk


def report(actor: Actor, parcel: Parcel, kind: str, note: str) -> Case:
    """An exception that somebody sees before a file tells of it; it is in their hands until they pass it on."""
    rule: Any = rules.counting(clock.rules_of(kind), localtime.today()) if kind in rules.REPORTED else None
    refuse(
        kind=None if rule else msg("Choose one of the options."),
        note=None if note.strip() else msg("Say what happened in a few words."),
    )
    at = now()
    place = {"parcel_id": parcel.id, "warehouse": parcel.warehouse, "carrier": parcel.carrier}
    seen = finding.Found(kind, rule, parcel.store_id, parcel.key, at, **place)
    with transaction() as session:
        mine = (Case.store_id == seen.store_id, Case.key == seen.key)
        case = session.scalar(select(Case).where(*mine).with_for_update())
        if case is None:
            case = Case(**_row(seen, at, _risks([seen])[seen.store_id, seen.key]), version=0)
            session.add(case)
        elif case.state in rules.UNSETTLED:
            raise Refusal(msg("This exception is on the desk already."))
        case.state, case.closed_at, case.note = rules.DOING, None, note.strip()
        case.owner_id = actor.user_id if actor.user_id in notices.members(TEAM) else None
        case.version += 1
        session.flush()
        audit.record(
            actor, N_("reported the exception"), Ref("logistics.case", case.id), store_id=case.store_id, team=TEAM
        )
    return case


def _set(ids: Sequence[int], **values: Any) -> None:
    for start in range(0, len(ids), 5_000):
        query = update(Case).where(Case.id.in_(ids[start : start + 5_000])).values(**values)
        db.session.execute(query.execution_options(synchronize_session="fetch" if len(ids) < 100 else False))


def _row(each: finding.Found, at: datetime, at_risk: int) -> dict[str, Any]:
    return {
        "store_id": each.store_id,
        "key": each.key,
        "kind": each.kind,
        "rule_id": each.rule.id,
        "parcel_id": each.parcel_id,
        "order_id": each.order_id,
        "subject": each.subject,
        "warehouse": each.warehouse or None,
        "carrier": each.carrier,
        "remedy": "ship" if each.kind == rules.LATE else each.rule.remedy,
        "since_at": each.since_at,
        "found_at": at,
        "due_at": at + timedelta(hours=each.rule.due_hours),
        "at_risk": at_risk,
    }


def _risks(fresh: Iterable[finding.Found]) -> dict[tuple[int, str], int]:
    """The money at risk of each new exception: an order's total counts once, however many parcels and troubles."""
    fresh = list(fresh)
    risky = [each for each in fresh if each.kind in rules.AT_RISK]
    taken = _at_risk_already() if risky else set()
    orders = _orders_of([each.parcel_id for each in risky if each.parcel_id and not each.order_id])
    totals = _totals(
        {each.order_id for each in risky if each.order_id} | {o for group in orders.values() for o in group}
    )
    found = dict.fromkeys(((each.store_id, each.key) for each in fresh), 0)
    for each in sorted(risky, key=lambda each: rules.AT_RISK.index(each.kind)):
        mine = {each.order_id} if each.order_id else set(orders.get(each.parcel_id or 0, ()))
        found[each.store_id, each.key] = sum(totals.get(order_id or 0, 0) for order_id in mine - taken)
        taken |= mine
    return found


def _at_risk_already() -> set[int | None]:
    here = (Case.state.in_(rules.UNSETTLED), Case.kind.in_(rules.AT_RISK), Case.at_risk > 0)
    direct = db.session.scalars(select(Case.order_id).where(*here, Case.order_id.is_not(None)))
    tied = select(ParcelOrder.order_id).join(Case, Case.parcel_id == ParcelOrder.parcel_id)
    return {*direct, *db.session.scalars(tied.where(*here, Case.order_id.is_(None)))}


def _orders_of(parcel_ids: Sequence[int]) -> dict[int, list[int]]:
    found: dict[int, list[int]] = {}
    for start in range(0, len(parcel_ids), 5_000):
        part = parcel_ids[start : start + 5_000]
        query = select(ParcelOrder.parcel_id, ParcelOrder.order_id).where(ParcelOrder.parcel_id.in_(part))
        for parcel_id, order_id in db.session.execute(query.where(ParcelOrder.order_id.is_not(None))):
            found.setdefault(parcel_id, []).append(order_id)
    return found


def _totals(order_ids: set[int]) -> dict[int, int]:
    found: dict[int, int] = {}
    ids = sorted(order_ids)
    for start in range(0, len(ids), 5_000):
        query = select(Order.id, Order.total).where(Order.id.in_(ids[start : start + 5_000]))
        found |= {order_id: total or 0 for order_id, total in db.session.execute(query)}
    return found


def spokesman() -> Actor | None:
    """Whoever drafts for the team what a job finds: its first lead, or else its first member."""
    people = [*sorted(notices.members(TEAM, "lead")), *sorted(notices.members(TEAM))]
    if not people:
        return None
    name = dict(notices.people(people[:1]))[people[0]]
    return Actor(people[0], name, {TEAM: "lead"}, source="job")


def draft_breaches(at: datetime | None = None) -> list[Task]:
    """Draft one handoff for all orders of a warehouse that have just missed their time. Inside a transaction."""
    actor = spokesman()
    here = (Case.kind == rules.LATE, Case.state == rules.OPEN, Case.task_id.is_(None))
    groups: dict[tuple[int, str], list[Case]] = {}
    for case in db.session.scalars(select(Case).where(*here).order_by(Case.since_at, Case.id)):
        groups.setdefault((case.store_id, case.warehouse or ""), []).append(case)
    return [_draft_late(actor, name, cases, at) for (_, name), cases in groups.items()] if actor else []


def _draft_late(actor: Actor, warehouse: str, cases: list[Case], at: datetime | None) -> Task:
    title = msg("%(count)s orders not sent out in time %(warehouse)s", count=len(cases), warehouse=warehouse)
    numbers = [case.subject for case in cases]
    brief = {
        "kind": rules.LATE,
        "remedy": "ship",
        "order_no": " ".join(numbers[:3]),
        "what": "\n".join([*numbers[:LISTED], *(["…"] if len(numbers) > LISTED else [])]),
    }
    return draft(actor, cases, EXCEPTION.name, Draft(say(title).strip(), brief, priority=2), at)


def draft(actor: Actor, cases: Sequence[Case], type_name: str, said: Draft, at: datetime | None = None) -> Task:
    """Draft a task about exceptions of one store: each leads to it, and it to each and to their orders and parcels."""
    refs = [Ref("logistics.case", case.id) for case in cases]
    refs += [Ref("core.order", case.order_id) for case in cases[:LISTED] if case.order_id]
    refs += [Ref("logistics.parcel", case.parcel_id) for case in cases[:LISTED] if case.parcel_id]
    whole = Draft(said.title, said.brief, said.priority, said.due_at, cases[0].store_id, records=tuple(refs))
    with transaction():
        task = services.draft_task(actor, type_name, TEAM, whole, at)
        for case in cases:
            case.task_id, case.state = task.id, rules.DOING
            case.version += 1
        for case in cases[:LISTED]:
            data, about = {"number": task.number}, Ref("logistics.case", case.id)
            audit.record(actor, N_("drafted a task of it"), about, data, store_id=case.store_id, team=TEAM)
    return task


def held(case_id: int) -> Case:
    """The exception, read afresh and held until the transaction ends."""
    case = db.session.get(Case, case_id, with_for_update=True, populate_existing=True)
    if case is None:
        raise Refusal(msg("This exception no longer exists."))
    return case


def edit(case_id: int, actor: Actor, version: int | None, values: Mapping[str, Any]) -> Case:
    """Say whose an exception is, what is done, and what it costs or gets back; ``closing`` closes it."""
    closing, given = bool(values.get("closing")), {k: v for k, v in values.items() if k != "closing"}
    refuse(
        owner_id=_stranger(given.get("owner_id")),
        cost=_negative(given.get("cost")),
        recovered=_negative(given.get("recovered")),
        note=msg("Say how it was settled.") if closing and not given.get("note") else None,
    )
    with transaction():
        case = held(case_id)
        if case.version != version:
            raise Stale(msg("Somebody else changed this exception first."))
        before = {name: getattr(case, name) for name in given}
        for name, value in given.items():
            setattr(case, name, value)
        if case.state == rules.OPEN and case.owner_id:
            case.state = rules.DOING
        if closing:
            close(case)
        case.version += 1
        changed = {name: [before[name], value] for name, value in given.items() if before[name] != value}
        verb = N_("closed the exception") if closing else N_("changed the exception")
        audit.record(
            actor, verb, Ref("logistics.case", case.id), {"changes": changed}, store_id=case.store_id, team=TEAM
        )
    return case


def assign(ids: Sequence[int], owner_id: int | None, actor: Actor) -> int:
    """Put unsettled exceptions into somebody's hands; how many changed hands."""
    refuse(owner=_stranger(owner_id) if owner_id else msg("Choose somebody of logistics."))
    moved = (Case.id.in_(ids), Case.state.in_(rules.UNSETTLED), Case.owner_id.is_distinct_from(owner_id))
    with transaction() as session:
        cases = session.scalars(select(Case).where(*moved).order_by(Case.id).with_for_update()).all()
        for case in cases:
            said = {"changes": {"owner_id": [case.owner_id, owner_id]}}
            case.owner_id, case.state = owner_id, rules.DOING
            case.version += 1
            audit.record(
                actor,
                N_("changed the exception"),
                Ref("logistics.case", case.id),
                said,
                store_id=case.store_id,
                team=TEAM,
            )
    return len(cases)


def _stranger(owner_id: int | None) -> Message | None:
    known = owner_id is None or owner_id in notices.members(TEAM)
    return None if known else msg("Choose somebody of logistics.")


def _negative(amount: int | None) -> Message | None:
    return msg("An amount cannot be negative.") if (amount or 0) < 0 else None


def close(case: Case) -> None:
    """Close an exception. Inside a transaction."""
    case.state, case.closed_at = rules.CLOSED, now()


def follow(task: Task, verb: str) -> None:
    """Let exceptions go the way of their task: signed off they are closed, cancelled they are open again."""
    if verb not in ("sign_off", "cancel", "cancel_late"):
        return
    with transaction() as session:
        for case in session.scalars(select(Case).where(Case.task_id == task.id, Case.state == rules.DOING)).all():
            if verb == "sign_off":
                close(case)
            else:
                case.state, case.task_id = rules.OPEN, None
            case.version += 1
