"""A million orders and 1.24 million statement lines, from the bytes of their files to classified differences: the
product's comparison of files, plain pandas, and the floor, which only reads and parses the columns that are needed.

Each runs in a process of its own, one after the other; what comes out of the first two is compared with the truth.
"""

import argparse
import io
import json
import resource
import subprocess
import sys
import tempfile
import time
from datetime import date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from plugins.finance.comparing import lines, orders
from plugins.finance.comparing.comparison import KNOWN, compare
from plugins.finance.comparing.exported import opened
from plugins.finance.matching import totals
from tests.fixtures.ledger import Ledger
from tests.fixtures.ledger_files import write

ORDERS = 1_000_000
FIRST, LAST = date(2025, 11, 1), date(2025, 11, 30)
START, END, CUTOFF = datetime(2025, 11, 1), datetime(2025, 12, 1), datetime(2025, 11, 28)
FILES = ("orders.csv", "carry.csv")
STATEMENT = "alipay.csv"
Figures = dict[str, list[int]]


def floor(folder: Path) -> dict[str, Figures]:
    """Read and parse the needed columns, and do nothing with them."""
    of_orders, of_lines = KNOWN
    for name in FILES:
        opened(folder / name, KNOWN, of_orders).read(orders.TYPES, lambda _: {})
    opened(folder / STATEMENT, KNOWN, of_lines).read(lines.TYPES, lambda _: {})
    return {}


def storeboard(folder: Path) -> dict[str, Figures]:
    """What ``storeboard finance compare`` does, with its tie-outs."""
    made = compare([folder / name for name in FILES], [folder / STATEMENT], FIRST, LAST)
    assert all(tie.ok for tie in made.checks), [tie.name for tie in made.checks if not tie.ok]
    found = zip(("orders", "lines"), totals.both(made.rows), strict=True)
    return {side: {code: [each.count, each.amount] for code, each in of.items() if each.count} for side, of in found}


def plain_pandas(folder: Path) -> dict[str, Figures]:
    """The same as an accountant with pandas would write it: text keys, merges and groupings."""
    orders = pd.concat([_orders_frame(folder / name).assign(carried=name == FILES[1]) for name in FILES])
    lines = _lines_frame(folder / STATEMENT)
    twice, again = orders["no"].duplicated(), lines["flow"].duplicated()
    repeated = [
        {"DUP_ORDER": [int(twice.sum()), int(orders["total"][twice].sum())]},
        {"DUP_ROW": [int(again.sum()), int(lines["amount"][again].sum())]},
    ]
    orders, lines = orders[~twice].copy(), lines[~again].copy()
    pays = lines[lines["kind"] == "交易付款"]
    second = pays["trade"].duplicated()
    first = pays[~second].set_index("trade")["amount"]
    groups = orders.groupby("pay").agg(due=("total", "sum"), carried=("carried", "any"))
    orders["came"], orders["due"] = orders["pay"].map(first), orders["pay"].map(groups["due"])
    refunds, fees = lines[lines["kind"] == "交易退款"], lines[lines["kind"] == "收费"]
    refund_of, fee_of = refunds["merchant"].str[5:], fees["memo"].str.extract(r"\{(\d+)\}", expand=False)
    for name, amounts, of in (("back", refunds["amount"], refund_of), ("fee", fees["amount"], fee_of)):
        orders[name] = orders["no"].map(-amounts.groupby(of).sum()).fillna(0).astype("int64")
    due = ((orders["total"] - orders["refund"]) * orders["rate"] + 5000) // 10_000
    within = (orders["confirmed"] != "") & (orders["confirmed"] >= str(START)) & (orders["confirmed"] < str(END))
    off = (orders["fee"] - due.where(within, 0)).abs()
    wrong = orders["back"] != orders["refund"]
    gone = orders["came"].isna()
    choices = {
        "CARRY_OPEN": gone & orders["carried"],
        "CROSS_OUT": gone & (orders["paid_at"] >= str(CUTOFF)),
        "MISSING_STMT": gone,
        "AMOUNT": orders["came"] != orders["due"],
        "REFUND": wrong,
        "FEE": off > 1,
        "CROSS_IN": orders["carried"],
        "TOL": off == 1,
    }
    orders["class"] = np.select(list(choices.values()), list(choices), "OK")
    lines["class"] = "OTHER"
    mine = pays["trade"].map(groups["due"])
    kinds = [second, mine.isna(), mine != pays["amount"], pays["trade"].map(groups["carried"]).eq(True)]
    lines.loc[pays.index, "class"] = np.select(kinds, ["DUP_PAY", "STMT_ONLY", "AMOUNT", "CROSS_IN"], "OK")
    table = orders.assign(wrong=wrong, off=off > 1).set_index("no")
    for part, of, name, code in ((refunds, refund_of, "wrong", "REFUND"), (fees, fee_of, "off", "FEE")):
        bad, carried = of.map(table[name]), of.map(table["carried"])
        lines.loc[part.index, "class"] = np.select(
            [bad.isna(), bad.eq(True), carried.eq(True)], ["STMT_ONLY", code, "CROSS_IN"], "OK"
        )
    return {
        "orders": _grouped(orders["class"], orders["total"]) | repeated[0],
        "lines": _grouped(lines["class"], lines["amount"]) | repeated[1],
    }


