"""Jobs: stored with what caused them, done by one worker at a time, their effects stored exactly once."""

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import text, update

from core.columns import now
from core.contracts import Actor
from core.extensions import db
from core.jobs import leases, queue, rules, services, worker
from core.jobs.models import Job
from core.messages import Refusal, msg, together
from core.testing.jobs import run_pending
from core.transactions import transaction
from tests.core import jobs_plugin

LI = Actor(7, "李雷", {"operations": "lead"})


@pytest.fixture
def app(make_app):
    app = make_app(extra_plugins=[("test", jobs_plugin)], JOB_LEASE=60)
    with app.app_context(), transaction() as session:
        session.execute(text("CREATE TABLE effect (name TEXT)"))
    return app


def ask(job="test.mark", key=None, **payload):
    return services.enqueue(job, {"name": "a", **payload}, key=key, actor=LI).id


def stored(job_id):
    db.session.rollback()
    return db.session.get(Job, job_id, populate_existing=True)


def effects():
    db.session.rollback()
    return sorted(db.session.scalars(text("SELECT name FROM effect")))


def later(seconds=10_000):
    """Let time pass for all jobs that wait or are held."""
    with transaction() as session:
        for job in session.query(Job):
            job.not_before -= timedelta(seconds=seconds)
            if job.lease_until:
                job.lease_until -= timedelta(seconds=seconds)


def test_a_job_is_done_for_who_asked_and_its_result_kept(in_app):
    job_id = ask()
    assert stored(job_id).state == rules.QUEUED
    assert run_pending() == 1
    job = stored(job_id)
    assert (job.state, job.result, job.attempts) == (rules.DONE, {"name": "a", "asker": "李雷"}, 1)
    assert (job.percent, job.is_open, job.error, job.lease_until) == (100, False, None, None)
    assert job.created_at <= job.started_at <= job.finished_at
    assert effects() == ["a"]


def test_a_job_is_not_there_when_what_caused_it_was_not_stored(in_app):
    with pytest.raises(ZeroDivisionError), transaction():
        ask()
        raise ZeroDivisionError
    assert run_pending() == 0
    assert queue.queue_of(in_app).pending_count() == 0


def test_a_job_nobody_offers_is_refused(in_app):
    with pytest.raises(LookupError, match=r"test\.absent"):
        ask("test.absent")


def test_the_same_job_asked_for_while_it_is_open_is_one_job(in_app):
    first = ask(key="import:1")
    assert ask(key="import:1") == first
    run_pending()
    assert ask(key="import:1") != first
    assert effects() == ["a"]


def test_the_same_job_asked_for_by_many_at_once_is_one_job(in_app):
    def one(_):
        with in_app.app_context():
            return ask(key="import:1")

    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(one, range(24)))) == 1


def test_of_many_workers_one_gets_the_job(in_app):
    job_id = ask()

    def claim(_):
        with in_app.app_context():
            return leases.claim(job_id)

    with ThreadPoolExecutor(8) as pool:
        claims = [claim for claim in pool.map(claim, range(16)) if claim]
    assert [(claim.job_id, claim.attempts) for claim in claims] == [(job_id, 1)]


def test_effects_and_end_are_stored_together_or_not_at_all(in_app):
    job_id = ask(fails=True)
    run_pending()
    job = stored(job_id)
    assert (effects(), job.state, job.result) == ([], rules.QUEUED, None)
    assert str(job.error) == "It stopped with an error: ValueError: broken"


def test_a_job_that_fails_is_tried_again_later_and_then_given_up(in_app):
    job_id = ask(fails=True)
    for seconds in (10, 40, 90, 160):
        before = now()
        run_pending()
        assert before <= stored(job_id).not_before - timedelta(seconds=seconds) <= now()
        later()
    run_pending()
    job = stored(job_id)
    assert (job.state, job.attempts, effects()) == (rules.FAILED, 5, [])
    assert run_pending() == 0


def test_a_refusal_ends_the_job_with_its_reasons_in_any_language(in_app):
    job_id = ask("test.refuse")
    run_pending()
    job = stored(job_id)
    assert (job.state, job.attempts) == (rules.FAILED, 1)
    assert str(job.error) == "Row 7 is not an order. Price is missing."
    assert job.error.params["rest"].params["what"] == msg("Price")


def test_progress_is_seen_by_others_while_the_job_runs(in_app):
    job_id = ask("test.led")

    def seen():
        job = stored(job_id)
        return job.state, job.percent, str(job.note)

    with ThreadPoolExecutor(1) as pool:
        pool.submit(run_in, in_app, job_id)
        for step in ((rules.RUNNING, 33, "Step 1"), (rules.RUNNING, 66, "Step 2")):
            wait_until(lambda step=step: seen() == step)
            jobs_plugin.STEP.release()
    assert stored(job_id).state == rules.DONE


def wait_until(happened, seconds=120):
    end = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < end
        time.sleep(0.05)


def run_in(app, job_id):
    with app.app_context():
        return services.run(job_id)


def test_a_lease_is_renewed_for_as_long_as_the_job_runs(in_app, monkeypatch):
    in_app.config["JOB_LEASE"] = 1.2
    job_id, lease = ask("test.led"), timedelta(seconds=1.2)
    with ThreadPoolExecutor(1) as pool:
        pool.submit(run_in, in_app, job_id)
        wait_until(lambda: stored(job_id).state == rules.RUNNING)
        over = stored(job_id).started_at + lease
        wait_until(lambda: stored(job_id).lease_until > over + lease)  # renewed when the first would have ended
        with monkeypatch.context() as at:
            at.setattr(leases, "now", lambda: over + lease)
            assert leases.reap() == []
        jobs_plugin.STEP.release(2)
    job = stored(job_id)
    assert (job.state, job.attempts, effects()) == (rules.DONE, 1, ["a"])


