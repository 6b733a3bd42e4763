"""A plugin for the tests of jobs: each time a job's effect is stored, the table ``effect`` has one row more."""

import time

from sqlalchemy import text

from core import hookimpl
from core.contracts import Job
from core.extensions import db
from core.messages import Refusal, msg


def mark(payload, progress):
    """Work a little, then store one effect."""
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


def refuse(payload, progress):
    raise Refusal(msg("Row %(row)s is not an order.", row=7), msg("%(what)s is missing.", what=msg("Price")))


def tick(payload, progress):
    return {"ticked": True}


@hookimpl
def jobs():
    return [Job("test.mark", mark), Job("test.refuse", refuse), Job("test.tick", tick, every=3600)]
