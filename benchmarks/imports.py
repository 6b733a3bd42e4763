"""28,000 orders from a file into the database, read, checked and stored; and the same file once more."""

import argparse
import csv
import io
import random
import tempfile
import time
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from benchmarks.server import make
from core.imports import services
from core.imports.command import OPERATOR
from core.migrating import upgrade

ORDERS = 28_000
HEADER = ["订单编号", "总金额", "买家实际支付金额", "收货地址 ", "订单创建时间", "订单付款时间 ", "退款金额"]


def orders() -> bytes:
    """A seven-column order extract, as a spreadsheet saves it."""
    chance, begun = random.Random(7), datetime(2026, 2, 1)
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(HEADER)
    for number in range(ORDERS):
        total = chance.randint(900, 90000) / 100
        ordered = begun + timedelta(seconds=number * 80)
        paid = chance.random() < 0.86
        refund = total if paid and chance.random() < 0.2 else 0
        kept = total - refund if paid else 0
        times = (ordered, ordered + timedelta(minutes=2) if paid else "")
        row = (f"46{number:014d}789", f"{total:.2f}", f"{kept:.2f}", "上海", *map(str, times), f"{refund:.2f}")
        writer.writerow(row)
    return text.getvalue().encode("utf-8-sig")


def _import(data: bytes) -> dict[str, Any]:
    begun = time.perf_counter()
    reading = services.read_file(data, "orders.csv", services.importers_for(OPERATOR))
    batch, _ = services.import_now(reading, "基准店", OPERATOR)
    return {
        "seconds": time.perf_counter() - begun,
        "counts": {name: getattr(batch, name) for name in ("rows", "created", "unchanged", "rejected")},
    }


def run(chosen: argparse.Namespace) -> None:
    data = orders()
    print(f"\n{f'import of {ORDERS:,} orders':28} {'seconds':>8} {'per s':>8}  rows")
    with tempfile.TemporaryDirectory() as folder:
        settings = {"DATABASE_URL": chosen.postgresql} if chosen.postgresql else {}
        app = make(HOME=Path(folder), **settings)
        with app.app_context():
            upgrade()
            for name in ("new", "again"):
                found = _import(data)
                print(f"{name:28} {found['seconds']:8.1f} {ORDERS / found['seconds']:8.0f}  {found['counts']}")
