"""The kind of record that a difference is."""

from typing import Any

from core.contracts import RecordType
from core.messages import N_
from core.web import yuan
from plugins.finance.differences import rules
from plugins.finance.differences.models import Difference
from plugins.finance.matching.classes import LABELS


def summary(row: Difference) -> dict[str, Any]:
    """A difference in plain values, for briefs and documents."""
    return {
        "title": row.title,
        "class": LABELS.get(row.code, row.code),
        "amount": yuan(row.amount),
        "expected": yuan(row.expected),
        "found": yuan(row.found),
        "state": rules.STATES[row.state],
    }


RECORD_TYPES = [
    RecordType(
        "finance.difference", N_("Account difference"), Difference, "finance.difference", "finance.view", summary
    )
]
