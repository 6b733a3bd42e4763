"""The papers of a period: what each of them says, word for word, and what it refuses to call flat."""

import os
from datetime import date

import pypdfium2
import pytest

from core.contracts import Ref
from core.documents import printing, services
from core.extensions import db
from core.transactions import transaction
from plugins.finance.books.models import Control
from plugins.finance.differences.models import Difference
from plugins.finance.differences.rules import CLOSED
from plugins.finance.matching import controls
from plugins.finance.matching.services import reconcile
from plugins.finance.overview.queries import of_run
from plugins.finance.periods import names, papers, rules
from plugins.finance.periods.balances import balance_sheet
from plugins.finance.periods.services import standing
from tests.plugins.finance.papers import ACCOUNT, FIRST, LAST, WEN, Month, at, november

pytestmark = pytest.mark.any_database

STATEMENT = [
    "店务台 素禾茶旗舰店", "对账单", "素禾茶旗舰店 2025-11-01 至 2025-11-30",
    "订单 8 已付款订单 8 买家付款 790.00 已退款 8.00", "账单笔数 10", "1,022.90", "30,099.64", "-29,076.74",
    "订单侧分类",
    "一致 2 427.00 金额不符 1 66.00 退款不符 1 88.00 短款 1 55.00 跨期到账 1 44.00 上期未达仍未到 1 33.00",
    "已发货待确认 1 77.00", "8 790.00", "账单侧分类",
    "一致 5 415.36 金额不符 1 65.90 跨期到账 1 44.00 长款 1 99.00 重复入账 1 299.00 非订单流水 1 -30,000.00",
    "余额调节表", "2088000000000156 20,781.26 20,781.26 0.00 ✓",
    "控制总数", "7 1,022.90 3 30,099.64 50,000.00 20,923.26 读入一致 7 1,022.90 3 30,099.64",
    "勾稽核对",
    "账单侧：各类合计等于收支合计 -29,076.74 -29,076.74 ✓ 收款：账面至账单 1,022.90 1,022.90 ✓",
    "付款减退款（大写）¥782.00 人民币 柒佰捌拾贰元整", "编制人 审核人 财务主管",
]  # fmt: skip
BALANCE = [
    "2088000000000156 截至 2025-11-30，单位：元",
    "账面应收余额 50,782.00 账单余额 20,923.26 期初余额 50,000.00 账单期末余额 20,923.26",
    "上期未达应收 2 77.00 本期订单应收 6 713.00 订单应退 1 -8.00",
    "加：账单已收、账面未收 99.00 加：账面已收、账单未收 165.00 长款 1 99.00 已发货待确认 1 77.00 短款 1 55.00"
    "上期未达仍未到 1 33.00",
    "减：账单已付、账面未付 -30,099.64 减：账面已付、账单未付 -8.00 手续费与扣款 1 -0.64 退款在途 1 -8.00",
    "售后退款 1 -99.00 非订单流水 1 -30,000.00",
    "加减：账面差错 -0.10 加减：账单差错 -299.00 金额不符 1 -0.10 重复入账 1 -299.00",
    "账面调节后余额 20,781.26 账单调节后余额 20,781.26",
    "调节后余额大写 人民币 贰万零柒佰捌拾壹元贰角陆分",
    "本表不作记账凭证；未达账项待单据到达后入账。",
]
LIST = [
    "差异明细 差额 = 账单 − 账面，单位：元",
    "1 金额不符 2511000000000000004 66.00 65.90 -0.10", "2 退款不符 2511000000000000003 -8.00 0.00 8.00",
    "3 短款 2511000000000000005 55.00 0.00 -55.00 财务", "4 上期未达仍未到 2511000000000000008 33.00 0.00 -33.00",
    "5 长款", "6 重复入账",
]  # fmt: skip
EVIDENCE = [
    "对账证据包", "付款减退款（大写） ¥782.00 人民币 柒佰捌拾贰元整", "6 条，其中未结 6 条",
    *STATEMENT[3:6], *LIST[1:4],
    "对账文件", "ExportOrderList202511.csv #1", "ab" * 32, "2088_202511_账务明细.csv #2 支付宝账务明细", "cd" * 32,
    "上期未达仍未到 2511000000000000008 -33.00 2025-10-30", "签核过程", "文静 建立账期",
]  # fmt: skip


@pytest.fixture
def month(in_app):
    return november()


