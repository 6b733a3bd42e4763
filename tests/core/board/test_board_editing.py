"""Drafting and editing in a browser: what is kept, what is refused, what a form may not touch."""

import re
from datetime import UTC, datetime

import pytest

from core.board import services
from core.board.models import Task
from core.extensions import db
from core.stores.models import Order, Product, Store
from core.transactions import transaction

FORM = {
    "type": "studio.poster",
    "team": "operations",
    "title": "双十一主图",
    "brief.size_w": "790",
    "brief.size_h": "1200",
}


@pytest.fixture
def records(app):
    """A store, a product and an order: (kind:id, title) of each."""
    with app.app_context():
        with transaction() as session:
            store = Store(name="Flagship")
            session.add(store)
            session.flush()
            product = Product(store_id=store.id, item_id="610", title="羽绒服")
            order = Order(store_id=store.id, order_no="2618")
            session.add_all([product, order])
        return {
            "store": (f"core.store:{store.id}", "Flagship"),
            "product": (f"core.product:{product.id}", "羽绒服"),
            "order": (f"core.order:{order.id}", order.title),
        }


def drafted(pages):
    return pages.look(lambda _: db.session.scalar(db.select(Task).order_by(Task.id.desc())))


def create(pages, who="li", **form):
    return pages.post(who, "/tasks/new", **{**FORM, **form})


def test_every_kind_of_task_is_offered_by_its_team(pages):
    page = pages.get("li", "/tasks/new")
    for kind in ("studio.poster", "warehouse.counting", "core.general"):
        assert f"type={kind}" in page.text


def test_a_kind_of_task_has_its_own_form(pages):
    page = pages.get("li", "/tasks/new?type=studio.poster")
    assert page.status_code == 200
    for name in ("title", "brief.size_w", "brief.size_h", "brief.words", "priority", "due_at", "parent", "blockers"):
        assert f'name="{name}"' in page.text
    assert pages.get("li", "/tasks/new?type=nothing").status_code == 200  # the choice again


def test_a_draft_is_made_and_shown(pages):
    answer = create(pages, **{"brief.words": "保暖\r\n轻薄", "priority": "2"})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/tasks/STU-1")
    task = drafted(pages)
    assert (task.title, task.state, task.priority) == ("双十一主图", "draft", 2)
    assert task.brief == {"size": [790, 1200], "words": ["保暖", "轻薄"]}
    assert (task.requester_team, task.responsible_team, task.requester_id) == (
        "operations", "studio", pages.people["li"].id,
    )  # fmt: skip


def test_what_was_wrong_is_marked_and_what_was_right_is_kept(pages):
    answer = create(
        pages, **{"title": "", "brief.size_w": "wide", "brief.words": "保暖", "due_at": "soon", "parent": "STU-9"}
    )
    assert answer.status_code == 422
    for sentence in (
        "Give width and height in pixels.",
        "“soon” is not a date and time.",
        "There is no task STU-9 that you can see.",
    ):
        assert sentence in answer.text
    assert "保暖" in answer.text and 'value="wide"' in answer.text and 'value="STU-9"' in answer.text
    assert drafted(pages) is None
    answer = create(pages, title=" ")
    assert answer.status_code == 422 and "Give the task a title." in answer.text


@pytest.mark.parametrize(
    "form",
    [
        {"team": "studio"},
        {"team": "warehouse"},
        {"team": ""},
        {"priority": "9"},
        {"store": "99"},
        {"store": "abc"},
        {"due_at": "9999-99-99T99:99"},
        {"due_at": "0001-01-01T00:00"},
        {"blockers": "STU-1 STU-2"},
        {"blockers": ", ".join(f"STU-{number}" for number in range(5000))},
        {"title": "x" * 201},
        {"brief.size_w": "1" * 5000},
    ],
)
def test_nonsense_in_a_form_is_a_refusal(pages, form):
    assert create(pages, **form).status_code == 422
    assert drafted(pages) is None


@pytest.mark.parametrize("form", [{"priority": "high"}, {"record": ["x", "core.store:abc", "gone.kind:1", ":"]}])
def test_what_makes_no_sense_where_nothing_is_needed_is_left_out(pages, form):
    assert create(pages, **form).status_code == 303


def test_a_kind_that_is_none_is_not_there(pages):
    assert create(pages, type="studio.nothing").status_code == 404


def test_a_form_cannot_set_what_it_has_no_field_for(pages):
    extra = {
        "state": "done",
        "number": "X-1",
        "requester_id": str(pages.people["wang"].id),
        "requester_team": "studio",
        "responsible_team": "warehouse",
        "holder_id": "1",
        "version": "77",
        "points": "99",
        "round": "5",
        "closed_at": "2026-01-01",
        "brief.secret": "x",
        "brief": "x",
        "id": "500",
    }
    assert create(pages, **extra).status_code == 303
    task = drafted(pages)
    assert (task.state, task.number, task.requester_id) == ("draft", "STU-1", pages.people["li"].id)
    assert (task.requester_team, task.responsible_team, task.holder_id) == ("operations", "studio", None)
    assert (task.points, task.round, task.closed_at, task.brief) == (1, 1, None, {"size": [790, 1200]})
    assert task.id != 500 and task.version < 77


