"""The whole story, in Chinese: an export is imported, a page is asked for, made, checked, signed off, printed."""

import os
import re
import subprocess
import sys
from urllib.parse import urlsplit

import pypdfium2
import pytest
import zxingcpp
from playwright.sync_api import expect

from tests.fixtures import exports

pytestmark = pytest.mark.e2e

TITLE = "蓝莓干双十二主图：第二件半价"
AUDIENCE = "办公室白领，下午想吃点甜的"


@pytest.fixture
def worker(app):
    """The process that does the background work."""
    environment = {f"STOREBOARD_{name}": str(app.config[name]) for name in ("HOME", "DATABASE_URL")}
    command = [sys.executable, "-m", "core.cli", "worker"]
    process = subprocess.Popen(command, env=os.environ | environment, stderr=subprocess.DEVNULL)
    yield process
    process.terminate()
    process.wait(120)


def import_file(page, name, data, *, drop=False, store=""):
    """Give a file to the import page, look at the dry run, say yes, and wait for the report."""
    page.goto("/imports")
    zone = page.locator(".drop.big")
    if drop:
        transfer = page.evaluate_handle(
            """([name, bytes]) => { const given = new DataTransfer();
               given.items.add(new File([new Uint8Array(bytes)], name)); return given; }""",
            [name, list(data)],
        )
        for event in ("dragover", "drop"):
            zone.dispatch_event(event, {"dataTransfer": transfer})
    else:
        page.set_input_files("input[type=file]", {"name": name, "mimeType": "text/csv", "buffer": data})
    expect(zone).to_contain_text(name)
    if store:
        page.select_option("[name=store]", "new")
        page.fill("[name=new_store]", store)
    page.click("form.import button")
    expect(page.locator("h1")).to_have_text(name)
    dry_run = tiles(page)
    page.click(".boxed .btn.primary")
    expect(page.locator(".batch form[action$=undo]")).to_be_visible(timeout=120_000)
    assert tiles(page) == dry_run
    return dry_run


def tiles(page):
    return [int(number) for number in page.locator(".tiles b").all_inner_texts()]


def press(page, verb, state):
    """Press a verb's button and see the task in its new state."""
    page.locator(".verbs").get_by_role("button", name=verb, exact=True).click()
    expect(page.locator(".standing .state")).to_have_text(state)


def import_exports(operator):
    counts = import_file(operator, "ExportOrderList.csv", exports.orders(exports.sales(300)), store="果子海外旗舰店")
    assert counts == [300, 300, 0, 0, 0]
    assert import_file(operator, "products.xlsx", exports.products(), drop=True)[4] == 0


def draft_from_a_product(operator):
    """The request is prefilled from the product, and each shows the other; its address."""
    operator.goto("/products")
    operator.get_by_role("link", name="蓝莓 零食").click()
    product = operator.url
    operator.locator("main a[href*='/tasks/new']").click()
    operator.locator("a[href*='type=design.page_request']").click()
    assert operator.input_value("[name=title]") == "蓝莓 零食"
    assert operator.input_value("[name='brief.products']") == "蓝莓 零食 · 610000000000 · SPU-00"
    assert operator.locator("[name=store] option:checked").inner_text() == "果子海外旗舰店"
    operator.fill("[name=title]", TITLE)
    operator.check("[name='brief.page_type'][value=main_picture]")
    operator.check("[name='brief.platforms'][value=tmall]")
    operator.fill("[name='brief.size_w']", "800")
    operator.fill("[name='brief.size_h']", "800")
    operator.fill("[name='brief.selling_points']", "云南高原\n第二件半价")
    operator.click(".foot .primary")
    expect(operator.locator("h1")).to_have_text(TITLE)
    task = operator.url
    linked = operator.locator(".task-side").get_by_role("link", name="蓝莓 零食")
    expect(linked).to_have_attribute("href", urlsplit(product).path)
    operator.goto(product)
    expect(operator.locator(".tasks .title")).to_have_text(TITLE)
    return task


def hand_over(operator, task):
    """What is missing is named; with it, the task goes out."""
    operator.goto(task)
    operator.locator(".verbs").get_by_role("button", name="发出").click()
    expect(operator.locator(".toast")).to_contain_text("目标人群")
    expect(operator.locator(".standing .state")).to_have_text("草稿")
    operator.get_by_role("link", name="修改", exact=True).click()
    operator.fill("[name='brief.audience']", AUDIENCE)
    operator.click(".foot .primary")
    press(operator, "发出", "待接")


def make_and_deliver(designer, picture):
    """Pick it from the queue, upload the picture in the size asked for, deliver."""
    designer.goto("/design/")
    designer.locator(".design-queue li", has_text=TITLE).get_by_role("button").click()
    designer.locator(".tasks .name", has_text=TITLE).click()
    designer.wait_for_url("**/design/?panel=*")
    press(designer, "开始", "处理中")
    expect(designer.locator(".lead .note")).to_contain_text("成图")
    slot = designer.locator("form[action$='/slots/final'] input[type=file]")
    slot.set_input_files({"name": "主图.png", "mimeType": "image/png", "buffer": picture})
    expect(designer.locator(".versions")).to_contain_text("主图.png")
    press(designer, "交付", "待验")


def check_and_sign_off(operator, task):
    """The picture is seen; without its checks it cannot be signed off, with them it is."""
    operator.goto(task)
    shown = operator.locator(".shot.big img")
    expect(shown).to_be_visible()
    assert shown.evaluate("(image) => image.decode().then(() => image.naturalWidth)") == 800
    operator.locator(".verbs").get_by_role("button", name="验收").click()
    expect(operator.locator(".toast").first).to_be_visible()
    expect(operator.locator(".standing .state")).to_have_text("待验")
    checks = operator.locator(".checks li")
    for number in range(checks.count()):  # as quickly as one can
        checks.nth(number).locator("label.pass").click()
    expect(operator.locator("#checked")).to_have_text(f"{checks.count()}/{checks.count()}")
    expect(operator.locator(".checks [value=pass]:checked")).to_have_count(checks.count())
    press(operator, "验收", "完成")
    expect(operator.locator(".versions .green")).to_be_visible()


def issue_the_handoff_sheet(operator):
    """The PDF of the handoff sheet."""
    box = operator.locator(".documents")
    box.locator("select[name=kind]").select_option("core.handoff")
    box.locator("button[value=zh]").click()
    link = box.get_by_role("link", name="PDF")
    link.wait_for(timeout=120_000)
    return pypdfium2.PdfDocument(operator.request.get(link.get_attribute("href")).body())


def test_one_handoff_from_import_to_signed_pdf(make_user, browse, worker, png):
    operator = browse(make_user("lin", teams={"operations": "lead"}, name="林晓", language="zh"))
    designer = browse(make_user("song", teams={"design": "member"}, name="宋佳", language="zh"))

    import_exports(operator)
    task = draft_from_a_product(operator)
    hand_over(operator, task)
    make_and_deliver(designer, png(800, 800))
    check_and_sign_off(operator, task)
    sheet = issue_the_handoff_sheet(operator)

    text = re.sub(r"\s", "", "".join(page.get_textpage().get_text_range() for page in sheet))
    assert TITLE in text
    assert AUDIENCE in text
    assert "主图.png" in text
    code = zxingcpp.read_barcodes(sheet[0].render(scale=3).to_pil())[0].text
    operator.goto(urlsplit(code).path)
    expect(operator.locator(".note.green strong")).to_have_text("有效")
