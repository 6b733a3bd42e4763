"""Real workers, killed and stopped: nothing is lost, nothing is done twice."""

import multiprocessing
import random
import signal
import time

import pytest
from sqlalchemy import func, select, text

from core.extensions import db
from core.jobs import rules, services
from core.jobs.models import Job
from core.transactions import transaction
from tests.core import jobs_plugin

processes = multiprocessing.get_context("forkserver")
processes.set_forkserver_preload(["core.app", "core.jobs.worker", "core.board.views", "core.documents.views"])
PLACES = ("HOME", "DATABASE_URL")


def work(settings, patience=20.0, stopped_at_start=False, lease=60.0, stopping=None):
    """A worker process of its own; ``stopped_at_start`` sends it TERM once its threads work and before huey listens.
    Once it takes no more jobs it makes the file ``stopping``."""
    from huey.consumer import Consumer

    from core.app import create_app
    from core.jobs import leases
    from core.jobs.worker import run

    if stopped_at_start:
        listen = Consumer._set_signal_handlers

        def stop_first(consumer):
            time.sleep(0.5)
            signal.raise_signal(signal.SIGTERM)
            listen(consumer)

        Consumer._set_signal_handlers = stop_first
    if stopping:
        end = Consumer._join_workers

        def tell(consumer):
            stopping.touch()
            return end(consumer)

        Consumer._join_workers = tell
    leases.MAX_ATTEMPTS = 100  # many kills may meet the same job
    settings = {**settings, "JOB_LEASE": lease, "JOB_ROUND": 0.3}
    run(create_app(extra_plugins=[("test", jobs_plugin)], **settings), patience=patience)


@pytest.fixture
def app(make_app):
    app = make_app(extra_plugins=[("test", jobs_plugin)])
    with app.app_context(), transaction() as session:
        session.execute(text("CREATE TABLE effect (name TEXT)"))
    return app


@pytest.fixture
def start(app):
    """Start a worker of the app; all are killed at the end."""
    settings = {name: app.config[name] for name in PLACES}
    started = []

    def begin(**options):
        worker = processes.Process(target=work, args=(settings,), kwargs=options)
        worker.start()
        started.append(worker)
        return worker

    yield begin
    for worker in started:
        worker.kill()
        worker.join()


def states():
    db.session.rollback()
    mine = select(Job.state, func.count()).where(Job.name == "test.mark").group_by(Job.state)
    return dict(db.session.execute(mine).all())


def wait_until(happened, seconds=300):
    end = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < end, states()
        time.sleep(0.05)


def ask(count, **payload):
    for number in range(count):
        services.enqueue("test.mark", {"name": f"{number:03}", **payload})


def effects():
    db.session.rollback()
    return list(db.session.scalars(text("SELECT name FROM effect ORDER BY name")))


def test_workers_killed_at_random_moments_lose_nothing_and_do_nothing_twice(in_app, start):
    chance = random.Random(4)
    with transaction():
        for number in range(80):
            payload = {"name": f"{number:03}", "pause": chance.random() * 0.12, "hold": chance.random() * 0.05}
            services.enqueue("test.mark", payload)
    for _ in range(10):
        worker = start(lease=1.5)
        progress_before = states().get(rules.DONE, 0)
        wait_until(lambda before=progress_before: states().get(rules.DONE, 0) > before or not open_jobs())
        time.sleep(chance.random() * 0.3)
        worker.kill()
        worker.join()
    start(lease=1.5)
    wait_until(lambda: not open_jobs())
    assert states() == {rules.DONE: 80}
    assert effects() == [f"{number:03}" for number in range(80)]
    assert db.session.scalar(select(func.max(Job.attempts))) > 1


def open_jobs():
    found = states()
    return found.get(rules.QUEUED, 0) + found.get(rules.RUNNING, 0)


def test_two_workers_share_the_jobs(in_app, start):
    ask(40, pause=0.02)
    start()
    start()
    wait_until(lambda: states() == {rules.DONE: 40})
    assert effects() == [f"{number:03}" for number in range(40)]


def test_told_to_stop_a_worker_ends_what_it_runs_and_leaves_the_rest(in_app, start, tmp_path):
    stopping = tmp_path / "stopping"
    ask(5, until=str(stopping))
    worker = start(patience=120.0, stopping=stopping)
    wait_until(lambda: states().get(rules.RUNNING) == 2)
    worker.terminate()
    worker.join(120)
    assert worker.exitcode == 0
    assert states() == {rules.DONE: 2, rules.QUEUED: 3}
    assert len(effects()) == 2


def test_told_to_stop_a_worker_hands_back_what_takes_too_long(in_app, start):
    ask(1, pause=900)
    worker = start(patience=0.5)
    wait_until(lambda: states().get(rules.RUNNING) == 1)
    began = time.monotonic()
    worker.terminate()
    worker.join(120)
    assert (worker.exitcode, time.monotonic() - began < 15) == (0, True)  # a worker's usual patience is 20 seconds
    assert (states(), effects()) == ({rules.QUEUED: 1}, [])
    assert db.session.scalar(select(Job.attempts).where(Job.name == "test.mark")) == 0


def test_told_to_stop_while_it_starts_a_worker_hands_back_what_it_took(in_app, start):
    ask(1, pause=30)
    worker = start(patience=0.5, stopped_at_start=True)
    worker.join(120)
    assert worker.exitcode == 0
    assert (states(), effects()) == ({rules.QUEUED: 1}, [])
