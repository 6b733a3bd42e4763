"""What a task holds: drafts and edits, checks, files in slots as versions, and the sign-off bound to them."""

import hashlib
import random
from graphlib import CycleError, TopologicalSorter

import pytest

from core.audit import services as audit
from core.board import contents, services
from core.board.models import Task, TaskCheck
from core.contracts import Actor, Ref
from core.extensions import db
from core.messages import LIST, Refusal, Stale, msg, together
from core.stores.models import Store
from core.transactions import transaction


def sha(data):
    return hashlib.sha256(data).hexdigest()


def last_event(task):
    return audit.last_event(Ref("core.task", task.id))


def refusal_of(call, *given, **more):
    with pytest.raises(Refusal) as refusal:
        call(*given, **more)
    return refusal.value


# Drafts


@pytest.mark.parametrize(
    "draft, fields",
    [
        ({"title": "  "}, {"title": msg("Give the task a title.")}),
        ({"title": "x" * 201}, {"title": msg("At most %(count)s characters.", count=200)}),
        ({"priority": 4}, {"priority": msg("Choose one of the options.")}),
        ({"priority": -1}, {"priority": msg("Choose one of the options.")}),
        ({"kind": "studio.nothing"}, {"type": msg("Choose a kind of task.")}),
        ({"team": "warehouse"}, {"team": msg("Choose one of your teams.")}),
        ({"parent_id": 99}, {"parent": msg("The task it is to be part of is not there or already closed.")}),
    ],
)
def test_a_draft_says_what_is_wrong_with_it(desk, draft, fields):
    assert refusal_of(desk.draft, **draft).fields == fields
    assert db.session.scalar(db.select(db.func.count()).select_from(Task)) == 0


def test_a_refused_draft_uses_up_no_number(desk):
    refusal_of(desk.draft, title="")
    assert desk.draft().number == "STU-1"


def test_a_draft_may_be_as_unfinished_as_it_likes(desk):
    assert desk.draft(brief={}).state == "draft"


def test_the_checklist_is_copied_and_stays_when_the_type_changes(desk):
    task = desk.draft()
    with transaction() as session:
        session.add(TaskCheck(task_id=task.id, name="old", label="Of an older type", mandatory=True))
    task = desk.fresh(task)
    assert [check.label for check in task.checks] == [
        "Size as asked",
        "Words as asked",
        "Looks good",
        "Of an older type",
    ]


def test_an_edit_is_logged_with_what_was_before(desk, clock):
    task = desk.draft()
    draft = services.Draft("Summer poster", {"size": [800, 800]}, priority=2, due_at=clock.at)
    services.edit_task(task.id, desk.actor("wang"), draft, version=task.version)
    task = desk.fresh(task)
    assert (task.title, task.brief, task.priority, task.due_at) == ("Summer poster", {"size": [800, 800]}, 2, clock.at)
    assert (last_event(task).verb, last_event(task).actor_name) == ("edit", "wang")
    assert last_event(task).data == {
        "title": ["Spring poster", "Summer poster"],
        "brief": [{"size": [790, 1200]}, {"size": [800, 800]}],
        "priority": [1, 2],
        "due_at": [None, "2026-03-02T09:00:00+08:00"],
    }


def test_the_second_of_two_edits_is_refused_and_overwrites_nothing(desk):
    task = desk.draft()
    seen = task.version
    services.edit_task(task.id, desk.actor("wang"), services.Draft("First"), seen)
    with pytest.raises(Stale, match="Your text is kept below; load it again to compare"):
        services.edit_task(task.id, desk.actor("li"), services.Draft("Second"), seen)
    assert desk.fresh(task).title == "First"


@pytest.mark.parametrize("state", ["offered", "accepted", "doing", "waiting", "delivered", "done", "cancelled"])
def test_a_brief_is_not_changed_behind_the_other_teams_back(desk, state):
    task = desk.task(state)
    refusal = refusal_of(services.edit_task, task.id, desk.actor("li"), services.Draft("Other"))
    assert refusal.reasons == (msg("It is in the other team's hands: withdraw it first, or ask for it in a comment."),)


def test_only_the_requesting_team_edits(desk):
    for name in ("mei", "tang", "gao", "root"):
        refusal = refusal_of(services.edit_task, desk.task("returned").id, desk.actor(name), services.Draft("Other"))
        assert refusal.reasons == (msg("Only the requesting team changes the brief."),)


def test_a_record_is_linked_once_and_one_that_is_not_there_not_at_all(desk):
    with transaction() as session:
        session.add(Store(name="Flagship"))
    store = db.session.scalar(db.select(Store))
    refs = (Ref("core.store", store.id), Ref("core.store", store.id), Ref("core.store", 99), Ref("gone.record", 1))
    task = desk.draft(records=refs)
    services.edit_task(task.id, desk.actor("li"), services.Draft("Again", records=refs))
    assert [(link.kind, link.record_id, link.title) for link in desk.fresh(task).links] == [
        ("core.store", store.id, "Flagship")
    ]


