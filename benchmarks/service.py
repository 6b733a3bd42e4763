"""How long customer service's pages take with 50,000 tickets, cases and promises, 100,000 comments and members."""

import argparse
import random
import tempfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import insert

from benchmarks import pages
from core.accounts.models import Membership, User
from core.app import create_app
from core.board.models import Leg, Task
from core.columns import now
from core.extensions import db
from core.migrating import upgrade
from core.stores.models import Order, Product, Store
from core.transactions import transaction
from plugins.cs.models import AfterSale, Member, Promise, Rating, Ticket
from plugins.cs.rules import members, promises, words

TICKETS, CASES, PROMISES, RATINGS, MEMBERS, ITEMS = 50_000, 50_000, 50_000, 100_000, 100_000, 500
OPEN = 2_000  # of the tickets
PAGES = (
    "/cs/",
    "/cs/?tab=new",
    "/cs/?tab=closed",
    "/cs/?q=154839030200012345",
    "/cs/after-sales",
    "/cs/after-sales?q=154839030200012345",
    "/cs/promises",
    "/cs/feedback",
    "/cs/feedback?cause=damaged",
    "/cs/feedback/ratings",
    "/cs/feedback/ratings?cause=damaged&q=730000000077",
    "/cs/members",
    "/cs/members?tier=vip",
    "/cs/figures",
    "/cs/today",
    "/tasks/CS-77",
    "/cs/tickets/CS-77/box",
)
CAUSES = [name for name in words.CAUSES if name]


def run(_chosen: argparse.Namespace) -> None:
    """Fill a database of its own, and print what each page takes."""
    with tempfile.TemporaryDirectory() as folder:
        app = create_app(HOME=Path(folder), LANGUAGE="zh")
        with app.app_context():
            upgrade()
            fill()
        print(f"\nCustomer service, {TICKETS:,} tickets, {RATINGS:,} comments (time of the processor)")
        pages.show(app, PAGES)


def fill() -> None:
    """A store with everything that customer service keeps, much of it."""
    chance, at = random.Random(1), now()
    with transaction() as session:
        session.add(Store(id=1, name="S"))
        session.add(User(id=1, login="h", name="H", password_hash="", memberships=[Membership(team="cs", role="lead")]))
    for model, rows in (
        (Product, [_product(number) for number in range(1, ITEMS + 1)]),
        (Order, [_order(number, at) for number in range(1, TICKETS + 1)]),
        (Task, list(_tasks(at))),
        (Leg, list(_legs(at))),
        (Ticket, [_ticket(number, at, chance) for number in range(1, TICKETS + 1)]),
        (AfterSale, [_case(number, at, chance) for number in range(1, CASES + 1)]),
        (Promise, [_promise(number, at, chance) for number in range(1, PROMISES + 1)]),
        (Rating, [_rating(number, at, chance) for number in range(1, RATINGS + 1)]),
        (Member, [_member(number, at, chance) for number in range(1, MEMBERS + 1)]),
    ):
        for start in range(0, len(rows), 10_000):
            with transaction():
                db.session.execute(insert(model), rows[start : start + 10_000])


def _number(number: int) -> str:
    return f"15483903020{number:07d}"


def _product(number: int) -> dict[str, Any]:
    return {"id": number, "store_id": 1, "item_id": f"7300{number:08d}", "title": f"果干 {number}", "status": "on_sale"}


def _order(number: int, at: Any) -> dict[str, Any]:
    paid = at - timedelta(minutes=10 * number)
    return {"id": number, "store_id": 1, "order_no": _number(number), "status": "done", "total": 5900, "paid_at": paid}


def _tasks(at: Any) -> Iterator[dict[str, Any]]:
    kinds = ("cs.inquiry", "cs.complaint", "cs.after_sale")
    for number in range(1, TICKETS + 1):
        opened, is_open = at - timedelta(minutes=10 * number), number <= OPEN
        state = ("offered", "accepted", "doing", "waiting", "delivered")[number % 5] if is_open else "done"
        due = opened + timedelta(hours=30) if is_open else None
        yield {
            "id": number,
            "number": f"CS-{number}",
            "type": kinds[number % 3],
            "title": f"买家说罐子压坏了 {number}",
            "state": state,
            "requester_team": "cs",
            "responsible_team": "cs",
            "requester_id": 1,
            "holder_id": 1,
            "store_id": 1,
            "brief": {"what": "罐子压坏了", "order_no": _number(number)},
            "created_at": opened,
            "closed_at": None if is_open else opened + timedelta(hours=20),
            "leg_team": "cs" if is_open else "",
            "leg_due_at": due,
        }


def _legs(at: Any) -> Iterator[dict[str, Any]]:
    for number in range(1, TICKETS + 1):
        start = at - timedelta(minutes=10 * number)
        base = {"task_id": number, "team": "cs", "round": 1, "started_at": start}
        yield {**base, "state": "offered", "phase": "accept", "ended_at": start if number > OPEN else None}


def _ticket(number: int, at: Any, chance: random.Random) -> dict[str, Any]:
    opened, done = at - timedelta(minutes=10 * number), number > OPEN
    return {
        "task_id": number,
        "store_id": 1,
        "order_id": number,
        "cause": chance.choice(CAUSES),
        "opened_at": opened,
        "replied_at": opened + timedelta(minutes=chance.choice((1, 2, 9))),
        "resolved_at": opened + timedelta(hours=20) if done else None,
        "satisfaction": chance.choice((None, 2, 4, 5)) if done else None,
        "platform_due_at": at + timedelta(hours=number) if number % 9 == 0 and not done else None,
    }


def _case(number: int, at: Any, chance: random.Random) -> dict[str, Any]:
    state = chance.choice(("applied", "returned", "to_return")) if number <= OPEN else "refunded"
    applied = at - timedelta(minutes=10 * number)
    return {
        "store_id": 1,
        "refund_no": f"2600{number:012d}",
        "order_no": _number(number),
        "order_id": number if number <= TICKETS else None,
        "kind": "return",
        "status": state,
        "amount": 5900,
        "reason": "商品破损",
        "applied_at": applied,
        "due_at": applied + timedelta(days=7),
    }


def _promise(number: int, at: Any, chance: random.Random) -> dict[str, Any]:
    state = chance.choice(list(promises.STATES)) if number > OPEN else "draft"
    made = at - timedelta(minutes=10 * number)
    base = {"store_id": 1, "order_no": _number(number), "order_id": number, "kind": "cashback", "source": "note"}
    return {**base, "key": f"{number}:500", "amount": 500, "text": "好评返现 返5", "state": state, "promised_at": made}


def _rating(number: int, at: Any, chance: random.Random) -> dict[str, Any]:
    item = chance.randrange(1, ITEMS + 1)
    return {
        "store_id": 1,
        "key": str(number),
        "item_id": f"7300{item:08d}",
        "product_id": item,
        "text": "收到的时候袋子破了，碎了一半",
        "cause": chance.choice(CAUSES) if number % 2 else "",
        "rated_at": at - timedelta(minutes=5 * number),
    }


def _member(number: int, at: Any, chance: random.Random) -> dict[str, Any]:
    spent, seen = chance.randrange(0, 200_000), at - timedelta(minutes=number)
    base = {"store_id": 1, "pseudonym": f"{number:020x}", "orders": 1 + number % 4, "first_at": seen, "last_at": seen}
    return {**base, "spent": spent, "tier": members.tier(spent, 1), "last_order_no": _number(number), "tags": []}


if __name__ == "__main__":
    run(argparse.Namespace())
