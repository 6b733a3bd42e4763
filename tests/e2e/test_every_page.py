"""Every page, in Chinese and English, on a desk and on a phone: whole, quiet, readable, and open to everybody."""

from collections import defaultdict
from urllib.parse import urlsplit

import pytest

from tests.e2e import watching
from tests.e2e.placing import places as placed

pytestmark = pytest.mark.e2e

SHIPPER = "logistics1"
AGENT = "cs1"
BUYER = "purchasing1"
STRANGER, ADMIN, OPERATOR, OPERATOR_2, DESIGNER, LEAD = "", "admin", "operations1", "operations2", "design2", "design1"
WIDTHS = (1280, 390)

# Address -> who looks at it. {names} are filled in by the fixture ``places``.
PAGES = {
    "/": OPERATOR,
    "/boards/operations": OPERATOR,
    "/boards/design": DESIGNER,
    "/boards/design?q=没有这样的": LEAD,
    "/boards/operations?panel={doing}": OPERATOR,
    "/tasks/{draft}": OPERATOR,
    "/tasks/{offered}": DESIGNER,
    "/tasks/{accepted}": DESIGNER,
    "/tasks/{doing}": DESIGNER,
    "/tasks/{waiting}": DESIGNER,
    "/tasks/{delivered}": OPERATOR,
    "/tasks/{returned}": OPERATOR,
    "/tasks/{done}": OPERATOR,
    "/tasks/{cancelled}": OPERATOR,
    "/tasks/{general}": OPERATOR_2,
    "/tasks/{offered}/verbs/return": DESIGNER,
    "/tasks/{doing}/verbs/wait": DESIGNER,
    "/tasks/{doing}/verbs/reassign": LEAD,
    "/tasks/{delivered}/verbs/rework": OPERATOR,
    "/tasks/{delivered}/verbs/ask_cosign": OPERATOR,
    "/tasks/{delivered}/verbs/cosign": OPERATOR,
    "/tasks/{draft}/edit": OPERATOR,
    "/tasks/new": OPERATOR,
    "/tasks/new?type=core.general": OPERATOR,
    "/tasks/new?type=design.page_request&record=core.product:{product}": OPERATOR,
    "/tasks/new?type=design.photo_shoot": OPERATOR,
    "/tasks/new?type=design.image_retouch": OPERATOR,
    "/matrix": LEAD,
    "/matrix?from=2020-01-01&to=2020-01-31": OPERATOR_2,
    "/matrix?from={a_month_ago}&to={today}": ADMIN,
    "/matrix/tasks?from={a_month_ago}&to={today}": ADMIN,
    "/search?q={word}": OPERATOR,
    "/search?q=没有这样的": OPERATOR,
    "/notices": OPERATOR,
    "/stores": OPERATOR,
    "/stores/new": ADMIN,
    "/stores/{store}": OPERATOR,
    "/stores/{store}/edit": ADMIN,
    "/products": OPERATOR,
    "/products?q=没有这样的": OPERATOR,
    "/products/{product}": OPERATOR,
    "/products/{product}/edit": ADMIN,
    "/skus/{sku}": OPERATOR,
    "/skus/{sku}/edit": ADMIN,
    "/orders": OPERATOR,
    "/orders?page=2": OPERATOR,
    "/orders/{order}": OPERATOR,
    "/order-lines/{line}": OPERATOR,
    "/imports": OPERATOR,
    "/imports?q=没有这样的": OPERATOR,
    "/imports/{dry_run}": OPERATOR,
    "/imports/{applied}": OPERATOR,
    "/documents": OPERATOR,
    "/documents?q=没有这样的": ADMIN,
    "/documents/{document}": OPERATOR,
    "/v/{token}": STRANGER,
    "/jobs/{job}": OPERATOR,
    "/preferences": OPERATOR,
    "/users": ADMIN,
    "/users/new": ADMIN,
    "/users/{user}": ADMIN,
    "/plugins": ADMIN,
    "/audit": ADMIN,
    "/admin/calendar": ADMIN,
    "/design/": DESIGNER,
    "/design/capacity": LEAD,
    "/design/words": LEAD,
    "/design/rework": LEAD,
    "/finance/": ADMIN,
    "/finance/differences": ADMIN,
    "/finance/differences?state=closed&q=没有这样的": ADMIN,
    "/finance/differences/{difference}": ADMIN,
    "/finance/runs": ADMIN,
    "/finance/runs/{run}": ADMIN,
    "/finance/runs/{run}/orders/AMOUNT": ADMIN,
    "/finance/runs/{run}/lines/OK": ADMIN,
    "/finance/periods": ADMIN,
    "/finance/periods/{period}": ADMIN,
    "/finance/periods/history": ADMIN,
    "/finance/lines": ADMIN,
    "/finance/lines?order=without&q=没有这样的": ADMIN,
    "/finance/lines/{money_line}": ADMIN,
    "/finance/lines/statements/{statement}": ADMIN,
    "/finance/lines/trades/{trade}": ADMIN,
    "/finance/rules": ADMIN,
    "/finance/settlements": ADMIN,
    "/finance/settlements/{payout}": ADMIN,
    "/finance/settlements/{payout}?show=other&page=9": ADMIN,
    "/finance/settlements/{waiting_payout}": ADMIN,
    "/finance/settlements/{broken_payout}": ADMIN,
    "/finance/settlements/details/{settlement_detail}": ADMIN,
    "/finance/settlements/fees/{settlement_fee}": ADMIN,
    "/finance/partners": ADMIN,
    "/finance/partners/suppliers": ADMIN,
    "/finance/partners/suppliers?from=2030-01-01": ADMIN,
    "/finance/partners/columns": ADMIN,
    "/finance/partners/couriers": ADMIN,
    "/finance/partners/couriers?finding=fine": ADMIN,
    "/finance/partners/affiliates": ADMIN,
    "/finance/partners/advertising": ADMIN,
    "/finance/partners/payables": ADMIN,
    "/finance/partners/promises": ADMIN,
    "/finance/partners/costs": ADMIN,
    "/finance/partners/costs/{cost}": ADMIN,
    "/finance/partners/purchases/{paid_purchase}": ADMIN,
    "/finance/partners/supplier-lines/{supplier_line}": ADMIN,
    "/finance/partners/courier-lines/{courier_line}": ADMIN,
    "/finance/partners/affiliate-lines/{affiliate_line}": ADMIN,
    "/finance/partners/ad-spendings/{ad_spend}": ADMIN,
    "/finance/profit": ADMIN,
    "/finance/profit?group=article&by=settled": ADMIN,
    "/finance/profit?from=2020-01-01&to=2020-01-31": ADMIN,
    "/finance/profit/rows": ADMIN,
    "/finance/profit/shared-costs": ADMIN,
    "/finance/profit/campaigns": ADMIN,
    "/finance/runs/{run}/balance": ADMIN,
    "/finance/runs/{run}/balance/DUE": ADMIN,
    "/finance/runs/{run}/balance/FEES": ADMIN,
    "/logistics/": SHIPPER,
    "/logistics/?band=later": SHIPPER,
    "/logistics/parcels": SHIPPER,
    "/logistics/parcels/{parcel}": SHIPPER,
    "/logistics/exceptions": SHIPPER,
    "/logistics/exceptions?q=没有这样的": SHIPPER,
    "/logistics/exceptions/{case}": SHIPPER,
    "/logistics/claims": SHIPPER,
    "/logistics/claims/new": SHIPPER,
    "/logistics/claims/{claim}": SHIPPER,
    "/logistics/couriers": SHIPPER,
    "/logistics/couriers?courier=中通快递": SHIPPER,
    "/logistics/manifests": SHIPPER,
    "/logistics/manifests/{manifest}": SHIPPER,
    "/logistics/bills": SHIPPER,
    "/logistics/bills/{bill_line}": SHIPPER,
    "/logistics/bills/tariffs": SHIPPER,
    "/logistics/bills/tariffs?carrier=中通快递&region=浙江&grams=1200&old=1&new=2": SHIPPER,
    "/logistics/capacity": SHIPPER,
    "/logistics/settings": SHIPPER,
    "/logistics/settings/rules?edit=1": SHIPPER,
    "/logistics/settings/tariffs?edit=1": SHIPPER,
    "/logistics/settings/weights": SHIPPER,
    "/logistics/settings/capacity": SHIPPER,
    "/logistics/settings/campaigns": SHIPPER,
    "/logistics/settings/gifts": SHIPPER,
    "/cs/": AGENT,
    "/cs/?tab=new": AGENT,
    "/cs/?q=没有这样的": OPERATOR,
    "/tasks/{ticket}": AGENT,
    "/cs/tickets/new?type=cs.complaint": AGENT,
    "/cs/tickets/new?type=cs.after_sale&record=cs.after_sale:{after_sale}": AGENT,
    "/cs/after-sales": AGENT,
    "/cs/after-sales/{after_sale}": AGENT,
    "/cs/promises": AGENT,
    "/cs/promises?state=confirmed": AGENT,
    "/cs/promises?state=approved": AGENT,
    "/cs/promises/{promise}": AGENT,
    "/cs/feedback": AGENT,
    "/cs/feedback/ratings": AGENT,
    "/cs/feedback/ratings/{rating}": AGENT,
    "/cs/members": AGENT,
    "/cs/members/{member}": AGENT,
    "/cs/figures": AGENT,
    "/cs/figures?define=reply_rate": AGENT,
    "/cs/figures?define=tier": AGENT,
    "/cs/scores/{score}": AGENT,
    "/cs/replies": AGENT,
    "/cs/playbooks": AGENT,
    "/cs/playbooks?edit=1": AGENT,
    "/purchasing/": BUYER,
    "/purchasing/orders": BUYER,
    "/purchasing/orders?state=sent": BUYER,
    "/purchasing/orders/new": BUYER,
    "/purchasing/orders/limits": BUYER,
    "/purchasing/orders/{purchase}": BUYER,
    "/purchasing/inquiries": BUYER,
    "/purchasing/inquiries/new": BUYER,
    "/purchasing/inquiries/1": BUYER,
    "/purchasing/inquiries/{inquiry}": BUYER,
    "/purchasing/inquiries/{inquiry}/edit": BUYER,
    "/purchasing/inquiries/quotes/{quote}": BUYER,
    "/purchasing/orders/{draft_purchase}/edit": BUYER,
    "/purchasing/1688": BUYER,
    "/purchasing/1688/{platform_order}": BUYER,
    "/purchasing/stock": BUYER,
    "/purchasing/stock?standing=short": BUYER,
    "/purchasing/stock/{store}/GY-TEA-01": BUYER,
    "/purchasing/suppliers": BUYER,
    "/purchasing/suppliers/new": BUYER,
    "/purchasing/suppliers/{supplier}": BUYER,
    "/purchasing/returns": BUYER,
    "/purchasing/returns/{return}": BUYER,
    "/purchasing/orders/{purchase}/return": BUYER,
    "/purchasing/discrepancies": BUYER,
    "/purchasing/discrepancies/{discrepancy}": BUYER,
    "/purchasing/invoices": BUYER,
    "/purchasing/invoices/new?order={purchase}": BUYER,
    "/purchasing/invoices/{invoice}": BUYER,
    "/purchasing/uplifts": BUYER,
    "/log-in": STRANGER,
}
REFUSED = {"/tasks/NO-1": (OPERATOR, 404), "/users": (DESIGNER, 403), "/v/nothing": (STRANGER, 404)}
DARK = (
    "/",
    "/boards/design",
    "/tasks/{delivered}",
    "/imports/{dry_run}",
    "/orders",
    "/design/",
    "/logistics/capacity",
    "/log-in",
)
EMPTY = (
    "/",
    "/boards/operations",
    "/stores",
    "/products",
    "/orders",
    "/imports",
    "/notices",
    "/design/",
    "/design/rework",
    "/logistics/",
    "/logistics/exceptions",
    "/logistics/manifests",
    "/logistics/bills",
    "/logistics/claims",
    "/logistics/couriers",
    "/logistics/capacity",
)

