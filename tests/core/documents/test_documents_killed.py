"""A process that issues and prints is killed again and again: every number has one document, every document one PDF."""

import hashlib
import multiprocessing
import random
import time

from sqlalchemy import func, select

from core.board.services import Draft, edit_task
from core.contracts import Ref
from core.documents import services
from core.documents.models import Document, DocumentPrint
from core.extensions import db
from core.files import services as files
from core.jobs import leases
from core.testing.databases import wait_for_killed
from core.testing.jobs import run_pending

processes = multiprocessing.get_context("forkserver")
processes.set_forkserver_preload(["core.app", "core.board.views", "core.documents.views", "core.documents.paint"])
QUICK = {"JOB_LEASE": 0.5}


def issue_without_end(settings, task_id, actor):
    """Change the task, issue its sheet, print it, over and over."""
    from core.app import create_app

    app = create_app(**settings)
    with app.app_context():
        for number in range(10_000):
            edit_task(task_id, actor, Draft(f"{number} {time.monotonic_ns()}", {"what": "x"}))
            services.issue("core.handoff", Ref("core.task", task_id), actor)
            run_pending()


def test_killed_at_random_moments_nothing_is_lost_or_doubled(app, draft, actor):
    app.config.update(QUICK)
    with app.app_context():
        task = draft()
    settings = {name: app.config[name] for name in ("DATABASE_URL", "HOME", *QUICK)}
    chance = random.Random(11)
    for _ in range(3):
        before = count_of(app)
        worker = processes.Process(target=issue_without_end, args=(settings, task.id, actor))
        worker.start()
        try:
            while count_of(app) < before + 2:
                assert worker.is_alive()
                time.sleep(0.05)
            time.sleep(chance.random() * 0.6)
        finally:
            worker.kill()
            worker.join()
    time.sleep(QUICK["JOB_LEASE"] + 0.1)
    with app.app_context():
        wait_for_killed(db.session)
        leases.reap()
        run_pending()
        db.session.expire_all()
        documents = db.session.scalars(select(Document).order_by(Document.id)).all()
        assert [document.number[-4:] for document in documents] == [f"{n + 1:04}" for n in range(len(documents))]
        assert len(documents) >= 6
        assert db.session.scalar(select(func.count()).select_from(DocumentPrint)) == len(documents)
        for document in documents:
            pdf = files.read(document.printed.file)
            assert hashlib.sha256(pdf).hexdigest() == document.printed.sha256
            assert services.last_job(document).state == "done"


def count_of(app):
    with app.app_context():
        return db.session.scalar(select(func.count()).select_from(Document))
