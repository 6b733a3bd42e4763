"""How long purchasing needs to say what to reorder of 20,000 articles, by the stock of four weeks."""

import argparse
import random
import tempfile
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

from sqlalchemy import insert

from core import localtime
from core.app import create_app
from core.migrating import upgrade
from core.stores.models import Store
from core.transactions import transaction
from plugins.purchasing import suggesting
from plugins.purchasing.models import Offer, StockDay, StockMove, Supplier, Uplift

ARTICLES, DAYS, MOVES, SUPPLIERS, CHUNK = 20_000, 28, 200_000, 100, 20_000


def run(_chosen: argparse.Namespace) -> None:
    """Fill a database of its own, and print what takes how long."""
    with tempfile.TemporaryDirectory() as folder:
        app = create_app(HOME=Path(folder), LANGUAGE="zh")
        with app.app_context():
            upgrade()
            store_id = _fill()
            print(f"\nReorder, {ARTICLES:,} articles, {DAYS} days of stock, {MOVES:,} movements")
            for name, work in (
                ("work out", lambda: len(suggesting.work_out(store_id))),
                ("work out and store", lambda: len(suggesting.suggest(store_id))),
                ("again", lambda: len(suggesting.suggest(store_id))),
                ("score after four weeks", lambda: suggesting.score(store_id, localtime.today() + timedelta(days=40))),
            ):
                count, wall, cpu = _timed(work)
                print(f"  {name:24} {wall:6.2f} s ({cpu:.2f} s CPU), {count:,}")


def _timed(work: Callable[[], Any]) -> tuple[Any, float, float]:
    begun, used = perf_counter(), process_time()
    result = work()
    return result, perf_counter() - begun, process_time() - used


def _fill() -> int:
    chance, today = random.Random(1), localtime.today()
    with transaction() as session:
        store = Store(name="reorder")
        session.add(store)
        session.flush()
        makers = [Supplier(name=f"maker {n}", lead_days=3 + n % 20) for n in range(SUPPLIERS)]
        session.add_all(makers)
        session.flush()
        codes = [f"SKU-{n:05}" for n in range(ARTICLES)]
        speeds = [chance.choice((0, 1, 1, 2, 3, 5, 9)) for _ in codes]
        offers = [
            {
                "supplier_id": makers[n % SUPPLIERS].id,
                "store_id": store.id,
                "merchant_code": code,
                "prices": [[1, 500], [100, 450]],
                "minimum": 10,
                "pack": chance.choice((1, 6, 24)),
            }
            for n, code in enumerate(codes)
        ]
        session.execute(insert(Offer), offers)
        for back in range(DAYS):
            on = today - timedelta(days=back)
            rows = [
                _day(store.id, on, code, speed, 40 + speed * back) for code, speed in zip(codes, speeds, strict=True)
            ]
            session.execute(insert(StockDay), rows)
        at = localtime.begins(today)
        for first in range(0, MOVES, CHUNK):
            moved = [
                {
                    "store_id": store.id,
                    "key": f"m{n}",
                    "number": f"m{n}",
                    "merchant_code": codes[n % ARTICLES],
                    "warehouse": "w",
                    "at": at - timedelta(hours=n % (24 * DAYS)),
                    "kind": "交易出库",
                    "quantity": -1,
                }
                for n in range(first, first + CHUNK)
            ]
            session.execute(insert(StockMove), moved)
        campaign = {"store_id": store.id, "name": "12.12", "merchant_code": "", "percent": 260}
        session.add(Uplift(first=today + timedelta(days=5), last=today + timedelta(days=7), **campaign))
        return store.id


def _day(store_id: int, on: Any, code: str, speed: int, left: int) -> dict[str, Any]:
    row = {"store_id": store_id, "key": f"{on}|w|{code}", "on": on, "warehouse": "w", "merchant_code": code}
    counts = {"opening": left + speed, "entered": 0, "left": speed, "closing": left, "good": left, "defective": 0}
    return row | counts | {"sold": speed}
