"""What to reorder: worked out for each article, changed with a reason, drafted as one order per supplier, scored."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

from sqlalchemy import select
from sqlalchemy.orm import contains_eager

from core import localtime
from core.columns import now
from core.contracts import Actor
from core.extensions import db
from core.imports.plans import chunks
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
        .options(contains_eager(Offer.supplier))
    )
    found: dict[str, Offer] = {}
    for offer in sorted(db.session.scalars(query), key=lambda each: (not each.preferred, each.prices[0][1], each.id)):
        found.setdefault(offer.merchant_code, offer)
    return found


def uplifts_of(store_id: int, since: date) -> Sequence[Uplift]:
    """The campaigns of a store that are not over by ``since``."""
    return db.session.scalars(
        select(Uplift).where(Uplift.store_id == store_id, Uplift.last >= since).order_by(Uplift.first, Uplift.id)
    ).all()


def percents(uplifts: Iterable[Uplift], merchant_code: str, first: date, days: int) -> list[int]:
    """Percents of ordinary sale for the coming ``days``; campaigns of one day multiply."""
    found = [100] * days
    for row in uplifts:
        if row.merchant_code in ("", merchant_code):
            for place in range(max((row.first - first).days, 0), min((row.last - first).days + 1, days)):
                found[place] = found[place] * row.percent // 100
    return found


def lead_of(offer: Offer | None) -> int:
    """Days from order to delivery."""
    if offer is None:
        return stock.LEAD_DAYS
    return offer.supplier.lead_days if offer.lead_days is None else offer.lead_days


def demand_of(article: stock.Article, offer: Offer | None, uplifts: Iterable[Uplift], on: date) -> rules.Demand:
    """What an article's suggestion is worked out from."""
    lead = lead_of(offer)
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
        uplift=percents(uplifts, article.merchant_code, on + timedelta(days=1), lead + COVER_DAYS),
    )


def described(store_id: int) -> list[stock.Article]:
    """Every article of a store, with how long its next delivery takes; those out of stock or soon gone first."""
    offers, found = offers_of(store_id), stock.articles(store_id)
    for code, article in found.items():
        article.lead_days = lead_of(offers.get(code))
    places = list(stock.STANDINGS)
    return sorted(
        found.values(),
        key=lambda row: (places.index(row.standing) if row.standing in places else 9, row.merchant_code),
    )


def work_out(store_id: int, on: date | None = None) -> list[tuple[str, int | None, rules.Advice]]:
    """What to order of each article of a store, and of whom."""
    on = on or localtime.today()
    offers, uplifts = offers_of(store_id), uplifts_of(store_id, on)
    return [
        (code, offer.supplier_id if offer else None, rules.advise(demand_of(article, offer, uplifts, on)))
        for code, article in stock.articles(store_id, on).items()
        for offer in (offers.get(code),)
    ]


def suggest(store_id: int, on: date | None = None) -> list[Suggestion]:
    """Work out the day's suggestions of a store. Those that somebody changed or ordered stay as they are."""
    on = on or localtime.today()
    worked_out = work_out(store_id, on)
    with transaction() as session:
        known = {
            row.merchant_code: row
            for row in session.scalars(select(Suggestion).where(Suggestion.store_id == store_id, Suggestion.on == on))
        }
        for code, supplier_id, advice in worked_out:
            row = known.get(code)
            if row is not None and (row.chosen is not None or row.order_id is not None):
                continue
            if row is None:
                if not advice.quantity:
                    continue
                row = known[code] = Suggestion(store_id=store_id, on=on, merchant_code=code)
                session.add(row)
            row.supplier_id, row.suggested = supplier_id, advice.quantity
            row.days, row.expected, row.spare = advice.days, advice.expected, advice.spare
            row.steps = [{"label": step.label, "value": step.value} for step in advice.steps]
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
    names = {code: article.name for code, article in stock.articles(store_id).items()}
    own = select(Offer).where(Offer.store_id == store_id, Offer.supplier_id == supplier_id)
    offers = {offer.merchant_code: offer for offer in db.session.scalars(own)}
    lines = [(row.merchant_code, names.get(row.merchant_code, ""), pieces_of(row)) for row in rows]
    days = max(lead_of(offers.get(row.merchant_code)) for row in rows)
    wanted = orders.Wanted(
        store_id, supplier_id, orders.priced(offers, lines), expected_on=localtime.today() + timedelta(days=days)
    )
    made = orders.draft_order(actor, wanted)
    for row in rows:
        row.order_id = made.id
    return made


