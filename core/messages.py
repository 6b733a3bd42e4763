"""Sentences for people, kept untranslated until they are shown."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Message:
    """One sentence: an English message id and the values it names, translated when shown."""

    text: str
    params: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.text % dict(self.params) if self.params else self.text


def msg(text: str, /, **params: Any) -> Message:
    """A message; ``text`` is extracted for translation, ``params`` fill its ``%(name)s``."""
    return Message(text, params)


def together(messages: Iterable[Message], between: str = " ") -> Message:
    """Several messages as one, each translated when shown."""
    parts = {f"p{number}": message for number, message in enumerate(messages)}
    return Message(between.join(f"%({name})s" for name in parts), parts)


def N_(text: str) -> str:
    """Mark a label for translation; it is translated where it is shown."""
    return text


class Refusal(Exception):
    """Something may not be done; carries what to tell the user, per field where it concerns one."""

    def __init__(self, *reasons: Message, fields: Mapping[str, Message] | None = None):
        self.fields = dict(fields or {})
        self.reasons = (*reasons, *self.fields.values())
        super().__init__(" ".join(str(r) for r in self.reasons))


class Stale(Refusal):
    """Somebody else changed it first; the page is out of date (HTTP 409)."""
