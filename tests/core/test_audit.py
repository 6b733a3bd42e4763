"""The event log: one chain, appended with what caused it, in which every change is found."""

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from decimal import Decimal
from itertools import product
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from core.audit import rules, services
from core.audit.models import AuditHead, Event
from core.contracts import Actor, Ref
from core.extensions import db
from core.transactions import before_commit, transaction

LI = Actor(7, "李雷", {"operations": "member"})
TASK = Ref("core.task", 3)


def log(*verbs, subject=TASK, **data):
    with transaction():
        for verb in verbs:
            services.record(LI, verb, subject, data, store_id=1, team="design")


def tamper(*statements):
    """Change the log as somebody with the database in hands would, past the triggers."""
    with transaction() as session:
        if db.engine.dialect.name == "sqlite":
            session.execute(text("DROP TRIGGER event_is_never_changed"))
            session.execute(text("DROP TRIGGER event_is_never_deleted"))
        else:
            session.execute(text("ALTER TABLE event DISABLE TRIGGER USER"))
        for statement in statements:
            session.connection().exec_driver_sql(statement)
    db.session.remove()


def where_it_breaks():
    return [fault.event_id for fault in services.verify().faults]


def test_events_of_one_transaction_are_chained_in_order(in_app):
    log("create", "offer")
    log("accept")
    events = services.events_of(TASK)
    assert [(e.id, e.verb) for e in events] == [(3, "accept"), (2, "offer"), (1, "create")]
    assert events[2].previous_hash == rules.START
    assert [events[1].previous_hash, events[0].previous_hash] == [events[2].hash, events[1].hash]
    assert services.current_head() == rules.Head(3, events[0].hash)
    assert services.verify() == services.Report(rules.Head(3, events[0].hash), ())


def test_an_event_tells_who_did_what_where_and_when(in_app):
    moment = datetime.now(UTC)
    log("offer", before="draft", price=Decimal("9.90"))
    event = services.last_event(TASK)
    assert (event.actor_id, event.actor_name, event.source) == (7, "李雷", "web")
    assert Ref(event.subject_kind, event.subject_id) == TASK
    assert (event.store_id, event.team) == (1, "design")
    assert event.data == {"before": "draft", "price": "9.90"}
    assert 0 <= (event.at - moment).total_seconds() < 5


def test_an_event_of_a_transaction_that_fails_is_not_logged_later(in_app):
    with pytest.raises(ZeroDivisionError), transaction():
        services.record(LI, "offer", TASK)
        raise ZeroDivisionError
    log("accept")
    assert [e.verb for e in services.events_of(TASK)] == ["accept"]


def test_an_event_recorded_while_others_are_being_chained_is_chained_too(in_app):
    with transaction():
        services.record(LI, "offer", TASK)
        before_commit(lambda: services.record(LI, "late", TASK))
    assert [e.verb for e in services.events_of(TASK)] == ["late", "offer"]
    assert services.verify().ok


def test_an_event_outside_a_transaction_is_refused(in_app):
    with pytest.raises(RuntimeError, match="transaction"):
        services.record(LI, "offer", TASK)


@pytest.mark.parametrize(
    "statement", ["UPDATE event SET verb = 'x'", "DELETE FROM event", "DELETE FROM event WHERE id = 2"]
)
def test_the_database_itself_refuses_to_change_the_log(in_app, statement):
    log("offer", "accept")
    with pytest.raises(DBAPIError, match="never changed"), transaction() as session:
        session.execute(text(statement))
    assert services.verify().ok


def test_a_loaded_event_cannot_be_changed_or_deleted(in_app):
    log("offer")
    with pytest.raises(RuntimeError, match="never changed"), transaction() as session:
        session.get(Event, 1).verb = "accept"
    with pytest.raises(RuntimeError, match="never changed"), transaction() as session:
        session.delete(session.get(Event, 1))


