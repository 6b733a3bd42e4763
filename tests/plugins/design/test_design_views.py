"""Design's pages: who sees them, what they say, what they refuse; and what is left when the plugin is switched off."""

import re
from datetime import timedelta

import pytest

from core import localtime
from core.board import contents
from core.board import services as board
from core.columns import now
from core.extensions import db
from plugins.design import services, statistics
from plugins.design.models import Capacity

RUSH = 3
HTMX = {"HX-Request": "true"}


def plain(answer):
    """What a page says, without its markup."""
    return " ".join(re.sub(r"<[^>]+>", " ", answer.text).split())


@pytest.mark.parametrize("name", ["li", "mei"])
def test_both_sides_see_the_box_on_a_requests_page(studio, browse, name):
    task = studio.offered(selling_points=["销量第一"])

    said = plain(browse(name).get(f"/design/tasks/{task.number}"))

    assert "Size points: 3 (one is about an hour of design work)" in said
    assert "Look at “第一” in “Selling points” again" in said


def test_the_box_is_on_the_pages_of_design_requests_alone(studio, browse):
    general = board.draft_task(studio.actor("li"), "core.general", "operations", board.Draft("盘点", {"what": "x"}))
    request = studio.draft()

    assert "/design/tasks/" not in browse("li").get(f"/tasks/{general.number}").text
    assert f"/design/tasks/{request.number}" in browse("li").get(f"/tasks/{request.number}").text
    assert browse("li").get(f"/design/tasks/{general.number}").status_code == 404


def test_another_teams_draft_has_no_box_for_designers(studio, browse):
    assert browse("mei").get(f"/design/tasks/{studio.draft().number}").status_code == 404


def test_the_box_measures_the_final_picture(studio, browse, picture):
    task = studio.doing()
    studio.add(task, "final", picture(800, 800))
    assert "The brief asks for 750×1000 pixels, the delivered picture has 800×800." in plain(
        browse("mei").get(f"/design/tasks/{task.number}")
    )

    studio.add(task, "final", picture())

    assert "The final picture has the size, format and weight that the brief asks for." in plain(
        browse("mei").get(f"/design/tasks/{task.number}")
    )


def test_only_the_lead_is_asked_to_decide_on_a_rush(studio, browse):
    task = studio.offered(priority=RUSH)

    assert "Approve the rush" in browse("tang").get(f"/design/tasks/{task.number}").text
    for name in ("mei", "li"):
        said = plain(browse(name).get(f"/design/tasks/{task.number}"))
        assert "it waits for the design lead" in said
        assert "Approve the rush" not in said
        assert browse(name).post(f"/design/tasks/{task.number}/rush", data={"approved": "yes"}).status_code == 403


def test_the_lead_approves_a_rush_and_everybody_reads_it(studio, browse):
    task = studio.offered(priority=RUSH)

    answer = browse("tang").post(
        f"/design/tasks/{task.number}/rush", data={"approved": "yes", "reason": "大促"}, headers=HTMX
    )

    assert (answer.status_code, answer.headers["HX-Redirect"]) == (204, f"/tasks/{task.number}")
    assert "Rush approved · tang" in plain(browse("li").get(f"/design/tasks/{task.number}"))


def test_declining_without_a_reason_shows_the_form_again(studio, browse):
    task = studio.offered(priority=RUSH)

    answer = browse("tang").post(f"/design/tasks/{task.number}/rush", data={"approved": "no"}, headers=HTMX)

    assert answer.status_code == 422
    assert "Say why in a few words." in answer.text
    assert studio.fresh(task).priority == RUSH


def test_the_desk_box_shows_the_first_of_the_queue_and_the_own_bar(studio, browse):
    for number in range(4):
        studio.offered(title=f"主图{number}")

    said = plain(browse("mei").get("/design/next"))

    assert "mei 0 / 16" in said
    assert [f"主图{number}" in said for number in range(4)] == [True, True, True, False]
    assert "Open the queue (4)" in said
    assert "/design/next" in browse("mei").get("/").text
    assert "/design/next" not in browse("li").get("/").text


def test_the_lead_sets_capacities(studio, browse):
    client, name = browse("tang"), f"points_{studio.id('mei')}"

    assert client.post("/design/capacity", data={"user": studio.id("mei"), name: "24"}).status_code == 303

    db.session.rollback()
    assert db.session.get(Capacity, studio.id("mei")).points == 24
    refused = client.post("/design/capacity", data={"user": studio.id("mei"), name: "many"})
    assert refused.status_code == 422
    assert "Give a capacity of 1 to 200 points." in refused.text
    assert 'value="many"' in refused.text
    assert "Choose one of the designers." in client.post("/design/capacity", data={"user": studio.id("li")}).text
    assert browse("mei").get("/design/capacity").status_code == 403


