"""What people write stays what they wrote: no page runs it, loads it, or is pulled out of shape by it."""

import io
import re
from urllib.parse import quote

import pypdfium2
import pytest
from PIL import Image
from playwright.sync_api import expect
from sqlalchemy import select

from core.board import contents, moves, services
from core.board.models import Task
from core.contracts import Actor, Ref
from core.documents import services as documents
from core.extensions import db
from core.files import services as files
from core.files.services import open_upload
from core.imports import services as imports
from core.stores.models import Order, OrderLine, Product, Sku, Store
from core.testing.jobs import run_pending
from core.transactions import transaction
from tests.e2e import watching
from tests.fixtures import exports

pytestmark = pytest.mark.e2e

PAYLOADS = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(2)>',
    "'><svg onload=alert(3)>",
    "{{ 7*7 }}{% raw %}${7*7}",
    "</textarea></title><iframe src=javascript:alert(4)>",
    "javascript:alert(5)//",
    "<a href=javascript:alert(6) hx-get=/ hx-trigger=load hx-on:click=alert(7)>x</a>",
)
NASTY = " ".join(PAYLOADS)


@pytest.fixture
def lin(make_user):
    teams = {"operations": "lead", "design": "lead"}
    return make_user("lin", teams=teams, name=f"林<b onclick=alert(8)>{PAYLOADS[1]}", admin=True)


@pytest.fixture
def actor(lin):
    return Actor(lin.id, lin.name, {"operations": "lead", "design": "lead"})


def records(session):
    """A store with a product, a SKU and an order."""
    store = Store(name=NASTY[:80], platform_id=PAYLOADS[1])
    session.add(store)
    session.flush()
    shared = {"store_id": store.id, "item_id": "73001"}
    product = Product(**shared, merchant_code=PAYLOADS[2], title=NASTY[:200], status="on_sale")
    order = Order(store_id=store.id, order_no="46001", status="done", status_text=PAYLOADS[0], note=NASTY, region=NASTY)
    session.add_all([product, order])
    session.flush()
    attributes = {PAYLOADS[1]: PAYLOADS[2]}
    sku = Sku(**shared, key="52001", sku_id="52001", product_id=product.id, attributes=attributes)
    line = OrderLine(**shared, key="1", fingerprint="1", order_no="46001", order_id=order.id, title=NASTY)
    session.add_all([sku, line])
    session.flush()
    return store, product, sku, order


def picture(name):
    data = io.BytesIO()
    Image.new("RGB", (80, 80)).save(data, "PNG")
    data.seek(0)
    return open_upload(data, ("image",), name)


@pytest.fixture
def nasty(app, actor):
    """Addresses of pages whose every text is a payload."""
    with app.app_context():
        with transaction() as session:
            store, product, sku, order = records(session)
        brief = {
            "page_type": "main_picture",
            "platforms": ["tmall"],
            "size": [80, 80],
            "audience": NASTY,
            "style": NASTY,
            "selling_points": list(PAYLOADS),
            "price_text": list(PAYLOADS),
            "references": ['https://example.com/"onmouseover=alert(9)'],
        }
        draft = services.Draft(NASTY[:200], brief, store_id=store.id, records=(Ref("core.product", product.id),))
        unsent = services.draft_task(actor, "design.page_request", "operations", draft)
        task = services.draft_task(actor, "design.page_request", "operations", draft)
        for verb in ("offer", "accept", "start"):
            moves.move(task.id, verb, actor)
        moves.move(task.id, "wait", actor, {"waiting_for": "outside", "text": NASTY, "until": ""})
        moves.move(task.id, "resume", actor)
        contents.add_file(task.id, "final", picture(f"{PAYLOADS[1]}.png"), actor)
        contents.comment(task.id, f"@lin {NASTY}", actor)
        moves.move(task.id, "deliver", actor)
        contents.set_check(task.id, "size", "fail", NASTY, actor)
        moves.move(task.id, "rework", actor, {"reason": "check_failed", "text": NASTY})
        data = exports.orders(exports.sales(3))
        reading = imports.read_file(data, f"{PAYLOADS[1]}.csv", imports.importers_for(actor))
        batch = imports.keep(reading, store.name, actor)
        return {
            "/": "",
            "/boards/design": "",
            f"/boards/design?panel={task.number}": "#panel",
            f"/tasks/{task.number}": "main",
            f"/tasks/{unsent.number}/edit": "",
            f"/tasks/new?type=design.page_request&record=core.product:{product.id}": "",
            "/search?q=alert": "main",
            "/notices": "",
            "/stores": "main",
            f"/stores/{store.id}": "main",
            "/products": "main",
            f"/products/{product.id}": "main",
            f"/skus/{sku.id}": "main",
            "/orders?q=alert": "main",
            f"/orders/{order.id}": "main",
            "/imports": "main",
            f"/imports/{batch.id}": "main",
            "/design/": "main",
            "/users": "main",
            "/audit": "main",
        }


def test_what_people_write_is_shown_as_written_and_runs_nowhere(nasty, lin, browse):
    page = browse(lin)
    for address, place in nasty.items():
        page.goto(address)
        page.watch.settle(page)
        assert page.locator("script:not([src]), iframe, img[src=x], svg[onload], a[href^=javascript]").count() == 0, (
            address
        )
        if place:
            expect(page.locator(place)).to_contain_text("onerror=alert(2)")
        assert (watching.overflow(page), page.watch.faults) == ([], []), address


def test_a_message_about_what_people_wrote_is_text(nasty, lin, browse):
    page = browse(lin)
    page.goto("/search?q=" + quote(NASTY[:80]))
    expect(page.locator("h1")).to_contain_text("<script>alert(1)</script>")

    page.goto("/boards/design?q=" + quote(PAYLOADS[1]))
    expect(page.locator(".bar [name=q]")).to_have_value(PAYLOADS[1])

    page.goto("/imports")
    page.set_input_files(
        "input[type=file]", {"name": f"{PAYLOADS[0][:7]}1.csv", "mimeType": "text/csv", "buffer": b"a,b"}
    )
    expect(page.locator(".drop.big strong")).to_have_text(f"{PAYLOADS[0][:7]}1.csv")
    page.click("form.import button")
    expect(page.locator("main .note")).to_contain_text(f"{PAYLOADS[0][:7]}1.csv")


def test_on_paper_too(app, actor, nasty):
    with app.app_context():
        task = db.session.scalar(select(Task).order_by(Task.id.desc()))
        document = documents.issue("core.handoff", Ref("core.task", task.id), actor, "en")
        documents.print_soon(document, actor)
        run_pending()
        printed = db.session.get(type(document), document.id).printed
        pdf = pypdfium2.PdfDocument(files.read(printed.file))

    text = re.sub(r"\s", "", "".join(page.get_textpage().get_text_range() for page in pdf))
    assert "<script>alert(1)</script>" in text
    assert "<imgsrc=xonerror=alert(2)>" in text
