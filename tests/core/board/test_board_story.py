"""One handoff from draft to sign-off, on a real database."""

import hashlib

import pytest

from core.accounts.models import User
from core.audit import services as audit
from core.audit.rules import canonical
from core.board import clocks, contents
from core.contracts import Ref
from core.messages import Refusal, msg
from core.transactions import transaction

OFFICE = [("operations", "draft"), ("studio", "offered"), ("studio", "accepted"), ("studio", "doing")]


def legs(task):
    """Team, state, working minutes and breach of each leg."""
    return [(leg.team, leg.state, clocks.spent(leg) // 60, leg.breached) for leg in task.legs]


def test_one_handoff_from_draft_to_sign_off(desk, clock, studio):
    task = desk.draft()
    assert (task.number, task.state, task.version) == ("STU-1", "draft", 2)
    assert (task.requester_team, task.responsible_team, task.requester_id) == ("operations", "studio", desk.id("li"))
    assert [(check.name, check.mandatory, check.result) for check in task.checks] == [
        ("size", True, None), ("words", True, None), ("taste", False, None),
    ]  # fmt: skip

    clock.set("2026-03-02 10:00")
    desk.move(task, "offer", "li")
    clock.set("2026-03-02 10:30")
    desk.move(task, "accept", "mei")
    clock.set("2026-03-02 11:00")
    desk.move(task, "start", "mei")
    desk.add(task)
    clock.set("2026-03-02 14:00")
    desk.move(task, "deliver", "mei")
    clock.set("2026-03-02 17:00")
    desk.check(task)
    desk.move(task, "sign_off", "wang")

    task = desk.fresh(task)
    assert (task.state, task.holder_id, task.round) == ("done", desk.id("mei"), 1)
    assert task.closed_at == clock.at
    assert legs(task) == [
        ("operations", "draft", 60, False),
        ("studio", "offered", 30, False),
        ("studio", "accepted", 30, False),
        ("studio", "doing", 120, False),  # without the lunch break
        ("operations", "delivered", 180, True),  # two hours were the target
    ]
    assert [leg.user_id for leg in task.legs] == [None, None, desk.id("mei"), desk.id("mei"), None]
    [approval] = task.approvals
    assert (approval.by_id, approval.voided_at) == (desk.id("wang"), None)
    assert approval.files == [{"slot": "poster", "version": 1, "sha256": hashlib.sha256(b"one").hexdigest()}]
    events = reversed(audit.events_of(Ref("core.task", task.id)))
    assert [(event.verb, event.actor_name) for event in events] == [
        ("draft", "li"),
        ("offer", "li"),
        ("accept", "mei"),
        ("start", "mei"),
        ("add_file", "mei"),
        ("deliver", "mei"),
        ("check", "li"),
        ("check", "li"),
        ("sign_off", "wang"),
    ]
    assert audit.verify().ok
    assert studio.created == ["STU-1"]
    assert studio.news == [
        ("STU-1", "offer", "draft", "offered", "li"),
        ("STU-1", "accept", "offered", "accepted", "mei"),
        ("STU-1", "start", "accepted", "doing", "mei"),
        ("STU-1", "deliver", "doing", "delivered", "mei"),
        ("STU-1", "sign_off", "delivered", "done", "wang"),
    ]
    assert desk.notices("li") == [
        "mei accepted STU-1 Spring poster.",
        "mei delivered STU-1 Spring poster.",
        "wang signed off STU-1 Spring poster.",
    ]
    assert desk.notices("hua") == ["li handed over STU-1 Spring poster."]
    assert desk.notices("mei") == ["li handed over STU-1 Spring poster.", "wang signed off STU-1 Spring poster."]


def test_tasks_are_numbered_by_the_team_that_does_them(desk):
    drafts = [desk.draft(), desk.draft(kind="warehouse.counting"), desk.draft(), desk.draft(kind="core.general")]
    assert [task.number for task in drafts] == ["STU-1", "WHS-1", "STU-2", "OPS-1"]


def test_an_offer_names_every_missing_field(desk):
    task = desk.draft(brief={})
    with pytest.raises(Refusal) as refusal:
        desk.move(task, "offer", "li")
    assert {name: str(text) for name, text in refusal.value.fields.items()} == {
        "size": "“Size” must be filled in before the task is handed over."
    }
    assert desk.fresh(task).state == "draft"


def test_a_refused_move_leaves_no_trace(desk):
    task = desk.task("doing")
    before = (task.version, len(audit.events_of(Ref("core.task", task.id))), len(desk.notices("li")))
    with pytest.raises(Refusal, match="A file is still missing: Poster"):
        desk.move(task, "deliver", "mei")
    task = desk.fresh(task)
    assert task.state == "doing"
    assert (task.version, len(audit.events_of(Ref("core.task", task.id))), len(desk.notices("li"))) == before


def test_each_round_is_kept_with_its_reason(desk, clock):
    task = desk.task("offered")
    desk.move(task, "return", "hua", reason="missing_info", text="which size?")
    assert (task.state, task.round, task.holder_id) == ("returned", 2, None)
    desk.move(task, "offer", "li")
    desk.move(task, "accept", "mei")
    desk.move(task, "start", "mei")
    desk.add(task)
    desk.move(task, "deliver", "mei")
    desk.check(task, size="pass", words="fail", taste="na")
    desk.move(task, "rework", "li", reason="check_failed", text="a forbidden word")

    task = desk.fresh(task)
    assert (task.state, task.round, task.holder_id) == ("doing", 3, desk.id("mei"))
    kept = [(each.round, each.verb, each.reason, each.text, each.failed_checks, each.by.login) for each in task.rounds]
    assert kept == [
        (1, "return", "missing_info", "which size?", [], "hua"),
        (2, "rework", "check_failed", "a forbidden word", ["words"], "li"),
    ]
    assert [check.result for check in task.checks] == [None, None, None]  # the next delivery is checked anew
    assert [leg.round for leg in task.legs] == [1, 1, 2, 2, 2, 2, 2, 3]
    assert desk.notices("li")[-2:] == ["mei accepted STU-1 Spring poster.", "mei delivered STU-1 Spring poster."]
    assert "hua sent back STU-1: which size?" in desk.notices("li")
    assert desk.notices("mei")[-1] == "li asks for rework on STU-1: a forbidden word"


def test_an_offer_is_withdrawn_at_will_and_an_accepted_task_only_with_consent(desk):
    task = desk.task("offered")
    assert desk.move(task, "withdraw", "li").state == "draft"
    desk.move(task, "offer", "li")
    desk.move(task, "accept", "mei")
    with pytest.raises(Refusal, match="Withdraw is not possible in state “Accepted”"):
        desk.move(task, "withdraw", "li")

    desk.move(task, "ask_withdraw", "li", text="the campaign is off")
    desk.move(task, "refuse_withdraw", "mei", text="nearly done")
    assert (task.state, task.withdraw_asked) == ("accepted", False)
    desk.move(task, "ask_withdraw", "li", text="please")
    desk.move(task, "agree_withdraw", "mei")

    task = desk.fresh(task)
    assert (task.state, task.withdraw_asked, task.holder_id) == ("draft", False, None)
    assert desk.notices("mei")[-1] == "li asks to withdraw STU-1: please"
    assert desk.notices("li")[-2:] == ["mei will not give back STU-1: nearly done", "mei agreed to withdraw STU-1."]


def test_a_task_is_reassigned_within_its_team_only(desk, clock):
    task = desk.task("doing")
    clock.forward(hours=1)
    desk.move(task, "reassign", "tang", user=desk.id("hua"))
    assert (task.holder_id, task.holder.login) == (desk.id("hua"), "hua")
    assert [leg.user_id for leg in task.legs[-2:]] == [desk.id("mei"), desk.id("hua")]
    assert [leg.working_seconds for leg in task.legs[-2:]] == [3600, None]
    assert desk.notices("hua")[-1] == "tang gave STU-1 Spring poster to you."
    with pytest.raises(Refusal) as refusal:
        desk.move(task, "reassign", "hua", user=desk.id("li"))
    assert refusal.value.fields == {"user": msg("Choose somebody of the responsible team.")}


def test_who_holds_it_is_known_at_once_after_every_move(desk):
    task = desk.task("offered")
    assert task.holder is None
    assert desk.move(task, "accept", "mei").holder.login == "mei"
    assert desk.move(task, "return", "mei", reason="other", text="no").holder is None


def test_an_urge_reaches_the_holder_and_not_twice_within_two_hours(desk, clock):
    task = desk.task("offered")
    desk.move(task, "urge", "li")
    assert "li urges STU-1 Spring poster." in desk.notices("tang")  # nobody holds it yet
    desk.move(task, "accept", "mei")
    with pytest.raises(Refusal, match="It was urged less than two hours ago"):
        desk.move(task, "urge", "wang")
    clock.forward(hours=2)
    desk.move(task, "urge", "wang")
    assert (task.urges, task.urged_at) == (2, clock.at)
    assert desk.notices("mei")[-1] == "wang urges STU-1 Spring poster."
    assert "wang urges STU-1 Spring poster." not in desk.notices("tang")


def test_who_is_copied_in_is_told_and_follows(desk):
    task = desk.task("doing")
    desk.move(task, "cc", "mei", users=[desk.id("gao")])
    desk.move(task, "wait", "mei", waiting_for="operations", text="no photos yet")
    assert desk.notices("gao") == [
        "mei copied you in on STU-1 Spring poster.",
        "mei put STU-1 on hold: no photos yet",
    ]


def test_cancelling_tells_both_sides(desk):
    task = desk.task("doing")
    with pytest.raises(Refusal, match="it is for the requesting team's lead"):
        desk.move(task, "cancel_late", "li", text="off")
    desk.move(task, "cancel_late", "root", text="the campaign is off")
    assert (task.state, task.closed_at is None, task.legs[-1].ended_at is None) == ("cancelled", False, False)
    assert desk.notices("mei")[-1] == desk.notices("li")[-1] == "root cancelled STU-1: the campaign is off"


def test_what_a_task_waited_for_does_not_outlive_the_wait(desk):
    task = desk.task("waiting")
    assert task.waiting == {"team": "operations", "why": "photos", "until": None}
    desk.move(task, "cancel_late", "wang", text="the campaign is off")
    assert desk.fresh(task).waiting is None


def test_a_wish_to_withdraw_is_over_once_the_work_is_delivered(desk):
    task = desk.task("doing")
    desk.move(task, "ask_withdraw", "li", text="no longer needed")
    desk.add(task)
    desk.move(task, "deliver", "mei")
    assert not desk.fresh(task).withdraw_asked
    desk.move(task, "rework", "li", reason="other", text="darker")
    assert not desk.fresh(task).withdraw_asked


def test_a_move_nobody_heard_of_is_refused(desk):
    task = desk.draft()
    with pytest.raises(Refusal, match="There is no such action"):
        desk.move(task, "teleport", "li")


def test_co_signers_all_agree_or_sign_off_waits(desk):
    task = desk.task("delivered")
    desk.check(task)
    desk.move(task, "ask_cosign", "li", users=[desk.id("gao"), desk.id("wang")], everyone=True)
    desk.move(task, "cosign", "gao", agreed=True)
    with pytest.raises(Refusal, match="Co-signatures are still missing"):
        desk.move(task, "sign_off", "li")
    desk.move(task, "cosign", "wang", agreed=True, text="fine")
    assert desk.move(task, "sign_off", "li").state == "done"


def test_one_of_several_co_signers_is_enough_when_asked_so(desk):
    task = desk.task("delivered")
    desk.check(task)
    desk.move(task, "ask_cosign", "li", users=[desk.id("gao"), desk.id("wang")], everyone=False)
    desk.move(task, "cosign", "gao", agreed=True)
    assert desk.move(task, "sign_off", "li").state == "done"


def test_a_co_signer_who_has_left_is_not_waited_for(desk):
    task = desk.task("delivered")
    desk.check(task)
    desk.move(task, "ask_cosign", "li", users=[desk.id("gao"), desk.id("wang")], everyone=True)
    desk.move(task, "cosign", "gao", agreed=True)
    with transaction() as session:
        session.get(User, desk.id("wang")).active = False
    assert desk.move(task, "sign_off", "li").state == "done"


@pytest.mark.parametrize("everyone", [True, False])
def test_one_no_of_a_co_signer_stops_until_rework(desk, everyone):
    task = desk.task("delivered")
    desk.check(task)
    desk.move(task, "ask_cosign", "li", users=[desk.id("gao"), desk.id("wang")], everyone=everyone)
    desk.move(task, "cosign", "wang", agreed=True)
    desk.move(task, "cosign", "gao", agreed=False, text="wrong logo")
    with pytest.raises(Refusal, match="A co-signer refused; send it back for rework"):
        desk.move(task, "sign_off", "li")
    with pytest.raises(Refusal, match="it is for the person asked to co-sign"):
        desk.move(task, "cosign", "gao", agreed=True)  # the answer is given

    desk.move(task, "rework", "li", reason="brief_not_met", text="logo")
    desk.move(task, "deliver", "mei")
    desk.check(task)
    with pytest.raises(Refusal, match="Co-signatures are still missing"):
        desk.move(task, "sign_off", "li")  # a new round asks them anew
    for name in ("gao", "wang") if everyone else ("gao",):
        desk.move(task, "cosign", name, agreed=True)
    assert desk.move(task, "sign_off", "li").state == "done"


def test_a_comment_tells_whom_it_mentions_and_lets_them_read(desk):
    task = desk.task("doing")
    contents.comment(task.id, "@gao请看一下, and @Root. Not a@b or @nobody", desk.actor("mei"))
    assert desk.notices("gao") == ["mei mentions you on STU-1 Spring poster."]
    assert desk.notices("root") == ["mei mentions you on STU-1 Spring poster."]
    assert desk.notices("li")[-1] == "mei commented on STU-1 Spring poster."
    assert [each.body for each in desk.fresh(task).comments] == ["@gao请看一下, and @Root. Not a@b or @nobody"]


def test_a_comment_does_not_make_anybodys_move_stale(desk):
    task = desk.task("offered")
    seen = task.version
    contents.comment(task.id, "please", desk.actor("li"))
    assert desk.move(task, "accept", "mei", version=seen).state == "accepted"


def test_following_is_ones_own_choice(desk):
    task = desk.task("doing")
    contents.set_watching(task.id, desk.actor("hua"), True)
    contents.set_watching(task.id, desk.actor("hua"), True)
    contents.comment(task.id, "one", desk.actor("mei"))
    contents.set_watching(task.id, desk.actor("hua"), False)
    contents.comment(task.id, "two", desk.actor("mei"))
    assert desk.notices("hua").count("mei commented on STU-1 Spring poster.") == 1


@pytest.mark.parametrize(
    "body, problem",
    [("  ", msg("Write something first.")), ("x" * 5001, msg("At most %(count)s characters.", count=5000))],
)
def test_a_comment_says_something_and_not_too_much(desk, body, problem):
    task = desk.task("doing")
    with pytest.raises(Refusal) as refusal:
        contents.comment(task.id, body, desk.actor("mei"))
    assert refusal.value.fields == {"body": problem}


def test_a_plugins_objection_refuses_the_move(desk, studio):
    task = desk.task("offered")
    studio.objections = [msg("Studio is full."), msg("Ask %(who)s.", who="tang")]
    with pytest.raises(Refusal) as refusal:
        desk.move(task, "accept", "mei")
    assert [str(reason) for reason in refusal.value.reasons] == ["Studio is full.", "Ask tang."]
    assert desk.fresh(task).state == "offered"


def test_a_plugin_that_fails_to_object_refuses_too(desk, studio, caplog):
    task = desk.task("offered")
    studio.objections = 5
    with pytest.raises(Refusal, match="The plugin studio failed, so nothing was changed"):
        desk.move(task, "accept", "mei")
    assert "plugin studio failed in move_objections" in caplog.text


def test_every_event_says_from_where_to_where(desk):
    task = desk.task("done")
    moved = [event for event in reversed(audit.events_of(Ref("core.task", task.id))) if "to" in event.data]
    assert [(event.data.get("from"), event.data["to"]) for event in moved] == [
        (None, "draft"), ("draft", "offered"), ("offered", "accepted"), ("accepted", "doing"), ("doing", "delivered"),
        ("delivered", "done"),
    ]  # fmt: skip
    assert all(canonical(event.data) for event in moved)
