"""Pages of store records and imports, as browsers ask for them."""

import io

import pytest
from sqlalchemy import select

from core.contracts import Actor
from core.extensions import db
from core.imports import command
from core.stores import queries
from core.stores.models import Order, Product, RecordChange, Sku, Store
from core.testing.jobs import run_pending
from tests.fixtures import exports

STORE = "果子旗舰店"


@pytest.fixture
def stocked(app, tmp_path):
    """A store with 40 orders, their lines, and products."""
    sold = exports.sales(40)
    files = {"o.csv": exports.orders(sold), "l.csv": exports.lines(sold), "p.xlsx": exports.products()}
    for name, data in files.items():
        (tmp_path / name).write_bytes(data)
    with app.app_context():
        code = command.run([tmp_path / name for name in files], STORE, new_store=True, echo=lambda _: None)
        db.session.remove()
    assert code == 0
    return sold


@pytest.fixture
def operator(as_user):
    return as_user("li", teams={"operations": "lead"})


def get(client, url, code=200):
    answer = client.get(url)
    assert answer.status_code == code, answer.text[:2000]
    return answer


def test_lists_and_records_are_shown(stocked, operator, app):
    for url in ("/stores", "/products", "/orders", "/stores/1", "/products/1", "/skus/1", "/orders/1", "/imports"):
        get(operator, url)
    get(operator, "/imports/1")
    with app.app_context():
        number = db.session.scalar(select(Order.order_no).limit(1))
    assert number in get(operator, f"/orders?q={number}").text


def test_a_file_goes_from_dry_run_over_yes_to_report_and_back(operator, app):
    sold = exports.sales(12)
    sent = {"file": (io.BytesIO(exports.orders(sold)), "ExportOrderList.csv"), "store": "new", "new_store": STORE}
    answer = operator.post("/imports", data=sent, content_type="multipart/form-data")
    assert answer.status_code == 303
    address = answer.headers["Location"]
    page = get(operator, address).text
    assert "dry run" in page
    with app.app_context():
        assert db.session.scalars(select(Order)).all() == []
    assert operator.post(f"{address}/apply").status_code == 303
    get(operator, address)
    with app.app_context():
        run_pending()
    assert "Take back" in get(operator, address).text
    sent = {"file": (io.BytesIO(exports.orders(sold)), "x.csv"), "store": "1", "new_store": "Another"}
    unsure = operator.post("/imports", data=sent, content_type="multipart/form-data")
    assert (unsure.status_code, "another one is chosen: which is it?" in unsure.text) == (422, True)
    with app.app_context():
        assert len(db.session.scalars(select(Order)).all()) == 12
    assert operator.post(f"{address}/undo").status_code == 303
    with app.app_context():
        assert db.session.scalars(select(Order)).all() == []
    assert operator.post(f"{address}/undo").status_code == 409


def test_a_file_that_cannot_be_read_is_refused_on_the_page(operator):
    sent = {"file": (io.BytesIO(b"%PDF-1.7"), "x.pdf"), "store": "new", "new_store": "S"}
    answer = operator.post("/imports", data=sent, content_type="multipart/form-data")
    assert answer.status_code == 422
    assert "x.pdf was not taken" in answer.text


def test_a_record_is_changed_by_hand_and_keeps_its_history(stocked, operator, app):
    page = get(operator, "/products/1/edit").text
    assert 'name="version" value="1"' in page
    form = {"version": "1", "title": "新标题", "status": "on_sale", "list_price": "12.50"}
    assert operator.post("/products/1/edit", data=form).status_code == 303
    with app.app_context():
        product = db.session.get(Product, 1)
        assert (product.title, product.list_price, product.version) == ("新标题", 1250, 2)
        change = db.session.scalars(select(RecordChange)).one()
        assert change.changes["title"][1] == "新标题"
    assert "新标题" in get(operator, "/products/1").text
    assert operator.post("/products/1/edit", data=form | {"title": "x"}).status_code == 409


