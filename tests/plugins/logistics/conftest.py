"""Logistics with a lead and a member, and a store: what the tests of logistics stand on."""

from contextvars import Context
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from sqlalchemy import select

from core.contracts import Actor
from core.extensions import db
from core.imports import services as imports
from core.stores.models import Order, Store
from core.transactions import transaction
from plugins.logistics.models import Case, Parcel, ParcelOrder

TEAMS = {
    "fang": {"logistics": "lead"},
    "wei": {"logistics": "member"},
    "li": {"operations": "member"},
    "qian": {"finance": "member"},
}
NOW = datetime(2026, 3, 20, 4, tzinfo=UTC)


class Depot:
    """A store with parcels and orders; inside an app context."""

    def __init__(self, people):
        self.people = people
        with transaction() as session:
            self.store = Store(name="试验旗舰店")
            session.add(self.store)
        self.count = 0

    def actor(self, name):
        return Actor(self.people[name].id, name, TEAMS[name])

    def add(self, *rows):
        with transaction() as session:
            session.add_all(rows)
        return rows[0] if len(rows) == 1 else rows

    def order(self, status="shipped", total=5900, paid=NOW - timedelta(days=5), **more):
        self.count += 1
        number = more.pop("order_no", f"2600000000{self.count:08d}")
        return self.add(
            Order(store_id=self.store.id, order_no=number, status=status, total=total, paid_at=paid, **more)
        )

    def parcel(self, *orders, status="transit", shipped=NOW - timedelta(days=2), **more):
        self.count += 1
        values = {"warehouse": "一号仓", "carrier": "中通快递", "region": "浙江", **more}
        key = values.pop("key", f"7310000{self.count:05d}")
        made = self.add(
            Parcel(store_id=self.store.id, key=key, waybill_no=key, status=status, shipped_at=shipped, **values)
        )
        for order in orders:
            link = {"key": f"{order.order_no}@{key}", "alias": f"{order.order_no}@{key}", "parcel_key": key}
            self.add(
                ParcelOrder(
                    store_id=self.store.id, parcel_id=made.id, order_no=order.order_no, order_id=order.id, **link
                )
            )
        return made

    def take(self, data, name="waybills.csv"):
        """Import a file; the batch and what became of its rows."""
        reading = imports.read_file(data, name, imports.importers_for(self.actor("wei")))
        batch, outcome = imports.import_now(reading, self.store.name, self.actor("wei"))
        return batch, reading, outcome

    def cases(self, kind=None):
        db.session.rollback()  # to see what requests have stored
        db.session.expire_all()
        query = select(Case).order_by(Case.id)
        return list(db.session.scalars(query.where(Case.kind == kind) if kind else query))


@pytest.fixture
def people(make_user):
    return {name: make_user(name, teams=teams) for name, teams in TEAMS.items()}


@pytest.fixture
def depot(in_app, people):
    return Depot(people)


@pytest.fixture
def browse(people, as_user):
    """A signed-in browser: ``browse("wei").get(path)``. Its requests see nothing of the context that is pushed here."""

    class Browser:
        def __init__(self, name):
            self.client = as_user(people[name])

        def get(self, path, **more):
            return Context().run(partial(self.client.get, path, **more))

        def post(self, path, **more):
            return Context().run(partial(self.client.post, path, **more))

    return Browser
