"""Work that crosses from team to team, in a real browser, each step as somebody of that team does it, in Chinese."""

import re
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect

from core import localtime
from core.columns import now
from core.contracts import Actor
from core.stores.models import Order, OrderLine, Store
from core.transactions import transaction
from plugins.logistics.models import Parcel
from plugins.purchasing import orders, receiving, suggesting, suppliers
from plugins.purchasing.models import StockDay

pytestmark = pytest.mark.e2e

PEOPLE = {
    "an": ("安宁", "cs", "member"),
    "hui": ("惠敏", "cs", "lead"),
    "cang": ("仓鹏", "logistics", "member"),
    "jin": ("金岚", "finance", "member"),
    "cai": ("蔡文", "purchasing", "member"),
    "pan": ("潘越", "purchasing", "lead"),
}
ORDER, WAYBILL, COURIER, CODE = "154839030206893571", "75120001112233", "中通快递", "GY-A-01"
MAKER = "安溪云岭茶业有限公司"


class Desk:
    """Somebody's browser, and what one does with a task in it."""

    def __init__(self, page):
        self.page = page

    def open(self, path):
        self.page.goto(path)
        return self.page

    def press(self, verb, state):
        self.page.locator(".verbs").get_by_role("button", name=verb, exact=True).click()
        expect(self.page.locator(".standing .state").first).to_have_text(state)

    def do(self, number, *verbs):
        """Open a task and press its verbs, each with the state that it leads to."""
        self.open(f"/tasks/{number}")
        for verb, state in verbs:
            self.press(verb, state)

    def sign_off(self, number):
        """Pass every check of a delivered task and sign it off."""
        self.open(f"/tasks/{number}")
        checks = self.page.locator(".checks li")
        for place in range(checks.count()):
            checks.nth(place).locator("label.pass").click()
        expect(self.page.locator("#checked")).to_have_text(f"{checks.count()}/{checks.count()}")
        self.press("验收", "完成")


ACCEPT, START, DELIVER = ("接单", "已接"), ("开始", "处理中"), ("交付", "待验")


@pytest.fixture
def people(make_user):
    return {
        login: make_user(login, teams={team: role}, name=name, language="zh")
        for login, (name, team, role) in PEOPLE.items()
    }


@pytest.fixture
def desks(people, browse):
    """Everybody's browser by log-in, opened when it is first wanted: ``desks("an")``."""
    known = {}

    def of(login):
        if login not in known:
            known[login] = Desk(browse(people[login]))
        return known[login]

    return of


def actor(people, login):
    return Actor(people[login].id, people[login].name, {PEOPLE[login][1]: PEOPLE[login][2]})


def supply(people):
    """A store and who supplies it; the ids of both."""
    with transaction() as session:
        store = Store(name="果岭旗舰店")
        session.add(store)
    terms = {"code": "YL-01", "contact": "", "terms": "月结 30 天", "note": "", "status": "active"}
    terms |= {"lead_days": 7, "payment_days": 30, "minimum_order": 0, "name": MAKER}
    maker = suppliers.save(actor(people, "pan"), None, terms)
    offer = {"store_id": store.id, "merchant_code": CODE, "supplier_code": "", "prices": "1 5.00\n100 4.50"}
    more = {"minimum": 20, "pack": 10, "lead_days": None, "preferred": True}
    suppliers.save_offer(actor(people, "pan"), maker.id, offer | more)
    return store.id, maker.id


def deliver(people, store_id, maker_id, pieces):
    """An order of so many pieces that came whole."""
    buyer, lead = actor(people, "cai"), actor(people, "pan")
    wanted = orders.Wanted(store_id, maker_id, [(CODE, "草莓脆 100g", pieces, 450)], expected_on=localtime.today())
    made = orders.draft_order(buyer, wanted)
    orders.submit(buyer, made.id)
    orders.decide(lead, made.id, True, "")
    orders.send(buyer, made.id)
    receiving.receive(buyer, made.id, [{"merchant_code": CODE, "good": pieces, "damaged": 0}], "杭州一号仓")


def sell(store_id):
    """A sale of two pieces that was sent out, among four parcels of this month."""
    at = now()
    with transaction() as session:
        order = Order(store_id=store_id, order_no=ORDER, status="shipped", total=11600, paid_at=at)
        order.items, order.waybill_no, order.carrier = "草莓脆 100g ×2", WAYBILL, COURIER
        session.add(order)
        session.flush()
        line = {"key": f"{ORDER}1", "fingerprint": "1", "merchant_code": CODE, "quantity": 2, "title": "草莓脆 100g"}
        session.add(OrderLine(store_id=store_id, order_id=order.id, order_no=ORDER, **line))
        for place, key in enumerate((WAYBILL, "75120001112234", "75120001112235", "75120001112236")):
            parcel = Parcel(store_id=store_id, key=key, waybill_no=key, status="signed" if place < 2 else "transit")
            parcel.carrier, parcel.warehouse, parcel.shipped_at = COURIER, "杭州一号仓", at
            session.add(parcel)