@pytest.fixture
def period(month):
    month.control()
    month.reconcile()
    return month.period()


def words(pdf):
    pages = pypdfium2.PdfDocument(pdf)
    return "".join("".join(page.get_textpage().get_text_range() for page in pages).split())


def issue(kind, period, language="zh"):
    return services.issue(f"finance.{kind}", Ref("finance.period", period.id), WEN, language)


def printed(kind, period, language="zh"):
    pdf, missing = printing.paint(issue(kind, period, language))
    assert missing == ""
    return pdf


def lacking(expected, said):
    return [line for line in expected if "".join(line.split()) not in said]


@pytest.mark.parametrize(("kind", "expected"), [("statement", STATEMENT), ("balance", BALANCE), ("differences", LIST)])
def test_a_paper_says_every_word_in_chinese(period, kind, expected):
    said = words(printed(kind, period))
    assert lacking(expected, said) == []


def test_the_evidence_says_every_word_and_who_signed(period, make_user):
    people = {name: make_user(name, name=name) for name in ("文静", "钱莉")}
    with transaction():
        row = services.found(Ref("finance.period", period.id))
        row.state, row.prepared_by_id, row.signed_by_id = rules.SIGNED, people["文静"].id, people["钱莉"].id
        row.prepared_at, row.signed_at = at(3, month=12), at(4, month=12)

    said = words(printed("evidence", period))

    assert lacking(EVIDENCE, said) == []
    assert lacking(["编制人 文静 2025-12-03 10:00", "审核人 钱莉 2025-12-04 10:00"], said) == []


@pytest.mark.parametrize("kind", ["statement", "balance", "differences", "evidence"])
def test_a_paper_is_whole_in_english(period, kind):
    said = words(printed(kind, period, "en"))

    assert "Notsigned" in said
    assert not [character for character in said if "一" <= character <= "鿿" and character not in "素禾茶旗舰店文静"
                "账务明细人民币柒佰捌拾贰元整万零壹角陆分"]  # fmt: skip


def test_a_balance_statement_that_does_not_come_out_says_so_and_cannot_be_signed(month):
    month.control(closing=month.balance - 5_990, chained=True)
    run = month.reconcile()

    sheet = balance_sheet(run)

    assert (sheet.flat, sheet.difference) == (False, -5_990)
    assert not standing(run).flat
    said = words(printed("balance", month.period()))
    assert lacking(["未平", "-59.90", "两侧调节后余额不一致，本期不能编制或签核。"], said) == []
    assert "调节后余额大写" not in said
    assert "未平" in words(printed("statement", month.period()))


def test_a_run_that_kept_no_balance_statement_is_measured_again(month):
    month.control()
    run = month.reconcile()
    kept = balance_sheet(run)
    with transaction():
        run = services.found(Ref("finance.period", month.period().id)).run
        run.totals = {name: value for name, value in run.totals.items() if name != "balance"}

    assert balance_sheet(run) == kept


def test_a_period_without_a_run_says_so(period):
    with transaction():
        services.found(Ref("finance.period", period.id)).run_id = None

    for kind in ("statement", "balance", "differences", "evidence"):
        assert "本期尚无对账结果，请先对账。" in words(printed(kind, period))


def test_a_paper_is_current_until_what_it_says_changes(period):
    papers = {kind: issue(kind, period) for kind in ("balance", "differences")}
    for document in papers.values():
        assert services.standing(document) == "current"

    with transaction() as session:
        row = session.query(Difference).filter_by(code="MISSING_STMT").one()
        row.state, row.resolution, row.reason = CLOSED, "write_off", "物流公司已赔付"

    assert {kind: services.standing(each) for kind, each in papers.items()} == {
        "balance": "current",
        "differences": "changed",
    }
    said = words(printed("differences", period))
    assert [each for each in ("已结", "核销", "物流公司已赔付") if each not in said] == []


def test_the_days_that_no_statement_covers_are_named(month, period):
    assert controls.uncovered(month.store.id, FIRST, LAST) == {}
    with transaction() as session:
        session.query(Control).one().until = at(11, 0)
        later = {"key": "late", "account": ACCOUNT, "first_at": at(12, 0), "until": at(29, 0), "chained": True}
        session.add(Control(store_id=month.store.id, **later))

    days = [(date(2025, 11, 11), date(2025, 11, 11)), (date(2025, 11, 29), date(2025, 11, 30))]
    assert controls.uncovered(month.store.id, FIRST, LAST) == {ACCOUNT: days}
    assert controls.uncovered(month.store.id, FIRST, date(2025, 11, 10)) == {}
    december = (date(2025, 12, 1), date(2025, 12, 31))  # of which there is no statement at all
    assert controls.uncovered(month.store.id, *december) == {ACCOUNT: [december]}
    assert controls.uncovered(month.store.id, date(2026, 2, 1), date(2026, 2, 28)) == {}


