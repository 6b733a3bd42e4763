"""Boards, desk and task pages in a browser: whole or as fragments, moves and their refusals."""

import json
import re
from datetime import date
from io import BytesIO
from zipfile import ZipFile

import pytest
from PIL import Image

from core.accounts.models import User
from core.board import contents, moves, queries
from core.messages import msg
from core.transactions import transaction


def toast(response):
    return json.loads(response.headers["HX-Trigger"])["toast"]


def is_whole(response):
    return response.text.lstrip().startswith("<!doctype html>")


def cards(response):
    """Number, state and version of each card."""
    found = re.findall(r'href="/tasks/([A-Z]+-\d+)" data-v="(\d+)" data-s="(\w+)"', response.text)
    return [(number, state, int(version)) for number, version, state in found]


def numbers(response):
    return {number for number, _, _ in cards(response)}


def png(colour="red"):
    data = BytesIO()
    Image.new("RGB", (4, 4), colour).save(data, "PNG")
    return data.getvalue()


def upload(name="poster.png", data=None):
    return (BytesIO(png() if data is None else data), name)


def archive(name):
    out = BytesIO()
    with ZipFile(out, "w") as made:
        made.writestr(name, name)
    return upload(name, out.getvalue())


# Desk and boards


def test_the_desk_is_the_first_page_and_lists_what_is_ones_own_to_do(pages):
    offered, doing = pages.task("offered", title="双十一主图"), pages.task("doing", title="详情页")
    page = pages.get("mei", "/")
    assert page.status_code == 200 and is_whole(page)
    for task in (offered, doing):
        assert f'href="{task.url}"' in page.text
    part = pages.get("mei", "/", htmx=True)
    assert not is_whole(part) and "双十一主图" in part.text
    assert "双十一主图" not in pages.get("gao", "/").text


def test_a_desk_without_anything_says_so(pages):
    assert "Nothing is waiting to be accepted." in pages.get("gao", "/").text


def test_boards_lead_to_ones_own_team(pages):
    assert pages.get("mei", "/boards").headers["Location"] == "/boards/studio"
    assert pages.get("root", "/boards").status_code == 302


def test_who_is_in_no_team_is_told_so(pages, as_user):
    assert as_user("new").get("/boards").status_code == 403
    page = as_user("resting", teams={"gone": "member"}).get("/boards")  # of a team whose plugin is switched off
    assert page.status_code == 200 and is_whole(page)


def test_a_board_shows_its_columns_and_cards(pages):
    offered, done = pages.task("offered"), pages.task("done")
    pages.task("cancelled")
    page = pages.get("mei", "/boards/studio")
    assert page.status_code == 200 and is_whole(page)
    assert cards(page) == [(offered.number, "offered", offered.version), (done.number, "done", done.version)]
    assert re.findall(r'data-state="(\w+)"', page.text) == list(queries.COLUMNS)
    part = pages.get("mei", "/boards/studio", htmx=True)
    assert not is_whole(part) and cards(part) == cards(page)
    assert part.headers["Vary"].count("HX-Request") == 1


def test_a_card_says_to_each_reader_what_holds_for_them_and_now(pages, clock):
    task = pages.task("doing")

    def card(who, board, pattern):
        return re.findall(pattern, pages.get(who, f"/boards/{board}", htmx=True).text)

    for _ in range(2):  # written, and kept
        assert card("mei", "studio", 'data-m="([^"]*)"') == ["deliver wait return reassign cc"]
        assert card("li", "operations", 'data-m="([^"]*)"') == ["ask_withdraw urge cc"]
        assert card("mei", "studio", 'class="av" title="(.)') == ["m"]
        assert not card("mei", "studio", 'time class="red"')
    with pages.app.app_context(), transaction() as session:
        session.get_one(User, pages.people["mei"].id).name = "Zhen"
    clock.forward(days=30)
    assert card("li", "operations", 'class="av" title="(.)') == ["Z"]
    assert card("mei", "studio", 'time class="red"')
    assert task.number in numbers(pages.get("mei", "/boards/studio"))


@pytest.mark.parametrize("path", ["/boards/studio", "/boards/studio/changes", "/boards/studio/columns/offered"])
@pytest.mark.parametrize("name", ["li", "gao"])
def test_another_teams_board_is_not_there(pages, name, path):
    assert pages.get(name, path).status_code == 404


