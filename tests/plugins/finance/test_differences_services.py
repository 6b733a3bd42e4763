"""Differences from the run that finds them to what settles them: nothing leaves without a match or a resolution."""

from datetime import date

import pytest

from core.audit import services as audit
from core.board import moves
from core.board.models import Task
from core.contracts import SYSTEM, Ref
from core.extensions import db
from core.messages import Refusal, Stale
from core.transactions import transaction
from plugins.finance.differences import handoff, services
from plugins.finance.differences.models import Difference
from plugins.finance.differences.takeover import Taken
from plugins.finance.matching.models import RuleSet, Run
from tests.plugins.finance.desk import TEAMS, Desk


@pytest.fixture
def people(make_user):
    return {name: make_user(name, teams=teams) for name, teams in TEAMS.items()}


@pytest.fixture
def desk(in_app, people):
    return Desk(people)


def told(row):
    """The log of a difference, oldest first: what was done, from which state to which."""
    events = audit.events_of(Ref("finance.difference", row.id))
    return [(each.verb, each.data["from"], each.data["to"]) for each in reversed(events)]


def test_what_a_run_finds_opens_and_a_second_run_keeps_it(desk):
    order = desk.order("1001")
    first = desk.run(desk.found(order))
    assert desk.taken == Taken(opened=1)

    second = desk.run(desk.found(order))

    row = desk.difference(order)
    assert desk.taken == Taken(kept=1)
    assert (row.state, row.code, row.amount, row.expected, row.found) == ("open", "AMOUNT", -1, 10_000, 9_999)
    assert (row.first_run_id, row.last_run_id, row.owner_team) == (first.id, second.id, "finance")
    assert row.version == 1


def test_what_is_past_the_cut_off_becomes_missing(desk):
    order = desk.order("1001", day=29)
    desk.run(desk.found(order, "CROSS_OUT", -10_000, found=0))

    desk.run(desk.found(order, "MISSING_STMT", -10_000, found=0))

    row = desk.difference(order)
    assert (row.state, row.code) == ("open", "MISSING_STMT")
    assert told(row) == [("found the difference changed", "open", "open")]


def test_an_arrival_closes_what_waited_for_it_and_names_run_and_line(desk):
    order = desk.order("1001", day=29)
    desk.run(desk.found(order, "CROSS_OUT", -10_000, found=0))
    desk.line("202612020001", 10_000, "1001", 2, 12)

    december = (date(2026, 12, 1), date(2026, 12, 31))
    run = desk.run(results=[(order, "CROSS_IN")], first=december[0], last=december[1])

    row = desk.difference(order)
    assert desk.taken == Taken(closed=1)
    assert (row.state, row.resolution, row.reason) == ("closed", "arrived", f"#{run.id} · 202612020001")
    assert told(row) == [("closed the difference: it arrived", "open", "closed")]


def test_a_run_of_another_period_leaves_what_it_did_not_look_at(desk):
    order = desk.order("1001")
    desk.run(desk.found(order))

    desk.run(first=date(2026, 12, 1), last=date(2026, 12, 31))

    assert desk.difference(order).state == "open"
    assert desk.taken == Taken()


def test_what_closed_by_itself_opens_when_it_is_found_again(desk):
    order = desk.order("1001")
    desk.run(desk.found(order))
    desk.run()
    assert desk.difference(order).state == "closed"

    desk.run(desk.found(order))

    row = desk.difference(order)
    assert (row.state, row.resolution, row.reason) == ("open", "", "")
    assert [to for _, _, to in told(row)] == ["closed", "open"]


def test_what_was_settled_by_hand_stays_settled_unless_its_amount_changes(desk):
    order = desk.order("1001")
    desk.run(desk.found(order))
    services.resolve([desk.difference(order).id], desk.actor("wen"), "entry", "运费差")
    desk.run(desk.found(order))
    assert (desk.difference(order).state, desk.taken) == ("closed", Taken(kept=1))

    desk.run(desk.found(order, amount=-5))

    row = desk.difference(order)
    assert (row.state, row.amount, row.resolution) == ("open", -5, "")
    assert desk.entries(row) == [("adjustment", -1, False), ("adjustment", 1, True)]


def test_a_carried_difference_is_open_again_in_the_next_period(desk):
    order = desk.order("1001", day=29)
    desk.run(desk.found(order, "CROSS_OUT", -10_000, found=0))
    services.resolve([desk.difference(order).id], desk.actor("wen"), "carry", "12 月到账")
    desk.run(desk.found(order, "CROSS_OUT", -10_000, found=0))
    assert desk.difference(order).state == "resolved"

    december = {"first": date(2026, 12, 1), "last": date(2026, 12, 31)}
    desk.run(desk.found(order, "CARRY_OPEN", -10_000, found=0), results=[(order, "CARRY_OPEN")], **december)

    row = desk.difference(order)
    assert (row.state, row.code, row.resolution) == ("open", "CARRY_OPEN", "")


