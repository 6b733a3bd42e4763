"""Lists of after-sale cases, promises, ratings and members."""

import json
from typing import Any

from sqlalchemy import ColumnElement, Text, and_, cast, literal_column, select
from sqlalchemy.orm import selectinload

from core.columns import now
from core.contracts import Actor
from core.extensions import db
from core.listing import Choice, Column, Listing, among, called
from core.messages import N_
from core.searching import Number, Words
from core.stores.queries import of_store
from core.web import whole_number
from plugins.cs.models import AfterSale, Member, Promise, Rating
from plugins.cs.models.records import TAGGED
from plugins.cs.rules import members, promises, words

WAITING = ("applied", "returned", "to_return")  # states in which a case still runs
OPEN, LATE = "open", "late"
OFFERED = 2_000  # rows whose tags are offered, the newest


def _tags(column: Any) -> Choice:
    """A filter of the team's own tags; a list of them is stored as JSON."""
    stored, tagged = cast(column, Text), literal_column(TAGGED)

    def options(_actor: Actor) -> list[tuple[str, str]]:
        rows = select(column).where(tagged).order_by(column.class_.id.desc()).limit(OFFERED)
        found = {tag for tags in db.session.scalars(rows) for tag in tags}
        return [(tag, tag) for tag in sorted(found)[:100]]

    def condition(given: str) -> ColumnElement[bool]:
        return and_(tagged, stored.contains(json.dumps(given), autoescape=True))

    return Choice("tag", N_("Any tag"), options, condition)


def _running(given: str) -> ColumnElement[bool] | None:
    if given == OPEN:
        return AfterSale.status.in_(WAITING)
    if given == LATE:
        return and_(AfterSale.status.in_(WAITING), AfterSale.due_at < now())
    return AfterSale.status == given if given in words.AFTER_SALE_STATES else None


CASE_STATES = {OPEN: N_("Still running"), LATE: N_("Overdue"), **words.AFTER_SALE_STATES}


def _judged(row: AfterSale) -> str | None:
    return words.JUDGEMENTS.get(row.status)