def test_an_administrator_opens_every_board_and_nobody_one_that_is_none(pages):
    assert pages.get("root", "/boards/studio").status_code == 200
    assert pages.get("root", "/boards/nothing").status_code == 404


@pytest.mark.parametrize(
    "query, expected",
    [
        ("", {"STU-1", "STU-2", "WHS-1"}),
        ("q=主图", {"STU-1"}),
        ("q=主图+双十一", {"STU-1"}),
        ("q=stu-2", {"STU-2"}),
        ("q=%25", set()),
        ("type=warehouse.counting", {"WHS-1"}),
        ("priority=2", {"STU-2"}),
        ("side=from", {"STU-1", "STU-2", "WHS-1"}),
        ("side=to", set()),
        ("late=1", {"STU-1"}),
        ("holder=abc&priority=x&side=up&late=yes", {"STU-1", "STU-2", "WHS-1"}),  # what makes no sense is left out
        ("holder=99", set()),
        ("priority=999999999999999", set()),
    ],
)
def test_a_board_is_filtered_by_its_address(pages, clock, query, expected):
    pages.task("offered", title="双十一 主图海报")
    pages.task("doing", title="详情页", priority=2)
    pages.task("offered", kind="warehouse.counting", title="盘点")
    clock.forward(hours=1, seconds=1)
    assert numbers(pages.get("li", f"/boards/operations?{query}")) == expected


def test_a_column_goes_on_where_the_board_stopped(pages, monkeypatch):
    monkeypatch.setattr(queries, "PER_COLUMN", 2)
    made = [pages.task("offered").number for _ in range(3)]
    page = pages.get("mei", "/boards/studio")
    assert [number for number, _, _ in cards(page)] == made[:2]
    assert "/boards/studio/columns/offered?offset=2" in page.text
    assert pages.get("mei", "/boards/studio/columns/nothing").status_code == 404
    assert cards(pages.get("mei", "/boards/studio/columns/offered?offset=99999999999999999999")) != []


def test_a_column_is_fetched_from_an_offset(pages):
    made = [pages.task("offered").number for _ in range(3)]
    found = cards(pages.get("mei", "/boards/studio/columns/offered?offset=1"))
    assert [number for number, _, _ in found] == made[1:]


# What changed since


def cursor(response):
    return int(re.search(r"since=(\d+)", response.text)[1])


def gone(response):
    return re.search(r'data-gone="([^"]*)"', response.text)[1].split()


def test_a_poll_says_nothing_while_nothing_changed(pages):
    pages.task("offered")
    since = cursor(pages.get("mei", "/boards/studio"))
    answer = pages.get("mei", f"/boards/studio/changes?since={since}", htmx=True)
    assert (answer.status_code, answer.data) == (204, b"")


def test_a_poll_brings_what_changed_and_where_to_go_on(pages):
    pages.task("offered")
    task = pages.task("offered")
    since = cursor(pages.get("mei", "/boards/studio"))
    pages.post("hua", f"{task.url}/verbs/accept")
    answer = pages.get("mei", f"/boards/studio/changes?since={since}", htmx=True)
    assert answer.status_code == 200
    assert [(number, state) for number, state, _ in cards(answer)] == [(task.number, "accepted")]
    again = pages.get("mei", f"/boards/studio/changes?since={cursor(answer)}", htmx=True)
    assert again.status_code == 204


def test_a_comment_and_a_file_are_changes_too(pages):
    task = pages.task("doing")
    since = cursor(pages.get("li", "/boards/operations"))
    pages.post("mei", f"{task.url}/comments", body="soon")
    answer = pages.get("li", f"/boards/operations/changes?since={since}")
    assert numbers(answer) == {task.number}


def test_a_card_that_left_the_board_is_named_as_gone(pages):
    task = pages.task("offered")
    since = cursor(pages.get("mei", "/boards/studio"))
    pages.post("li", f"{task.url}/verbs/withdraw")
    answer = pages.get("mei", f"/boards/studio/changes?since={since}")
    assert (cards(answer), gone(answer)) == ([], [str(task.id)])