@pytest.mark.parametrize(
    "zone, due", [("", datetime(2026, 3, 9, 10, 0)), ("Europe/Berlin", datetime(2026, 3, 9, 17, 0))]
)
def test_a_time_is_read_in_the_readers_zone(pages, make_user, as_user, zone, due):
    browser = as_user(make_user("zoe", teams={"operations": "member"}, time_zone=zone))
    browser.post("/tasks/new", data={**FORM, "due_at": "2026-03-09T18:00"})
    task = drafted(pages)
    assert task.due_at == due.replace(tzinfo=UTC)
    page = browser.get(f"/tasks/{task.number}/edit")
    assert 'value="2026-03-09T18:00"' in page.text  # and shown as it was written


def test_relations_are_given_by_number_with_a_chinese_comma_too(pages):
    parent = pages.task("offered")
    first, second = pages.task("draft"), pages.task("draft", kind="warehouse.counting")
    create(pages, parent=f" {parent.number.lower()} ", blockers=f"{first.number}，{second.number}")
    task = drafted(pages)
    page = pages.get("li", f"/tasks/{task.number}/edit")
    assert f'value="{first.number} {second.number}"' in page.text
    assert f'value="{parent.number}"' in page.text


def test_a_task_one_cannot_see_is_no_relation(pages):
    hidden = pages.task("offered", kind="warehouse.counting")
    answer = create(pages, who="mei", team="studio", parent=hidden.number, blockers=hidden.number)
    assert answer.status_code == 422
    assert answer.text.count("There is no task WHS-1 that you can see.") == 2
    absent = create(pages, who="mei", team="studio", parent="WHS-8", blockers="WHS-8")
    plain = lambda page: re.sub(r"WHS-\d|[\w-]+\.[\w-]{6}\.[\w-]{27}", "", page.text)  # noqa: E731
    assert plain(absent) == plain(answer)


def test_a_draft_from_a_record_is_prefilled_and_linked_both_ways(pages, records):
    ref, title = records["product"]
    page = pages.get("li", f"/tasks/new?type=studio.poster&record={ref}")
    assert page.status_code == 200
    assert f'name="record" value="{ref}"' in page.text and f'value="{title}"' in page.text
    create(pages, record=[ref, ref])
    task = drafted(pages)
    assert title in pages.get("li", f"/tasks/{task.number}").text
    links = pages.look(lambda _: [(link.kind, link.title) for link in db.session.get(Task, task.id).links])
    assert links == [("core.product", title)]


def test_a_record_that_is_not_there_or_not_ones_own_to_see_is_not_linked(pages, records):
    order, title = records["order"]
    for ref in (order, "core.order:99"):  # an order is for the operations team alone
        assert pages.get("mei", f"/tasks/new?type=core.general&record={ref}").status_code == 404
    assert create(pages, who="mei", team="studio", record=[order, "core.product:99"]).status_code == 303
    task = drafted(pages)
    assert pages.look(lambda _: db.session.get(Task, task.id).links) == []
    assert title not in pages.get("mei", f"/tasks/{task.number}").text
    refused = create(pages, who="mei", team="studio", title="", record=[order])
    assert refused.status_code == 422 and title not in refused.text


# Editing


def edit(pages, task, who="li", **form):
    return pages.post(who, f"{task.url}/edit", **{**FORM, "title": "Other", **form})


def test_the_form_shows_what_is_written(pages):
    task = pages.task("draft", title="双十一主图", brief={"size": [790, 1200], "words": ["保暖"]}, priority=3)
    page = pages.get("li", f"{task.url}/edit")
    for part in ('value="双十一主图"', 'value="790"', "保暖", f'name="version" value="{task.version}"'):
        assert part in page.text


def test_an_edit_rewrites_the_draft(pages):
    task = pages.task("returned")
    answer = edit(pages, task, version=str(task.version), **{"brief.size_h": "800"})
    assert (answer.status_code, answer.headers["Location"]) == (303, task.url)
    assert pages.stored(task, "title", "brief", "state") == ("Other", {"size": [790, 800]}, "returned")


def test_a_stale_edit_keeps_what_was_typed_and_overwrites_nothing(pages):
    task = pages.task("draft")
    pages.look(lambda desk: services.edit_task(task.id, desk.actor("wang"), services.Draft("Theirs")))
    answer = edit(pages, task, title="Mine", version=str(task.version))
    assert answer.status_code == 409
    assert 'value="Mine"' in answer.text and "Somebody else changed this task meanwhile" in answer.text
    assert pages.stored(task, "title") == "Theirs"


@pytest.mark.parametrize("version", ["", "abc", "-1"])
def test_an_edit_that_does_not_say_what_it_saw_is_stale(pages, version):
    task = pages.task("draft")
    assert edit(pages, task, version=version).status_code == 409
    assert pages.stored(task, "title") == "Spring poster"


@pytest.mark.parametrize("state, who", [("offered", "li"), ("doing", "li"), ("done", "li"), ("returned", "mei")])
def test_what_is_not_ones_own_to_edit_is_refused_in_words(pages, state, who):
    task = pages.task(state)
    answer = edit(pages, task, who, version=str(task.version))
    assert answer.status_code == 422
    assert pages.stored(task, "title") == "Spring poster"


def test_an_edit_keeps_the_links_and_cannot_move_the_task_to_another_team(pages, records):
    ref, _ = records["store"]
    create(pages, record=ref)
    task = pages.look(lambda desk: db.session.scalar(db.select(Task)))
    form = {"version": str(task.version), "team": "warehouse", "type": "warehouse.counting", "requester_id": "2"}
    pages.post("li", f"/tasks/{task.number}/edit", **{**FORM, **form})
    after = drafted(pages)
    assert (after.type, after.requester_team, after.responsible_team) == ("studio.poster", "operations", "studio")
    assert pages.look(lambda _: len(db.session.get(Task, task.id).links)) == 1
