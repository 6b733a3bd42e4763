"""Up to which total who approves orders: set anew from a day on, the earlier limits kept."""

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from core import localtime
from core.audit import services as audit
from core.contracts import Actor, Ref
from core.extensions import db
from core.messages import N_, Message, msg, refuse
from core.transactions import transaction
from plugins.purchasing import rules
from plugins.purchasing.models import Limit

KIND = "purchasing.limit"


def at(moment: datetime) -> tuple[int, int]:
    """What the buyers and the lead approve up to, in fen, as it was known at a moment."""
    here = (Limit.since <= localtime.day_of(moment), Limit.created_at <= moment)
    newest = select(Limit.members, Limit.lead).where(*here).order_by(Limit.since.desc(), Limit.id.desc())
    found = db.session.execute(newest.limit(1)).first()
    return (found.members, found.lead) if found else rules.LIMITS


def versions() -> Sequence[Limit]:
    """All limits that were ever set, those that hold last first."""
    query = select(Limit).options(joinedload(Limit.by)).order_by(Limit.since.desc(), Limit.id.desc())
    return db.session.scalars(query).all()


def put(actor: Actor, since: date | None, members: int | None, lead: int | None, reason: str) -> Limit:
    """Set other limits from a day on. Orders that approval was asked for before keep theirs."""
    reason = reason.strip()[:500]
    problems: dict[str, Message | None] = {
        "since": msg("Give today or a later day.") if since is None or since < localtime.today() else None,
        "members": msg("Give an amount in yuan, 0 for none.") if members is None or members < 0 else None,
        "lead": msg("Give an amount that is not below that of the buyers.")
        if lead is None or lead < (members or 0)
        else None,
        "reason": None if reason else msg("Say why in a few words."),
    }
    refuse(**problems)
    with transaction() as session:
        made = Limit(since=since, members=members, lead=lead, reason=reason, by_id=actor.user_id)
        session.add(made)
        session.flush()
        told = {"since": made.since.isoformat(), "members": members, "lead": lead, "text": reason}
        audit.record(actor, N_("set the approval limits"), Ref(KIND, made.id), told, team="purchasing")
    return made