def test_a_card_that_no_longer_fits_the_filter_is_gone(pages):
    task = pages.task("offered")
    board = pages.get("li", "/boards/operations?late=0&holder=3")
    pages.post("hua", f"{task.url}/verbs/accept")
    answer = pages.get("li", f"/boards/operations/changes?holder=3&since={cursor(board)}")
    assert gone(answer) == [str(task.id)]


def test_a_poll_from_nowhere_brings_all(pages):
    task = pages.task("offered")
    for since in ("", "?since=", "?since=-1", "?since=abc", "?since=99999999999999999999"):
        assert numbers(pages.get("mei", f"/boards/studio/changes{since}")) == {task.number}


# The task


def test_a_task_has_a_page_and_a_panel(pages):
    task = pages.task("doing", title="双十一主图")
    page, panel = pages.get("li", task.url), pages.get("li", task.url, htmx=True)
    assert (page.status_code, panel.status_code) == (200, 200)
    assert is_whole(page) and not is_whole(panel)
    for answer in (page, panel):
        assert "双十一主图" in answer.text and f'data-number="{task.number}"' in answer.text


@pytest.mark.parametrize(
    "state", ["draft", "offered", "accepted", "doing", "waiting", "delivered", "done", "returned", "cancelled"]
)
def test_a_task_is_shown_in_every_state_to_everybody_who_may_see_it(pages, state):
    task = pages.task(state)
    hidden = state in ("draft", "cancelled")  # never handed over
    assert {name: pages.get(name, task.url).status_code for name in ("li", "mei", "gao", "root")} == {
        "li": 200,
        "mei": 404 if hidden else 200,
        "gao": 404,
        "root": 200,
    }


def test_a_task_of_a_plugin_that_is_switched_off_can_be_read(pages, switch_off):
    task = pages.task("doing")
    switch_off()
    page = pages.get("li", task.url)
    assert page.status_code == 200
    assert "it can be read, not moved" in page.text and "790" in page.text  # the brief too
    assert f"{task.url}/verbs/" not in page.text
    answer = pages.post("li", f"{task.url}/verbs/urge")
    assert answer.status_code == 422 and "switched off" in toast(answer)["text"]
    assert pages.get("li", "/boards/operations").status_code == 200
    assert pages.get("li", f"{task.url}/edit").status_code == 404
    assert pages.post("li", f"{task.url}/edit", title="x", version=task.version).status_code == 422


def test_a_verb_has_a_form_of_its_own(pages):
    task = pages.task("offered")
    page, panel = (pages.get("mei", f"{task.url}/verbs/return", htmx=htmx) for htmx in (False, True))
    assert is_whole(page) and not is_whole(panel)
    assert 'name="reason" value="missing_info"' in panel.text
    assert f'name="version" value="{task.version}"' in panel.text
    assert pages.get("mei", f"{task.url}/verbs/teleport").status_code == 404


# Moves


def test_a_move_leads_back_to_the_task(pages):
    task = pages.task("offered")
    answer = pages.post("mei", f"{task.url}/verbs/accept", version=task.version)
    assert (answer.status_code, answer.headers["Location"]) == (303, task.url)
    assert pages.stored(task, "state", "holder_id") == ("accepted", pages.people["mei"].id)
    assert "Accept: STU-1" in pages.get("mei", task.url).text


def test_a_move_of_a_card_brings_the_card(pages):
    task = pages.task("offered")
    answer = pages.post("mei", f"{task.url}/verbs/accept", htmx=True, show="card", version=task.version)
    assert answer.status_code == 200
    assert cards(answer) == [(task.number, "accepted", task.version + 1)]
    assert toast(answer) == {"level": "info", "text": "Accept: STU-1"}


def test_a_move_in_the_panel_brings_the_panel(pages):
    task = pages.task("offered")
    answer = pages.post("mei", f"{task.url}/verbs/accept", htmx=True, version=task.version)
    assert answer.status_code == 200 and not is_whole(answer)
    assert f'data-number="{task.number}"' in answer.text
    assert f"{task.url}/verbs/start" in answer.text  # what comes next


