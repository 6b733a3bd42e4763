"""The list of the handoffs behind a number of the matrix."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import selectinload

from core import localtime
from core.board import rules as board
from core.board.matrix import queries
from core.board.matrix.rules import ANY, LEGS, RUNNING, Scope, period
from core.board.models import Leg, Task
from core.board.types import task_type
from core.columns import now
from core.contracts import Actor
from core.listing import Choice, Column, Listing, among
from core.messages import LIST, N_, Message, together
from core.registry import registry, team_label
from core.stores.queries import store_names
from core.web import whole_number


def teams_of(actor: Actor) -> list[str]:
    """The teams whose handoffs the actor may look through: their own; an administrator's are all."""
    known = list(registry().teams)
    return known if actor.admin else sorted(actor.roles, key=lambda code: (code not in known, code))


def scope_of(actor: Actor, args: Mapping[str, str]) -> Scope:
    """What an address asks for, as far as it is the actor's to see: whoever is no administrator looks at one team."""
    first, last = period(args.get("from", ""), args.get("to", ""), localtime.today())
    teams, team = teams_of(actor), args.get("team", "")
    if team not in teams:
        team = "" if actor.admin else next(iter(teams), "-")
    return Scope(first, last, whole_number(args.get("store")), team)


def address(scope: Scope) -> dict[str, Any]:
    """The scope as the arguments of an address."""
    found = {"from": scope.first.isoformat(), "to": scope.last.isoformat(), "store": scope.store_id, "team": scope.team}
    return {name: value for name, value in found.items() if value not in (None, "")}


class Handoffs(Listing):
    """Tasks that count in the matrix of an address; its days are the stores', whatever the reader's zone is."""

    def query(self, actor: Actor, args: Mapping[str, str]) -> Select[Any]:
        scope = scope_of(actor, args)
        rest = {name: value for name, value in args.items() if name not in ("from", "to")}
        conditions = queries.counted(scope.store_id is not None, bool(scope.team))
        return super().query(actor, rest).where(*conditions).params(queries.told(scope))

    def choices(self, actor: Actor) -> list[tuple[Choice, Sequence[tuple[Any, str]]]]:
        return [(choice, options) for choice, options in super().choices(actor) if len(options) > 1]


def _labels(_actor: Actor) -> list[tuple[str, str]]:
    return [(code, team.label) for code, team in registry().teams.items()]


def _leg(leg: str) -> Column:
    def minutes(task: Task) -> int | None:
        spent = [each.working_seconds or 0 for each in task.legs if each.phase == leg]
        return sum(spent) // 60 if spent and task.state not in RUNNING[leg] else None

    return Column(leg, LEGS[leg], minutes, "minutes", queries.seconds(leg), wide=True)


def _first_offer(task: Task) -> Any:
    return next(leg.started_at for leg in task.legs if leg.state == board.OFFERED)


def late_legs(task: Task) -> list[str]:
    """The legs of a task that ended late, or are late and still run."""
    at = now()
    found = {leg.phase for leg in task.legs if leg.breached or (not leg.ended_at and leg.due_at and leg.due_at < at)}
    return [leg for leg in LEGS if leg in found]


def reasons(task: Task) -> list[str]:
    """Why a task was sent back, each reason once, as it is called."""
    given = dict.fromkeys(each.reason for each in task.rounds if each.verb == "return")
    return [board.RETURN_REASONS.get(reason, reason) for reason in given]


def _listed(labels: list[str]) -> Message | str:
    return together([Message(label) for label in labels], LIST) if labels else ""


def _of_reason(given: str) -> Any:
    return queries.sent_back("" if given == ANY else given) if given in (ANY, *board.RETURN_REASONS) else None


def _of_breach(given: str) -> Any:
    return queries.late("" if given == ANY else given) if given in (ANY, *LEGS) else None


OFFERED_AT = (
    select(func.min(Leg.started_at)).where(Leg.task_id == Task.id, Leg.state == board.OFFERED).scalar_subquery()
)

HANDOFFS = Handoffs(
    "handoffs",
    Task,
    (
        Column("title", N_("Title"), lambda row: row.title, "link", Task.title),
        Column("number", N_("Number"), lambda row: row.number, sort=Task.number),
        Column("type", N_("Type"), lambda row: task_type(row.type).label, "label", Task.type, wide=True),
        Column("from_team", N_("Requested by"), lambda row: team_label(row.requester_team), "label", wide=True),
        Column("to_team", N_("Responsible"), lambda row: team_label(row.responsible_team), "label", wide=True),
        Column("state", N_("State"), lambda row: board.STATES[row.state], "label", Task.state),
        Column("offered", N_("First handed over"), _first_offer, "when", OFFERED_AT, wide=True),
        *(_leg(leg) for leg in LEGS),
        Column("late", N_("Over target"), lambda row: _listed([LEGS[leg] for leg in late_legs(row)]), "label"),
        Column("returned", N_("Sent back"), lambda row: _listed(reasons(row)), "label", wide=True),
    ),
    search=(Task.title, Task.number),
    order=(Task.id.desc(),),
    filters=(
        Choice("store", N_("All stores"), store_names, lambda given: None),
        Choice(
            "team",
            N_("All teams"),
            lambda actor: [(code, team_label(code)) for code in teams_of(actor)],
            lambda _: None,
        ),
        Choice("requester", N_("Any requesting team"), _labels, lambda given: Task.requester_team == given),
        Choice("responsible", N_("Any responsible team"), _labels, lambda given: Task.responsible_team == given),
        among("state", N_("Any state"), board.STATES, Task.state),
        Choice(
            "over",
            N_("Any leg"),
            lambda _: list(LEGS.items()),
            lambda given: queries.over(given) if given in LEGS else None,
        ),
        Choice(
            "late", N_("On time or not"), lambda _: [(ANY, N_("Over target in any leg")), *LEGS.items()], _of_breach
        ),
        Choice(
            "returned",
            N_("Sent back or not"),
            lambda _: [(ANY, N_("Sent back for any reason")), *board.RETURN_REASONS.items()],
            _of_reason,
        ),
    ),
    day=OFFERED_AT,
    options=(selectinload(Task.legs), selectinload(Task.rounds)),
    key="number",
)
