"""What a brief weighs, what its words may not say, who may take it, what a delivered picture must be."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.contracts import Field
from plugins.design import rules, types
from plugins.design.rules import Picture, Word

NAMES = st.lists(st.text(min_size=1, max_size=8), max_size=6)


@pytest.mark.parametrize(
    ("page_type", "points"),
    [("home", 12), ("detail", 8), ("main_picture", 3), ("promotion", 2), ("video_cover", 2)],
)
def test_a_page_weighs_by_its_type(page_type, points):
    assert rules.page_points({"page_type": page_type}) == points


def test_every_page_type_has_a_weight():
    assert set(rules.PAGE_POINTS) == {value for value, _ in types.PAGE_TYPES}


def test_each_further_size_adds_a_point():
    assert rules.page_points({"page_type": "main_picture", "other_sizes": ["750×1000", "1080×1920"]}) == 5


def test_a_shoot_weighs_scenes_items_and_pictures():
    assert rules.shoot_points({"scenes": ["studio", "street"], "items": ["a", "b", "c"], "pictures": 9}) == 4 + 3 + 3


@pytest.mark.parametrize(("background", "points"), [("keep", 3), ("white", 6), ("transparent", 6)])
def test_cutting_out_doubles_the_weight_of_retouching(background, points):
    assert rules.retouch_points({"count": 10, "background": background}) == points


@given(st.fixed_dictionaries({}, optional={"other_sizes": NAMES, "page_type": st.sampled_from(["", "home", "x"])}))
def test_a_page_weighs_at_least_a_point_and_more_with_each_size(brief):
    more = {**brief, "other_sizes": [*brief.get("other_sizes", []), "one more"]}

    assert 1 <= rules.page_points(brief) == rules.page_points(more) - 1


@given(st.integers(0, 10**9), st.sampled_from(["keep", "white"]))
def test_retouching_weighs_at_least_a_point_and_never_less_for_more_pictures(count, background):
    brief = {"count": count, "background": background}

    assert 1 <= rules.retouch_points(brief) <= rules.retouch_points({**brief, "count": count + 1})


def test_an_answer_of_no_is_not_left_empty():
    fields = [Field("size", "Size"), Field("notes", "Notes"), Field("audience", "Audience"), Field("back", "Back")]

    assert rules.left_empty(fields, {"size": [8, 8], "notes": [], "back": False}) == ["Notes", "Audience"]


BEST = Word("最佳", "the law", strict=True)
FIRST = Word("第一", "the guide", strict=False)


def test_a_word_is_found_once_per_field_with_its_ground():
    copy = [("Price text", "全场最佳"), ("Price text", "最佳选择"), ("Selling points", "最佳")]

    found = rules.findings(copy, [BEST])

    assert [(finding.word.text, finding.label) for finding in found] == [
        ("最佳", "Price text"),
        ("最佳", "Selling points"),
    ]
    assert str(found[0].message) == "“最佳” may not stand in “Price text”: the law."


def test_words_that_refuse_come_before_those_that_warn():
    found = rules.findings([("Price text", "销量第一，品质最佳")], [FIRST, BEST])

    assert [finding.word.strict for finding in found] == [True, False]


@pytest.mark.parametrize("disguise", ["最 佳", "最\u3000佳", "ＮＯ．１", "No. 1", "nO.1"])
def test_blanks_case_and_width_hide_no_word(disguise):
    assert rules.findings([("Price text", f"我们是{disguise}之选")], [BEST, Word("no.1", "the law", strict=True)])


def test_a_blank_word_is_found_nowhere():
    assert rules.findings([("Price text", "任何文字")], [Word(" ", "the law", strict=True)]) == []


def test_a_brief_may_not_demand_what_it_forbids():
    brief = {"forbidden": ["明星同款"], "must_have": ["明星同款 限时抢"]}

    (found,) = rules.findings([("Must-have words", brief["must_have"][0])], rules.own_words(brief))

    assert str(found.message) == "“明星同款” may not stand in “Must-have words”: this brief forbids it."


@given(st.text(max_size=20), st.text(min_size=1, max_size=5), st.text(max_size=20))
def test_a_word_is_found_wherever_it_stands(before, text, after):
    # one combining character can melt into its neighbour, and is then another word
    word = rules.plain(text)
    found = rules.findings([("Price text", f"{before}{text}{after}")], [Word(text, "the law", strict=True)])

    assert bool(found) == (bool(word) and word in rules.plain(before + text + after))


@pytest.mark.parametrize(
    ("held", "points", "fits"),
    [(0, 16, True), (8, 8, True), (8, 9, False), (16, 1, False), (0, 40, True), (1, 40, False)],
)
def test_a_designer_takes_what_fits_and_with_empty_hands_anything(held, points, fits):
    assert (rules.capacity_objection(held, points, 16) is None) is fits


def test_the_objection_names_what_is_held_allowed_and_asked():
    assert str(rules.capacity_objection(14, 3, 16)) == (
        "You hold 14 of 16 points and this request weighs 3. Deliver something first, or ask your lead to raise your "
        "capacity."
    )


@given(st.integers(0, 300), st.integers(1, 300), st.integers(1, 200))
def test_who_may_take_a_request_may_take_a_lighter_one(held, points, capacity):
    if rules.capacity_objection(held, points, capacity) is None:
        assert rules.capacity_objection(held, max(1, points - 1), capacity) is None


def objections(brief, width=750, height=1000, size=200_000, media_type="image/jpeg"):
    return [str(reason) for reason in rules.picture_objections(brief, Picture(width, height, size, media_type))]


def test_a_picture_as_asked_is_not_objected_to():
    brief = {"page_type": "main_picture", "size": [750, 1000], "formats": ["jpeg", "png"], "max_kb": 500}

    assert objections(brief) == []


def test_another_size_is_refused_with_both_named():
    assert objections({"page_type": "main_picture", "size": [800, 800]}) == [
        "The brief asks for 800×800 pixels, the delivered picture has 750×1000."
    ]


def test_a_turned_picture_is_another_size():
    assert objections({"size": [1000, 750]}) == [
        "The brief asks for 1000×750 pixels, the delivered picture has 750×1000."
    ]


def test_a_detail_page_may_be_as_high_as_its_story():
    assert objections({"page_type": "detail", "size": [790, 1200]}, width=790, height=9000) == []
    assert objections({"page_type": "detail", "size": [790, 1200]}, width=750, height=1200) == [
        "The brief asks for a picture 790 pixels wide, the delivered one is 750 pixels wide."
    ]


def test_another_format_is_refused():
    assert objections({"formats": ["png", "webp"]}) == ["The brief asks for PNG, WEBP, the delivered picture is JPEG."]


@pytest.mark.parametrize(
    ("size", "found"), [(51_200, []), (51_201, ["The brief allows 50 KB, the delivered picture has 51 KB."])]
)
def test_a_picture_heavier_than_asked_is_refused(size, found):
    assert objections({"max_kb": 50}, size=size) == found


def test_what_the_brief_does_not_say_is_not_checked():
    assert objections({}, width=1, height=1, size=10**9, media_type="image/gif") == []


def test_prefill_names_the_product_in_one_line():
    record = {"kind": "core.product", "title": "桂花乌龙 100g", "item_id": "612345678901", "merchant_code": "GH-100"}

    assert types.prefill(record) == {"products": ["桂花乌龙 100g · 612345678901 · GH-100"]}
    assert types.prefill({"kind": "core.product"}) == {}


def test_copy_is_every_line_that_ends_up_on_the_picture():
    brief = {"selling_points": ["a", "b"], "price_text": ["c"], "notes": "d", "must_have": ["e"], "forbidden": ["f"]}

    assert types.copy_of("design.page_request", brief) == [
        ("Selling points", "a"),
        ("Selling points", "b"),
        ("Price text", "c"),
        ("Must-have words", "e"),
    ]
    assert types.copy_of("design.image_retouch", {"what": "f"}) == []
