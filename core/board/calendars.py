"""The administrator's working calendar: days added to, or taken from, the public one."""

from datetime import date
from typing import Any

from flask import Response, request
from sqlalchemy import delete, select

from core.access import current_actor, needs
from core.audit import services as audit
from core.board import clocks, shown
from core.board.calendar import parse_hours, published_until
from core.board.models import CalendarDay
from core.board.views import bp
from core.contracts import Actor, Ref
from core.extensions import db
from core.messages import Refusal, msg
from core.pages import answer
from core.registry import registry
from core.transactions import transaction
from core.web import go, whole_number

LONGEST = 366


def set_days(actor: Actor, team: str, first: str, last: str, *, hours: str, note: str) -> int:
    """Set the working hours of the days ``first`` to ``last`` (ISO), for one team or for all (""); empty hours close
    them. Running legs get new deadlines. Returns how many days were set."""
    try:
        start, end = date.fromisoformat(first), date.fromisoformat(last or first)
    except ValueError:
        raise Refusal(fields={"first": msg("Give the day, or the first and the last day.")}) from None
    if not 0 <= (end - start).days < LONGEST:
        raise Refusal(fields={"last": msg("The last day must follow the first, within a year.")})
    if team and team not in registry().teams:
        raise Refusal(fields={"team": msg("Choose one of the options.")})
    parse_hours(hours)
    hours, note = hours.strip(), note.strip()[:200]
    with transaction() as session:
        days = [date.fromordinal(number).isoformat() for number in range(start.toordinal(), end.toordinal() + 1)]
        session.execute(delete(CalendarDay).where(CalendarDay.team == team, CalendarDay.day.in_(days)))
        session.add_all(CalendarDay(team=team, day=day, hours=hours, note=note) for day in days)
        session.flush()
        moved = clocks.recompute_deadlines()
        data = {"team": team, "first": days[0], "last": days[-1], "hours": hours, "note": note, "deadlines": moved}
        audit.record(actor, "calendar", Ref("core.calendar", 0), data, team=team or None)
    return len(days)


def forget_day(actor: Actor, day_id: int) -> None:
    """Let the public calendar decide about a day again."""
    with transaction() as session:
        row: Any = session.get(CalendarDay, day_id)
        if row is not None:
            session.delete(row)
            session.flush()
            data = {"team": row.team, "first": row.day, "deadlines": clocks.recompute_deadlines()}
            audit.record(actor, "calendar_forget", Ref("core.calendar", 0), data, team=row.team or None)


@bp.get("/admin/calendar")
@needs("board.calendar")
def calendar() -> Response:
    return _page()


@bp.post("/admin/calendar")
@needs("board.calendar")
def save_calendar() -> Response:
    form, actor = request.form, current_actor()
    try:
        if (day_id := whole_number(form.get("forget"))) is not None:
            forget_day(actor, day_id)
        else:
            names = ("team", "first", "last", "hours", "note")
            set_days(actor, **{name: form.get(name, "") for name in names})
    except Refusal as refusal:
        return _page(refusal)
    return go("board.calendar", msg("The calendar was changed."))


def _page(refusal: Refusal | None = None) -> Response:
    return answer(
        "admin/calendar.html",
        refusal,
        days=list(db.session.scalars(select(CalendarDay).order_by(CalendarDay.day.desc(), CalendarDay.team))),
        teams=[(code, shown.team_label(code)) for code in registry().teams],
        published_until=published_until(),
        given=request.form if refusal else {},
    )
