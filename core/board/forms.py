"""What board forms send, read into what the services take."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from flask import request
from sqlalchemy import select
from werkzeug.datastructures import MultiDict

from core.accounts.models import User
from core.board import brief, rules
from core.board.models import Task
from core.board.queries import SIDES, Filter
from core.board.services import Draft
from core.contracts import Actor, Ref, TaskType
from core.extensions import db
from core.localtime import day_named
from core.messages import Message, msg
from core.registry import registry
from core.stores.queries import store_names
from core.web import whole_number, zone

MANY = 100  # people, tasks or records named in one form


def board_filter(args: Mapping[str, str]) -> Filter:
    """A board's filter from the address; what cannot be understood is left out."""
    return Filter(
        side=args.get("side", "") if args.get("side") in SIDES else "",
        type=args.get("type", "")[:80],
        holder=whole_number(args.get("holder")),
        priority=whole_number(args.get("priority")),
        late=args.get("late") == "1",
        text=args.get("q", "")[:80].strip(),
    )


def said(verb: rules.Verb) -> dict[str, Any]:
    """What the form of a verb says, field by field."""
    return {name: _SAID[name](request.form) for name in verb.asks}


def _people(ids: list[str]) -> list[int]:
    wanted = [number for number in map(whole_number, ids[:MANY]) if number is not None]
    return list(db.session.scalars(select(User.id).where(User.id.in_(wanted), User.active).order_by(User.id)))


def _waited_for(given: str) -> str:
    return given if given in {*registry().teams, "outside"} else ""


_SAID: dict[str, Callable[[MultiDict[str, str]], Any]] = {
    "reason": lambda form: form.get("reason", ""),
    "text": lambda form: form.get("text", "").replace("\r\n", "\n").strip()[:2000],
    "waiting_for": lambda form: _waited_for(form.get("waiting_for", "")),
    "until": lambda form: (day := day_named(form.get("until", ""))) and day.isoformat(),
    "user": lambda form: whole_number(form.get("user")),
    "users": lambda form: _people(form.getlist("users")),
    "everyone": lambda form: form.get("everyone") == "1",
    "agreed": lambda form: {"yes": True, "no": False}.get(form.get("agreed", "")),
}


def moment(name: str, problems: dict[str, Message]) -> datetime | None:
    """A local date and time from a form, in UTC."""
    text = request.form.get(name, "").strip()
    if not text:
        return None
    try:
        return datetime.fromisoformat(text).replace(tzinfo=zone()).astimezone(UTC)
    except (ValueError, OverflowError):
        problems[name] = msg("“%(value)s” is not a date and time.", value=text[:40])
        return None


def draft(kind: TaskType, actor: Actor) -> tuple[Draft, dict[str, Message]]:
    """The draft that the edit form describes, and a problem for each field that could not be read."""
    values, found = brief.parse(kind.fields, lambda name: request.form.getlist(f"brief.{name}"))
    problems = {f"brief.{name}": text for name, text in found.items()}
    priority = whole_number(request.form.get("priority"))
    parent = _task(request.form.get("parent", ""), actor, "parent", problems)
    numbers = request.form.get("blockers", "").replace("，", ",").replace(",", " ").split()
    if len(numbers) > MANY:
        problems["blockers"] = msg("At most %(count)s tasks.", count=MANY)
    blockers = [_task(number, actor, "blockers", problems) for number in numbers[:MANY]]
    drafted = Draft(
        title=request.form.get("title", ""),
        brief=values,
        priority=1 if priority is None else priority,
        due_at=moment("due_at", problems),
        store_id=_store(actor, problems),
        parent_id=parent,
        blockers=tuple(blocker for blocker in blockers if blocker is not None),
        records=tuple(filter(None, map(reference, request.form.getlist("record")[:MANY]))),
    )
    return drafted, problems


def _task(number: str, actor: Actor, field: str, problems: dict[str, Message]) -> int | None:
    number = number.strip().upper()
    if not number:
        return None
    found = db.session.scalar(select(Task.id).where(Task.number == number, Task.visible_to(actor)))
    if found is None:
        problems[field] = msg("There is no task %(number)s that you can see.", number=number[:40])
    return found


def _store(actor: Actor, problems: dict[str, Message]) -> int | None:
    given = request.form.get("store", "")
    store = whole_number(given)
    if given and store not in dict(store_names(actor)):
        problems["store"] = msg("Choose one of the options.")
    return store


def reference(text: str) -> Ref | None:
    """``kind:id`` from an address or form as a reference to a known kind of record."""
    kind, _, number = text.rpartition(":")
    record_id = whole_number(number)
    return Ref(kind, record_id) if kind in registry().record_types and record_id is not None else None
