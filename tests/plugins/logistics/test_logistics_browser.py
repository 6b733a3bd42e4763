"""Signed for, but closed in the shop: from the file to finance's desk, in a real browser, in Chinese."""

import re

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from core.accounts.models import User
from core.extensions import db
from core.stores.models import Order
from core.testing.jobs import run_pending
from core.transactions import transaction
from tests.fixtures import parcels as files

pytestmark = pytest.mark.e2e


@pytest.fixture
def open_page(browser, live_server, depot, sign_in):
    """A page of somebody's own browser: ``open_page("fang", "/logistics/")``."""
    contexts = []
    with transaction() as session:
        for user in session.scalars(select(User)):
            user.language = "zh"

    def show(name, path):
        context = browser.new_context(base_url=live_server.url, locale="zh-CN", timezone_id="Asia/Shanghai")
        contexts.append(context)
        sign_in(context, depot.people[name])
        page = context.new_page()
        page.on("pageerror", lambda error: pytest.fail(str(error)))
        page.goto(path)
        return page

    yield show
    for context in contexts:
        context.close()


def test_what_was_signed_for_and_closed_reaches_finance_as_money_at_risk(depot, open_page):
    sent = [each for each in files.shipments(12) if each["state"] == "已签收"]
    closed = sent[0]["order"]
    for number in dict.fromkeys(each["order"] for each in sent):
        depot.order("closed" if number == closed else "done", total=21600, order_no=number)
    depot.take(files.waybills(sent))
    run_pending()

    fang = open_page("fang", "/logistics/exceptions")
    expect(fang.locator(".logistics-tiles li")).to_have_count(1)
    expect(fang.locator(".logistics-tiles")).to_contain_text("已签收但订单已关闭")
    expect(fang.locator(".logistics-tiles")).to_contain_text("风险 ¥ 216.00")
    fang.get_by_role("link", name=closed).click()
    expect(fang.locator("h1")).to_have_text("已签收但订单已关闭")

    fang.get_by_label("发生费用").fill("很多")
    fang.get_by_role("button", name="保存", exact=True).click()
    expect(fang.get_by_label("发生费用")).to_be_focused()
    fang.get_by_label("发生费用").fill("0")
    fang.get_by_label("处理方式").select_option("money")
    fang.get_by_label("备注").fill("买家已签收，退款也已到账。")
    fang.get_by_role("button", name="保存", exact=True).click()
    fang.get_by_role("button", name="通知财务").click()
    fang.wait_for_url(re.compile("/tasks/FIN-1"))
    expect(fang.locator("article.task")).to_contain_text("216.00")
    fang.get_by_role("button", name="发出").first.click()

    qian = open_page("qian", "/tasks/FIN-1")
    expect(qian.locator("article.task")).to_contain_text("216.00")
    expect(qian.locator("article.task")).to_contain_text(closed)
    qian.get_by_role("button", name="接单").first.click()
    expect(qian.locator("article.task")).to_contain_text("已接")

    fang.goto("/logistics/exceptions?state=pending")
    expect(fang.locator("table.table tbody tr")).to_have_count(1)
    order = db.session.scalar(select(Order.id).where(Order.order_no == closed))
    fang.goto(f"/orders/{order}")
    expect(fang.get_by_role("link", name="已签收但订单已关闭", exact=True)).to_be_visible()


def test_the_type_for_finance_is_offered_only_where_there_is_a_finance_team(make_app):
    with_it, without = make_app(), make_app(PLUGINS_DISABLED="finance")
    assert "logistics.money" in with_it.extensions["registry"].task_types
    assert "logistics.money" not in without.extensions["registry"].task_types