def test_the_next_period_takes_no_difference_from_the_papers_of_this_one(month, period):
    def told():
        return [(row["code"], row["title"], row["amount"]) for row in papers.differences(month.run.id)]

    before, count = told(), of_run(month.run)
    december = reconcile(month.store.id, date(2025, 12, 1), date(2025, 12, 31), WEN)

    missing = [row["title"] for row in papers.differences(december.id)]
    assert missing == ["2511000000000000005", "2511000000000000008"]
    assert (told(), of_run(month.run)) == (before, count)
    carried = [row["title"] for row in papers.differences(month.run.id) if row["carry"]]
    assert carried == ["2511000000000000008"]


def test_what_was_written_off_is_not_carried_to_the_next_period(month, period):
    assert [row["order_no"] for row in papers.differences(month.run.id) if row["carry"]] == ["2511000000000000008"]
    with transaction() as session:
        row = session.query(Difference).filter_by(code="CARRY_OPEN").one()
        row.state, row.resolution = CLOSED, "write_off"
    assert not [row for row in papers.differences(month.run.id) if row["carry"]]


def test_what_closed_by_itself_within_the_period_is_counted_apart(month, period):
    month.order("2511000000000000010", 2_000, 14)
    month.reconcile()
    month.line(2_000, "2511000000000000010", 14)
    month.reconcile()

    papers_now = issue("differences", month.period())
    titles = [row["title"] for row in papers_now.snapshot["rows"]]
    assert "2511000000000000005" in titles and "2511000000000000010" not in titles
    assert "另有1笔在本期内已自动结清" in words(printed("statement", month.period()))


def test_merged_payments_are_one_group_of_the_balance_statement(in_app):
    month = Month()
    for number, total in (("1", 3000), ("2", 4000)):
        month.order(f"251100000000000001{number}", total, payment_no="2025110122001100000000000001")
    month.line(7000, None, trade_no="2025110122001100000000000001")
    month.control()

    (account,) = balance_sheet(month.reconcile()).accounts

    assert [(row.code, row.count, row.amount) for row in account.books] == [
        ("OPENING", 1, 5_000_000),
        ("DUE", 2, 7000),
    ]
    assert account.flat


def test_a_short_payment_of_several_orders_is_told_at_the_first_of_them(in_app):
    month = Month()
    for number, total in (("1", 3000), ("2", 4000)):
        month.order(f"251100000000000001{number}", total, payment_no="2025110122001100000000000001")
    month.line(6900, None, trade_no="2025110122001100000000000001")

    first, second = papers.differences(month.reconcile().id)

    assert (first["amount"], second["amount"]) == (-100, 0)
    assert [db.session.get(Difference, each).findings[0]["lead"] for each in (1, 2)] == ["", "2511000000000000011"]
    assert first["findings"] == second["findings"] == ["Paid in one sum with other orders"]


def test_a_checks_days_end_with_the_last_of_the_period():
    told = names.check("statement alipay:2088 2025-11-01/2025-12-01 in count")
    assert told == {
        "label": "The file's own totals",
        "of": "alipay:2088 2025-11-01 – 2025-11-30",
        "figure": "number received",
    }


def test_five_hundred_differences_print_in_a_moment(in_app):
    month = Month()
    with transaction() as session:
        for number in range(500):
            values = {"status": "done", "total": 5900 + number, "kept": 5900 + number, "refund": 0}
            session.add(month.row(f"2511{number:015d}", 1 + number % 25, **values))
    run = reconcile(month.store.id, FIRST, LAST, WEN)
    month.run = run

    began = sum(os.times()[:4])  # of the processor, also in the child that paints
    pdf = printed("evidence", month.period())

    assert sum(os.times()[:4]) - began < 45  # what a print may take; on an idle machine it is four seconds
    assert len(pypdfium2.PdfDocument(pdf)) > 15
    assert "500" in words(pdf)