CHANGES = {
    "at": "at + 1",
    "actor_id": "actor_id + 1",
    "actor_name": "'李蕾'",
    "source": "'wec'",
    "verb": "'acceptt'",
    "subject_kind": "'core.tasl'",
    "subject_id": "2",
    "store_id": "NULL",
    "team": "'desigm'",
    "data": "replace(data, ':1', ':2')",
    "previous_hash": f"'1{rules.START[1:]}'",
    "hash": f"'1{rules.START[1:]}'",
}


def test_every_column_of_an_event_is_covered():
    assert {"id", *CHANGES} == set(Event.__table__.c.keys()) == {*rules.CONTENT, "previous_hash", "hash"}


@pytest.mark.parametrize("column", CHANGES)
def test_a_change_of_one_column_of_one_event_is_found(in_app, column):
    log("a", "b", "c", "d", round=1)
    tamper(f"UPDATE event SET {column} = {CHANGES[column]} WHERE id = 3")
    broken = where_it_breaks()
    assert broken[0] == 3
    assert set(broken) <= {3, 4}


def test_a_removed_event_is_found(in_app):
    log("a", "b", "c", "d")
    tamper("DELETE FROM event WHERE id = 2")
    assert where_it_breaks() == [2, 3]


def test_events_that_changed_places_are_found(in_app):
    log("a", "b", "c", "d")
    tamper(
        "UPDATE event SET id = -2 WHERE id = 2",
        "UPDATE event SET id = 2 WHERE id = 3",
        "UPDATE event SET id = 3 WHERE id = -2",
    )
    assert set(where_it_breaks()) == {2, 3, 4}


def test_an_event_put_in_between_is_found(in_app):
    log("a", "b", "c")
    columns = ", ".join(Event.__table__.c.keys())
    others = columns.removeprefix("id, ")
    tamper(
        "UPDATE event SET id = 4 WHERE id = 3",
        f"INSERT INTO event ({columns}) SELECT 3, {others} FROM event WHERE id = 2",
        "UPDATE audit_head SET count = 4",
    )
    assert where_it_breaks()[0] == 3


def test_an_event_put_before_the_first_is_found(in_app):
    log("a")
    columns = ", ".join(Event.__table__.c.keys())
    tamper(f"INSERT INTO event ({columns}) SELECT 0, {columns.removeprefix('id, ')} FROM event WHERE id = 1")
    assert services.verify().faults


def test_a_log_cut_off_at_the_end_is_found(in_app):
    log("a", "b", "c")
    tamper("DELETE FROM event WHERE id = 3")
    assert where_it_breaks() == [3]


def test_an_event_added_behind_the_end_is_found(in_app):
    log("a", "b", "c")
    columns = ", ".join(Event.__table__.c.keys())
    tamper(f"INSERT INTO event ({columns}) SELECT 4, {columns.removeprefix('id, ')} FROM event WHERE id = 3")
    assert where_it_breaks() == [4]


def test_a_log_emptied_together_with_its_end_is_found_by_the_checkpoint(in_app):
    log("a", "b", "c")
    noted = services.checkpoint()
    assert services.checkpoints() == [noted]
    tamper("DELETE FROM event", "DELETE FROM audit_head")
    assert where_it_breaks() == [3]


def test_a_log_cut_off_and_written_anew_is_found_by_the_checkpoint(in_app):
    log("a", "b", "c")
    services.checkpoint()
    tamper("DELETE FROM event", "DELETE FROM audit_head")
    log("x", "y", "z")
    assert where_it_breaks() == [3]


def test_an_end_that_was_deleted_is_taken_up_from_the_last_event(in_app):
    log("a", "b")
    tamper("DELETE FROM audit_head")
    log("c")
    assert (services.current_head().count, services.verify().ok) == (3, True)


def test_a_checkpoint_is_noted_once(in_app):
    assert services.checkpoint() == rules.Head()
    log("a")
    services.checkpoint()
    services.checkpoint()
    assert len((in_app.config["HOME"] / "audit.heads").read_text().splitlines()) == 1


