"""Bills that may be cut off, that leave a gap, or that do not say whose account they are of."""

from contextvars import Context

import pytest
from sqlalchemy import select

from core.contracts import Actor
from core.extensions import db
from core.imports import services as imports
from core.imports.models import ImportRow
from core.messages import Refusal
from core.web import say
from plugins.finance.books import assigning, joins
from plugins.finance.books.models import Control, Line
from plugins.finance.matching import services
from plugins.finance.matching.repeats import OVERLAP
from plugins.finance.periods.services import newer_than
from tests.fixtures import money

LI = Actor(None, "li", admin=True)
LINES = money.movements(60)
WHOLE = money.statement(LINES).splitlines(keepends=True)
HEAD, ROWS, END = WHOLE[:5], WHOLE[5:65], WHOLE[65:]
NAMELESS = [line for line in HEAD if not line.startswith("#账号".encode("gb18030"))]
DAYS = (money.FIRST.date(), money.LAST.date())


def bring(lines, name="bill.csv"):
    reading = imports.read_file(b"".join(lines), name, imports.importers_for(LI))
    return imports.import_now(reading, "S", LI)[0]


def told(batch):
    (bill,) = joins.bills_of(batch)
    return [say(reason) for reason in bill.unsure]


def accounts():
    db.session.rollback()
    return sorted(db.session.scalars(select(Line.account).distinct()))


def test_a_bill_cut_between_two_rows_is_suspected_and_the_one_that_goes_on_names_the_gap(in_app):
    cut = bring([*HEAD, *ROWS[:20]])
    (said,) = told(cut)
    assert "the totals at its end are missing" in said and f"{LINES[19]['at']:%Y-%m-%d %H:%M:%S}" in said

    rest = bring([*HEAD, *ROWS[23:]], "rest.csv")

    missing = sum(line["fen"] for line in LINES[20:23])
    gap = (
        f"the balance goes from {money.yuan(LINES[19]['balance'])} to {money.yuan(LINES[22]['balance'])} by nothing "
        f"that is stored: movements of {money.yuan(missing)} are missing."
    )
    assert gap in told(rest)[0] and gap in told(cut)[0]
    run = services.reconcile(cut.store_id, *DAYS, LI)
    assert [check["name"] for check in run.totals["tie_out"]["checks"] if not check["ok"]] == [
        f"balance alipay:{money.ACCOUNT}"
    ]

    between = bring([*HEAD, *ROWS[18:25]], "between.csv")
    assert [len(told(batch)) for batch in (cut, between, rest)] == [1, 1, 1]  # only that their totals are missing
    assert services.reconcile(cut.store_id, *DAYS, LI).totals["tie_out"]["ok"]
    assert db.session.scalars(select(Control.chained)).all() == [True]


def test_a_whole_bill_leaves_nothing_to_say(in_app):
    assert told(bring(WHOLE)) == []


def test_lines_of_no_account_go_to_the_one_that_is_said_and_are_not_counted_again(in_app):
    first = bring([*HEAD, *ROWS[:30]])
    nameless = bring([*NAMELESS, *ROWS[20:]], "nameless.csv")
    run = services.reconcile(first.store_id, *DAYS, LI)
    assert run.totals["lines"]["count"] == 30 + 40
    assert accounts() == [f"alipay:{money.ACCOUNT}", "alipay:unknown"]
    assert assigning.known_accounts(first.store_id, "alipay") == [money.ACCOUNT]

    assert assigning.assign(nameless, "alipay:unknown", f" {money.ACCOUNT} ", LI) == 40

    assert accounts() == [f"alipay:{money.ACCOUNT}"]
    assert newer_than(run) == "nameless.csv"
    again = services.reconcile(first.store_id, *DAYS, LI)
    assert again.totals["lines"]["count"] == 60 + 10
    assert [(each["file"], each[OVERLAP]) for each in again.totals["repeats"]] == [("nameless.csv", 10)]
    assert again.totals["tie_out"]["ok"]
    orphans = select(ImportRow.id).where(ImportRow.kind == "finance.line", ImportRow.record_id.not_in(select(Line.id)))
    assert db.session.scalars(orphans).all() == []


def test_an_account_of_another_store_no_number_and_another_amount_are_refused(in_app):
    bring([*HEAD, *ROWS[:3]])
    lines = [dict(line) for line in LINES[:5]]
    lines[1]["fen"] += 1
    for line in lines[1:]:
        line["balance"] += 1
    other = money.statement(lines, account=None, footer=False).splitlines(keepends=True)
    nameless = bring(other, "nameless.csv")
    other_store = imports.read_file(
        money.statement(LINES[5:8], account="2088000000000000"), "o.csv", imports.importers_for(LI)
    )
    imports.import_now(other_store, "T", LI)

    for number, words in (("12", "account number"), ("2088000000000000", "store T"), (money.ACCOUNT, "already")):
        with pytest.raises(Refusal) as refused:
            assigning.assign(nameless, "alipay:unknown", number, LI)
        assert words in " ".join(say(each) for each in (*refused.value.general, *refused.value.fields.values()))
        db.session.rollback()
    assert "alipay:unknown" in accounts()


def test_rows_of_a_bill_that_came_before_are_repeats_in_an_archive_with_its_summary_too(in_app):
    first = bring([*HEAD, *ROWS[:10]])
    bring([money.packed(LINES)], "march.zip")
    run = services.reconcile(first.store_id, *DAYS, LI)
    assert run.totals["line_classes"]["DUP_ROW"]["count"] == 10
    assert [(each["file"], each[OVERLAP]) for each in run.totals["repeats"]] == [("march.zip", 10)]


def test_the_box_of_an_import_asks_whose_it_is_and_takes_the_answer(in_app, as_user):
    nameless = bring([*NAMELESS, *ROWS[:5]])
    client = as_user("qian", teams={"finance": "member"})
    address = f"/finance/imports/{nameless.id}"
    box = Context().run(client.get, f"{address}/bill").text
    assert "not named in the file" in box and "the totals at its end are missing" in box

    def answer(number):
        given = {"nameless": "alipay:unknown", "account": number}
        return Context().run(client.post, f"{address}/account", data=given)

    assert (answer("12").status_code, accounts()) == (422, ["alipay:unknown"])
    assert (answer(money.ACCOUNT).status_code, accounts()) == (303, [f"alipay:{money.ACCOUNT}"])
    assert "not named in the file" not in Context().run(client.get, f"{address}/bill").text
