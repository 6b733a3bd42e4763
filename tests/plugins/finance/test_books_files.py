"""Account files of every kind and generation: what becomes of them, and which are refused with which words."""

import random
from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from core.contracts import Actor
from core.extensions import db
from core.imports import services
from core.messages import Refusal
from core.web import say
from plugins.finance.books.models import Control, Line, Trade
from tests.fixtures import money

LI = Actor(None, "li", admin=True)
LINES = money.movements(60)
IN, IN_SUM, OUT, OUT_SUM = money.sums(LINES)
ACCOUNT = f"alipay:{money.ACCOUNT}"
FIRST_ROW = 6  # of a statement
SUMMED = money.summary(LINES).split(b"\r\n")


def reading(data, name="bill.csv"):
    return services.read_file(data, name, services.importers_for(LI))


def bring(data, store="S", name="bill.csv"):
    batch, outcome = services.import_now(reading(data, name), store, LI)
    assert (outcome.conflicts, batch.rejected) == ([], 0)
    return batch


def refusal(data, store="S", name="bill.csv"):
    with pytest.raises(Refusal) as raised:
        services.try_out(reading(data, name), getattr(services.find_store(store), "id", None))
    return " ".join(map(say, raised.value.reasons))


def stored(store="S", *names):
    """The lines of a store by the named values, without whom they name."""
    names = names or ("flow_no", "amount", "balance", "at", "kind", "memo", "order_no", "order_by", "account")
    found = services.find_store(store)
    columns = [getattr(Line, name) for name in names]
    return sorted(map(tuple, db.session.execute(select(*columns).where(Line.store_id == found.id))), key=str)


VARIANTS = {
    "sixteen columns": money.statement(LINES),
    "positive expenses": money.statement(LINES, sign=1),
    "half brackets": money.statement(LINES, brackets="half"),
    "no brackets": money.statement(LINES, brackets="none"),
    "columns in another order": money.statement(LINES, random.Random(3).sample(money.SIXTEEN, 16)),
    "rows in another order": money.statement(random.Random(4).sample(LINES, 60)),
    "newest first": money.statement(LINES[::-1]),
    "saved by a spreadsheet": money.statement(LINES, excel=True),
    "in UTF-8": money.statement(LINES).decode("gb18030").encode("utf-8-sig"),
    "a workbook": money.as_xlsx(money.statement(LINES)),
    "a workbook with rows above": money.as_xlsx(money.statement(LINES), 3),
    "a workbook with numbers and dates": money.as_xlsx(money.statement(LINES), typed=True),
    "a workbook of the old kind": money.as_xls(money.statement(LINES)),
    "fund flows in a workbook with the header on row 3": money.as_xls(money.flows(LINES)),
    "a zip with its summary": money.packed(LINES),
    "a zip with a summary of its total row alone": money.archive(
        {"汇总.csv": b"\r\n".join([*SUMMED[:4], *SUMMED[-3:]]), "明细.csv": money.statement(LINES)}
    ),
    "a zip of a workbook": money.archive({"账务明细.xlsx": money.as_xlsx(money.statement(LINES))}),
    "fund flows": money.flows(LINES),
}


@pytest.mark.parametrize("variant", VARIANTS)
def test_every_variant_gives_the_same_lines(in_app, variant):
    bring(VARIANTS["sixteen columns"], "whole")
    db.session.execute(Line.__table__.update().values(account=Line.account + "x"))  # for one account is of one store
    db.session.commit()
    bring(VARIANTS[variant])

    names = ("flow_no", "amount", "balance", "at", "kind", "memo", "order_no", "order_by", "subject")
    assert stored("S", *names) == stored("whole", *names)
    assert len(stored()) == 60
    assert db.session.scalar(select(func.sum(Line.amount)).where(Line.account == ACCOUNT)) == IN_SUM - OUT_SUM


def test_a_bill_of_twelve_columns_finds_its_orders_too(in_app):
    bring(money.statement(LINES, money.TWELVE))

    found = dict(db.session.execute(select(Line.flow_no, Line.order_no)).all())
    assert found == {line["flow"]: line["order"] for line in LINES}


