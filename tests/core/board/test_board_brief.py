"""The typed brief: what a form says becomes plain values, or a sentence at its field."""

import json
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.board import brief
from core.contracts import Field
from core.messages import Message, msg

OPTIONS = (("tmall", "Tmall"), ("taobao", "Taobao"))
KINDS = ("text", "longtext", "choice", "choices", "number", "money", "date", "size", "list", "links", "yesno")


def read(kind, *given, **more):
    """The value and problem of one field, sent as ``given``."""
    values, problems = brief.parse([Field("f", "Field", kind, options=OPTIONS, **more)], lambda _: list(given))
    return values.get("f"), problems.get("f")


def read_size(width, height):
    sent = {"f_w": [width], "f_h": [height]}
    values, problems = brief.parse([Field("f", "Field", "size")], lambda name: sent.get(name, []))
    return values.get("f"), problems.get("f")


@pytest.mark.parametrize(
    "kind, given, value",
    [
        ("text", ["  春节大促 "], "春节大促"),
        ("text", ["  "], None),
        ("longtext", ["one\r\ntwo"], "one\ntwo"),
        ("choice", ["tmall"], "tmall"),
        ("choices", ["taobao", "tmall", "taobao", ""], ["taobao", "tmall"]),
        ("number", ["007"], 7),
        ("number", ["0"], 0),
        ("money", ["1,299.00"], 129900),
        ("money", ["¥ 0.5"], 50),
        ("money", ["￥12元"], 1200),
        ("money", ["-3.20"], -320),
        ("date", ["2026-02-14"], "2026-02-14"),
        ("list", ["a\n\n  b \r\nc"], ["a", "b", "c"]),
        ("links", ["https://example.com/图?a=1\nhttp://example.com"], ["https://example.com/图?a=1", "http://example.com"]),
        ("yesno", ["yes"], True),
        ("yesno", ["no"], False),
    ],
)  # fmt: skip
def test_what_is_sent_becomes_a_plain_value(kind, given, value):
    assert read(kind, *given) == (value, None)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("given", [[], [""]])
def test_an_empty_field_is_left_out(kind, given):
    assert read(kind, *given) == (None, None)


