"""What customer service works by: canned replies in versions, playbooks from a day on."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import func, select

from core import localtime
from core.audit import services as audit
from core.columns import now
from core.contracts import Actor, Ref
from core.extensions import db
from core.messages import N_, Refusal, msg, refuse
from core.numbers import next_number
from core.transactions import transaction
from plugins.cs.models import Playbook, Reply
from plugins.cs.rules.handouts import HANDOUTS
from plugins.cs.rules.playbooks import PAYERS
from plugins.cs.rules.words import CAUSES
from plugins.cs.types import TEAM


def one(model: type[Any], row_id: int | None) -> Any | None:
    """A reply or playbook to write a new version of; all who see the page see all of them."""
    return db.session.get(model, row_id) if row_id else None


def replies(text: str = "") -> list[tuple[Reply | None, Reply | None, list[Reply]]]:
    """Each canned reply whose title, text or tags hold all words of ``text``: the version in use, a newer one that
    waits for approval, and those that were used before."""
    found: dict[str, list[Reply]] = {}
    query = select(Reply).where(Reply.retired_at.is_(None)).order_by(Reply.title, Reply.code, Reply.version)
    for row in db.session.scalars(query):
        found.setdefault(row.code, []).append(row)
    pairs = []
    for versions in found.values():
        used = next((row for row in reversed(versions) if row.approved_at), None)
        newest = versions[-1]
        before = [row for row in reversed(versions) if row.approved_at and row is not used]
        if any(_holds(row, text) for row in (used, newest) if row):
            pairs.append((used, newest if newest is not used else None, before))
    return pairs


def _holds(row: Reply, text: str) -> bool:
    said = " ".join((row.title, row.text, *row.tags)).casefold()
    return all(word in said for word in text[:100].casefold().split())


def usable(text: str = "") -> Sequence[Reply]:
    """Approved replies, the newest version of each, that hold all of these words."""
    return [used for used, _, _ in replies(text) if used and _holds(used, text)]


def write_reply(actor: Actor, code: str, values: Mapping[str, Any]) -> Reply:
    """Write a canned reply, or a new version of one; it may be used once a lead has approved it."""
    title, text = str(values.get("title", "")).strip(), str(values.get("text", "")).strip()
    refuse(
        title=None if 1 <= len(title) <= 120 else msg("Give it a title of at most 120 characters."),
        text=None if 1 <= len(text) <= 4000 else msg("Write something, of at most 4000 characters."),
    )
    with transaction() as session:
        latest = session.scalar(select(func.max(Reply.version)).where(Reply.code == code)) if code else None
        if code and latest is None:
            raise Refusal(msg("There is no such reply."))
        row = Reply(
            code=code or f"R{next_number('cs.reply')}",
            version=(latest or 0) + 1,
            title=title,
            text=text,
            tags=list(values.get("tags", ())),
            by_id=actor.user_id,
        )
        session.add(row)
        session.flush()
        audit.record(actor, N_("wrote a reply"), Ref("cs.reply", row.id), {"title": title, "text": text}, team=TEAM)
    return row


def decide_reply(reply_id: int, actor: Actor, verdict: str) -> Reply:
    """Approve a version, which takes the place of the one before, or retire a reply with all its versions."""
    with transaction() as session:
        row = session.get(Reply, reply_id, with_for_update=True)
        if row is None or row.retired_at:
            raise Refusal(msg("There is no such reply."))
        if verdict == "approve":
            row.approved_by_id, row.approved_at = actor.user_id, now()
        else:
            for each in session.scalars(select(Reply).where(Reply.code == row.code, Reply.retired_at.is_(None))):
                each.retired_at = now()
        verb = N_("approved a reply") if verdict == "approve" else N_("retired a reply")
        audit.record(actor, verb, Ref("cs.reply", row.id), {"version": row.version}, team=TEAM)
    return row


def books() -> Sequence[Playbook]:
    """All playbooks, by cause, the latest first."""
    return db.session.scalars(select(Playbook).order_by(Playbook.code, Playbook.since.desc())).all()


def write_book(actor: Actor, values: Mapping[str, Any]) -> Playbook:
    """Say how a cause is handled from a day on; what has begun already stays as it was for the tickets of its time."""
    since = values.get("since")
    member, lead = values.get("member_limit") or 0, values.get("lead_limit") or 0
    refuse(
        code=None if values.get("code") in set(CAUSES) - {""} else msg("Choose one of the options."),
        title=None if values.get("title") else msg("Give it a title of at most 120 characters."),
        payer=None if values.get("payer") in PAYERS else msg("Choose one of the options."),
        member_limit=msg("An amount cannot be negative.") if member < 0 else None,
        lead_limit=msg("A lead's limit is not below a member's.") if lead < member else None,
        since=None
        if since and since >= localtime.today()
        else msg("A playbook begins today or later; what held stays on record."),
        steps=None if set(values.get("steps", ())) <= set(HANDOUTS) else msg("Choose from the options."),
    )
    with transaction() as session:
        mine = (Playbook.code == values["code"], Playbook.since == since)
        row = session.scalar(select(Playbook).where(*mine)) or Playbook(code=values["code"], since=since)
        row.title, row.payer, row.advice = values["title"], values["payer"], values.get("advice", "")
        row.evidence, row.steps = list(values.get("evidence", ())), list(values.get("steps", ()))
        row.member_limit, row.lead_limit = member, lead
        session.add(row)
        session.flush()
        data = {name: str(value) for name, value in values.items()}
        audit.record(actor, N_("wrote a playbook"), Ref("cs.playbook", row.id), data, team=TEAM)
    return row
