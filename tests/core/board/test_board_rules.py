"""The table of verbs: verb x state x who, what each verb must hear, and what must be true."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from core.board import rules
from core.board.rules import STATES, VERBS, Situation, legal, objections, sides
from core.contracts import SYSTEM, Actor
from core.messages import LIST, Message, msg, together

AT = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
STUDIO_TASK = Situation("draft", "operations", "studio", holder_id=5, asked=frozenset({7}))

PEOPLE = {
    "r": Actor(1, "requester", {"operations": "member"}),
    "R": Actor(2, "requesting lead", {"operations": "lead"}),
    "m": Actor(3, "member", {"studio": "member"}),
    "L": Actor(4, "responsible lead", {"studio": "lead"}),
    "h": Actor(5, "holder", {"studio": "member"}),
    "o": Actor(6, "outsider", {"warehouse": "lead"}),
    "a": Actor(7, "asked to co-sign", {"finance": "member"}),
    "A": Actor(8, "administrator", admin=True),
}

# Who may do what in which state: r R requesting team's member, lead; m L h responsible team's member, lead, holder;
# o of another team; a asked to co-sign; A administrator of no team.
TABLE = """
verb             draft  offered  accepted  doing  waiting  delivered  returned  done  cancelled
offer            rR     .        .         .      .        .          rR        .     .
accept           .      mLh      .         .      .        .          .         .     .
start            .      .        Lh        .      .        .          .         .     .
deliver          .      .        .         Lh     .        .          .         .     .
sign_off         .      .        .         .      .        rR         .         .     .
rework           .      .        .         .      .        rR         .         .     .
resume           .      .        .         .      Lh       .          .         .     .
wait             .      .        .         Lh     .        .          .         .     .
return           .      mLh      mLh       mLh    .        .          .         .     .
withdraw         .      rR       .         .      .        .          rR        .     .
ask_withdraw     .      .        rR        rR     rR       .          .         .     .
agree_withdraw   .      .        Lh        Lh     Lh       .          .         .     .
refuse_withdraw  .      .        Lh        Lh     Lh       .          .         .     .
reassign         .      .        LhA       LhA    LhA      .          .         .     .
urge             .      rR       rR        rR     rR       .          .         .     .
cc               .      rRmLhA   rRmLhA    rRmLhA rRmLhA   rRmLhA     rRmLhA    .     .
ask_cosign       .      .        .         .      .        rR         .         .     .
cosign           .      .        .         .      .        a          .         .     .
cancel           rR     rR       .         .      .        .          rR        .     .
cancel_late      .      .        RA        RA     RA       RA         .         .     .
"""
HEADER, *ROWS = (line.split() for line in TABLE.strip().splitlines())
ALLOWED = {row[0]: dict(zip(HEADER[1:], row[1:], strict=True)) for row in ROWS}

# Where each verb leads; the others leave the task where it is.
LEADS_TO = {
    "offer": "offered",
    "accept": "accepted",
    "start": "doing",
    "deliver": "delivered",
    "sign_off": "done",
    "rework": "doing",
    "resume": "doing",
    "wait": "waiting",
    "return": "returned",
    "withdraw": "draft",
    "agree_withdraw": "draft",
    "cancel": "cancelled",
    "cancel_late": "cancelled",
}

# All that any verb could want to hear.
EVERYTHING = {
    "reason": "other",
    "text": "because",
    "waiting_for": "operations",
    "until": None,
    "user": 5,
    "users": [7],
    "everyone": True,
    "agreed": True,
}


def in_state(state, **facts):
    return replace(STUDIO_TASK, state=state, **facts)


def refused(verb, task, actor="h", said=None):
    actor = PEOPLE[actor] if isinstance(actor, str) else actor
    return objections(task, VERBS[verb], actor, EVERYTHING if said is None else said, AT)


def test_the_table_names_every_verb_and_every_state():
    assert ALLOWED.keys() == VERBS.keys()
    assert HEADER[1:] == ["draft", "offered", *HEADER[3:]] and set(HEADER[1:]) == set(STATES)


@pytest.mark.parametrize("verb", ALLOWED)
def test_a_verb_is_allowed_to_exactly_these_people_in_exactly_these_states(verb):
    asked = verb in ("agree_withdraw", "refuse_withdraw")
    found = {
        state: "".join(who for who in PEOPLE if not refused(verb, in_state(state, withdraw_asked=asked), who)) or "."
        for state in STATES
    }
    assert {state: set(who) for state, who in found.items()} == {s: set(who) for s, who in ALLOWED[verb].items()}


@pytest.mark.parametrize("who", PEOPLE)
@pytest.mark.parametrize("state", STATES)
def test_what_is_offered_to_do_is_what_the_table_allows(state, who):
    offered = {verb.name for verb in legal(in_state(state), PEOPLE[who])}
    answers = {"agree_withdraw", "refuse_withdraw"}  # nobody asked
    assert offered == {verb for verb, row in ALLOWED.items() if who in row[state]} - answers


def test_every_verb_leads_to_one_state():
    assert {name: verb.to for name, verb in VERBS.items() if verb.to} == LEADS_TO


def test_done_and_cancelled_are_the_end():
    assert not [verb.name for verb in VERBS.values() if verb.origins & {"done", "cancelled"}]


def test_the_system_signs_nothing_for_a_team():
    possible = {verb.name for state in STATES for verb in legal(in_state(state), SYSTEM)}
    assert possible == {"reassign", "cc", "cancel_late"}


def test_somebody_who_left_the_team_holds_nothing():
    gone = Actor(5, "holder", {"warehouse": "member"})
    assert sides(in_state("doing"), gone) == frozenset()


def test_a_lead_stands_in_for_an_absent_holder():
    assert not refused("deliver", in_state("doing", holder_id=None), "L")


def test_within_one_team_everybody_is_on_both_sides():
    own = in_state("delivered", responsible_team="operations", holder_id=1)
    assert sides(own, PEOPLE["r"]) == {"requester", "responsible", "holder"}


@pytest.mark.parametrize(
    "verb, state, who, sentence",
    [
        ("accept", "draft", "m", "Accept is not possible in state “Draft”."),
        ("deliver", "done", "h", "Deliver is not possible in state “Done”."),
        ("accept", "offered", "r", "Accept is not yours to do here: it is for the responsible team."),
        ("start", "accepted", "m", "Start is not yours to do here: it is for the holder."),
        ("sign_off", "delivered", "h", "Sign off is not yours to do here: it is for the requesting team."),
        ("cosign", "delivered", "r", "Co-sign is not yours to do here: it is for the person asked to co-sign."),
        ("cancel_late", "doing", "r", "Cancel task is not yours to do here: it is for the requesting team's lead."),
        ("agree_withdraw", "doing", "h", "Nobody asked to withdraw this task."),
    ],
)
def test_a_refusal_says_what_is_in_the_way(verb, state, who, sentence):
    assert {field: str(message) for field, message in refused(verb, in_state(state), who).items()} == {"": sentence}


def test_the_parts_of_a_sentence_are_translated_each():
    message = refused("accept", in_state("draft"), "m")[""]
    assert message.params == {"verb": Message("Accept"), "state": Message("Draft")}


def test_withdrawing_is_asked_for_once():
    assert refused("ask_withdraw", in_state("doing", withdraw_asked=True), "r") == {
        "": msg("Withdrawing was already asked for; the other side has to answer.")
    }


REASON = {"reason": msg("Choose a reason.")}
WHY = {"text": msg("Say why in a few words.")}


@pytest.mark.parametrize(
    "verb, state, who, said, expected",
    [
        ("return", "offered", "m", {}, REASON | WHY),
        ("return", "offered", "m", {"reason": "other"}, WHY),
        ("return", "offered", "m", {"reason": "check_failed", "text": "no"}, REASON),  # a reason of rework's
        ("return", "offered", "m", {"reason": "missing_info", "text": "no size"}, {}),
        ("rework", "delivered", "r", {}, REASON | WHY),
        ("rework", "delivered", "r", {"reason": "wrong_team", "text": "no"}, REASON),
        ("rework", "delivered", "r", {"reason": "brief_not_met", "text": "too dark"}, {}),
        ("wait", "doing", "h", {}, WHY | {"waiting_for": msg("Say for whom the work waits.")}),
        ("wait", "doing", "h", {"waiting_for": "operations", "text": "photos"}, {}),
        ("wait", "doing", "h", {"waiting_for": "outside", "text": "photos", "until": "2026-03-09"}, {}),
        ("reassign", "doing", "h", {}, {"user": msg("Choose who takes it over.")}),
        ("cc", "doing", "h", {"users": []}, {"users": msg("Choose at least one person.")}),
        ("ask_cosign", "delivered", "r", {}, {"users": msg("Choose at least one person.")}),
        ("cosign", "delivered", "a", {}, {"agreed": msg("Choose to agree or to refuse.")}),
        ("cosign", "delivered", "a", {"agreed": False}, WHY),
        ("cosign", "delivered", "a", {"agreed": False, "text": "logo"}, {}),
        ("cosign", "delivered", "a", {"agreed": True}, {}),
        ("ask_withdraw", "doing", "r", {}, WHY),
        ("cancel", "draft", "r", {}, WHY),
        ("cancel_late", "doing", "R", {"text": ""}, WHY),
        ("offer", "draft", "r", {}, {}),
        ("accept", "offered", "m", {}, {}),
        ("start", "accepted", "h", {}, {}),
        ("deliver", "doing", "h", {}, {}),
        ("sign_off", "delivered", "r", {}, {}),
        ("resume", "waiting", "h", {}, {}),
        ("withdraw", "offered", "r", {}, {}),
        ("urge", "offered", "r", {}, {}),
    ],
)
def test_a_verb_wants_to_hear_what_it_asks_for(verb, state, who, said, expected):
    assert refused(verb, in_state(state), who, said) == expected


def test_the_answer_to_a_withdrawal_needs_a_reason_only_when_it_is_no():
    asked = in_state("doing", withdraw_asked=True)
    assert refused("agree_withdraw", asked, said={}) == {}
    assert refused("refuse_withdraw", asked, said={}) == WHY


def test_a_task_does_not_wait_for_the_team_that_works_on_it():
    said = {"waiting_for": "studio", "text": "busy"}
    assert refused("wait", in_state("doing"), said=said) == {
        "waiting_for": msg("It is in that team's own hands; say for whom else it waits.")
    }


def test_every_problem_of_the_brief_stops_an_offer_and_names_its_field():
    problems = {"size": msg("“%(field)s” must be filled in before the task is handed over.", field=Message("Size"))}
    assert refused("offer", in_state("draft", brief_problems=problems), "r") == problems


def test_other_verbs_do_not_read_the_brief_again():
    assert not refused("accept", in_state("offered", brief_problems={"size": msg("Size")}), "m")


def test_start_waits_for_open_blockers():
    task = in_state("accepted", open_blockers=("WHS-1", "WHS-2"))
    assert str(refused("start", task)[""]) == "It has to wait for WHS-1, WHS-2, which are not closed yet."


def test_deliver_needs_every_required_file():
    task = in_state("doing", empty_slots=("Poster", "Source files"))
    assert str(refused("deliver", task)[""]) == "A file is still missing: Poster, Source files."


def test_sign_off_needs_every_mandatory_check():
    task = in_state("delivered", open_checks=("Size as asked", "No forbidden words"))
    message = refused("sign_off", task, "r")[""]
    assert str(message) == "These checks have not passed: Size as asked, No forbidden words."
    assert message.params["checks"] == together([Message("Size as asked"), Message("No forbidden words")], LIST)


@pytest.mark.parametrize("verb, state", [("sign_off", "delivered"), ("cancel", "returned"), ("cancel_late", "doing")])
def test_a_task_does_not_close_over_open_children(verb, state):
    task = in_state(state, open_children=("STU-2", "STU-3"))
    assert str(refused(verb, task, "R")[""]) == "Its parts are still open: STU-2, STU-3."


@pytest.mark.parametrize(
    "cosigns, stops",
    [
        ([], None),
        ([("all", True), ("all", True)], None),
        ([("all", True), ("all", None)], "missing"),
        ([("any", True), ("any", None)], None),
        ([("any", None), ("any", None)], "missing"),
        ([("all", True), ("any", None)], "missing"),
        ([("all", True), ("any", True), ("any", None)], None),
        ([("all", True), ("all", False)], "refused"),
        ([("any", True), ("any", False)], "refused"),  # one no stops, whoever else agrees
    ],
)
def test_co_signing_by_all_or_by_any_and_one_no_stops(cosigns, stops):
    task = in_state("delivered", cosigns=tuple((how == "all", agreed) for how, agreed in cosigns))
    sentences = {
        "missing": msg("Co-signatures are still missing."),
        "refused": msg("A co-signer refused; send it back for rework."),
    }
    assert refused("sign_off", task, "r") == ({"": sentences[stops]} if stops else {})


def test_urging_is_possible_every_two_hours():
    soon, later = AT - timedelta(hours=2) + timedelta(seconds=1), AT - timedelta(hours=2)
    assert refused("urge", in_state("doing", urged_at=soon), "r") == {"": msg("It was urged less than two hours ago.")}
    assert refused("urge", in_state("doing", urged_at=later), "r") == {}


def test_every_open_state_says_in_whose_hands_it_is():
    assert rules.PHASES.keys() == rules.OPEN
