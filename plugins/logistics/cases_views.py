"""Pages of the exception desk."""

from typing import Any

from flask import Response, request
from flask.typing import ResponseReturnValue
from sqlalchemy import func, select

from core.access import allowed, current_actor, load, needs
from core.audit import services as audit
from core.board import brief, notices
from core.board.queries import tasks_of
from core.board.rules import OPEN
from core.board.services import Draft
from core.contracts import Field, Ref
from core.extensions import db
from core.messages import N_, Message, Refusal, msg, refuse
from core.pages import answer
from core.registry import registry
from core.web import go, say, whole_number
from plugins.logistics import claims as register
from plugins.logistics import desk, listings
from plugins.logistics.models import Case, Claim
from plugins.logistics.pages import bp
from plugins.logistics.records import VIEW
from plugins.logistics.rules import exceptions as rules
from plugins.logistics.types import EXCEPTION, FINANCE, INTERCEPT, MONEY, TASK_TYPES, TEAM, prefill
from plugins.logistics.views import HANDLE, about

CASE_FIELDS = (
    Field("remedy", N_("Remedy"), "choice", options=tuple(rules.REMEDIES.items())),
    Field("cost", N_("What it costs"), "money"),
    Field("recovered", N_("What came back"), "money"),
    Field("note", N_("Note"), "longtext", max_length=4000),
)
FILTERS = {"q", "from", "to", "sort", *(each.name for each in listings.CASES.filters)}


@bp.get("/exceptions", endpoint="cases")
@needs(VIEW)
def case_list() -> ResponseReturnValue:
    return _cases()


def _cases(reasons: tuple[Message, ...] = ()) -> Response:
    """The exceptions, with what is open by kind and the money at risk."""
    here = Case.state.in_(rules.UNSETTLED)
    query = select(Case.kind, func.count(), func.sum(Case.at_risk)).where(here).group_by(Case.kind)
    found = {kind: (count, int(risk or 0)) for kind, count, risk in db.session.execute(query)}
    tiles = [(kind, label, *found[kind]) for kind, label in rules.KINDS.items() if kind in found]
    may = allowed(current_actor(), HANDLE)
    response = listings.CASES.respond(
        "logistics/cases.html",
        "logistics.case",
        tiles=tiles,
        may_handle=may,
        people=notices.people(notices.members(TEAM)) if may else [],
        tickable=(lambda row: row.state in rules.UNSETTLED) if may else None,
        ticked=request.form.getlist("ids"),
        reasons=reasons,
    )
    response.status_code = 422 if reasons else 200
    return response


@bp.post("/exceptions")
@needs(HANDLE)
def step_cases() -> Response:
    """Put the ticked exceptions into somebody's hands, or claim each of them from its courier."""
    actor, form = current_actor(), request.form
    ids = [number for text in form.getlist("ids")[:1000] if (number := whole_number(text)) is not None]
    if not ids:
        return _cases((msg("Choose at least one."),))
    if form.get("step") == "claim":
        count, refused = register.of_cases(ids, actor)
        told = msg("%(count)s claims are in the register.", count=count)
        if refused or not count:
            return _cases((told, *refused[:20]) if refused else (msg("All of these are claimed already."),))
    else:
        try:
            told = msg("%(count)s exceptions given.", count=desk.assign(ids, whole_number(form.get("owner")), actor))
        except Refusal as refusal:
            return _cases(tuple(refusal.fields.values()))
    return go("logistics.cases", told, **{name: value for name, value in request.args.items() if name in FILTERS})


@bp.get("/exceptions/<int:id>")
@needs(VIEW)
def case(id: int) -> ResponseReturnValue:
    return _case(load(Case, current_actor(), id=id))


def _case(found: Case, refusal: Refusal | None = None) -> Response:
    claim = db.session.scalar(select(Claim).where(Claim.case_id == found.id).limit(1))
    return answer(
        "logistics/case.html",
        refusal,
        kinds=rules.KINDS,
        states=rules.STATES,
        remedies=rules.REMEDIES,
        fields=CASE_FIELDS,
        people=notices.people(notices.members(TEAM)),
        owner=request.form.get("owner", found.owner_id or ""),
        claim=claim,
        finance=FINANCE in registry().teams,
        log=audit.events_of(Ref("logistics.case", found.id)),
        **about("logistics.case", found),
    )


@bp.post("/exceptions/<int:id>")
@needs(HANDLE)
def save_case(id: int) -> Response:
    actor, found = current_actor(), load(Case, current_actor(), id=id)
    values, problems = brief.parse(CASE_FIELDS, request.form.getlist)
    blank: dict[str, Any] = {"remedy": "", "cost": 0, "recovered": 0, "note": ""}
    owner = request.form.get("owner", "")
    given = {**blank, **values, "owner_id": whole_number(owner) if owner else None}
    given["closing"] = request.form.get("closing") == "yes"
    try:
        refuse(**problems)
        desk.edit(found.id, actor, whole_number(request.form.get("version")), given)
    except Refusal as refusal:
        return _case(load(Case, actor, id=id), refusal)
    return go("logistics.case", msg("The change is stored."), id=id)


@bp.post("/exceptions/<int:id>/task")
@needs(HANDLE)
def draft_case(id: int) -> Response:
    """Draft a task from an exception: for logistics itself, to intercept, or for finance."""
    actor, found = current_actor(), load(Case, current_actor(), id=id)
    known = {**TASK_TYPES, MONEY.name: MONEY} if FINANCE in registry().teams else TASK_TYPES
    kind = known.get(request.form.get("type", ""), INTERCEPT if found.kind == rules.INTERCEPT else EXCEPTION)
    drafted = (task for task in tasks_of(Ref("logistics.case", id), actor) if task.type == kind.name)
    if task := next((task for task in drafted if task.state in OPEN), None):
        return go("board.task", msg("%(number)s is about it already.", number=task.number), number=task.number)
    summary = registry().record_types["logistics.case"].summary
    told = prefill(summary(found)) if summary else {}
    given = {field.name: told[field.name] for field in kind.fields if field.name in told}
    given.setdefault("what", say(rules.KINDS.get(found.kind, found.kind)))
    try:
        title = f"{say(rules.KINDS.get(found.kind, found.kind))} {found.subject}"
        task = desk.draft(actor, [found], kind.name, Draft(title, given, 2))
    except Refusal as refusal:
        return _case(load(Case, actor, id=id), refusal)
    return go("board.task", number=task.number)


@bp.post("/exceptions/<int:id>/claim")
@needs(HANDLE)
def claim_case(id: int) -> Response:
    actor, found = current_actor(), load(Case, current_actor(), id=id)
    try:
        made = register.of_case(found, actor)
    except Refusal as refusal:
        return _case(load(Case, actor, id=id), refusal)
    return go("logistics.claim", msg("%(number)s is in the register.", number=made.number), id=made.id)