# What is no page: parts that pages load themselves, files, and pages that need another installation than the demo.
OTHERS = {
    "audit.export": "a file",
    "board.boards": "leads to a board; a test of its own: for who has none",
    "board.changes": "a part of the board",
    "board.column": "a part of the board",
    "board.review_page": "leads to the matrix",
    "cs.desk_box": "a part of the desk",
    "cs.found_replies": "a part of the ticket",
    "cs.order_box": "a part of the order",
    "cs.payment_box": "a part of the task",
    "cs.ticket_box": "a part of the task",
    "design.next_box": "a part of the desk",
    "design.task_box": "a part of the task",
    "finance.desk_box": "a part of the desk",
    "finance.bill_box": "a part of the import",
    "finance.lines_box": "a part of the order",
    "finance.order_box": "a part of the order",
    "finance.task_box": "a part of the task",
    "finance.period_workbook": "a file",
    "finance.profit_workbook": "a file",
    "finance.run_workbook": "a file",
    "documents.of_record": "a part of the record",
    "documents.of_task": "a part of the task",
    "files.download": "a file",
    "files.thumb": "a file",
    "imports.rejected": "a file",
    "logistics.desk_box": "a part of the desk",
    "purchasing.complaint_box": "a part of the task",
    "purchasing.desk_box": "a part of the desk",
    "purchasing.hindsight_box": "a part of the suggestions",
    "purchasing.request_box": "a part of the task",
    "purchasing.scores_box": "a part of the suppliers",
    "purchasing.platform_line": "leads to its order",
    "purchasing.stock_day": "leads to its article",
    "purchasing.stock_move": "leads to its article",
    "logistics.order_box": "a part of the order",
    "logistics.parcel_item": "leads to its parcel",
    "logistics.parcel_order": "leads to its parcel",
    "web.healthz": "for machines",
    "web.vendor": "a file",
    "accounts.first_run": "a test of its own: in an empty installation",
}


