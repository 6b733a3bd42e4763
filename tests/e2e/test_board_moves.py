"""The board in the browser: cards are moved by mouse and by keyboard, and everybody sees it."""

import re

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.e2e

BOARD = "/boards/operations"
WIDE = 2100  # all columns side by side


def column(page, state):
    return page.locator(f".col[data-state={state}]")


def card(page, title):
    return page.locator(".c", has_text=title)


def drag(page, title, state):
    """Drag a card by its title to a column, as a hand does."""
    card(page, title).hover()
    page.mouse.down()
    box = column(page, state).locator(".cards").bounding_box()
    for share in (0.3, 0.5):
        page.mouse.move(box["x"] + box["width"] * share, box["y"] + 160)
    page.mouse.up()


def test_a_card_dragged_to_a_column_is_moved_there(team, browse):
    team.task("写公告")
    page = browse(team.zhou)
    page.goto(BOARD)

    drag(page, "写公告", "accepted")

    expect(page.locator(".toast")).to_contain_text("OPS-1")
    expect(column(page, "accepted").locator(".c")).to_contain_text("写公告")
    expect(column(page, "accepted").locator("header b")).to_have_text("1")
    expect(column(page, "offered").locator("header b")).to_have_text("0")
    page.reload()
    expect(column(page, "accepted").locator(".c")).to_contain_text("写公告")


def test_a_card_dragged_where_it_cannot_go_stays_and_says_so(team, browse):
    team.task("写公告")
    page = browse(team.zhou, WIDE)
    page.goto(BOARD)

    drag(page, "写公告", "done")

    expect(page.locator(".toast")).to_have_count(1)
    expect(column(page, "offered").locator(".c")).to_contain_text("写公告")


def test_a_drag_that_needs_words_opens_their_form_and_keeps_what_was_written(team, browse):
    team.task("写公告")
    page = browse(team.zhou, WIDE)
    page.goto(BOARD)

    drag(page, "写公告", "returned")
    form = page.locator("#panel form.ask")
    expect(form).to_be_visible()
    expect(column(page, "offered").locator(".c")).to_have_count(1)
    form.get_by_label("需求不完整").check()
    form.locator("[name=text]").fill("  ")
    form.locator(".primary").click()
    expect(form.locator(".error")).to_be_visible()
    expect(form.get_by_label("需求不完整")).to_be_checked()
    form.locator("[name=text]").fill("没写公告贴在哪里")
    form.locator(".primary").click()

    expect(page.locator("#panel .standing .state")).to_have_text("退回")
    expect(column(page, "returned").locator(".c")).to_contain_text("写公告")
    expect(page.locator("#panel .rounds")).to_contain_text("没写公告贴在哪里")


def test_a_card_is_found_moved_and_opened_by_keyboard_alone(team, browse):
    team.task("写公告", "accept")
    team.task("拍照")
    page = browse(team.zhou)
    page.goto(BOARD)

    page.keyboard.press("ArrowDown")
    expect(card(page, "拍照")).to_be_focused()
    page.keyboard.press("ArrowRight")
    expect(card(page, "写公告")).to_be_focused()
    page.keyboard.press("m")
    expect(page.locator("#moves button").first).to_be_focused()
    expect(page.locator("#moves button").first).to_have_text(re.compile("开始"))
    page.keyboard.press("1")
    expect(column(page, "doing").locator(".c")).to_contain_text("写公告")
    expect(card(page, "写公告")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#panel h1")).to_have_text("写公告")
    page.keyboard.press("Escape")

    expect(page.locator("#panel .task")).to_have_count(0)
    expect(card(page, "写公告")).to_be_focused()
    assert page.url.endswith(BOARD)


def test_the_menu_of_moves_is_left_with_escape_and_the_card_keeps_the_focus(team, browse):
    team.task("写公告")
    page = browse(team.zhou)
    page.goto(BOARD)

    page.keyboard.press("ArrowDown")
    page.keyboard.press("m")
    page.keyboard.press("ArrowDown")
    expect(page.locator("#moves button").nth(1)).to_be_focused()
    page.keyboard.press("Escape")

    expect(page.locator("#moves")).to_be_hidden()
    expect(card(page, "写公告")).to_be_focused()
    expect(column(page, "offered").locator(".c")).to_have_count(1)


def test_a_move_shows_in_another_browser_within_three_seconds(team, browse):
    team.task("写公告")
    zhou, lin = browse(team.zhou), browse(team.lin)
    lin.clock.install(time=0)
    lin.goto(BOARD)
    lin.clock.pause_at(60_000)  # its time goes by only as it is told to
    zhou.goto(BOARD)

    drag(zhou, "写公告", "accepted")
    expect(column(zhou, "accepted").locator(".c")).to_have_count(1)

    lin.clock.run_for(3_000)
    expect(column(lin, "accepted").locator(".c")).to_contain_text("写公告")
    expect(column(lin, "offered").locator("header b")).to_have_text("0")
    expect(column(lin, "accepted").locator(".av")).to_have_attribute("title", "周敏")


def test_a_move_that_comes_too_late_says_who_was_first_and_redraws_the_card(team, browse):
    task = team.task("写公告")
    page = browse(team.lin)
    page.route(re.compile("/changes"), lambda route: route.fulfill(status=204))  # it has not heard of it yet
    page.goto(BOARD)
    team.move(task.id, "accept", team.zhou)

    drag(page, "写公告", "accepted")

    expect(page.locator(".toast.warn")).to_contain_text("周敏")
    expect(column(page, "accepted").locator(".c .av")).to_have_attribute("title", "周敏")
    expect(column(page, "offered").locator(".c")).to_have_count(0)


def test_a_card_opens_beside_the_board_under_an_address_of_its_own(team, browse):
    team.task("写公告")
    page = browse(team.lin)
    page.goto(BOARD)
    card(page, "写公告").click()
    expect(page.locator("#panel h1")).to_have_text("写公告")

    other = browse(team.zhou)
    other.goto(page.url)

    assert page.url.endswith(f"{BOARD}?panel=OPS-1")
    expect(other.locator("#panel h1")).to_have_text("写公告")
    expect(column(other, "offered").locator(".c")).to_have_count(1)


def test_a_verb_pressed_in_the_panel_moves_the_card_beside_it(team, browse):
    team.task("写公告")
    page = browse(team.zhou)
    page.goto(f"{BOARD}?panel=OPS-1")

    page.locator("#panel .verbs").get_by_role("button", name="接单").click()

    expect(page.locator("#panel .standing .state")).to_have_text("已接")
    expect(column(page, "accepted").locator(".c")).to_contain_text("写公告")


def test_a_filter_has_an_address_and_what_does_not_fit_it_is_not_shown(team, browse):
    team.task("写公告")
    team.task("拍照")
    page = browse(team.lin)
    page.goto(BOARD)

    page.locator(".bar [name=q]").fill("拍照")
    expect(page.locator(".c")).to_have_count(1)
    expect(page).to_have_url(re.compile("q="))
    page.reload()

    expect(page.locator(".c")).to_have_text(re.compile("拍照"))


def test_a_lost_server_is_told_and_nothing_is_moved(team, browse):
    team.task("写公告")
    page = browse(team.zhou)
    page.goto(BOARD)
    page.route("**/verbs/**", lambda route: route.abort())

    drag(page, "写公告", "accepted")

    expect(page.locator(".toast.error")).to_be_visible()
    expect(column(page, "offered").locator(".c")).to_have_count(1)
    assert all(re.search("ERR_FAILED|htmx:(sendError|afterRequest)", fault) for fault in page.watch.faults)
    page.watch.faults.clear()
