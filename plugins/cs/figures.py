"""Service figures of the tickets, under every definition there is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import select

from core import localtime
from core.audit import services as audit
from core.contracts import Actor, Ref
from core.extensions import db
from core.messages import N_, Message, Refusal, msg, refuse
from core.transactions import transaction
from plugins.cs.members import TIER
from plugins.cs.models import Definition, ShopScore, Ticket
from plugins.cs.rules import figures as rules
from plugins.cs.types import TEAM


@dataclass(frozen=True)
class Row:
    """A definition with the figure that it gives; ``holds`` says whether it is valid on that day."""

    definition: Definition
    figure: rules.Figure | None
    holds: bool


def contacts(first: date, last: date, store_id: int | None = None) -> list[rules.Contact]:
    """The tickets opened from one day to another, as figures need them; merged ones are one contact."""
    begin, end = localtime.begins(first), localtime.ends(last)
    fields = (Ticket.opened_at, Ticket.replied_at, Ticket.resolved_at, Ticket.satisfaction)
    here = [Ticket.opened_at >= begin, Ticket.opened_at < end, Ticket.merged_into_id.is_(None)]
    if store_id is not None:
        here.append(Ticket.store_id == store_id)
    return [rules.Contact._make(row) for row in db.session.execute(select(*fields).where(*here))]


def table(day: date, store_id: int | None = None) -> Mapping[str, list[Row]]:
    """Every figure under each of its definitions on ``day``, those that hold first.

    Of several versions under one name the one that began last counts; those before it have ended.
    """
    found: dict[str, list[Row]] = {name: [] for name in rules.FIGURES}
    query = select(Definition).where(Definition.figure.in_(rules.FIGURES))
    rows = db.session.scalars(query.order_by(Definition.since.desc(), Definition.name)).all()
    longest = max((row.parameters.get("days", 1) for row in rows), default=1)
    seen = contacts(day - timedelta(days=longest - 1), day, store_id) if rows else []
    ended: set[tuple[str, str]] = set()
    for row in rows:  # the latest first
        begun = row.since <= day
        holds = rules.valid(row.since, row.until, day) and (row.figure, row.name) not in ended
        ended |= {(row.figure, row.name)} if begun else set()
        value = rules.figure(row.figure, row.parameters, seen, day) if holds else None
        found[row.figure].append(Row(row, value, holds))
    return {name: sorted(each, key=lambda row: not row.holds) for name, each in found.items()}


def scores(day: date, store_id: int | None = None) -> Sequence[ShopScore]:
    """The shops' scores of the last days up to ``day``, the latest first."""
    here = [ShopScore.key <= day.isoformat(), ShopScore.key > (day - timedelta(days=30)).isoformat()]
    if store_id is not None:
        here.append(ShopScore.store_id == store_id)
    return db.session.scalars(select(ShopScore).where(*here).order_by(ShopScore.key.desc()).limit(30)).all()


def define(
    actor: Actor, figure: str, name: str, values: Mapping[str, Any], days: tuple[date, date | None]
) -> Definition:
    """Say what a figure means from one day to another: a new version under the same name ends the one before.

    One that has been counted already changes its last day only.
    """
    since, until = days
    problems: dict[str, Message | None] = {
        "name": None if 1 <= len(name.strip()) <= 120 else msg("Give it a name of at most 120 characters."),
        "until": msg("The last day must follow the first.") if until and until < since else None,
    }
    for field in rules.PARAMETERS.get(figure, ()):
        if field.required and field.name not in values:
            problems[field.name] = msg("This is needed.")
    problems |= rules.problems(figure, values)
    if figure not in (*rules.FIGURES, TIER):
        raise Refusal(msg("There is no such figure."))
    refuse(**problems)
    with transaction() as session:
        mine = (Definition.figure == figure, Definition.name == name.strip(), Definition.since == since)
        row = session.scalar(select(Definition).where(*mine)) or Definition(
            figure=figure, name=name.strip(), since=since
        )
        if row.id and since < localtime.today() and row.parameters != dict(values):
            why = msg("It has been counted so since that day: let the new version begin on another one.")
            raise Refusal(fields={"since": why})
        row.until, row.parameters, row.by_id = until, dict(values), actor.user_id
        session.add(row)
        session.flush()
        data = {"figure": figure, "name": row.name, "since": since.isoformat(), "parameters": dict(values)}
        audit.record(actor, N_("defined a figure"), Ref("cs.definition", row.id), data, team=TEAM)
    return row
