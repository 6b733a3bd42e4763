"""Files of a Tmall Global store's payouts: what they become, and what of them is refused."""

import json
import random

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select

from core.contracts import SYSTEM
from core.extensions import db
from core.imports import command
from core.stores.services import create_store
from plugins.finance.books.models import Control, Line, SettlementDetail, SettlementFee, Trade
from plugins.finance.books.settlement_command import settlements_command
from plugins.finance.books.settlement_rules import batch_in, belonging, fee_kind, in_rmb
from plugins.finance.matching.command import reconcile_command
from tests.fixtures import settlements as files


@pytest.fixture
def bring(in_app, tmp_path):
    def one(name, data):
        path = tmp_path / name
        path.write_bytes(data)
        said = []
        command.run([path], "S", new_store=True, as_json=True, echo=said.append)
        return json.loads(said[0])

    return one


@pytest.fixture
def told():
    """What the command says: its exit code, and a payout by its number."""

    def run():
        said = CliRunner().invoke(settlements_command, ["--store", "S", "--json"])
        rows = [json.loads(line) for line in said.stdout.splitlines()]
        return said.exit_code, {row["batch"]: row for row in rows}

    return run


def bring_all(bring, payouts, seed=0):
    """Import all files of payouts in some order."""
    found = []
    for payout in payouts:
        kept = [(f"settlebatch_{payout.number}.csv", payout.batch())]
        kept += [(f"settledetails_202611_{payout.number}.csv", payout.detail_file())]
        found += [*kept, (f"settlefee_{payout.number}.csv", payout.fee_file())]
    random.Random(seed).shuffle(found)
    for name, data in found:
        report = bring(name, data)
        assert (report["refused"], report["rejected"]) == (None, [])


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_in_whatever_order_the_files_come_each_payout_finds_its_own(bring, told, seed):
    payouts = files.payouts(3, seed=seed)

    bring_all(bring, payouts, seed)

    code, rows = told()
    assert code == 0
    for payout in payouts:
        row, sums = rows[payout.number], [files.yuan(sum_) for sum_ in payout.sums]
        assert (row["lines"], row["currency"], row["other_period"]) == (len(payout.details), "USD", len(payout.details))
        assert [row["amount"], row["fee"], row["settlement"]] == sums
        assert (row["details_tie"], row["fees_tie"]) == (True, True)


def test_fee_files_that_overlap_are_counted_once(bring, told):
    first, second = files.payouts(2)
    for payout in (first, second):
        bring(f"b{payout.number}.csv", payout.batch())
        bring(f"d{payout.number}.csv", payout.detail_file())

    bring("f1.csv", first.fee_file(*second.details))
    report = bring("f2.csv", second.fee_file(*first.details[:4]))

    assert report["created"] == 0
    assert told()[0] == 0


def test_equal_refunds_of_one_order_in_two_payouts_each_have_their_fees(bring, told):
    refund = files.Detail(files.order(1), -80, [("Alipay commission", -1), ("Tmall Global Commission", -1)])
    payouts = files.payouts(2)
    for payout in payouts:
        payout.details.append(refund)
        bring(f"b{payout.number}.csv", payout.batch())
        bring(f"d{payout.number}.csv", payout.detail_file())
        bring(f"f{payout.number}.csv", payout.fee_file())

    assert (told()[0], db.session.scalar(select(func.count()).select_from(SettlementDetail))) == (0, 29)


def test_rows_that_look_alike_are_as_many_records_as_the_file_has(bring, told):
    refund = files.Detail(files.order(1), -80, [("Alipay commission", -1)])
    payout = files.Payout(files.number(1), "2026-11-01 12:36:00", [refund, refund])
    names = [("b.csv", payout.batch()), ("d.csv", payout.detail_file()), ("f.csv", payout.fee_file())]

    assert [bring(*each)["created"] for each in names] == [1, 2, 2]
    assert [bring(*each)["unchanged"] for each in names] == [1, 2, 2]
    assert told()[0] == 0
    assert db.session.scalar(select(func.count()).select_from(Line)) == 4


def test_a_store_that_there_is_not_fails(in_app):
    assert CliRunner().invoke(settlements_command, ["--store", "None", "--json"]).exit_code == 2


def test_a_store_without_payouts_is_told_so_in_words_and_by_silence_in_json(in_app):
    create_store("S", SYSTEM)
    said = [CliRunner().invoke(settlements_command, ["--store", "S", *more]) for more in ((), ("--json",))]
    assert [(each.exit_code, each.stdout) for each in said] == [
        (0, "S has no payouts: its settlement files are not imported.\n"),
        (0, ""),
    ]


