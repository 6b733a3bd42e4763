"""Periods: prepared by one, signed by another, locked, and open again when their figures change."""

from datetime import date

import pytest
from sqlalchemy import select

from core.audit import services as audit
from core.contracts import SYSTEM, Ref
from core.extensions import db
from core.imports.undoing import undo
from core.messages import Refusal, Stale
from core.stores.models import Order
from plugins.finance.differences import services as differences
from plugins.finance.matching import services as matching
from plugins.finance.matching.manual import match_by_hand
from plugins.finance.overview import jobs as overview
from plugins.finance.periods import locks, rules, services
from tests.plugins.finance.desk import TEAMS, TOTALS, Desk, imported


@pytest.fixture
def people(make_user):
    return {name: make_user(name, teams=teams) for name, teams in TEAMS.items()}


@pytest.fixture
def desk(in_app, people):
    return Desk(people)


@pytest.fixture
def signed(desk):
    """November, prepared by one and signed by another."""
    run = desk.run(digest="d" * 64)
    services.prepare(run.id, desk.actor("wen"))
    services.sign(desk.period().id, desk.actor("qian"))
    return desk


def told(period):
    events = reversed(audit.events_of(Ref("finance.period", period.id)))
    return [(each.verb, each.data["from"], each.data["to"]) for each in events]


def test_a_month_becomes_a_period_with_its_first_run_and_other_days_do_not(desk):
    desk.run(first=date(2026, 11, 3), last=date(2026, 11, 9))
    desk.run()
    desk.run()

    period = desk.period()
    assert (period.first, period.last, period.state) == (date(2026, 11, 1), date(2026, 11, 30), "open")
    assert told(period) == [("began the period", "", "open")]


def test_everything_that_stands_in_the_way_is_named(desk):
    asked, left = desk.order("1001", 90_000), desk.order("1002")
    totals = {**TOTALS, "tie_out": {"ok": False, "checks": []}}
    run = desk.run(desk.found(asked, amount=-60_000), desk.found(left), totals=totals)
    differences.resolve([desk.difference(asked).id], desk.actor("wen"), "write_off", "丢件")
    imported(desk, "补充.csv", desk.line("1", 100))

    with pytest.raises(Refusal) as refused:
        services.prepare(run.id, desk.actor("wen"))

    assert [str(reason) for reason in refused.value.reasons] == [
        "Something was imported, edited or matched by hand after the run: reconcile again.",
        "The run does not tie out; see its checks.",
        "1 differences are neither settled, handed over nor carried forward.",
        "1 write-offs wait for a second person.",
    ]


def test_a_balance_statement_that_is_not_flat_cannot_be_signed(desk):
    sheet = {"account": "alipay:1", "books": [["start", "DUE", 1, 100]], "statement": [["start", "CLOSING", 1, 99]]}
    run = desk.run(totals={**TOTALS, "balance": [sheet]})

    with pytest.raises(Refusal, match="not flat"):
        services.prepare(run.id, desk.actor("wen"))


def test_handed_over_and_carried_differences_do_not_stand_in_the_way(desk):
    orders = [desk.order("1001"), desk.order("1002", day=29)]
    run = desk.run(desk.found(orders[0]), desk.found(orders[1], "CROSS_OUT", -10_000, found=0))
    differences.hand_over([desk.difference(orders[0]).id], desk.actor("wen"))
    differences.resolve([desk.difference(orders[1]).id], desk.actor("wen"), "carry", "12 月初到账")

    period = services.prepare(run.id, desk.actor("wen"))

    assert (period.state, period.run_id, period.digest) == ("prepared", run.id, run.digest)


def test_who_prepared_does_not_sign(desk):
    run = desk.run()
    period = services.prepare(run.id, desk.actor("qian"))

    with pytest.raises(Refusal, match="somebody else has to sign"):
        services.sign(period.id, desk.actor("qian"))
    with pytest.raises(Stale):
        services.sign(period.id, desk.actor("jin"), version=1)
    services.sign(period.id, desk.actor("jin"))

    assert (desk.period().state, desk.period().signed_by_id) == ("signed", desk.actor("jin").user_id)


def test_only_the_newest_run_is_prepared(desk):
    first = desk.run()
    desk.run()

    with pytest.raises(Refusal, match="Run 2 is newer"):
        services.prepare(first.id, desk.actor("wen"))


def test_a_signed_period_is_locked(desk):
    order = desk.order("1001")
    desk.order("1002")
    line = desk.line("1", 9_999, "1001")
    run = desk.run(desk.found(order))
    row = desk.difference(order)
    differences.resolve([row.id], desk.actor("wen"), "write_off", "尾差")
    services.prepare(run.id, desk.actor("wen"))
    services.sign(desk.period().id, desk.actor("qian"))

    with pytest.raises(Refusal, match="signed and locked"):
        differences.undo([row.id], desk.actor("wen"), "x")
    with pytest.raises(Refusal, match="signed and locked"):
        match_by_hand(line.id, desk.actor("wen"), "x", order_no="1002")
    with pytest.raises(Refusal, match="signed and locked"):
        locks.demand_open(desk.store.id, date(2026, 11, 30), date(2026, 12, 31))
    locks.demand_open(desk.store.id, date(2026, 12, 1), date(2026, 12, 31))
    assert desk.difference(order).state == "closed"


