"""The life of a job: how long a worker may be silent, and when a failed one is tried again."""

from datetime import timedelta

QUEUED, RUNNING, DONE, FAILED = "queued", "running", "done", "failed"
OPEN = (QUEUED, RUNNING)

LEASE = 60.0  # seconds without a sign of life after which a worker counts as dead
MAX_ATTEMPTS = 5


def retry_after(attempts: int) -> timedelta | None:
    """How long to wait after the ``attempts``-th failure; None when it is to be given up."""
    return None if attempts >= MAX_ATTEMPTS else timedelta(seconds=10 * attempts**2)
