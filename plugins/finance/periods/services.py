"""Prepare a period, sign it by another person, open it again; and what takes a signature back by itself."""

from typing import Any

from sqlalchemy import and_, func, select

from core.audit import services as audit
from core.columns import now
from core.contracts import SYSTEM, Actor, Ref
from core.extensions import db
from core.imports.models import CREATED, UPDATED, ImportBatch, ImportRow
from core.messages import Message, Refusal, Stale, msg, refuse
from core.stores.models import Order
from core.transactions import transaction
from core.web import say
from plugins.finance.differences.models import Difference
from plugins.finance.differences.rules import OPEN as UNSETTLED
from plugins.finance.differences.rules import RESOLVED, TEAM, WRITE_OFF
from plugins.finance.matching.classes import LINE, ORDER, REPEATED_LINE, REPEATED_ORDER
from plugins.finance.matching.models import Result, Run
from plugins.finance.periods import rules
from plugins.finance.periods.balances import balance_sheet
from plugins.finance.periods.models import Period
from plugins.finance.periods.rules import Standing
from plugins.finance.periods.since import newer_than, touches

KIND = "finance.period"
LONGEST = 500


def ref(period: Period) -> Ref:
    """What the event log and documents call a period."""
    return Ref(KIND, period.id)


def of_run(run: Run) -> Period | None:
    """The period that a run is of: the same store and the same days."""
    same = (Period.store_id == run.store_id, Period.first == run.first, Period.last == run.last)
    return db.session.scalar(select(Period).where(*same))


def begin(run: Run, actor: Actor) -> Period | None:
    """The period of a run over a whole month, made with its first run; inside the transaction that writes the run."""
    period = of_run(run)
    if period is None and rules.is_month(run.first, run.last):
        period = _begin(run, actor)
    if period is not None and period.state == rules.OPEN:
        period.run_id = run.id
    return period


def _begin(run: Run, actor: Actor) -> Period:
    period = Period(store_id=run.store_id, first=run.first, last=run.last, state=rules.OPEN, run_id=run.id)
    db.session.add(period)
    db.session.flush()
    _log(period, "begin", actor, "", {"run": run.id})
    return period


def standing(run: Run | None) -> Standing:
    """What stands in the way of signing for what ``run`` says."""
    if run is None:
        return Standing()
    of_period = select(Run.id).where(Run.store_id == run.store_id, Run.first == run.first, Run.last == run.last)
    here = (Difference.store_id == run.store_id, Difference.last_run_id.in_(of_period))
    count = select(func.count()).select_from(Difference).where(*here)
    asked = (Difference.state == RESOLVED, Difference.resolution == WRITE_OFF)
    return Standing(
        run=True,
        tied=bool(run.totals.get("tie_out", {}).get("ok")),
        flat=is_flat(run),
        fresh=newer_than(run) is None,
        unsettled=db.session.scalar(count.where(Difference.state == UNSETTLED)) or 0,
        to_approve=db.session.scalar(count.where(*asked)) or 0,
    )


def is_flat(run: Run) -> bool:
    """Whether the run's balance statement comes to the same figure from both sides."""
    return balance_sheet(run).flat


def prepare(run_id: int, actor: Actor) -> Period:
    """Put a run forward for signing; everything that stands in the way is named."""
    with transaction() as session:
        run = session.get_one(Run, run_id)
        newest = latest_run(run.store_id, run.first, run.last)
        if newest is not None and newest.id != run.id:
            raise Refusal(msg("Run %(number)s is newer: prepare that one.", number=newest.id))
        if reasons := rules.unready(standing(run)):
            raise Refusal(*reasons)
        period = of_run(run) or _begin_apart(run, actor)
        period = _held(period.id)
        _take(period, "prepare", actor, {"run": run.id, "digest": run.digest})
        period.run_id, period.digest, period.reason = run.id, run.digest, ""
        period.prepared_by_id, period.prepared_at = actor.user_id, now()
        period.signed_by_id = period.signed_at = None
    return period


def _begin_apart(run: Run, actor: Actor) -> Period:
    """The period of a run, which may not overlap one that is prepared or signed."""
    query = select(Period.first, Period.last).where(Period.store_id == run.store_id, Period.state != rules.OPEN)
    if rules.overlaps(run.first, run.last, [(first, last) for first, last in db.session.execute(query)]):
        raise Refusal(msg("These days overlap a period that is prepared or signed already."))
    return _begin(run, actor)


def sign(period_id: int, actor: Actor, version: int | None = None) -> Period:
    """Sign a prepared period: its figures are locked from now on."""
    with transaction():
        period = _held(period_id, version)
        if reason := rules.same_person(period.prepared_by_id, actor):
            raise Refusal(reason)
        run = db.session.get(Run, period.run_id) if period.run_id else None
        if reasons := rules.unready(standing(run)):
            raise Refusal(*reasons)
        _take(period, "sign", actor, {"run": period.run_id, "digest": period.digest})
        period.signed_by_id, period.signed_at = actor.user_id, now()
    return period


def send_back(period_id: int, actor: Actor, reason: str) -> Period:
    """Give a prepared period back to who prepared it."""
    return _open(period_id, "send_back", actor, reason)


def reopen(period_id: int, actor: Actor, reason: str) -> Period:
    """Open a signed period again; the signature is gone, what it was stays in the history."""
    return _open(period_id, "reopen", actor, reason)


