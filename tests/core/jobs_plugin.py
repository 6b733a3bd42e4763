"""A plugin for the tests of jobs: each time a job's effect is stored, the table ``effect`` has one row more."""

import time
from pathlib import Path
from threading import Semaphore

from sqlalchemy import text

from core import hookimpl
from core.contracts import Job
from core.extensions import db
from core.messages import Refusal, msg

STEP = Semaphore(0)  # what lets the job that is led go on


def mark(payload, progress):
    """Work a little, or until there is a file, then store one effect."""
    while not Path(payload.get("until", "/")).exists():
        time.sleep(0.05)
    for step in range(3):
        time.sleep(payload.get("pause", 0) / 3)
        progress(step + 1, 3, msg("Step %(step)s", step=step + 1))

    def write():
        db.session.execute(text("INSERT INTO effect (name) VALUES (:name)"), {"name": payload["name"]})
        time.sleep(payload.get("hold", 0))
        if payload.get("fails"):
            raise ValueError("broken")
        return {"name": payload["name"], "asker": progress.actor.name}

    return write


def led(payload, progress):
    """Say each step, and go on when told to."""
    for step in (1, 2):
        progress(step, 3, msg("Step %(step)s", step=step))
        assert STEP.acquire(timeout=300)
    return mark(payload, progress)


def refuse(payload, progress):
    raise Refusal(msg("Row %(row)s is not an order.", row=7), msg("%(what)s is missing.", what=msg("Price")))


def tick(payload, progress):
    return {"ticked": True}


@hookimpl
def jobs():
    tried = {"test.mark": mark, "test.led": led, "test.refuse": refuse}
    return [*(Job(name, work) for name, work in tried.items()), Job("test.tick", tick, every=3600)]