def test_a_bill_tells_its_period_its_totals_and_its_balances(in_app):
    bring(money.statement(LINES))

    control = db.session.scalars(select(Control)).one()
    assert (control.account, control.in_count, control.in_sum, control.out_count, control.out_sum) == (
        ACCOUNT,
        IN,
        IN_SUM,
        OUT,
        OUT_SUM,
    )
    assert (control.opening, control.closing, control.chained) == (500_000, LINES[-1]["balance"], True)
    assert control.until - control.first_at == timedelta(days=31)
    assert control.key == f"{ACCOUNT}:2026-03-01 00:00:00 - 2026-04-01 00:00:00"


def test_an_empty_bill_is_a_bill(in_app):
    batch = bring(money.statement([]))

    control = db.session.scalars(select(Control)).one()
    assert (batch.rows, control.in_count, control.out_sum, control.chained) == (0, 0, 0, True)


def test_the_same_money_in_two_kinds_of_file_is_counted_once(in_app):
    bring(money.statement(LINES, money.TWELVE))
    batch = bring(money.flows(LINES))

    assert (batch.created, batch.rows) == (0, 60)
    assert db.session.scalar(select(func.sum(Line.amount))) == IN_SUM - OUT_SUM
    assert set(db.session.scalars(select(Line.source))) == {"alipay_statement"}


def test_flows_without_the_business_columns_are_read(in_app):
    bring(money.flows(LINES, money.FLOWS_15))

    assert len(stored()) == 60


def test_whom_a_line_names_is_stored_nowhere(in_app, tmp_path):
    bring(money.statement(LINES))
    bring(money.flows(LINES))
    db.session.remove()

    kept = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert "测试甲".encode() not in kept
    assert "测*甲".encode() not in kept
    assert b"138****0000" not in kept


# What is refused.


def test_a_footer_that_counts_otherwise_is_refused(in_app):
    said = refusal(money.statement(LINES, said=(IN + 1, IN_SUM + 1234, OUT, OUT_SUM)))
    assert said == (
        f"The file says that it has {IN + 1} receipts of {money.yuan(IN_SUM + 1234)} together, but its rows are {IN} "
        f"of {money.yuan(IN_SUM)}; 12.34 is missing. Rows were lost or changed: download it again."
    )


def test_a_footer_with_another_sum_is_refused(in_app):
    said = refusal(money.statement(LINES, said=(IN, IN_SUM, OUT, OUT_SUM - 1)))
    assert f"{OUT} payments of {money.yuan(OUT_SUM - 1)}" in said
    assert "-0.01 is missing" in said


def test_a_lost_line_is_refused_where_the_balance_breaks(in_app):
    lost, after = LINES[30], LINES[31]
    said = refusal(money.without(money.statement(LINES, footer=False), FIRST_ROW + 30))

    expected = after["balance"] - lost["fen"]
    assert f"The running balance breaks at row {FIRST_ROW + 30}:" in said
    assert f"it should be {money.yuan(expected)} there, but is {money.yuan(after['balance'])}." in said
    assert f"A movement of {money.yuan(lost['fen'])} is missing before it" in said


@pytest.mark.parametrize("made", [money.statement, money.flows, lambda lines: money.business(60), money.wallet])
def test_a_file_that_breaks_off_within_a_row_is_refused_and_one_cut_between_rows_is_read(in_app, made):
    rows = made(LINES).splitlines(keepends=True)
    torn = b"".join([*rows[:40], rows[40][:40]])
    assert refusal(torn) == "The file breaks off in row 41; download it again."
    bring(b"".join(rows[:40]))


def test_a_choice_of_rows_is_taken_but_its_balance_does_not_hold(in_app):
    bring(money.flows(LINES[::3]))

    assert [(each.chained, each.opening) for each in db.session.scalars(select(Control))] == [(False, None)]


def test_rows_of_another_day_put_in_between_do_not_break_the_balance(in_app):
    bring(money.statement([*LINES[30:50], LINES[2], *LINES[50:]], footer=False))

    assert db.session.scalars(select(Control.chained)).all() == [True]


def test_a_changed_amount_is_refused(in_app):
    changed = [dict(line) for line in LINES]
    changed[20]["fen"] += 100
    assert f"The running balance breaks at row {FIRST_ROW + 20}:" in refusal(money.statement(changed))


def test_rows_outside_the_bills_own_period_are_refused(in_app):
    late = [*LINES[:-1], LINES[-1] | {"at": money.LAST}]
    assert refusal(money.statement(late)) == (
        f"Row {FIRST_ROW + 59} is dated 2026-04-01 00:00:00, outside the period that the file states: "
        "2026-03-01 00:00:00 to 2026-04-01 00:00:00."
    )


