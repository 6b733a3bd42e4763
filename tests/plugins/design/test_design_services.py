"""Rush requests, capacities, banned words, and what design objects to."""

from datetime import date, timedelta
from zipfile import ZipFile

import pytest
from sqlalchemy import select

from core import localtime
from core.audit import services as audit
from core.board import services as board
from core.contracts import Ref
from core.extensions import db
from core.messages import Refusal
from plugins.design import queue, rules, services
from plugins.design.models import BannedWord, Capacity, RushDecision

RUSH = 3


def refusal(work, *given, **more):
    with pytest.raises(Refusal) as refused:
        work(*given, **more)
    return [str(reason) for reason in refused.value.reasons]


def test_a_request_weighs_what_its_brief_says(studio):
    assert studio.draft().points == 3
    assert studio.draft(page_type="detail", other_sizes=["790×1200"]).points == 9


def test_a_number_begins_with_the_teams_prefix(studio):
    assert studio.draft().number == "DES-1"


def test_a_member_may_not_accept_a_rush_request_before_the_leads_word(studio):
    task = studio.offered(priority=RUSH)

    assert refusal(studio.move, task, "accept", "mei") == [
        "A rush request needs the design lead's approval before it is accepted."
    ]
    assert studio.fresh(task).state == "offered"


def test_the_leads_are_told_of_a_rush_request(studio):
    studio.offered(priority=RUSH)
    studio.offered()

    told = [text for text in studio.notices("tang") if "rush" in text]
    assert told == ["DES-1 双十一主图 is a rush request and needs your approval."]
    assert not [text for text in studio.notices("mei") if "rush" in text]


def test_an_approved_rush_request_may_be_accepted(studio):
    task = studio.offered(priority=RUSH)

    services.decide_rush(task.id, studio.actor("tang"), True, "大促主会场")
    studio.move(task, "accept", "mei")

    task = studio.fresh(task)
    assert (task.state, task.priority, task.holder_id) == ("accepted", RUSH, studio.id("mei"))
    decision = services.rush_decision(task)
    assert (decision.approved, decision.by_id, decision.reason) == (True, studio.id("tang"), "大促主会场")
    assert studio.notices("li")[-2:] == [
        "tang approved the rush of DES-1 双十一主图.",
        "mei accepted DES-1 双十一主图.",
    ]


def test_the_lead_accepting_a_rush_request_approves_it(studio):
    task = studio.offered(priority=RUSH)

    assert studio.move(task, "accept", "tang").state == "accepted"


def test_a_declined_rush_request_is_queued_as_a_normal_one(studio):
    task = studio.offered(priority=RUSH)

    services.decide_rush(task.id, studio.actor("tang"), False, "排期已满")

    task = studio.fresh(task)
    assert (task.state, task.priority) == ("offered", 1)
    assert studio.notices("li")[-1] == "tang will not rush DES-1; it is queued as a normal request: 排期已满"
    assert studio.move(task, "accept", "mei").state == "accepted"


def test_declining_needs_a_reason(studio):
    task = studio.offered(priority=RUSH)

    with pytest.raises(Refusal) as refused:
        services.decide_rush(task.id, studio.actor("tang"), False, " ")

    assert str(refused.value.fields["reason"]) == "Say why in a few words."


def test_a_rush_is_decided_once(studio):
    task = studio.offered(priority=RUSH)
    services.decide_rush(task.id, studio.actor("tang"), True, "")

    assert refusal(services.decide_rush, task.id, studio.actor("tang"), False, "doch nicht") == [
        "DES-1 does not wait for a decision on its rush any more."
    ]


def test_a_request_without_rush_needs_no_decision(studio):
    task = studio.offered()

    assert refusal(services.decide_rush, task.id, studio.actor("tang"), True, "") == [
        "DES-1 does not wait for a decision on its rush any more."
    ]


@pytest.mark.parametrize(
    ("verb", "who", "said"),
    [("withdraw", "li", {}), ("return", "mei", {"reason": "missing_info", "text": "尺寸？"})],
)
def test_a_rush_request_handed_over_again_is_decided_again(studio, verb, who, said):
    task = studio.offered(priority=RUSH)
    services.decide_rush(task.id, studio.actor("tang"), True, "")
    studio.move(task, verb, who, **said)
    assert services.rush_decision(studio.fresh(task)) is None

    studio.move(task, "offer", "li")

    assert services.rush_decision(studio.fresh(task)) is None
    assert refusal(studio.move, task, "accept", "mei") == [
        "A rush request needs the design lead's approval before it is accepted."
    ]
    assert len(db.session.scalars(select(RushDecision)).all()) == 1


