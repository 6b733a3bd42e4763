"""A running job's sign of life: how far it is, and that its worker still lives."""

import logging
from threading import Event, Thread
from types import TracebackType

from flask import Flask
from sqlalchemy.exc import SQLAlchemyError

from core.contracts import Actor
from core.jobs import leases
from core.messages import Message

log = logging.getLogger("storeboard.jobs")
PACE = 0.3  # seconds between two writes of a job that reports all the time


class Progress:
    """What a job's function is given beside its payload: call it to say how far it is; ``actor`` is who asked.

    A thread of its own writes what was said and renews the lease, so that calling it costs nothing. While the job
    holds the write lock, nobody can see its progress; what was said before stands.
    """

    def __init__(self, app: Flask, claim: leases.Claim):
        self.actor: Actor = claim.actor
        self._app, self._claim = app, claim
        self._state: tuple[int, int | None, Message | None] = (0, None, None)
        self._news, self._over, self._lost = Event(), Event(), Event()
        self._thread = Thread(target=self._keep, name=f"lease-{claim.job_id}", daemon=True)

    def __call__(self, done: int, total: int | None = None, note: Message | None = None) -> None:
        """Report ``done`` of ``total`` steps. Raises ``LeaseLost`` when another worker was given the job."""
        if self._lost.is_set():
            raise leases.LeaseLost(self._claim.job_id)
        self._state = (done, total, note)
        self._news.set()

    def __enter__(self) -> "Progress":
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._over.set()
        self._news.set()
        self._thread.join()

    def _keep(self) -> None:
        with self._app.app_context():
            pause = leases.length() / 3
        while True:
            self._news.wait(pause)
            if self._over.is_set():
                return
            self._news.clear()
            with self._app.app_context():
                try:
                    if not leases.renew(self._claim, *self._state):
                        self._lost.set()
                        return
                except SQLAlchemyError:  # somebody holds the lock for long; the next round tries again
                    log.warning("the lease of job %s could not be renewed", self._claim.job_id, exc_info=True)
            self._over.wait(PACE)