def test_a_promise_closes_when_a_run_does_not_find_it_any_more(desk):
    order = desk.order("1001")
    desk.run(desk.found(order, "REFUND", 500))
    services.resolve([desk.difference(order).id], desk.actor("wen"), "refunded", "客服已转账")
    assert desk.difference(order).state == "resolved"

    desk.run(results=[(order, "OK")])

    assert (desk.difference(order).state, desk.difference(order).resolution) == ("closed", "arrived")


def test_a_resolution_needs_a_kind_and_a_reason(desk):
    order = desk.order("1001")
    desk.run(desk.found(order))
    row = desk.difference(order)

    with pytest.raises(Refusal) as refused:
        services.resolve([row.id], desk.actor("wen"), "entry", "  ")
    assert list(refused.value.fields) == ["reason"]
    with pytest.raises(Refusal) as refused:
        services.resolve([row.id], desk.actor("wen"), "forget", "x")
    assert list(refused.value.fields) == ["kind"]
    with pytest.raises(Stale):
        services.resolve([row.id], desk.actor("wen"), "entry", "x", version=7)
    assert desk.difference(order).state == "open"


@pytest.mark.parametrize(
    ("who", "amount", "state"),
    [
        ("wen", -1_000, "closed"),
        ("wen", -1_001, "resolved"),
        ("qian", -50_000, "closed"),
        ("qian", 50_001, "resolved"),
    ],
)
def test_a_write_off_over_the_limit_of_a_role_waits_for_a_second_person(desk, who, amount, state):
    order = desk.order("1001", 90_000)
    desk.run(desk.found(order, amount=amount))

    services.resolve([desk.difference(order).id], desk.actor(who), "write_off", "小额")

    row = desk.difference(order)
    assert row.state == state
    assert desk.entries(row) == ([("write_off", amount, False)] if state == "closed" else [])


def test_the_limit_is_for_all_that_is_written_off_together(desk):
    orders = [desk.order(f"100{n}") for n in range(3)]
    desk.run(*(desk.found(order, amount=-400) for order in orders))

    services.resolve([desk.difference(order).id for order in orders], desk.actor("wen"), "write_off", "尾差")

    assert {desk.difference(order).state for order in orders} == {"resolved"}


def test_who_asked_for_a_write_off_does_not_approve_it(desk):
    order = desk.order("1001", 90_000)
    desk.run(desk.found(order, amount=-60_000))
    row = desk.difference(order)
    services.resolve([row.id], desk.actor("qian"), "write_off", "丢件")

    with pytest.raises(Refusal, match="somebody else has to approve"):
        services.approve([row.id], desk.actor("qian"))
    services.approve([row.id], desk.actor("jin"))

    row = desk.difference(order)
    assert (row.state, row.resolved_by_id, row.approved_by_id) == (
        "closed",
        desk.actor("qian").user_id,
        desk.actor("jin").user_id,
    )
    assert desk.entries(row) == [("write_off", -60_000, False)]


def test_a_declined_write_off_is_open_again(desk):
    order = desk.order("1001", 90_000)
    desk.run(desk.found(order, amount=-60_000))
    row = desk.difference(order)
    services.resolve([row.id], desk.actor("qian"), "write_off", "丢件")

    services.decline([row.id], desk.actor("jin"), "先找快递赔")

    row = desk.difference(order)
    assert (row.state, row.resolution, desk.entries(row)) == ("open", "", [])


def test_a_settlement_is_taken_back_by_a_counter_entry(desk):
    order = desk.order("1001")
    desk.run(desk.found(order))
    row = desk.difference(order)
    services.resolve([row.id], desk.actor("wen"), "write_off", "一分钱")

    services.undo([row.id], desk.actor("wen"), "对方补了")
    services.resolve([row.id], desk.actor("wen"), "write_off", "又少了")
    services.undo([row.id], desk.actor("wen"), "对方又补了")

    row = desk.difference(order)
    assert row.state == "open"
    assert desk.entries(row) == [
        ("write_off", -1, False),
        ("write_off", 1, True),
        ("write_off", -1, False),
        ("write_off", 1, True),
    ]


def test_what_arrived_by_itself_is_not_undone_by_hand(desk):
    order = desk.order("1001")
    desk.run(desk.found(order))
    desk.run()

    with pytest.raises(Refusal, match="closed by itself"):
        services.undo([desk.difference(order).id], desk.actor("wen"), "x")


