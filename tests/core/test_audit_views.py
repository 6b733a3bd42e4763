"""The event log's page: administrators look into it, filter it and take it away as a file."""

import csv
import io
from datetime import timedelta

import pytest

from core.audit import services
from core.audit.models import Event
from core.columns import now
from core.contracts import Actor, Ref
from core.extensions import db
from core.transactions import transaction

LI = Actor(7, "李雷")


@pytest.fixture
def admin(app, as_user):
    browser = as_user("root", admin=True)
    with app.app_context(), transaction():
        services.record(LI, "probe_task", Ref("core.task", 3), {"title": "=cmd|'/c calc'!A1", "n": 1})
        services.record(Actor(8, "韩梅梅"), "probe_order", Ref("core.order", 4), {"changes": {"a": [1, 2]}})
    return browser


def shown(browser, **query):
    answer = browser.get("/audit", query_string=query)
    assert answer.status_code == 200
    return {verb for verb in ("probe_task", "probe_order") if verb in answer.text}


def test_the_log_is_filtered_by_kind_and_by_who(admin):
    assert shown(admin) == {"probe_task", "probe_order"}
    assert shown(admin, kind="core.task") == {"probe_task"}
    assert shown(admin, actor="梅") == {"probe_order"}
    assert shown(admin, actor="%") == set()
    assert shown(admin, kind="core.absent") == set()


def test_the_log_is_filtered_by_days_of_the_readers_zone(admin):
    today = (now() + timedelta(hours=8)).date()
    tomorrow, yesterday = today + timedelta(days=1), today - timedelta(days=1)
    assert shown(admin, since=today.isoformat(), until=today.isoformat()) == {"probe_task", "probe_order"}
    assert shown(admin, since=tomorrow.isoformat()) == set()
    assert shown(admin, until=yesterday.isoformat()) == set()
    assert shown(admin, since="2026-13-99", until="x", page="0") == {"probe_task", "probe_order"}


def test_the_log_is_the_administrators(as_user, client):
    assert as_user("li", teams={"operations": "lead"}).get("/audit").status_code == 403
    assert as_user("wu", teams={"operations": "lead"}).get("/audit.csv").status_code == 403
    assert client.get("/audit").status_code != 200


def test_the_exported_log_holds_no_formula_and_can_be_checked(admin, app):
    answer = admin.get("/audit.csv", query_string={"kind": "core.task"})
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    [row] = csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig")))
    with app.app_context():
        event = db.session.query(Event).filter_by(verb="probe_task").one()
        assert row["id"] == str(event.id)
        assert row["hash"] == event.hash
    assert (row["actor"], row["verb"], row["kind"], row["subject"]) == ("李雷", "probe_task", "core.task", "3")
    assert row["data"] == """{"n":1,"title":"=cmd|'/c calc'!A1"}"""
