"""The event log's own background work."""

import logging
from typing import Any

from core.audit import services
from core.contracts import Job

log = logging.getLogger("storeboard.audit")


def check(_payload: Any, _progress: Any) -> dict[str, Any]:
    """Check the log once a day and note its end outside the database."""
    report = services.verify()
    for fault in report.faults:
        log.error("the event log does not hold at event %s: %s", fault.event_id, fault.message)
    if report.ok:
        services.checkpoint()
    return {"events": report.head.count, "faults": len(report.faults)}


JOBS = [Job("core.audit.check", check, every=86400)]