AFTER_SALES = Listing(
    "after-sales",
    AfterSale,
    (
        Column("refund_no", N_("Refund number"), lambda row: row.refund_no, "link", AfterSale.refund_no),
        Column("order_no", N_("Order number"), lambda row: row.order_no, sort=AfterSale.order_no, wide=True),
        Column("kind", N_("After-sale type"), called(words.AFTER_SALE_KINDS, "kind"), "label", AfterSale.kind),
        Column("status", N_("State"), called(words.AFTER_SALE_STATES, "status"), "label", AfterSale.status),
        Column("amount", N_("Amount"), lambda row: row.amount, "money", AfterSale.amount),
        Column("reason", N_("Reason"), lambda row: row.reason, sort=AfterSale.reason, wide=True),
        Column("due_at", N_("Decides by itself"), lambda row: row.due_at, "when", AfterSale.due_at),
        Column("judged", N_("If nobody acts, it"), _judged, "label", wide=True),
        Column("applied_at", N_("Applied for at"), lambda row: row.applied_at, "when", AfterSale.applied_at, wide=True),
    ),
    search=(
        Number(AfterSale.refund_no),
        Number(AfterSale.order_no),
        Words(AfterSale.merchant_code),
        Words(AfterSale.reason),
    ),
    # what still runs first, the soonest due on top
    order=(AfterSale.status.not_in(WAITING), AfterSale.due_at.is_(None), AfterSale.due_at, AfterSale.id.desc()),
    filters=(
        Choice("status", N_("Any state"), lambda _actor: [(k, v) for k, v in CASE_STATES.items() if k], _running),
        among("kind", N_("Any type"), words.AFTER_SALE_KINDS, AfterSale.kind),
        of_store(AfterSale.store_id),
    ),
    day=AfterSale.applied_at,
)
PROMISES = Listing(
    "promises",
    Promise,
    (
        Column("order_no", N_("Order number"), lambda row: row.order_no, "link", Promise.order_no),
        Column("amount", N_("Amount"), lambda row: row.amount, "money", Promise.amount),
        Column("kind", N_("Kind"), called(promises.KINDS, "kind"), "label", Promise.kind),
        Column("state", N_("State"), called(promises.STATES, "state"), "label", Promise.state),
        Column("promised_at", N_("Promised at"), lambda row: row.promised_at, "when", Promise.promised_at),
        Column("paid_at", N_("Paid out"), lambda row: row.paid_at, "when", Promise.paid_at),
        Column("text", N_("Note"), lambda row: row.text),
        Column("task", N_("Task"), lambda row: row.task.number if row.task else None),
    ),
    search=(Number(Promise.order_no), Words(Promise.text)),
    order=(Promise.promised_at.desc(), Promise.id.desc()),
    filters=(
        among("state", N_("Any state"), promises.STATES, Promise.state),
        among("kind", N_("Any kind"), promises.KINDS, Promise.kind),
        of_store(Promise.store_id),
    ),
    day=Promise.promised_at,
    options=(selectinload(Promise.task),),
)
RATINGS = Listing(
    "ratings",
    Rating,
    (
        Column("title", N_("Comment"), lambda row: row.title, "link"),
        Column("cause", N_("Cause"), called(words.CAUSES, "cause"), "label", Rating.cause),
        Column("item_id", N_("Article"), lambda row: row.item_id, sort=Rating.item_id, wide=True),
        Column("grade", N_("Grade"), lambda row: row.grade, sort=Rating.grade, wide=True),
        Column("tags", N_("Tags"), lambda row: " ".join(row.tags or ()), wide=True),
        Column("rated_at", N_("Rated"), lambda row: row.rated_at, "when", Rating.rated_at),
    ),
    search=(Words(Rating.text), Words(Rating.later_text), Number(Rating.item_id)),
    order=(Rating.rated_at.desc(), Rating.id.desc()),
    filters=(
        among("cause", N_("Any cause"), words.CAUSES, Rating.cause),
        _tags(Rating.tags),
        of_store(Rating.store_id),
    ),
    day=Rating.rated_at,
)


def _spent(given: str) -> ColumnElement[bool] | None:
    lower = whole_number(given)
    return Member.spent >= lower if lower in members.BANDS else None


MEMBERS = Listing(
    "members",
    Member,
    (
        Column("pseudonym", N_("Pseudonym"), lambda row: row.pseudonym[:8], "link"),
        Column("tier", N_("Tier"), called(members.TIERS, "tier"), "label", Member.tier),
        Column("orders", N_("Orders"), lambda row: row.orders, "number", Member.orders),
        Column("spent", N_("Spent so far"), lambda row: row.spent, "money", Member.spent),
        Column("band", N_("Spend band"), lambda row: members.band(row.spent), sort=Member.spent, wide=True),
        Column("first_at", N_("First order"), lambda row: row.first_at, "when", Member.first_at, wide=True),
        Column("last_at", N_("Last order"), lambda row: row.last_at, "when", Member.last_at),
        Column("last_order_no", N_("Last order number"), lambda row: row.last_order_no, wide=True),
        Column("tags", N_("Tags"), lambda row: " ".join(row.tags or ()), wide=True),
    ),
    search=(Member.pseudonym, Number(Member.last_order_no)),
    order=(Member.spent.desc(), Member.id),
    filters=(
        among("tier", N_("Any tier"), members.TIERS, Member.tier),
        Choice(
            "spent",
            N_("Spent any amount"),
            lambda _actor: [(edge, f"≥ ¥{edge // 100:,}") for edge in members.BANDS if edge],
            _spent,
        ),
        _tags(Member.tags),
        of_store(Member.store_id),
    ),
    day=Member.last_at,
)
