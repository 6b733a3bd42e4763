"""Sentences for people, kept untranslated until they are shown."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar


@dataclass(frozen=True)
class Message:
    """One sentence: an English message id and the values it names, translated when shown."""

    text: str
    params: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.text % dict(self.params) if self.params else self.text

    def plain(self) -> dict[str, Any]:
        """The message as JSON holds it, untranslated."""
        params = {key: value.plain() if isinstance(value, Message) else value for key, value in self.params.items()}
        return {"text": self.text, "params": params}

    @classmethod
    def of(cls, plain: Mapping[str, Any]) -> "Message":
        """The message that ``plain`` made this of."""
        params = plain["params"].items()
        return cls(plain["text"], {key: cls.of(value) if isinstance(value, dict) else value for key, value in params})


def msg(text: str, /, **params: Any) -> Message:
    """A message; ``text`` is extracted for translation, ``params`` fill its ``%(name)s``."""
    return Message(text, params)


def N_(text: str) -> str:
    """Mark a label for translation; it is translated where it is shown."""
    return text


Part = TypeVar("Part", Message, str)
SENTENCES, LIST = N_("%(first)s %(rest)s"), N_("%(first)s, %(rest)s")


def together(parts: Iterable[Part], between: str = SENTENCES) -> Message | Part:
    """Several messages or names as one message, joined when shown; ``between`` is the message id that joins two of
    them."""
    first, *rest = parts
    return Message(between, {"first": first, "rest": together(rest, between)}) if rest else first


class Refusal(Exception):
    """Something may not be done; carries what to tell the user, per field where it concerns one.

    ``general`` are the reasons that concern no field, ``status`` is the HTTP status that says it.
    """

    status = 422
    retry_after: int | None = None  # seconds

    def __init__(self, *reasons: Message, fields: Mapping[str, Message] | None = None):
        self.fields = dict(fields or {})
        self.general = reasons if reasons or self.fields else (msg("It was refused."),)
        self.reasons = (*self.general, *self.fields.values())
        super().__init__(" ".join(str(r) for r in self.reasons))


class Stale(Refusal):
    """Somebody else changed it first; the page is out of date."""

    status = 409


def refuse(**problems: Message | None) -> None:
    """Raise what is wrong, by field, if anything is."""
    if found := {field: problem for field, problem in problems.items() if problem}:
        raise Refusal(fields=found)
