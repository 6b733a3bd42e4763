"""Every figure of a balance statement opens the rows that it is the sum of."""

from plugins.finance.periods import behind
from plugins.finance.periods.balances import balance_sheet
from tests.plugins.finance.papers import november


def test_the_rows_behind_a_figure_come_to_it(in_app):
    month = november()
    month.order("2510000000000000099", 4_000, 28, month=10)
    month.line(4_000, "2510000000000000099")
    month.line(-7, "2511000000000000001", kind="收费", memo="运费险")
    run = month.reconcile()
    (account,) = balance_sheet(run).accounts
    seen = set()
    for row in (*account.books, *account.statement):
        if row.code not in behind.LABELS:
            continue
        if row.code in behind.ORDERS:
            found, count = behind.orders(run, row.code, 1)
        else:
            found, count = behind.lines(run, row.code, account.account, 1)
        assert (row.code, sum(each["amount"] for each in found), len(found)) == (row.code, row.amount, count)
        seen.add(row.code)
    assert seen >= {"DUE", "CARRIED", "FEES"}


def test_the_page_of_a_balance_opens_them(in_app, as_user):
    run = november().reconcile()
    member = as_user("li", teams={"finance": "member"})
    page = member.get(f"/finance/runs/{run.id}/balance").text
    assert f'href="/finance/runs/{run.id}/balance/FEES?account=alipay:2088000000000156"' in page
    assert member.get(f"/finance/runs/{run.id}/balance/DUE").status_code == 200
    assert member.get(f"/finance/runs/{run.id}/balance/NOTHING").status_code == 404
