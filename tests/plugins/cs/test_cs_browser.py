"""A ticket in a real browser: handed out, two agents told of each other, a reply copied, promises in bulk."""

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from core.extensions import db
from core.stores.models import Order
from plugins.cs import promises, settings
from tests.fixtures import cases as files

pytestmark = pytest.mark.e2e


@pytest.fixture
def open_page(browser, live_server, people, sign_in):
    """A page of somebody's own browser: ``open_page("an", "/cs/")``."""
    contexts = []

    def show(name, path):
        context = browser.new_context(base_url=live_server.url, locale="zh-CN", timezone_id="Asia/Shanghai")
        context.grant_permissions(["clipboard-read", "clipboard-write"], origin=live_server.url)
        contexts.append(context)
        sign_in(context, people[name])
        page = context.new_page()
        page.on("pageerror", lambda error: pytest.fail(str(error)))
        page.goto(path)
        return page

    yield show
    for context in contexts:
        context.close()


def test_a_complaint_is_handed_out_from_its_box_and_shows_each_part(desk, open_page):
    task = desk.ticket(cause="wrong_item")
    page = open_page("an", f"/tasks/{task.number}")
    box = page.locator("#cs-ticket")
    box.get_by_label("Payment to the buyer").uncheck()
    box.get_by_role("button", name="Hand out").click()

    expect(page.locator("#cs-ticket").get_by_role("link", name="LOG-1")).to_be_visible()
    expect(page.locator("#cs-ticket")).to_contain_text("Warehouse check")
    desk.move(desk.fresh(task), "start", "an")
    page.reload()
    page.get_by_role("button", name="Deliver").click()
    expect(page.get_by_text("asks for evidence").first).to_be_visible()


def test_two_agents_on_one_ticket_are_told_and_a_reply_is_copied_with_a_click(desk, open_page):
    reply = settings.write_reply(desk.actor("an"), "", {"title": "安抚", "text": "亲，非常抱歉"})
    settings.decide_reply(reply.id, desk.actor("hui"), "approve")
    task = desk.ticket()
    open_page("bo", f"/tasks/{task.number}").locator("#cs-ticket").wait_for()
    page = open_page("an", f"/tasks/{task.number}")

    expect(page.get_by_text("bo looks at this ticket, too")).to_be_visible()
    page.get_by_text("Canned replies", exact=True).last.click()
    page.locator("#cs-ticket").get_by_role("button", name="Copy").click()
    assert page.evaluate("navigator.clipboard.readText()") == "亲，非常抱歉"


def test_promises_go_to_finance_by_three_clicks(desk, open_page):
    desk.bring("o.csv", files.orders(*(files.order(f"15483903020689357{n}", "退39.1") for n in range(3))))
    promises.scan(list(db.session.scalars(select(Order.id))))
    page = open_page("hui", "/cs/promises")
    page.get_by_role("button", name="Confirm the chosen").click()
    page.get_by_role("link", name="Promise confirmed").click()
    page.get_by_role("button", name="Approve the chosen").click()
    page.get_by_role("link", name="Approved").click()
    page.get_by_role("button", name="Hand to finance").click()

    expect(page.get_by_role("heading", name="3 promised payments, 117.30 yuan")).to_be_visible()
