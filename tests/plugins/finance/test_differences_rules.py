"""The rules of differences: states, owners, limits, ages."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.contracts import Actor
from plugins.finance.differences import rules
from plugins.finance.matching.classes import DIFFERENCES

MEMBER, LEAD = Actor(1, "wen", {"finance": "member"}), Actor(2, "qian", {"finance": "lead"})


@given(st.lists(st.sampled_from(sorted(rules.STEPS)), max_size=40))
def test_whatever_is_done_a_difference_is_in_a_known_state_and_only_leaves_by_a_step(verbs):
    state = rules.OPEN
    for verb in verbs:
        step = rules.STEPS[verb]
        if rules.objection(verb, state) is None:
            assert state in step.origins
            state = step.to or state
        else:
            assert state not in step.origins
        assert state in rules.STATES


def test_nothing_is_closed_but_by_a_match_a_resolution_an_arrival_or_a_file_taken_back():
    closing = {verb for verb, step in rules.STEPS.items() if step.to == rules.CLOSED}

    assert closing == {"settle", "approve", "sign_off", "arrive", "withdraw"}
    assert all(rules.CLOSED not in rules.STEPS[verb].origins for verb in closing)


@pytest.mark.parametrize(
    ("code", "expected", "found", "reason"),
    [
        ("REFUND", -500, 0, "absent"),
        ("REFUND", 0, -500, "unexpected"),
        ("REFUND", -500, -700, "excess"),
        ("FEE", -500, -300, "short"),
        ("MISSING_STMT", 500, 0, ""),
    ],
)
def test_the_two_sides_tell_the_finding(code, expected, found, reason):
    assert rules.finding(code, expected, found) == reason


def test_a_finding_that_says_its_reason_goes_before():
    assert rules.finding("MISSING_STMT", 500, 0, [{"reason": "lost_parcel"}]) == "lost_parcel"


@pytest.mark.parametrize(
    ("code", "finding", "owner"),
    [
        ("REFUND", "absent", ("cs", 2)),
        ("REFUND", "excess", ("cs", 3)),
        ("MISSING_STMT", "lost_parcel", ("logistics", 3)),
        ("SHORT_RECEIPT", "", ("purchasing", 5)),
        ("FEE", "excess", ("finance", 5)),
        ("STMT_ONLY", "", ("finance", 5)),
    ],
)
def test_the_owner_table_by_class_and_finding(code, finding, owner):
    everybody = {"cs", "logistics", "purchasing", "finance"}

    assert rules.policy({}).owner(code, finding, everybody) == owner
    assert rules.policy({}).owner(code, finding, {"finance"}) == ("finance", owner[1])


@given(st.sampled_from(DIFFERENCES), st.sampled_from(["", "absent", "lost_parcel", "short"]))
def test_every_difference_has_an_owner_that_is_there(code, finding):
    team, days = rules.policy(None).owner(code, finding, {"finance", "cs"})

    assert team in {"finance", "cs"}
    assert days > 0


def test_a_rule_set_goes_before_the_default_table():
    said = {"owners": [{"code": "FEE", "team": "operations", "days": 1}], "write_off": {"member": 5}}
    policy = rules.policy(said)

    assert policy.owner("FEE", "", {"operations"}) == ("operations", 1)
    assert policy.owner("AMOUNT", "", {"operations"}) == ("finance", 5)
    assert (policy.limit(MEMBER), policy.limit(LEAD), policy.limit(Actor(3, "x"))) == (5, 50_000, 0)


@given(st.integers(0, 10**9), st.integers(0, 10**9))
def test_only_a_write_off_over_the_limit_is_asked_for(total, limit):
    assert (rules.verb_for(rules.WRITE_OFF, total, limit) == "ask") == (total > limit)
    assert rules.verb_for(rules.CARRY, total, limit) == "promise"
    assert rules.verb_for(rules.ENTRY, total, limit) == "settle"


@given(st.integers(0, 5000))
def test_every_age_is_in_one_bucket(days):
    at = datetime(2026, 11, 30, tzinfo=UTC)
    name = rules.bucket(rules.age(at - timedelta(days=days, hours=3), at))

    first, until = rules.AGES[name][1:]
    assert first <= days and (until is None or days < until)
