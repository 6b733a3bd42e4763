"""Who sees a task: both teams, who was drawn in, administrators; a draft only its own team."""

from dataclasses import replace

import pytest
from sqlalchemy import select

from core.board import queries, shown
from core.board.models import Task
from core.contracts import Actor, Ref
from core.extensions import db
from core.stores.models import Store
from core.transactions import transaction

EVERYBODY = ["li", "wang", "mei", "hua", "tang", "gao", "root"]
OPERATIONS, STUDIO = {"li", "wang"}, {"mei", "hua", "tang"}
NOBODY = Actor(None, "")


def seen_by(desk, task):
    query = select(Task.id).where(Task.id == task.id)
    return {name for name in EVERYBODY if db.session.scalar(query.where(Task.visible_to(desk.actor(name))))}


@pytest.mark.parametrize("state", ["offered", "accepted", "doing", "waiting", "delivered", "done", "returned"])
def test_both_teams_see_a_task_and_no_third(desk, state):
    assert seen_by(desk, desk.task(state)) == OPERATIONS | STUDIO | {"root"}


def test_a_draft_is_its_own_teams_affair(desk):
    task = desk.draft()
    assert seen_by(desk, task) == OPERATIONS | {"root"}
    desk.move(task, "offer", "li")
    desk.move(task, "withdraw", "li")
    assert seen_by(desk, task) == OPERATIONS | {"root"}


def test_a_draft_that_is_cancelled_was_never_anybody_elses(desk):
    assert seen_by(desk, desk.task("cancelled")) == OPERATIONS | {"root"}
    task = desk.task("offered")
    desk.move(task, "cancel", "li", text="no")
    assert seen_by(desk, task) == OPERATIONS | STUDIO | {"root"}


def test_who_follows_sees_it_while_it_is_no_draft(desk):
    task = desk.task("offered")
    desk.move(task, "cc", "li", users=[desk.id("gao")])
    assert "gao" in seen_by(desk, task)
    desk.move(task, "withdraw", "li")
    assert "gao" not in seen_by(desk, task)


def test_of_a_draft_only_its_own_team_is_told(desk):
    task = desk.task("offered")
    desk.move(task, "cc", "li", users=[desk.id("gao"), desk.id("wang")])
    desk.move(task, "withdraw", "li")
    told = len(desk.notices("gao"))
    desk.comment(task, "@gao @mei what do you think", "li")
    assert len(desk.notices("gao")) == told
    assert "li mentions you on STU-1 Spring poster." not in desk.notices("mei")


def test_nobody_sees_nothing(desk):
    task = desk.task("done")
    assert db.session.scalar(select(Task.id).where(Task.id == task.id, Task.visible_to(NOBODY))) is None


def test_a_board_shows_what_is_asked_of_the_team_and_what_it_asks(desk):
    offered, draft = desk.task("offered"), desk.draft()
    own = desk.draft(by="mei", team="studio", kind="core.general", brief={"what": "paper"})
    counting = desk.task("offered", kind="warehouse.counting")

    def board(team, **wanted):
        columns = queries.board(team, queries.Filter(**wanted))
        return {row.number for _, rows in columns.values() for row in rows}

    assert board("studio") == {offered.number, own.number}
    assert board("studio", side="to") == {offered.number}
    assert board("studio", side="from") == {own.number}
    assert board("operations") == {offered.number, draft.number, counting.number}
    assert board("operations", side="to") == set()
    assert board("warehouse") == {counting.number}


def test_a_search_finds_only_what_one_may_see(desk):
    desk.task("offered", title="双十一 主图海报")
    desk.draft(title="双十一 详情页")

    def found(name, text):
        return [row.title for row in queries.search(desk.actor(name), text)]

    assert found("mei", "双十一") == ["双十一 主图海报"]
    assert found("li", "双十一") == ["双十一 详情页", "双十一 主图海报"]
    assert found("gao", "双十一") == []
    assert found("li", "海报 双十") == ["双十一 主图海报"]  # every word, in any order
    assert found("li", "stu-2") == ["双十一 详情页"]
    assert found("li", "%") == found("li", "_") == []  # a sign is a sign


def test_a_records_page_lists_only_tasks_one_may_see(desk):
    with transaction() as session:
        session.add(Store(name="Flagship"))
    ref = Ref("core.store", db.session.scalar(select(Store.id)))
    desk.task("offered", records=(ref,))
    desk.draft(records=(ref,))
    assert [row.number for row in queries.tasks_of(ref, desk.actor("li"))] == ["STU-2", "STU-1"]
    assert [row.number for row in queries.tasks_of(ref, desk.actor("mei"))] == ["STU-1"]


def test_the_requester_sees_state_and_holder_of_a_part_that_is_not_theirs_to_open(desk):
    parent = desk.task("doing")
    part = desk.draft(by="mei", team="studio", kind="warehouse.counting", title="Count samples", parent_id=parent.id)
    desk.move(part, "offer", "mei")
    desk.move(part, "accept", "gao")
    assert "li" not in seen_by(desk, part)

    def parts(name):
        return shown.whole(desk.fresh(parent), desk.actor(name))["children"]

    known = {"number": "WHS-1", "title": "Count samples", "state": "accepted", "state_label": "Accepted",
             "team": "Warehouse", "holder": "gao"}  # fmt: skip
    assert parts("li") == [{**known, "url": ""}]
    assert parts("mei") == [{**known, "url": "/tasks/WHS-1"}]


