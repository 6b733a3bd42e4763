"""The blueprint that all of finance's pages hang on, and what they share."""

from typing import Any

from flask import Blueprint

from core.messages import Message

bp = Blueprint("finance", __name__, template_folder="templates", static_folder="static")


def in_words(reason: Any) -> Any:
    """What the log kept of a reason: a sentence of ours, or somebody's words."""
    known = isinstance(reason, dict) and "text" in reason
    return Message(reason["text"], reason.get("params", {})) if known else reason or ""
