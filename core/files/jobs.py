"""The files' own background work."""

import logging
from typing import Any

from core.contracts import Job
from core.files import services

log = logging.getLogger("storeboard.files")


def sweep(_payload: Any, _progress: Any) -> dict[str, Any]:
    """Clear away unfinished and unclaimed blobs once a day."""
    found = services.sweep()
    if found.missing:
        log.error("the bytes of %s stored files are gone: %s", len(found.missing), ", ".join(found.missing))
    return {"removed": found.removed, "missing": list(found.missing)}


JOBS = [Job("core.files.sweep", sweep, every=86400)]
