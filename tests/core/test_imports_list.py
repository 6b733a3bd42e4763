"""The list of imports: filtered by store, kind, state and day, sorted, searched, exported."""

import csv
import io
from datetime import UTC, datetime

from core.contracts import SYSTEM
from core.imports.models import ImportBatch
from core.stores.services import create_store
from core.transactions import transaction


def test_imports_are_found_by_store_kind_state_day_and_name(app, as_user, make_user):
    with app.app_context():
        store = create_store("Shop", SYSTEM).id
        held = {"permission": "imports.run", "sha256": "0", "size": 1, "actor_name": "system"}
        with transaction() as session:
            for day, name, kind, state, more in (
                (1, "orders.csv", "core.tmall_orders", "applied", {"store_id": store, "rows": 9, "rejected": 2}),
                (2, "both.zip", "core.tmall_orders,core.tmall_order_lines", "undone", {"rows": 30}),
                (3, "products.csv", "core.products", "checked", {"store_id": store, "rows": 4}),
            ):
                at = datetime(2026, 3, day, 4, tzinfo=UTC)
                told = {"kind": kind, "state": state, "file_name": name, "store_name": "Shop", "created_at": at}
                session.add(ImportBatch(**held, **told, **more))
    browser = as_user(make_user("li", teams={"operations": "member"}))

    def listed(query):
        rows = csv.DictReader(io.StringIO(browser.get(f"/imports?export=csv&{query}").text.lstrip("\ufeff")))
        return [(row["File"], row["Rows"]) for row in rows]

    orders, both, products = ("orders.csv", "9"), ("both.zip", "30"), ("products.csv", "4")
    assert listed("") == [products, both, orders]
    assert listed("sort=-rows") == [both, orders, products]
    assert listed("kind=core.tmall_orders") == [both, orders]
    assert listed("kind=core.tmall_order") == [products, both, orders]  # no such kind: the filter is left out
    assert listed(f"store={store}&state=applied") == [orders]
    assert listed("from=2026-03-02&to=2026-03-02") == [both]
    assert listed("q=product") == [products]
    page = browser.get("/imports?state=applied").text
    assert '<td class="r  red">2</td>' in page
    assert '<span class="tag green">' in page
    assert "the program" in page
    assert "both.zip" not in page