def score_of_supplier(desk, maker_id):
    """What is complained of a supplier's goods, as its page says."""
    page = desk.open(f"/purchasing/suppliers/{maker_id}")
    return page.locator(".tiles div", has_text="客诉率").locator("b")


def score_of_courier(desk):
    """The cells of the courier's row on the scorecard."""
    page = desk.open("/logistics/couriers")
    return page.locator("tbody tr", has_text=COURIER).locator("td")


def complain(agent, png):
    """Open the complaint, say what the buyer gets, put its evidence in; its number."""
    page = agent.open("/cs/tickets/new?type=cs.complaint")
    page.fill("[name=title]", "草莓脆收到时罐子压碎")
    page.select_option("[name=store]", label="果岭旗舰店")
    page.fill("[name=what]", "外箱压瘪，两罐都碎了，买家发来照片，要求退款。")
    page.select_option("[name=cause]", "damaged")
    page.select_option("[name=wish]", "refund")
    page.fill("[name=order_no]", ORDER)
    page.get_by_role("button", name="建单").click()
    expect(page.locator("h1")).to_have_text("草莓脆收到时罐子压碎")
    number = page.locator("article.task").get_attribute("data-number")
    box = page.locator("#cs-ticket")
    expect(box).to_contain_text("破损、漏液")
    box.get_by_text("处理结果").click()
    box.get_by_label("给买家（元）").fill("58.00")
    box.get_by_role("button", name="保存").click()
    expect(page.locator("#cs-ticket")).to_contain_text("待审批")
    slot = page.locator("form[action$='/slots/evidence'] input[type=file]")
    slot.set_input_files({"name": "破损.png", "mimeType": "image/png", "buffer": png(400, 300)})
    expect(page.locator(".versions")).to_contain_text("破损.png")
    return number


def hand_out(agent, ticket):
    """To the warehouse, the courier and finance, as the playbook says, and to the supplier's buyer besides."""
    page = agent.open(f"/tasks/{ticket}")
    box = page.locator("#cs-ticket")
    box.get_by_label("供应商客诉").check()
    box.get_by_role("button", name="分派协同").click()
    for number in ("LOG-1", "LOG-2", "FIN-1", "PUR-1"):
        expect(page.locator("#cs-ticket").get_by_role("link", name=number)).to_be_visible()


def claim(depot, number):
    """Take the claim over, send it to the courier, note what came, deliver."""
    depot.do(number, ACCEPT)
    page = depot.page
    expect(page.get_by_role("img", name="破损.png")).to_be_visible()
    page.locator(".task-side").get_by_role("link", name="CLM-1").click()
    page.get_by_role("button", name="提交快递公司").click()
    page.get_by_label("同意赔付金额").fill("50.00")
    page.get_by_label("快递公司答复").fill("按声明价值赔付 50 元。")
    page.get_by_role("button", name="赔款到账").click()
    expect(page.locator(".sums")).to_contain_text("50.00")
    depot.do(number, START, DELIVER)


def judge(buyer, number):
    """Take the complaint over; the supplier, whose goods came last, is at fault for both pieces."""
    buyer.do(number, ACCEPT, START)
    box = buyer.page.locator("#purchasing-complaint")
    expect(box).to_contain_text(MAKER)
    box.locator("[name=verdict]").select_option("upheld")
    box.get_by_label("供应商答复").fill("内衬改薄所致，已改回。")
    box.get_by_role("button", name="保存判定").click()
    expect(buyer.page.locator("#purchasing-complaint dl")).to_contain_text("供应商责任")  # not the form's choice
    buyer.press(*DELIVER)


def test_a_damaged_parcel_goes_round_four_teams_and_moves_the_scores_of_supplier_and_courier(app, people, desks, png):
    with app.app_context():
        store_id, maker_id = supply(people)
        deliver(people, store_id, maker_id, 200)
        sell(store_id)
    agent, depot, buyer = desks("an"), desks("cang"), desks("cai")
    expect(score_of_supplier(buyer, maker_id)).to_have_text("0.00%")
    expect(score_of_courier(depot).nth(1)).to_have_text("0")

    ticket = complain(agent, png)
    desks("hui").open(f"/tasks/{ticket}").get_by_role("button", name="同意 ¥58.00").click()
    expect(desks("hui").page.locator("#cs-ticket")).to_contain_text("惠敏 已审批")
    hand_out(agent, ticket)

    depot.do("LOG-1", ACCEPT, START, DELIVER)
    claim(depot, "LOG-2")
    judge(buyer, "PUR-1")
    desks("jin").do("FIN-1", ACCEPT, START, DELIVER)
    for part in ("LOG-1", "LOG-2", "PUR-1", "FIN-1"):
        agent.sign_off(part)
    agent.do(ticket, START, DELIVER)
    agent.sign_off(ticket)

    expect(score_of_supplier(buyer, maker_id)).to_have_text("1.00%")
    complaints = buyer.page.locator("#complaints")
    expect(complaints).to_contain_text("近一年责任客诉 2 件 ÷ 到货 200 件 = 1.00%")
    expect(complaints.get_by_role("link", name="PUR-1")).to_be_visible()
    cells = score_of_courier(depot)
    expect(cells).to_have_text(["4", "1", "0", "0", "25.00%1 ÷ 4", "—", "1", "58.00", "50.0086.2%"])