def test_the_lead_keeps_the_banned_words(studio, browse):
    client = browse("tang")
    word = {"text": "爆款", "ground": "平台公告", "since": "2026-01-01", "until": "", "strict": "1"}

    assert client.post("/design/words", data=word).status_code == 303

    assert "爆款" in [banned.text for banned in services.banned_words(localtime.today())]
    refused = client.post("/design/words", data={**word, "ground": ""})
    assert refused.status_code == 422
    assert "Say on what ground" in refused.text
    assert 'value="爆款"' in refused.text
    assert browse("mei").get("/design/words").status_code == 403


def test_a_word_is_offered_for_change_as_it_stands(studio, browse):
    page = browse("tang").get("/design/words").text
    address = re.search(r'href="(/design/words\?edit=\d+)" aria-label="Change “极品”"', page)[1]

    form = browse("tang").get(address).text

    assert 'value="极品"' in form
    assert 'value="1997-08-07"' in form


def test_rework_is_counted_by_reason_and_by_requester(studio, browse, picture):
    returned, reworked, smooth = studio.offered(), studio.doing(), studio.doing(who="hua")
    studio.move(returned, "return", "mei", reason="missing_info", text="尺寸？")
    for task, who in ((reworked, "mei"), (smooth, "hua")):
        studio.add(task, "final", picture(), who=who)
        studio.move(task, "deliver", who)
    studio.move(reworked, "rework", "li", reason="brief_not_met", text="价格错了")
    for check in ("size", "price", "must_have", "wording", "proofread", "phone"):
        contents.set_check(smooth.id, check, "pass", "", studio.actor("li"))
    studio.move(smooth, "sign_off", "li")
    since = now() - timedelta(days=1)

    assert [tuple(row) for row in statistics.rounds_by_reason(since)] == [
        ("return", "missing_info", 1),
        ("rework", "brief_not_met", 1),
    ]
    assert [tuple(row) for row in statistics.rounds_by_requester(since)] == [("li", 3, 1, 1, 1, 1)]
    said = plain(browse("li").get("/design/rework?days=30"))
    assert "Something is missing in the brief Sent back by design 1" in said
    assert "li 3 1 1 100% 1/1" in said


def test_nothing_a_browser_sends_fails_a_page(studio, browse):
    client, task = browse("tang"), studio.offered(priority=RUSH)
    strange = ["", "-1", "9" * 30, "０", "\x00", "<b>", "1e9"]

    for text in strange:
        for path in ("/design/", "/design/rework", "/design/words"):
            query = {
                "number": text,
                "_external": text,
                "_scheme": text,
                "days": text,
                "since": text,
                "edit": text,
                "q": text,
                "type": text,
                "priority": text,
            }
            assert client.get(path, query_string=query).status_code in (200, 204, 400)
        data = {"text": text, "ground": text, "since": text, "until": text, "user": text, "version": text}
        for path in ("/design/words", "/design/capacity", f"/design/pick/{task.number}"):
            assert client.post(path, data=data).status_code in (303, 400, 409, 422)
        assert client.post(f"/design/tasks/{task.number}/rush", data={"reason": text}).status_code in (303, 400, 422)


@pytest.fixture
def without(make_app, app):
    """The same shop with the plugin switched off."""
    return make_app(DATABASE_URL=app.config["DATABASE_URL"], PLUGINS_DISABLED="design")


def test_switched_off_the_requests_stay_readable_and_the_data_is_kept(studio, without, people, sign_in, picture):
    services.set_capacity(studio.actor("tang"), studio.id("mei"), 24)
    task = studio.doing(price_text=["活动价 ¥99"])
    studio.add(task, "final", picture())
    db.session.rollback()

    client = without.test_client()
    sign_in(client, people["gao"])
    page = client.get(f"/tasks/{task.number}")

    assert page.status_code == 200
    said = plain(page)
    for words in ("双十一主图", "活动价 ¥99", "办公室白领", "picture.jpg", "can be read, not moved"):
        assert words in said
    moved = client.post(f"/tasks/{task.number}/verbs/cancel_late", data={"text": "x"}, headers=HTMX)
    assert moved.status_code == 422
    assert client.get("/design/").status_code == 404
    assert db.session.get(Capacity, studio.id("mei")).points == 24
    assert studio.move(studio.fresh(task), "deliver", "mei").state == "delivered"
