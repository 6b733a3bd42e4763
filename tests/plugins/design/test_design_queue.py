"""The queue: its order, what it tells of a request, and that of two who pick exactly one gets it."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from sqlalchemy import event

from core.board.models import Task
from core.board.queries import Filter
from core.columns import now
from core.extensions import db
from core.transactions import transaction
from plugins.design import queue, services

RUSH = 3
HTMX = {"HX-Request": "true"}


def at_once(app, *works):
    """Do all ``works`` at the same moment, each in a thread of its own; their results in order."""
    start = Barrier(len(works))

    def run(work):
        start.wait()
        with app.app_context():
            return work()

    with ThreadPoolExecutor(len(works)) as pool:
        return list(pool.map(run, works))


def picking(client, task):
    return lambda: client.post(f"/design/pick/{task.number}", data={"version": task.version}, headers=HTMX)


def test_of_two_designers_who_pick_at_once_exactly_one_gets_it(app, studio, browse):
    task = studio.offered()
    designers = {name: browse(name) for name in ("mei", "hua")}

    answers = at_once(app, *(picking(client, task) for client in designers.values()))

    assert sorted(answer.status_code for answer in answers) == [200, 409]
    winner = studio.fresh(task).holder.name
    lost = next(answer for answer in answers if answer.status_code == 409)
    assert f"{winner} changed DES-1 first (Accept). It is now “Accepted”; nothing of yours was done." in lost.text
    assert [leg.state for leg in studio.fresh(task).legs] == ["draft", "offered", "accepted"]


def test_a_designer_who_picks_two_at_once_stays_within_capacity(app, studio, browse):
    services.set_capacity(studio.actor("tang"), studio.id("mei"), 4)
    first, second = studio.offered(), studio.offered()

    answers = at_once(app, *(picking(browse("mei"), task) for task in (first, second)))

    assert sorted(answer.status_code for answer in answers) == [200, 422]
    assert queue.held([studio.id("mei")]) == {studio.id("mei"): 3}


def test_a_picked_request_goes_from_the_queue_into_the_hands(studio, browse):
    task = studio.offered()

    answer = picking(browse("mei"), task)()

    assert answer.status_code == 200
    assert "DES-1 is yours now." in answer.headers["HX-Trigger"]
    assert "Nothing waits for design." in answer.text
    assert "3 / 16" in answer.text


def test_picking_without_script_leads_back_to_the_queue(studio, browse):
    task, client = studio.offered(), browse("mei")

    answer = client.post(f"/design/pick/{task.number}", data={"version": task.version})

    assert (answer.status_code, answer.headers["Location"]) == (303, "/design/")
    assert "DES-1 is yours now." in client.get("/design/").text


def test_why_a_pick_is_refused_stands_above_the_queue(studio, browse):
    task = studio.offered(priority=RUSH)

    answer = picking(browse("mei"), task)()

    assert answer.status_code == 422
    assert "A rush request needs the design lead&#39;s approval before it is accepted." in answer.text
    assert "Rush, not approved yet" in answer.text


def test_rush_comes_first_then_what_is_due_first(studio):
    late, soon, rush = studio.offered(title="late"), studio.offered(title="soon"), studio.offered(priority=RUSH)
    with transaction() as session:
        for task, hours in ((late, -30), (soon, 1), (rush, 60)):
            session.get(Task, task.id).leg_due_at = now() + timedelta(hours=hours)

    total, entries = queue.waiting(studio.actor("mei"), Filter())

    assert (total, [entry.task.id for entry in entries]) == (3, [rush.id, late.id, soon.id])
    assert entries[1].minutes < 0 <= entries[2].minutes


def test_drafts_and_what_was_taken_do_not_wait(studio):
    studio.draft()
    studio.doing()

    assert queue.waiting(studio.actor("mei"), Filter()) == (0, [])


def test_the_queue_can_be_filtered_and_counts_what_it_does_not_show(studio):
    for title in ("主图一", "主图二"):
        studio.offered(title=title)
    studio.offered(kind="design.image_retouch", title="修图")

    assert queue.waiting(studio.actor("mei"), Filter(), limit=1)[0] == 3
    assert [e.task.title for e in queue.waiting(studio.actor("mei"), Filter(type="design.image_retouch"))[1]] == [
        "修图"
    ]
    assert [e.task.title for e in queue.waiting(studio.actor("mei"), Filter(text="主图二"))[1]] == ["主图二"]


def test_an_entry_shows_the_first_picture_and_what_its_brief_leaves_open(studio, picture):
    task = studio.draft()
    first = studio.add(task, "brief", picture(), who="li").files[0]
    studio.add(task, "brief", picture(300, 300), who="li")
    studio.move(task, "offer", "li")

    [entry] = queue.waiting(studio.actor("mei"), Filter())[1]

    assert entry.picture.id == first.file_id
    assert entry.empty == [
        "Other sizes", "Products", "Price text", "Must-have words", "Forbidden words", "Style", "References",
        "File formats", "Weight at most (KB)", "Delivery notes",
    ]  # fmt: skip


@pytest.mark.parametrize(("points", "fits"), [(3, False), (6, True)])
def test_an_entry_says_whether_it_fits_the_readers_hands(studio, points, fits):
    services.set_capacity(studio.actor("tang"), studio.id("mei"), points)
    studio.doing(who="mei")
    studio.offered()

    [entry] = queue.waiting(studio.actor("mei"), Filter())[1]

    assert entry.fits is fits


def test_the_queue_asks_the_database_the_same_number_of_questions_however_long_it_is(app, studio, browse):
    client, asked = browse("mei"), []
    client.get("/design/")  # the first of a session notes that it is in use
    event.listen(db.engine, "before_cursor_execute", lambda *given: asked.append(given[2]))
    counts = []
    for _ in range(2):
        for _ in range(5):
            studio.offered()
        asked.clear()
        assert client.get("/design/").status_code == 200
        counts.append(len(asked))

    assert counts[0] == counts[1]


def test_a_poll_answers_only_when_the_board_has_changed(studio, browse):
    client = browse("mei")
    studio.offered()
    since = db.session.query(Task).one().changed

    assert client.get(f"/design/?since={since}", headers=HTMX).status_code == 204
    studio.offered(title="another")
    answer = client.get(f"/design/?since={since}", headers=HTMX)
    assert (answer.status_code, "another" in answer.text) == (200, True)


@pytest.mark.parametrize("name", ["li", "gao"])
def test_the_queue_is_for_designers(browse, name):
    assert browse(name).get("/design/").status_code == 403