# Parents and blockers


def test_a_parent_does_not_close_over_open_parts(desk):
    parent = desk.task("delivered")
    desk.check(parent)
    child = desk.draft(kind="warehouse.counting", parent_id=parent.id)
    assert refusal_of(desk.move, parent, "sign_off", "li").reasons == (
        msg("Its parts are still open: %(tasks)s.", tasks="WHS-1"),
    )
    desk.move(child, "cancel", "li", text="not needed")
    assert desk.move(parent, "sign_off", "li").state == "done"


def test_a_closed_parent_gets_no_new_parts(desk):
    parent = desk.task("cancelled")
    refusal = refusal_of(desk.draft, parent_id=parent.id)
    assert refusal.fields == {"parent": msg("The task it is to be part of is not there or already closed.")}


def test_a_part_of_a_closed_parent_is_not_opened_again(desk):
    parent = desk.task("delivered")
    desk.check(parent)
    child = desk.task("done", parent_id=parent.id)
    desk.move(parent, "sign_off", "li")
    assert refusal_of(desk.add, child, b"two").reasons == (
        msg("%(number)s, which this is a part of, is closed; draft a new task.", number="STU-1"),
    )


def test_a_task_is_not_part_of_itself(desk):
    first = desk.draft()
    second = desk.draft(parent_id=first.id)
    third = desk.draft(parent_id=second.id)
    for parent in (first, third):
        draft = services.Draft("Round", parent_id=parent.id)
        refusal = refusal_of(services.edit_task, first.id, desk.actor("li"), draft)
        assert refusal.fields == {"parent": msg("A task cannot be part of itself.")}


def test_a_part_stays_editable_when_its_parent_has_closed(desk):
    parent = desk.draft()
    child = desk.draft(parent_id=parent.id)
    with transaction() as session:
        session.get(Task, parent.id).state = "cancelled"
    services.edit_task(child.id, desk.actor("li"), services.Draft("Still", parent_id=parent.id))
    assert desk.fresh(child).title == "Still"


def test_a_blocker_of_another_team_holds_up_the_start_until_it_is_closed(desk):
    first, second = desk.task("offered", kind="warehouse.counting"), desk.task("doing", kind="warehouse.counting")
    task = desk.task("accepted", blockers=(first.id, second.id))
    assert refusal_of(desk.move, task, "start", "mei").reasons == (
        msg("It has to wait for %(tasks)s, which are not closed yet.", tasks=together(["WHS-1", "WHS-2"], LIST)),
    )
    desk.move(first, "withdraw", "li")
    desk.move(first, "cancel", "li", text="no")
    freed = "WHS-2 is closed: nothing holds up STU-1 Spring poster any more."
    assert freed not in desk.notices("mei")
    desk.move(second, "deliver", "gao")
    desk.move(second, "sign_off", "li")
    assert desk.notices("mei")[-1] == desk.notices("li")[-1] == freed
    assert not any("WHS-1 is closed" in told for told in desk.notices("mei"))  # only the last one frees it
    assert desk.move(task, "start", "mei").state == "doing"


def test_closing_a_blocker_is_seen_on_the_waiters_board_and_outdates_nobodys_move(desk):
    blocker = desk.draft(kind="warehouse.counting")
    task = desk.task("offered", blockers=(blocker.id,))
    before = desk.fresh(task)
    changed, version = before.changed, before.version
    desk.move(blocker, "cancel", "li", text="no")
    after = desk.fresh(task)
    assert (after.changed > changed, after.version) == (True, version)
    assert (last_event(task).verb, last_event(task).data) == ("unblocked", {"by": "WHS-1"})


def test_blockers_in_a_circle_are_refused(desk):
    first = desk.draft()
    second = desk.draft(blockers=(first.id,))
    third = desk.draft(blockers=(second.id,))
    for blocker in (first, second, third):
        draft = services.Draft("Round", blockers=(blocker.id,))
        refusal = refusal_of(services.edit_task, first.id, desk.actor("li"), draft)
        assert refusal.fields == {"blockers": msg("These tasks would wait for each other for ever.")}
    services.edit_task(third.id, desk.actor("li"), services.Draft("Free"))
    assert services.edit_task(first.id, desk.actor("li"), services.Draft("Last", blockers=(third.id,)))
    assert last_event(first).data["blockers"] == [[], ["STU-3"]]