def test_a_payout_without_details_waits_and_one_whose_details_are_cut_fails(bring, told):
    (payout,) = files.payouts(1)
    bring("b.csv", payout.batch())
    assert (told()[0], told()[1][payout.number]["details_tie"]) == (1, False)

    bring("d.csv", b"\r\n".join(payout.detail_file().split(b"\r\n")[:-3]))

    code, rows = told()
    assert (code, rows[payout.number]["details_tie"], rows[payout.number]["lines"]) == (2, False, 10)
    days = ["--from", "2026-11-01", "--to", "2026-11-30"]
    answer = CliRunner().invoke(reconcile_command, ["--store", "S", *days, "--json"])
    bad = [check["name"] for check in json.loads(answer.stdout)["tie_out"]["checks"] if not check["ok"]]
    assert answer.exit_code == 2
    assert bad == [f"payout {payout.number} {what}" for what in ("amount", "fee", "settlement")]


@pytest.mark.parametrize("harm", ["lost", "altered"])
def test_fees_that_do_not_make_up_what_was_charged_fail(bring, told, harm):
    (payout,) = files.payouts(1)
    bring("b.csv", payout.batch())
    bring("d.csv", payout.detail_file())
    assert (told()[0], told()[1][payout.number]["fees_tie"]) == (1, False)  # the fees are yet to come
    if harm == "lost":
        payout.details[0].fees.pop()
    else:
        kind, fee = payout.details[0].fees[0]
        payout.details[0].fees[0] = (kind, fee + 1)

    bring("f.csv", payout.fee_file())

    code, rows = told()
    assert (code, rows[payout.number]["details_tie"], rows[payout.number]["fees_tie"]) == (2, True, False)


def test_details_without_their_payout_are_a_difference(bring, told):
    first, second = files.payouts(2)
    bring_all(bring, [first])

    bring("d2.csv", second.detail_file())

    assert (told()[0], set(told()[1])) == (1, {first.number})


@pytest.mark.parametrize(
    ("column", "was", "now"),
    [("Settlement", "9.00", "9.01"), ("Rmb_amount", "62.94", "62.90"), ("Rmb_settlement", "56.65", "56.70")],
)
def test_a_detail_that_does_not_tie_is_rejected_with_its_column_and_value(bring, column, was, now):
    row = f"{files.order(1)}\t,10.00\t,62.94\t,1.00\t,9.00\t,56.65\t,USD,6.29410000\t,,2026-11-01 12:36:00,P,L,T,x"
    assert was in row

    report = bring("d.csv", files.file(files.DETAILS, [row, row.replace(was, now)]))

    assert report["created"] == 1
    assert [(each["row"], each["column"], each["value"]) for each in report["rejected"]] == [(3, column, now)]


def test_a_detail_is_what_was_paid_and_the_fee_kept_of_it(bring):
    row = f"{files.order(1)}\t,10.00\t,62.94\t,1.00\t,9.00\t,56.65\t,USD,6.29410000\t,,2026-11-01 12:36:00,P,L,T,x"

    bring("d.csv", files.file(files.DETAILS, [row]))

    lines = db.session.scalars(select(Line).order_by(Line.id)).all()
    told = [(line.kind, line.amount, line.foreign_amount, line.currency, line.order_no) for line in lines]
    assert told == [("pay", 6294, 1000, "USD", files.order(1)), ("fee", -629, -100, "USD", files.order(1))]
    assert {line.account for line in lines} == {"alipay_global:USD"}


def test_the_number_in_a_kind_of_fee_is_the_order_where_nothing_else_names_it(bring):
    told = f"2026-11-01 10:00:00,,,1.00,6.29,{files.TAOBAOKE}({files.order(7)}),0.10,0.63,USD,6.29410000,"

    bring("f.csv", files.file(files.FEES, [told]))

    (fee,) = db.session.scalars(select(SettlementFee)).all()
    assert (fee.order_no, fee.fee_type) == (files.order(7), files.TAOBAOKE)


def test_two_articles_fees_of_one_order_are_told_apart_by_the_number_in_their_kind(bring):
    rows = [
        f"2026-11-01 10:00:00,T1,{files.order(7)},1.00,6.29,{kind},0.10,0.63,USD,6.29410000,"
        for kind in (f"{files.TAOBAOKE}({files.order(8)})", f"{files.TAOBAOKE}({files.order(9)})")
    ]

    assert bring("f.csv", files.file(files.FEES, rows))["created"] == 2


