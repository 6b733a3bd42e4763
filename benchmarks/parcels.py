"""How long logistics needs with 200,000 parcels: to find exceptions, to tell the clock, to draw its pages."""

import argparse
import random
import tempfile
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from time import process_time
from typing import Any

from sqlalchemy import insert

from benchmarks import pages
from core.accounts.models import Membership, User
from core.app import create_app
from core.columns import now
from core.migrating import upgrade
from core.stores.models import Order, Store
from core.transactions import transaction
from plugins.logistics import desk
from plugins.logistics.models import BillLine, Case, Finding, Parcel, ParcelItem, ParcelOrder

COUNT, CHUNK, SETTLED = 200_000, 20_000, 20_000
PAGES = (
    "/logistics/",
    "/logistics/exceptions",
    "/logistics/exceptions?state=closed",
    "/logistics/exceptions?kind=refused&warehouse=仓1",
    "/logistics/parcels",
    "/logistics/parcels?q=7310001234",
    "/logistics/parcels?q=1234",
    "/logistics/parcels?status=refused",
    "/logistics/parcels?status=refused&carrier=快递2",
    "/logistics/parcels?status=signed&warehouse=仓1&carrier=快递2",
    "/logistics/parcels/77777",
    "/logistics/bills",
    "/logistics/bills?finding=weight",
    "/logistics/claims",
    "/logistics/couriers",
    "/logistics/couriers?courier=快递1",
    "/logistics/manifests",
    "/logistics/capacity",
    "/logistics/today",
)
# What becomes of a parcel (and its order): most have arrived; some hundreds went wrong.
STATES = (("signed", "done"), ("transit", "shipped"), ("signed", "closed"), ("refused", "shipped"), ("shipped", "paid"))
WEIGHTS = (9_500, 400, 20, 30, 50)


def run(_chosen: argparse.Namespace) -> None:
    """Fill a database of its own, and print what takes how long."""
    with tempfile.TemporaryDirectory() as folder:
        app = create_app(HOME=Path(folder), LANGUAGE="zh")
        with app.app_context():
            upgrade()
            _fill()
            found, first = _timed(_scan)
            _nothing, again = _timed(_scan)
        print(f"\nLogistics, {COUNT:,} parcels with articles (time of the processor)")
        print(f"  find exceptions: {first:6.2f} s ({found['opened']:,} found), again {again:.2f} s")
        with app.app_context():
            _look_back()
        pages.show(app, PAGES)


def _timed(work: Callable[[], Any]) -> tuple[Any, float]:
    begun = process_time()
    result = work()
    return result, process_time() - begun


def _scan() -> dict[str, int]:
    with transaction():
        return desk.scan()


def _look_back() -> None:
    """What was settled before, and couriers' bills of it all, one line in thirteen of which is wrong."""
    at = now()
    past = {"store_id": 1, "kind": "stuck", "state": "closed", "warehouse": "仓1", "carrier": "快递1", "at_risk": 5900}
    times = [at - timedelta(minutes=20 * number) for number in range(SETTLED)]
    cases = [
        {
            "key": f"settled:{number}",
            "subject": f"7300{number:08d}",
            "since_at": day,
            "due_at": day,
            "closed_at": day,
            **past,
        }
        for number, day in enumerate(times)
    ]
    billed = {"store_id": 1, "carrier": "快递1", "region": "浙江", "grams": 900, "own_grams": 800, "amount": 450}
    lines = [
        {
            "id": number,
            "key": f"{number}",
            "waybill_no": f"7310{number:08d}",
            "shipped_at": at,
            "expected": 400,
            **billed,
        }
        for number in range(1, COUNT + 1)
    ]
    wrong = [{"line_id": number, "kind": "weight", "amount": 50} for number in range(1, COUNT + 1, 13)]
    with transaction() as session:
        for model, rows in ((Case, cases), (BillLine, lines), (Finding, wrong)):
            session.execute(insert(model), rows)


def _fill() -> None:
    chance, at = random.Random(1), now()
    with transaction() as session:
        session.add(Store(id=1, name="S"))
        session.add(
            User(id=1, login="l", name="L", password_hash="", memberships=[Membership(team="logistics", role="lead")])
        )
    for start in range(1, COUNT + 1, CHUNK):
        orders, parcels, links, items = [], [], [], []
        for number in range(start, start + CHUNK):
            (status, in_shop), sent = chance.choices(STATES, WEIGHTS)[0], at - timedelta(minutes=number / 3)
            key, order_no = f"7310{number:08d}", f"2600{number:015d}"
            waits = in_shop == "paid"
            times = {"ordered_at": sent, "paid_at": sent, "shipped_at": None if waits else sent}
            orders.append(
                {"id": number, "store_id": 1, "order_no": order_no, "status": in_shop, "total": 5900, **times}
            )
            place = {"warehouse": f"仓{number % 3}", "carrier": f"快递{number % 4}", "region": "浙江"}
            heard = {"last_at": sent + timedelta(hours=30), "status": "waiting" if waits else status, **times}
            parcels.append({"id": number, "store_id": 1, "key": key, "waybill_no": key, **place, **heard})
            tie = {"store_id": 1, "parcel_key": key, "parcel_id": number, "order_no": order_no}
            links.append({"key": f"{order_no}@{key}", "alias": f"{order_no}@{key}", "order_id": number, **tie})
            items.append({"key": key, "name": "果干", "quantity": 1, "merchant_code": f"SY-{number % 40}", **tie})
        with transaction() as session:
            for model, rows in ((Order, orders), (Parcel, parcels), (ParcelOrder, links), (ParcelItem, items)):
                session.execute(insert(model), rows)


if __name__ == "__main__":
    run(argparse.Namespace())
