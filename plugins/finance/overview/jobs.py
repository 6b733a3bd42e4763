"""Background work: the nightly check of signatures."""

from typing import Any

from core.contracts import SYSTEM, Job
from plugins.finance.differences import handoff
from plugins.finance.matching import services as matching
from plugins.finance.matching.models import Run
from plugins.finance.matching.rules import rule_set
from plugins.finance.periods import services as periods

NIGHT = 86_400


def check_signatures(_payload: Any, _progress: Any) -> dict[str, Any]:
    """Compute what was signed again, and hear of tasks whose end nobody heard of."""
    return {**periods.check_signatures(digest_of), "tasks": handoff.catch_up(SYSTEM)}


def digest_of(run: Run) -> str:
    """The digest of a run's days by the run's own rules, from what is stored now."""
    rules = (run.rule_set, rule_set(run.rule_set.data if run.rule_set else None))
    return matching.make(run.store_id, run.first, run.last, given=rules).digest


JOBS = [Job("finance.check_signatures", check_signatures, every=NIGHT)]
