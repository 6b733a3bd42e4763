"""The demo store as design leaves it: work done at work, in the order in which it is done."""

from itertools import pairwise
from zoneinfo import ZoneInfo

from sqlalchemy import select

from core.board.calendar import public_workday
from core.board.models import Leg, Task
from core.columns import now
from core.extensions import db
from core.stores.models import Store


def test_the_demo_store_works_in_office_hours_and_one_task_after_the_other(demo_app):
    with demo_app.app_context():
        tasks = db.session.scalars(select(Task).where(Task.responsible_team == "design")).all()
        times = [leg.started_at for leg in db.session.scalars(select(Leg))]
        for task in tasks:
            story = [
                task.created_at,
                *(file.at for file in task.files),
                *(check.at for check in task.checks if check.at),
            ]
            times += story
            assert all(task.closed_at is None or at <= task.closed_at for at in story), task.number
        assert {task.state for task in tasks} >= {
            "draft",
            "offered",
            "accepted",
            "doing",
            "waiting",
            "delivered",
            "done",
        }
        assert any(task.state == "offered" and task.leg_due_at < now() for task in tasks)  # one to be late with
        loaded_at = db.session.scalars(select(Store.created_at)).one()
    # what the teams' rules find is found while the demo is loaded, at whatever hour that is
    local = [at.astimezone(ZoneInfo("Asia/Shanghai")) for at in times if at < loaded_at]
    assert len(local) > 100
    assert all(9 <= at.hour <= 18 and public_workday(at.date()) for at in local)
    assert max(times) <= now()


def test_legs_of_a_story_follow_each_other(demo_app):
    with demo_app.app_context():
        made = select(Task).where(Task.state == "done", Task.responsible_team == "design")
        done = db.session.scalars(made).one()
        legs = db.session.scalars(select(Leg).where(Leg.task_id == done.id).order_by(Leg.id)).all()
    assert all(before.ended_at == after.started_at > before.started_at for before, after in pairwise(legs))