@pytest.mark.parametrize("show", ["card", ""])
def test_a_stale_move_is_refused_and_redrawn_and_told_who_was_first(pages, show):
    task = pages.task("offered")
    pages.post("hua", f"{task.url}/verbs/accept", version=task.version)
    answer = pages.post("mei", f"{task.url}/verbs/accept", htmx=True, show=show, version=task.version)
    assert answer.status_code == 409
    assert toast(answer) == {
        "level": "warn",
        "text": "hua changed STU-1 first (Accept). It is now “Accepted”; nothing of yours was done.",
    }
    if show:
        assert cards(answer) == [(task.number, "accepted", task.version + 1)]
    else:
        assert f'data-number="{task.number}"' in answer.text and f"{task.url}/verbs/accept" not in answer.text
    assert pages.stored(task, "holder_id") == pages.people["hua"].id


def test_a_stale_move_without_script_shows_the_page_as_it_is(pages):
    task = pages.task("offered")
    pages.post("hua", f"{task.url}/verbs/accept")
    answer = pages.post("mei", f"{task.url}/verbs/accept", version=task.version)
    assert answer.status_code == 409 and is_whole(answer)
    assert "hua changed STU-1 first (Accept)." in answer.text


def test_a_refusal_without_script_stands_on_the_page(pages):
    task = pages.task("doing")
    answer = pages.post("mei", f"{task.url}/verbs/deliver", version=task.version)
    assert answer.status_code == 422 and "A file is still missing: Poster." in answer.text
    answer = pages.post("mei", f"{task.url}/comments", body="")
    assert answer.status_code == 422 and toast(answer)["text"] in answer.text


def test_a_refused_form_says_every_reason(pages):
    task = pages.task("doing")
    pages.task("offered", parent_id=task.id)
    answer = pages.post("wang", f"{task.url}/verbs/cancel_late", version=task.version, text="")
    assert answer.status_code == 422
    assert "Its parts are still open: STU-2." in answer.text
    assert "Say why in a few words." in answer.text


def test_a_refused_move_says_why_and_shows_the_card_where_it_was(pages):
    task = pages.task("doing")
    answer = pages.post("mei", f"{task.url}/verbs/deliver", htmx=True, show="card", version=task.version)
    assert answer.status_code == 422
    assert cards(answer) == [(task.number, "doing", task.version)]
    assert toast(answer) == {"level": "error", "text": "A file is still missing: Poster."}


def test_an_offer_with_an_incomplete_brief_names_the_field(pages):
    task = pages.task("draft", brief={})
    answer = pages.post("li", f"{task.url}/verbs/offer", htmx=True, show="card")
    assert answer.status_code == 422
    assert toast(answer)["text"] == "“Size” must be filled in before the task is handed over."


def test_a_refusal_is_in_the_readers_language(pages, app, make_user, as_user):
    task = pages.task("offered")
    reader = as_user(make_user("zhao", teams={"studio": "member"}, language="zh"))
    answer = reader.post(f"{task.url}/verbs/start", headers={"HX-Request": "true"})
    assert answer.status_code == 422
    assert re.search("[\u4e00-\u9fff]", toast(answer)["text"])


def test_what_a_verb_asks_for_is_asked_again_and_what_was_said_is_kept(pages):
    task = pages.task("offered")
    answer = pages.post("mei", f"{task.url}/verbs/return", htmx=True, text="哪个尺寸？")
    assert answer.status_code == 422 and not is_whole(answer)
    assert "Choose a reason." in answer.text and "哪个尺寸？" in answer.text
    assert pages.stored(task, "state") == "offered"
    answer = pages.post("mei", f"{task.url}/verbs/return", htmx=True, text="哪个尺寸？", reason="missing_info")
    assert answer.status_code == 200
    assert pages.stored(task, "state", "round") == ("returned", 2)


@pytest.mark.parametrize(
    "form, problem",
    [
        ({"text": "x"}, "Say for whom the work waits."),
        ({"text": "x", "waiting_for": "nobody"}, "Say for whom the work waits."),
        ({"text": "x", "waiting_for": "studio"}, "It is in that team&#39;s own hands; say for whom else it waits."),
        ({"waiting_for": "outside"}, "Say why in a few words."),
    ],
)
def test_waiting_says_for_whom_and_why(pages, form, problem):
    task = pages.task("doing")
    answer = pages.post("mei", f"{task.url}/verbs/wait", **form)
    assert answer.status_code == 422 and problem in answer.text


