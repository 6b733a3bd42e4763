"""Real account files, where they are at hand: they are private and not part of the project."""

from pathlib import Path

import pytest
from sqlalchemy import func, select

from core.extensions import db
from core.imports import command
from plugins.finance.books.models import Control, Line, Trade

REAL = Path(__file__).resolve().parents[4] / "shared" / "data" / "real"
FILES = {
    "ShopeX_OMS_financebase_alipay.xlsx": ("finance.alipay_statement", 0),
    "sailorsinbad14_hengji_alipay-fund-flow.csv": ("finance.alipay_flows", 40),
    "unknown-repo_qding-pay-test_业务明细_20190916.csv": ("finance.alipay_business", 10),
    "unknown-repo_iuni-APITest_alipay_account_records_2015.csv": ("finance.alipay_records", 10),
    "unknown-repo_iuni-APITest_alipay_trade_records_2015.csv": ("finance.alipay_trades", 10),
    "deb-sig_double-entry-generator_example-alipay-records.csv": ("finance.alipay_receipt", 10),
}

pytestmark = pytest.mark.skipif(not REAL.exists(), reason="THE REAL FILES ARE NOT THERE: nothing real was tested")


@pytest.mark.parametrize("name", FILES)
def test_every_row_of_a_real_file_is_taken_once(in_app, name):
    path, said = REAL / name, []
    kind, rows = FILES[name]
    for _ in range(2):
        assert command.run([path], "S", new_store=True, as_json=True, echo=said.append) == 0
    assert [f'"kind": "{kind}", "rows": {rows}, ' in text for text in said] == [True, True]
    assert f'"created": {rows}, ' in said[0]
    assert '"created": 0, ' in said[1]


def test_real_fee_lines_find_their_orders(in_app):
    name = "unknown-repo_iuni-APITest_alipay_account_records_2015.csv"
    command.run([REAL / name], "S", new_store=True, echo=lambda _: None)

    found = db.session.execute(select(Line.order_by, func.count()).group_by(Line.order_by)).all()
    assert dict(map(tuple, found)) == {"merchant": 7, "memo": 3}
    points = db.session.scalars(select(Line.order_no).where(Line.merchant_no.startswith("CAE_POINT"))).all()
    assert all(len(number) >= 15 for number in points)


def test_a_real_list_of_trades_agrees_with_its_footer(in_app):
    command.run([REAL / "unknown-repo_qding-pay-test_业务明细_20190916.csv"], "S", new_store=True, echo=lambda _: None)

    sums = db.session.execute(select(Trade.type, func.count(), func.sum(Trade.settlement)).group_by(Trade.type)).all()
    assert sorted(map(tuple, sums)) == [("交易", 6, 6), ("退款", 4, -4)]


def test_balances_that_were_made_up_are_seen_not_to_chain(in_app):
    command.run([REAL / "sailorsinbad14_hengji_alipay-fund-flow.csv"], "S", new_store=True, echo=lambda _: None)

    control = db.session.scalars(select(Control)).one()
    assert (control.account, control.chained, control.opening) == ("alipay:2088000000000000", False, None)
