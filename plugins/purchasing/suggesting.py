"""What to reorder: worked out for each article, changed with a reason, drafted as one order per supplier, scored."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, timedelta

from sqlalchemy import select

from core.columns import now
from core.contracts import Actor
from core.extensions import db
from core.messages import Refusal, Stale, msg
from core.transactions import transaction
from plugins.purchasing import orders, rules, stock
from plugins.purchasing.models import Offer, PurchaseOrder, Suggestion, Supplier, Uplift

COVER_DAYS = 14
SAFETY_DAYS = 3


def offers_of(store_id: int) -> dict[str, Offer]:
    """The offer to order each article by: the preferred one of an active supplier, the cheapest among equals."""
    query = (
        select(Offer)
        .join(Supplier)
        .where(Offer.store_id == store_id, Supplier.status == "active")
        .order_by(Offer.preferred, Offer.id.desc())
    )
    found: dict[str, Offer] = {}
    for offer in sorted(db.session.scalars(query), key=lambda each: (not each.preferred, each.prices[0][1], each.id)):
        found.setdefault(offer.merchant_code, offer)
    return found


def uplift_of(store_id: int, merchant_code: str, first: date, days: int) -> list[int]:
    """Percents of ordinary sale for the coming ``days``; campaigns of one day multiply."""
    percents = [100] * days
    wanted = Uplift.store_id == store_id, Uplift.merchant_code.in_(("", merchant_code)), Uplift.last >= first
    for row in db.session.scalars(select(Uplift).where(*wanted).order_by(Uplift.id)):
        for place in range(days):
            if row.first <= first + timedelta(days=place) <= row.last:
                percents[place] = percents[place] * row.percent // 100
    return percents


def demand_of(article: stock.Article, offer: Offer | None, store_id: int, on: date) -> rules.Demand:
    """What an article's suggestion is worked out from."""
    lead = (offer.lead_days or offer.supplier.lead_days) if offer else 7
    return rules.Demand(
        sold=article.sold,
        on_hand=article.good,
        reserved=article.reserved,
        on_order=article.coming,
        lead_days=lead,
        cover_days=COVER_DAYS,
        safety_days=SAFETY_DAYS,
        minimum=offer.minimum if offer else 1,
        pack=offer.pack if offer else 1,
        uplift=uplift_of(store_id, article.merchant_code, on + timedelta(days=1), lead + COVER_DAYS),
    )


def suggest(store_id: int, on: date | None = None) -> list[Suggestion]:
    """Work out the day's suggestions of a store. Those that somebody changed or ordered stay as they are."""
    on = on or stock.today()
    found, offers = stock.articles(store_id, on), offers_of(store_id)
    with transaction() as session:
        known = {
            row.merchant_code: row
            for row in session.scalars(select(Suggestion).where(Suggestion.store_id == store_id, Suggestion.on == on))
        }
        for code, article in found.items():
            offer = offers.get(code)
            advice = rules.advise(demand_of(article, offer, store_id, on))
            row = known.get(code)
            if row is not None and (row.chosen is not None or row.order_id is not None):
                continue
            if row is None:
                if not advice.quantity:
                    continue
                row = known[code] = Suggestion(store_id=store_id, on=on, merchant_code=code)
                session.add(row)
            row.supplier_id = offer.supplier_id if offer else None
            row.steps = [{"label": step.label, "value": step.value} for step in advice.steps]
            row.suggested = advice.quantity
    return sorted(known.values(), key=lambda row: row.merchant_code)


def change(actor: Actor, suggestion_id: int, pieces: int | None, reason: str) -> Suggestion:
    """Order another quantity than the one that was worked out, and say why."""
    reason = reason.strip()[:500]
    if pieces is None or pieces < 0:
        raise Refusal(fields={"pieces": msg("Give a number of pieces, 0 for none.")})
    with transaction() as session:
        row = session.get(Suggestion, suggestion_id, with_for_update=True, populate_existing=True)
        if row is None or row.order_id is not None:
            raise Stale(msg("It is ordered already."))
        if pieces != row.suggested and not reason:
            raise Refusal(fields={"reason": msg("Say why in a few words.")})
        row.chosen, row.reason, row.by_id = pieces, reason, actor.user_id
    return row


def order(actor: Actor, suggestion_ids: Iterable[int]) -> list[PurchaseOrder]:
    """Draft one order per supplier from suggestions; an article without a supplier is named and nothing is drafted."""
    wanted = set(suggestion_ids)
    with transaction() as session:
        rows = session.scalars(
            select(Suggestion)
            .where(Suggestion.id.in_(wanted), Suggestion.order_id.is_(None))
            .with_for_update()
            .execution_options(populate_existing=True)
        ).all()
        rows = [row for row in rows if pieces_of(row)]
        if not rows:
            raise Refusal(msg("Choose suggestions that are not ordered yet."))
        if lost := [row.merchant_code for row in rows if row.supplier_id is None]:
            raise Refusal(msg("Nobody offers %(codes)s; enter an offer first.", codes=", ".join(lost[:5])))
        by_supplier: dict[tuple[int, int], list[Suggestion]] = defaultdict(list)
        for row in rows:
            by_supplier[row.store_id, row.supplier_id or 0].append(row)
        return [_order(actor, store_id, supplier_id, group) for (store_id, supplier_id), group in by_supplier.items()]


def _order(actor: Actor, store_id: int, supplier_id: int, rows: Sequence[Suggestion]) -> PurchaseOrder:
    offers, found = offers_of(store_id), stock.articles(store_id)
    names = {code: article.name for code, article in found.items()}
    lines = [(row.merchant_code, names.get(row.merchant_code, ""), pieces_of(row)) for row in rows]
    days = max(((offers[r.merchant_code].lead_days or 0) for r in rows if r.merchant_code in offers), default=0)
    supplier = db.session.get_one(Supplier, supplier_id)
    expected = stock.today() + timedelta(days=days or supplier.lead_days)
    made = orders.draft_order(
        actor, orders.Wanted(store_id, supplier_id, orders.priced(offers, lines), expected_on=expected)
    )
    for row in rows:
        row.order_id = made.id
    return made


def pieces_of(row: Suggestion) -> int:
    """What is to be ordered: what a person chose, or what was worked out."""
    return row.suggested if row.chosen is None else row.chosen


def score(store_id: int, on: date | None = None) -> int:
    """Say of suggestions whose days are over what was really sold in them; how many were scored."""
    on = on or stock.today()
    over = Suggestion.on <= on - timedelta(days=COVER_DAYS + 1)
    with transaction() as session:
        rows = session.scalars(
            select(Suggestion).where(Suggestion.store_id == store_id, Suggestion.scored_at.is_(None), over)
        ).all()
        for row in rows:
            days = stock.sold(store_id, row.on + timedelta(days=COVER_DAYS), COVER_DAYS)
            row.needed, row.scored_at = sum(days.get(row.merchant_code, ())), now()
    return len(rows)
