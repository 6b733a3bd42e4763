"""Lines that come after their order's period, and refunds that name only a payment of several orders."""

from datetime import date
from typing import Any

import pytest
from sqlalchemy import select, update

from core.contracts import SYSTEM
from core.extensions import db
from core.imports import services as imports
from core.imports import undoing
from core.imports.command import OPERATOR
from core.messages import Refusal
from core.stores.models import Order, OrderLine
from core.stores.services import create_store
from core.transactions import transaction
from plugins.finance.books.models import Line, SettlementFee
from plugins.finance.differences import services as settling
from plugins.finance.differences.models import Difference, Entry
from plugins.finance.matching import frames, loading_lines, services
from plugins.finance.matching.models import Run
from plugins.finance.matching.returns import shares
from plugins.finance.periods.balances import balance_sheet
from plugins.finance.periods.models import Period
from tests.plugins.finance.desk import moment

NOVEMBER = (date(2026, 11, 1), date(2026, 11, 30))
DECEMBER = (date(2026, 12, 1), date(2026, 12, 31))
PAY, REFUND, FEE = "交易付款", "交易退款", "收费"


@pytest.fixture
def books(in_app: Any) -> "Books":
    return Books()


class Books:
    """A store's orders of November, and lines as they come."""

    def __init__(self) -> None:
        self.store = create_store("Shop", SYSTEM)
        self.count = 0

    def order(self, number: str, total: int = 8_000, **more: Any) -> None:
        values = {"status": "done", "kept": total, "refund": 0, "confirmed_at": moment(20), "paid_at": moment(3)} | more
        with transaction() as session:
            session.add(Order(store_id=self.store.id, order_no=number, total=total, **values))

    def line(self, amount: int, order: str | None, month: int = 11, kind: str = PAY, **more: Any) -> None:
        self.count += 1
        key = f"alipay:2088:{self.count:03d}"
        values = {"at": moment(4, month), "source": "alipay_statement", "account": "alipay:2088", **more}
        with transaction() as session:
            line = Line(store_id=self.store.id, key=key, amount=amount, order_no=order, kind=kind, **values)
            session.add(line)

    def run(self, days: tuple[date, date]) -> tuple[Run, dict[str, int]]:
        """A run, and how many lines are in each class."""
        run = services.reconcile(self.store.id, *days, SYSTEM)
        assert [check for check in run.totals["tie_out"]["checks"] if not check["ok"]] == []
        assert balance_sheet(run).flat
        return run, {code: each["count"] for code, each in run.totals["line_classes"].items() if each["count"]}

    def listed(self) -> dict[str, tuple[str, int, str]]:
        db.session.rollback()
        rows = db.session.scalars(select(Difference).order_by(Difference.id)).all()
        return {row.key: (row.code, row.amount, row.state) for row in rows}


def test_what_comes_late_is_compared_with_its_order(books: Books) -> None:
    for number in ("1", "2", "3", "4", "5"):
        books.order(number, commission_rate=200)
        books.line(8_000, number)
        books.line(-160, number, kind=FEE, memo="天猫佣金")
    books.run(NOVEMBER)
    books.line(-8_000, "1", 12, REFUND)  # the usual course of things: refunded after the sale, and its fee back
    books.line(160, "1", 12, FEE, memo="天猫佣金")
    books.line(-9_000, "2", 12, REFUND)  # more than it ever came to
    books.line(8_000, "3", 12)  # paid again
    for _ in range(3):
        books.line(-4_000, "4", 12, REFUND)  # the third time is too often
    books.line(-160, "5", 12, FEE, memo="天猫佣金")  # charged again
    books.line(-30, "5", 12, FEE, memo="运费险")  # nothing is agreed about it

    _, classes = books.run(DECEMBER)

    assert classes == {"OTHER_PERIOD": 5, "REFUND": 2, "DUP_PAY": 1, "FEE": 1}
    assert books.listed() == {
        "line:alipay:2088:013": ("REFUND", -1_000, "open"),
        "line:alipay:2088:014": ("DUP_PAY", 8_000, "open"),
        "line:alipay:2088:017": ("REFUND", -4_000, "open"),
        "line:alipay:2088:018": ("FEE", -160, "open"),
    }