def test_any_flipped_byte_of_a_stored_event_is_found(in_app):
    if db.engine.dialect.name != "sqlite":
        pytest.skip("flips bytes of the database file")
    log("offer", note="要加急", round=2)
    log("accept", round=3)
    db.session.remove()
    db.engine.dispose()
    path = Path(db.engine.url.database)
    with sqlite3.connect(path) as link:
        link.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        row = link.execute("SELECT * FROM event WHERE id = 1").fetchone()
    link.close()
    whole = path.read_bytes()
    body = b"".join(v.encode() if isinstance(v, str) else b"" if v is None else stored_int(v) for v in row)
    start = whole.rindex(body[2:])  # the id is the row's key and stands before the record
    missed = []
    for at, bit in product(range(start, start + len(body[2:])), (1, 0x80)):  # another letter, and no letter at all
        path.write_bytes(whole[:at] + bytes([whole[at] ^ bit]) + whole[at + 1 :])
        if where_it_breaks()[:1] != [1]:
            missed.append(at - start)
        db.session.remove()
        db.engine.dispose()
    assert missed == []
    path.write_bytes(whole)
    assert services.verify().ok


def stored_int(value):
    """An integer as SQLite stores it in a record: big-endian, in as few bytes as hold it, 1 in none at all."""
    if value in (0, 1):
        return b""
    size = next(size for size in (1, 2, 3, 4, 6, 8) if -(2 ** (8 * size - 1)) <= value < 2 ** (8 * size - 1))
    return value.to_bytes(size, "big", signed=True)


def test_eight_threads_append_to_one_chain(in_app):
    def append(number):
        with in_app.app_context():
            for round in range(25):
                log("move", "tell", subject=Ref("core.task", number), round=round)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(append, range(8)))
    assert services.verify() == services.Report(services.current_head(), ())
    assert services.current_head().count == 8 * 25 * 2
    assert db.session.query(AuditHead).count() == 1


def test_whether_logged_before_or_after_other_rows_are_locked_writers_do_not_deadlock(in_app):
    with transaction() as session:
        session.execute(text("CREATE TABLE probe (id INTEGER PRIMARY KEY, moves INTEGER)"))
        session.execute(text("INSERT INTO probe VALUES (1, 0)"))

    def move(log_first):
        with in_app.app_context():
            for _ in range(20):
                with transaction() as session:
                    if log_first:
                        services.record(LI, "move", TASK)
                    session.execute(text("UPDATE probe SET moves = moves + 1"))
                    if not log_first:
                        services.record(LI, "move", TASK)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(move, [True, False] * 4))
    assert db.session.scalar(text("SELECT moves FROM probe")) == 160
    assert (services.verify().ok, services.current_head().count) == (True, 160)


plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=10,
)


@given(st.dictionaries(st.text(max_size=8), plain, max_size=4))
def test_canonical_text_does_not_depend_on_the_order_of_keys(data):
    assert rules.canonical(data) == rules.canonical(dict(reversed(data.items())))


def chain(size):
    events, previous = [], rules.START
    for number in range(1, size + 1):
        event = dict.fromkeys(rules.CONTENT) | {"id": number, "at": number, "verb": f"v{number}", "data": "{}"}
        event["previous_hash"], event["hash"] = previous, rules.digest(event, previous)
        previous = event["hash"]
        events.append(event)
    return events


def broken(events, size):
    head = rules.Head(size, chain(size)[-1]["hash"])
    return list(rules.faults(events, [head]))


@given(st.integers(1, 12))
def test_an_untouched_chain_has_no_faults(size):
    assert broken(chain(size), size) == []


@given(st.permutations(range(6)))
def test_any_other_order_of_events_has_faults(order):
    events = chain(6)
    assert bool(broken([events[i] for i in order], 6)) == (list(order) != sorted(order))


@given(st.sets(st.integers(0, 5), min_size=1))
def test_any_missing_events_have_faults(gone):
    assert broken([event for i, event in enumerate(chain(6)) if i not in gone], 6)


def test_changes_names_only_what_differs():
    assert rules.changes({"a": 1, "b": 2}, {"a": 1, "b": 3, "c": 4}) == {"b": [2, 3], "c": [None, 4]}
