"""The chain of events: each holds the hash of its own content and of the event before it."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from core.contracts import Ref
from core.messages import Message, msg

START = "0" * 64

# What is hashed, beside the hash before it; the names of the event's columns.
CONTENT = (
    "id", "at", "actor_id", "actor_name", "source", "verb", "subject_kind", "subject_id", "store_id", "team", "data",
)  # fmt: skip


@dataclass(frozen=True)
class Fault:
    """What does not hold at one event."""

    event_id: int
    message: Message


@dataclass(frozen=True)
class Head:
    """The end of the chain: how many events it has and the hash of the last."""

    count: int = 0
    hash: str = START


def canonical(value: Any) -> str:
    """The one JSON text of plain values: sorted keys, no spaces; times and decimals as text."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=_plain)


def plain(value: Any) -> Any:
    """``value`` as it will be read again; raises ``TypeError`` for what cannot be written."""
    return json.loads(canonical(value))


def _plain(value: Any) -> Any:
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, Ref):
        return {"kind": value.kind, "id": value.id}
    if isinstance(value, Message):
        return value.plain()
    if isinstance(value, set | frozenset):
        return sorted(value)
    raise TypeError(f"{type(value).__name__} cannot be written into the event log")


def digest(content: Mapping[str, Any], previous: str) -> str:
    """The hash of an event's content and the hash before it; ``content`` holds values as they are stored."""
    return hashlib.sha256(canonical([previous, *(content[name] for name in CONTENT)]).encode()).hexdigest()


def changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, list[Any]]:
    """Which fields differ, each with its value before and after: what an edit writes into its event."""
    return {
        name: [before.get(name), after.get(name)]
        for name in sorted({*before, *after})
        if before.get(name) != after.get(name)
    }


def faults(events: Iterable[Mapping[str, Any]], anchors: Iterable[Head]) -> Iterator[Fault]:
    """Walk the chain from its beginning; ``events`` are stored rows in the order of their ids, ``anchors`` what its
    end was known to be at some times."""
    known: dict[int, set[str]] = {}
    for head in anchors:
        if head.count:
            known.setdefault(head.count, set()).add(head.hash)
    position, previous = 0, START
    for event in events:
        position += 1
        number = event["id"]
        if number != position:
            yield Fault(position, msg("Events are missing before this one, or it was put in between."))
            position = number
        if event["previous_hash"] != previous:
            yield Fault(number, msg("It does not follow the event before it."))
        if not _holds(event):
            yield Fault(number, msg("Its content was changed."))
        if known.pop(number, {event["hash"]}) != {event["hash"]}:
            yield Fault(number, msg("It is not the event that stood here when the end of the log was noted."))
        previous = event["hash"]
    for missing in sorted(known):
        yield Fault(missing, msg("The log once reached to this event, which is gone."))


def _holds(event: Mapping[str, Any]) -> bool:
    try:
        return bool(digest(event, event["previous_hash"]) == event["hash"])
    except (TypeError, ValueError):  # a value of a kind that was never written
        return False
