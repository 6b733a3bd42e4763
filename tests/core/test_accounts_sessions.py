"""Logging in and out, and how long a session lives."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from hashlib import sha256
from threading import Barrier, Lock, Semaphore
from time import sleep

import pytest
from argon2 import PasswordHasher
from sqlalchemy import func, select, update

from core.accounts import passwords, rules, services, sessions
from core.accounts.models import LoginAttempt, LoginSession, User
from core.accounts.testing import sign_in
from core.audit.models import Event
from core.columns import now
from core.contracts import SYSTEM, Actor
from core.extensions import db
from core.messages import Refusal
from core.testing import PASSWORD
from core.transactions import transaction

COOKIE = "storeboard_session"


QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


@pytest.fixture(autouse=True)
def quick_hashes(monkeypatch):
    monkeypatch.setattr(passwords, "hasher", QUICK)


@pytest.fixture
def make_user(make_user):
    return partial(make_user, password_hash=QUICK.hash(PASSWORD))


def log_in(client, login="li", password=PASSWORD, **more):
    return client.post("/log-in", data={"login": login, "password": password, **more})


def token_of(client):
    cookie = client.get_cookie(COOKIE)
    return cookie.value if cookie else None


def is_logged_in(client):
    return client.get("/preferences").status_code == 200


def verbs(app):
    with app.app_context():
        return list(db.session.scalars(select(Event.verb).order_by(Event.id)))


def test_the_right_password_opens_a_session_and_leads_on(app, client, make_user):
    make_user("li")
    answer = log_in(client, next="/preferences?a=1")
    assert (answer.status_code, answer.location) == (303, "/preferences?a=1")
    assert is_logged_in(client)
    assert verbs(app) == ["logged_in"]


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(client, make_user):
    make_user("li")
    cookie = next(c for c in log_in(client).headers.getlist("Set-Cookie") if c.startswith(COOKIE))
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Path=/" in cookie
    assert "Domain" not in cookie
    assert "Max-Age=604800" in cookie
    assert "Secure" not in cookie


def test_behind_https_the_cookie_is_bound_to_the_host(make_app):
    app = make_app(SECURE_COOKIES=True)
    with app.app_context():
        services.create_user(SYSTEM, login="li", password=PASSWORD)
    answer = log_in(app.test_client())
    cookie = next(c for c in answer.headers.getlist("Set-Cookie") if c.startswith("__Host-storeboard="))
    assert "Secure" in cookie
    assert "HttpOnly" in cookie
    form = next(c for c in app.test_client().get("/log-in").headers.getlist("Set-Cookie") if "_form=" in c)
    assert form.startswith("__Host-storeboard_form=")
    assert "Secure; HttpOnly; Path=/; SameSite=Lax" in form


def test_only_the_hash_of_the_token_is_stored(app, client, make_user):
    make_user("li")
    log_in(client)
    with app.app_context():
        stored = db.session.scalar(select(LoginSession))
        assert stored.token_sha256 == sha256(token_of(client).encode()).hexdigest()
        assert len(token_of(client)) == 43


def test_a_login_counts_in_capitals_and_full_width_too(client, make_user):
    make_user("li")
    assert log_in(client, login=" Ｌi ").status_code == 303


def test_a_password_typed_in_full_width_is_the_same(client, make_user):
    make_user("li")
    assert log_in(client, password=PASSWORD.replace("c", "ｃ")).status_code == 303


@pytest.mark.parametrize("case", ["unknown", "wrong", "disabled"])
def test_unknown_login_wrong_password_and_disabled_account_answer_the_same(app, client, make_user, monkeypatch, case):
    user = make_user("li")
    if case == "disabled":
        with app.app_context():
            services.disable_user(SYSTEM, user.id)
    hashes = []

    class Counting(PasswordHasher):
        def verify(self, stored, password):
            hashes.append(stored)
            return super().verify(stored, password)

    monkeypatch.setattr(passwords, "hasher", Counting(time_cost=1, memory_cost=8, parallelism=1))
    login, password = {"unknown": ("nobody", PASSWORD), "wrong": ("li", "another one"), "disabled": ("li", PASSWORD)}[
        case
    ]
    answer = log_in(client, login=login, password=password)
    assert answer.status_code == 401
    assert "Login name or password is wrong, or the account is disabled." in answer.text
    assert len(hashes) == 1
    assert not passwords.outdated(hashes[0])
    assert token_of(client) is None


def test_the_hash_for_nobody_costs_what_a_real_one_costs():
    stored = passwords.nobodys()
    assert not passwords.outdated(stored)
    assert not passwords.matches("", None)
    assert not passwords.matches(PASSWORD, stored)


def test_a_damaged_hash_lets_nobody_in():
    assert not passwords.matches(PASSWORD, "damaged")


def test_no_more_than_four_hashes_are_computed_at_once(monkeypatch):
    running, most, lock, four = [0], [0], Lock(), Barrier(4)

    class Slow:
        def hash(self, password):
            with lock:
                running[0] += 1
                most[0] = max(most[0], running[0])
            four.wait(120)
            sleep(0.01)
            with lock:
                running[0] -= 1
            return "hash"

    monkeypatch.setattr(passwords, "hasher", Slow())
    with ThreadPoolExecutor(20) as pool:
        assert list(pool.map(passwords.hashed, ["x"] * 40)) == ["hash"] * 40
    assert most[0] == passwords.AT_ONCE == 4


def test_a_hash_with_old_settings_is_renewed_at_log_in(app, client, make_user, monkeypatch):
    user = make_user("li")
    old = user.password_hash
    monkeypatch.setattr(passwords, "hasher", PasswordHasher(time_cost=2, memory_cost=16, parallelism=1))
    log_in(client)
    with app.app_context():
        renewed = db.session.get(User, user.id).password_hash
    assert renewed != old
    assert not passwords.outdated(renewed)


def test_while_a_password_is_hashed_no_lock_and_no_connection_is_held(app, client, make_user, monkeypatch):
    make_user("li")
    held, real = [], (passwords.matches, passwords.hashed)

    def note(function):
        def noted(*given):
            held.append((db.session().info.get("storeboard.writing"), db.engine.pool.checkedout()))
            return function(*given)

        return noted

    monkeypatch.setattr(passwords, "matches", note(real[0]))
    monkeypatch.setattr(passwords, "hashed", note(real[1]))
    assert log_in(client).status_code == 303
    form = {"current": PASSWORD, "password": "another horse"}
    assert client.post("/preferences/password", data=form).status_code == 303
    assert held == [(False, 0)] * 3


def test_a_password_changed_while_the_old_one_is_checked_lets_nobody_in(app, client, make_user, monkeypatch):
    user, real = make_user("li"), passwords.matches

    def meanwhile(password, stored):
        with app.app_context():
            services.set_password(SYSTEM, user.id, "another horse")
        return real(password, stored)

    monkeypatch.setattr(passwords, "matches", meanwhile)
    assert log_in(client).status_code == 401
    with app.app_context():
        assert db.session.scalar(select(func.count(LoginSession.id))) == 0


def test_who_waits_too_long_for_a_hash_is_asked_to_come_back_and_not_counted(app, client, make_user, monkeypatch):
    make_user("li")
    monkeypatch.setattr(passwords, "PATIENCE", 0.01)
    for _ in range(passwords.AT_ONCE):
        passwords._turns.acquire()
    try:
        answer = log_in(client)
    finally:
        passwords._turns.release(passwords.AT_ONCE)
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "60")
    assert "Too many people are logging in at this moment." in answer.text
    with app.app_context():
        assert db.session.scalar(select(func.count(LoginAttempt.id))) == 0


def test_ten_failures_in_a_quarter_of_an_hour_close_an_account(app, client, make_user):
    make_user("li")
    assert [log_in(client, password="wrong one").status_code for _ in range(10)] == [401] * 10
    answer = log_in(client)
    assert answer.status_code == 429
    assert 0 < int(answer.headers["Retry-After"]) <= 900
    assert "Too many failed tries. Try again in 15 minutes." in answer.text
    with app.app_context():
        assert db.session.scalar(select(func.count(LoginAttempt.id))) == 10
    assert verbs(app).count("log_in_failed") == 10


def test_an_unknown_login_is_closed_just_the_same(client):
    assert [log_in(client, login="nobody").status_code for _ in range(11)] == [401] * 10 + [429]


def test_after_a_quarter_of_an_hour_the_account_opens_again(app, client, make_user):
    make_user("li")
    for _ in range(10):
        log_in(client, password="wrong one")
    with app.app_context(), transaction() as session:
        session.execute(update(LoginAttempt).values(at=now() - rules.WINDOW))
    assert log_in(client).status_code == 303


def test_a_new_password_from_the_administrator_opens_the_account_at_once(app, client, make_user):
    user = make_user("li")
    for _ in range(10):
        log_in(client, password="wrong one")
    with app.app_context():
        services.set_password(SYSTEM, user.id, "another horse")
    assert log_in(client, password="another horse").status_code == 303


def test_a_thousand_accounts_from_one_address_are_fifty(app):
    client = app.test_client()
    answers = [log_in(client, login=f"user{n}").status_code for n in range(60)]
    assert answers == [401] * 50 + [429] * 10


def test_successes_do_not_close_the_account(client, make_user):
    make_user("li")
    assert [log_in(client).status_code for _ in range(12)] == [303] * 12


def test_of_many_tries_at_the_same_moment_ten_are_made(app, make_user, monkeypatch):
    make_user("li")
    tried, ready = [], Semaphore(0)

    def matches(password, stored):
        tried.append(password)
        return False

    monkeypatch.setattr(passwords, "matches", matches)
    ready.release()
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: log_in(app.test_client(), password="x").status_code, range(30)))
    assert len(tried) == 10
    assert sorted(answers) == [401] * 10 + [429] * 20


def test_old_attempts_are_forgotten(app, client):
    log_in(client, login="a1")
    with app.app_context(), transaction() as session:
        session.execute(update(LoginAttempt).values(at=now() - timedelta(days=2)))
    log_in(client, login="a2")
    with app.app_context():
        assert db.session.scalars(select(LoginAttempt.login)).all() == ["a2"]


def test_logging_in_again_gives_another_token_and_ends_the_old_session(app, client, make_user):
    make_user("li")
    log_in(client)
    first = token_of(client)
    log_in(client)
    assert token_of(client) != first
    with app.app_context():
        assert sessions.presence_of(first) is None
        assert db.session.scalar(select(func.count(LoginSession.id))) == 1


def test_a_token_planted_before_log_in_is_worth_nothing_after(app, client, make_user):
    make_user("li")
    client.set_cookie(COOKIE, "planted")
    log_in(client)
    assert token_of(client) != "planted"
    with app.app_context():
        assert sessions.presence_of("planted") is None


def test_the_form_token_from_before_log_in_is_not_good_after(make_app):
    app = make_app(WTF_CSRF_ENABLED=True)
    with app.app_context():
        services.create_user(SYSTEM, login="li", password=PASSWORD)
    client = app.test_client()
    client.get("/log-in")
    with client.session_transaction() as session:
        before = session["csrf_token"]
    page = client.get("/log-in").text
    token = page.split('name="csrf_token" value="')[1].split('"')[0]
    assert log_in(client, csrf_token=token).status_code == 303
    client.get("/preferences")
    with client.session_transaction() as session:
        assert session["csrf_token"] != before


def test_logging_out_ends_the_session_on_the_server(app, client, make_user):
    make_user("li")
    log_in(client)
    token = token_of(client)
    assert client.post("/log-out").location == "/log-in"
    assert token_of(client) is None
    client.set_cookie(COOKIE, token)
    assert not is_logged_in(client)
    assert verbs(app)[-1] == "logged_out"


def test_logging_out_everywhere_ends_every_session(app, make_user):
    user = make_user("li")
    here, there = app.test_client(), app.test_client()
    sign_in(here, user), sign_in(there, user)
    assert here.post("/preferences/log-out-everywhere").location == "/log-in"
    assert not is_logged_in(here)
    assert not is_logged_in(there)


def test_one_other_device_can_be_logged_out(app, make_user):
    user = make_user("li")
    here, there = app.test_client(), app.test_client()
    sign_in(here, user), sign_in(there, user)
    with app.app_context():
        other = sessions.presence_of(token_of(there)).session_id
    assert here.post(f"/preferences/sessions/{other}/end").status_code == 303
    assert is_logged_in(here)
    assert not is_logged_in(there)


def test_somebody_elses_session_cannot_be_ended_and_looks_absent(app, as_user, make_user):
    other = app.test_client()
    sign_in(other, make_user("wang"))
    with app.app_context():
        theirs = sessions.presence_of(token_of(other)).session_id
    client = as_user("li", admin=True)
    answers = [client.post(f"/preferences/sessions/{which}/end") for which in (theirs, 99999)]
    assert [answer.status_code for answer in answers] == [404, 404]
    assert is_logged_in(other)


def test_disabling_a_user_ends_their_sessions_at_once(app, make_user):
    user, client = make_user("li"), app.test_client()
    sign_in(client, user)
    assert is_logged_in(client)
    with app.app_context():
        services.disable_user(SYSTEM, user.id)
        assert db.session.scalar(select(func.count(LoginSession.id))) == 0
    assert not is_logged_in(client)


def test_a_session_of_a_disabled_user_is_worth_nothing_even_if_it_is_there(app, make_user):
    user, client = make_user("li"), app.test_client()
    sign_in(client, user)
    with app.app_context(), transaction() as session:
        session.get(User, user.id).active = False
    assert not is_logged_in(client)


def test_enabling_brings_the_account_back_but_no_session(app, make_user):
    user, client = make_user("li"), app.test_client()
    sign_in(client, user)
    with app.app_context():
        services.disable_user(SYSTEM, user.id)
        services.enable_user(SYSTEM, user.id)
    assert not is_logged_in(client)
    assert log_in(client).status_code == 303


def test_a_role_taken_away_is_gone_at_the_next_request(app, make_user):
    user, client = make_user("li", admin=True), app.test_client()
    make_user("wang", admin=True)
    sign_in(client, user)
    assert client.get("/users").status_code == 200
    with app.app_context():
        services.edit_user(SYSTEM, user.id, name="Li", admin=False, roles={})
    assert client.get("/users").status_code == 403


@pytest.mark.parametrize(
    ("column", "age", "alive"),
    [
        ("seen_at", rules.IDLE - timedelta(minutes=1), True),
        ("seen_at", rules.IDLE + timedelta(minutes=1), False),
        ("expires_at", -timedelta(minutes=1), True),
        ("expires_at", timedelta(minutes=1), False),
    ],
)
def test_a_session_ends_after_twelve_idle_hours_and_after_seven_days(app, make_user, column, age, alive):
    client = app.test_client()
    sign_in(client, make_user("li"))
    with app.app_context(), transaction() as session:
        session.execute(update(LoginSession).values({column: now() - age}))
    assert is_logged_in(client) == alive


def test_a_session_expires_seven_days_after_log_in(app, client, make_user):
    make_user("li")
    log_in(client)
    with app.app_context():
        stored = db.session.scalar(select(LoginSession))
        assert stored.expires_at - stored.created_at == timedelta(days=7)


def test_log_in_sweeps_sessions_that_are_over(app, client, make_user):
    user = make_user("li")
    sign_in(app.test_client(), user)
    with app.app_context(), transaction() as session:
        session.execute(update(LoginSession).values(expires_at=now()))
    log_in(client)
    with app.app_context():
        assert db.session.scalar(select(func.count(LoginSession.id))) == 1


@pytest.mark.parametrize(
    ("minutes", "headers", "noted"),
    [(2, {}, True), (0, {}, False), (2, {"HX-Request": "true"}, False)],
)
def test_use_is_noted_once_a_minute_and_not_for_what_a_page_fetches_by_itself(app, make_user, minutes, headers, noted):
    client, before = app.test_client(), now() - timedelta(minutes=minutes)
    sign_in(client, make_user("li"))
    with app.app_context(), transaction() as session:
        session.execute(update(LoginSession).values(seen_at=before))
    client.get("/preferences", headers=headers).close()
    with app.app_context():
        assert (db.session.scalar(select(LoginSession.seen_at)) > before) == noted


def test_noting_use_does_not_keep_the_reader_waiting(app, make_user):
    client = app.test_client()
    sign_in(client, make_user("li"))
    with app.app_context(), transaction() as session:
        session.execute(update(LoginSession).values(seen_at=now() - timedelta(minutes=2)))
    with app.app_context(), transaction():  # somebody writes for a long time
        assert client.get("/preferences").status_code == 200


def test_who_asks_is_found_in_one_query(app, make_user):
    from sqlalchemy import event

    user = make_user("li", teams={"operations": "lead"})
    token, asked = sign_in(app.test_client(), user), []
    with app.app_context():
        event.listen(db.engine, "before_cursor_execute", lambda *given: asked.append(given[2]))
        presence = sessions.presence_of(token)
    assert presence.actor == Actor(user.id, "li", {"operations": "lead"})
    assert len([each for each in asked if each.startswith("SELECT")]) == 1


def test_changing_the_password_logs_out_all_other_devices(app, make_user):
    user = make_user("li")
    here, there = app.test_client(), app.test_client()
    sign_in(here, user), sign_in(there, user)
    answer = here.post("/preferences/password", data={"current": PASSWORD, "password": "another horse"})
    assert (answer.status_code, answer.location) == (303, "/preferences")
    assert is_logged_in(here)
    assert not is_logged_in(there)
    assert log_in(app.test_client()).status_code == 401
    assert log_in(app.test_client(), password="another horse").status_code == 303


def test_changing_the_password_needs_the_current_one(as_user):
    answer = as_user("li").post("/preferences/password", data={"current": "no", "password": "another horse"})
    assert answer.status_code == 422
    assert "This is not your current password." in answer.text


def test_guessing_the_current_password_is_throttled_as_log_in_is(as_user):
    client = as_user("li")
    form = {"current": "no", "password": "another horse"}
    answers = [client.post("/preferences/password", data=form) for _ in range(11)]
    assert [answer.status_code for answer in answers] == [422] * 10 + [429]
    assert int(answers[-1].headers["Retry-After"]) > 0


def test_refusals_of_the_service_name_no_more_than_the_page(in_app):
    with pytest.raises(Refusal, match="Login name or password is wrong"):
        sessions.log_in("li", "x")
