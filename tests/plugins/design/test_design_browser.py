"""The queue in a real browser: what one picks disappears for the other; the lead decides on the task's page."""

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.e2e


@pytest.fixture
def open_page(browser, live_server, people, sign_in):
    """A page of somebody's own browser: ``open_page("mei", "/design/")``."""
    contexts = []

    def show(name, path):
        context = browser.new_context(base_url=live_server.url, locale="zh-CN", timezone_id="Asia/Shanghai")
        contexts.append(context)
        sign_in(context, people[name])
        page = context.new_page()
        page.on("pageerror", lambda error: pytest.fail(str(error)))
        page.goto(path)
        return page

    yield show
    for context in contexts:
        context.close()


def test_what_one_designer_picks_leaves_the_others_queue_within_three_seconds(studio, open_page):
    studio.offered()
    mei, hua = open_page("mei", "/design/"), open_page("hua", "/preferences")
    hua.clock.install(time=0)
    hua.goto("/design/")
    expect(hua.get_by_text("双十一主图")).to_be_visible()
    hua.clock.pause_at(60_000)  # its time goes by only as it is told to

    mei.get_by_role("button", name="Pick DES-1").click()

    expect(mei.get_by_text("DES-1 is yours now.")).to_be_visible()
    expect(mei.locator("#h-mine + .n")).to_have_text("1")
    hua.clock.run_for(3_000)
    expect(hua.get_by_text("Nothing waits for design.")).to_be_visible()


def test_a_filter_stays_while_the_queue_is_picked_from(studio, open_page):
    studio.offered(title="主图")
    studio.offered(kind="design.image_retouch", title="修图")
    page = open_page("mei", "/design/")
    page.get_by_label("Kind of request").select_option("design.image_retouch")
    expect(page.get_by_text("主图", exact=True)).to_be_hidden()

    studio.offered(kind="design.image_retouch", title="再修一张")

    expect(page.get_by_text("再修一张")).to_be_visible()
    page.get_by_role("button", name="Pick DES-2").click()
    expect(page.locator("#h-mine + .n")).to_have_text("1")
    expect(page.get_by_text("主图", exact=True)).to_be_hidden()


def test_the_lead_approves_a_rush_on_the_requests_page_and_takes_it(studio, open_page):
    studio.offered(priority=3)
    page = open_page("tang", "/tasks/DES-1")

    page.get_by_role("button", name="Approve the rush").click()

    expect(page.get_by_text("Rush approved")).to_be_visible()
    page.get_by_role("button", name="Accept").click()
    expect(page.get_by_role("button", name="Start")).to_be_visible()