@pytest.mark.parametrize("until, kept", [("2026-03-09", "2026-03-09"), ("soon", None), ("", None)])
def test_waiting_until_a_day(pages, until, kept):
    task = pages.task("doing")
    pages.post("mei", f"{task.url}/verbs/wait", waiting_for="outside", text="photos", until=until)
    assert pages.stored(task, "state", "waiting") == ("waiting", {"team": "", "why": "photos", "until": kept})


def test_people_are_named_in_a_form_and_strangers_left_out(pages):
    task, gao = pages.task("doing"), pages.people["gao"].id
    answer = pages.post("mei", f"{task.url}/verbs/cc", users=[str(gao), "99", "abc", ""])
    assert answer.status_code == 303
    assert pages.get("gao", task.url).status_code == 200
    assert pages.post("mei", f"{task.url}/verbs/cc", users=["99"]).status_code == 422
    many = [str(number) for number in range(1, 20_000)]
    assert pages.post("mei", f"{task.url}/verbs/cc", users=many).status_code == 303


def test_co_signing_in_the_browser(pages):
    task, gao = pages.task("delivered"), pages.people["gao"].id
    pages.look(lambda desk: desk.check(task))
    pages.post("li", f"{task.url}/verbs/ask_cosign", users=[str(gao)], everyone="1")
    assert pages.post("li", f"{task.url}/verbs/sign_off").status_code == 422
    assert pages.post("gao", f"{task.url}/verbs/cosign", agreed="maybe").status_code == 422
    assert pages.post("gao", f"{task.url}/verbs/cosign", agreed="yes").status_code == 303
    assert pages.post("li", f"{task.url}/verbs/sign_off").status_code == 303
    assert pages.stored(task, "state") == "done"


def test_a_plugins_objection_refuses_the_card_the_panel_and_the_page(pages, studio):
    task = pages.task("offered")
    studio.objections = [msg("Studio is full."), msg("Ask %(who)s.", who="tang")]
    url = f"{task.url}/verbs/accept"
    for answer in (
        pages.post("mei", url),
        pages.post("mei", url, htmx=True),
        pages.post("mei", url, htmx=True, show="card"),
    ):
        assert answer.status_code == 422
        assert toast(answer) == {"level": "error", "text": "Studio is full. Ask tang."}
    assert pages.stored(task, "state") == "offered"


def test_a_plugin_that_fails_leaves_the_pages_answering(pages, studio):
    task = pages.task("offered")
    studio.objections = 5
    answer = pages.post("mei", f"{task.url}/verbs/accept")
    assert answer.status_code == 422
    assert toast(answer)["text"] == "The plugin studio failed, so nothing was changed. Tell your administrator."
    assert pages.get("mei", task.url).status_code == 200


def asked_back(pages):
    task = pages.task("doing")
    pages.post("li", f"{task.url}/verbs/ask_withdraw", text="the campaign is off")
    return task, f"{task.url}/verbs/agree_withdraw"


def test_a_task_given_back_leaves_the_sight_of_who_gave_it(pages):
    task, url = asked_back(pages)
    answer = pages.post("mei", url, htmx=True, show="card")
    assert (answer.status_code, answer.data) == (200, b"")
    assert toast(answer)["text"] == "Agree to withdraw: STU-1"
    assert pages.stored(task, "state") == "draft"


def test_from_its_own_page_one_is_led_to_the_desk(pages):
    task, url = asked_back(pages)
    answer = pages.post("mei", url, htmx=True, current=task.url)
    assert (answer.status_code, answer.headers["HX-Redirect"]) == (204, "/")
    assert "Agree to withdraw: STU-1" in pages.get("mei", "/").text


def test_without_script_too(pages):
    _, url = asked_back(pages)
    answer = pages.post("mei", url)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/")


def test_an_accept_of_what_was_just_withdrawn_is_answered(pages):
    task = pages.task("offered")
    pages.look(lambda desk: desk.move(task, "withdraw", "li"))
    assert pages.post("mei", f"{task.url}/verbs/accept", htmx=True, show="card").status_code == 404


