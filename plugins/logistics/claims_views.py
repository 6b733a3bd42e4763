"""Pages of the claim register."""

from datetime import date
from typing import Any

from flask import Response, request
from flask.typing import ResponseReturnValue
from sqlalchemy import func, select

from core.access import allowed, current_actor, load, needs
from core.audit import services as audit
from core.board import brief
from core.contracts import Field, Ref
from core.extensions import db
from core.files import services as files
from core.messages import N_, Message, Refusal, msg, refuse
from core.pages import answer
from core.registry import registry
from core.stores.queries import store_names
from core.web import go, whole_number
from plugins.logistics import claims as register
from plugins.logistics import evidence, listings
from plugins.logistics.models import Claim
from plugins.logistics.pages import bp
from plugins.logistics.records import VIEW
from plugins.logistics.rules import claims as rules
from plugins.logistics.rules import freight
from plugins.logistics.types import EVIDENCE, FINANCE
from plugins.logistics.views import HANDLE, about

CLAIM_FIELDS = (
    Field("kind", N_("What for"), "choice", required=True, options=tuple(rules.CLAIM_KINDS.items())),
    Field("carrier", N_("Courier"), max_length=80),
    Field("subject", N_("Waybill"), max_length=200),
    Field("amount", N_("Amount"), "money", required=True),
    Field("deadline", N_("Deadline"), "date", help=N_("Empty: thirty days from today.")),
    Field(
        "evidence",
        N_("Grounds and evidence"),
        "longtext",
        max_length=4000,
        help=N_("What happened; photos and papers that show it are added to the claim once it is entered."),
    ),
)
ANSWER_FIELDS = (
    Field("granted", N_("Granted amount"), "money"),
    Field("result", N_("The courier's answer"), "longtext", max_length=2000),
)


@bp.get("/claims", endpoint="claims")
@needs(VIEW)
def claim_list() -> ResponseReturnValue:
    """The register, with what is in each state."""
    query = select(Claim.state, func.count(), func.sum(Claim.amount), func.sum(Claim.granted)).group_by(Claim.state)
    found = {state: (count, int(asked), int(paid)) for state, count, asked, paid in db.session.execute(query)}
    tiles = [(state, label, *found[state]) for state, label in rules.STATES.items() if state in found]
    may = allowed(current_actor(), HANDLE)
    return listings.CLAIMS.respond("logistics/claims.html", "logistics.claim", tiles=tiles, may_handle=may)


@bp.get("/claims/new")
@needs(HANDLE)
def new_claim() -> ResponseReturnValue:
    return _new()


def _new(refusal: Refusal | None = None) -> Response:
    stores = store_names(current_actor())
    return answer("logistics/new_claim.html", refusal, fields=CLAIM_FIELDS, stores=stores)


@bp.post("/claims/new")
@needs(HANDLE)
def enter_claim() -> Response:
    actor = current_actor()
    values, problems = _claim_values()
    store_id = whole_number(request.form.get("store"))
    if store_id not in dict(store_names(actor)):
        problems["store"] = msg("Choose one of the options.")
    try:
        refuse(**problems)
        made = register.enter(actor, store_id or 0, values)
    except Refusal as refusal:
        return _new(refusal)
    return go("logistics.claim", msg("%(number)s is in the register.", number=made.number), id=made.id)


def _claim_values() -> tuple[dict[str, Any], dict[str, Message]]:
    values, problems = brief.parse(CLAIM_FIELDS, request.form.getlist)
    if "deadline" in values:
        values["deadline"] = date.fromisoformat(values["deadline"])
    return values, problems


@bp.get("/claims/<int:id>")
@needs(VIEW)
def claim(id: int) -> ResponseReturnValue:
    return _claim(load(Claim, current_actor(), id=id))


def _claim(found: Claim, refusal: Refusal | None = None) -> Response:
    return answer(
        "logistics/claim.html",
        refusal,
        kinds=rules.CLAIM_KINDS,
        states=rules.STATES,
        findings=freight.FINDINGS,
        steps=rules.steps(found.state),
        fields=CLAIM_FIELDS,
        answer=ANSWER_FIELDS,
        finance=FINANCE in registry().teams,
        on_task=evidence.on_task(found, current_actor()),
        settled=found.state in rules.SETTLED,
        log=audit.events_of(Ref("logistics.claim", found.id)),
        **about("logistics.claim", found),
    )


@bp.post("/claims/<int:id>")
@needs(HANDLE)
def save_claim(id: int) -> Response:
    """Take a claim a step on, or change what it says."""
    actor, found = current_actor(), load(Claim, current_actor(), id=id)
    version, name = whole_number(request.form.get("version")), request.form.get("step", "")
    try:
        if name:
            said, problems = brief.parse(ANSWER_FIELDS, request.form.getlist)
            refuse(**problems)
            register.step(found.id, actor, name, version, said)
        else:
            values, problems = _claim_values()
            refuse(**problems)
            register.edit(found.id, actor, version, {"carrier": "", "subject": "", "evidence": "", **values})
    except Refusal as refusal:
        return _claim(load(Claim, actor, id=id), refusal)
    return go("logistics.claim", msg("The change is stored."), id=id)


@bp.post("/claims/<int:id>/evidence")
@needs(HANDLE)
def add_evidence(id: int) -> Response:
    """Put files to a claim: those that are sent, or those of the task behind it."""
    actor, found = current_actor(), load(Claim, current_actor(), id=id)
    try:
        if request.form.get("take_over"):
            evidence.take_over(found.id, actor)
        else:
            sent = request.files.getlist("file") or [None]
            evidence.add(found.id, [files.open_upload(each, EVIDENCE.accept) for each in sent], actor)
    except Refusal as refusal:
        return _claim(load(Claim, actor, id=id), refusal)
    return go("logistics.claim", msg("The files are in the claim."), id=id)


@bp.post("/claims/<int:id>/evidence/remove")
@needs(HANDLE)
def remove_evidence(id: int) -> Response:
    actor, found = current_actor(), load(Claim, current_actor(), id=id)
    try:
        evidence.take_away(found.id, whole_number(request.form.get("file")), actor)
    except Refusal as refusal:
        return _claim(load(Claim, actor, id=id), refusal)
    return go("logistics.claim", msg("The change is stored."), id=id)
