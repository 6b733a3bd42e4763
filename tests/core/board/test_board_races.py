"""Many at once, each in a thread with a connection of its own, on a real database."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from core.audit import services as audit
from core.board import contents, moves, services
from core.board.models import Task, TaskFile
from core.contracts import Ref
from core.extensions import db
from core.messages import Refusal, Stale


@pytest.fixture
def at_once(in_app):
    """Run ``work(0)`` to ``work(count - 1)`` at the same moment: what each returned, or the refusal it met."""

    def run(count, work):
        start = Barrier(count)

        def one(number):
            with in_app.app_context():
                start.wait()
                try:
                    return work(number)
                except Refusal as refusal:
                    return refusal

        with ThreadPoolExecutor(count) as pool:
            return list(pool.map(one, range(count)))

    return run


def test_of_twenty_who_accept_at_once_one_gets_it_and_the_others_are_told_who(desk, at_once):
    task = desk.task("offered")
    names = ["mei", "hua", "tang", "mei"] * 5

    def accept(number):
        moves.move(task.id, "accept", desk.actor(names[number]), version=task.version)
        return names[number]

    answers = at_once(20, accept)
    [winner] = [answer for answer in answers if isinstance(answer, str)]
    others = [answer for answer in answers if isinstance(answer, Stale)]
    assert len(others) == 19
    sentence = f"{winner} changed STU-1 first (Accept). It is now “Accepted”; nothing of yours was done."
    assert {str(refusal) for refusal in others} == {sentence}
    task = desk.fresh(task)
    assert (task.state, task.holder_id) == ("accepted", desk.id(winner))
    assert Counter(event.verb for event in audit.events_of(Ref("core.task", task.id)))["accept"] == 1
    assert len(task.legs) == 3 and len([leg for leg in task.legs if leg.ended_at is None]) == 1


def test_without_a_version_too_only_one_accepts(desk, at_once):
    task = desk.task("offered")
    answers = at_once(8, lambda _: moves.move(task.id, "accept", desk.actor("mei")).state)
    assert Counter(map(str, answers)) == {"accepted": 1, "Accept is not possible in state “Accepted”.": 7}


def test_eight_who_move_different_cards_are_none_of_them_refused(desk, at_once):
    tasks = [desk.task("offered").id for _ in range(8)]

    def work(number):
        for _ in range(3):
            moves.move(tasks[number], "accept", desk.actor("mei"))
            moves.move(tasks[number], "start", desk.actor("mei"))
            moves.move(tasks[number], "return", desk.actor("mei"), {"reason": "other", "text": "no"})
            moves.move(tasks[number], "offer", desk.actor("li"))
        return "moved"

    assert at_once(8, work) == ["moved"] * 8
    assert audit.verify().ok
    assert {task.round for task in db.session.scalars(db.select(Task))} == {4}


def test_numbers_given_out_at_once_have_no_gap_and_no_double(desk, at_once):
    numbers = at_once(
        12,
        lambda number: services.draft_task(desk.actor("li"), "studio.poster", "operations", services.Draft("x")).number,
    )
    assert sorted(numbers, key=lambda number: int(number[4:])) == [f"STU-{number}" for number in range(1, 13)]


def test_files_put_into_one_slot_at_once_are_versions(desk, at_once):
    task = desk.task("doing")
    at_once(6, lambda number: desk.add(task, b"%d" % number).version)
    versions = db.session.scalars(db.select(TaskFile.version).where(TaskFile.task_id == task.id))
    assert sorted(versions) == [1, 2, 3, 4, 5, 6]


def test_comments_made_at_once_are_all_kept(desk, at_once):
    task = desk.task("doing")
    at_once(8, lambda number: contents.comment(task.id, f"word {number}", desk.actor("mei")).id)
    assert {each.body for each in desk.fresh(task).comments} == {f"word {number}" for number in range(8)}


def test_two_edits_of_one_version_at_once_are_not_merged_silently(desk, at_once):
    task = desk.draft()
    answers = at_once(
        6, lambda n: services.edit_task(task.id, desk.actor("li"), services.Draft(f"Title {n}"), task.version).title
    )
    [title] = [answer for answer in answers if isinstance(answer, str)]
    assert all(isinstance(answer, Stale) for answer in answers if answer != title)
    assert desk.fresh(task).title == title


def test_blockers_tied_at_once_make_no_circle(desk, at_once):
    ids = [desk.draft().id for _ in range(4)]

    def tie(number):
        draft = services.Draft("x", blockers=(ids[(number + 1) % 4],))
        services.edit_task(ids[number], desk.actor("li"), draft)
        return "tied"

    answers = at_once(4, tie)
    assert Counter(map(str, answers)) == {"tied": 3, "These tasks would wait for each other for ever.": 1}


def test_a_parent_signed_off_while_a_part_is_drafted_does_not_close_over_it(desk, at_once):
    parent = desk.task("delivered")
    desk.check(parent)

    def work(number):
        if number:
            return desk.draft(parent_id=parent.id).state
        return moves.move(parent.id, "sign_off", desk.actor("li")).state

    answers = {answer if isinstance(answer, str) else "refused" for answer in at_once(2, work)}
    assert answers in ({"done", "refused"}, {"draft", "refused"})


def test_of_two_blockers_closed_at_once_the_last_one_frees_the_waiter(desk, at_once):
    blockers = [desk.task("offered", kind="warehouse.counting") for _ in range(2)]
    task = desk.task("accepted", blockers=tuple(blocker.id for blocker in blockers))
    said = {"text": "no"}
    at_once(2, lambda number: moves.move(blockers[number].id, "cancel", desk.actor("li"), said).state)
    assert len([told for told in desk.notices("mei") if "nothing holds up" in told]) == 1
    assert desk.move(task, "start", "mei").state == "doing"
