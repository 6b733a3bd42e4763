"""The feedback inbox: ratings by article and cause, tagged, and turned into work."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import case, func, literal_column, select

from core.board import moves, services
from core.board.models import Task
from core.board.services import Draft
from core.board.types import task_type
from core.contracts import Actor, Ref
from core.extensions import db
from core.messages import Message, Refusal, msg
from core.registry import registry
from core.stores.models import Product, Sku
from core.transactions import transaction
from core.web import say
from plugins.cs import tickets
from plugins.cs.models import Rating
from plugins.cs.rules import handouts
from plugins.cs.rules.words import CAUSES
from plugins.cs.types import COMPLAINT, TEAM

QUOTED = 10  # comments that a brief repeats


VARIANT = func.coalesce(Rating.sku_id, Rating.colour, literal_column("''"))


@dataclass(frozen=True)
class Group:
    """The comments of one store on one article with one cause; of one variant of it, where ``variant`` names one."""

    store_id: int
    item_id: str
    cause: str
    variant: str | None = None

    def conditions(self) -> tuple[Any, ...]:
        found = (Rating.store_id == self.store_id, Rating.item_id == self.item_id, Rating.cause == self.cause)
        return found if self.variant is None else (*found, self.variant == VARIANT)


def groups(
    cause: str = "", store_id: int | None = None, limit: int = 100, *, by_variant: bool = False
) -> Sequence[Any]:
    """Ratings by article, or by its variants, and cause: how many, how many in no task yet, when the last came; the
    most first."""
    variant = (VARIANT.label("variant"),) if by_variant else ()
    open_ = func.count(case((Rating.task_id.is_(None), 1))).label("open")
    query = (
        select(
            Rating.store_id,
            Rating.item_id,
            Rating.cause,
            func.max(Rating.product_id).label("product_id"),
            func.count().label("count"),
            open_,
            func.max(Rating.rated_at).label("last_at"),
            func.max(Rating.colour).label("colour"),
            *variant,
        )
        .where(Rating.cause != literal_column("''"))  # as the index of groups has it
        .group_by(Rating.store_id, Rating.item_id, Rating.cause, *([VARIANT] if by_variant else ()))
        .order_by(open_.desc(), func.count().desc(), Rating.item_id)
        .limit(limit)
    )
    if cause:
        query = query.where(Rating.cause == cause)
    if store_id is not None:
        query = query.where(Rating.store_id == store_id)
    most = query.subquery()
    named = select(most, Product.title).outerjoin(Product, Product.id == most.c.product_id)
    ordered = named.order_by(most.c.open.desc(), most.c.count.desc(), most.c.item_id)
    return db.session.execute(ordered).all()


def tag(rating_id: int, cause: str, tags: list[str]) -> Rating:
    """Correct what a comment speaks of, and tag it."""
    if cause not in CAUSES:
        raise Refusal(fields={"cause": msg("Choose one of the options.")})
    with transaction() as session:
        rating = session.get_one(Rating, rating_id)
        rating.cause = cause
        rating.tags = sorted({each.strip()[:20] for each in tags if each.strip()})[:10]
        rating.version += 1
    return rating


def raise_task(actor: Actor, group: Group, code: str) -> tuple[Task, list[Message]]:
    """Turn the comments of a group into one task: a complaint of the team's own, or work for another team; the task,
    and why it is still a draft."""
    with transaction() as session:
        open_ = (*group.conditions(), Rating.task_id.is_(None))
        query = select(Rating).where(*open_).order_by(Rating.rated_at.desc())
        rows = session.scalars(query.with_for_update()).all()
        if not rows:
            raise Refusal(msg("These comments are in a task already."))
        product = session.get(Product, rows[0].product_id) if rows[0].product_id else None
        said = "\n".join(f"· {row.text}" for row in rows[:QUOTED])
        sku = _sku(rows[0]) if group.variant else None
        named = " ".join(filter(None, [product.title if product else group.item_id, rows[0].colour if sku else ""]))
        title = f"{say(CAUSES[group.cause])} ×{len(rows)} · {named}"[:200]
        refs = [Ref("cs.rating", row.id) for row in rows[:QUOTED]]
        refs += [Ref("core.product", product.id)] if product else []
        refs += [Ref("core.sku", sku.id)] if sku else []
        code_ = (sku and sku.merchant_code) or (product.merchant_code if product else None)
        told = {"cause": group.cause, "items": named if product else "", "merchant_code": code_, "what": said}
        known = handouts.known({**told, "quantity": len(rows)}, "")
        task, left = _raised(actor, code, Draft(title, known, store_id=group.store_id, records=tuple(refs)))
        for row in rows:
            row.task_id = task.id
    return task, left


def _sku(rating: Rating) -> Sku | None:
    """The variant that a comment is about, where its file names one."""
    mine = (Sku.store_id == rating.store_id, Sku.item_id == rating.item_id, Sku.sku_id == rating.sku_id)
    return db.session.scalar(select(Sku).where(*mine).limit(1)) if rating.sku_id else None


def _raised(actor: Actor, code: str, draft: Draft) -> tuple[Task, list[Message]]:
    if code == "ticket":
        brief = handouts.brief_for(COMPLAINT.fields, {**draft.brief, "channel": "rating"})
        whole = Draft(draft.title, brief, store_id=draft.store_id, records=draft.records)
        return tickets.open_ticket(actor, COMPLAINT.name, whole), []
    handout = handouts.HANDOUTS.get(code)
    name = handouts.chosen_type(handout, registry().task_types, registry().teams) if handout else None
    if handout is None or name is None:
        raise Refusal(msg("Nobody here takes this on."))
    kind = task_type(name)
    to = "" if kind.team == handout.team else handout.team
    brief = handouts.brief_for(kind.fields, draft.brief)
    whole = Draft(draft.title, brief, store_id=draft.store_id, records=draft.records, to=to)
    task = services.draft_task(actor, name, TEAM, whole)
    try:
        moves.move(task.id, "offer", actor)
    except Refusal as refusal:
        return task, [msg("%(number)s is still a draft: %(why)s", number=task.number, why=w) for w in refusal.reasons]
    return task, []