def test_a_decision_on_a_rush_stands_in_the_log_and_makes_other_pages_stale(studio):
    task = studio.offered(priority=RUSH)
    seen = task.version

    services.decide_rush(task.id, studio.actor("tang"), True, "大促主会场")

    event = audit.last_event(Ref("core.task", task.id))
    assert (event.verb, event.actor_name, event.data) == ("approved the rush", "tang", {"text": "大促主会场"})
    assert studio.fresh(task).version == seen + 1


def test_a_designer_over_capacity_is_refused(studio):
    services.set_capacity(studio.actor("tang"), studio.id("mei"), 4)
    studio.doing(who="mei")
    task = studio.offered()

    assert refusal(studio.move, task, "accept", "mei") == [
        "You hold 3 of 4 points and this request weighs 3. Deliver something first, or ask your lead to raise your "
        "capacity."
    ]
    assert studio.move(task, "accept", "hua").state == "accepted"


def test_the_lead_may_go_beyond_the_capacity(studio):
    services.set_capacity(studio.actor("tang"), studio.id("tang"), 4)
    studio.doing(who="tang")

    assert studio.move(studio.offered(), "accept", "tang").state == "accepted"


def test_what_was_delivered_or_put_on_hold_leaves_the_hands_free(studio, picture):
    delivered, held = studio.doing(), studio.doing()
    studio.add(delivered, "final", picture())
    studio.move(delivered, "deliver", "mei")
    assert queue.held([studio.id("mei")]) == {studio.id("mei"): 3}

    studio.move(held, "wait", "mei", waiting_for="operations", text="等样品")

    assert queue.held([studio.id("mei")]) == {}


def test_nobodys_capacity_was_set_until_the_lead_does(studio):
    load = queue.load_of(studio.actor("mei"))
    assert (load.held, load.capacity) == (0, rules.CAPACITY)

    services.set_capacity(studio.actor("tang"), studio.id("mei"), 24)
    services.set_capacity(studio.actor("tang"), studio.id("mei"), 20)

    assert queue.load_of(studio.actor("mei")).capacity == 20
    assert queue.load_of(studio.actor("hua")).capacity == rules.CAPACITY
    assert db.session.get(Capacity, studio.id("mei")).points == 20
    event = audit.last_event(Ref("design.capacity", studio.id("mei")))
    assert event.data == {"before": 24, "after": 20}


@pytest.mark.parametrize("points", [None, 0, 201])
def test_a_capacity_that_makes_no_sense_is_refused(studio, points):
    with pytest.raises(Refusal) as refused:
        services.set_capacity(studio.actor("tang"), studio.id("mei"), points)

    field = f"points_{studio.id('mei')}"
    assert str(refused.value.fields[field]) == "Give a capacity of 1 to 200 points."


def test_only_designers_have_a_capacity(studio):
    assert refusal(services.set_capacity, studio.actor("tang"), studio.id("li"), 8) == ["Choose one of the designers."]


def test_the_least_burdened_designer_stands_first(studio):
    studio.doing(who="hua")
    studio.doing(who="mei", page_type="detail")

    assert [(load.name, load.held) for load in queue.loads()] == [("tang", 0), ("hua", 3), ("mei", 8)]


def test_a_word_of_the_advertising_law_refuses_the_hand_over(studio):
    task = studio.draft(price_text=["国家级工艺 ¥99"])

    assert refusal(studio.move, task, "offer", "li") == [
        "“国家级” may not stand in “Price text”: 《广告法》第九条第（三）项."
    ]
    assert studio.fresh(task).state == "draft"


def test_a_word_of_the_guide_only_warns(studio):
    task = studio.offered(selling_points=["销量第一"])

    assert task.state == "offered"
    assert [(finding.word.text, finding.word.strict, finding.label) for finding in services.wording(task)] == [
        ("第一", False, "Selling points")
    ]


