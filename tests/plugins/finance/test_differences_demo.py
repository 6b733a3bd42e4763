"""The demo store's months: they tie out, and there is something of every step to look at."""

from collections import Counter
from datetime import timedelta

from core.columns import now
from core.extensions import db
from plugins.finance.books.models import Control
from plugins.finance.differences.models import Difference
from plugins.finance.matching.models import Run


def test_the_demo_reconciles_to_the_cent_and_leaves_work_to_do(demo_app):
    with demo_app.app_context():
        runs = db.session.query(Run).all()
        newest = db.session.query(Control.until).order_by(Control.until.desc()).limit(1).scalar()
        states = Counter(row.state for row in db.session.query(Difference))
        found = {row.code for row in db.session.query(Difference)}
    assert [check for run in runs for check in run.totals["tie_out"]["checks"] if not check["ok"]] == []
    assert newest <= now() + timedelta(seconds=1)  # a bill ends with the second that it names
    # the order without money is carried forward where a month has begun since
    assert found - {"MISSING_STMT", "CARRY_OPEN"} == {"AMOUNT", "REFUND", "DUP_PAY", "STMT_ONLY"} != found
    assert (states["assigned"], states["resolved"]) == (1, 2)
    assert states["open"] >= 4