def test_every_page_is_looked_at(app):
    """A new page must be added to ``PAGES`` here; what is none, to ``OTHERS``."""
    urls = app.url_map.bind("127.0.0.1")
    seen = {urls.match(urlsplit(page).path.format_map(defaultdict(lambda: "1")))[0] for page in PAGES}
    pages = {rule.endpoint for rule in app.url_map.iter_rules() if "GET" in rule.methods}

    assert {name for name in pages - seen - set(OTHERS) if not name.endswith("static")} == set()
    assert set(OTHERS) & seen == set()
    assert set(OTHERS) - pages == set()


@pytest.fixture(scope="session")
def places(shop):
    """What the demo store has to show, by the names that ``PAGES`` uses."""
    return placed(shop)


@pytest.fixture(scope="session")
def profiles(shop, browser):
    """A page for each user, kept open: a profile costs more than what it shows."""
    made = {}

    def of(login):
        if login not in made:
            profile = browser.new_context(
                base_url=shop.url, locale="zh-CN", timezone_id="Asia/Shanghai", reduced_motion="reduce"
            )
            if login:
                cookie = {"name": "storeboard_session", "value": shop.token(login), "domain": "127.0.0.1", "path": "/"}
                profile.add_cookies([cookie])
            made[login] = profile.new_page(), watching.Watch(profile, shop.url)
        return made[login]

    yield of
    for page, _watch in made.values():
        page.context.close()