@pytest.mark.parametrize(
    "kind, given, problem",
    [
        ("choice", "jd", msg("Choose one of the options.")),
        ("choices", "jd", msg("Choose from the options.")),
        ("number", "1.5", msg("“%(value)s” is not a whole number.", value="1.5")),
        ("number", "-1", msg("“%(value)s” is not a whole number.", value="-1")),
        ("number", "1234567890", msg("“%(value)s” is not a whole number.", value="1234567890")),
        ("number", "x" * 99, msg("“%(value)s” is not a whole number.", value="x" * 40)),
        ("money", "1.234", msg("“%(value)s” is not an amount in yuan.", value="1.234")),
        ("money", "about 5", msg("“%(value)s” is not an amount in yuan.", value="about 5")),
        ("money", "1e99", msg("“%(value)s” is not an amount in yuan.", value="1e99")),
        ("money", "NaN", msg("“%(value)s” is not an amount in yuan.", value="NaN")),
        ("date", "2026-02-30", msg("“%(value)s” is not a date.", value="2026-02-30")),
        ("date", "tomorrow", msg("“%(value)s” is not a date.", value="tomorrow")),
        ("list", "\n".join("x" * 51), msg("At most 50 lines of 500 characters.")),
        ("list", "x" * 501, msg("At most 50 lines of 500 characters.")),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_said_at_its_field(kind, given, problem):
    assert read(kind, given) == (None, problem)


@pytest.mark.parametrize("link", ["example.com", "javascript:alert(1)", "https://a b", "https://ok.example\nftp://no"])
def test_a_link_begins_with_http(link):
    wrong = link.split("\n")[-1]
    assert read("links", link) == (
        None,
        msg("“%(value)s” is not a web address; begin it with https://.", value=wrong),
    )


def test_a_text_has_a_longest():
    assert read("text", "x" * 5, max_length=5) == ("x" * 5, None)
    assert read("text", "x" * 6, max_length=5) == (None, msg("At most %(count)s characters.", count=5))


def test_a_size_has_both_sides_in_pixels():
    assert read_size("790", "1200") == ([790, 1200], None)
    assert read_size("", "") == (None, None)
    for wrong in [("790", ""), ("0", "5"), ("-1", "5"), ("1.5", "5"), ("100000", "5"), ("７９０", "5")]:
        assert read_size(*wrong) == (None, msg("Give width and height in pixels."))


def test_a_number_of_zero_and_a_no_are_answers():
    fields = [Field("n", "How many", "number", required=True), Field("y", "Rush", "yesno", required=True)]
    assert brief.missing(fields, {"n": 0, "y": False}) == {}


def test_each_missing_required_field_is_named():
    fields = [Field("a", "Size", required=True), Field("b", "Note"), Field("c", "Audience", required=True)]
    found = brief.missing(fields, {"c": ""})
    assert {name: str(message) for name, message in found.items()} == {
        "a": "“Size” must be filled in before the task is handed over.",
        "c": "“Audience” must be filled in before the task is handed over.",
    }
    assert found["a"].params == {"field": Message("Size")}


def test_options_are_shown_by_their_labels_and_empty_fields_not_at_all():
    fields = [
        Field("one", "Platform", "choice", options=OPTIONS),
        Field("many", "Platforms", "choices", options=OPTIONS),
        Field("none", "Note"),
        Field("zero", "Count", "number"),
    ]
    shown = brief.shown(fields, {"one": "tmall", "many": ["taobao", "gone"], "none": "", "zero": 0})
    assert [(row["label"], row["value"]) for row in shown] == [
        ("Platform", "Tmall"),
        ("Platforms", ["Taobao", "gone"]),
        ("Count", 0),
    ]


def test_values_of_fields_the_type_no_longer_has_stay_readable():
    assert brief.strangers([Field("a", "A")], {"a": "1", "old": "kept", "list": [1, 2]}) == [
        {"name": "old", "label": "old", "kind": "text", "value": "kept"},
        {"name": "list", "label": "list", "kind": "list", "value": ["1", "2"]},
    ]


@pytest.mark.parametrize(
    "kind, value, shown_as",
    [("choice", ["tmall"], "list"), ("choices", "tmall", "text"), ("size", "790", "text"), ("money", "5", "text")],
)
def test_a_value_kept_under_another_kind_stays_readable(kind, value, shown_as):
    """A newer version of a plugin may have changed what a field is."""
    [row] = brief.shown([Field("f", "F", kind, options=OPTIONS)], {"f": value})
    assert row == {"kind": shown_as, "name": "f", "label": "F", "value": value}


plain = st.booleans() | st.integers() | st.text(max_size=9) | st.lists(st.text(max_size=9), max_size=3)


@given(st.sampled_from(KINDS), plain)
def test_any_plain_value_can_be_shown(kind, value):
    fields = [Field("f", "F", kind, options=OPTIONS)]
    assert len(brief.shown(fields, {"f": value})) == (value not in ("", []))


awkward = st.text(max_size=40) | st.text(string.digits + ".,-+eE¥元 \n", max_size=30) | st.sampled_from(
    ["sNaN", "Infinity", "-Infinity", "1e999999999", "1e-999999999", "9" * 30, "1_000", "٣", "0x1", "1." + "0" * 60]
)  # fmt: skip


@given(st.sampled_from(KINDS), st.lists(awkward, max_size=3))
def test_any_text_is_a_plain_value_or_a_problem(kind, sent):
    field = Field("f", "F", kind, options=OPTIONS)
    values, problems = brief.parse([field], lambda _: sent)
    assert not (values and problems)
    assert json.loads(json.dumps(values)) == values
    assert not brief.missing([field], values) and len(brief.shown([field], values)) == len(values)


@given(st.integers(-(10**14), 10**14))
def test_an_amount_is_kept_to_the_cent(fen):
    sign, whole, cents = "-" if fen < 0 else "", abs(fen) // 100, abs(fen) % 100
    assert brief.money(f"{sign}{whole:,}.{cents:02d}") == fen
