"""Versions of a store's rules: each is kept as it was, and a change is a new one."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import func, select

from core.audit import services as audit
from core.contracts import Actor, Ref
from core.extensions import db
from core.messages import Stale, msg, refuse
from core.transactions import transaction
from plugins.finance.matching import rules
from plugins.finance.matching.models import RuleSet

LONGEST = 500


def newest(store_id: int) -> RuleSet | None:
    """The newest version of a store's rules, or of everybody's where the store has none of its own."""
    for owner in (RuleSet.store_id == store_id, RuleSet.store_id.is_(None)):
        found = db.session.scalar(select(RuleSet).where(owner).order_by(RuleSet.version.desc()).limit(1))
        if found is not None:
            return found
    return None


def current_rules(store_id: int) -> tuple[RuleSet | None, rules.RuleSet]:
    """The version that a store goes by (None: the default), and what it says."""
    version = newest(store_id)
    return version, rules.rule_set(version.data if version else None)


def said(version: RuleSet) -> rules.RuleSet:
    """What a version says."""
    return rules.rule_set(version.data)


def versions(store_id: int) -> Sequence[RuleSet]:
    """Every version of a store's rules, newest first."""
    return db.session.scalars(
        select(RuleSet).where(RuleSet.store_id == store_id).order_by(RuleSet.version.desc())
    ).all()


def save_rules(store_id: int, data: Mapping[str, Any], actor: Actor, note: str, based_on: int | None = None) -> RuleSet:
    """Make ``data`` the next version of a store's rules. Refuses what is no rule set, and a change of a version that is
    not the newest any more (``based_on`` is its number, 0 for the default)."""
    note = note.strip()
    refuse(
        note=None
        if 0 < len(note) <= LONGEST
        else msg("Say what changes and why, in at most %(most)s letters.", most=LONGEST)
    )
    made = rules.rule_set(data)
    with transaction() as session:
        last = session.scalar(select(func.max(RuleSet.version)).where(RuleSet.store_id == store_id)) or 0
        if based_on is not None and based_on != last:
            raise Stale(msg("Somebody has changed the rules meanwhile. Look at version %(number)s first.", number=last))
        version = RuleSet(
            store_id=store_id,
            version=last + 1,
            data=made.data(),
            note=note,
            by_id=actor.user_id,
            by_name=actor.name,
        )
        session.add(version)
        session.flush()
        ref = Ref("finance.rule_set", version.id)
        audit.record(
            actor, "rules_changed", ref, {"version": version.version, "note": note}, store_id=store_id, team="finance"
        )
    return version