@pytest.fixture
def look(shop, profiles):
    """Open a page in a language, and hand out the page and what it did."""

    def at(address, login, language, width=1280, scheme="light"):
        page, watch = profiles(login)
        watch.faults.clear()
        if login:
            shop.speak(login, language)
        else:
            cookie = {"name": "storeboard_language", "value": language, "domain": "127.0.0.1", "path": "/"}
            page.context.add_cookies([cookie])
        page.emulate_media(color_scheme=scheme)
        page.set_viewport_size({"width": width, "height": 844})
        response = page.goto(address)
        watch.settle(page)
        return page, watch, response.status

    return at


def faults(page, watch, audited=WIDTHS):
    """What is wrong with the page, by width; barriers are looked for at the widths in ``audited``."""
    found = {}
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 844})
        found[width] = watching.overflow(page)
        if width in audited:
            found[width] += watching.barriers(page, width == WIDTHS[0])
    return {width: each for width, each in found.items() if each}, watch.faults


# A language changes no part of a page: so the wide one is audited in Chinese, the narrow one in English.
AUDITED = {"zh": WIDTHS[:1], "en": WIDTHS[1:]}


def repeated(address):
    """Whether the page is looked at without this question, too."""
    return address.partition("?")[0] in set(PAGES) - {address}


