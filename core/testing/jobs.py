"""Background work, for tests that wait for no worker."""

from core.extensions import db
from core.jobs.services import due, run


def run_pending() -> int:
    """Do all jobs that are due, here and now, and those they ask for; returns how many."""
    count = 0
    while waiting := due(1):
        count += run(waiting[0])
    db.session.rollback()  # what the jobs stored is to be seen here
    return count
