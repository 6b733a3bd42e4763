"""The queue library behind the jobs. It only wakes workers: what is to be done stands in the jobs table."""

import logging
from datetime import timedelta
from typing import Any

from flask import Flask, current_app
from huey import Huey, PostgresHuey, RedisHuey, SqliteHuey
from huey.serializer import SignedSerializer

log = logging.getLogger("storeboard.jobs")
NAME = "storeboard"


def queue_of(app: Flask) -> Huey:
    """The app's queue: a file under HOME, or PostgreSQL or Redis as ``QUEUE_URL`` says."""
    if "queue" not in app.extensions:
        app.extensions["queue"] = _connect(app)
    return app.extensions["queue"]


def nudge(job_id: int, delay: timedelta = timedelta()) -> None:
    """Wake a worker for a stored job. A queue that is down loses nothing: the reaper finds the job."""
    try:
        queue_of(current_app)
        task = current_app.extensions["queue_task"]
        if delay:
            task.schedule(args=(job_id,), delay=delay)
        else:
            task(job_id)
    except Exception:
        log.exception("the queue cannot be reached; job %s waits for the reaper", job_id)


def _connect(app: Flask) -> Huey:
    url = app.config["QUEUE_URL"]
    # Messages are pickles: signed, so that whoever can write to the queue cannot make a worker run anything.
    options: dict[str, Any] = {"results": False, "serializer": SignedSerializer(app.config["SECRET_KEY"], NAME)}
    if url.startswith("postgresql"):
        queue: Huey = PostgresHuey(NAME, dsn=url.replace("+psycopg", ""), **options)
    elif url.startswith("redis"):
        queue = RedisHuey(NAME, url=url, **options)
    else:
        queue = SqliteHuey(NAME, filename=url or str(app.config["HOME"] / "queue.sqlite3"), **options)

    @queue.task(name="wake")
    def wake(job_id: int) -> None:
        from core.jobs import services  # which wakes through this module

        with app.app_context():
            services.run(job_id)

    app.extensions["queue_task"] = wake
    return queue
