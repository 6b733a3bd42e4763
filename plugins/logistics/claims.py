"""The claim register: what couriers are asked for, and what came of it."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import func, select

from core import localtime
from core.audit import services as audit
from core.board import services as board
from core.board.models import Task
from core.columns import now
from core.contracts import Actor, Ref
from core.extensions import db
from core.messages import N_, Message, Refusal, Stale, msg, refuse
from core.numbers import next_number
from core.transactions import transaction
from plugins.logistics import desk, evidence
from plugins.logistics.models import BillLine, Case, Claim, Finding, Parcel
from plugins.logistics.rules import claims as rules
from plugins.logistics.rules.exceptions import UNSETTLED
from plugins.logistics.types import CLAIM, TEAM

KIND = "logistics.claim"


def register(actor: Actor, store_id: int, values: Mapping[str, Any]) -> Claim:
    """Enter a claim; without a deadline it gets the usual one."""
    amount = values.get("amount") or 0
    refuse(
        amount=None if amount > 0 else msg("Give the amount that is claimed."),
        kind=None if values.get("kind") in rules.CLAIM_KINDS else msg("Choose one of the options."),
    )
    with transaction() as session:
        made = {
            "deadline": rules.deadline(localtime.today()),
            "carrier": "",
            **{k: v for k, v in values.items() if v is not None},
        }
        claim = Claim(store_id=store_id, number=f"CLM-{next_number('logistics.claim')}", **made)
        session.add(claim)
        session.flush()
        _log(actor, N_("entered the claim"), claim, {"amount": claim.amount})
    return claim


def enter(actor: Actor, store_id: int, values: Mapping[str, Any]) -> Claim:
    """Enter a claim by hand, with the parcel that its waybill names; what is claimed for it already is refused."""
    with transaction() as session:
        parcel = _parcel(store_id, values.get("subject", ""))
        if parcel is None:
            return register(actor, store_id, values)
        session.refresh(parcel, with_for_update=True)  # two who enter the same claim at once come one after the other
        same = (Claim.parcel_id == parcel.id, Claim.kind == values.get("kind"), Claim.state.in_(rules.PENDING))
        if (number := session.scalar(select(Claim.number).where(*same).limit(1))) is not None:
            raise Refusal(fields={"subject": msg("%(number)s claims this already.", number=number)})
        return register(actor, store_id, {"carrier": parcel.carrier, **values, "parcel_id": parcel.id})


def _parcel(store_id: int, waybills: str) -> Parcel | None:
    here = (Parcel.store_id == store_id, Parcel.key.in_(waybills.split()))
    return db.session.scalar(select(Parcel).where(*here).limit(1))


def _log(actor: Actor, verb: str, claim: Claim, data: Mapping[str, Any]) -> None:
    audit.record(actor, verb, Ref(KIND, claim.id), dict(data), store_id=claim.store_id, team=TEAM)


def of_case(case: Case, actor: Actor) -> Claim:
    """A claim for an exception; the one there is, if there is one."""
    found = db.session.scalar(select(Claim).where(Claim.case_id == case.id).order_by(Claim.id))
    if found is not None:
        return found
    values = {
        "kind": case.kind,
        "carrier": case.carrier,
        "subject": case.parcel.title if case.parcel else case.subject,
        "parcel_id": case.parcel_id,
        "case_id": case.id,
        "amount": case.at_risk or case.cost,
        "evidence": case.note or (case.rule.name if case.rule else ""),
        "task_id": case.task_id,
    }
    if not values["amount"]:
        raise Refusal(msg("Say first what this exception costs."))
    with transaction():
        claim = register(actor, case.store_id, values)
        evidence.take_over(claim.id, actor)
    return claim


def of_cases(ids: Sequence[int], actor: Actor) -> tuple[int, list[Message]]:
    """A claim for each of these exceptions that has none: how many were entered, and why others were not."""
    claimed = select(Claim.case_id).where(Claim.case_id.is_not(None))
    here = (Case.id.in_(ids), Case.state.in_(UNSETTLED), Case.id.not_in(claimed))
    count, refused = 0, []
    for case in db.session.scalars(select(Case).where(*here).order_by(Case.id)).all():
        try:
            of_case(case, actor)
            count += 1
        except Refusal as refusal:
            refused += [msg("%(number)s: %(why)s", number=case.subject, why=why) for why in refusal.reasons]
    return count, refused


def of_findings(ids: Sequence[int], actor: Actor) -> list[Claim]:
    """One claim for the differences of each courier's bill lines that are in none yet."""
    with transaction() as session:
        query = select(Finding).where(Finding.id.in_(ids), Finding.claim_id.is_(None), Finding.amount > 0)
        groups: dict[tuple[int, str], list[Finding]] = {}
        for finding in session.scalars(query.order_by(Finding.id).with_for_update()):
            line = session.get_one(BillLine, finding.line_id)
            groups.setdefault((line.store_id, carrier_of(line)), []).append(finding)
        if not groups:
            raise Refusal(msg("There is nothing left to claim here."))
        return [_of_bill(actor, *key, findings) for key, findings in groups.items()]


