"""Working time, with the holidays and make-up workdays that China published for 2026."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.board.calendar import HOURS, WorkingCalendar, parse_hours, public_workday, published_until
from core.messages import Refusal

SHANGHAI = ZoneInfo("Asia/Shanghai")
HOUR = 3600


def calendar(hours="office", **exceptions):
    days = {date.fromisoformat(day.replace("_", "-")[1:]): parse_hours(text) for day, text in exceptions.items()}
    return WorkingCalendar(SHANGHAI, parse_hours(HOURS.get(hours, hours)), hours == "office", days)


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


def hours_between(working, start, end):
    return working.seconds_between(at(start), at(end)) / HOUR


@pytest.mark.parametrize(
    "day, works",
    [
        ("2026-02-13", True),  # Friday
        ("2026-02-14", True),  # Saturday, made up for Spring Festival
        ("2026-02-15", False),  # the holiday begins on a Sunday
        ("2026-02-16", False),  # New Year's Eve, a Monday
        ("2026-02-23", False),  # its last day, a Monday
        ("2026-02-24", True),
        ("2026-02-28", True),  # Saturday, made up
        ("2026-03-01", False),  # an ordinary Sunday
        ("2026-09-20", True),  # Sunday, made up for National Day
        ("2026-10-01", False),
        ("2026-10-07", False),
        ("2026-10-08", True),
        ("2026-10-10", True),  # Saturday, made up
        ("2040-01-02", True),  # Monday, long before anything is published
        ("2040-01-07", False),  # Saturday
    ],
)
def test_holidays_and_make_up_workdays_are_as_published(day, works):
    assert public_workday(date.fromisoformat(day)) is works


def test_holidays_are_known_to_the_end_of_2026():
    assert published_until() >= date(2026, 12, 31)


@pytest.mark.parametrize(
    "start, end, hours",
    [
        ("2026-03-02T09:00", "2026-03-02T18:00", 8),  # a working day, without the lunch break
        ("2026-03-02T11:30", "2026-03-02T13:30", 1),
        ("2026-03-02T12:00", "2026-03-02T13:00", 0),
        ("2026-03-02T17:00", "2026-03-03T10:00", 2),  # over night
        ("2026-03-02T18:00", "2026-03-03T09:00", 0),
        ("2026-03-06T17:00", "2026-03-09T10:00", 2),  # over a weekend
        ("2026-03-07T09:00", "2026-03-08T18:00", 0),
        ("2026-02-13T17:00", "2026-02-24T10:00", 10),  # Spring Festival: 1 + 8 on the make-up Saturday + 1
        ("2026-02-15T00:00", "2026-02-24T00:00", 0),
        ("2026-02-24T09:00", "2026-03-02T09:00", 40),  # Tuesday to Saturday, five days
        ("2026-09-30T17:00", "2026-10-08T10:00", 2),  # National Day
        ("2026-09-20T09:00", "2026-09-21T09:00", 8),
        ("2026-10-01T00:00", "2026-11-01T00:00", 18 * 8),  # October: 17 weekdays left and one make-up Saturday
    ],
)
def test_office_hours_over_holidays_nights_and_lunch(start, end, hours):
    assert hours_between(calendar(), start, end) == hours


@pytest.mark.parametrize(
    "start, end, hours",
    [
        ("2026-02-16T09:00", "2026-02-17T00:00", 14),  # customer service works on New Year's Eve
        ("2026-02-16T22:00", "2026-02-17T10:00", 2),
        ("2026-02-16T00:00", "2026-02-23T00:00", 7 * 14),
    ],
)
def test_daily_hours_know_no_holiday(start, end, hours):
    assert hours_between(calendar("daily"), start, end) == hours


def test_time_is_counted_to_the_second():
    assert calendar().seconds_between(at("2026-03-02T17:59:59"), at("2026-03-03T09:00:02")) == 3


def test_nothing_passes_backwards():
    assert hours_between(calendar(), "2026-03-02T18:00", "2026-03-02T09:00") == 0


def test_a_moment_in_another_zone_is_the_same_moment():
    assert calendar().seconds_between(datetime(2026, 3, 2, 1, tzinfo=UTC), datetime(2026, 3, 2, 2, tzinfo=UTC)) == HOUR


def test_a_day_of_its_own_stands_over_the_public_calendar():
    campaign = calendar(d2026_03_07="00:00-24:00", d2026_03_09="")
    assert hours_between(campaign, "2026-03-06T18:00", "2026-03-10T09:00") == 24


def test_a_day_of_its_own_stands_over_daily_hours_too():
    assert hours_between(calendar("daily", d2026_11_11="00:00-24:00"), "2026-11-11T00:00", "2026-11-12T00:00") == 24


@pytest.mark.parametrize(
    "start, hours, end",
    [
        ("2026-03-02T09:00", 4, "2026-03-02T14:00"),  # over lunch
        ("2026-03-02T09:00", 3, "2026-03-02T12:00"),  # not pushed to after it
        ("2026-03-02T17:00", 2, "2026-03-03T10:00"),
        ("2026-03-02T20:00", 0, "2026-03-03T09:00"),  # the next moment somebody works
        ("2026-02-13T17:00", 10, "2026-02-24T10:00"),  # over Spring Festival
        ("2026-02-15T12:00", 4, "2026-02-24T14:00"),
        ("2026-09-30T14:00", 8, "2026-10-08T14:00"),
    ],
)
def test_a_deadline_is_counted_in_working_hours(start, hours, end):
    assert calendar().after(at(start), hours * HOUR) == at(end)


def test_a_deadline_is_in_utc():
    assert calendar().after(at("2026-03-02T09:00"), HOUR).isoformat() == "2026-03-02T02:00:00+00:00"


def test_a_calendar_without_working_time_is_refused_and_not_searched_for_ever():
    with pytest.raises(Refusal, match="no working time within ten years"):
        calendar("").after(at("2026-03-02T09:00"), 1)


@pytest.mark.parametrize(
    "text, spans",
    [
        ("", ()),
        ("09:00-12:00,13:00-18:00", ((32400, 43200), (46800, 64800))),
        (" 9:00 - 12:00 , 13:30-18:00 ", ((32400, 43200), (48600, 64800))),
        ("00:00-24:00", ((0, 86400),)),
        ("９：００－１２：００，１３：００－１８：００", ((32400, 43200), (46800, 64800))),  # from a Chinese keyboard
    ],
)
def test_hours_as_people_write_them(text, spans):
    assert parse_hours(text) == spans


@pytest.mark.parametrize(
    "text", ["9", "9-12", "12:00-09:00", "09:00-09:00", "09:00-25:00", "09:60-12:00", "09:00-12:00-13:00", "morning",
             "13:00-18:00,09:00-12:00", "09:00-13:00,12:00-18:00", "-", "09:00-24:01"]
)  # fmt: skip
def test_hours_that_are_none_are_refused_as_they_were_written(text):
    with pytest.raises(Refusal, match="are not working hours; write them like 09:00-12:00,13:00-18:00") as refusal:
        parse_hours(text)
    assert refusal.value.reasons[0].params == {"text": text}


@given(st.text(max_size=30))
def test_any_text_is_working_hours_or_a_refusal(text):
    try:
        spans = parse_hours(text)
    except Refusal:
        return
    assert all(0 <= start < end <= 86400 for start, end in spans)


moments = st.datetimes(datetime(2025, 12, 1), datetime(2027, 3, 1), timezones=st.just(UTC))
calendars = st.builds(
    WorkingCalendar,
    st.just(SHANGHAI),
    st.sampled_from([parse_hours(text) for text in (*HOURS.values(), "00:00-24:00", "22:00-24:00")]),
    st.booleans(),
    st.dictionaries(
        st.dates(date(2026, 1, 1), date(2026, 12, 31)),
        st.sampled_from([(), ((0, 86400),), ((3600, 7200),)]),
        max_size=10,
    ),
)


@given(calendars, st.tuples(moments, moments, moments).map(sorted))
def test_time_between_adds_up(working, points):
    a, b, c = points
    assert working.seconds_between(a, c) == working.seconds_between(a, b) + working.seconds_between(b, c)


@given(calendars, moments, st.integers(0, 400 * HOUR))
def test_a_deadline_is_the_inverse_of_the_time_between(working, start, seconds):
    end = working.after(start, seconds)
    assert working.seconds_between(start, end) == seconds


@given(calendars, moments, st.integers(1, 400 * HOUR))
def test_a_deadline_comes_no_later_than_needed(working, start, seconds):
    end = working.after(start, seconds)
    assert working.seconds_between(start, end - timedelta(seconds=1)) == seconds - 1


@given(calendars, moments, moments)
def test_nobody_works_more_than_time_passes(working, start, end):
    assert 0 <= working.seconds_between(start, end) <= max(0, (end - start).total_seconds()) + 1