def test_a_brief_that_demands_what_it_forbids_is_not_handed_over(studio):
    task = studio.draft(forbidden=["包邮"], must_have=["全国包邮"], price_text=["¥99 包邮"])

    assert refusal(studio.move, task, "offer", "li") == [
        "“包邮” may not stand in “Price text”: this brief forbids it.",
        "“包邮” may not stand in “Must-have words”: this brief forbids it.",
    ]


def test_wording_is_looked_at_only_where_it_ends_up_on_a_picture(studio):
    assert studio.offered(style="最佳氛围", forbidden=["国家级"]).state == "offered"


def test_a_banned_word_holds_from_its_first_to_its_last_day(studio):
    today, day, banned = localtime.today(), timedelta(days=1), rules.Word("爆款", "平台公告", True)

    for since, until, holds in [
        (today, None, True),
        (today - day, today, True),
        (today + day, None, False),
        (today - 2 * day, today - day, False),
    ]:
        services.save_word(studio.actor("tang"), banned, str(since), str(until or ""))
        assert ("爆款" in [word.text for word in services.banned_words(today)]) is holds

    rows = db.session.scalars(select(BannedWord).where(BannedWord.text == "爆款")).all()
    assert [(row.since, row.until) for row in rows] == [(today - 2 * day, today - day)]


def test_a_word_without_ground_or_with_a_crooked_term_is_refused(studio):
    with pytest.raises(Refusal) as refused:
        services.save_word(studio.actor("tang"), rules.Word(" ", "", True), "2026-11-02", "2026-11-01")

    assert {name: str(reason) for name, reason in refused.value.fields.items()} == {
        "text": "Give a word of at most 40 characters.",
        "ground": "Say on what ground, in at most 200 characters.",
        "until": "The last day must follow the first.",
    }
    for since, why in (("gestern", "“gestern” is not a date."), ("", "Give the day.")):
        with pytest.raises(Refusal) as refused:
            services.save_word(studio.actor("tang"), rules.Word("爆款", "平台公告", True), since, "")
        assert str(refused.value.fields["since"]) == why


def test_the_words_of_the_law_are_there_from_the_start(studio):
    row = db.session.scalar(select(BannedWord).where(BannedWord.text == "最高级"))

    assert (row.ground, row.strict, row.since, row.until) == (
        "《广告法》第九条第（三）项",
        True,
        date(2015, 9, 1),
        None,
    )


def test_pictures_to_retouch_must_be_attached_or_linked(studio, picture):
    task = studio.draft(kind="design.image_retouch", sources=[])

    assert refusal(studio.move, task, "offer", "li") == ["Attach the pictures to retouch, or give links to them."]
    studio.add(task, "brief", picture(), who="li")
    assert studio.move(task, "offer", "li").state == "offered"


def test_a_picture_of_another_size_is_not_delivered(studio, picture):
    task = studio.doing()
    studio.add(task, "final", picture(800, 800))

    assert refusal(studio.move, task, "deliver", "mei") == [
        "The brief asks for 750×1000 pixels, the delivered picture has 800×800."
    ]
    studio.add(task, "final", picture(750, 1000))
    assert studio.move(task, "deliver", "mei").state == "delivered"


def test_the_newest_version_is_measured(studio, picture):
    task = studio.doing(formats=["png"])
    studio.add(task, "final", picture(form="PNG"), name="right.png")
    studio.add(task, "final", picture())

    assert refusal(studio.move, task, "deliver", "mei") == ["The brief asks for PNG, the delivered picture is JPEG."]


def test_an_archive_of_pictures_is_not_measured(studio, picture, tmp_path):
    task = studio.doing(kind="design.image_retouch", size=[800, 800])
    with ZipFile(tmp_path / "all.zip", "w") as archive:
        archive.writestr("1.jpg", picture())
    studio.add(task, "final", (tmp_path / "all.zip").read_bytes(), name="all.zip")

    assert studio.move(task, "deliver", "mei").state == "delivered"


def test_other_teams_tasks_are_none_of_designs_business(studio):
    task = board.draft_task(studio.actor("li"), "core.general", "operations", board.Draft("盘点", {"what": "国家级"}))

    assert studio.move(task, "offer", "li").state == "offered"
    assert services.objections(task, "accept", studio.actor("gao")) == []
