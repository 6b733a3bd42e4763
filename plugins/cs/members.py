"""Members of a store, worked out from its orders alone: a pseudonym, what they spent, when they came last."""

import secrets
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Select, delete, func, insert, select, update

from core import localtime
from core.extensions import db
from core.imports.plans import chunks
from core.messages import Refusal, msg
from core.stores.models import Order
from core.transactions import transaction
from plugins.cs.models import Definition, Member, MemberKey
from plugins.cs.rules import members as rules
from plugins.cs.rules.figures import valid

WORKED_OUT = ("orders", "spent", "first_at", "last_at", "last_order_no", "tier")
MOST_TAGS = 10  # of one member
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
    day = localtime.today()
    rows = db.session.scalars(select(Definition).where(Definition.figure == TIER).order_by(Definition.since))
    found = [row.parameters for row in rows if valid(row.since, row.until, day)]
    return {**rules.DEFAULTS, **(found[-1] if found else {})}


def refresh(store_id: int) -> int:
    """Work out a store's members anew from its paid orders; how many there are."""
    return work_out(store_id)()


def work_out(store_id: int) -> Callable[[], int]:
    """Read what a store's orders say of its members; what is returned stores it, and says how many there are.

    Only what has changed is written; tags stay, and so does the address of a member's page.
    """
    found = _spending(store_id, key_of(store_id))
    limits = bounds()
    for each in found.values():
        each["tier"] = rules.tier(each["spent"], each["orders"], limits)
    return lambda: _store(store_id, found)


def _store(store_id: int, found: Mapping[str, dict[str, Any]]) -> int:
    columns = [getattr(Member, name) for name in WORKED_OUT]
    with transaction() as session:
        query = select(Member.pseudonym, Member.id, *columns).where(Member.store_id == store_id)
        known = {
            name: (member_id, dict(zip(WORKED_OUT, rest, strict=True)))
            for name, member_id, *rest in session.execute(query)
        }
        fresh = [
            {"store_id": store_id, "pseudonym": name, "tags": [], **each}
            for name, each in found.items()
            if name not in known
        ]
        changed = [
            {"id": known[name][0], **each} for name, each in found.items() if name in known and known[name][1] != each
        ]
        gone = [member_id for name, (member_id, _) in known.items() if name not in found]
        for part in chunks(fresh):
            session.execute(insert(Member), part)
        for part in chunks(changed):
            session.execute(update(Member), part)
        for part in chunks(gone):
            session.execute(delete(Member).where(Member.id.in_(part)))
    return len(found)


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
    fields = (Member.store_id, Member.tier, func.count(), func.sum(Member.spent))
    tiers: dict[str, tuple[int, int]] = {}
    stores: Counter[int] = Counter()
    for store_id, tier, count, spent in db.session.execute(select(*fields).group_by(Member.store_id, Member.tier)):
        members, sum_ = tiers.get(tier, (0, 0))
        tiers[tier] = members + count, sum_ + int(spent)
        stores[store_id] += count
    return {"tiers": tiers, "shared": rules.shared(max(stores.values(), default=0)), "total": stores.total()}


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


def tag(member_id: int, tags: Iterable[str]) -> None:
    """Mark a member with words of the team's own, for a campaign say."""
    with transaction() as session:
        session.get_one(Member, member_id).tags = _tags(tags)[:MOST_TAGS]


def tag_all(found: Select[Any], tags: Iterable[str], *, off: bool = False) -> tuple[int, int]:
    """Put tags on all members that a list finds, or take them ``off``: how many changed, and how many would have got
    more tags than a member can carry, who stay as they are."""
    given = set(_tags(tags))
    if not given:
        raise Refusal(msg("Give at least one tag."))
    changed, full = [], 0
    with transaction() as session:
        for member_id, before in session.execute(found.with_only_columns(Member.id, Member.tags).order_by(None)):
            now = set(before or ())
            after = now - given if off else now | given
            if len(after) > MOST_TAGS:
                full += 1
            elif after != now:
                changed.append({"id": member_id, "tags": sorted(after)})
        for part in chunks(changed):
            session.execute(update(Member), part)
    return len(changed), full


def _tags(words: Iterable[str]) -> list[str]:
    return sorted({each.strip()[:20] for each in words if each.strip()})
