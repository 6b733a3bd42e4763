"""Matches made by hand: they stand above the rules in every run, and are undone by a record of their own."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import or_, select
from sqlalchemy.orm import aliased, joinedload

from core.audit import services as audit
from core.contracts import Actor, Ref
from core.extensions import db
from core.messages import Refusal, Stale, msg, refuse
from core.stores.models import Order
from core.transactions import transaction
from plugins.finance.books.models import Line
from plugins.finance.matching.classes import PARTS
from plugins.finance.matching.models import Match
from plugins.finance.periods import locks
from plugins.finance.periods.rules import book_day

LONGEST = 500
SHOWN = 100


@dataclass(frozen=True)
class Given:
    """What people said of lines, by the line's id: whose order it is, what part it plays."""

    orders: Mapping[int, str] = field(default_factory=dict)
    parts: Mapping[int, str] = field(default_factory=dict)


def given(store_id: int) -> Given:
    """The matches that stand; of several for one line, the last."""
    undone = aliased(Match)
    query = (
        select(Match.line_id, Match.order_no, Match.part)
        .where(Match.store_id == store_id, Match.undoes_id.is_(None), Match.line_id.is_not(None))
        .where(~select(undone.id).where(undone.undoes_id == Match.id).exists())
    )
    orders, parts = {}, {}
    for line_id, order_no, part in db.session.execute(query.order_by(Match.id)):
        orders[line_id], parts[line_id] = order_no, part
    return Given(
        {line: order for line, order in orders.items() if order},
        {line: part for line, part in parts.items() if part},
    )


@dataclass(frozen=True)
class Told:
    """A match with the record that took it back, where one did."""

    match: Match
    undone: Match | None


def matches(store_id: int, lines: Collection[int], order_no: str | None = None) -> Sequence[Told]:
    """The matches of these lines, and those to this order, the newest first."""
    about = [Match.line_id.in_(lines), *([Match.order_no == order_no] if order_no else [])]
    query = select(Match).where(Match.store_id == store_id, or_(*about)).order_by(Match.id.desc()).limit(SHOWN)
    found = db.session.scalars(query.options(joinedload(Match.by), joinedload(Match.line))).all()
    undone = {match.undoes_id: match for match in found if match.undoes_id}
    return [Told(match, undone.get(match.id)) for match in found if not match.undoes_id]


def match_by_hand(line_id: int, actor: Actor, reason: str, order_no: str = "", part: str = "") -> Match:
    """Put a line to an order, or give it another part, for all runs to come; says why."""
    order_no = order_no.strip()
    refuse(
        order_no=None if order_no or part else msg("Name the order, or the part that the line plays."),
        part=None if part in ("", *PARTS) else msg("There is no such part."),
        reason=None
        if 0 < len(reason.strip()) <= LONGEST
        else msg("Say why, in at most %(most)s letters.", most=LONGEST),
    )
    with transaction() as session:
        line = session.get(Line, line_id)
        if line is None:
            raise Stale(msg("This line is not there any more."))
        _demand_open(line)
        known = select(Order.id).where(Order.store_id == line.store_id, Order.order_no == order_no)
        if order_no and session.scalar(known) is None:
            raise Refusal(fields={"order_no": msg("The store has no order %(number)s.", number=order_no)})
        match = Match(
            store_id=line.store_id,
            line_id=line.id,
            order_no=order_no or None,
            part=part or None,
            reason=reason.strip(),
            by_id=actor.user_id,
        )
        session.add(match)
        session.flush()
        data = {"line": line.key, "order": order_no, "part": part, "reason": reason.strip()}
        audit.record(actor, "line_matched", Ref("finance.line", line.id), data, store_id=line.store_id, team="finance")
    return match


def undo_match(match_id: int, actor: Actor, reason: str) -> Match:
    """Take a match back by a record that names it; it may have been taken back only once."""
    refuse(
        reason=None
        if 0 < len(reason.strip()) <= LONGEST
        else msg("Say why, in at most %(most)s letters.", most=LONGEST)
    )
    with transaction() as session:
        match = session.get(Match, match_id, with_for_update=True)
        if match is None or match.undoes_id is not None:
            raise Stale(msg("There is no such match."))
        if session.scalar(select(Match.id).where(Match.undoes_id == match.id)) is not None:
            raise Stale(msg("This match has been taken back already."))
        if match.line is not None:
            _demand_open(match.line)
        counter = Match(
            store_id=match.store_id,
            line_id=match.line_id,
            order_no=match.order_no,
            part=match.part,
            reason=reason.strip(),
            undoes_id=match.id,
            by_id=actor.user_id,
        )
        session.add(counter)
        session.flush()
        ref = Ref("finance.line", match.line_id or 0)
        data = {"order": match.order_no or "", "reason": reason.strip()}
        audit.record(actor, "line_unmatched", ref, data, store_id=match.store_id, team="finance")
    return counter


def _demand_open(line: Line) -> None:
    """Refuse while the period of a line is signed."""
    day = book_day(line.at)
    locks.demand_open(line.store_id, day, day)