def wanted(suggestion_ids: Iterable[int]) -> tuple[int | None, list[tuple[str, str, int]]]:
    """The store of suggestions that are not ordered yet, and code, name and pieces of what they suggest."""
    query = select(Suggestion).where(Suggestion.id.in_(set(suggestion_ids)), Suggestion.order_id.is_(None))
    rows = [row for row in db.session.scalars(query.order_by(Suggestion.merchant_code)) if pieces_of(row)]
    if not rows:
        return None, []
    names = {code: article.name for code, article in stock.articles(rows[0].store_id).items()}
    own = [row for row in rows if row.store_id == rows[0].store_id]
    return rows[0].store_id, [(row.merchant_code, names.get(row.merchant_code, ""), pieces_of(row)) for row in own]


def pieces_of(row: Suggestion) -> int:
    """What is to be ordered: what a person chose, or what was worked out."""
    return row.suggested if row.chosen is None else row.chosen


def score(store_id: int, on: date | None = None) -> int:
    """Say of suggestions whose days are over what was really sold in them; how many were scored."""
    on = on or localtime.today()
    waiting = (Suggestion.scored_at.is_(None), Suggestion.on <= on - timedelta(days=COVER_DAYS + 1))
    query = select(Suggestion.id, Suggestion.on, Suggestion.days).where(Suggestion.store_id == store_id, *waiting)
    over: dict[tuple[date, int], list[int]] = defaultdict(list)
    for number, day, days in db.session.execute(query):
        span = days or COVER_DAYS
        if day + timedelta(days=span) < on:
            over[day, span].append(number)
    with transaction() as session:
        for (day, span), numbers in over.items():
            sold = stock.sold(store_id, day + timedelta(days=span), span)
            for part in chunks(numbers):
                for row in session.scalars(select(Suggestion).where(Suggestion.id.in_(part))):
                    row.needed, row.scored_at = sum(sold.get(row.merchant_code, ())), now()
    return sum(map(len, over.values()))


@dataclass(frozen=True)
class Hindsight:
    """Suggestions against what happened: pieces that were expected to be sold and that were, how many suggestions were
    too small, and each with what would have been enough."""

    count: int
    expected: int
    sold: int
    short: int
    rows: Sequence[tuple[Suggestion, int]]

    @property
    def share(self) -> Fraction | None:
        """What was sold over what was expected."""
        return Fraction(self.sold, self.expected) if self.expected else None


def hindsight(store_id: int, days: int = 31) -> Hindsight:
    """The suggestions that were scored in the last month, those furthest from what would have been enough first."""
    lately = localtime.begins(localtime.today() - timedelta(days=days))
    query = select(Suggestion).where(Suggestion.store_id == store_id, Suggestion.scored_at >= lately)
    scored = [(row, rules.enough(row.needed or 0, row.spare or 0)) for row in db.session.scalars(query)]
    scored.sort(key=lambda each: (-abs(pieces_of(each[0]) - each[1]), each[0].id))
    return Hindsight(
        len(scored),
        sum(pieces_of(row) if row.expected is None else row.expected for row, _ in scored),
        sum(row.needed or 0 for row, _ in scored),
        sum(pieces_of(row) < enough for row, enough in scored),
        scored[:20],
    )
