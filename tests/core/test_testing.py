"""The fixtures every other test stands on."""

import socket
import threading
import time

import pytest
from sqlalchemy import select, text

from core.access import current_actor
from core.accounts.models import User
from core.audit.models import Event
from core.audit.services import record
from core.contracts import SYSTEM, Ref
from core.extensions import db
from core.testing.databases import on_postgresql
from core.transactions import let_go, transaction


def test_each_test_gets_an_app_of_its_own(app, tmp_path):
    assert app.config["HOME"] == tmp_path / "home"


def test_the_database_is_the_one_this_run_asks_for(in_app):
    assert db.engine.dialect.name == ("postgresql" if on_postgresql() else "sqlite")


@pytest.mark.skipif(on_postgresql(), reason="SQLite's own settings")
def test_sqlite_lets_many_read_beside_one_writer_and_minds_its_references(in_app):
    settings = ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
    with db.engine.connect() as link:
        found = {name: link.exec_driver_sql(f"PRAGMA {name}").scalar() for name in settings}
    assert found == {"journal_mode": "wal", "synchronous": 1, "foreign_keys": 1, "busy_timeout": 15000}


def test_two_apps_of_one_test_share_no_database(make_app):
    first, second = make_app(), make_app()
    with first.app_context(), db.engine.begin() as link:
        link.execute(text("CREATE TABLE scratch (id INTEGER)"))
    with second.app_context():
        assert not db.inspect(db.engine).has_table("scratch")


def test_the_server_answers(client):
    assert client.get("/healthz").json == {"ok": True}


def test_a_made_user_may_sign_in_without_the_log_in_page(app, as_user):
    client = as_user("li", teams={"operations": "lead"})

    with client:
        client.get("/healthz")
        assert current_actor().roles == {"operations": "lead"}


def test_a_file_asked_for_by_a_browser_that_goes_away_is_closed(live_server):
    port = int(live_server.url.rpartition(":")[2])
    for _ in range(20):
        with socket.create_connection(("127.0.0.1", port)) as link:
            link.sendall(b"GET /static/icons.svg HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
            assert link.recv(1)  # what is left unread ends the connection at once
    while [thread for thread in threading.enumerate() if "process_request_thread" in thread.name]:
        time.sleep(0.01)


@pytest.mark.e2e
def test_the_browser_shows_chinese_though_the_machine_has_no_chinese_font(page):
    page.set_content("<p style='font-size:40px'>交接单<p style='font-size:40px'>责任段")

    first, second = (paragraph.screenshot() for paragraph in page.locator("p").all())

    assert first != second


def test_what_one_test_stores_the_next_does_not_see(template_database, make_app, tmp_path):
    for _ in range(2):
        url = template_database.copy(tmp_path)
        app = make_app(DATABASE_URL=url)
        with app.app_context():
            with transaction() as session:
                session.add(User(login="li", name="Li", password_hash="-"))
            record_something()
            assert db.session.scalars(select(User.id)).all() == [1]
            assert db.session.scalars(select(Event.id)).all() == [1]
            let_go()
        template_database.drop(url)


def test_a_database_whose_tables_a_test_changed_is_not_used_again(template_database, make_app, tmp_path):
    url = template_database.copy(tmp_path)
    with make_app(DATABASE_URL=url).app_context():
        with db.engine.begin() as link:
            link.execute(text("ALTER TABLE user_account ADD COLUMN scratch INTEGER"))
        let_go()
    template_database.drop(url)

    fresh = template_database.copy(tmp_path)
    with make_app(DATABASE_URL=fresh).app_context():
        columns = {column["name"] for column in db.inspect(db.engine).get_columns("user_account")}
        let_go()
    template_database.drop(fresh)

    assert "scratch" not in columns


def record_something():
    with transaction():
        record(SYSTEM, "tried", Ref("core.user", 1))
