"""The balance statement: flat when every line is explained, and never flat when one is not."""

import json

from hypothesis import given, settings
from hypothesis import strategies as st

from plugins.finance.periods.balance import GROUP, LOOSE, Balances, BalanceSheet, sheet_of, table

MAIN, WALLET = "alipay:2088", "wechat:1"
FEN = st.integers(1, 10**7)


def group(
    code, total, *, refund=0, net=0, received=None, returned=0, carried=False, account=MAIN, elsewhere=0, orders=1
):
    received = total if received is None else received
    return (account, code, carried, total, refund, net, received, returned, elsewhere, orders)


def loose(code, amount, *, fee=False, account=MAIN):
    return (account, code, fee, amount)


def sheet(groups=(), lines=(), **balances):
    says = {MAIN: Balances(**balances)} if balances else {}
    return sheet_of(table(GROUP, groups), table(LOOSE, lines), says)


def lines(rows):
    return [(row.place, row.code, row.count, row.amount) for row in rows]


NOVEMBER = [
    group("OK", 10000),
    group("OK", 5900, refund=900, returned=900),  # refunded by a line
    group("OK", 4000, refund=1000, net=1000, received=3000),  # refunded before it settled: no line
    group("TOL", 3000, returned=500),  # refunded after the sale: only the statement knows
    group("CROSS_IN", 2000, carried=True),
    group("CARRY_OPEN", 1500, carried=True, received=0),
    group("CROSS_OUT", 7000, received=0),
    group("MISSING_STMT", 800, received=0, orders=2),
    group("AMOUNT", 6000, received=5990),
    group("REFUND", 2500, refund=300),  # promised, not paid yet
    group("REFUND", 2600, returned=200, refund=100),  # paid back twice
]
OTHERS = [
    loose("OK", -500, fee=True),
    loose("FEE", -20, fee=True),
    loose("STMT_ONLY", 1234),
    loose("OTHER", -30000),
    loose("OTHER", 70),
    loose("OTHER_PERIOD", -45),
    loose("DUP_PAY", 6000),
]
MOVED = 10000 + 5000 + 3000 + 2500 + 2000 + 5990 + 2500 + 2400 - 520 + 1234 - 29930 - 45 + 6000


def test_every_line_of_a_month_stands_in_its_place():
    (account,) = sheet(NOVEMBER, OTHERS, opening=100_000, closing=100_000 + MOVED).accounts

    assert lines(account.books) == [
        ("start", "OPENING", 1, 100_000),
        ("start", "CARRIED", 2, 3500),
        ("start", "DUE", 10, 41_800),
        ("start", "REFUNDS", 4, -2300),
        ("received", "STMT_ONLY", 1, 1234),
        ("received", "OTHER", 1, 70),
        ("paid", "FEES", 2, -520),
        ("paid", "LATER", 1, -500),
        ("paid", "OVER", 1, -100),
        ("paid", "OTHER_PERIOD", 1, -45),
        ("paid", "OTHER", 1, -30_000),
        ("error", "AMOUNT", 1, -10),
    ]
    assert lines(account.statement) == [
        ("start", "CLOSING", 1, 100_000 + MOVED),
        ("received", "CROSS_OUT", 1, 7000),
        ("received", "MISSING_STMT", 1, 800),
        ("received", "CARRY_OPEN", 1, 1500),
        ("paid", "UNDER", 1, -300),
        ("error", "DUP_PAY", 1, -6000),
    ]
    assert (account.books_after, account.statement_after, account.difference) == (113_129, 113_129, 0)
    assert account.sum("books", "paid") == -31_165


def test_a_closing_balance_that_the_lines_do_not_come_to_is_not_flat():
    found = sheet(NOVEMBER, OTHERS, opening=100_000, closing=100_000 + MOVED - 5990)

    assert not found.flat
    assert found.difference == -5990


def test_an_order_said_to_agree_that_does_not_is_not_flat():
    assert sheet([group("OK", 6000, received=5990)]).difference == -10
    assert sheet([group("OK", 6000, received=5990, returned=10)]).difference == -20
    assert sheet([group("OK", 6000, refund=100, returned=200)]).difference == -100


