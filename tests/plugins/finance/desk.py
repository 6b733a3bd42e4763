"""An accountant's desk for tests: a store, runs made by hand, and differences as a run would find them."""

from datetime import UTC, date, datetime

from core.board import contents, moves
from core.board.models import Task
from core.columns import now
from core.contracts import SYSTEM, Actor
from core.extensions import db
from core.imports.models import ImportBatch, ImportRow
from core.stores.models import Order
from core.stores.services import create_store
from core.transactions import transaction
from plugins.finance.books.models import Line
from plugins.finance.differences import takeover
from plugins.finance.differences.models import Difference, Entry
from plugins.finance.differences.rules import Found, pattern_of
from plugins.finance.matching import classes
from plugins.finance.matching.models import Result, Run
from plugins.finance.periods import services as periods
from plugins.finance.periods.models import Period
from plugins.finance.periods.rules import book_day

TEAMS = {
    "qian": {"finance": "lead"},
    "jin": {"finance": "lead"},
    "wen": {"finance": "member"},
    "gao": {"operations": "lead"},
    "mei": {"design": "member"},
}
FIRST, LAST = date(2026, 11, 1), date(2026, 11, 30)
TOTALS = {
    "orders": {"count": 3, "paid_count": 3, "paid": "300.00", "refunded": "0.00"},
    "lines": {"count": 2, "in": "199.99", "out": "0.00"},
    "order_classes": {
        "OK": {"count": 1, "amount": "100.00"},
        "AMOUNT": {"count": 1, "amount": "100.00"},
        "MISSING_STMT": {"count": 1, "amount": "100.00"},
    },
    "line_classes": {"OK": {"count": 1, "amount": "100.00"}, "AMOUNT": {"count": 1, "amount": "99.99"}},
    "balance": [],  # no accounts: flat
    "tie_out": {
        "ok": True,
        "checks": [{"name": "receipts: books to statement", "expected": "199.99", "found": "199.99", "ok": True}],
    },
}


def moment(day, month=11, hour=10):
    """A moment of 2026 in Shanghai's working hours."""
    return datetime(2026, month, day, hour - 8, tzinfo=UTC)


class Desk:
    """The services, called as people of finance call them; inside an app context."""

    def __init__(self, people):
        self.people = people
        self.store = create_store("Shop", SYSTEM)

    def actor(self, name):
        return Actor(self.people[name].id, name, TEAMS[name])

    def order(self, number, total=10_000, day=3, month=11, **more):
        with transaction() as session:
            order = Order(
                store_id=self.store.id,
                order_no=number,
                status="done",
                total=total,
                kept=total,
                paid_at=moment(day, month),
                ordered_at=moment(day, month),
                **more,
            )
            session.add(order)
        return order

    def line(self, flow_no, amount, order_no=None, day=3, month=11):
        with transaction() as session:
            line = Line(
                store_id=self.store.id,
                key=f"alipay:2088:{flow_no}",
                source="alipay_statement",
                account="alipay:2088",
                flow_no=flow_no,
                order_no=order_no,
                at=moment(day, month),
                kind="交易付款",
                amount=amount,
            )
            session.add(line)
        return line

    def found(self, order, code="AMOUNT", amount=-1, **more):
        """What a run finds wrong with an order."""
        values = {"expected": order.total, "found": order.total + amount, **more}
        return Found(
            key=f"order:{order.order_no}",
            side="order",
            code=code,
            amount=amount,
            happened_at=order.paid_at,
            order_no=order.order_no,
            order_id=order.id,
            pattern=pattern_of(code, amount, book_day(order.paid_at)),
            **values,
        )

    def run(self, *found, results=(), first=FIRST, last=LAST, totals=None, by="wen", digest="0" * 64):
        """A run made by hand, and what it found taken over. ``results`` are pairs of an order and its class."""
        with transaction() as session:
            run = Run(
                store_id=self.store.id,
                first=first,
                last=last,
                digest=digest,
                inputs=[{"batch": 1, "file": "alipay.csv", "sha256": "a" * 64, "kind": "finance.alipay_statement"}],
                totals=totals or TOTALS,
                by_id=self.people[by].id,
                by_name=by,
            )
            session.add(run)
            session.flush()
            for order, code in results:
                place = classes.order_code(code)
                session.add(
                    Result(run_id=run.id, side=classes.ORDER, record_id=order.id, code=place, amount=order.total)
                )
            session.flush()
            periods.begin(run, self.actor(by))
            self.taken = takeover.take_over(run, found)
        return run

    def difference(self, order):
        """The order's difference as it is stored."""
        db.session.rollback()
        return db.session.query(Difference).filter_by(order_no=order.order_no).populate_existing().one()

    def entries(self, difference):
        query = db.session.query(Entry).filter_by(difference_id=difference.id).order_by(Entry.id)
        return [(entry.account, entry.amount, entry.reverses_id is not None) for entry in query]

    def period(self):
        db.session.rollback()
        return db.session.query(Period).populate_existing().one()

    def finish(self, task, by="wen", holder="wen", comment="已补"):
        """Everything from the hand-over to the sign-off."""
        said = ["offer", "accept", "start", "deliver"]
        for verb in said:
            moves.move(task.id, verb, self.actor(by if verb == "offer" else holder))
        contents.comment(task.id, comment, self.actor(holder))
        for check in db.session.get_one(Task, task.id).checks:
            contents.set_check(task.id, check.name, "pass", "", self.actor(by))
        return moves.move(task.id, "sign_off", self.actor(by))

    def fresh(self, row):
        db.session.rollback()
        return db.session.get_one(type(row), row.id, populate_existing=True)


def imported(desk, name, record=None, kind="finance.line", sha256="1" * 64):
    """A file that brought one record."""
    with transaction() as session:
        batch = ImportBatch(
            kind="finance.alipay_statement",
            permission="imports.run",
            state="applied",
            store_id=desk.store.id,
            store_name="Shop",
            file_name=name,
            sha256=sha256,
            size=1,
            actor_name="wen",
            applied_at=now(),
        )
        session.add(batch)
        session.flush()
        if record is not None:
            session.add(ImportRow(batch_id=batch.id, number=1, action="created", kind=kind, record_id=record.id))
    return batch