def test_a_form_cannot_set_what_it_has_no_field_for(pages):
    task = pages.task("offered")
    extra = {
        "state": "done",
        "holder_id": "1",
        "requester_team": "studio",
        "responsible_team": "operations",
        "round": "9",
        "number": "X-1",
        "at": "2020-01-01",
        "admin": "1",
    }
    pages.post("mei", f"{task.url}/verbs/accept", **extra)
    facts = pages.stored(task, "state", "holder_id", "requester_team", "responsible_team", "round", "number")
    assert facts == ("accepted", pages.people["mei"].id, "operations", "studio", 1, "STU-1")


# Checks, files, comments, watching


def test_a_check_is_set_and_refused_in_place(pages):
    task = pages.task("delivered")
    assert pages.post("li", f"{task.url}/checks", name="size", result="pass").status_code == 303
    answer = pages.post("li", f"{task.url}/checks", htmx=True, name="words", result="fail", note="")
    assert (answer.status_code, toast(answer)["text"]) == (422, "Say what is wrong.")
    assert pages.post("mei", f"{task.url}/checks", name="size", result="fail", note="x").status_code == 422
    assert pages.look(lambda desk: [c.result for c in desk.fresh(task).checks]) == ["pass", None, None]


def test_an_image_is_put_into_its_slot(pages):
    task = pages.task("doing")
    answer = pages.post("mei", f"{task.url}/slots/poster", htmx=True, file=upload("主图.png"))
    assert answer.status_code == 200 and not is_whole(answer)
    assert pages.look(lambda desk: [(f.slot, f.version, f.file.name) for f in desk.fresh(task).files]) == [
        ("poster", 1, "主图.png")
    ]


def test_a_slot_takes_many_files_at_once_only_where_they_stand_beside_each_other(pages):
    task = pages.task("doing")
    for slot in ("poster", "source"):
        two = [upload("主图.png"), upload("副图.png")] if slot == "poster" else [archive("1.zip"), archive("2.zip")]
        assert pages.post("mei", f"{task.url}/slots/{slot}", htmx=True, file=two).status_code == 200
    assert pages.look(lambda desk: [(f.slot, f.version, f.file.name) for f in desk.fresh(task).files]) == [
        ("poster", 1, "主图.png"),
        ("source", 1, "1.zip"),
        ("source", 2, "2.zip"),
    ]
    bound = pages.look(lambda desk: [(f["slot"], f["version"]) for f in moves.latest_files(desk.fresh(task))])
    assert bound == [("poster", 1), ("source", 1), ("source", 2)]
    bad = [archive("3.zip"), upload("notes.zip", b"not a zip")]
    assert pages.post("mei", f"{task.url}/slots/source", htmx=True, file=bad).status_code == 422
    assert pages.look(lambda desk: len(desk.fresh(task).files)) == 3


@pytest.mark.parametrize(
    "slot, file, sentence",
    [
        ("poster", upload("notes.png", b"not an image"), "notes.png is none of the files taken here"),
        ("poster", upload("empty.png", b""), "empty.png is empty."),
        ("poster", None, "No file was chosen."),
        ("other", upload(), "There is no such place for a file."),
    ],
)
def test_a_file_that_is_not_taken_says_why(pages, slot, file, sentence):
    task = pages.task("doing")
    answer = pages.post("mei", f"{task.url}/slots/{slot}", htmx=True, **({"file": file} if file else {}))
    assert answer.status_code == 422
    assert toast(answer)["text"].startswith(sentence)
    assert pages.look(lambda desk: len(desk.fresh(task).files)) == 0


def test_a_comment_is_shown_as_it_was_written_and_nothing_more(pages):
    task = pages.task("doing")
    assert pages.post("mei", f"{task.url}/comments", body="<b>很好</b>\r\n@li").status_code == 303
    assert "&lt;b&gt;很好&lt;/b&gt;" in pages.get("li", task.url).text
    answer = pages.post("mei", f"{task.url}/comments", htmx=True, body=" ")
    assert (answer.status_code, toast(answer)["text"]) == (422, "Write something first.")


