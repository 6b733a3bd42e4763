"""Purchasing with a lead and two buyers, a store and two suppliers: what the tests of purchasing stand on."""

from contextvars import Context
from datetime import date, timedelta
from functools import partial

import pytest

from core import localtime
from core.contracts import Actor
from core.extensions import db
from core.imports import services as imports
from core.stores.models import Store
from core.transactions import transaction
from plugins.purchasing import orders, receiving, suppliers
from plugins.purchasing.models import PurchaseOrder, StockDay

TEAMS = {
    "pan": {"purchasing": "lead"},
    "cai": {"purchasing": "member"},
    "gou": {"purchasing": "member"},
    "li": {"operations": "member"},
    "qian": {"finance": "member"},
    "mei": {"design": "lead"},
}
TERMS = {
    "code": "",
    "contact": "",
    "terms": "",
    "note": "",
    "status": "active",
    "lead_days": 7,
    "payment_days": 30,
    "minimum_order": 0,
}
TEA, BOX = ("A-1", "草莓脆", 100, 500), ("B-2", "礼盒", 20, 3000)


class Shop:
    """The services, called as people of the shop call them; inside an app context."""

    def __init__(self, people):
        self.people = people
        with transaction() as session:
            self.store = Store(name="试验旗舰店")
            session.add(self.store)
        self.supplier = suppliers.save(self.actor("pan"), None, {**TERMS, "name": "云岭茶业"})
        self.other = suppliers.save(self.actor("pan"), None, {**TERMS, "name": "恒泰包装", "lead_days": 5})

    def actor(self, name):
        return Actor(self.people[name].id, name, TEAMS[name])

    def offer(self, code="A-1", prices="1 5.00\n200 4.50", supplier=None, **more):
        values = {"store_id": self.store.id, "merchant_code": code, "supplier_code": "", "prices": prices}
        rest = {"minimum": 1, "pack": 1, "lead_days": None, "preferred": True, **more}
        return suppliers.save_offer(self.actor("cai"), (supplier or self.supplier).id, values | rest)

    def draft(self, *lines, by="cai", **more):
        wanted = orders.Wanted(self.store.id, self.supplier.id, lines or (TEA, BOX), **more)
        return orders.draft_order(self.actor(by), wanted)

    def sent(self, *lines, by="cai", **more):
        order = self.draft(*lines, by=by, **more)
        orders.submit(self.actor(by), order.id)
        orders.decide(self.actor("pan"), order.id, True, "")
        return orders.send(self.actor(by), order.id)

    def receive(self, order, **counts):
        """``A_1=(90, 5)``: good and damaged pieces."""
        lines = [
            {"merchant_code": code.replace("_", "-"), "good": good, "damaged": damaged}
            for code, (good, damaged) in counts.items()
        ]
        return receiving.receive(self.actor("cai"), order.id, lines, "一号仓")

    def days(self, code, sold, left, back=28, name="草莓脆"):
        """``back`` days of stock up to today, ``sold`` pieces each, ``left`` at the end."""
        with transaction() as session:
            for place in range(back):
                on = localtime.today() - timedelta(days=place)
                closing = left + sold * place
                values = {"opening": closing + sold, "entered": 0, "left": sold, "closing": closing, "good": closing}
                row = StockDay(store_id=self.store.id, key=f"{on}|一号仓|{code}", on=on, warehouse="一号仓", name=name)
                row.merchant_code, row.defective, row.sold = code, 0, sold
                for field, value in values.items():
                    setattr(row, field, value)
                session.add(row)

    def take(self, data, name="stock.csv"):
        """Import a file: the batch and what became of its rows."""
        reading = imports.read_file(data, name, imports.importers_for(self.actor("cai")))
        batch, outcome = imports.import_now(reading, self.store.name, self.actor("cai"))
        return batch, reading, outcome

    def fresh(self, row):
        """A row as it is stored now."""
        model, number = type(row), row.id
        db.session.rollback()
        db.session.expire_all()
        return db.session.get(model, number)

    def orders(self):
        db.session.rollback()
        db.session.expire_all()
        return db.session.query(PurchaseOrder).order_by(PurchaseOrder.id).all()


@pytest.fixture
def people(make_user):
    return {name: make_user(name, teams=teams) for name, teams in TEAMS.items()}


@pytest.fixture
def shop(in_app, people):
    return Shop(people)


@pytest.fixture
def today():
    return date(2026, 3, 20)


@pytest.fixture
def browse(people, as_user):
    """A signed-in browser: ``browse("cai").get(path)``. Its requests see nothing of the context that is pushed here."""

    class Browser:
        def __init__(self, name):
            self.client = as_user(people[name])

        def get(self, path, **more):
            return Context().run(partial(self.client.get, path, **more))

        def post(self, path, **more):
            return Context().run(partial(self.client.post, path, **more))

    return Browser
