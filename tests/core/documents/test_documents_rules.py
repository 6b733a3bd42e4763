from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.documents import rules

AMOUNTS = {
    0: "零元整",
    1: "壹分",
    10: "壹角整",
    50: "伍角整",
    55: "伍角伍分",
    100: "壹元整",
    101: "壹元零壹分",
    110: "壹元壹角整",
    1000: "壹拾元整",
    1005: "壹拾元零伍分",
    1050: "壹拾元零伍角整",
    10000: "壹佰元整",
    10100: "壹佰零壹元整",
    11000: "壹佰壹拾元整",
    32504: "叁佰贰拾伍元零肆分",
    100000: "壹仟元整",
    100100: "壹仟零壹元整",
    101000: "壹仟零壹拾元整",
    140950: "壹仟肆佰零玖元伍角整",
    168032: "壹仟陆佰捌拾元零叁角贰分",
    600714: "陆仟零柒元壹角肆分",
    1000000: "壹万元整",
    1000100: "壹万零壹元整",
    1640902: "壹万陆仟肆佰零玖元零贰分",
    10700053: "壹拾万柒仟元零伍角叁分",
    10050000: "壹拾万零伍佰元整",
    100000000: "壹佰万元整",
    123456789: "壹佰贰拾叁万肆仟伍佰陆拾柒元捌角玖分",
    1000000000: "壹仟万元整",
    10000000000: "壹亿元整",
    10000000100: "壹亿零壹元整",
    10001000000: "壹亿零壹万元整",
    10100000000: "壹亿零壹佰万元整",
    11000000000: "壹亿壹仟万元整",
    100000000000000: "壹万亿元整",
    100010000000000: "壹万零壹亿元整",
    100000000000001: "壹万亿元零壹分",
    999999999999999999: "玖仟玖佰玖拾玖万玖仟玖佰玖拾玖亿玖仟玖佰玖拾玖万玖仟玖佰玖拾玖元玖角玖分",
    -140950: "负壹仟肆佰零玖元伍角整",
}


@pytest.mark.parametrize(("fen", "words"), AMOUNTS.items())
def test_amounts_in_capitals(fen, words):
    assert rules.capital_amount(fen) == words


def read(words: str) -> int:
    """Read capitals back into fen, as a person does."""
    yuan, mark, rest = words.removeprefix("负").partition("元")
    if not mark:
        yuan, rest = "", words.removeprefix("负")
    total = section = digit = fen = 0
    for character in yuan:
        if character in rules.DIGITS:
            digit = rules.DIGITS.index(character)
            continue
        if character in rules.PLACES:
            section += digit * 10 ** rules.PLACES.index(character)
        elif character == "万":
            total, section = total + (section + digit) * 10**4, 0
        else:
            total, section = (total + section + digit) * 10**8, 0
        digit = 0
    for number, unit in zip(rest.replace("零", "")[::2], rest.replace("零", "")[1::2], strict=False):
        fen += rules.DIGITS.index(number) * {"角": 10, "分": 1}[unit]
    return ((total + section + digit) * 100 + fen) * (-1 if words.startswith("负") else 1)


@given(st.integers(min_value=-(10**18) + 1, max_value=10**18 - 1))
def test_capitals_read_back_give_the_amount(fen):
    assert read(rules.capital_amount(fen)) == fen


@given(st.integers(min_value=0, max_value=10**18 - 1))
def test_capitals_never_say_nought_twice_running_and_close_what_has_no_fen(fen):
    words = rules.capital_amount(fen)
    assert "零零" not in words
    assert words.endswith("分") != words.endswith("整")
    assert fen == 0 or not words.startswith("零")


def test_an_amount_without_agreed_words_is_refused():
    with pytest.raises(ValueError, match="too large"):
        rules.capital_amount(10**18)


def test_number_says_prefix_day_and_sequence():
    assert rules.document_number("DES", date(2026, 11, 22), 3) == "DES-20261122-0003"
    assert rules.document_number("DES", date(2026, 11, 22), 12345) == "DES-20261122-12345"


def test_digest_does_not_depend_on_the_order_of_keys():
    assert rules.digest({"a": 1, "b": "中"}) == rules.digest({"b": "中", "a": 1})
    assert rules.digest({"a": 1}) != rules.digest({"a": "1"})


def test_what_moves_by_itself_is_not_compared():
    assert rules.says_the_same({"title": "x", "moment": {"minutes": 5}}, {"title": "x", "moment": {"minutes": 9}})
    assert not rules.says_the_same({"title": "x", "moment": {}}, {"title": "y", "moment": {}})