def run_low(store_id):
    """Four weeks in which five pieces were sold a day, down to ten, and what is suggested on it."""
    with transaction() as session:
        for back in range(28):
            on, left = localtime.today() - timedelta(days=back), 10 + 5 * back
            day = StockDay(store_id=store_id, key=f"{on}|杭州一号仓|{CODE}", on=on, warehouse="杭州一号仓")
            day.merchant_code, day.name, day.sold, day.defective = CODE, "草莓脆 100g", 5, 0
            day.opening, day.entered, day.left, day.closing, day.good = left + 5, 0, 5, left, left
            session.add(day)
    suggesting.suggest(store_id)


def order_what_runs_low(buyer):
    """From the alert in the stock list to an order that asks for approval."""
    page = buyer.open("/purchasing/stock?standing=short")
    row = page.locator("tbody tr", has_text=CODE)
    expect(row).to_contain_text("即将断货")
    row.get_by_role("link", name=CODE).click()
    expect(page.locator(".pur-steps tr").last).to_have_text("按整箱和起订量取整110")
    page.get_by_role("button", name="按建议生成采购单（110 件）").click()
    expect(page.locator("h1")).to_have_text(re.compile("PO-"))
    expect(page.locator(".sums")).to_contain_text("495.00")
    page.get_by_role("button", name="提交审批").click()
    expect(page.locator(".facts").first).to_contain_text("待审批")
    return urlsplit(page.url).path, page.locator("h1").inner_text()


def receive_short(buyer, path):
    """Send it, count ninety of hundred and ten in, note what is missing, make the claim a task; the note's number."""
    page = buyer.open(path)
    page.get_by_role("button", name="确认已发出").click()
    page.get_by_text("登记收货").click()
    page.get_by_label(f"{CODE} 良品件数").fill("90")
    page.get_by_role("button", name="确认收货").click()
    expect(page.locator(".facts").first).to_contain_text("部分到货")
    page.get_by_label("依据、照片存放处").fill("到货清点 90 件，少 20 件")
    page.get_by_role("button", name="登记差异").click()
    expect(page.locator("h1")).to_have_text(re.compile("DN-"))
    number = page.locator("h1").inner_text()
    expect(page.locator(".sums")).to_contain_text("90.00")
    page.get_by_role("button", name="转为索赔任务").click()
    expect(page.locator(".brief")).to_contain_text("90.00")
    buyer.press("发出", "待接")
    return number


def enter_invoice(buyer, path, today):
    """The supplier bills all that was ordered."""
    page = buyer.open(path)
    page.get_by_role("link", name="录入发票").click()
    page.get_by_label("发票号码").fill("24400001")
    page.get_by_label("开票日期").fill(today)
    page.get_by_label("件数 1", exact=True).fill("110")
    page.get_by_role("button", name="保存").click()
    expect(page.locator(".sums")).to_contain_text("405.00")


def test_a_stock_alert_is_ordered_received_short_and_finance_sees_what_is_held_and_claimed(app, people, desks):
    with app.app_context():
        store_id, _ = supply(people)
        run_low(store_id)
        today, due = (localtime.today() + timedelta(days=days) for days in (0, 30))  # the supplier is paid within 30
        today, due = today.isoformat(), due.isoformat()
    buyer, clerk = desks("cai"), desks("jin")

    path, order = order_what_runs_low(buyer)
    desks("pan").open(path).get_by_role("button", name="通过", exact=True).click()
    expect(desks("pan").page.locator(".facts").first).to_contain_text("已审批")
    note = receive_short(buyer, path)
    enter_invoice(buyer, path, today)

    page = clerk.open("/finance/partners")
    card = page.locator("section", has=page.get_by_role("link", name="供应商应付"))
    expect(card.locator("dd")).to_have_text(["405.00", "90.00", "90.00"])
    card.get_by_role("link", name="供应商应付").click()
    invoice, claim = (page.locator("tbody tr", has_text=number) for number in ("24400001", note))
    expect(invoice.locator("td")).to_have_text(
        ["24400001", MAKER, order, today, due, "495.00", "90.00", "405.00", "", f"{CODE} 开票数多于良品到货数"]
    )
    expect(claim.locator("td")).to_have_text([note, MAKER, order, today, "—", "", "", "", "90.00", "短少或破损索赔"])
    claim.get_by_role("link", name=note).click()
    expect(page.locator("h1")).to_have_text(note)
    expect(page.locator(".sums")).to_contain_text("90.00")