def _of_bill(actor: Actor, store_id: int, carrier: str, findings: list[Finding]) -> Claim:
    kinds = {finding.kind for finding in findings}
    lines = [db.session.get_one(BillLine, finding.line_id) for finding in findings]
    values = {
        "kind": kinds.pop() if len(kinds) == 1 else rules.FREIGHT,
        "carrier": carrier,
        "subject": lines[0].waybill_no if len(lines) == 1 else "",
        "parcel_id": lines[0].parcel_id if len(lines) == 1 else None,
        "amount": sum(finding.amount for finding in findings),
    }
    claim = register(actor, store_id, values)
    for finding in findings:
        finding.claim_id = claim.id
    return claim


def carrier_of(line: BillLine) -> str:
    """Who asks for the freight: as the bill says, or as the parcel was sent."""
    if line.carrier or not line.parcel_id:
        return line.carrier or ""
    return db.session.scalar(select(Parcel.carrier).where(Parcel.id == line.parcel_id)) or ""


def of_task(task: Task, verb: str, actor: Actor) -> None:
    """A claim that another team asks for is entered when logistics accepts the task."""
    if verb != "accept" or task.type != CLAIM.name or task.store_id is None:
        return
    with transaction():
        if db.session.scalar(select(Claim.id).where(Claim.task_id == task.id)):
            return
        brief = task.brief
        numbers = str(brief.get("waybill_no", ""))
        found = _parcel(task.store_id, numbers)
        values = {
            "kind": brief.get("kind"),
            "carrier": brief.get("carrier") or (found.carrier if found else None),
            "subject": " ".join(numbers.split())[:200],
            "parcel_id": found.id if found else None,
            "amount": brief.get("amount"),
            "evidence": brief.get("what", ""),
            "task_id": task.id,
        }
        claim = register(actor, task.store_id, values)
        evidence.take_over(claim.id, actor)
        board.link(db.session.get_one(Task, task.id), [Ref(KIND, claim.id)], actor)


def step(claim_id: int, actor: Actor, name: str, version: int | None, said: Mapping[str, Any]) -> Claim:
    """Take a claim one step on: ``said`` holds what was granted and the courier's answer."""
    with transaction() as session:
        claim = session.get(Claim, claim_id, with_for_update=True, populate_existing=True)
        if claim is None or claim.version != version:
            raise Stale(msg("Somebody else changed this claim first."))
        granted, result = said.get("granted") or 0, said.get("result") or ""
        problems = rules.problems(name, claim.state, claim.amount, granted, result)
        if problems:
            raise Refusal(*filter(None, [problems.pop("", None)]), fields=problems)
        label, _, claim.state = rules.STEPS[name]
        claim.result = result or claim.result
        if name in ("grant", "pay"):
            claim.granted = granted
        if claim.state == rules.SENT:
            claim.sent_at = now()
        if claim.state in rules.SETTLED:
            claim.settled_at = now()
        if name == "pay" and claim.case_id:
            desk.held(claim.case_id).recovered = _paid_for(claim.case_id, claim.id) + granted
        claim.version += 1
        _log(actor, label, claim, {"granted": granted, "result": result})
    return claim


def _paid_for(case_id: int, but: int) -> int:
    others = (Claim.case_id == case_id, Claim.state == rules.PAID, Claim.id != but)
    return db.session.scalar(select(func.coalesce(func.sum(Claim.granted), 0)).where(*others)) or 0


def edit(claim_id: int, actor: Actor, version: int | None, values: Mapping[str, Any]) -> Claim:
    """Change a claim that is not settled: its evidence, amount and deadline."""
    with transaction() as session:
        claim = session.get(Claim, claim_id, with_for_update=True, populate_existing=True)
        if claim is None or claim.version != version:
            raise Stale(msg("Somebody else changed this claim first."))
        if claim.state not in (rules.DRAFT, rules.REFUSED):
            raise Refusal(msg("The claim is with the courier: what it says stays as it was sent."))
        refuse(amount=None if (values.get("amount") or 0) > 0 else msg("Give the amount that is claimed."))
        for name, value in values.items():
            setattr(claim, name, value)
        claim.version += 1
        _log(actor, N_("changed the claim"), claim, {name: str(value) for name, value in values.items()})
    return claim