def test_two_accounts_in_one_file_are_refused(in_app):
    both = money.statement(LINES[:30]) + money.statement(money.movements(5, 2), account=money.OTHER_ACCOUNT)
    names = f"{money.ACCOUNT}, {money.OTHER_ACCOUNT}"
    words = f"The file holds the lines of several accounts: {names}. Import one account at a time."
    assert refusal(both) == words
    packed = {"a.csv": money.statement(LINES), "b.csv": money.statement([], account=money.OTHER_ACCOUNT)}
    assert refusal(money.archive(packed), name="a.zip") == words


def test_months_of_one_account_in_one_file_are_taken(in_app):
    march = money.statement(LINES)
    later = [line | {"at": line["at"] + timedelta(days=31), "flow": line["flow"] + "9"} for line in LINES]
    for line in later:
        line["balance"] += LINES[-1]["balance"] - 500_000
    april = money.statement(later, first=money.LAST, last=datetime(2026, 5, 1))
    bring(march + april)

    control = db.session.scalars(select(Control)).one()
    assert (control.in_count, control.out_sum, control.chained) == (2 * IN, 2 * OUT_SUM, True)


def test_an_account_of_another_store_is_refused(in_app):
    bring(money.statement(LINES), "Other")
    assert refusal(money.flows(LINES), "New") == (
        f"The account {money.ACCOUNT} belongs to the store Other; its lines cannot be in two stores."
    )
    with pytest.raises(Refusal):
        services.import_now(reading(money.statement(LINES)), "New", LI)
    assert services.find_store("New") is None


def test_a_summary_that_disagrees_with_the_lines_is_refused(in_app):
    said = refusal(money.packed(LINES, said=(IN, IN_SUM + 500, OUT, OUT_SUM)), name="a.zip")
    assert f"adds up to {money.yuan(IN_SUM + 500)}, but the rows add up to {money.yuan(IN_SUM)}." in said


def test_a_summary_of_more_lines_than_there_are_is_refused(in_app):
    packed = {"汇总.csv": money.summary(LINES), "明细.csv": money.statement(LINES[:-1])}
    assert "is missing. Rows were lost or changed: download it again." in refusal(money.archive(packed), name="a.zip")


def test_a_summary_alone_is_refused(in_app):
    assert refusal(money.summary(LINES)) == "This is only the summary of a bill; import the file that holds its lines."


def test_a_missing_column_is_named(in_app):
    header = [name for name in money.SIXTEEN if name != "支出金额（-元）"]
    assert "has no column 支出金额（-元）" in refusal(money.statement(LINES, header))


def test_a_damaged_number_is_quarantined_with_its_row(in_app):
    data = money.statement(LINES).decode("gb18030").replace(f"{LINES[3]['flow']}\t", "1.57E+17", 1).encode("gb18030")
    batch, _ = services.import_now(reading(data), "S", LI)

    assert (batch.rows, batch.created, batch.rejected) == (60, 59, 1)


def test_an_unreadable_amount_is_quarantined_with_its_row(in_app):
    lines = money.statement(LINES).decode("gb18030").splitlines(keepends=True)
    row = next(number for number, text in enumerate(lines) if LINES[5]["flow"] in text)
    lines[row] = lines[row].replace(money.yuan(LINES[5]["balance"]), "很多")
    found = reading("".join(lines).encode("gb18030"))

    assert [(each.row, each.column, each.value) for each in found.extract.rejected] == [
        (row + 1, "账户余额(元)", "很多")
    ]


def test_the_same_line_with_another_amount_is_a_conflict(in_app):
    bring(money.statement(LINES))
    other = [dict(line) for line in LINES[:1]]
    other[0]["fen"] += 1
    batch, outcome = services.import_now(reading(money.flows(other)), "S", LI)

    assert (batch.created, batch.rejected) == (0, 1)
    assert say(outcome.conflicts[0].message) == (
        f"The line {LINES[0]['flow']} is already stored with {money.yuan(LINES[0]['fen'])}; this file says "
        f"{money.yuan(LINES[0]['fen'] + 1)}. One of them is wrong."
    )


def test_a_line_that_one_file_tells_twice_with_two_amounts_is_quarantined_with_its_column(in_app):
    line = next(each for each in LINES if each["fen"] < 0)
    data = money.statement([*LINES, {**line, "fen": line["fen"] - 1}], said=money.sums(LINES))

    assert [(each.column, each.value) for each in reading(data).extract.rejected] == [
        ("支出金额(-元)", money.yuan(line["fen"] - 1))
    ]


