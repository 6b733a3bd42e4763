"""The matrix in a browser: a number opens its tasks, and the meeting gets its paper."""

import re
from datetime import timedelta

import pypdfium2
import pytest
from playwright.sync_api import expect

from core import localtime

pytestmark = [pytest.mark.e2e, pytest.mark.any_database]


def test_a_number_of_the_matrix_opens_its_tasks_and_the_review_is_printed(shop, open_page):
    with shop.app.app_context():
        today = localtime.today()
    page = open_page(shop.url, shop.token("admin"))
    page.goto(f"/matrix?from={today - timedelta(days=40)}&to={today - timedelta(days=1)}")

    page.get_by_role("row", name=re.compile("^运营")).get_by_role(
        "link", name=re.compile(r"^\d+ 单交接$")
    ).first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("交接")
    count = int(re.search(r"共 (\d+) 条", page.locator(".pager").inner_text())[1])
    assert page.locator("tbody tr").count() == min(count, 50)
    page.locator("tbody a").first.click()
    expect(page).to_have_url(re.compile("/tasks/"))
    page.go_back()
    page.locator(".crumbs a").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("交接矩阵")

    page.get_by_role("button", name="交接复盘（中文）").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(re.compile(r"^REV-\d{8}-\d{4}$"))
    pdf = page.request.get(page.get_by_role("link", name="打开 PDF").get_attribute("href"))
    text = "".join(each.get_textpage().get_text_bounded() for each in pypdfium2.PdfDocument(pdf.body()))
    assert f"{today - timedelta(days=40)} – {today - timedelta(days=1)}" in text
    assert "会议商定" in text
