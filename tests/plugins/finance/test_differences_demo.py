"""The demo store's month: it ties out, and there is something of every step to look at."""

from collections import Counter

from core.extensions import db
from plugins.finance.differences.models import Difference
from plugins.finance.matching.models import Run


def test_the_demo_reconciles_to_the_cent_and_leaves_work_to_do(demo_app):
    with demo_app.app_context():
        run = db.session.query(Run).one()
        states = Counter(row.state for row in db.session.query(Difference))
        found = {row.code for row in db.session.query(Difference)}
    assert [check for check in run.totals["tie_out"]["checks"] if not check["ok"]] == []
    assert {"AMOUNT", "REFUND", "MISSING_STMT", "DUP_PAY", "STMT_ONLY"} <= found
    assert (states["assigned"], states["resolved"]) == (1, 2)
    assert states["open"] >= 4