def test_the_next_period_still_settles_what_a_signed_one_carried(desk):
    order = desk.order("1001", day=29)
    run = desk.run(desk.found(order, "CROSS_OUT", -10_000, found=0))
    differences.resolve([desk.difference(order).id], desk.actor("wen"), "carry", "12 月到账")
    services.prepare(run.id, desk.actor("wen"))
    services.sign(desk.period().id, desk.actor("qian"))

    desk.run(results=[(order, "CROSS_IN")], first=date(2026, 12, 1), last=date(2026, 12, 31))

    assert (desk.difference(order).state, desk.difference(order).resolution) == ("closed", "arrived")


def test_a_late_file_takes_the_signature_back_and_says_which(signed):
    batch = imported(signed, "20881_11月补.csv", signed.line("9", 100, day=30))

    services.hear_import(batch, signed.actor("wen"))

    period = signed.period()
    assert (period.state, period.signed_by_id, period.digest) == ("open", None, "")
    assert period.reason == "20881_11月补.csv was imported after the signature."
    assert told(period)[-1] == ("took the signature back", "signed", "open")


def test_files_of_other_days_and_the_very_same_file_leave_it_signed(signed):
    line = signed.line("9", 100, day=2, month=12)
    services.hear_import(imported(signed, "12月.csv", line), signed.actor("wen"))
    assert signed.period().state == "signed"

    late = signed.line("10", 100)
    imported(signed, "11月.csv", late, sha256="2" * 64)
    services.hear_import(imported(signed, "11月.csv", late, sha256="2" * 64), signed.actor("wen"))

    assert signed.period().state == "signed"


def test_a_file_taken_back_takes_the_signature_with_it_if_the_run_had_counted_it(desk):
    november = imported(desk, "11月.csv", order := desk.order("1001"), kind="core.order")
    december = imported(desk, "12月.csv", desk.order("1002", month=12), kind="core.order", sha256="2" * 64)
    run = desk.run(results=[(order, "OK")], digest="d" * 64)
    services.prepare(run.id, desk.actor("wen"))
    services.sign(desk.period().id, desk.actor("qian"))

    undo(december.id, desk.actor("wen"))
    assert desk.period().state == "signed"

    undo(november.id, desk.actor("wen"))
    assert db.session.scalars(select(Order.id)).all() == []
    assert (desk.period().state, desk.period().reason) == ("open", "11月.csv was taken back after the signature.")


def test_an_edited_order_takes_the_signature_back(signed):
    order = signed.order("1009")

    services.hear_record(order, signed.actor("gao"))

    assert (signed.period().state, signed.period().reason) == (
        "open",
        "Order 1009 was edited after the signature.",
    )


def test_other_records_and_other_days_leave_it_signed(signed):
    services.hear_record(signed.store, SYSTEM)
    services.hear_record(signed.order("1010", month=12), SYSTEM)

    assert signed.period().state == "signed"


def test_the_nightly_check_takes_back_what_does_not_come_out_again(signed):
    assert services.check_signatures(lambda run: run.digest) == {"checked": 1, "taken_back": []}
    assert services.check_signatures(lambda run: "e" * 64) == {"checked": 1, "taken_back": [1]}

    assert signed.period().reason == "The figures computed again are not those that were signed."
    assert services.check_signatures(lambda run: "e" * 64) == {"checked": 0, "taken_back": []}


def test_opening_again_needs_a_reason_and_stays_in_the_history(signed):
    with pytest.raises(Refusal) as refused:
        services.reopen(signed.period().id, signed.actor("qian"), " ")
    assert list(refused.value.fields) == ["reason"]

    services.reopen(signed.period().id, signed.actor("qian"), "漏了一个账户")

    assert (signed.period().state, signed.period().reason) == ("open", "漏了一个账户")
    assert [verb for verb, _, _ in told(signed.period())] == [
        "began the period",
        "prepared the period",
        "signed the period",
        "opened the period again",
    ]


def test_a_prepared_period_is_sent_back_with_a_reason(desk):
    run = desk.run()
    period = services.prepare(run.id, desk.actor("wen"))

    services.send_back(period.id, desk.actor("qian"), "手续费没查")

    assert (desk.period().state, desk.period().prepared_by_id) == ("open", None)


def test_days_that_overlap_a_signed_period_are_no_period(signed):
    run = signed.run(first=date(2026, 11, 20), last=date(2026, 12, 5))

    with pytest.raises(Refusal, match="overlap"):
        services.prepare(run.id, signed.actor("wen"))


@pytest.mark.parametrize(
    ("day", "month"),
    [
        (date(2026, 2, 28), (date(2026, 2, 1), date(2026, 2, 28))),
        (date(2028, 2, 1), (date(2028, 2, 1), date(2028, 2, 29))),
        (date(2026, 12, 31), (date(2026, 12, 1), date(2026, 12, 31))),
    ],
)
def test_a_period_is_a_month_by_default(day, month):
    assert rules.month_of(day) == month
    assert rules.is_month(*month)
    assert rules.month_before(date(2026, 1, 15)) == (date(2025, 12, 1), date(2025, 12, 31))


def test_no_run_changes_a_signed_period(signed):
    with pytest.raises(Refusal, match="signed and locked"):
        matching.reconcile(signed.store.id, date(2026, 11, 1), date(2026, 11, 30), signed.actor("wen"))

    assert signed.period().state == "signed"
    assert overview.digest_of(signed.period().run) != "d" * 64
