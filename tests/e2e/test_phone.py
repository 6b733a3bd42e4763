"""On a phone, with a finger: accept, send back with a reason, upload a photo, sign off."""

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.e2e

PHONE = {"width": 390, "height": 844, "has_touch": True, "is_mobile": True, "device_scale_factor": 2}


def tapped(page, verb):
    page.locator(".verbs").get_by_role("button", name=verb, exact=True).tap()


def is_reachable(locator):
    """Whether all of it is within the window's width, and large enough for a finger."""
    box = locator.bounding_box()
    return box["x"] >= 0 and box["x"] + box["width"] <= PHONE["width"] and box["height"] >= 24


def test_a_task_is_accepted_from_the_desk(team, browse):
    team.task("拍货架照片")
    page = browse(team.zhou, **PHONE)
    page.goto("/")

    button = page.locator(".tasks li", has_text="拍货架照片").locator(".do .btn").first
    assert is_reachable(button)
    button.tap()

    expect(page.locator(".toast")).to_contain_text("OPS-1")
    expect(page.locator("section", has_text="待处理").locator(".title")).to_have_text("拍货架照片")


def test_a_task_is_sent_back_with_a_reason(team, browse):
    team.task("拍货架照片")
    page = browse(team.zhou, **PHONE)
    page.goto("/")

    page.get_by_text("拍货架照片").tap()
    expect(page.locator("#panel h1")).to_have_text("拍货架照片")
    page.locator("#panel .verbs").get_by_role("link", name="退回").tap()
    page.get_by_label("需求不完整").tap()
    page.locator("[name=text]").fill("哪个仓库的货架？")
    assert is_reachable(page.locator("form.ask .primary"))
    page.locator("form.ask .primary").tap()

    expect(page.locator("#panel .standing .state")).to_have_text("退回")
    page.locator("#panel [data-close]").tap()
    expect(page.locator("#panel .task")).to_have_count(0)


def test_a_photo_is_uploaded_and_delivered(team, browse, png):
    team.task("拍货架照片", "accept", "start")
    page = browse(team.zhou, **PHONE)
    page.goto("/tasks/OPS-1")

    zone = page.locator("form[action*='/slots/'] .drop").last
    assert is_reachable(zone)
    with page.expect_file_chooser() as chosen:
        zone.tap()
    chosen.value.set_files({"name": "IMG_0001.png", "mimeType": "image/png", "buffer": png(1200, 1600)})
    expect(page.locator(".versions")).to_contain_text("IMG_0001.png")
    expect(page.locator(".shot.big img")).to_be_visible()
    tapped(page, "交付")

    expect(page.locator(".standing .state")).to_have_text("待验")


def test_a_delivery_is_checked_and_signed_off(team, browse):
    team.task("拍货架照片", "accept", "start", "deliver")
    page = browse(team.lin, **PHONE)
    page.goto("/")
    page.get_by_text("拍货架照片").tap()

    page.locator("#panel .checks label.pass").tap()
    expect(page.locator("#checked")).to_have_text("1/1")
    tapped(page, "验收")

    expect(page.locator("#panel .standing .state")).to_have_text("完成")


def test_the_menu_of_pages_opens_over_the_page_and_leads_on(team, browse):
    page = browse(team.zhou, **PHONE)
    page.goto("/")

    page.locator(".top [popovertarget=rail]").tap()
    expect(page.locator("#rail")).to_be_visible()
    page.locator("#rail").get_by_role("link", name="看板").tap()

    expect(page.locator("h1")).to_have_text("运营看板")
    expect(page.locator("#rail")).to_be_hidden()
