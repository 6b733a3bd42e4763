"""The page of service figures, each under every definition."""

from datetime import date
from typing import Any

from flask import request
from flask.typing import ResponseReturnValue

from core import localtime
from core.access import allowed, current_actor, needs
from core.board import brief
from core.contracts import Field
from core.extensions import db
from core.messages import N_, Message, Refusal, msg, refuse
from core.pages import answer
from core.stores.queries import store_names
from core.web import go, whole_number
from plugins.cs import figures as book
from plugins.cs import jobs
from plugins.cs.members import TIER
from plugins.cs.models import Definition
from plugins.cs.pages import bp
from plugins.cs.records import VIEW
from plugins.cs.rules import figures as rules

TIERS = (
    Field("vip_from", N_("Good member from"), "money", required=True),
    Field("svip_from", N_("Top member from"), "money", required=True),
)
FRAME = (
    Field(
        "name",
        N_("Name of the definition"),
        required=True,
        max_length=120,
        help=N_("Whose definition it is, and where it stands."),
    ),
    Field("since", N_("First day"), "date", required=True),
    Field("until", N_("Last day"), "date", help=N_("Empty: for good.")),
)


@bp.get("/figures")
@needs(VIEW)
def figures() -> ResponseReturnValue:
    return _figures()


def _figures(refusal: Refusal | None = None) -> ResponseReturnValue:
    actor, day = current_actor(), _day(request.args.get("day", "")) or localtime.today()
    store_id = whole_number(request.args.get("store"))
    name = request.args.get("define", "")
    name = name if name in (*rules.FIGURES, TIER) else ""
    return answer(
        "cs/figures.html",
        refusal,
        day=day,
        table=book.table(day, store_id),
        labels=rules.FIGURES,
        scores=book.scores(day, store_id),
        stores=store_names(actor),
        store_id=store_id,
        define=name,
        fields=fields_of(name),
        frame=FRAME,
        given=_given(name),
        may_define=allowed(actor, "cs.settings"),
        described=described,
    )


def _given(figure: str) -> dict[str, Any]:
    """What the form of a new version begins with: what the version says that it is made from."""
    of = db.session.get(Definition, whole_number(request.args.get("of")) or 0)
    if of is None or of.figure != figure:
        return {}
    return {**of.parameters, "name": of.name, "since": localtime.today().isoformat()}


def fields_of(name: str) -> tuple[Field, ...]:
    """The fields that define a figure."""
    return TIERS if name == TIER else rules.PARAMETERS.get(name, ())


def described(definition: Definition) -> list[tuple[str, Any]]:
    """What a definition says, as labels and values."""
    rows = brief.shown(fields_of(definition.figure), definition.parameters)
    return [(row["label"], row["value"]) for row in rows]


def _day(text: str) -> date | None:
    day = localtime.day_named(text)
    return day if day and 2000 <= day.year <= 2100 else None  # far enough from the ends of the calendar to count from


@bp.post("/figures")
@needs("cs.settings")
def define_figure() -> ResponseReturnValue:
    name = request.args.get("define", "")
    values, problems = brief.parse(fields_of(name), request.form.getlist)
    frame, more = brief.parse(FRAME, request.form.getlist)
    problems |= more
    since, until = (_day(frame.get(key, "")) for key in ("since", "until"))
    given = {**values, **frame, "since": since}
    empty = [each for each in (*FRAME, *fields_of(name)) if each.required and given.get(each.name) in (None, "")]
    missing = {each.name: msg("“%(field)s” must be filled in.", field=Message(each.label)) for each in empty}
    found: dict[str, Message] = {**missing, **problems}
    try:
        refuse(**found)
        book.define(current_actor(), name, frame.get("name", ""), values, (since or localtime.today(), until))
    except Refusal as refusal:
        return _figures(refusal)
    if name == TIER:
        jobs.refresh_all(current_actor())
    return go("cs.figures", msg("The definition is stored."))
