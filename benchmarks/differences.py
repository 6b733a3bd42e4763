"""How long reconciling takes again, and the pages of 100,000 differences: orders whose receipts are missing."""

import argparse
import tempfile
from datetime import date
from pathlib import Path
from time import perf_counter, process_time

from sqlalchemy import select, update

from benchmarks import bulk, pages
from core.accounts.models import Membership, User
from core.app import create_app
from core.contracts import Actor
from core.extensions import db
from core.imports import command
from core.migrating import upgrade
from core.stores.models import Store
from core.transactions import transaction
from plugins.finance.differences import rules
from plugins.finance.differences.models import Difference
from plugins.finance.matching import services

DIFFERENCES, STORE = 100_000, "基准店"
FIRST, LAST = date(2025, 11, 1), date(2025, 11, 30)
EVERY, SETTLED = 100, 3  # of so many differences, so many are settled
LIST = "/finance/differences"
PAGES = (
    LIST,
    f"{LIST}?page=1000",
    f"{LIST}?sort=amount",
    f"{LIST}?sort=-amount",
    f"{LIST}?sort=due_at",
    f"{LIST}?sort=state",
    f"{LIST}?store=1&state=pending",
    f"{LIST}?state=resolved",
    f"{LIST}?code=MISSING_STMT",
    f"{LIST}?code=AMOUNT",
    f"{LIST}?team=finance&age=more",
    f"{LIST}?size=100",
    f"{LIST}?size=100&sort=amount",
    f"{LIST}?period={FIRST}_{LAST}",
    f"{LIST}?q=999",
    "/finance/",
)


def run(_chosen: argparse.Namespace) -> None:
    """Import orders without a statement, reconcile them twice, and print what everything takes."""
    with tempfile.TemporaryDirectory() as folder:
        app = create_app(HOME=Path(folder), LANGUAGE="zh")
        with app.app_context():
            upgrade()
            orders, _ = bulk.files(Path(folder), DIFFERENCES)
            command.run([orders], STORE, new_store=True, echo=lambda _: None)
            with transaction() as session:
                roles = [Membership(team="finance", role="lead")]
                session.add(User(id=1, login="f", name="F", password_hash="", memberships=roles))
            store_id = db.session.scalars(select(Store.id)).one()
            print(f"\nReconcile {DIFFERENCES:,} orders of which each is a difference")
            for name in ("first", "again"):
                begun, used = perf_counter(), process_time()
                services.reconcile(store_id, FIRST, LAST, Actor(1, "F", {"finance": "lead"}))
                print(f"  {name:42} {perf_counter() - begun:7.2f} s ({process_time() - used:.2f} s CPU)")
            some = (Difference.id % EVERY) < SETTLED
            with transaction() as session:
                session.execute(update(Difference).where(some).values(state=rules.RESOLVED))
        print("Pages (time of the processor)")
        pages.show(app, PAGES)