def test_rows_that_a_file_repeats_are_repeats(in_app):
    batch = bring(money.statement([*LINES, LINES[7], LINES[9]], said=money.sums(LINES)))

    assert (batch.created, batch.repeats) == (60, 2)


def test_a_footer_that_counts_repeated_rows_is_kept_as_if_it_counted_each_once(in_app):
    batch = bring(money.statement([*LINES, LINES[7], LINES[9]]))

    kept = db.session.query(Control).one()
    assert (batch.repeats, (kept.in_count, kept.in_sum, kept.out_count, kept.out_sum)) == (2, money.sums(LINES))


@settings(max_examples=25)
@given(count=st.integers(3, 40), seed=st.integers(0, 999), data=st.data())
def test_any_bill_with_a_line_less_is_refused(in_app, count, seed, data):
    lines, lost = money.movements(count, seed), data.draw(st.integers(0, count - 1))
    bill = money.statement(data.draw(st.permutations(lines)))
    assert refusal(money.without(bill, FIRST_ROW + lost))


@settings(max_examples=8)
@given(seed=st.integers(0, 999), at=st.integers(1, 39))
def test_two_halves_are_the_whole(in_app, seed, at):
    lines, store = money.movements(40, seed), f"S{seed}-{at}"
    account = f"2088{seed:03d}{at:03d}0000000156"
    halves = [money.statement(part, account=account) for part in (lines[:at], lines[at:])]
    for half in halves if at % 2 else halves[::-1]:
        bring(half, store)
    control = db.session.scalars(select(Control).where(Control.account == f"alipay:{account}")).one()
    together = {name: getattr(control, name) for name in ("in_count", "in_sum", "out_count", "out_sum", "opening")}

    again = bring(money.statement(lines, account=account), store)
    db.session.refresh(control)
    assert (again.created, again.updated, again.unchanged) == (0, 0, 40)
    assert together == {name: getattr(control, name) for name in together}
    assert (control.in_count, control.out_count) == (money.sums(lines)[0], money.sums(lines)[2])


# The other files.


def test_trades_and_their_refunds_are_read(in_app):
    bring(money.business(6, refunds=2))

    found = db.session.scalars(select(Trade).order_by(Trade.id)).all()
    assert [each.type for each in found].count("退款") == 2
    assert all((each.amount < 0) == (each.type == "退款") for each in found)
    assert db.session.scalar(select(func.count()).select_from(Line)) == 0


def test_a_positive_refund_in_a_list_of_trades_is_still_one(in_app):
    bring(money.business(3, refunds=1, sign=1))

    assert db.session.scalar(select(Trade.amount).where(Trade.type == "退款")) < 0


def test_a_list_of_trades_that_disagrees_with_itself_is_refused(in_app):
    said = refusal(money.business(6, said=["#交易合计：7笔，商家实收共1.00元，商家优惠共0.00元"]))
    assert said.startswith("The file says that it has 7 rows of 交易 with 1.00 together, but they are 6 with ")


def test_a_wallet_of_eight_columns_and_one_of_fourteen_are_the_same(in_app):
    lines = [line for line in LINES if line["order"]]
    bring(money.wallet(lines))
    batch = bring(money.wallet(lines, money.WALLET_14))

    assert (batch.created, batch.unchanged) == (0, len(lines))
    assert stored("S", "amount", "order_no", "order_by") == sorted(
        ((line["fen"], line["order"], "base") for line in lines), key=str
    )


def test_records_of_2015_are_lines(in_app):
    bring(money.records_2015(LINES))

    assert stored("S", "amount", "balance") == sorted(((each["fen"], each["balance"]) for each in LINES), key=str)


def test_a_receipt_of_a_personal_account_signs_its_amounts(in_app):
    rows = [
        ("支出", "原料采购", 5000, "交易成功"),
        ("收入", "转账", 700, "交易成功"),
        ("不计收支", "退款", 300, "退款成功"),
        ("不计收支", "投资理财", 9900, "交易成功"),
    ]
    batch = bring(money.receipt(rows))

    assert batch.created == 4
    assert stored("S", "amount", "order_no") == sorted([(-5000, None), (700, None), (300, None)], key=str)
    assert db.session.scalars(select(Trade.amount)).all() == [9900]