def _grouped(kinds: Any, amounts: Any) -> Figures:
    found = amounts.groupby(kinds.to_numpy()).agg(["count", "sum"])
    return {str(name): [int(row["count"]), int(row["sum"])] for name, row in found.iterrows()}


def _fen(text: Any) -> Any:
    return text.str.replace(".", "", regex=False).astype("int64")


def _orders_frame(path: Path) -> pd.DataFrame:
    names = {"订单编号": "no", "支付单号": "pay", "总金额": "total", "退款金额": "refund", "订单付款时间": "paid_at"}
    names |= {"确认收货时间": "confirmed", "类目佣金率": "rate"}
    found = pd.read_csv(path, dtype=str, encoding="gb18030", usecols=list(names), keep_default_na=False).rename(
        columns=names
    )
    found["no"] = found["no"].str.strip('="')
    for name in ("total", "refund", "rate"):
        found[name] = _fen(found[name])
    return found


def _lines_frame(path: Path) -> pd.DataFrame:
    names = {"账务流水号": "flow", "业务流水号": "trade", "商户订单号": "merchant", "业务类型": "kind", "备注": "memo"}
    names |= {"收入金额（+元）": "came", "支出金额（-元）": "went", "账户余额（元）": "balance"}
    raw = path.read_bytes()
    body = raw[raw.index("账务流水号".encode("gb18030")) : raw.rfind(b"\n#---") + 1]
    found = pd.read_csv(
        io.BytesIO(body), dtype=str, encoding="gb18030", usecols=list(names), keep_default_na=False
    ).rename(columns=names)
    for name in ("flow", "trade", "merchant"):
        found[name] = found[name].str.rstrip("\t")
    found["amount"] = _fen(found["came"]) + _fen(found["went"])
    found["balance"] = _fen(found["balance"])
    return found


KINDS = {"floor": floor, "storeboard": storeboard, "pandas": plain_pandas}


def alone(name: str, folder: Path) -> None:
    """Measure one of ``KINDS`` in this process, and print what came of it as JSON."""
    begun, used = time.perf_counter(), time.process_time()
    found = KINDS[name](folder)
    told = {"seconds": time.perf_counter() - begun, "cpu": time.process_time() - used, "found": found}
    told["megabytes"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps(told))


def measured(name: str, folder: Path) -> dict[str, Any]:
    """One of ``KINDS`` in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.reconcile", name, str(folder)]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def run(chosen: argparse.Namespace) -> None:
    ledger = Ledger(chosen.orders or ORDERS)
    truth = dict(zip(("orders", "lines"), ledger.totals(), strict=True))
    expected = json.loads(json.dumps(truth))
    rows = len(ledger.line_truth)
    print(f"\n{f'{ledger.size:,} orders, {rows:,} lines':34} {'seconds':>8} {'CPU':>7} {'MB':>6} {'x floor':>8}  truth")
    with tempfile.TemporaryDirectory() as folder:
        write(ledger, Path(folder))
        del ledger
        rounds = [{name: measured(name, Path(folder)) for name in KINDS} for _ in range(chosen.rounds)]
    least = {name: min((each[name] for each in rounds), key=lambda told: told["seconds"]) for name in KINDS}
    for name, told in least.items():
        met = "" if name == "floor" else "met" if told["found"] == expected else "NOT MET"
        times = told["seconds"] / least["floor"]["seconds"]
        print(f"{name:34} {told['seconds']:8.2f} {told['cpu']:7.2f} {told['megabytes']:6.0f} {times:8.2f}  {met}")
    print(f"{'pandas : storeboard':34} {least['pandas']['seconds'] / least['storeboard']['seconds']:8.1f}")


if __name__ == "__main__":
    alone(sys.argv[1], Path(sys.argv[2]))