def test_what_is_wrong_with_a_hand_made_change_is_said_at_its_field(stocked, operator):
    form = {"version": "1", "title": "", "list_price": "-1"}
    answer = operator.post("/products/1/edit", data=form)
    assert answer.status_code == 422
    assert "must be filled in" in answer.text
    assert "cannot be negative" in answer.text


def test_a_store_is_made_and_changed(operator, app):
    form = {"name": " 一号店 ", "platform": "taobao", "platform_id": "yihao", "status": "paused", "owner": ""}
    assert operator.post("/stores/new", data=form).status_code == 303
    assert operator.post("/stores/new", data=form).status_code == 422
    with app.app_context():
        store = db.session.get(Store, 1)
        assert (store.name, store.platform, store.platform_id, store.status) == ("一号店", "taobao", "yihao", "paused")
    get(operator, "/stores/1/edit")
    assert (
        operator.post("/stores/1/edit", data=form | {"status": "closed", "version": "1", "owner": "1"}).status_code
        == 303
    )
    with app.app_context():
        store = db.session.get(Store, 1)
        assert (store.name, store.status, store.owner_id) == ("一号店", "closed", 1)


def test_a_store_cannot_take_the_name_of_another(operator, app):
    form = {"platform": "tmall", "status": "open"}
    for name in ("一号店", "二号店"):
        operator.post("/stores/new", data=form | {"name": name})
    answer = operator.post("/stores/2/edit", data=form | {"name": "一号店", "version": "1"})
    assert answer.status_code == 422
    assert "There is a store called 一号店 already." in answer.text
    with app.app_context():
        assert db.session.get(Store, 2).name == "二号店"


@pytest.mark.parametrize("version", ["", "x", "-1", "9" * 5000])
def test_an_edit_that_does_not_say_what_it_saw_is_stale(operator, version):
    form = {"name": "一号店", "platform": "tmall", "status": "open"}
    operator.post("/stores/new", data=form)
    assert operator.post("/stores/1/edit", data=form | {"version": version}).status_code == 409


def test_lists_export_what_they_show(stocked, operator):
    answer = get(operator, "/orders?export=csv&status=done")
    assert answer.data.startswith("\ufeff".encode())
    rows = answer.data.decode("utf-8-sig").splitlines()
    done = [sale for sale in stocked if sale["state"] == "done"]
    assert len(rows) == len(done) + 1
    assert all(any(sale["no"] in row for row in rows) for sale in done)
    assert get(operator, "/products?export=xlsx").data.startswith(b"PK")


def test_another_team_sees_no_orders(as_user, stocked):
    designer = as_user("wang", teams={"design": "member"})
    assert designer.get("/orders").status_code == 403
    assert designer.get("/imports").status_code == 403
    assert designer.get("/products/1").status_code == 200
    assert designer.get("/products/1/edit").status_code == 403


def test_skus_hang_on_their_products(stocked, app):
    with app.app_context():
        skus = db.session.scalars(select(Sku)).all()
        assert len(skus) == 16
        assert all(sku.product_id for sku in skus)


def test_a_search_finds_records_that_the_reader_may_open(stocked, app):
    with app.test_request_context():
        found = queries.matching(Actor(1, "li", {"operations": "member"}), "樱桃")
        assert {"Product", "Order"} == {each["label"] for each in found}
        found = queries.matching(Actor(2, "wang", {"design": "member"}), "樱桃")
        assert [(each["label"], each["title"]) for each in found] == [("Product", "樱桃 零食")]
        assert queries.matching(Actor(1, "li", {"operations": "member"}), " ") == []


def test_the_search_box_finds_orders_for_who_may_see_them(stocked, operator, as_user, app):
    with app.app_context():
        order = db.session.scalar(select(Order).limit(1))
    link = f'href="/orders/{order.id}"'
    assert link in get(operator, f"/search?q={order.order_no}").text
    assert link not in get(as_user("mei", teams={"design": "member"}), f"/search?q={order.order_no}").text