def test_blockers_tied_one_by_one_never_make_a_circle_and_only_circles_are_refused(desk):
    chance, graph, seen = random.Random(7), {desk.draft().id: set() for _ in range(6)}, set()
    for _ in range(40):
        task, blocker = chance.choices(list(graph), k=2)
        if blocker in graph[task]:
            continue
        tied = {**graph, task: {*graph[task], blocker}}
        try:
            with transaction() as session:
                services.block(session.get(Task, task), blocker)
            graph = tied
        except Refusal as refusal:
            assert refusal.fields == {"blockers": msg("These tasks would wait for each other for ever.")}
        seen.add((graph is tied, has_circle(tied)))
    assert seen == {(True, False), (False, True)}


def has_circle(graph):
    try:
        TopologicalSorter(graph).prepare()
    except CycleError:
        return True
    return False


# Checks


def test_the_requesting_team_checks_what_was_delivered(desk):
    task = desk.task("delivered")
    desk.check(task, size="pass", words="na", taste="fail")
    task = desk.fresh(task)
    assert [(check.result, check.note, check.by.login) for check in task.checks] == [
        ("pass", "", "li"),
        ("na", "", "li"),
        ("fail", "wrong", "li"),
    ]
    assert last_event(task).data == {"check": "taste", "before": None, "after": "fail", "note": "wrong"}
    assert refusal_of(desk.move, task, "sign_off", "li").reasons[0].params["checks"] == msg("Words as asked")
    desk.check(task, words="pass")
    assert desk.move(task, "sign_off", "li").state == "done"  # an optional check may fail


@pytest.mark.parametrize("who", ["mei", "tang", "gao", "root"])
def test_nobody_checks_for_the_requesting_team(desk, who):
    task = desk.task("delivered")
    refusal = refusal_of(contents.set_check, task.id, "size", "pass", "", desk.actor(who))
    assert refusal.reasons == (msg("The requesting team checks a task when it has been delivered."),)


def test_a_check_is_not_made_before_delivery(desk):
    refusal = refusal_of(contents.set_check, desk.task("doing").id, "size", "pass", "", desk.actor("li"))
    assert refusal.reasons == (msg("The requesting team checks a task when it has been delivered."),)


def test_a_failed_check_says_what_is_wrong(desk):
    refusal = refusal_of(contents.set_check, desk.task("delivered").id, "size", "fail", " ", desk.actor("li"))
    assert refusal.fields == {"note_size": msg("Say what is wrong.")}


@pytest.mark.parametrize("name, result", [("nothing", "pass"), ("size", "maybe")])
def test_a_check_that_is_none_is_refused(desk, name, result):
    refusal = refusal_of(contents.set_check, desk.task("delivered").id, name, result, "", desk.actor("li"))
    assert refusal.reasons == (msg("There is no such check."),)


# Files


def test_a_slot_keeps_every_version(desk):
    task = desk.task("doing")
    for data in (b"one", b"two", b"two"):
        desk.add(task, data)
    assert [(file.slot, file.version, file.sha256) for file in desk.fresh(task).files] == [
        ("poster", 1, sha(b"one")),
        ("poster", 2, sha(b"two")),
        ("poster", 3, sha(b"two")),
    ]
    assert last_event(task).data == {"slot": "poster", "version": 3, "sha256": sha(b"two"), "name": "poster.png"}


def test_a_sign_off_is_bound_to_the_newest_version_of_each_slot(desk):
    task = desk.task("doing")
    desk.add(task, b"one")
    desk.add(task, b"source", slot="source")
    desk.add(task, b"two")
    desk.add(task, b"reference", slot="brief", who="li")
    desk.move(task, "deliver", "mei")
    desk.check(task)
    desk.move(task, "sign_off", "li")
    [approval] = desk.fresh(task).approvals
    assert approval.files == [
        {"slot": "poster", "version": 2, "sha256": sha(b"two")},
        {"slot": "source", "version": 1, "sha256": sha(b"source")},
    ]


def test_a_new_version_voids_the_sign_off_and_brings_the_task_back_to_be_checked(desk, studio, clock):
    task = desk.task("done")
    clock.forward(hours=1)
    desk.add(task, b"two")
    task = desk.fresh(task)
    assert (task.state, task.closed_at, task.approvals[0].voided_at) == ("delivered", None, clock.at)
    assert [check.result for check in task.checks] == [None, None, None]
    assert (task.legs[-1].state, task.legs[-1].started_at) == ("delivered", clock.at)
    assert {k: last_event(task).data[k] for k in ("from", "to")} == {"from": "done", "to": "delivered"}
    assert studio.news[-1] == ("STU-1", "add_file", "done", "delivered", "mei")
    assert desk.notices("li")[-1] == "A newer file voids the sign-off of STU-1; check it again."
    desk.check(task)
    desk.move(task, "sign_off", "li")
    assert [approval.voided_at is None for approval in desk.fresh(task).approvals] == [False, True]