def test_a_refund_before_the_settlement_may_be_in_the_receipt_or_in_neither():
    for came in ({"received": 5000}, {"received": 6000}, {"received": 6000, "returned": 1000}):
        assert sheet([group("OK", 6000, refund=1000, net=1000, **came)]).flat
    assert not sheet([group("OK", 6000, refund=1000, received=6000)]).flat  # it kept the money and never paid it back
    (account,) = sheet([group("OK", 6000, refund=1000, net=1000, received=5000, returned=700)]).accounts
    assert lines(account.books)[-1] == ("paid", "LATER", 1, -700)


def test_what_the_rules_tolerate_has_a_line_of_its_own():
    (account,) = sheet([group("TOL", 6000, received=5999)]).accounts

    assert lines(account.books)[-1] == ("error", "TOL", 1, -1)
    assert account.flat
    assert sheet_of(table(GROUP, [group("CROSS_IN", 6000, received=5999)]), table(LOOSE), {}, slack=1).flat
    assert not sheet_of(table(GROUP, [group("CROSS_IN", 6000, received=5998)]), table(LOOSE), {}, slack=1).flat


def test_a_statement_without_balances_is_brought_to_its_movements():
    (account,) = sheet([group("OK", 6000)], [loose("OK", -30, fee=True)]).accounts

    assert lines(account.books) == [("start", "DUE", 1, 6000), ("paid", "FEES", 1, -30)]
    assert lines(account.statement) == [("start", "MOVED", 1, 5970)]
    assert account.flat


def test_a_refund_paid_from_another_account_leaves_both_flat():
    found = sheet_of(
        table(GROUP, [group("OK", 6000, refund=500, returned=500, elsewhere=-500)]),
        table(LOOSE, [loose("ELSEWHERE", -500, account=WALLET)]),
        {},
    )
    main, wallet = found.accounts

    assert lines(main.statement) == [("start", "MOVED", 1, 6000), ("paid", "ELSEWHERE", 1, -500)]
    assert lines(wallet.books) == [("paid", "ELSEWHERE", 1, -500)]
    assert (main.flat, wallet.flat, found.flat) == (True, True, True)


def test_two_errors_that_cancel_each_other_between_accounts_are_not_flat():
    found = sheet_of(
        table(GROUP, [group("OK", 6000, received=5990), group("OK", 6000, received=6010, account=WALLET)]),
        table(LOOSE),
        {},
    )

    assert found.difference == 0
    assert not found.flat


def test_a_sheet_survives_being_kept():
    found = sheet(NOVEMBER, OTHERS, opening=1, closing=2)

    assert BalanceSheet.of(json.loads(json.dumps(found.data()))) == found


def test_nothing_is_flat():
    assert sheet().flat
    assert sheet(opening=5, closing=5).flat


GROUPS = st.one_of(
    st.builds(lambda total: group("OK", total), FEN),
    st.builds(lambda total, back: group("OK", total + back, refund=back, returned=back), FEN, FEN),
    st.builds(lambda total, back: group("TOL", total + back, refund=back, received=total), FEN, FEN),
    st.builds(lambda total, back: group("FEE", total + back, returned=back), FEN, FEN),
    st.builds(
        lambda code, total: group(code, total, received=0),
        st.sampled_from(["CROSS_OUT", "MISSING_STMT", "CARRY_OPEN", "IN_TRANSIT"]), FEN,
    ),
    st.builds(lambda total, came: group("AMOUNT", total, received=came), FEN, FEN),
    st.builds(lambda total, due, back: group("REFUND", total, refund=due, returned=back), FEN, FEN, FEN),
)  # fmt: skip
LINES = st.builds(
    lambda code, amount: loose(code, amount if code != "DUP_PAY" else abs(amount), fee=code in ("OK", "FEE")),
    st.sampled_from(["OK", "FEE", "STMT_ONLY", "OTHER", "OTHER_PERIOD", "DUP_PAY"]),
    st.integers(-(10**7), 10**7),
)


@settings(max_examples=40)
@given(st.lists(GROUPS, max_size=8), st.lists(LINES, max_size=6), st.integers(-(10**9), 10**9), st.integers(-5, 5))
def test_it_is_flat_exactly_when_nothing_is_missing(groups, others, opening, missing):
    moved = sum(row[6] - row[7] for row in groups) + sum(row[3] for row in others)

    found = sheet(groups, others, opening=opening, closing=opening + moved + missing)

    assert found.difference == missing
    assert found.flat == (missing == 0)