def _open(period_id: int, verb: str, actor: Actor, reason: str) -> Period:
    reason = reason.strip()
    if not reason:
        refuse(reason=msg("Say why in a few words."))
    if len(reason) > LONGEST:
        refuse(reason=msg("At most %(count)s characters.", count=LONGEST))
    with transaction():
        period = _held(period_id)
        _withdraw(period, verb, actor, reason, reason)
    return period


def take_back(period_id: int, actor: Actor, why: Message) -> bool:
    """Take the signature (or the preparation) of a period back because its figures no longer stand; says whether it had
    one."""
    with transaction():
        period = _held(period_id)
        if period.state not in rules.STEPS["take_back"].origins:
            return False
        _withdraw(period, "take_back", actor, why, say(why))
    return True


def _withdraw(period: Period, verb: str, actor: Actor, reason: Message | str, shown: str) -> None:
    _take(period, verb, actor, {"reason": reason, "digest": period.digest})
    period.reason = shown
    period.prepared_by_id = period.prepared_at = period.signed_by_id = period.signed_at = None
    period.digest = ""


def _held(period_id: int, version: int | None = None) -> Period:
    query = select(Period).where(Period.id == period_id).execution_options(populate_existing=True)
    period = db.session.scalar(query.with_for_update())
    if period is None:
        raise Refusal(msg("This period is not there any more."))
    if version is not None and version != period.version:
        raise Stale(msg("Somebody else changed this period meanwhile: look at it again."))
    return period


def _take(period: Period, verb: str, actor: Actor, data: dict[str, Any]) -> None:
    if reason := rules.objection(verb, period.state):
        raise Refusal(reason)
    before, period.state = period.state, rules.STEPS[verb].to
    period.version += 1
    _log(period, verb, actor, before, data)


def _log(period: Period, verb: str, actor: Actor, before: str, data: dict[str, Any]) -> None:
    data = {"from": before, "to": period.state, **data}
    audit.record(actor, rules.STEPS[verb].label, ref(period), data, store_id=period.store_id, team=TEAM)


def latest_run(store_id: int, first: Any, last: Any) -> Run | None:
    """The newest run of a store over exactly these days."""
    whole = (Run.store_id == store_id, Run.first == first, Run.last == last, Run.digest != "")
    query = select(Run).where(*whole)
    return db.session.scalar(query.order_by(Run.id.desc()).limit(1))


def _put_forward(store_id: int | None) -> list[Period]:
    query = select(Period).where(Period.store_id == store_id, Period.state != rules.OPEN).order_by(Period.first)
    return list(db.session.scalars(query))


def hear_import(batch: ImportBatch, actor: Actor) -> None:
    """A file that belongs into a signed period takes its signature back."""
    for period in _put_forward(batch.store_id):
        if touches(batch, period.first, period.last):
            take_back(period.id, actor, msg("%(file)s was imported after the signature.", file=batch.file_name))


def hear_undone(batch: ImportBatch, actor: Actor) -> None:
    """A file that is taken back out of a signed period takes its signature with it."""
    for period in _put_forward(batch.store_id):
        if period.run_id and _held_by(batch, period.run_id):
            take_back(period.id, actor, msg("%(file)s was taken back after the signature.", file=batch.file_name))


def _held_by(batch: ImportBatch, run_id: int) -> bool:
    """Whether a run counted what is gone or changed with a file; the records themselves may not be there any more."""
    gone = and_(ImportRow.action.in_((CREATED, UPDATED)), ImportRow.told(Result.record_id))
    sides = ((ORDER, "core.order", gone), (LINE, "finance.line", gone))
    again = ((REPEATED_ORDER, "core.order"), (REPEATED_LINE, "finance.line"))
    for side, kind, same in (*sides, *((side, kind, Result.record_id == ImportRow.id) for side, kind in again)):
        row = select(ImportRow.id).where(ImportRow.batch_id == batch.id, ImportRow.kind + "" == kind)
        counted = row.join(Result, same).where(Result.run_id == run_id, Result.side == side)
        if db.session.scalar(counted.limit(1)) is not None:
            return True
    return False


def hear_record(record: Any, actor: Actor) -> None:
    """An order of a signed period that is edited takes its signature back."""
    at = (record.paid_at or record.ordered_at) if isinstance(record, Order) else None
    if at is None:
        return
    day = rules.book_day(at)
    for period in _put_forward(record.store_id):
        if period.first <= day <= period.last:
            take_back(period.id, actor, msg("Order %(order)s was edited after the signature.", order=record.order_no))


def check_signatures(digest_of: Any, actor: Actor = SYSTEM) -> dict[str, Any]:
    """Compute the digest of every signed period again; where it differs, the signature is taken back.

    ``digest_of(run)`` computes a run's digest from what is stored now.
    """
    query = select(Period).where(Period.state == rules.SIGNED).order_by(Period.id)
    checked, taken = 0, []
    for period in db.session.scalars(query).all():
        run = db.session.get(Run, period.run_id) if period.run_id else None
        checked += 1
        if run is None or digest_of(run) != period.digest:
            why = msg("The figures computed again are not those that were signed.")
            if take_back(period.id, actor, why):
                taken.append(period.id)
    return {"checked": checked, "taken_back": taken}
