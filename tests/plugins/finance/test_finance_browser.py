"""The month of an accountant in a real browser: import, reconcile, hand over, sign off, sign, print."""

import re
from datetime import datetime

import pypdfium2
import pytest
from playwright.sync_api import expect

from core.board import moves
from core.board.models import Task
from core.extensions import db
from core.testing.jobs import run_pending
from tests.fixtures import money
from tests.plugins.finance.desk import TEAMS, Desk

pytestmark = pytest.mark.e2e

PEOPLE = TEAMS | {"li": {"operations": "member"}}


@pytest.fixture
def people(make_user):
    return {name: make_user(name, teams=teams) for name, teams in PEOPLE.items()}


@pytest.fixture
def desk(in_app, people):
    return Desk(people)


@pytest.fixture
def open_page(browser, live_server, people, sign_in):
    """A page of somebody's own browser: ``open_page("wen", "/finance/")``."""
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


GOOD, MISSING = "5110000000000000001", "5110000000000000002"
HEADER = "订单编号,总金额,买家实际支付金额,订单状态,订单创建时间,订单付款时间 ,宝贝标题 ,退款金额,确认收货时间"


def export(*numbers):
    """An order export: each paid with 100 yuan early in November."""
    days = "2026-11-03 09:59:00,2026-11-03 10:00:00"
    rows = [f'="{number}",100.00,100.00,交易成功,{days},莓干,0.00,2026-11-10 08:00:00' for number in numbers]
    return "\n".join([HEADER, *rows, ""]).encode("gb18030")


def bill(number):
    """The account's bill of November: one receipt."""
    line = {
        "no": 0,
        "kind": "交易付款",
        "fen": 10_000,
        "balance": 110_000,
        "order": number,
        "at": datetime(2026, 11, 3, 10),
    }
    words = {"memo": "订单收款", "title": "莓干", "subject": "0010001|交易收款-交易收款", "party": "测*甲"}
    ids = {"flow": "157000000000000001", "trade": "2026110322001000000000000001", "base": number}
    line |= words | ids | {"merchant": f"T200P{number}"}
    return money.statement([line], first=datetime(2026, 11, 1), last=datetime(2026, 12, 1))


def bring(page, name, data):
    """Import a file: see what it would do, and say yes."""
    page.goto("/imports")
    page.set_input_files("input[type=file]", {"name": name, "mimeType": "text/csv", "buffer": data})
    page.get_by_role("button", name="See what it would do").click()
    expect(page.locator("h1")).to_have_text(name)
    page.locator(".boxed .btn.primary").click()
    run_pending()
    expect(page.locator(".batch form[action$=undo]")).to_be_visible()


def reconcile(page):
    """Ask for November on the overview and open the run."""
    page.goto("/finance/")
    page.get_by_label("First day").fill("2026-11-01")
    page.get_by_label("Last day").fill("2026-11-30")
    page.get_by_role("button", name="Reconcile", exact=True).click()
    page.wait_for_url("**/jobs/*")
    run_pending()
    page.wait_for_url("**/finance/runs/*")  # who waits is led on


def test_a_month_from_the_first_run_to_the_signature(desk, open_page):
    wen = open_page("wen", "/imports")
    bring(wen, "ExportOrderList202611.csv", export(GOOD, MISSING))
    bring(wen, "2088_20261101_账务明细.csv", bill(GOOD))

    reconcile(wen)
    expect(wen.get_by_role("link", name="Receipt missing")).to_be_visible()
    wen.get_by_role("button", name="Prepare the signature").click()
    expect(wen.get_by_text("1 differences are neither settled, handed over nor carried forward.").first).to_be_visible()

    wen.goto("/finance/differences?state=open")
    wen.get_by_label("Choose all").check()
    expect(wen.get_by_label(f"Choose {MISSING}")).to_be_checked()
    wen.get_by_role("link", name=MISSING).click()
    wen.get_by_label("To the team").select_option("operations")
    wen.get_by_label("What they are to do").fill("请查这笔为什么没到账")
    wen.get_by_role("button", name="Draft the task").click()
    wen.wait_for_url("**/tasks/OPS-1")
    expect(wen.get_by_text("books 100.00, statement 0.00, difference -100.00").first).to_be_visible()
    expect(wen.get_by_role("link", name=MISSING)).to_have_count(2)  # the order, and the difference
    wen.get_by_role("button", name="Hand over").first.click()
    expect(wen.get_by_text("Offered").first).to_be_visible()

    db.session.rollback()  # to see what the server has stored
    task = db.session.query(Task).one()
    for verb in ("accept", "start", "deliver"):
        moves.move(task.id, verb, desk_actor(desk, "li"))
    from core.board import contents

    contents.comment(task.id, "平台已补款，下月到账", desk_actor(desk, "li"))
    for check in db.session.get_one(Task, task.id).checks:
        contents.set_check(task.id, check.name, "pass", "", desk.actor("wen"))
    wen.reload()
    wen.get_by_role("button", name="Sign off").first.click()
    expect(wen.get_by_text("Done").first).to_be_visible()

    wen.goto("/finance/differences?state=closed")
    wen.get_by_role("link", name=MISSING).click()
    expect(wen.get_by_text("OPS-1: 平台已补款，下月到账").first).to_be_visible()
    expect(wen.get_by_text("Claimed from the platform").first).to_be_visible()

    desk.line("202611040001", 10_000, MISSING, day=5)
    reconcile(wen)
    expect(wen.get_by_role("link", name="Receipt missing")).to_have_count(0)
    wen.get_by_role("button", name="Prepare the signature").click()
    wen.wait_for_url("**/finance/periods/1")
    expect(wen.get_by_text("It waits for the signature of a second person.")).to_be_visible()

    jin = open_page("jin", "/finance/periods")
    jin.get_by_role("link", name="2026-11-01 – 2026-11-30").click()
    jin.get_by_role("button", name="Sign the period").click()
    expect(jin.get_by_text("Signed and locked:")).to_be_visible()
    assert (desk.period().state, desk.period().signed_by_id) == ("signed", desk.actor("jin").user_id)

    with jin.expect_response(lambda response: response.request.method == "POST"):
        jin.locator(".documents button[value=zh]").click()
    run_pending()
    link = jin.locator(".documents").get_by_role("link", name="PDF")
    paper = pypdfium2.PdfDocument(jin.request.get(link.get_attribute("href")).body())
    text = re.sub(r"\s", "", "".join(page.get_textpage().get_text_range() for page in paper))
    assert "2026-11-01" in text and "wen" in text and "jin" in text


def desk_actor(desk, name):
    """The actor of somebody outside finance."""
    from core.contracts import Actor

    return Actor(desk.people[name].id, name, PEOPLE[name])
