"""The pure rules of customer service: notes, words, figures, pseudonyms, playbooks, hand-outs."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.contracts import Field
from core.imports.rules import money_text
from plugins.cs.rules import figures, handouts, members, playbooks, promises, words
from plugins.cs.rules.figures import Contact

DAY = date(2026, 11, 20)


def at(hour, minute=0, day=20):
    """A time of the day where the store is."""
    return datetime(2026, 11, day, hour, minute, tzinfo=UTC) - timedelta(hours=8)


@pytest.mark.parametrize(
    ("note", "amount", "kind", "settled"),
    [
        ("'前1000件 已登zfb 退39.1 莲", 3910, "goodwill", False),
        ("前一千件，退19.9 已登记 邹", 1990, "goodwill", False),
        ("第二件0元 退49元  已登zfb", 4900, "goodwill", False),
        ("前1000件 售后退款已退39.1", 3910, "goodwill", True),
        ("好评返现 返5 已登记", 500, "cashback", False),
        ("买贵了 补差价12.5元", 1250, "price_difference", False),
        ("打款：8.88", 888, "goodwill", False),
    ],
)
def test_a_note_that_names_an_amount_promises_it(note, amount, kind, settled):
    assert promises.promises_in(note)[0] == promises.Promised(amount, kind, settled)


@pytest.mark.parametrize(
    "note",
    [None, "", "前1000件 已登zfb", "半价", "退39件", "退2天", "退0元", "退 货", "退1234567", "前1000件19.9 已登记"],
)
def test_numbers_of_pieces_and_days_are_no_promise(note):
    assert promises.promises_in(note) == ()


def test_a_note_may_promise_two_amounts_and_each_once():
    assert [each.amount for each in promises.promises_in("退5 又退5，另补差价3.2")] == [500, 320]


@given(st.integers(1, 9_999_999))
def test_every_amount_is_read_to_the_fen(fen):
    assert promises.promises_in(f"已登记 退{money_text(fen)} 莲")[0].amount == fen


def test_a_promise_goes_only_forward_until_it_is_paid_once():
    ways = {(name, state) for name in promises.STEPS for state in promises.STATES if promises.may(name, state)}

    assert {state for name, state in ways if name == "pay"} == {"handed"}
    assert {state for name, state in ways if name == "approve"} == {"confirmed"}
    assert not {name for name, state in ways if state == "paid"}


@pytest.mark.parametrize(
    ("said", "goods", "kind"),
    [
        ("否", "", "refund_only"),
        ("是", "", "return"),
        ("我要退款(无需退货)", "买家已收到货", "refund_only"),
        ("我要退货退款", "", "return"),
        ("我要退款(无需退货)", "未发货", "refund_unshipped"),
        ("换货", "", "exchange"),
        ("补寄", "", "reissue"),
        ("维修", "", "repair"),
        ("怪", "", ""),
    ],
)
def test_both_generations_say_the_kind_in_their_words(said, goods, kind):
    assert words.after_sale_kind(said, goods) == kind


@pytest.mark.parametrize(
    ("said", "state"),
    [
        ("买家已经申请退款，等待卖家同意", "applied"),
        ("退款待处理", "applied"),
        ("待买家退货", "to_return"),
        ("买家已经退货，等待卖家确认收货", "returned"),
        ("待商家收货", "returned"),
        ("卖家拒绝退款", "refused"),
        ("退款关闭", "closed"),
        ("退款成功", "refunded"),
        ("没有申请退款", ""),
    ],
)
def test_a_refund_is_in_the_state_that_the_platform_writes(said, state):
    assert words.after_sale_state(said) == state


@pytest.mark.parametrize(
    ("name", "parameters", "wrong"),
    [
        (figures.REPLY, {"within": 3, "days": 30, "first_hour": 9, "last_hour": 23, "target": 90}, set()),
        (
            figures.REPLY,
            {"within": 0, "days": 367, "first_hour": 25, "target": 101},
            {"within", "days", "first_hour", "target"},
        ),
        (figures.REPLY, {"within": 3, "first_hour": 9, "last_hour": 9}, {"last_hour"}),
        (figures.RESOLVE, {"target": 1440}, set()),
        (figures.SATISFACTION, {"good_from": 6}, {"good_from"}),
        ("tier", {"vip_from": 90_000, "svip_from": 50_000}, {"svip_from"}),
        ("tier", {"vip_from": 50_000, "svip_from": 90_000}, set()),
    ],
)
def test_a_figure_is_defined_by_numbers_that_can_be_counted_with(name, parameters, wrong):
    assert set(figures.problems(name, parameters)) == wrong


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ("罐子压坏了", "damaged"),
        ("少发了一袋", "wrong_item"),
        ("显示签收没收到", "lost"),
        ("发货太慢", "late"),
        ("与描述不符", "description"),
        ("有异味", "quality"),
        ("很好吃", ""),
    ],
)
def test_a_comment_names_its_cause(text, cause):
    assert words.cause_of(text) == cause


# Ten contacts of one day: two at 8, seven at work, one at 23; six are answered within three minutes.
CONTACTS = [
    Contact(at(8, 10), at(8, 12)),
    Contact(at(8, 40), at(8, 50)),
    *[Contact(at(10 + n), at(10 + n, 2), at(12 + n), 5 - n) for n in range(4)],
    Contact(at(15), at(15, 3), at(18), 5),
    Contact(at(16), at(16, 4), at(16, 30)),
    Contact(at(17)),
    Contact(at(23, 30), at(23, 31)),
]
PUNISHED = {"within": 3, "first_hour": 8, "last_hour": 23, "days": 1, "target": 40}
RANKED = {"within": 3, "first_hour": 9, "last_hour": 23, "days": 30, "least": 5, "target": 90}
NIGHT = {"within": 3, "first_hour": 8, "last_hour": 24, "days": 1}


def test_the_same_contacts_under_three_definitions_give_three_right_answers():
    told = [figures.figure("reply_rate", each, CONTACTS, DAY) for each in (PUNISHED, RANKED, NIGHT)]

    assert [(each.value, each.hits, each.of, each.met) for each in told] == [
        (66.67, 6, 9, True),
        (71.43, 5, 7, False),
        (70.0, 7, 10, None),
    ]


def test_too_few_contacts_give_no_figure():
    told = figures.figure("reply_rate", {**RANKED, "least": 100}, CONTACTS, DAY)

    assert (told.value, told.of, told.enough) == (None, 7, False)


def test_the_time_to_resolve_depends_on_measure_and_beginning():
    median = {"measure": "median", "begins": "opened", "days": 1, "target": 120}
    mean = {"measure": "mean", "begins": "replied", "days": 1}

    assert figures.figure("resolve_time", median, CONTACTS, DAY).value == 120.0
    assert figures.figure("resolve_time", median, CONTACTS, DAY).met is True
    assert figures.figure("resolve_time", mean, CONTACTS, DAY).value == 112.5  # (4 x 118 + 177 + 26) / 6


def test_satisfaction_of_the_rated_is_not_that_of_all():
    rated = {"good_from": 4, "of": "rated", "days": 1}

    assert figures.figure("satisfaction", rated, CONTACTS, DAY).value == 60.0  # 5, 4 and 5 of 5 4 3 2 5
    assert figures.figure("satisfaction", {**rated, "of": "all"}, CONTACTS, DAY).value == 50.0


def test_thirty_days_end_with_the_day_and_begin_twenty_nine_before():
    one = {"within": 3, "days": 30}
    days = [
        Contact(at(12, day=20) - timedelta(days=back), at(12, 1, day=20) - timedelta(days=back)) for back in (0, 29, 30)
    ]

    assert figures.figure("reply_rate", one, days, DAY).of == 2


def test_a_pseudonym_is_the_buyers_in_one_store_and_nobodys_elsewhere():
    first, second = members.pseudonym(b"a", "154839030206893571"), members.pseudonym(b"a", "999999990206893571")

    assert first == second
    assert first != members.pseudonym(b"b", "154839030206893571")
    assert "893571" not in first
    assert members.pseudonym(b"a", "12345678") is None
    assert members.pseudonym(b"a", "15483903020689357X") is None


@given(st.integers(1, 999_999))
def test_more_members_share_names_more_often(count):
    assert 0 <= members.shared(count) <= members.shared(count + 1) <= 100


def test_ten_thousand_members_hide_one_half_per_cent():
    assert round(members.shared(10_000), 2) == 0.5
    assert members.shared(0) == 0.0
    assert members.shared(1_000_000) == 100.0


def test_tiers_and_bands_have_edges():
    assert [members.tier(spent, 1) for spent in (0, 29_999, 30_000, 99_999, 100_000)] == [
        "new", "new", "vip", "vip", "svip",
    ]  # fmt: skip
    assert members.tier(0, 2) == "repeat"
    assert [members.band(spent) for spent in (0, 9_999, 10_000, 500_000)] == [
        "¥0–100",
        "¥0–100",
        "¥100–300",
        "≥ ¥3,000",
    ]


BOOK = playbooks.Limits("破损", ("照片",), 3000, 20000)


def case(**more):
    return playbooks.Case(
        **{"cause": "damaged", "amount": 3000, "approved": False, "evidence": True, "complaint": True} | more
    )


def test_a_playbook_asks_for_its_evidence_and_for_who_may_give_so_much():
    assert playbooks.objections(case(), BOOK) == []
    assert len(playbooks.objections(case(evidence=False), BOOK)) == 1
    assert len(playbooks.objections(case(amount=3001), BOOK)) == 1
    assert playbooks.objections(case(amount=3001, approved=True), BOOK) == []
    assert len(playbooks.objections(case(cause=""), None)) == 1
    assert playbooks.objections(case(cause="", complaint=False), None) == []
    assert [playbooks.level(amount, BOOK) for amount in (None, 3000, 3001, 20000, 20001)] == [
        "member", "member", "lead", "lead", "beyond",
    ]  # fmt: skip


def test_a_hand_out_becomes_what_is_offered_here():
    check, pay = handouts.HANDOUTS["warehouse"], handouts.HANDOUTS["refund"]

    assert handouts.chosen_type(check, {"logistics.warehouse_check", "core.general"}, {"logistics"}) == check.types[0]
    assert handouts.chosen_type(check, {"core.general"}, {"logistics"}) == "core.general"
    assert handouts.chosen_type(check, {"core.general"}, {"design"}) is None
    assert handouts.chosen_type(pay, {"core.general"}, {"finance"}) is None


def test_only_fields_that_the_other_team_has_are_filled_and_choices_only_with_options():
    fields = (
        Field("what", "", "longtext"),
        Field("kind", "", "choice", options=(("late", ""),)),
        Field("items", "", "list"),
        Field("amount", "", "money"),
    )
    known = handouts.known({"what": "慢", "cause": "late", "amount": 500, "number": "CS-1"}, "")

    assert handouts.brief_for(fields, known) == {"what": "慢", "kind": "late", "amount": 500}
