"""What can be done in design: decide on rush requests, set capacities, keep the banned words, object to a move."""

from collections.abc import Callable
from datetime import date
from typing import Any

from sqlalchemy import or_, select

from core import localtime
from core.accounts.models import User
from core.audit import services as audit
from core.board import moves, notices
from core.board.contents import BRIEF_SLOT
from core.board.models import Task
from core.board.rules import DRAFT, OFFERED, RETURNED
from core.board.services import RUSH
from core.contracts import Actor, Ref
from core.extensions import db
from core.messages import N_, Message, Refusal, msg, refuse
from core.transactions import transaction
from plugins.design import queue, rules
from plugins.design.models import BannedWord, Capacity, RushDecision
from plugins.design.types import FINAL, IMAGE_RETOUCH, TASK_TYPES, TEAM, copy_of

NORMAL = 1


def objections(task: Task, verb: str, actor: Actor) -> list[Message]:
    """What design has against a move of one of its requests, beyond what core's table of verbs says."""
    asked = _OBJECTIONS.get(verb)
    return asked(task, actor) if asked and task.type in TASK_TYPES else []


def _against_offering(task: Task, _actor: Actor) -> list[Message]:
    found = [finding.message for finding in wording(task) if finding.word.strict]
    attached = any(file.slot == BRIEF_SLOT for file in task.files)
    if task.type == IMAGE_RETOUCH.name and not attached and not task.brief.get("sources"):
        found.append(msg("Attach the pictures to retouch, or give links to them."))
    return found


def _against_accepting(task: Task, actor: Actor) -> list[Message]:
    if actor.leads(TEAM):
        return []
    # Two requests picked at once by one person are weighed one after the other.
    db.session.execute(select(User.id).where(User.id == actor.user_id).with_for_update(key_share=True))
    found = []
    if task.priority == RUSH and rush_decision(task) is None:
        found.append(msg("A rush request needs the design lead's approval before it is accepted."))
    load = queue.load_of(actor)
    if load and (reason := rules.capacity_objection(load.held, task.points, load.capacity)):
        found.append(reason)
    return found


def _against_delivering(task: Task, _actor: Actor) -> list[Message]:
    picture = final_picture(task)
    return rules.picture_objections(task.brief, picture) if picture else []


_OBJECTIONS: dict[str, Callable[[Task, Actor], list[Message]]] = {
    "offer": _against_offering,
    "accept": _against_accepting,
    "deliver": _against_delivering,
}


def final_picture(task: Task) -> rules.Picture | None:
    """The newest final picture; None while there is none, or when it is an archive of several."""
    newest: Any = next((file.file for file in reversed(task.files) if file.slot == FINAL), None)
    if newest is None or not newest.is_image:
        return None
    return rules.Picture(newest.width, newest.height, newest.size, newest.media_type)


def wording(task: Task) -> list[rules.Finding]:
    """Words of the request's copy that may not stand there: those it forbids itself, and those banned today."""
    forbidden = [*rules.own_words(task.brief), *banned_words(localtime.today())]
    return rules.findings(copy_of(task.type, task.brief), forbidden)


def banned_words(day: date) -> list[rules.Word]:
    """The words that are banned on ``day``."""
    valid = (BannedWord.since <= day, or_(BannedWord.until.is_(None), BannedWord.until >= day))
    return [
        rules.Word(row.text, row.ground, row.strict) for row in db.session.scalars(select(BannedWord).where(*valid))
    ]


def rush_decision(task: Task) -> RushDecision | None:
    """The lead's word on the request as it was last handed over; None once it is back with who asked for it."""
    offer = next((leg for leg in reversed(task.legs) if leg.state == OFFERED), None)
    if offer is None or task.state in (DRAFT, RETURNED):
        return None
    return db.session.get(RushDecision, offer.id)


def decide_rush(task_id: int, actor: Actor, approved: bool, reason: str) -> Task:
    """Let a rush request be picked as one, or put it in the queue as a normal request, which needs a reason."""
    reason = reason.strip()[:500]
    if not approved and not reason:
        raise Refusal(fields={"reason": msg("Say why in a few words.")})
    with transaction() as session:
        task = moves.locked(task_id)
        if task.type not in TASK_TYPES or task.state != OFFERED or task.priority != RUSH or rush_decision(task):
            raise Refusal(msg("%(number)s does not wait for a decision on its rush any more.", number=task.number))
        leg = task.legs[-1]
        session.add(RushDecision(leg_id=leg.id, task_id=task.id, approved=approved, by_id=actor.user_id, reason=reason))
        if approved:
            verb, told = N_("approved the rush"), msg("%(actor)s approved the rush of %(number)s %(title)s.")
        else:
            task.priority = NORMAL
            verb = N_("declined the rush")
            told = msg("%(actor)s will not rush %(number)s; it is queued as a normal request: %(text)s", text=reason)
        session.flush()
        moves.touch(task, actor, verb, {"text": reason})
        notices.notify(task, [task.requester_id], actor, told)
    return task


def tell_leads(task: Task, verb: str, actor: Actor) -> None:
    """Tell the design leads that a rush request waits for their word."""
    if verb == "offer" and task.type in TASK_TYPES and task.priority == RUSH:
        with transaction():
            sentence = msg("%(number)s %(title)s is a rush request and needs your approval.")
            notices.notify(task, notices.members(TEAM, "lead"), actor, sentence)


def set_capacity(actor: Actor, user_id: int, points: int | None) -> None:
    """Set how many size points a designer may have in hand."""
    if user_id not in notices.members(TEAM):
        raise Refusal(msg("Choose one of the designers."))
    if points is None or not 1 <= points <= rules.LARGEST_CAPACITY:
        limit = msg("Give a capacity of 1 to %(limit)s points.", limit=rules.LARGEST_CAPACITY)
        raise Refusal(fields={f"points_{user_id}": limit})
    with transaction() as session:
        row = session.get(Capacity, user_id) or Capacity(user_id=user_id, points=rules.CAPACITY)
        data = {"before": row.points, "after": points}
        row.points = points
        session.add(row)
        audit.record(actor, N_("set a capacity"), Ref("design.capacity", user_id), data, team=TEAM)


def save_word(actor: Actor, word: rules.Word, since: str, until: str) -> None:
    """Ban a word from one day to another (ISO, the last may be empty), or change how it is banned."""
    text, ground = word.text.strip(), word.ground.strip()
    problems: dict[str, Message] = {}
    if not 1 <= len(text) <= 40:
        problems["text"] = msg("Give a word of at most 40 characters.")
    if not 1 <= len(ground) <= 200:
        problems["ground"] = msg("Say on what ground, in at most 200 characters.")
    first = _day(since, "since", problems)
    last = _day(until, "until", problems) if until else None
    if first and last and last < first:
        problems["until"] = msg("The last day must follow the first.")
    refuse(**problems)
    with transaction() as session:
        row = session.scalar(select(BannedWord).where(BannedWord.text == text)) or BannedWord(text=text)
        row.ground, row.strict, row.since, row.until = ground, word.strict, first, last
        session.add(row)
        session.flush()
        data = {"text": text, "ground": ground, "strict": word.strict, "since": since, "until": until}
        audit.record(actor, N_("changed a banned word"), Ref("design.banned_word", row.id), data, team=TEAM)


def _day(text: str, field: str, problems: dict[str, Message]) -> date | None:
    day = localtime.day_named(text)
    if day is None:
        problems[field] = msg("“%(value)s” is not a date.", value=text[:40]) if text else msg("Give the day.")
    return day
