"""A month of one store, reconciled by the engine itself: what the papers and the profit of a period stand on."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import numpy as np
from sqlalchemy import insert

from core.columns import now
from core.extensions import db
from core.stores.models import Order, OrderLine, Store
from core.transactions import transaction
from plugins.finance.books.models import Control, Line
from plugins.finance.differences.models import Difference
from plugins.finance.matching import totals
from plugins.finance.matching.classes import AGREEING, LINE, LINE_CLASSES, ORDER, ORDER_CLASSES
from plugins.finance.matching.engine import reconcile
from plugins.finance.matching.loading import load
from plugins.finance.matching.models import Result, Run
from plugins.finance.matching.rules import rule_set
from plugins.finance.periods import balances
from plugins.finance.periods.models import Period

FIRST, LAST = date(2025, 11, 1), date(2025, 11, 30)
ACCOUNT = "alipay:2088000000000156"
OPENING = 5_000_000
NOWHERE = np.zeros(0, np.int64)


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
            order = Order(
                store_id=self.store.id,
                order_no=number,
                status=status,
                total=total,
                kept=total if kept is None else kept,
                refund=refund,
                ordered_at=at(day, 9, month),
                paid_at=at(day, month=month),
                **more,
            )
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

    def reconcile(self, kept=True):
        """The run over the month, with a row for every order and line, a difference for every one that differs."""
        rules = rule_set(None)
        books = load(self.store.id, FIRST, LAST, rules)
        found = reconcile(books.orders, books.lines, rules)
        sides = totals.sides(books.orders, books.lines, found, ((NOWHERE, NOWHERE), (NOWHERE, NOWHERE)))
        with transaction() as session:
            run = Run(
                store_id=self.store.id, first=FIRST, last=LAST, digest="5f" * 32, by_name="文静", at=at(2, month=12),
                inputs=[
                    {"batch": 1, "file": "ExportOrderList202511.csv", "kind": "core.orders", "sha256": "ab" * 32},
                    {"batch": 2, "file": "2088…0156_202511_账务明细.csv", "kind": "finance.alipay", "sha256": "cd" * 32},
                ],
                totals=self._totals(books, found, sides),
            )  # fmt: skip
            session.add(run)
            session.flush()
            for side in (ORDER, LINE):
                each = sides[side]
                rows = zip(each.ids.tolist(), each.codes.tolist(), each.amounts.tolist(), strict=True)
                if len(each.ids):
                    session.execute(
                        insert(Result),
                        [dict(zip(("run_id", "side", "record_id", "code", "amount"), (run.id, side, *row), strict=True)) for row in rows],
                    )
            codes = (found.orders.astype(int), found.lines.astype(int))
            if kept:
                sheet = balances.measure(run, books, found.receipts, codes, rules)
                run.totals = {**run.totals, balances.KEPT: sheet.data()}
            self._differences(run, books, found)
        self.run = run
        return run

    def _totals(self, books, found, sides):
        orders, lines = totals.both(sides)
        amounts = books.lines["amount"].to_numpy()
        paid = books.orders["total"].to_numpy()[found.paid]
        return {
            "orders": {
                "count": len(books.orders),
                "paid_count": int(found.paid.sum()),
                "paid": totals.yuan(int(paid.sum())),
                "refunded": totals.yuan(int(books.orders["refund"].to_numpy()[found.paid].sum())),
            },
            "lines": {
                "count": len(amounts),
                "in": totals.yuan(int(amounts[amounts > 0].sum())),
                "out": totals.yuan(-int(amounts[amounts < 0].sum())),
            },
            "order_classes": totals.shown(orders),
            "line_classes": totals.shown(lines),
            "tie_out": {
                "ok": True,
                "checks": [
                    {"name": "orders rows", "expected": len(books.orders), "found": len(books.orders), "ok": True},
                    {"name": "receipts: books to statement", "expected": "1.00", "found": "1.00", "ok": True},
                ],
            },
        }

    def _differences(self, run, books, found):
        known = zip(books.orders["id"].tolist(), found.orders.tolist(), strict=True)
        for record, code in known:
            name, order = ORDER_CLASSES[code], db.session.get_one(Order, record)
            if name in AGREEING:
                continue
            place = books.orders["id"].tolist().index(record)
            group = int(found.receipts.group[place])
            came = int(found.receipts.came[group])
            self._difference(
                run, f"order:{order.order_no}", name, came - order.total, side="order", order_no=order.order_no,
                order_id=order.id, expected=order.total, found=came, happened_at=order.paid_at,
            )  # fmt: skip
        for record, code in zip(books.lines["id"].tolist(), found.lines.tolist(), strict=True):
            name, line = LINE_CLASSES[code], db.session.get_one(Line, record)
            if name in ("STMT_ONLY", "DUP_PAY"):
                self._difference(
                    run, f"line:{line.key}", name, line.amount, side="line", order_no=line.order_no, line_id=line.id,
                    found=line.amount, happened_at=line.at,
                )  # fmt: skip

    def _difference(self, run, key, code, amount, **more):
        db.session.add(
            Difference(
                store_id=self.store.id, key=key, code=code, amount=amount, first_run_id=run.id, last_run_id=run.id,
                owner_team="finance", **more,
            )
        )  # fmt: skip

    def period(self, **more):
        """The period of the run."""
        with transaction() as session:
            values = {"state": "open", "run_id": self.run.id, "digest": self.run.digest} | more
            row = Period(store_id=self.store.id, first=FIRST, last=LAST, **values)
            session.add(row)
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


def closed(at_=None):
    """When something was closed, for a difference."""
    return {"resolved_at": at_ or now()}
