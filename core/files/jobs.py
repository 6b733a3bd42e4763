"""The files' own background work."""

import logging
from typing import Any

from core.contracts import Job
from core.files import services

log = logging.getLogger("storeboard.files")


def sweep(_payload: Any, _progress: Any) -> dict[str, Any]:
    """Clear away unfinished and unclaimed blobs once a day."""
    removed, missing = services.sweep()
    if missing:
        log.error("the bytes of %s stored files are gone: %s", len(missing), ", ".join(missing))
    return {"removed": removed, "missing": missing}


JOBS = [Job("core.files.sweep", sweep, every=86400)]