def test_the_title_of_another_teams_draft_is_not_told(desk):
    parent = desk.task("doing")
    desk.draft(by="mei", team="studio", kind="warehouse.counting", title="Secret", parent_id=parent.id)
    [part] = shown.whole(desk.fresh(parent), desk.actor("li"))["children"]
    assert (part["number"], part["title"], part["state"], part["url"]) == ("WHS-1", "", "draft", "")


def desk_of(desk, name):
    return {section: [row.number for row in rows] for section, (_, rows) in queries.desk(desk.actor(name)).items()}


def test_the_desk_sorts_what_is_ones_own_to_do(desk, clock):
    empty = {"to_accept": [], "to_do": [], "to_check": [], "waiting": [], "overdue": []}
    for state in ("draft", "offered", "accepted", "doing", "waiting", "delivered", "done", "returned", "cancelled"):
        desk.task(state)
    assert desk_of(desk, "li") == {
        "to_accept": [],
        "to_do": ["STU-1", "STU-8"],
        "to_check": ["STU-6"],
        "waiting": ["STU-2", "STU-3", "STU-4", "STU-5"],
        "overdue": [],
    }
    assert desk_of(desk, "mei") == {
        "to_accept": ["STU-2"],
        "to_do": ["STU-3", "STU-4"],
        "to_check": [],
        "waiting": ["STU-6", "STU-5"],
        "overdue": [],
    }
    assert desk_of(desk, "hua") == {**empty, "to_accept": ["STU-2"]}
    assert desk_of(desk, "gao") == desk_of(desk, "root") == empty
    clock.set("2026-03-02 18:30")
    assert desk_of(desk, "hua")["overdue"] == ["STU-2", "STU-3", "STU-4"]  # in the team's hands
    assert desk_of(desk, "wang")["overdue"] == ["STU-6"]


def test_who_has_left_a_team_finds_its_tasks_on_the_desk_no_more(desk, clock):
    for state in ("draft", "offered", "doing", "waiting", "delivered"):
        desk.task(state)
    clock.set("2026-03-09 18:30")
    for name in ("li", "mei"):
        gone = replace(desk.actor(name), roles={"warehouse": "member"})
        assert {total for total, _ in queries.desk(gone).values()} == {0}


def test_a_co_signature_is_asked_for_in_each_round_and_of_an_earlier_one_not_any_more(desk):
    task = desk.task("delivered")
    desk.move(task, "ask_cosign", "li", users=[desk.id("gao")], everyone=True)
    assert desk_of(desk, "gao")["to_check"] == ["STU-1"]
    desk.move(task, "rework", "li", reason="other", text="darker")
    assert desk_of(desk, "gao")["to_check"] == []
    desk.move(task, "deliver", "mei")
    assert desk_of(desk, "gao")["to_check"] == ["STU-1"]
    desk.move(task, "cosign", "gao", agreed=True, text="")
    assert desk_of(desk, "gao")["to_check"] == []


def test_a_board_column_is_ordered_by_urgency_and_the_done_by_their_end(desk, clock):
    clock.set("2026-03-02 10:00")
    first = desk.task("offered")
    clock.set("2026-03-02 09:30")
    second = desk.task("offered")
    assert [row.id for row in queries.column("studio", "offered", queries.Filter())] == [second.id, first.id]
    done = []
    for _ in range(2):
        clock.forward(hours=1)
        done.append(desk.task("done").id)
    assert [row.id for row in queries.column("studio", "done", queries.Filter())] == done[::-1]


def test_what_was_done_long_ago_leaves_the_board(desk, clock):
    task = desk.task("done")
    since = queries.cursor("studio")
    clock.forward(days=14, seconds=1)
    assert queries.board("studio", queries.Filter())["done"] == (0, [])
    assert list(queries.column("studio", "done", queries.Filter())) == []
    desk.comment(task, "thanks", "li")
    cards, gone = queries.changed_since("studio", since, queries.Filter())
    assert (list(cards), gone) == ([], [task.id])


@pytest.mark.parametrize(
    "wanted, numbers",
    [
        ({"type": "studio.poster"}, {"STU-1", "STU-2", "STU-3"}),
        ({"type": "core.general"}, {"OPS-1"}),
        ({"priority": 2}, {"STU-2"}),
        ({"late": True}, {"STU-1"}),
        ({"text": "summer"}, {"STU-3"}),
        ({"text": "ops-1"}, {"OPS-1"}),
        ({"type": "studio.poster", "text": "spring", "priority": 2}, {"STU-2"}),
    ],
)
def test_a_board_is_filtered(desk, clock, wanted, numbers):
    desk.task("offered")
    desk.task("doing", priority=2)
    desk.draft(title="Summer poster")
    desk.draft(kind="core.general", brief={"what": "paper"}, title="Paper")
    clock.forward(hours=1, seconds=1)
    columns = queries.board("operations", queries.Filter(**wanted))
    assert {row.number for _, rows in columns.values() for row in rows} == numbers


def test_a_board_is_filtered_by_holder(desk):
    desk.task("doing")
    desk.task("offered")
    columns = queries.board("studio", queries.Filter(holder=desk.id("mei")))
    assert {row.number for _, rows in columns.values() for row in rows} == {"STU-1"}