def test_a_group_becomes_one_task_for_the_team_with_every_line_as_evidence(desk):
    orders = [desk.order(f"100{n}") for n in range(3)]
    desk.run(*(desk.found(order) for order in orders))
    rows = [desk.difference(order) for order in orders]

    task = services.hand_over([row.id for row in rows], desk.actor("wen"), "design")

    assert (task.number, task.responsible_team, task.requester_team, task.state) == (
        "DES-1",
        "design",
        "finance",
        "draft",
    )
    assert task.title == "Amount differs: 3 differences"
    assert task.brief["count"] == 3
    assert task.brief["amount"] == -3
    assert task.brief["lines"][0] == (
        "1000, 2026-11-03, Amount differs: books 100.00, statement 99.99, difference -0.01"
    )
    assert [(link.kind, link.record_id) for link in task.links] == [("core.order", order.id) for order in orders]
    assert {(desk.difference(order).state, desk.difference(order).task_id) for order in orders} == {
        ("assigned", task.id)
    }


def test_a_mixed_group_is_of_several_classes_and_goes_to_the_team_of_most(desk):
    orders = [desk.order(f"100{n}") for n in range(3)]
    codes = ("FEE", "AMOUNT", "AMOUNT")
    desk.run(*(desk.found(order, code) for order, code in zip(orders, codes, strict=True)))
    rows = [desk.difference(order) for order in orders]
    with transaction():
        rows[0].owner_team = "design"

    task = services.hand_over([row.id for row in rows], desk.actor("wen"))

    assert (task.title, task.responsible_team) == ("3 differences of several classes", "finance")


def test_a_sign_off_closes_the_differences_with_its_reason_and_a_counter_entry(desk):
    order = desk.order("1001")
    desk.run(desk.found(order, "REFUND", 500))
    task = services.hand_over([desk.difference(order).id], desk.actor("wen"), "design")

    desk.finish(task, holder="mei", comment="已转账给买家")

    row = desk.difference(order)
    assert (row.state, row.resolution, row.reason) == ("closed", "refunded", "DES-1: 已转账给买家")
    assert row.resolved_by_id == desk.actor("wen").user_id
    assert desk.entries(row) == [("refund", 500, False)]
    desk.run(desk.found(order, "REFUND", 500))
    assert desk.difference(order).state == "closed"


def test_a_cancelled_task_gives_the_differences_back(desk):
    order = desk.order("1001")
    desk.run(desk.found(order))
    task = services.hand_over([desk.difference(order).id], desk.actor("wen"))

    with pytest.raises(Refusal, match="in the hands of the team"):
        services.resolve([desk.difference(order).id], desk.actor("wen"), "entry", "x")
    moves.move(task.id, "cancel", desk.actor("wen"), {"text": "不用了"})

    assert (desk.difference(order).state, desk.difference(order).task_id) == ("open", None)


def test_what_arrives_while_a_team_works_closes_and_tells_them(desk):
    order = desk.order("1001")
    desk.run(desk.found(order))
    task = services.hand_over([desk.difference(order).id], desk.actor("wen"))
    moves.move(task.id, "offer", desk.actor("wen"))

    desk.run(by="qian")

    assert (desk.difference(order).state, desk.difference(order).task_id) == ("closed", task.id)
    from core.board import notices

    assert notices.recent(desk.actor("wen").user_id)[0].text.startswith("The difference of %(order)s has settled")


def test_the_rules_hand_over_what_they_name(desk):
    with transaction() as session:
        session.add(
            RuleSet(version=1, data={"hand_over": ["FEE"], "owners": [{"code": "FEE", "team": "design"}]}, by_name="x")
        )
    orders = [desk.order("1001"), desk.order("1002")]
    run = desk.run()
    with transaction() as session:
        session.get_one(Run, run.id).rule_set_id = 1
        run = session.get_one(Run, run.id)
        taken = services.take_over(run, [desk.found(order, "FEE", -1) for order in orders], desk.actor("wen"))

    assert taken == Taken(opened=2, drafted=1)
    assert {desk.difference(order).task.number for order in orders} == {"DES-1"}


def test_a_team_that_is_not_there_leaves_it_to_finance(desk):
    order = desk.order("1001")
    desk.run(desk.found(order, "SHORT_RECEIPT", -10_000) if False else desk.found(order, "REFUND", 500, found=0))

    row = desk.difference(order)
    assert row.owner_team in ("cs", "finance")
    from core.registry import registry

    assert (row.owner_team == "cs") == ("cs" in registry().teams)


def test_two_findings_of_one_key_are_refused(desk):
    order = desk.order("1001")
    with pytest.raises(ValueError, match="one key"):
        desk.run(desk.found(order), desk.found(order))
    assert db.session.query(Difference).count() == 0


def test_a_task_whose_end_nobody_heard_of_is_caught_up_with(desk):
    order = desk.order("1001")
    desk.run(desk.found(order))
    task = services.hand_over([desk.difference(order).id], desk.actor("wen"))
    with transaction() as session:
        session.get_one(Task, task.id).state = "done"

    assert handoff.catch_up(SYSTEM) == 1
    assert handoff.catch_up(SYSTEM) == 0
    assert desk.difference(order).state == "closed"
