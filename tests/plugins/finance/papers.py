"""A month of one store, reconciled by the engine itself: what the papers and the profit of a period stand on."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from core.contracts import Actor
from core.extensions import db
from core.stores.models import Order, OrderLine, Store
from core.transactions import transaction
from plugins.finance.books.models import Control, Line
from plugins.finance.matching import services
from plugins.finance.periods.services import of_run

WEN = Actor(None, "文静", {"finance": "member"})
FIRST, LAST = date(2025, 11, 1), date(2025, 11, 30)
ACCOUNT = "alipay:2088000000000156"
OPENING = 5_000_000
INPUTS = (
    {"batch": 1, "file": "ExportOrderList202511.csv", "kind": "core.orders", "sha256": "ab" * 32},
    {"batch": 2, "file": "2088_202511_账务明细.csv", "kind": "finance.alipay_statement", "sha256": "cd" * 32},
)


def at(day, hour=10, month=11):
    """A moment of 2025 by Shanghai's clock."""
    return datetime(2025, month, day, hour, tzinfo=ZoneInfo("Asia/Shanghai"))


class Month:
    """November 2025 of one store: put orders and lines in, then ``reconcile``."""

    def __init__(self, name="素禾茶旗舰店"):
        with transaction() as session:
            self.store = Store(name=name)
            session.add(self.store)
        self.flow = 0
        self.balance = OPENING

    def order(self, number, total, day=5, *, month=11, refund=0, kept=None, articles=(), status="done", **more):
        """An order; ``articles`` are (code, title, quantity, goods due)."""
        with transaction() as session:
            kept = total if kept is None else kept
            order = self.row(number, day, month, total=total, kept=kept, refund=refund, status=status, **more)
            session.add(order)
            session.flush()
            for place, (code, title, quantity, due) in enumerate(articles):
                session.add(
                    OrderLine(
                        store_id=self.store.id,
                        key=f"{number}{place}",
                        fingerprint=f"{number}{place}",
                        order_no=number,
                        order_id=order.id,
                        merchant_code=code,
                        item_id=f"6{code}",
                        title=title,
                        quantity=quantity,
                        goods_due=due,
                    )
                )
        return order

    def row(self, number, day, month=11, **values):
        """An order that is not stored yet."""
        times = {"ordered_at": at(day, 9, month), "paid_at": at(day, month=month)}
        return Order(store_id=self.store.id, order_no=number, **times, **values)

    def fresh(self, number):
        """The order as it is stored."""
        return db.session.query(Order).filter_by(store_id=self.store.id, order_no=number).one()

    def line(self, amount, number=None, day=6, kind="交易付款", **more):
        """The next movement of the account."""
        self.flow += 1
        self.balance += amount
        values = {"account": ACCOUNT, "balance": self.balance, "source": "alipay_statement"} | more
        with transaction() as session:
            row = Line(
                store_id=self.store.id,
                key=f"{values['account']}:{self.flow:010d}",
                flow_no=f"{self.flow:010d}",
                order_no=number,
                at=at(day, 12),
                kind=kind,
                amount=amount,
                **values,
            )
            session.add(row)
        return row

    def control(self, closing=None, **stated):
        """What the statement says of itself."""
        amounts = [row.amount for row in db.session.query(Line).filter_by(store_id=self.store.id, account=ACCOUNT)]
        incoming, outgoing = ([a for a in amounts if a > 0], [-a for a in amounts if a < 0])
        said = {
            "in_count": len(incoming),
            "in_sum": sum(incoming),
            "out_count": len(outgoing),
            "out_sum": sum(outgoing),
            "opening": OPENING,
            "closing": self.balance if closing is None else closing,
            "chained": True,
        } | stated
        with transaction() as session:
            session.add(
                Control(
                    store_id=self.store.id, key=f"{ACCOUNT}:202511", account=ACCOUNT, first_at=at(1, 0),
                    until=at(1, 0, 12), **said,
                )
            )  # fmt: skip

    def reconcile(self):
        """The run over the month."""
        made = services.make(self.store.id, FIRST, LAST)
        made.inputs = list(INPUTS)
        self.run = services.store(made, WEN)
        return self.run

    def period(self, **more):
        """The period of the run, with some of its values changed."""
        with transaction():
            row = of_run(self.run)
            for name, value in more.items():
                setattr(row, name, value)
        return row


def november(**more):
    """A month in which nearly everything happens."""
    month = Month(**more)
    month.order("2511000000000000001", 12_800, 3, articles=[("GH-100", "桂花乌龙 100g", 1, 12_800)])
    month.line(12_800, "2511000000000000001", 3)
    month.line(-64, "2511000000000000001", 4, "收费", memo="天猫佣金（类目）{2511000000000000001}扣款")
    month.order(
        "2511000000000000002", 29_900, 11,
        articles=[("GH-100", "桂花乌龙 100g", 1, 12_800), ("LJ-250", "龙井 250g", 1, 17_100)],
    )  # fmt: skip
    month.line(29_900, "2511000000000000002", 11)
    month.line(-9_900, "2511000000000000002", 20, "交易退款")  # refunded after the sale
    month.order("2511000000000000003", 8_800, 12, refund=800)
    month.line(8_800, "2511000000000000003", 12)  # the refund was promised and is not paid
    month.order("2511000000000000004", 6_600, 13)
    month.line(6_590, "2511000000000000004", 13)  # short
    month.order("2511000000000000005", 5_500, 14)  # never arrived
    month.order("2511000000000000006", 7_700, 29, status="shipped")  # under way
    month.order("2511000000000000007", 4_400, 30, month=10)
    month.line(4_400, "2511000000000000007", 2)  # of October
    month.order("2511000000000000008", 3_300, 30, month=10)  # of October, still open
    month.line(9_900, "2511000000000000099", 15)  # nobody knows the order
    month.line(29_900, "2511000000000000002", 16)  # paid twice
    month.line(-3_000_000, None, 25, "提现")
    return month
