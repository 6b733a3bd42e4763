"""Legs: whose hands a task is in, how long by that team's calendar, and who was late."""

from datetime import timedelta
from zoneinfo import ZoneInfo

from core.board import calendars, clocks, jobs, shown
from core.board.models import Notice, Task
from core.extensions import db
from core.transactions import transaction


def legs(task):
    return [(leg.team, leg.state, clocks.spent(leg) // 60) for leg in task.legs]


def due(task):
    """The running leg's deadline, local time."""
    return task.leg_due_at.astimezone(ZoneInfo("Asia/Shanghai")).strftime("%m-%d %H:%M")


def test_every_leg_begins_where_the_one_before_ended(desk, clock):
    task = desk.draft()
    for verb, who in [("offer", "li"), ("accept", "mei"), ("start", "mei")]:
        clock.forward(minutes=7)
        desk.move(task, verb, who)
    task = desk.fresh(task)
    assert task.legs[0].started_at == task.created_at
    assert [leg.ended_at for leg in task.legs[:-1]] == [leg.started_at for leg in task.legs[1:]]
    assert task.legs[-1].ended_at is None


def test_each_phase_has_its_target_and_a_draft_has_none(desk, clock):
    task = desk.draft()
    assert (task.leg_team, task.leg_due_at, task.legs[-1].target_minutes) == ("operations", None, None)
    desk.move(task, "offer", "li")
    assert (task.leg_team, due(task)) == ("studio", "03-02 10:00")  # an hour to accept
    desk.move(task, "accept", "mei")
    assert (task.leg_team, due(task)) == ("studio", "03-02 18:00")  # a working day to deliver
    desk.move(task, "start", "mei")
    desk.add(task)
    clock.set("2026-03-02 17:00")
    desk.move(task, "deliver", "mei")
    assert (task.leg_team, due(task)) == ("operations", "03-03 10:00")  # two hours to check
    desk.check(task)
    desk.move(task, "sign_off", "li")
    assert (task.leg_team, task.leg_due_at) == ("", None)


def test_waiting_stops_the_workers_clock_and_runs_the_other_sides(desk, clock):
    task = desk.task("doing")
    clock.set("2026-03-02 11:00")
    desk.move(task, "wait", "mei", waiting_for="operations", text="photos")
    assert (task.leg_team, task.leg_due_at) == ("operations", None)
    clock.set("2026-03-03 10:00")
    desk.move(task, "resume", "mei")
    assert task.waiting is None
    assert due(task) == "03-03 17:00"  # six hours of the eight are left
    assert legs(task)[-3:] == [("studio", "doing", 120), ("operations", "waiting", 420), ("studio", "doing", 0)]


def test_waiting_for_somebody_outside_runs_nobodys_clock(desk, clock):
    task = desk.task("doing")
    desk.move(task, "wait", "mei", waiting_for="outside", text="the supplier", until="2026-03-04")
    assert task.waiting == {"team": "", "why": "the supplier", "until": "2026-03-04"}
    clock.set("2026-03-04 09:00")
    desk.move(task, "resume", "mei")
    assert legs(task)[-2:] == [("", "waiting", 0), ("studio", "doing", 0)]


def test_time_in_other_hands_is_counted_by_their_calendar(desk, clock):
    task = desk.task("doing")
    clock.set("2026-03-07 12:00")  # a Saturday
    desk.move(task, "wait", "mei", waiting_for="warehouse", text="samples")
    clock.set("2026-03-08 12:00")  # the warehouse works from nine to eleven at night
    desk.move(task, "resume", "mei")
    assert legs(task)[-2] == ("warehouse", "waiting", 14 * 60)


def test_a_late_leg_stands_against_the_team_that_held_it_alone(desk, clock):
    task = desk.draft()
    desk.move(task, "offer", "li")
    clock.set("2026-03-02 14:00")  # three hours late
    desk.move(task, "accept", "mei")
    clock.set("2026-03-03 13:00")
    desk.move(task, "start", "mei")
    desk.add(task)
    clock.set("2026-03-03 14:00")  # on time: seven hours, one of lunch
    desk.move(task, "deliver", "mei")
    clock.set("2026-03-04 18:00")  # a day for what should take two hours
    desk.check(task)
    desk.move(task, "sign_off", "li")
    assert [(leg.team, leg.phase) for leg in task.legs if leg.breached] == [
        ("studio", "accept"),
        ("operations", "check"),
    ]


def test_work_continues_its_clock_when_it_is_reassigned(desk, clock):
    task = desk.task("doing")
    clock.set("2026-03-02 14:00")
    desk.move(task, "reassign", "tang", user=desk.id("hua"))
    assert due(task) == "03-02 18:00"


def test_a_second_offer_gives_the_time_to_accept_anew(desk, clock):
    task = desk.task("offered")
    clock.set("2026-03-02 09:45")
    desk.move(task, "withdraw", "li")
    clock.set("2026-03-02 11:00")
    desk.move(task, "offer", "li")
    assert due(task) == "03-02 12:00"


def test_rework_gives_the_time_to_deliver_and_to_check_anew(desk, clock):
    task = desk.task("delivered")
    clock.set("2026-03-02 10:00")
    desk.move(task, "rework", "li", reason="other", text="darker")
    assert due(task) == "03-03 10:00"
    desk.move(task, "deliver", "mei")
    assert due(task) == "03-02 12:00"


def test_a_new_file_after_sign_off_gives_the_time_to_check_anew(desk, clock):
    task = desk.task("delivered")
    clock.set("2026-03-02 10:45")
    desk.check(task)
    desk.move(task, "sign_off", "li")
    clock.set("2026-03-03 09:00")
    desk.add(task, b"two")
    task = desk.fresh(task)
    assert (task.state, due(task)) == ("delivered", "03-03 11:00")
    assert (task.legs[-2].ended_at < task.legs[-1].started_at, task.legs[-2].breached) == (True, False)


def test_the_clock_on_the_page_counts_the_whole_phase(desk, clock):
    task = desk.task("doing")
    clock.set("2026-03-02 11:00")
    desk.move(task, "wait", "mei", waiting_for="operations", text="photos")
    clock.set("2026-03-02 14:00")
    assert {**shown.clock(task.legs), "due_at": None} == {
        "team": "Operations", "phase": "wait", "spent": 120, "target": None, "percent": None, "due_at": None,
        "late": False,
    }  # fmt: skip
    desk.move(task, "resume", "mei")
    clock.set("2026-03-02 15:00")
    assert {**shown.clock(task.legs), "due_at": None} == {
        "team": "Studio", "phase": "deliver", "spent": 180, "target": 480, "percent": 37, "due_at": None,
        "late": False,
    }  # fmt: skip
    clock.set("2026-03-09 09:00")
    assert shown.clock(task.legs)["late"] is True


def test_an_administrators_day_moves_the_deadlines_that_run(desk, clock):
    task = desk.task("doing")
    assert due(task) == "03-02 18:00"
    assert calendars.set_days(desk.actor("root"), "studio", "2026-03-02", "2026-03-03", hours="", note="closed") == 2
    task = desk.fresh(task)
    assert due(task) == "03-04 18:00" and task.legs[-1].due_at == task.leg_due_at
    calendars.set_days(desk.actor("root"), "", "2026-03-03", "", hours="00:00-24:00", note="")
    assert due(desk.fresh(task)) == "03-04 18:00"  # the team's own word stands over the word for all
    for row in db.session.scalars(db.select(calendars.CalendarDay)).all():
        calendars.forget_day(desk.actor("root"), row.id)
    assert due(desk.fresh(task)) == "03-02 18:00"


def test_a_leg_that_used_up_its_time_is_told_once_to_holder_and_lead(desk, clock):
    task, other = desk.task("doing"), desk.task("offered")
    asleep = desk.draft()
    clock.set("2026-03-02 17:59")
    assert run(jobs.tell_breaches) == {"told": 1}  # the offer
    assert desk.notices("tang")[-1] == "STU-2 Spring poster has used up its time."
    clock.set("2026-03-02 18:01")
    assert run(jobs.tell_breaches) == {"told": 1}
    assert run(jobs.tell_breaches) == {"told": 0}
    assert desk.notices("tang")[-1] == desk.notices("mei")[-1] == "STU-1 Spring poster has used up its time."
    desk.move(other, "accept", "hua")
    clock.set("2026-03-05 18:01")
    assert run(jobs.tell_breaches) == {"told": 1}  # the next leg is told of anew
    assert not db.session.scalar(db.select(db.func.count()).where(Notice.task_id == asleep.id))
    assert desk.fresh(task).breach_told


def test_within_one_team_the_one_who_is_to_check_is_told(desk, clock):
    task = desk.draft(by="li", kind="core.general", brief={"what": "a list"})
    for verb, who in (("offer", "li"), ("accept", "wang"), ("start", "wang"), ("deliver", "wang")):
        desk.move(task, verb, who)
    clock.set("2026-03-04 18:01")
    assert run(jobs.tell_breaches) == {"told": 1}
    assert desk.notices("li")[-1] == "OPS-1 Spring poster has used up its time."


def run(job):
    with transaction():
        return job({}, None)()


def test_a_leg_that_ended_meanwhile_is_not_told_of(desk, clock):
    task = desk.task("doing")
    clock.set("2026-03-03 09:00")
    tell = jobs.tell_breaches({}, None)
    desk.add(task)
    desk.move(task, "deliver", "mei")
    with transaction():
        assert tell() == {"told": 0}
    assert not db.session.scalar(db.select(Task.breach_told).where(Task.id == task.id))


def test_a_team_whose_plugin_is_gone_counts_office_hours(desk, clock):
    assert clocks.calendar_of("gone").seconds_between(clock.at, clock.at + timedelta(days=1)) == 8 * 3600
