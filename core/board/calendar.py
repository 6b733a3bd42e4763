"""Working time: what a team's calendar counts between two moments. Pure."""

import functools
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import chinese_calendar

from core.messages import Refusal, msg

Spans = tuple[tuple[int, int], ...]  # seconds of the day, from and to

HOURS: dict[str, str] = {"office": "09:00-12:00,13:00-18:00", "daily": "09:00-23:00"}
FOLLOWS_HOLIDAYS = {"office"}


def parse_hours(text: str) -> Spans:
    """``09:00-12:00,13:00-18:00`` as spans; empty text is a closed day; ``00:00-24:00`` the whole day."""
    spans: list[tuple[int, int]] = []
    plain = unicodedata.normalize("NFKC", text)  # a Chinese keyboard's colon, comma and dash
    for part in filter(None, (piece.strip() for piece in plain.split(","))):
        try:
            start, end = (_seconds(end_point) for end_point in part.split("-"))
        except ValueError:
            start, end = 1, 0
        if start >= end or (spans and start < spans[-1][1]):
            raise Refusal(msg("“%(text)s” are not working hours; write them like 09:00-12:00,13:00-18:00.", text=text))
        spans.append((start, end))
    return tuple(spans)


def _seconds(text: str) -> int:
    hours, minutes = (int(number) for number in text.strip().split(":"))
    if not (0 <= hours <= 24 and 0 <= minutes < 60 and hours * 60 + minutes <= 1440):
        raise ValueError(text)
    return hours * 3600 + minutes * 60


@functools.cache
def public_workday(day: date) -> bool:
    """Whether China works on ``day``: holidays and make-up workdays as published, Monday to Friday beyond that."""
    try:
        return chinese_calendar.is_workday(day)
    except NotImplementedError:  # not published yet
        return day.weekday() < 5


def published_until() -> date:
    """The last day whose holidays the calendar library knows."""
    return date(max(chinese_calendar.constants.holidays).year, 12, 31)


@dataclass(frozen=True)
class WorkingCalendar:
    """A team's working time: daily ``spans``, on public workdays or every day, with exceptions by date."""

    zone: ZoneInfo
    spans: Spans
    follows_holidays: bool
    exceptions: Mapping[date, Spans] = field(default_factory=dict)

    def spans_of(self, day: date) -> Spans:
        if day in self.exceptions:
            return self.exceptions[day]
        return self.spans if not self.follows_holidays or public_workday(day) else ()

    def seconds_between(self, start: datetime, end: datetime) -> int:
        """Working seconds from ``start`` to ``end`` (aware times); 0 if ``end`` is not later."""
        if end <= start:
            return 0
        start, end = start.astimezone(self.zone), end.astimezone(self.zone)
        total, day = 0, start.date()
        while day <= end.date():
            lower = _of_day(start) if day == start.date() else 0
            upper = _of_day(end) if day == end.date() else 86400
            total += sum(max(0, min(to, upper) - max(begin, lower)) for begin, to in self.spans_of(day))
            day += timedelta(days=1)
        return total

    def after(self, start: datetime, seconds: int) -> datetime:
        """The moment at which ``seconds`` of working time have passed since ``start``; in UTC."""
        local = start.astimezone(self.zone)
        day, lower = local.date(), _of_day(local)
        for _ in range(3660):
            for opens, to in self.spans_of(day):
                begin = max(opens, lower)
                if begin < to:
                    if seconds <= to - begin:
                        return self._moment(day, begin + seconds)
                    seconds -= to - begin
            day, lower = day + timedelta(days=1), 0
        raise Refusal(msg("The calendar has no working time within ten years."))

    def _moment(self, day: date, seconds: int) -> datetime:
        midnight = datetime.combine(day, time(), self.zone)
        # wall-clock arithmetic inside the zone, then to UTC
        return (midnight + timedelta(seconds=seconds)).astimezone(UTC)


def _of_day(moment: datetime) -> int:
    return moment.hour * 3600 + moment.minute * 60 + moment.second