def test_what_was_missing_in_one_period_closes_when_it_comes_in_the_next_and_stays_closed(books: Books) -> None:
    books.order("1")
    books.line(7_900, "1")
    books.order("2", refund=1_000)
    books.line(8_000, "2")
    books.run(NOVEMBER)
    assert {code: state for code, _, state in books.listed().values()} == {"AMOUNT": "open", "REFUND": "open"}
    books.line(100, "1", 12)
    books.line(-1_000, "2", 12, REFUND)

    books.run(DECEMBER)
    assert {state for _, _, state in books.listed().values()} == {"closed"}

    books.line(-10, None, 11, "提现")
    books.run(NOVEMBER)  # which sees again what was missing then
    assert {state for _, _, state in books.listed().values()} == {"closed"}


def test_what_arrived_by_a_file_is_open_again_once_the_file_is_taken_back(books: Books) -> None:
    books.order("5116032541422009305")
    books.order("5116032541422009306", payment_no="2026110322001100010000000001")
    for number in ("7", "8"):
        books.order(number)
    books.run(NOVEMBER)
    books.line(8_000, "7", 12)
    head = "账务流水号,业务流水号,商户订单号,发生时间,收入金额（+元）,支出金额（-元）,业务类型\n"
    rows = (
        "901,,T200P5116032541422009305,2026-12-04 10:00:00,80.00,0.00,交易付款\n",
        "902,2026110322001100010000000001,,2026-12-04 10:00:01,80.00,0.00,交易付款\n",
    )
    file = (head + "".join(rows)).encode()

    def bring() -> int:
        reading = imports.read_file(file, "december.csv", imports.importers_for(OPERATOR))
        return imports.import_now(reading, "Shop", OPERATOR)[0].id

    def states() -> list[str]:
        return [state for _, _, state in books.listed().values()]

    batch = bring()
    books.run(DECEMBER)
    assert states() == ["closed", "closed", "closed", "open"]

    undoing.undo(batch, SYSTEM)
    assert states() == ["open", "open", "closed", "open"]
    books.run(NOVEMBER)
    assert states() == ["open", "open", "closed", "open"]

    bring()
    books.run(DECEMBER)
    assert states() == ["closed", "closed", "closed", "open"]


def test_lines_that_name_a_part_of_an_order_are_about_the_order_unless_their_period_is_signed(books: Books) -> None:
    books.order("1")
    books.order("2")
    for number, part in (("1", "11"), ("1", "12"), ("2", "2")):
        fingerprint = f"{number}:{part}"
        with transaction() as session:
            session.add(
                OrderLine(
                    store_id=books.store.id, key=part, sub_order_no=part, order_no=number, fingerprint=fingerprint
                )
            )
    books.line(5_000, "11")
    books.line(3_000, "12")
    books.line(8_000, "2")
    with transaction() as session:
        period = Period(store_id=books.store.id, first=NOVEMBER[0], last=NOVEMBER[1], state="signed")
        session.add(period)

    signed = services.make(books.store.id, *NOVEMBER)
    with transaction() as session:
        session.merge(period).state = "open"
    _, classes = books.run(NOVEMBER)

    assert signed.summary()["line_classes"]["STMT_ONLY"]["count"] == 2
    assert classes == {"OK": 3}
    assert [line.order_no for line in db.session.scalars(select(Line).order_by(Line.id))] == ["1", "1", "2"]


def test_a_line_that_was_changed_is_read_in_its_place(books: Books) -> None:
    for number in "123":
        books.line(-100, number, kind=FEE)
    with transaction() as session:
        session.execute(update(Line).where(Line.order_no == "1").values(order_no="4"))

    within = (Line.store_id == books.store.id,)
    found = frames.table(loading_lines.told(), Line, books.store.id, within)

    assert frames.numbers(found, "id").tolist() == list(db.session.scalars(select(Line.id).order_by(Line.id)))


def test_what_is_about_the_rows_of_a_file_closes_once_the_file_is_taken_back(books: Books) -> None:
    books.order("1")
    head = "账务流水号,业务流水号,商户订单号,发生时间,收入金额（+元）,支出金额（-元）,业务类型\n"
    file = (head + "901,,T200P5116032541422009305,2026-11-04 10:00:00,80.00,0.00,交易付款\n").encode()

    def bring() -> int:
        reading = imports.read_file(file, "elsewhere.csv", imports.importers_for(OPERATOR))
        return imports.import_now(reading, "Shop", OPERATOR)[0].id

    def line() -> Difference:
        return db.session.scalars(select(Difference).where(Difference.side == "line")).one()

    batch = bring()
    books.run(NOVEMBER)
    settling.resolve([line().id], OPERATOR, "claim", "platform's mistake")
    undoing.undo(batch, SYSTEM)
    assert (line().state, line().resolution, line().reason) == ("closed", "withdrawn", "elsewhere.csv")
    assert sorted(entry.amount for entry in db.session.scalars(select(Entry))) == [-8_000, 8_000]
    assert [state for code, _, state in books.listed().values() if code != "STMT_ONLY"] == ["open"]
    with pytest.raises(Refusal):
        settling.undo([line().id], OPERATOR, "x")

    bring()
    books.run(NOVEMBER)
    assert (line().state, line().resolution) == ("open", "")


