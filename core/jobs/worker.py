"""The worker: wakes for jobs, gives back those of workers that died, and asks for those that repeat."""

import logging
import os
import signal
from threading import Event, Thread

from flask import Flask, current_app
from huey.consumer import Consumer

from core.jobs import leases, services
from core.jobs.queue import nudge, queue_of

log = logging.getLogger("storeboard.jobs")
ROUND = 5.0  # seconds between two rounds of the reaper
PATIENCE = 20.0  # seconds that running jobs are given to end when the worker is told to stop


def run(app: Flask, threads: int = 2, follow_parent: bool = False, patience: float = PATIENCE) -> None:
    """Work until told to stop: on TERM running jobs may end within ``patience``; those that do not are handed back.

    With ``follow_parent`` it stops when the process that started it is gone. Blocks; call it in the main thread.
    """
    queue, over = queue_of(app), Event()
    reaper = Thread(target=_reap_on, args=(app, over, os.getppid() if follow_parent else 0), name="reaper", daemon=True)
    # huey takes TERM for "drop everything" unless told otherwise.
    consumer = _Consumer(
        queue, workers=threads, periodic=False, graceful_signal="TERM", max_delay=0.5, shutdown_timeout=patience
    )
    reaper.start()
    consumer.run()
    over.set()
    reaper.join(ROUND)
    with app.app_context():
        leases.hand_back()


class _Consumer(Consumer):
    """huey's consumer, which also ends in order when TERM comes while it starts: its threads run before it listens."""

    def start(self) -> None:
        early: list[int] = []
        signal.signal(signal.SIGTERM, lambda number, frame: early.append(number))
        super().start()
        if early:
            signal.raise_signal(signal.SIGTERM)


def make_round() -> None:
    """Free jobs of dead workers, ask for repeating ones, wake for those whose message was lost."""
    leases.reap()
    services.ask_for_repeats()
    # A full queue may still lack the message of the oldest job; one message too many is not answered.
    for job_id in services.due(100 if queue_of(current_app).pending_count() == 0 else 2):
        nudge(job_id)


def _reap_on(app: Flask, over: Event, parent: int) -> None:
    while True:
        try:
            with app.app_context():
                make_round()
        except Exception:
            log.exception("the reaper's round failed; it tries again")
        if over.wait(float(app.config.get("JOB_ROUND", ROUND))):
            return
        if parent and os.getppid() != parent:
            os.kill(os.getpid(), signal.SIGTERM)
            return
