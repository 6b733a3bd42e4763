"""Orders and the account statement of a month, from two files into the database: seconds and memory.

Each database is measured in a process of its own, as one ``storeboard import`` of both files: seconds until the orders
are stored, and until all is. CPU is that process's.
SQLite writes to disk as in production; the PostgreSQL server is the test kit's own.
"""

import argparse
import json
import random
import resource
import subprocess
import sys
import tempfile
import threading
import time
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

ORDERS = ["订单编号", "买家会员名", "支付单号", "总金额", "买家实际支付金额", "退款金额", "订单状态", "订单创建时间"]
ORDERS += ["订单付款时间", "确认收货时间", "宝贝标题", "宝贝种类", "类目佣金率", "物流单号", "物流公司"]
LINES = [
    "账务流水号",
    "业务流水号",
    "商户订单号",
    "商品名称",
    "发生时间",
    "对方账号",
    "收入金额（+元）",
    "支出金额（-元）",
]
LINES += ["账户余额（元）", "交易渠道", "业务类型", "备注", "业务描述", "业务基础订单号"]
HEAD = "#支付宝账务明细查询\r\n#账号：[20881234567890120156]\r\n#起始日期：[2025年11月01日 00:00:00]   "
HEAD += "终止日期：[2025年12月01日 00:00:00]\r\n#-----账务明细列表-----\r\n"
FOOT = "#-----账务明细列表结束-----\r\n#支出合计：{}笔，共-{:.2f}元\r\n#收入合计：{}笔，共{:.2f}元\r\n"


def files(folder: Path, count: int) -> list[Path]:
    """An order export and a statement with a payment for every order and a commission for every fourth."""
    chance, begun = random.Random(7), datetime(2025, 11, 1)
    step, balance, sums = 29 * 86400 / count, 1_000_000_00, [0, 0, 0, 0]
    orders, lines = folder / "orders.csv", folder / "alipay.csv"
    with (
        orders.open("w", encoding="gb18030", newline="") as out,
        lines.open("w", encoding="gb18030", newline="") as bill,
    ):
        out.write(",".join(ORDERS) + "\r\n")
        bill.write(HEAD + ",".join(LINES) + "\r\n")
        for number in range(count):
            at, fen = begun + timedelta(seconds=int(number * step)), chance.randint(900, 90000)
            order, trade = f"5{chance.randrange(10**9):09d}{number:09d}", f"{at:%Y%m%d}2200{number:016d}"
            title, yuan = f"保暖连衣裙 {number % 4000}", f"{fen / 100:.2f}"
            out.write(f'="{order}","买家{number}","{trade}",{yuan},{yuan},0.00,"交易成功",{at},{at},{at},')
            out.write(f'"{title}",1,0.0250,="{chance.randrange(10**13):013d}","邮政EMS"\r\n')
            fee = fen * 25 // 1000 if number % 4 == 0 else 0
            for amount, kind, memo in ((fen, "交易付款", "订单收款"), (-fee, "收费", f"天猫佣金（类目）{{{order}}}")):
                if not amount:
                    continue
                balance += amount
                merchant = f"T200P{order}" if amount > 0 else ""
                money = f"{max(amount, 0) / 100:.2f},{min(amount, 0) / 100:.2f},{balance / 100:.2f}"
                bill.write(f'"{2 * number + (amount < 0):018d}\t","{trade}\t","{merchant}\t","{title}",{at},')
                bill.write(f'"买家{number} (138****{number % 10000:04d})",{money},"支付宝","{kind}","{memo}",,\r\n')
                sums[2 * (amount > 0)] += 1
                sums[2 * (amount > 0) + 1] += abs(amount)
        bill.write(FOOT.format(sums[0], sums[1] / 100, sums[2], sums[3] / 100))
    return [orders, lines]


def measure(url: str, paths: list[Path]) -> dict[str, Any]:
    """Import the files into an empty database, in this process; somebody else writes and reads meanwhile."""
    from benchmarks.server import make
    from core.imports import command
    from core.migrating import upgrade

    found: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as folder:
        app = make(HOME=Path(folder), **({"DATABASE_URL": url} if url else {}))
        with app.app_context():
            upgrade()
            over, waits = threading.Event(), []
            other = threading.Thread(target=_bother, args=(app, over, waits), daemon=True)
            other.start()
            begun, used = time.perf_counter(), time.process_time()

            def told(line: str) -> None:
                report = json.loads(line)
                if report["refused"]:
                    raise SystemExit(report["refused"])
                found[Path(report["file"]).name] = round(time.perf_counter() - begun, 1)

            command.run(paths, "基准店", new_store=True, as_json=True, echo=told)
            found["CPU"] = round(time.process_time() - used, 1)
            over.set()
            other.join()
    found["longest wait"] = round(max(waits), 2)
    found["MB"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10
    return found


def _bother(app: Any, over: threading.Event, waits: list[float]) -> None:
    """Write a line of the audit log again and again, and note how long it takes."""
    from core.audit import services as audit
    from core.contracts import SYSTEM, Ref
    from core.transactions import transaction

    with app.app_context():
        while not over.wait(0.2):
            begun = time.perf_counter()
            with transaction():
                audit.record(SYSTEM, "benchmark", Ref("core.import", 0), {})
            waits.append(time.perf_counter() - begun)


def run(chosen: argparse.Namespace) -> None:
    count = chosen.orders or 100_000
    names = f"{'orders':>8} {'and lines':>10} {'CPU':>6} {'wait':>6} {'MB':>6}"
    print(f"\n{f'bulk import of {count:,} orders':32} {names}")
    with tempfile.TemporaryDirectory() as folder:
        paths = (
            [chosen.files / name for name in ("orders.csv", "alipay.csv")]
            if chosen.files
            else files(Path(folder), count)
        )
        for name in ("SQLite", "PostgreSQL"):
            found = json.loads(subprocess.run(_command(name, paths), check=True, capture_output=True).stdout)
            stored = f"{found[paths[0].name]:8.1f} {found[paths[1].name]:10.1f} {found['CPU']:6.1f}"
            print(f"{name:32} {stored} {found['longest wait']:6.2f} {found['MB']:6}", flush=True)


def _command(name: str, paths: list[Path]) -> list[str]:
    return [sys.executable, "-m", "benchmarks.bulk", name, *map(str, paths)]


def main() -> None:
    """One measurement, in this process."""
    name, *paths = sys.argv[1:]
    url, stop = "", None
    if name == "PostgreSQL":
        from core.testing import databases

        stop = databases.start_cluster()
        url = databases.PostgreSQLCopies().empty(Path())
    try:
        print(json.dumps(measure(url, [Path(path) for path in paths])))
    finally:
        if stop:
            stop()


if __name__ == "__main__":
    main()
