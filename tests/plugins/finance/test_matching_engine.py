"""The engine by itself: the truth of made-up months, the oracle, and what may not change when rows move about."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import pytest

from plugins.finance.matching import ties
from plugins.finance.matching.classes import LINE_CLASSES, ORDER_CLASSES, PARTS
from plugins.finance.matching.engine import Outcome, reconcile
from plugins.finance.matching.groups import accepted
from plugins.finance.matching.rules import RuleSet, Tolerance, rule_set
from plugins.finance.matching.verdicts import CARRIED, CONFIRMED, DONE, DUE_LATE, LATE, PAID, WAITING
from tests.fixtures.ledger import CUTOFF, FEE, Ledger

RULES = RuleSet()
DAY = 86_400


def frames(ledger: Ledger) -> tuple[pd.DataFrame, pd.DataFrame]:
    """A made-up month as the engine takes it, without its repeated rows."""
    late = ledger.time >= CUTOFF
    flags = (
        PAID
        + CARRIED * (ledger.time < 0)
        + LATE * late
        + CONFIRMED * ledger.confirmed
        + DONE * (ledger.confirmed | ledger.confirmed_late)
        + WAITING * ~ledger.confirmed
    )
    orders = pd.DataFrame(
        {
            "no": ledger.number,
            "pay": ledger.payment[ledger.group],
            "key": ledger.number.astype(str),
            "total": ledger.price,
            "refund": ledger.refund,
            "net": np.zeros(ledger.count, bool),
            "flags": flags.astype(np.uint8),
            "rate:commission": ledger.rate,
        }
    )
    kept = {name: column[ledger.genuine] for name, column in ledger.lines.items()}
    order, part = kept["order"], kept["part"]
    known = order >= 0
    number = np.where(known, ledger.number[order], np.where(part == 3, -1, 4 * 10**18 - order))
    named = (part == 0) & known
    merged = np.zeros(len(order), bool)
    merged[named] = ledger.sizes[order[named]] > 1
    lines = pd.DataFrame(
        {
            "order": np.where(merged, -1, number),
            "trade": np.where(named, ledger.payment[ledger.group][order], -1),
            "part": part.astype(np.int8),
            "subject": np.where(part == FEE, 0, -1),
            "amount": kept["amount"],
            "at": kept["at"],
            "key": kept["flow"],
            "elsewhere": np.zeros(len(order), bool),
        }
    )
    return orders, lines


def names(found: Outcome) -> tuple[list[str], list[str]]:
    return [ORDER_CLASSES[code] for code in found.orders], [LINE_CLASSES[code] for code in found.lines]


@pytest.mark.parametrize("seed", [1, 7, 11])
def test_every_row_of_a_made_up_month_is_in_its_true_class(seed: int) -> None:
    ledger = Ledger(10_000, seed)
    orders, lines = names(reconcile(*frames(ledger), RULES))
    assert orders == ledger.order_class.tolist()
    assert lines == ledger.line_truth[ledger.genuine].tolist()


def test_every_sum_ties_out_from_the_books_to_the_statement() -> None:
    orders, lines = frames(Ledger(3_000, 5))
    found = reconcile(orders, lines, RULES)
    checks = [*ties.books_to_statement(orders, lines, found), *ties.carry(orders, found)]
    assert [check.name for check in checks if not check.ok] == []
    assert len(checks) == 4


def oracle(orders: pd.DataFrame, lines: pd.DataFrame) -> dict[int, str]:
    """The class of each order by number, written as simply as it can be."""
    by_number = {row.no: row for row in orders.itertuples()}
    members: dict[int, list[Any]] = {}
    for row in by_number.values():
        members.setdefault(row.pay, []).append(row)
    first: dict[int, int] = {}
    back: dict[int, int] = dict.fromkeys(by_number, 0)
    fees: dict[int, int] = dict.fromkeys(by_number, 0)
    for line in sorted(lines.itertuples(), key=lambda line: (line.at, line.key)):
        if line.part == 0:
            first.setdefault(line.trade, line.amount)
        elif line.order in by_number:
            (back if line.part == 1 else fees)[line.order] -= line.amount
    found = {}
    for number, row in by_number.items():
        carried, came = bool(row.flags & CARRIED), first.get(row.pay)
        due = ((row.total - row.refund) * orders.at[row.Index, "rate:commission"] + 5000) // 10_000
        off = abs(fees[number] - (due if row.flags & CONFIRMED else 0))
        if came is None:
            found[number] = "CARRY_OPEN" if carried else "CROSS_OUT" if row.flags & LATE else "MISSING_STMT"
        elif came != sum(each.total for each in members[row.pay]):
            found[number] = "AMOUNT"
        elif back[number] != row.refund:
            found[number] = "REFUND"
        elif off > 1:
            found[number] = "FEE"
        else:
            found[number] = "CROSS_IN" if carried else "TOL" if off else "OK"
    return found


@pytest.mark.parametrize("seed", [2, 3])
def test_the_engine_says_what_a_simple_dictionary_says(seed: int) -> None:
    orders, lines = frames(Ledger(2_000, seed))
    found = names(reconcile(orders, lines, RULES))[0]
    assert dict(zip(orders["no"].tolist(), found, strict=True)) == oracle(orders, lines)


def test_the_order_of_rows_does_not_matter() -> None:
    orders, lines = frames(Ledger(2_000, 4))
    plain = reconcile(orders, lines, RULES)
    chance = np.random.default_rng(1)
    one, two = chance.permutation(len(orders)), chance.permutation(len(lines))
    moved = reconcile(orders.iloc[one].reset_index(drop=True), lines.iloc[two].reset_index(drop=True), RULES)
    assert (moved.orders == plain.orders[one]).all()
    assert (moved.lines == plain.lines[two]).all()


def test_one_more_pair_that_agrees_changes_nothing_else() -> None:
    orders, lines = frames(Ledger(2_000, 4))
    plain = reconcile(orders, lines, RULES)
    one = _order(no=77, pay=-1, total=5000)
    more = reconcile(pd.concat([orders, one]), pd.concat([lines, _line(order=77, amount=5000)]), RULES)
    assert (more.orders[:-1] == plain.orders).all() and (more.lines[:-1] == plain.lines).all()
    assert ORDER_CLASSES[more.orders[-1]] == LINE_CLASSES[more.lines[-1]] == "OK"


def test_a_hundred_times_the_money_gives_the_same_classes() -> None:
    orders, lines = frames(Ledger(2_000, 4))
    exact = rule_set({"tolerance": {"fee": {"fen": 100}}})
    plain = reconcile(orders, lines, RULES)
    for frame, columns in ((orders, ("total", "refund")), (lines, ("amount",))):
        for column in columns:
            frame[column] *= 100
    more = reconcile(orders, lines, exact)
    same = plain.orders == more.orders  # a fen rounded is not a yuan rounded: fees within tolerance may move
    assert set(np.array(ORDER_CLASSES)[plain.orders[~same]]) <= {"OK", "TOL", "FEE"}
    assert more.receipts.came.tolist() == (plain.receipts.came * 100).tolist()


def _order(**given: Any) -> pd.DataFrame:
    usual = {"no": 1, "pay": -1, "total": 10_000, "refund": 0, "net": False, "flags": PAID, "rate:commission": -1}
    row = usual | given
    return pd.DataFrame([row | {"key": str(row["no"])}])


def _line(**given: Any) -> pd.DataFrame:
    usual = {"order": 1, "trade": -1, "part": 0, "subject": -1, "amount": 10_000, "at": 0, "key": 0, "elsewhere": False}
    if given.get("part") == 2:
        usual["subject"] = 0
    return pd.DataFrame([usual | given])


def small(
    orders: list[Mapping[str, Any]], lines: list[Mapping[str, Any]], rules: RuleSet = RULES
) -> tuple[list[str], list[str]]:
    """Classes of a few rows; parts by name, lines numbered as they come."""
    of = pd.concat([_order(**each) for each in orders], ignore_index=True)
    told = [
        _line(key=place, at=place, **{**each, "part": PARTS.index(each.get("part", "pay"))})
        for place, each in enumerate(lines)
    ]
    empty = _line().iloc[:0]
    found = reconcile(of, pd.concat(told, ignore_index=True) if told else empty, rules)
    frame = pd.concat(told, ignore_index=True) if told else empty
    assert all(check.ok for check in ties.books_to_statement(of, frame, found))
    return names(found)


NET = {"total": 10_000, "refund": 10_000, "net": True}
PART = {"total": 10_000, "refund": 3_000, "net": True}


@pytest.mark.parametrize(
    ("order", "lines", "expected"),
    [
        (NET, [], "OK"),  # refunded before the settlement: no money ever came
        (NET, [{"amount": 10_000}, {"part": "refund", "amount": -10_000}], "OK"),
        (NET, [{"amount": 10_000}], "REFUND"),  # it came, and was not given back
        (PART | {"flags": PAID | DONE}, [{"amount": 10_000}], "OK"),
        (PART | {"flags": PAID | DONE}, [{"amount": 7_000}], "OK"),
        (PART, [{"amount": 10_000}, {"part": "refund", "amount": -3_000}], "OK"),
        (PART, [{"amount": 7_000}, {"part": "refund", "amount": -3_000}], "REFUND"),  # given back twice
        ({"flags": PAID | DONE}, [{"amount": 10_000}, {"part": "refund", "amount": -500}], "OK"),  # after completion
        ({"flags": PAID | DONE}, [{"amount": 10_000}, {"part": "refund", "amount": -10_001}], "REFUND"),
        ({"flags": PAID}, [{"amount": 10_000}, {"part": "refund", "amount": -500}], "REFUND"),
        ({"refund": 400}, [{"amount": 10_000}, {"part": "refund", "amount": -400}], "OK"),
        ({"refund": 400}, [{"amount": 10_000}], "REFUND"),
        (
            {"refund": 400, "flags": PAID | DONE},
            [{"amount": 10_000}, *[{"part": "refund", "amount": -400}] * 2],
            "REFUND",
        ),
    ],
)
def test_a_refund_before_the_settlement_leaves_no_line_and_one_after_it_no_trace_in_the_books(
    order: Mapping[str, Any], lines: list[Mapping[str, Any]], expected: str
) -> None:
    assert small([order], lines)[0] == [expected]


def test_a_commission_given_back_with_a_late_refund_agrees() -> None:
    order = {"flags": PAID | DONE | CONFIRMED, "rate:commission": 500}
    paid, back = {"amount": 10_000}, {"part": "refund", "amount": -10_000}
    fee, returned = {"part": "fee", "amount": -500}, {"part": "fee", "amount": 500}
    assert small([order], [paid, fee])[0] == ["OK"]
    assert small([order], [paid, fee, back])[0] == ["OK"]
    assert small([order], [paid, fee, back, returned])[0] == ["OK"]
    assert small([order], [paid, fee, returned])[0] == ["FEE"]
    assert small([order], [paid])[0] == ["FEE"]


def test_a_deposit_and_its_balance_make_up_one_payment() -> None:
    parts = [{"amount": 3_000}, {"amount": 7_000}]
    assert small([{}], parts) == (["OK"], ["OK", "OK"])
    assert small([{}], [*parts, {"amount": 7_000}]) == (["OK"], ["OK", "OK", "DUP_PAY"])
    assert small([{}], [{"amount": 10_000}, {"amount": 3_000}]) == (["OK"], ["OK", "DUP_PAY"])
    assert small([{}], [{"amount": 3_000}, {"amount": 6_999}]) == (["AMOUNT"], ["AMOUNT", "AMOUNT"])


@pytest.mark.parametrize(
    ("amounts", "kept"),
    [([100], [1]), ([40, 60], [1, 1]), ([100, 100], [1, 0]), ([101, 101], [1, 0]), ([99, 99, 1], [1, 0, 1])],
)
def test_receipts_count_as_long_as_they_make_up_what_is_due(amounts: list[int], kept: list[int]) -> None:
    assert accepted(amounts, 100, 100) == list(map(bool, kept))


def test_orders_paid_together_are_compared_together() -> None:
    pair = [{"no": 1, "pay": 9, "total": 100}, {"no": 2, "pay": 9, "total": 250}]
    whole = {"order": -1, "trade": 9}
    assert small(pair, [{**whole, "amount": 350}]) == (["OK", "OK"], ["OK"])
    assert small(pair, [{**whole, "amount": 349}]) == (["AMOUNT", "AMOUNT"], ["AMOUNT"])
    assert small(pair, [{**whole, "amount": 350}] * 2) == (["OK", "OK"], ["OK", "DUP_PAY"])


def test_orders_paid_together_may_arrive_one_by_one() -> None:
    pair = [{"no": 1, "pay": 9, "total": 100}, {"no": 2, "pay": 9, "total": 250}]
    one, two = {"order": 1, "amount": 100, "trade": 9}, {"order": 2, "amount": 250, "trade": 9}
    assert small(pair, [one, two]) == (["OK", "OK"], ["OK", "OK"])
    assert small(pair, [two]) == (["MISSING_STMT", "OK"], ["OK"])
    assert small(pair, [one, {**two, "amount": 251}]) == (["OK", "AMOUNT"], ["OK", "AMOUNT"])


def test_an_order_without_a_receipt_is_missing_under_way_open_in_transit_or_unpaid() -> None:
    def alone(flags: int, due: str = "payment") -> str:
        return small([{"flags": flags}], [], rule_set({"receipt_due": due}))[0][0]

    assert alone(PAID) == "MISSING_STMT"
    assert alone(PAID | LATE) == "CROSS_OUT"
    assert alone(PAID | CARRIED) == "CARRY_OPEN"
    assert alone(0) == "UNPAID"
    assert alone(PAID | WAITING, "confirmation") == alone(PAID | WAITING | CARRIED, "confirmation") == "IN_TRANSIT"
    assert alone(PAID | DONE, "confirmation") == "MISSING_STMT"
    assert alone(PAID | DONE | DUE_LATE, "confirmation") == "CROSS_OUT"
    assert alone(PAID | DONE | CARRIED, "confirmation") == "CARRY_OPEN"


def test_the_data_tell_when_money_is_due() -> None:
    waiting = [{"no": number, "flags": PAID | WAITING} for number in range(1, 4)]
    done = {"no": 9, "flags": PAID | DONE}
    came = [{"order": 9}, {"order": 1}]
    assert small([*waiting, done], came)[0] == ["OK", "IN_TRANSIT", "IN_TRANSIT", "OK"]
    assert small([*waiting, done], [*came, {"order": 2}])[0] == ["OK", "OK", "MISSING_STMT", "OK"]


def test_lines_of_no_order_are_classed_not_lost() -> None:
    lines = [
        {"order": 5},
        {"order": 5, "elsewhere": True},
        {"order": -1},
        {"order": -1, "part": "fee", "amount": -5},
        {"order": 5, "part": "fee", "amount": -5},
        {"order": -1, "part": "refund", "amount": -5},
        {"order": -1, "part": "other", "amount": -5},
        {"order": 1},
    ]
    found = small([{}], lines)[1]
    assert found == ["STMT_ONLY", "OTHER_PERIOD", "STMT_ONLY", "OTHER", "STMT_ONLY", "STMT_ONLY", "OTHER", "OK"]


def test_tolerances_hold_for_each_part_and_for_the_period_together() -> None:
    loose = RuleSet(tolerance={"pay": Tolerance(2), "refund": Tolerance(0, 10), "fee": Tolerance(0, 0, 0)})
    assert small([{}], [{"amount": 9_998}], loose) == (["TOL"], ["OK"])
    assert small([{}], [{"amount": 9_997}], loose) == (["AMOUNT"], ["AMOUNT"])
    back = [{"amount": 10_000}, {"part": "refund", "amount": -1_009}]
    assert small([{"refund": 1_000}], back, loose)[0] == ["TOL"]
    orders, lines = _order(**{"rate:commission": 100, "flags": PAID | CONFIRMED}), [_line(), _line(part=2, amount=-99)]
    bounded = rule_set({"tolerance": {"fee": {"fen": 1, "total": 0}}})
    frame = pd.concat(lines, ignore_index=True)
    checks = list(ties.tolerated(reconcile(orders, frame, bounded), bounded))
    assert [(check.name, check.expected, check.found) for check in checks] == [("tolerated: fee", 0, 1)]


def test_an_unknown_rate_expects_nothing_and_finds_nothing_wrong() -> None:
    fee = {"part": "fee", "amount": -77}
    assert small([{"flags": PAID | CONFIRMED}], [{}, fee]) == (["OK"], ["OK", "OK"])
    assert small([{"flags": PAID, "rate:commission": 500}], [{}, fee]) == (["FEE"], ["OK", "FEE"])


def test_balances_chain_in_whatever_order_their_rows_come() -> None:
    amount = np.array([100, -30, 50, -30])
    after = 1_000 + np.cumsum(amount)
    order = np.array([2, 0, 3, 1])
    whole = ties.chain("a", (after - amount)[order], after[order], np.arange(4)[order])
    assert (whole.expected, whole.found, whole.ok) == (1_090, 1_090, True)
    some = np.array([0, 2, 3])
    broken = ties.chain("a", (after - amount)[some], after[some], some)
    assert (broken.expected, broken.found, broken.ok) == (1_120, 1_090, False)
