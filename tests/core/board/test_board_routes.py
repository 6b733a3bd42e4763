"""Every route of the board against people who may not: another team's task is the same as none."""

import re

import pytest

# How each route names a task or a team; a route that is not here fails the test.
BY_NUMBER = {
    "board.task": "GET",
    "board.verb_form": "GET",
    "board.move": "POST",
    "board.check": "POST",
    "board.upload": "POST",
    "board.comment": "POST",
    "board.watch": "POST",
    "board.edit": "GET",
    "board.save": "POST",
}
BY_TEAM = {"board.board": "GET", "board.column": "GET", "board.changes": "GET"}
NAMELESS = {
    "board.desk": "GET",
    "board.boards": "GET",
    "board.search": "GET",
    "board.notices_page": "GET",
    "board.read_notices": "POST",
    "board.new": "GET",
    "board.create": "POST",
    "board.calendar": "GET",
    "board.save_calendar": "POST",
    "board.matrix": "GET",
    "board.handoffs": "GET",
    "board.issue_review": "POST",
}
BY_REVIEW = {"board.review_page"}  # a record as any other: whom it answers, test_security_routes asks
NAMES = {"verb": "accept", "slot": "poster", "state": "offered", "team": "studio"}


def address(app, endpoint, **names):
    with app.test_request_context():
        return app.url_for(endpoint, **{n: v for n, v in {**NAMES, **names}.items() if n in arguments(app, endpoint)})


def arguments(app, endpoint):
    return {name for rule in app.url_map.iter_rules(endpoint) for name in rule.arguments}


EACH_TIME = r"STU-\d+|/boards/\w+|[0-9a-f]{12}|[\w-]+\.[\w-]{6}\.[\w-]{27}"  # names, request and form token


def ask(browser, method, url):
    answer = browser.open(url, method=method)
    return answer.status_code, re.sub(EACH_TIME, "", answer.text)


def test_every_route_is_in_the_table(app):
    routes = {rule.endpoint for rule in app.url_map.iter_rules() if rule.endpoint.startswith("board.")}
    assert routes == BY_NUMBER.keys() | BY_TEAM.keys() | NAMELESS.keys() | BY_REVIEW
    assert all(arguments(app, endpoint) >= {"number"} for endpoint in BY_NUMBER)
    assert all(arguments(app, endpoint) >= {"team"} for endpoint in BY_TEAM)
    assert not any(arguments(app, endpoint) for endpoint in NAMELESS)


@pytest.mark.parametrize("endpoint", BY_NUMBER)
def test_a_task_one_may_not_see_is_the_same_as_none(app, pages, endpoint):
    offered, unseen = pages.task("offered"), pages.task("draft")
    method = BY_NUMBER[endpoint]
    hidden, draft, absent = (address(app, endpoint, number=number) for number in ("STU-1", "STU-2", "STU-77"))
    stranger = pages.browser("gao")
    nothing = ask(stranger, method, absent)
    assert nothing[0] == 404
    assert ask(stranger, method, hidden) == nothing
    assert ask(pages.browser("mei"), method, draft) == ask(pages.browser("mei"), method, absent)
    assert [pages.stored(task, "version") for task in (offered, unseen)] == [offered.version, unseen.version]


@pytest.mark.parametrize("endpoint", BY_TEAM)
def test_a_team_one_is_not_in_is_the_same_as_none(app, pages, endpoint):
    stranger, method = pages.browser("gao"), BY_TEAM[endpoint]
    nothing = ask(stranger, method, address(app, endpoint, team="nothing"))
    assert nothing[0] == 404
    assert ask(stranger, method, address(app, endpoint, team="studio")) == nothing


@pytest.mark.parametrize("endpoint", [*BY_NUMBER, *BY_TEAM, *NAMELESS])
def test_who_is_not_signed_in_is_asked_to(app, pages, client, endpoint):
    pages.task("offered")
    method = {**BY_NUMBER, **BY_TEAM, **NAMELESS}[endpoint]
    for number in ("STU-1", "STU-77"):
        answer = client.open(address(app, endpoint, number=number), method=method)
        assert answer.status_code == 303 and "/log-in" in answer.headers["Location"]


@pytest.mark.parametrize(
    "endpoint", [name for name, way in {**BY_NUMBER, **BY_TEAM, **NAMELESS}.items() if way == "GET"]
)
def test_reading_changes_nothing(app, pages, endpoint):
    task = pages.task("offered")
    before = pages.stored(task, "version", "changed")
    told = pages.look(lambda desk: desk.notices("mei"))
    for name in ("li", "mei", "root"):
        assert pages.get(name, address(app, endpoint, number=task.number)).status_code in (200, 204, 302, 403, 404)
    assert pages.stored(task, "version", "changed") == before
    assert pages.look(lambda desk: desk.notices("mei")) == told


@pytest.mark.parametrize("endpoint", [name for name, way in {**BY_NUMBER, **NAMELESS}.items() if way == "POST"])
def test_an_empty_form_fails_nothing(app, pages, endpoint):
    task = pages.task("doing")
    url = address(app, endpoint, number=task.number, verb="return")
    for name in ("li", "mei", "tang", "root"):
        for htmx in (False, True):
            assert pages.post(name, url, htmx=htmx).status_code < 500
    fields = ("version", "user", "users", "until", "note", "result", "name", "watch")
    garbage = dict.fromkeys(fields, "\ufffd😀" * 50)
    for name in ("li", "mei", "root"):
        assert pages.post(name, url, **garbage).status_code < 500
