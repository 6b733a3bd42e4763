from datetime import UTC, datetime, timedelta
from urllib.parse import urljoin, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.accounts import rules

NINE = datetime(2026, 11, 22, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        ([], "zh"),
        (["zh"], "zh"),
        (["zh-CN"], "zh"),
        (["zh-Hans-CN"], "zh"),
        (["zh-Hant-HK"], "zh"),
        (["zh-TW", "zh"], "zh"),
        (["zh-SG"], "zh"),
        (["ZH_cn"], "zh"),
        (["*"], "zh"),
        (["en-US", "en", "zh-CN"], "en"),
        (["zh-CN", "zh", "en-US", "en"], "zh"),
        (["en"], "en"),
        (["en-GB"], "en"),
        (["fr-FR", "fr"], "en"),
        (["ja", "zh-CN"], "zh"),
        (["de", "*"], "en"),
    ],
)
def test_every_kind_of_chinese_is_chinese_and_the_rest_english(accepted, language):
    assert rules.language_of(accepted, "zh") == language


BYPASSES = [
    "//evil.example",
    "///evil.example",
    "////evil.example/%2f..",
    "/\\evil.example",
    "\\\\evil.example",
    "\\/evil.example",
    "/\\/evil.example",
    "/\t/evil.example",
    "/\n/evil.example",
    "/\r\n/evil.example",
    "/%09/evil.example",
    "/%0a/evil.example",
    "/%5cevil.example",
    "/%2f/evil.example",
    "/%2fevil.example",
    "/%252f/evil.example",
    "https://evil.example",
    "https:evil.example",
    "https:/evil.example",
    "http:\\\\evil.example",
    "javascript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "evil.example",
    "@evil.example",
    "//user@evil.example",
    "https://storeboard@evil.example",
    " //evil.example",
    "\x00//evil.example",
    "/.//evil.example",
    "/desk\x7f",
    "//[::1",
    "http://[",
    "",
    None,
]


@pytest.mark.parametrize("target", BYPASSES)
def test_a_return_address_never_leaves_the_site(target):
    assert rules.safe_next(target) == "/"


@pytest.mark.parametrize(
    "target",
    ["/", "/tasks/DES-20261122-0003", "/board/design?state=doing&q=%E4%B8%BB%E5%9B%BE", "/log?next=//evil.example"],
)
def test_a_path_of_ours_is_kept(target):
    assert rules.safe_next(target) == target


def test_a_fragment_is_dropped():
    assert rules.safe_next("/desk#late") == "/desk"


@given(st.text(alphabet="/\\.:@%0925cfFaAeE?#evil\t\n ", max_size=20))
def test_whatever_is_asked_for_the_browser_stays_here(target):
    answer = rules.safe_next(target)
    assert answer.startswith("/")
    assert (
        urlsplit(urljoin("https://storeboard.example/log-in", answer.replace("\\", "/"))).netloc == "storeboard.example"
    )


@pytest.mark.parametrize(
    ("password", "refused"),
    [
        ("1234567", "at least 8"),
        ("12345678", "first that anybody would try"),
        ("WoAiNi1314", "first that anybody would try"),
        ("aaaaaaaabb", "first that anybody would try"),
        ("１２３４５６７８", "first that anybody would try"),
        ("xiao.wang.1", "must not be the login"),
        ("Xiao.Wang.1", "must not be the login"),
        ("x" * 100 + "yz" * 51, "at most 200"),
    ],
)
def test_a_password_that_is_short_common_or_the_login_is_refused(password, refused):
    assert refused in str(rules.password_problem(password, "xiao.wang.1"))


@pytest.mark.parametrize("password", ["correct horse", "发货要快一点再快一点", "k7$Lm2!q"])
def test_other_passwords_are_taken(password):
    assert rules.password_problem(password, "li") is None


@pytest.mark.parametrize("login", ["", "a", "li ming", "li\x00", "<li>", "x" * 65, "li/../root"])
def test_a_login_with_odd_signs_is_refused(login):
    assert rules.login_problem(login) is not None


@pytest.mark.parametrize("login", ["li", "小王", "wang.li@shop", "a-b_c+1"])
def test_a_login_of_letters_digits_and_few_signs_is_taken(login):
    assert rules.login_problem(login) is None


def test_a_login_is_the_same_in_capitals_full_width_and_with_blanks():
    assert rules.normal_login("  ＬＩ.Ming ") == "li.ming"


def test_the_tenth_failure_closes_the_door_until_the_first_is_a_quarter_of_an_hour_old():
    failures = [NINE + timedelta(minutes=n) for n in range(10)]
    assert rules.retry_at(failures[:9], 10) is None
    assert rules.retry_at(failures, 10) == NINE + timedelta(minutes=15)


@pytest.mark.parametrize("name", ["Asia", "../etc/passwd", "Mars/Olympus", "/etc/localtime", "Asia/Shanghai\x00", "é"])
def test_what_is_no_time_zone_is_refused(name):
    assert rules.time_zone_problem(name) is not None


def test_a_time_zone_is_taken_and_the_empty_one_is_the_installations():
    assert rules.time_zone_problem("Asia/Shanghai") is None
    assert rules.time_zone_problem("") is None