def test_a_silent_workers_job_waits_again_and_nothing_of_the_silent_worker_is_stored(in_app):
    job_id = ask()
    silent = leases.claim(job_id)
    assert leases.reap() == []
    later()
    assert leases.reap() == [job_id]
    assert leases.renew(silent, 1, 2, None) is False
    run_pending()

    def too_late():
        db.session.execute(text("INSERT INTO effect VALUES ('twice')"))

    with pytest.raises(leases.LeaseLost):
        leases.finish(silent, too_late)
    assert leases.fail(silent, msg("late"), retry=False) is None
    assert (effects(), stored(job_id).state, stored(job_id).attempts) == (["a"], rules.DONE, 2)


def test_a_job_that_ends_its_worker_every_time_is_given_up(in_app):
    job_id = ask()
    for _ in range(rules.MAX_ATTEMPTS):
        assert leases.claim(job_id)
        later()
        leases.reap()
    job = stored(job_id)
    assert job.state == rules.FAILED
    assert str(job.error) == "The worker stopped in the middle of it, 5 times."


def test_a_worker_that_ends_hands_its_jobs_back_without_a_failed_attempt(in_app):
    mine, other = ask(name="a"), ask(name="b")
    leases.claim(mine)
    leases.claim(other)
    with transaction() as session:
        session.execute(update(Job).where(Job.id == other).values(lease_owner="elsewhere:1/x"))
    assert leases.hand_back() == 1
    assert (stored(mine).state, stored(mine).attempts) == (rules.QUEUED, 0)
    assert stored(other).state == rules.RUNNING


def test_a_switched_off_plugins_jobs_wait_for_it(in_app, make_app):
    job_id = ask()
    without = make_app(DATABASE_URL=in_app.config["DATABASE_URL"])
    with without.app_context():
        assert services.due() == []
        assert services.run(job_id) is False
    assert run_pending() == 1


def test_a_repeating_job_is_asked_for_when_its_time_has_come(in_app):
    services.ask_for_repeats()
    services.ask_for_repeats()
    ticks = db.session.query(Job).filter_by(name="test.tick")
    assert ticks.count() == 1
    run_pending()
    services.ask_for_repeats()
    assert ticks.count() == 1
    with transaction() as session:
        session.execute(update(Job).values(created_at=now() - timedelta(seconds=3601)))
    services.ask_for_repeats()
    assert ticks.count() == 2


def test_every_repeating_job_of_core_runs(in_app):
    services.ask_for_repeats()
    run_pending()
    assert {job.state for job in db.session.query(Job)} == {rules.DONE}
    assert {"core.files.sweep", "core.jobs.prune", "core.audit.check"} <= {job.name for job in db.session.query(Job)}


def test_old_done_jobs_are_forgotten_and_failed_ones_kept(in_app):
    old, failed, fresh = ask(), ask("test.refuse"), ask(name="b")
    run_pending()
    with transaction() as session:
        past = now() - timedelta(days=31)
        session.execute(update(Job).where(Job.id.in_([old, failed])).values(finished_at=past))
    assert services.prune() == 1
    assert {job.id for job in db.session.query(Job)} == {failed, fresh}


def test_a_lost_message_is_sent_again_by_the_next_round(in_app):
    job_id = ask()
    messages = queue.queue_of(in_app)
    messages.storage.flush_queue()
    worker.make_round()
    assert job_id in waiting_messages(messages)


def test_a_lost_message_of_the_oldest_job_is_sent_again_though_the_queue_is_full(in_app):
    job_id = ask()
    messages = queue.queue_of(in_app)
    messages.storage.flush_queue()
    for _ in range(10):
        ask()
    worker.make_round()
    assert job_id in waiting_messages(messages)
    assert messages.pending_count() <= 10 + 2 + len(in_app.extensions["registry"].jobs)


def waiting_messages(messages):
    return [message.args[0] for message in messages.pending()]


def test_a_queue_that_is_down_loses_nothing(in_app, monkeypatch, caplog):
    def down(*_):
        raise ConnectionError("refused")

    monkeypatch.setattr(queue, "queue_of", down)
    ask()
    assert "waits for the reaper" in caplog.text
    assert run_pending() == 1


def test_messages_in_the_queue_are_signed(in_app):
    ask()
    messages = queue.queue_of(in_app)
    data = messages.storage.enqueued_items()[0]
    messages.serializer.deserialize(bytes(data))
    with pytest.raises(ValueError, match="mismatch"):
        messages.serializer.deserialize(bytes(data).replace(b"wake", b"wakf"))


def test_a_jobs_page_is_for_who_asked_and_for_administrators(app, as_user, make_user):
    li = make_user("li", teams={"operations": "member"})
    with app.app_context():
        job_id = services.enqueue("test.mark", {"name": "a"}, actor=Actor(li.id, "Li")).id
    address = f"/jobs/{job_id}"
    asker, other, admin = as_user(li), as_user("han", teams={"operations": "lead"}), as_user("root", admin=True)
    assert [browser.get(address).status_code for browser in (asker, other, admin)] == [200, 404, 200]
    assert "every" in asker.get(address).text
    with app.app_context():
        run_pending()
    assert "every" not in asker.get(address).text


def test_a_refused_job_tells_why(app, as_user):
    admin = as_user("root", admin=True)
    with app.app_context():
        job_id = ask("test.refuse")
        run_pending()
    assert "Row 7 is not an order. Price is missing." in admin.get(f"/jobs/{job_id}").text


def test_refusal_without_reasons_still_says_something(in_app):
    assert str(together(Refusal().reasons)) == "It was refused."
