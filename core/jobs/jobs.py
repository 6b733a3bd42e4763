"""The jobs' own background work."""

from typing import Any

from core.contracts import Job
from core.jobs import services


def prune(_payload: Any, _progress: Any) -> dict[str, Any]:
    """Forget old jobs once a day."""
    return {"removed": services.prune()}


JOBS = [Job("core.jobs.prune", prune, every=86400)]
