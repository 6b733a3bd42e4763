"""User accounts: the first administrator, teams and roles, disabling, preferences."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from threading import Barrier

import pytest
from sqlalchemy import func, select

from core.accounts import passwords, rules, services
from core.accounts.models import Membership, User
from core.audit.models import Event
from core.contracts import SYSTEM
from core.extensions import db
from core.messages import Refusal
from core.testing import PASSWORD
from core.transactions import transaction

FIRST = {"login": "boss", "name": "Boss", "password": PASSWORD}


def stored(app, login):
    with app.app_context():
        user = db.session.scalar(select(User).where(User.login == login))
        return user and {"name": user.name, "admin": user.admin, "active": user.active, "roles": user.roles}


def make(**values):
    return services.create_user(SYSTEM, **{"login": "li", "name": "Li", "password": PASSWORD} | values)


def test_without_any_user_the_log_in_page_leads_to_the_first_run_page(client):
    assert client.get("/log-in").location == "/first-run"
    assert client.get("/first-run").status_code == 200


def test_the_first_run_page_makes_an_administrator_and_logs_them_in(app, client):
    answer = client.post("/first-run", data=FIRST)
    assert (answer.status_code, answer.location) == (303, "/")
    assert stored(app, "boss") == {"name": "Boss", "admin": True, "active": True, "roles": {}}
    assert client.get("/users").status_code == 200


def test_the_first_run_page_is_closed_as_soon_as_there_is_a_user(app, client, make_user):
    make_user("li")
    assert client.get("/first-run").location == "/log-in"
    assert client.post("/first-run", data=FIRST).location == "/log-in"
    assert stored(app, "boss") is None


def test_a_refused_first_administrator_keeps_what_was_typed_but_the_password(client):
    answer = client.post("/first-run", data=FIRST | {"password": "12345678"})
    assert answer.status_code == 422
    assert "This password is one of the first that anybody would try." in answer.text
    assert 'value="boss"' in answer.text
    assert "12345678" not in answer.text


def test_of_two_first_administrators_at_once_one_comes_in(app, monkeypatch):
    both = Barrier(2)

    def hashed(password):
        both.wait(120)
        return "hash"

    monkeypatch.setattr(passwords, "hashed", hashed)

    def try_one(login):
        with app.app_context():
            try:
                return services.create_first_administrator(login, login, PASSWORD).login
            except Refusal as refusal:
                return str(refusal)

    with ThreadPoolExecutor(2) as pool:
        answers = sorted(pool.map(try_one, ["anna", "bert"]))
    assert answers[0] == "The first administrator is there already. Log in."
    assert answers[1] in ("anna", "bert")
    with app.app_context():
        assert db.session.scalar(select(func.count(User.id))) == 1


def test_a_login_is_stored_in_small_letters_and_taken_once(in_app):
    assert make(login=" LI ").login == "li"
    with pytest.raises(Refusal) as refused:
        make(login="Ｌi")
    assert list(refused.value.fields) == ["login"]


def test_a_login_taken_while_the_password_is_hashed_is_refused(in_app, monkeypatch):
    real = passwords.hashed

    def meanwhile(password):
        monkeypatch.setattr(passwords, "hashed", real)
        make()
        return "hash"

    monkeypatch.setattr(passwords, "hashed", meanwhile)
    with pytest.raises(Refusal, match="Somebody has this login name already"):
        make()


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"login": "l i"}, "login"),
        ({"name": "x" * 81}, "name"),
        ({"password": "short"}, "password"),
        ({"roles": {"nowhere": "member"}}, "teams"),
        ({"roles": {"operations": "king"}}, "teams"),
        ({"language": "fr"}, "language"),
        ({"time_zone": "Mars/Olympus"}, "time_zone"),
    ],
)
def test_a_user_with_a_wrong_field_is_refused_by_its_name(in_app, wrong, field):
    with pytest.raises(Refusal) as refused:
        make(**wrong)
    assert list(refused.value.fields) == [field]
    assert db.session.scalar(select(func.count(User.id))) == 0


def test_the_password_is_stored_as_argon2id(in_app):
    assert make().password_hash.startswith("$argon2id$")


def test_a_user_may_be_in_several_teams_with_a_role_in_each(app, as_user):
    form = {"login": "li", "name": "Li", "password": PASSWORD, "team-operations": "lead"}
    assert as_user("boss", admin=True).post("/users/new", data=form).location == "/users"
    assert stored(app, "li") == {"name": "Li", "admin": False, "active": True, "roles": {"operations": "lead"}}


def test_teams_not_named_any_more_are_left(app, in_app):
    user = make(roles={"operations": "lead"})
    services.edit_user(SYSTEM, user.id, name="Li", admin=False, roles={})
    assert stored(app, "li")["roles"] == {}


def test_a_membership_of_a_team_whose_plugin_is_off_stays(app, in_app):
    user = make(roles={"operations": "lead"})
    with transaction() as session:
        session.add(Membership(user_id=user.id, team="gone", role="member"))
    services.edit_user(SYSTEM, user.id, name="Li", admin=False, roles={"operations": "member"})
    assert stored(app, "li")["roles"] == {"gone": "member", "operations": "member"}


def test_an_edit_is_logged_with_what_changed(in_app):
    user = make(roles={"operations": "member"})
    services.edit_user(SYSTEM, user.id, name="Li", admin=False, roles={"operations": "lead"})
    services.edit_user(SYSTEM, user.id, name="Li", admin=False, roles={"operations": "lead"})
    events = db.session.scalars(select(Event).where(Event.verb == "user_changed")).all()
    assert [event.data for event in events] == [{"roles": [{"operations": "member"}, {"operations": "lead"}]}]


def test_no_password_is_ever_logged(in_app):
    user = make()
    services.set_password(SYSTEM, user.id, "another horse")
    for event in db.session.scalars(select(Event)):
        assert PASSWORD not in str(event.data)
        assert "another horse" not in str(event.data)
        assert "argon2" not in str(event.data)


def test_extra_fields_of_a_form_change_nothing(app, as_user):
    client = as_user("li")
    form = {"language": "en", "time_zone": "", "admin": "on", "team-operations": "lead", "active": "0", "id": "9"}
    assert client.post("/preferences", data=form).status_code == 303
    assert stored(app, "li") == {"name": "li", "admin": False, "active": True, "roles": {}}


def test_the_last_administrator_can_neither_be_disabled_nor_lose_the_right(app, in_app):
    boss = make(login="boss", admin=True)
    make(login="old", admin=True)
    services.disable_user(SYSTEM, db.session.scalar(select(User.id).where(User.login == "old")))
    with pytest.raises(Refusal, match="last administrator"):
        services.disable_user(SYSTEM, boss.id)
    with pytest.raises(Refusal, match="last administrator"):
        services.edit_user(SYSTEM, boss.id, name="Boss", admin=False, roles={})
    assert stored(app, "boss") == {"name": "Li", "admin": True, "active": True, "roles": {}}


def test_administrators_cannot_disable_themselves(app, as_user, make_user):
    make_user("other", admin=True)
    boss = make_user("boss", admin=True)
    answer = as_user(boss).post(f"/users/{boss.id}/disable")
    assert answer.status_code == 422
    assert "You cannot disable your own account." in answer.text
    assert stored(app, "boss")["active"]


def test_a_user_is_disabled_and_enabled_by_the_administrator(app, as_user, make_user):
    li, client = make_user("li"), as_user("boss", admin=True)
    assert client.post(f"/users/{li.id}/disable").location == "/users"
    assert not stored(app, "li")["active"]
    assert client.post(f"/users/{li.id}/enable").location == "/users"
    assert stored(app, "li")["active"]


def test_a_reset_password_is_checked_as_any_other(as_user, make_user):
    li, client = make_user("li"), as_user("boss", admin=True)
    assert client.post(f"/users/{li.id}/password", data={"password": "short"}).status_code == 422
    answer = client.post(f"/users/{li.id}/password", data={"password": "another horse"})
    assert answer.location == f"/users/{li.id}"


@pytest.mark.parametrize("path", ["/users", "/users/new", "/users/1", "/plugins"])
def test_users_and_plugins_are_the_administrators(as_user, client, path):
    assert as_user("li", teams={"operations": "lead"}).get(path).status_code == 403
    assert as_user("boss", admin=True).get(path).status_code == 200
    assert client.get(path).status_code == 303


def test_users_are_found_by_name_team_and_state(as_user, make_user):
    make_user("li.ming", name="李明", teams={"operations": "member"})
    make_user("wang", name="100%")
    client = as_user("boss", admin=True)
    assert "li.ming" in client.get("/users?q=李").text
    assert "wang" not in client.get("/users?q=李").text
    assert "wang" in client.get("/users?q=0%25").text
    assert "li.ming" not in client.get("/users?q=0%25").text
    assert "wang" not in client.get("/users?team=operations").text
    assert "wang" not in client.get("/users?state=disabled").text


def test_preferences_are_those_of_the_user_on_every_device(app, make_user, as_user):
    user = make_user("li")
    assert '<html lang="en">' in as_user(user).get("/preferences").text
    form = {"language": "zh", "time_zone": "America/New_York"}
    assert as_user(user).post("/preferences", data=form).location == "/preferences"
    assert '<html lang="zh-CN">' in as_user(user).get("/preferences").text


def test_a_wrong_preference_is_refused_and_named(as_user):
    answer = as_user("li").post("/preferences", data={"language": "zh", "time_zone": "Mars/Olympus"})
    assert answer.status_code == 422
    assert "There is no time zone Mars/Olympus." in answer.text


def test_times_are_shown_in_the_readers_zone(app, make_user, as_user):
    from core.web import when

    noon = datetime(2026, 11, 22, 12, tzinfo=UTC)
    shown = []
    app.view_functions["web.healthz"] = view = lambda: shown.append(when(noon)) or ""
    view.permission = "anyone"
    as_user(make_user("li")).get("/healthz")
    as_user(make_user("wang", time_zone="America/New_York")).get("/healthz")
    assert shown == ["2026-11-22 20:00", "2026-11-22 07:00"]


def test_the_language_is_switched_for_browser_and_user(app, client, as_user):
    answer = client.post("/language", data={"language": "zh", "next": "/first-run"})
    assert (answer.status_code, answer.location) == (303, "/first-run")
    assert '<html lang="zh-CN">' in client.get("/first-run").text
    mine = as_user("li")
    assert mine.post("/language", data={"language": "zh"}).status_code == 303
    assert '<html lang="zh-CN">' in mine.get("/preferences").text
    assert mine.post("/language", data={"language": "xx"}).status_code == 422


def test_the_language_switch_returns_to_no_other_site(client):
    assert client.post("/language", data={"language": "zh", "next": "//evil.example"}).location == "/"


@pytest.mark.parametrize(("accepted", "lang"), [(None, "zh-CN"), ("zh-TW", "zh-CN"), ("en-US,en;q=0.9,zh;q=0.8", "en")])
def test_a_browser_that_is_not_logged_in_reads_its_own_language(make_app, accepted, lang):
    client = make_app(LANGUAGE="zh").test_client()
    headers = {"Accept-Language": accepted} if accepted else {}
    assert f'<html lang="{lang}">' in client.get("/first-run", headers=headers).text


def test_a_language_with_quality_nought_is_not_accepted(make_app):
    client = make_app(LANGUAGE="zh").test_client()
    assert '<html lang="en">' in client.get("/first-run", headers={"Accept-Language": "zh;q=0, en;q=0.5"}).text


def test_there_is_a_name_for_every_role():
    assert set(rules.ROLE_LABELS) == set(rules.ROLES)


def test_the_plugin_page_shows_what_is_installed_and_enabled(as_user):
    page = as_user("boss", admin=True).get("/plugins").text
    assert "design" in page
    assert "Enabled" in page
