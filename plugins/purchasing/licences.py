"""Papers that suppliers must hold: noted with their file, renewed in time, the old ones kept."""

from collections.abc import Sequence
from datetime import date, timedelta

from sqlalchemy import select

from core import localtime
from core.accounts.models import User
from core.audit import services as audit
from core.board import moves
from core.board import services as board
from core.board.notices import members
from core.columns import now
from core.contracts import Actor, Ref
from core.extensions import db
from core.files import services as files
from core.files.rules import Accepted
from core.messages import N_, Refusal, msg
from core.transactions import transaction
from core.web import say
from plugins.purchasing import orders
from plugins.purchasing.models import Licence, Supplier

WARN_DAYS = 60  # a paper is to be renewed so long before its last day
TASK = "purchasing.licence_renewal"


def add(
    actor: Actor, supplier_id: int, name: str, number: str, expires: date | None, *, paper: Accepted | None = None
) -> Licence:
    """Note a paper that a supplier showed, and its file; the one of the same name is replaced by it and stays as such.

    A paper that was noted without its file gets it.
    """
    name, number = name.strip(), number.strip()[:80]
    if not 1 <= len(name) <= 120:
        raise Refusal(fields={"licence": msg("Say which paper it is.")})
    kept = files.put(paper, actor) if paper else None
    with transaction() as session:
        supplier = session.get_one(Supplier, supplier_id, with_for_update=True)
        row = next((each for each in current(supplier) if each.name == name), None)
        if row is None or (row.number, row.expires) != (number, expires) or (row.file_id and kept):
            if row is not None:
                row.replaced_at = now()
            row = Licence(supplier_id=supplier_id, name=name, number=number, expires=expires)
            supplier.licences.append(row)
        if kept is not None:
            row.file = kept
        session.flush()
        told = {"name": name, "expires": expires.isoformat() if expires else "", "file": paper.name if paper else ""}
        audit.record(actor, N_("noted a licence"), Ref("purchasing.supplier", supplier.id), told, team=orders.TEAM)
    return row


def current(supplier: Supplier) -> list[Licence]:
    """The papers that hold now, or are to be renewed."""
    return [each for each in supplier.licences if each.replaced_at is None]


def standing(expires: date | None, today: date) -> str:
    """``expired``, ``soon`` to expire, or nothing to say."""
    if expires is None or expires > today + timedelta(days=WARN_DAYS):
        return ""
    return "expired" if expires < today else "soon"


def to_renew(today: date) -> Sequence[tuple[Licence, Supplier]]:
    """Papers of suppliers bought from that are over, or soon will be."""
    due = (Supplier.status == "active", Licence.expires <= today + timedelta(days=WARN_DAYS))
    query = select(Licence, Supplier).join(Supplier, Supplier.id == Licence.supplier_id)
    rows = db.session.execute(query.where(*due, Licence.replaced_at.is_(None)).order_by(Licence.expires, Licence.id))
    return [(licence, supplier) for licence, supplier in rows]


def _reminder() -> Actor | None:
    """In whose name the team is reminded: its lead's, or anybody's in it."""
    for user_id in (*members(orders.TEAM, "lead"), *members(orders.TEAM)):
        user = db.session.get_one(User, user_id)
        return Actor(user.id, user.name, {orders.TEAM: "lead"}, source="job")
    return None


def remind() -> int:
    """Hand purchasing a task for each paper that is to be renewed, once for each; how many were handed over."""
    today, made, actor = localtime.today(), 0, _reminder()
    if actor is None:
        return 0
    with transaction():
        for licence, supplier in to_renew(today):
            if licence.task_id is not None or licence.expires is None:
                continue
            title = say(msg("Renew %(paper)s of %(supplier)s", paper=licence.name, supplier=supplier.name))
            brief = {"supplier": supplier.name, "licence": licence.name, "expires": licence.expires.isoformat()}
            due = localtime.ends(max(licence.expires, today))
            draft = board.Draft(title[:200], brief, priority=1 if licence.expires >= today else 2, due_at=due)
            task = board.draft_task(actor, TASK, orders.TEAM, draft)
            moves.move(task.id, "offer", actor)
            licence.task_id, made = task.id, made + 1
    return made
