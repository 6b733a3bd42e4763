"""Files that show what is claimed: put in by a clerk, or taken over from the task behind the claim."""

from collections.abc import Iterable, Sequence

from sqlalchemy import select

from core.audit import services as audit
from core.board.models import Task
from core.contracts import Actor, Ref
from core.extensions import db
from core.files import services as files
from core.files.models import File
from core.files.rules import Accepted
from core.messages import N_, Refusal, msg
from core.transactions import transaction
from plugins.logistics.models import Claim, ClaimFile
from plugins.logistics.rules import claims as rules
from plugins.logistics.types import TEAM

MOST = 40  # files of a claim: the letter shows them all


def add(claim_id: int, uploads: Sequence[Accepted], actor: Actor) -> None:
    """Put files to a claim; those that it has already are not put there twice."""
    rows = [files.put(each, actor) for each in uploads]
    with transaction():
        claim = _held(claim_id)
        if claim.state in rules.SETTLED:
            raise Refusal(msg("The claim is settled: nothing more belongs to it."))
        fresh = _missing(claim, rows)
        if not fresh:
            raise Refusal(msg("The claim has these files already."))
        if len(claim.files) + len(fresh) > MOST:
            raise Refusal(msg("A claim holds at most %(count)s files: put them into one PDF or ZIP.", count=MOST))
        db.session.add_all(fresh)
        db.session.flush()
        _attach(claim, fresh, actor)


def take_over(claim_id: int, actor: Actor) -> None:
    """Put the files of the task behind a claim to it: what the buyer sent, or the warehouse found."""
    with transaction():
        claim = _held(claim_id)
        if claim.state not in rules.SETTLED and (found := on_task(claim, actor)[: MOST - len(claim.files)]):
            _attach(claim, found, actor)


def on_task(claim: Claim, actor: Actor) -> list[File]:
    """Files of the task behind a claim, and of the parts beside it, such as a warehouse check, that are not in the
    claim yet; as far as the reader may see them."""
    ids = {claim.task_id, claim.case.task_id if claim.case else None} - {None}
    whole = select(Task.parent_id).where(Task.id.in_(ids), Task.parent_id.is_not(None))
    asked = (Task.id.in_(ids) | Task.parent_id.in_(whole), Task.visible_to(actor))
    tasks = db.session.scalars(select(Task).where(*asked).order_by(Task.id))
    return _missing(claim, [each.file for task in tasks for each in task.files])


def take_away(claim_id: int, id: int | None, actor: Actor) -> None:
    """Take a file out of a claim that no courier has seen yet."""
    with transaction() as session:
        claim = _held(claim_id)
        if claim.state != rules.DRAFT:
            raise Refusal(msg("The claim is with the courier: what it says stays as it was sent."))
        if found := next((each for each in claim.files if each.id == id), None):
            _log(N_("took evidence away"), claim, [found.file], actor)
            session.delete(found)


def _held(claim_id: int) -> Claim:
    return db.session.get_one(Claim, claim_id, with_for_update=True, populate_existing=True)


def _missing(claim: Claim, rows: Iterable[File]) -> list[File]:
    known = {each.file.sha256 for each in claim.files}
    return list({row.sha256: row for row in rows if row.sha256 not in known}.values())


def _attach(claim: Claim, rows: Sequence[File], actor: Actor) -> None:
    claim.files += [ClaimFile(file_id=row.id, by_id=actor.user_id) for row in rows]
    _log(N_("added evidence"), claim, rows, actor)


def _log(verb: str, claim: Claim, rows: Sequence[File], actor: Actor) -> None:
    said = {"files": [row.name for row in rows], "sha256": [row.sha256 for row in rows]}
    audit.record(actor, verb, Ref("logistics.claim", claim.id), said, store_id=claim.store_id, team=TEAM)