@pytest.mark.parametrize("language", ["zh", pytest.param("en", marks=pytest.mark.thorough)])
@pytest.mark.parametrize(
    "address", [pytest.param(each, marks=[pytest.mark.thorough] * repeated(each)) for each in PAGES]
)
def test_a_page_is_whole(address, language, places, look):
    page, watch, status = look(address.format_map(places), PAGES[address], language)

    assert status == 200
    assert page.locator("html").get_attribute("lang") == {"zh": "zh-CN", "en": "en"}[language]
    assert page.locator("h1:visible").count() == 1 or "panel=" in address
    assert faults(page, watch, AUDITED[language]) == ({}, [])
    if language == "zh":
        assert watching.untranslated(page, places.values()) == []


@pytest.mark.parametrize("address", DARK)
def test_a_page_is_readable_in_the_dark(address, places, look):
    page, watch, _status = look(address.format_map(places), PAGES[address], "zh", scheme="dark")

    assert page.evaluate("getComputedStyle(document.body).backgroundColor") != "rgb(255, 255, 255)"
    assert faults(page, watch) == ({}, [])


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("address", REFUSED)
def test_a_refusal_is_a_page_too(address, language, look):
    login, expected = REFUSED[address]
    page, watch, status = look(address, login, language)
    watch.faults[:] = [fault for fault in watch.faults if f"status of {expected}" not in fault]

    assert status == expected
    assert page.locator("h1:visible").count() == 1
    assert faults(page, watch) == ({}, [])
    if language == "zh":
        assert watching.untranslated(page) == []


def test_where_nothing_is_yet_every_page_says_what_to_do_next(make_user, browse):
    teams = {"operations": "lead", "design": "lead"}
    page = browse(make_user("lin", teams=teams, name="林晓", language="zh", admin=True))
    for address in EMPTY:
        page.goto(address)
        page.watch.settle(page)
        assert page.locator(".empty, .desk .none, .cards > p, p.mute").first.is_visible(), address
        assert (address, watching.untranslated(page)) == (address, [])
        assert (address, faults(page, page.watch)) == (address, ({}, []))


def test_who_is_in_no_team_that_works_is_told_whom_to_ask(make_user, browse):
    page = browse(make_user("xu", teams={"switched_off": "member"}, name="许岚", language="zh"))
    page.goto("/boards")

    assert page.locator(".empty").is_visible()
    assert watching.untranslated(page, ["switched_off"]) == []
    assert faults(page, page.watch) == ({}, [])


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_the_first_page_of_all_asks_for_the_first_administrator(live_server, open_page, language):
    page = open_page(live_server.url, locale=language)
    page.goto("/")
    page.wait_for_url("**/first-run")

    assert faults(page, page.watch) == ({}, [])
    for name, value in {"login": "boss", "name": "店主", "password": "a long enough secret"}.items():
        page.fill(f"[name={name}]", value)
    page.click("form .primary")
    page.wait_for_url(live_server.url + "/")
    assert page.locator("h1").inner_text() == {"zh-CN": "我的工作台", "en": "My desk"}[language]
