"""Members of a store, worked out from its orders alone: a pseudonym, what they spent, when they came last."""

import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, insert, select

from core.columns import now
from core.extensions import db
from core.imports.plans import chunks
from core.stores.models import Order
from core.transactions import transaction
from plugins.cs.models import Definition, Member, MemberKey
from plugins.cs.rules import members as rules
from plugins.cs.rules.figures import valid
from plugins.cs.rules.words import local_day

TIER = "tier"  # the figure under which the bounds of tiers are defined


def key_of(store_id: int) -> bytes:
    """The store's secret; made at the first need."""
    with transaction() as session:
        row = session.get(MemberKey, store_id)
        if row is None:
            row = MemberKey(store_id=store_id, key=secrets.token_hex(32))
            session.add(row)
    return bytes.fromhex(row.key)


def bounds() -> Mapping[str, int]:
    """From what amounts on members are of a tier today."""
    day = local_day(now())
    rows = db.session.scalars(select(Definition).where(Definition.figure == TIER).order_by(Definition.since))
    found = [row.parameters for row in rows if valid(row.since, row.until, day)]
    return {**rules.DEFAULTS, **(found[-1] if found else {})}


def refresh(store_id: int) -> int:
    """Work out a store's members anew from its paid orders; tags stay. How many there are."""
    key, limits = key_of(store_id), bounds()
    found = _spending(store_id, key)
    with transaction() as session:
        tagged = {
            row.pseudonym: row.tags
            for row in session.execute(select(Member.pseudonym, Member.tags).where(Member.store_id == store_id))
            if row.tags
        }
        known = dict(session.execute(select(Member.pseudonym, Member.id).where(Member.store_id == store_id)).all())
        session.execute(delete(Member).where(Member.store_id == store_id))
        rows = []
        for name, each in found.items():
            tier = rules.tier(each["spent"], each["orders"], limits)
            row = {"store_id": store_id, "pseudonym": name, "tags": tagged.get(name, []), "tier": tier, **each}
            rows.append(row)
        again = [{"id": known[row["pseudonym"]], **row} for row in rows if row["pseudonym"] in known]
        fresh = [row for row in rows if row["pseudonym"] not in known]
        for part in (again, fresh):  # a member's page keeps its address
            for some in chunks(part):
                session.execute(insert(Member), some)
    return len(rows)


def _spending(store_id: int, key: bytes) -> dict[str, dict[str, Any]]:
    """Orders, money kept and times by pseudonym; orders that were never paid say nothing."""
    paid = (Order.store_id == store_id, Order.paid_at.is_not(None))
    fields = (Order.order_no, Order.paid_at, func.coalesce(Order.kept, Order.total, 0))
    found: dict[str, dict[str, Any]] = {}
    for order_no, paid_at, kept in db.session.execute(select(*fields).where(*paid)):
        name = rules.pseudonym(key, order_no)
        if name is None:
            continue
        each = found.setdefault(
            name, {"orders": 0, "spent": 0, "first_at": paid_at, "last_at": paid_at, "last_order_no": order_no}
        )
        _add(each, order_no, paid_at, kept)
    return found


def _add(each: dict[str, Any], order_no: str, paid_at: datetime, kept: int) -> None:
    each["orders"] += 1
    each["spent"] += kept
    each["first_at"] = min(each["first_at"], paid_at)
    if paid_at >= each["last_at"]:
        each["last_at"], each["last_order_no"] = paid_at, order_no


def overview() -> Mapping[str, Any]:
    """Members by tier, and how many of them are expected to be two buyers under one name."""
    query = select(Member.tier, func.count(), func.sum(Member.spent)).group_by(Member.tier)
    tiers = {tier: (count, int(spent)) for tier, count, spent in db.session.execute(query)}
    largest = db.session.scalars(select(func.count()).select_from(Member).group_by(Member.store_id)).all()
    return {"tiers": tiers, "shared": rules.shared(max(largest, default=0)), "total": sum(largest)}


def orders_of(member: Member, limit: int = 50) -> list[Order]:
    """The orders that this pseudonym stands for, the latest first."""
    key = key_of_stored(member.store_id)
    if key is None:
        return []
    mine = (Order.store_id == member.store_id, Order.order_no.endswith(member.last_order_no[-rules.SUFFIX :]))
    rows = db.session.scalars(select(Order).where(*mine).order_by(Order.paid_at.desc(), Order.id.desc()))
    return [row for row in rows if rules.pseudonym(key, row.order_no) == member.pseudonym][:limit]


def key_of_stored(store_id: int) -> bytes | None:
    """The store's secret, if it has one."""
    row = db.session.get(MemberKey, store_id)
    return bytes.fromhex(row.key) if row else None


def tag(member_id: int, tags: list[str]) -> None:
    """Mark a member with words of the team's own, for a campaign say."""
    with transaction() as session:
        session.get_one(Member, member_id).tags = sorted({each.strip()[:20] for each in tags if each.strip()})[:10]