def test_watching_begins_and_ends(pages):
    task = pages.task("doing")
    watching = lambda: pages.look(lambda desk: contents.notices.watchers(desk.fresh(task)))  # noqa: E731
    pages.post("hua", f"{task.url}/watch", watch="1")
    assert watching() == [pages.people["hua"].id]
    pages.post("hua", f"{task.url}/watch", htmx=True, watch="0")
    assert watching() == []


# Search and notices


def test_a_search_finds_chinese_words_in_what_one_may_see(pages):
    pages.task("offered", title="双十一 主图海报")
    pages.task("draft", title="双十一 秘密")
    page, part = pages.get("mei", "/search?q=双十一"), pages.get("mei", "/search?q=主图", htmx=True)
    assert "主图海报" in page.text and "秘密" not in page.text and is_whole(page)
    assert "主图海报" in part.text and not is_whole(part)
    assert pages.get("mei", "/search").status_code == 200


def test_notices_are_counted_until_they_are_read(pages):
    task = pages.task("offered")
    assert "li handed over STU-1 Spring poster." in pages.get("mei", "/notices").text
    unread = pages.look(lambda desk: contents.notices.unread(desk.id("mei")))
    assert unread == 1
    assert pages.post("mei", "/notices/read").status_code == 303
    assert pages.look(lambda desk: contents.notices.unread(desk.id("mei"))) == 0
    assert pages.look(lambda desk: contents.notices.unread(desk.id("hua"))) == 1
    assert task.url in pages.get("mei", "/notices").text


# The calendar


def test_only_an_administrator_changes_the_calendar(pages):
    assert {name: pages.get(name, "/admin/calendar").status_code for name in ("root", "wang", "mei")} == {
        "root": 200,
        "wang": 403,
        "mei": 403,
    }
    assert pages.post("wang", "/admin/calendar", first="2026-11-11", hours="").status_code == 403


def test_days_are_set_shown_and_forgotten(pages):
    form = {"team": "studio", "first": "2026-11-11", "last": "2026-11-12", "hours": "00:00-24:00", "note": "双十一"}
    assert pages.post("root", "/admin/calendar", **form).status_code == 303
    page = pages.get("root", "/admin/calendar")
    assert "双十一" in page.text and "2026-11-11" in page.text
    day = re.search(r'name="forget" value="(\d+)"', page.text)[1]
    assert pages.post("root", "/admin/calendar", forget=day).status_code == 303
    assert pages.get("root", "/admin/calendar").text.count("双十一") == 1


@pytest.mark.parametrize(
    "form, sentence",
    [
        ({"first": "", "hours": ""}, "Give the day, or the first and the last day."),
        ({"first": "11.11", "hours": ""}, "Give the day, or the first and the last day."),
        ({"first": "2026-11-12", "last": "2026-11-11"}, "The last day must follow the first, within a year."),
        ({"first": "2026-01-01", "last": "2027-01-02"}, "The last day must follow the first, within a year."),
        ({"first": "2026-11-11", "hours": "9-18"}, "are not working hours; write them like 09:00-12:00,13:00-18:00."),
        ({"first": "2026-11-11", "hours": "", "team": "nobody"}, "Choose one of the options."),
    ],
)  # fmt: skip
def test_days_that_are_none_are_refused(pages, form, sentence):
    answer = pages.post("root", "/admin/calendar", **form)
    assert answer.status_code == 422 and sentence in answer.text


def test_the_calendars_first_and_last_possible_day_fail_nothing(pages):
    for first in (date.min, date.max):
        assert pages.post("root", "/admin/calendar", first=first.isoformat(), hours="").status_code == 303


def test_a_board_of_many_cards_asks_the_database_the_same_number_of_times(pages, count_queries):
    for _ in range(3):
        pages.task("offered")
    pages.browser("mei")
    few = count_queries(lambda: pages.get("mei", "/boards/studio"))
    for _ in range(12):
        pages.task("doing")
    many = count_queries(lambda: pages.get("mei", "/boards/studio"))
    assert many == few < 15


def test_many_notices_ask_the_database_the_same_number_of_times(pages, count_queries):
    pages.task("offered")
    pages.browser("mei")
    few = count_queries(lambda: pages.get("mei", "/notices"))
    for _ in range(5):
        pages.task("offered")
    assert count_queries(lambda: pages.get("mei", "/notices")) == few
