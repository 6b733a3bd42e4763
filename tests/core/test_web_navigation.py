"""The frame around every page: whose it is, where it leads, and which entry of its rail is marked."""

from typing import Any

import pytest
from flask import g, url_for
from werkzeug.routing import BuildError

from core.accounts.testing import sign_in
from core.contracts import Actor
from core.web import navigation


@pytest.mark.parametrize(
    ("path", "active"),
    [
        ("/", ["/"]),
        ("/design/", ["/design/"]),
        ("/design/words", ["/design/words"]),
        ("/design/pick/DES-1", ["/design/"]),
        ("/boards/design", ["/boards"]),
        ("/storeskeeper", []),
    ],
)
def test_the_nearest_entry_is_active(app, path, active):
    with app.test_request_context(path):
        g.actor = Actor(1, "tang", {"design": "lead", "operations": "member"})
        found = [entry.url for section in navigation() for entry in section.entries if entry.active]

    assert found == active


def test_each_reader_gets_the_frame_of_their_own_rights_language_and_session(app, make_user):
    def read(login: str, **more: Any) -> str:
        client = app.test_client()
        sign_in(client, make_user(login, teams={"operations": "member"}, **more))
        return client.get("/preferences").text

    admin, chinese, member = read("ada", admin=True, language="zh"), read("bo", language="zh"), read("cai")
    tokens = {page.split('"X-CSRFToken": "')[1].split('"')[0] for page in (admin, chinese, member)}

    assert len(tokens) == 3
    assert [("/finance/rules" in page, "我的工作台" in page) for page in (admin, chinese, member)] == [
        (True, True),
        (False, True),
        (False, False),
    ]
    assert ["ada" in page for page in (admin, chinese, member)] == [True, False, False]


def test_an_address_is_remembered_by_all_that_it_depends_on(app):
    def written(path: str, **more: Any) -> list[str]:
        with app.test_request_context(path, **more):
            return [
                url_for("board.task", number="DES-1"),
                url_for("board.task", number=1),
                url_for("board.task", number=True),
                url_for("board.desk", page=["1", "2"]),
                url_for(".desk"),
                url_for("board.desk", _external=True),
            ]

    same = ["/tasks/DES-1", "/tasks/1", "/tasks/True", "/?page=1&page=2"]
    assert written("/boards") == [*same, "/", "http://localhost/"]
    assert written("/boards", base_url="http://desk.example/shop/") == [
        *(f"/shop{address}" for address in same),
        "/shop/",
        "http://desk.example/shop/",
    ]
    with app.test_request_context("/"), pytest.raises(BuildError):
        url_for("board.task")


@pytest.mark.parametrize(("path", "more"), [("/", set()), ("/logistics/parcels", {"物流"})])
def test_open_in_the_rail_are_the_store_ones_own_teams_and_the_one_of_the_page(app, make_user, path, more):
    client = app.test_client()
    sign_in(client, make_user("zheng", teams={"finance": "lead"}, language="zh"))

    rail = client.get(path).text.split('<nav class="rail"')[1].split("</nav>")[0]
    sections = {
        part.split("<summary>")[1].split("<")[0]: part.startswith(" open") for part in rail.split("<details")[1:]
    }

    assert {label for label, opened in sections.items() if opened} == {"运营", "财务"} | more
    assert "物流" in sections