def test_a_new_version_while_it_is_checked_asks_for_the_checks_again(desk):
    task = desk.task("delivered")
    desk.check(task)
    seen = desk.fresh(task).version
    desk.add(task, b"two")
    with pytest.raises(Stale):
        desk.move(task, "sign_off", "li", version=seen)
    assert "These checks have not passed" in str(refusal_of(desk.move, task, "sign_off", "li"))


@pytest.mark.parametrize("state", ["delivered", "done"])
def test_a_new_version_asks_for_co_signatures_again(desk, state):
    task = desk.task("delivered")
    desk.move(task, "ask_cosign", "li", users=[desk.id("gao"), desk.id("wang")], everyone=True)
    desk.move(task, "cosign", "gao", agreed=True, text="fine")
    if state == "done":
        desk.move(task, "cosign", "wang", agreed=True, text="")
        desk.check(task)
        desk.move(task, "sign_off", "li")
    desk.add(task, b"two")
    assert [(sign.agreed, sign.at, sign.note) for sign in desk.fresh(task).cosigns] == [(None, None, "")] * 2
    assert desk.notices("gao")[-1] == "A newer file voids what you co-signed of STU-1; look at it again."
    desk.check(task)
    desk.move(task, "cosign", "gao", agreed=True, text="")
    assert "Co-signatures are still missing" in str(refusal_of(desk.move, task, "sign_off", "li"))
    desk.move(task, "cosign", "wang", agreed=True, text="")
    assert desk.move(task, "sign_off", "li").state == "done"


def test_what_was_done_again_holds_up_again_what_waits_for_it(desk):
    blocker = desk.task("done")
    task = desk.task("offered", blockers=(blocker.id,))
    desk.add(blocker, b"two")
    assert last_event(task).verb == "blocked"
    desk.move(task, "accept", "mei")
    assert "It has to wait for STU-1" in str(refusal_of(desk.move, task, "start", "mei"))


@pytest.mark.parametrize(
    "state, slot, who, reason",
    [
        ("offered", "poster", "mei", msg("Only the holder puts in deliverables; accept the task first.")),
        ("doing", "poster", "hua", msg("Only the holder puts in deliverables; accept the task first.")),
        ("doing", "poster", "li", msg("Only the holder puts in deliverables; accept the task first.")),
        ("offered", "poster", "tang", msg("Deliverables can be added once the task is accepted.")),
        ("doing", "brief", "mei", msg("Only the requesting team adds to the brief, while the task is open.")),
        ("done", "brief", "li", msg("Only the requesting team adds to the brief, while the task is open.")),
    ],
)
def test_each_side_puts_files_in_its_own_places(desk, state, slot, who, reason):
    assert refusal_of(desk.add, desk.task(state), b"x", slot, who).reasons == (reason,)


def test_a_place_takes_what_its_type_says(desk):
    task = desk.draft()
    assert contents.slot_of(task, "poster").accept == ("image",)
    assert contents.slot_of(task, "source").accept == ("zip",)
    assert contents.slot_of(task, "brief").accept == ("image", "pdf", "sheet", "zip")
    assert refusal_of(contents.slot_of, task, "other").reasons == (msg("There is no such place for a file."),)


# A plugin that is switched off


@pytest.fixture
def switched_off(desk, switch_off):
    """A delivered task whose plugin is switched off afterwards."""
    task = desk.task("delivered")
    switch_off()
    return task


OFF = msg("The plugin of this kind of task is switched off; it can be read, not moved.")


def test_a_task_of_a_plugin_that_is_switched_off_is_not_moved(desk, switched_off):
    assert refusal_of(desk.move, switched_off, "rework", "li", reason="other", text="no").reasons == (OFF,)


def test_nor_are_its_files_and_checks_changed(desk, switched_off):
    assert refusal_of(desk.add, switched_off, b"two").reasons == (OFF,)
    assert refusal_of(contents.set_check, switched_off.id, "size", "pass", "", desk.actor("li")).reasons == (OFF,)


def test_nor_is_its_brief_lost_in_an_edit(desk, switch_off):
    task = desk.draft()
    switch_off()
    assert refusal_of(services.edit_task, task.id, desk.actor("li"), services.Draft("Other")).reasons == (OFF,)
    assert desk.fresh(task).brief == {"size": [790, 1200]}


def test_it_can_still_be_spoken_of(desk, switched_off):
    contents.comment(switched_off.id, "what now?", desk.actor("li"))
    assert [each.body for each in desk.fresh(switched_off).comments] == ["what now?"]


def test_another_source_may_draft_for_a_team(desk):
    job = Actor(desk.id("li"), "reorder", source="job")
    draft = services.Draft("Count the stock")
    assert services.draft_task(job, "warehouse.counting", "operations", draft).requester_team == "operations"
