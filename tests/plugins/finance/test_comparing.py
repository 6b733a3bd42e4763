"""Files compared with each other: the truth of a made-up month, what a run says of the same files, and refusals."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import func, select

from core.extensions import db
from core.imports import services as imports
from core.imports.command import OPERATOR
from core.messages import Refusal
from core.stores.models import Order
from plugins.finance.books.models import Line
from plugins.finance.comparing.command import compare_command
from plugins.finance.comparing.comparison import compare
from plugins.finance.matching import totals
from plugins.finance.matching.command import reconcile_command
from tests.fixtures.ledger import LINE_COLUMNS, Ledger, yuan
from tests.fixtures.ledger_files import write

NOVEMBER = (date(2025, 11, 1), date(2025, 11, 30))
HEADER = (
    "订单编号,支付单号,总金额,买家实际支付金额,退款金额,订单状态,订单创建时间,订单付款时间,确认收货时间,"
    "类目佣金率,物流单号"
)
NUMBER, TRADE = "40000000000000000{:02d}", "2025{}22001000000000000{:03d}"
EIGHTH, FLOW = f'="{NUMBER.format(8)}"', "1570757242000000"


def order(place: int, paid: str, total: str = "80.00", **more: str) -> str:
    """A row of an order export; ``paid`` is a day such as 1103, or nothing."""
    at = f"2025-{paid[:2]}-{paid[2:]} 10:00:00" if paid else ""
    cells = {
        "pay": TRADE.format(paid or "1101", place),
        "kept": total,
        "refund": "0.00",
        "state": "交易成功",
        "made": "2025-11-01 10:00:00",
        "done": "2025-11-20 08:00:00" if paid else "",
        "rate": "0.05",
        "waybill": f"LP0000{place:02d}",
    } | more
    told = [cells[name] for name in ("pay", "kept", "refund", "state", "made", "done", "rate", "waybill")]
    return ",".join([f'="{NUMBER.format(place)}"', told[0], total, *told[1:5], at, *told[5:]])


def line(place: int, day: str, amount: int, **more: str) -> dict[str, Any]:
    """A row of a statement, but for the balance."""
    cells = {"trade": "", "merchant": "", "kind": "交易付款", "memo": "", "text": "", "goods": "", "base": ""} | more
    return {"flow": f"{FLOW}{place:02d}", "at": f"2025-{day[:2]}-{day[2:]} 12:00:00", "amount": amount, **cells}


def statement(
    rows: list[dict[str, Any]], opening: int = 100_000, first: str = "10月01日", last: str = "12月01日"
) -> str:
    """A statement; a row whose number stood above repeats that one."""
    told, seen, balance = [], {}, opening
    for row in rows:
        balance += 0 if row["flow"] in seen else row["amount"]
        after = seen.setdefault(row["flow"], balance)
        came, went = (yuan(row["amount"]), "0.00") if row["amount"] > 0 else ("", yuan(row["amount"]))
        cells = [f"{row[name]}\t" for name in ("flow", "trade", "merchant")] + [row["goods"], row["at"], ""]
        told.append(",".join([*cells, came, went, yuan(after), "", row["kind"], row["memo"], row["text"], row["base"]]))
    head = f"#账号：[20881234567890120156]\n#起始日期：[2025年{first} 00:00:00]   终止日期：[2025年{last} 00:00:00]\n"
    return "\n".join([f"{head}{LINE_COLUMNS}", *told, ""])


def pays(place: int) -> dict[str, str]:
    return {"merchant": f"T200P{NUMBER.format(place)}", "text": "0010001|交易收款-交易收款"}


ORDERS = [
    order(1, "1005", total="500.00"),  # came in October, and more than all of it goes back in November
    *(order(place, "1006", pay=TRADE.format("1006", 99)) for place in (2, 3)),  # in October, in one sum
    order(4, "1025"),  # of October, in November
    order(5, "1026", state="买家已付款，等待卖家发货", done=""),  # of October, still open
    order(6, "", state="交易关闭", rate=""),
    order(7, "1103"),
    order(8, "1104", total="90.00", refund="10.00", kept="80.00"),
    order(9, "1202", state="卖家已发货，等待买家确认", done=""),  # paid after the period
    order(10, "1128", refund="null", done="2025/12/05 08:00"),
]
LINES = [
    line(1, "1005", 50_000, **pays(1)),
    line(2, "1006", 16_000, merchant="T50060NP9", trade=TRADE.format("1006", 99), text="0010001|交易收款-交易收款"),
    line(3, "1102", 8_000, **pays(4)),
    line(4, "1103", 8_000, **pays(7)),
    line(4, "1103", 8_000, **pays(7)),  # twice in the file
    line(5, "1104", 8_000, **pays(8)),
    line(6, "1105", -30_000, kind="交易退款", base=NUMBER.format(1)),
    line(7, "1106", -30_000, kind="交易退款", memo=f"售后退款-T200P{NUMBER.format(1)}-商品"),
    line(
        8, "1107", -300, kind="收费", memo=f"天猫佣金（类目）{{{NUMBER.format(7)}}}花呗交易号[{TRADE.format(1101, 7)}]"
    ),
    line(9, "1108", -250, kind="收费", goods=f"CPS_V3_{NUMBER.format(8)}"),
    line(10, "1109", -700, kind="其它", merchant="HJCOM==1==LP000007==2", memo="菜鸟物流"),  # names a parcel only
    line(11, "1110", 8_000, **pays(9)),
    line(12, "1111", 5_000, trade="2024010122001000000000000001", text="0010001|交易收款-交易收款"),
    line(13, "1112", 5_100, **pays(77)),
    line(14, "1113", -400_00, kind="提现"),
    line(17, "1114", 5_200, **pays(78)),
    line(18, "1114", -1_000, kind="交易退款", base=NUMBER.format(78), trade="2024010122001000000000000002"),
    line(15, "1129", 7_000, **pays(10)),
    line(16, "1129", -1_000, kind="交易退款", text="0010003|交易还款", trade=TRADE.format("1128", 10)),
]


@pytest.fixture
def files(tmp_path: Path) -> tuple[list[Path], list[Path]]:
    """An odd month of few orders, in three exports, of which two overlap and one is newer, and two statements."""
    (tmp_path / "one.csv").write_text("\n".join([HEADER, *ORDERS[:8], ORDERS[6]]), encoding="gb18030")
    (tmp_path / "two.csv").write_text("\n".join([HEADER, *ORDERS[7:]]) + "\n", encoding="utf-8-sig")
    newer = HEADER.replace("总金额,买家实际支付金额", "买家实付金额,买家应付货款")
    unpaid = order(11, "", total="0.00", kept="66.00", state="交易关闭", rate="")  # which does not say what it came to
    (tmp_path / "three.csv").write_text("\n".join([newer, unpaid, order(12, "1115", rate="0")]), encoding="gb18030")
    (tmp_path / "oct.csv").write_text(statement(LINES[:2], last="11月01日"), encoding="gb18030")
    (tmp_path / "nov.csv").write_text(statement(LINES[2:], 166_000, first="11月01日"), encoding="gb18030")
    return [tmp_path / f"{name}.csv" for name in ("one", "two", "three")], [tmp_path / "oct.csv", tmp_path / "nov.csv"]


def changed(path: Path, old: str, new: str) -> None:
    """Change what a file says once."""
    text = path.read_text(encoding="gb18030")
    assert text.count(old) == 1
    path.write_text(text.replace(old, new), encoding="gb18030")


def refusal(files: tuple[list[Path], list[Path]]) -> str:
    with pytest.raises(Refusal) as refused:
        compare(*files, *NOVEMBER)
    first, *_, last = map(str, refused.value.reasons)
    assert last.startswith("Nothing was compared. Import the file as usual")
    return first


def compared(orders: list[Path], statements: list[Path], first: str, last: str) -> dict[str, Any]:
    """What the command says; it stores nothing."""
    args = [each for path in orders for each in ("--orders", str(path))]
    args += [each for path in statements for each in ("--statement", str(path))]
    answer = CliRunner().invoke(compare_command, [*args, "--from", first, "--to", last, "--json"])
    return {"exit": answer.exit_code, **json.loads(answer.stdout)}


def reconciled(first: str, last: str) -> dict[str, Any]:
    """What a run says, without what only a run has."""
    answer = CliRunner().invoke(reconcile_command, ["--store", "S", "--from", first, "--to", last, "--json"])
    report = {"exit": answer.exit_code, **json.loads(answer.stdout)}
    for each in report["differences"]:
        for name in ("id", "owner_team", "task", "state"):
            del each[name]
    return {name: value for name, value in report.items() if name not in ("run", "digest", "store")}


def comparable(report: dict[str, Any]) -> dict[str, Any]:
    told = sorted(report["differences"], key=lambda each: (each["side"], each["class"], str(each["order"]), str(each)))
    return report | {"differences": told}


def demand_the_same(orders: list[Path], statements: list[Path], *periods: tuple[str, str]) -> list[dict[str, Any]]:
    """Compare, see that nothing is stored, import, and demand that runs say the same."""
    said = [compared(orders, statements, *days) for days in periods]
    assert [db.session.scalar(select(func.count()).select_from(of)) for of in (Order, Line)] == [0, 0]
    for path in (*orders, *statements):
        imports.import_now(
            imports.read_file(path.read_bytes(), path.name, imports.importers_for(OPERATOR)), "S", OPERATOR
        )
    for report, days in zip(said, periods, strict=True):
        assert comparable(report) == comparable(reconciled(*days))
    return said


def test_a_month_of_files_compares_as_it_reconciles_once_imported(in_app: Any, tmp_path: Path) -> None:
    ledger = Ledger(600, 7)
    write(ledger, tmp_path)
    orders, statements = [tmp_path / "carry.csv", tmp_path / "orders.csv"], [tmp_path / "alipay.csv"]
    whole, _ = demand_the_same(orders, statements, ("2025-11-01", "2025-11-30"), ("2025-11-12", "2025-11-20"))
    found = [
        {
            code: (each["count"], int(each["amount"].replace(".", "")))
            for code, each in whole[side].items()
            if each["count"]
        }
        for side in ("order_classes", "line_classes")
    ]
    assert found == list(ledger.totals())
    assert whole["exit"] == 1


def test_odd_files_compare_as_they_reconcile_once_imported(in_app: Any, files: Any) -> None:
    november, october = demand_the_same(*files, ("2025-11-01", "2025-11-30"), ("2025-10-01", "2025-10-31"))
    found = [
        {code: each["count"] for code, each in november[side].items() if each["count"]}
        for side in ("order_classes", "line_classes")
    ]
    assert found == [
        {"AMOUNT": 1, "FEE": 3, "MISSING_STMT": 1, "DUP_ORDER": 2, "CARRY_OPEN": 1, "UNPAID": 2},
        {"OK": 5, "AMOUNT": 1, "REFUND": 1, "FEE": 1, "STMT_ONLY": 1, "DUP_ROW": 1, "OTHER": 1, "CROSS_IN": 1}
        | {"OTHER_PERIOD": 5},
    ]
    assert october["exit"] == 1


@pytest.mark.parametrize("seed", [1, 11])
def test_files_come_to_the_truth_of_a_made_up_month(tmp_path: Path, seed: int) -> None:
    ledger = Ledger(3_000, seed)
    write(ledger, tmp_path)
    made = compare([tmp_path / "orders.csv", tmp_path / "carry.csv"], [tmp_path / "alipay.csv"], *NOVEMBER)
    found = [
        {code: (each.count, each.amount) for code, each in of.items() if each.count} for of in totals.both(made.rows)
    ]
    assert found == list(ledger.totals())
    assert [tie.name for tie in made.checks if not tie.ok] == []


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (("one.csv", ",90.00,", ",about 90,"), "Row 9, column 总金额, “about 90”: Not an amount of money."),
        (("one.csv", ",90.00,", ',"1,090.00",'), "Row 9, column 总金额, “1,090.00”: Only the import reads"),
        (("one.csv", ",90.00,", ",,"), "Row 9, column 总金额, “”: The amount is missing."),
        (("one.csv", ",90.00,", ",-90.00,"), "Row 9, column 总金额, “-90.00”: The amount of an order"),
        (("one.csv", "2025-11-04 10:00:00", "today"), "Row 9, column 订单付款时间, “today”: Not a date and time."),
        (("one.csv", EIGHTH, "4E+18"), "Row 9, column 订单编号, “4E+18”: A spreadsheet has rounded"),
        (("one.csv", EIGHTH, ""), "Row 9, column 订单编号, “”: The order number is missing."),
        (("one.csv", EIGHTH, NUMBER.format(7)), f"Row 9, column 订单编号, “{NUMBER.format(7)}”: Another row"),
        (("one.csv", ",90.00,80.00,", ",90.00,80.00,,,"), "Row 9: "),
        (("one.csv", ",总金额", ",总价"), "The file looks like Tmall order export but has no column 买家实付金额/总"),
        (("nov.csv", "51.00,", "x,"), "Row 15, column 收入金额(+元), “x”: Not an amount of money."),
        (("nov.csv", ",51.00,0.00,", ",,,"), "Row 15, column 收入金额(+元), “”: The amount is missing."),
        (("nov.csv", "2025-11-12 12:00:00", ""), "Row 15, column 发生时间, “”: The time is missing."),
        (("nov.csv", f"{FLOW}13\t", ""), "Row 15, column 账务流水号, “”: The line has no number of its own."),
        (("nov.csv", f"{FLOW}13\t", f"{FLOW}12\t"), f"Row 15, column 账务流水号, “{FLOW}12”: Another row"),
        (("nov.csv", ",51.00,0.00,", ",52.00,0.00,"), "The running balance breaks at row 15: "),
        (("nov.csv", "2025-11-12 12", "2025-12-12 12"), "Row 15 is dated 2025-12-12 12:00:00, outside the period"),
        (("nov.csv", "#账号", "#收入合计：9笔，共1.00元\n#账号"), "The file says that it has 9 receipts of 1.00"),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_file_row_and_column(
    files: Any, tmp_path: Path, change: tuple[str, str, str], expected: str
) -> None:
    name, *texts = change
    changed(tmp_path / name, *texts)
    assert refusal(files).startswith(f"{name}: {expected}")


def test_a_file_of_another_kind_or_form_is_refused(files: Any) -> None:
    (one, two, _), (october, november) = files
    assert refusal(([november], [november])) == "nov.csv: This is Alipay account statement, not Tmall order export."
    assert refusal(([one], [two])) == "two.csv: This is Tmall order export, not Alipay account statement."
    november.write_bytes(b"PK\x03\x04" + november.read_bytes())
    assert refusal(files).startswith("nov.csv: Only text files (CSV)")
    october.write_bytes(october.read_bytes()[:-30])
    assert refusal(([one, two], [october])).startswith("oct.csv: The file breaks off in row 5")


def test_the_very_same_file_again_repeats_nothing_and_a_line_end_in_a_cell_ends_no_row(
    files: Any, tmp_path: Path
) -> None:
    orders, statements = files
    before = totals.both(compare(*files, *NOVEMBER).rows)
    (tmp_path / "copy.csv").write_bytes(orders[0].read_bytes())
    changed(statements[1], "菜鸟物流", '"菜鸟\n物流"')
    assert totals.both(compare([*orders, tmp_path / "copy.csv"], statements, *NOVEMBER).rows) == before


def test_the_command_refuses_as_a_sentence_and_says_what_to_do(make_app: Any, files: Any, tmp_path: Path) -> None:
    changed(tmp_path / "one.csv", ",90.00,", ",x,")
    args = ["--orders", str(tmp_path / "one.csv"), "--statement", str(tmp_path / "nov.csv")]
    with make_app(LANGUAGE="zh").app_context():
        answer = CliRunner().invoke(compare_command, [*args, "--from", "2025-11-01", "--to", "2025-11-30"])
    assert (answer.exit_code, answer.stdout) == (2, "")
    assert answer.stderr == (
        "one.csv：第 9 行“总金额”列，“x”：不是金额。\n"
        "没有核对。请照常导入这份文件：导入能读更多写法，读不了的行会逐行列出。\n"
    )