def test_a_trade_is_filled_in_by_a_later_file(bring):
    trade = (
        f"{files.order(1)}\t,{'20261101' + 20 * '1'}\t,9.37\t,59.00\t,{{}}\t,USD,6.29410000\t,2026-11-01 09:00:00,,P"
    )
    first, later = trade.format("-\t,-\t,-\t,-"), trade.format("0.00\t,9.37\t,0.00\t,-0.00")

    bring("t1.csv", files.file(files.TRADES, [first]))
    report = bring("t2.csv", files.file(files.TRADES, [later]))

    assert (report["created"], report["updated"]) == (0, 1)
    (found,) = db.session.scalars(select(Trade)).all()
    assert (found.amount, found.foreign_refund, found.settlement) == (5900, 937, 0)


def test_monthly_fees_do_not_count_into_a_payout(bring, told):
    (payout,) = files.payouts(1)
    bring_all(bring, [payout])
    row = f"2026-11-01 10:00:00,T1,{payout.details[0].order},6.29,1.00,USD,6.29410000,Alipay commission,0.63,0.10,x"

    assert bring("m.csv", files.file(files.MONTHLY, [row]))["kind"] == "finance.monthly_fees"
    assert told()[0] == 0


MOVES = [
    (
        f"2026-11-0{1 + place // 4} 10:00:0{place // 2}",
        f"HJCOM==177{place}==LP0009526329{place:04d}",
        files.order(place),
        -1300 + place,
        "菜鸟",
    )
    for place in range(12)
]


@pytest.mark.parametrize("seed", range(4))
def test_the_balance_of_a_statement_holds_in_any_order_of_one_second(bring, seed):
    report = bring("myaccount.csv", files.statement(MOVES, seed=seed))

    assert (report["kind"], report["created"], report["refused"]) == ("finance.global_statement", 12, None)
    (control,) = db.session.scalars(select(Control)).all()
    assert (control.opening, control.chained) == (100_000, True)
    assert control.closing == 100_000 + sum(move[3] for move in MOVES)
    assert {line.order_no for line in db.session.scalars(select(Line))} == {move[2] for move in MOVES}


@pytest.mark.parametrize("lost", [2, 5, 9])
def test_a_statement_with_one_line_removed_is_refused_and_the_gap_named(bring, lost):
    lines = files.statement(MOVES).split(b"\r\n")
    amount = lines[lost].split(b",")[6].decode()

    report = bring("myaccount.csv", b"\r\n".join(lines[:lost] + lines[lost + 1 :]))

    assert report["created"] == 0
    assert amount in report["refused"]


def test_a_batch_number_is_read_from_a_files_name():
    assert batch_in(f"settledetails_201804_{files.number(7)}.csv") == files.number(7)
    assert batch_in("details.csv") is None


def test_a_number_in_a_kind_of_fee_is_no_part_of_the_kind():
    assert fee_kind("Juhuasuan Overseas Commission") == ("Juhuasuan Overseas Commission", None)
    assert fee_kind(f"{files.TAOBAOKE}(126685490000755854)") == (files.TAOBAOKE, "126685490000755854")


def test_fees_of_a_trade_belong_all_or_do_not_tie():
    assert belonging(10, False, 0, [3, 7]) == [0, 1]
    assert belonging(10, False, 0, [3, 7, 1]) is None
    assert belonging(-10, True, -10, [-3, -7, -3, -7]) == [0, 1]
    assert belonging(-10, True, 0, [-3]) is None


@given(st.integers(-(10**9), 10**9), st.integers(1, 10**9))
def test_an_amount_rounded_from_the_other_ties_and_one_cent_more_does_not(cents, rate):
    text = f"{rate // 10**8}.{rate % 10**8:08d}"
    exact = cents * rate
    rounded = (2 * abs(exact) + 10**8) // (2 * 10**8) * (1 if exact >= 0 else -1)

    assert in_rmb(cents, rounded, text, "USD")
    assert not in_rmb(cents, rounded + 2 + rate // 10**8 + 1, text, "USD")


def test_payouts_are_shown_with_what_ties_and_what_does_not(bring, as_user):
    good, bad = files.payouts(2)
    bring_all(bring, [good])
    bring("b.csv", bad.batch())
    bring("d.csv", bad.detail_file())
    bad.details[0].fees.pop()
    bring("f.csv", bad.fee_file())
    clerk = as_user("chen", teams={"finance": "member"}, language="en")
    db.session.rollback()  # to see that session

    listed = clerk.get("/finance/settlements").text
    assert (listed.count(">do not tie<"), listed.count(">tie<")) == (1, 3)
    pages = [clerk.get(f"/finance/settlements/{place}") for place in (1, 2)]
    assert sorted(page.text.count("does not tie") for page in pages) == [0, 1]
    assert clerk.get("/finance/settlements/1?show=other&page=99").status_code == 200
    assert clerk.get("/finance/settlements?page=99999999999").status_code == 200
    assert clerk.get("/finance/settlements/3").status_code == 404
