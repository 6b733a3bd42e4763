"""The blueprint that all of customer service's pages hang on, and what its records share."""

from typing import Any

from flask import Blueprint

from core import pages
from core.audit import services as audit
from core.contracts import Ref

bp = Blueprint("cs", __name__, template_folder="templates", static_folder="static")


def about(kind: str, record: Any) -> dict[str, Any]:
    """What every record's page shows beside the record itself: its tasks, documents and log."""
    return pages.about(kind, record) | {"log": audit.events_of(Ref(kind, record.id))}