def test_a_refund_that_names_only_its_payment_finds_its_orders_in_this_period_and_in_the_next(books: Books) -> None:
    for number, total in (("1", 1_000), ("2", 2_000), ("3", 3_000)):
        books.order(number, total, payment_no="P")
    books.line(6_000, None, trade_no="P")
    books.line(-2_000, None, kind=REFUND, trade_no="P")
    assert books.run(NOVEMBER)[1] == {"OK": 2}
    books.line(-4_000, None, 12, REFUND, trade_no="P")
    assert books.run(DECEMBER)[1] == {"OTHER_PERIOD": 1}
    books.line(-1, None, 12, REFUND, trade_no="P")
    assert books.run(DECEMBER)[1] == {"OTHER_PERIOD": 1, "REFUND": 1}
    assert books.listed() == {"line:alipay:2088:004": ("REFUND", -1, "open")}


def test_what_one_line_or_fee_tells_of_when_an_unknown_order_was_paid_holds_for_all_its_lines(books: Books) -> None:
    books.order("1")
    books.line(8_000, "1")
    for number in ("7", "8", "9"):
        books.line(-160, number, kind=FEE, memo="天猫佣金")  # of 7, nothing tells
    books.line(-2_000, "8", 12, REFUND, opened_at=moment(3, 10))
    fee = {"fee_type": "Alipay commission", "gross": 1, "rmb_gross": 1, "fee": 1, "rmb_fee": 1, "currency": "USD"}
    with transaction() as session:
        paid = {"order_no": "9", "paid_at": moment(3, 10)}
        session.add(SettlementFee(store_id=books.store.id, key="9", source="settlement", **fee, **paid))
    assert books.run(NOVEMBER)[1] == {"OK": 1, "STMT_ONLY": 1, "OTHER_PERIOD": 2}
    assert books.listed() == {"line:alipay:2088:002": ("STMT_ONLY", -160, "open")}


def test_a_movement_that_another_file_tells_again_with_more_columns_is_repeated(books: Books) -> None:
    head = "账务流水号,发生时间,收入金额（+元）,支出金额（-元）,业务类型"
    row = "901,2026-11-04 10:00:00,80.00,0.00,交易付款"
    for name, text in (
        ("12.csv", f"{head}\n{row}\n"),
        ("16.csv", f"{head},业务描述\n{row},0010001|交易收款-交易收款\n"),
    ):
        reading = imports.read_file(text.encode(), name, imports.importers_for(OPERATOR))
        imports.import_now(reading, "Shop", OPERATOR)
    assert db.session.scalars(select(Line.subject)).all() == ["0010001|交易收款-交易收款"]
    assert books.run(NOVEMBER)[1] == {"STMT_ONLY": 1, "DUP_ROW": 1}


def test_an_early_receipt_that_the_platform_took_back_is_a_refund(books: Books) -> None:
    early, back = "001002200001|交易收款-提前收款-花呗交易", "064000200001|交易还款-提前收款-花呗交易"
    books.order("1")
    books.line(8_000, "1", subject=early)
    books.line(-8_000, "1", subject=back)
    books.order("2", kept=5_000, refund=3_000)
    books.line(8_000, "2", subject=early)
    books.line(-3_000, "2", subject=back)
    assert books.run(NOVEMBER)[1] == {"OK": 4}
    assert books.listed() == {}


@pytest.mark.parametrize(
    ("need", "room", "amount", "expected"),
    [
        ([0, 700, 300], [0, 0, 0], 300, [(2, 300)]),  # whose books wait for exactly that
        ([100, 700, 300], [0, 0, 0], 1_100, [(0, 100), (1, 700), (2, 300)]),
        ([0, 0], [500, 800], 800, [(1, 800)]),
        ([0, 0], [500, 800], 900, [(0, 500), (1, 400)]),
        ([0, 0], [500, 800], 1_301, [(0, 500), (1, 800), (0, 1)]),
        ([50], [0], -50, [(0, -50)]),
    ],
)
def test_a_refund_is_shared_to_the_last_fen(
    need: list[int], room: list[int], amount: int, expected: list[tuple[int, int]]
) -> None:
    assert shares(need, room, amount) == expected
