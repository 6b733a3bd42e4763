"""What one plugin may ask all others, none of which it knows."""

from typing import Any

from core import plugins


def asked(question: str, **given: Any) -> list[Any]:
    """Everybody's answers to the hook ``question``; nobody's is an empty list.

    Raises ``Refusal`` when a plugin fails: an answer that lacks a part would be taken for the whole.
    """
    return list(plugins.collect(question, **given))
