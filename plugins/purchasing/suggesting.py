"""What to reorder: worked out for each article, changed with a reason, drafted as one order per supplier, scored."""

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

import pyarrow as pa
from sqlalchemy import Row, Select, case, func, select, update

from core import bulk, localtime
from core.columns import now
from core.contracts import Actor
from core.extensions import db
from core.messages import LIST, Refusal, Stale, msg, together
from core.transactions import transaction
from plugins.purchasing import orders, rules, sales, stock
from plugins.purchasing.models import Offer, PurchaseOrder, Suggestion, Supplier, Uplift

COVER_DAYS = 14
SAFETY_DAYS = 3
MOST_PIECES = 9_999_999
LEAD = func.coalesce(Offer.lead_days, Supplier.lead_days)


@dataclass(frozen=True)
class Source:
    """The offer that an article is ordered by, with the days from order to delivery."""

    supplier_id: int
    supplier: str
    lead_days: int
    minimum: int
    pack: int
    prices: Sequence[Sequence[int]]
    supplier_code: str


def sources(store_id: int, code: str | None = None) -> dict[str, Source]:
    """Where to order each article (this one): the preferred offer of an active supplier, the cheapest among equals."""
    columns = (Supplier.id, Supplier.name, LEAD, Offer.minimum, Offer.pack, Offer.prices, Offer.supplier_code)
    found: dict[str, Source] = {}
    for each, *told in db.session.execute(_offers(store_id, code, *columns)):
        if each not in found:
            found[each] = Source(*told)
    return found


def _offers(store_id: int, code: str | None, *columns: Any) -> Select[Any]:
    """Code and these columns of the offers of active suppliers, those to order by first."""
    query = select(Offer.merchant_code, *columns).join(Supplier)
    here = query.where(*stock.here(Offer, store_id, code), Supplier.status == "active")
    return here.order_by(Offer.preferred.desc(), Offer.prices[0, 1].as_integer(), Offer.id)


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


def demand_of(article: stock.Article, source: Source | None, uplift: Sequence[int]) -> rules.Demand:
    """What an article's suggestion is worked out from."""
    return rules.Demand(
        sold=article.sold,
        on_hand=article.good,
        reserved=article.reserved,
        on_order=article.coming,
        drafted=article.drafted,
        lead_days=article.lead_days,
        cover_days=COVER_DAYS,
        safety_days=SAFETY_DAYS,
        minimum=source.minimum if source else 1,
        pack=source.pack if source else 1,
        uplift=uplift,
    )


def described(store_id: int) -> list[stock.Article]:
    """Every article of a store, with how long its next delivery takes; those out of stock or soon gone first."""
    found = stock.articles(store_id)
    for code, days in reversed(db.session.execute(_offers(store_id, None, LEAD)).all()):
        if code in found:  # the offer to order by comes last, and stays
            found[code].lead_days = days
    places = {name: place for place, name in enumerate([*stock.STANDINGS, ""])}
    return sorted(found.values(), key=lambda row: (places[row.standing], row.merchant_code))


def work_out(store_id: int, on: date | None = None) -> list[tuple[str, int | None, rules.Advice]]:
    """What to order of each article of a store, and of whom."""
    on = on or localtime.today()
    offered, uplifts = sources(store_id), uplifts_of(store_id, on)
    own, same = {row.merchant_code for row in uplifts}, dict[tuple[str, int], list[int]]()
    worked_out = []
    for code, article in stock.articles(store_id, on).items():
        source = offered.get(code)
        article.lead_days = source.lead_days if source else stock.LEAD_DAYS
        coming = code if code in own else "", article.lead_days + COVER_DAYS
        if coming not in same:
            same[coming] = percents(uplifts, code, on + timedelta(days=1), coming[1])
        advice = rules.advise(demand_of(article, source, same[coming]))
        worked_out.append((code, source.supplier_id if source else None, advice))
    return worked_out


WORKED_OUT = ("supplier_id", "suggested", "days", "expected", "spare", "steps")


def suggest(store_id: int, on: date | None = None) -> Sequence[Row[Any]]:
    """Work out the day's suggestions of a store; all of them, by article. Those that somebody changed or ordered stay
    as they are."""
    on = on or localtime.today()
    worked_out = work_out(store_id, on)
    here = (Suggestion.store_id == store_id, Suggestion.on == on)
    columns = [getattr(Suggestion, name) for name in WORKED_OUT]
    with transaction() as session:
        kept = select(Suggestion.merchant_code, Suggestion.id, Suggestion.chosen, Suggestion.order_id, *columns)
        known = {row.merchant_code: row for row in session.execute(kept.where(*here))}
        made, changed = [], []
        for code, supplier_id, advice in worked_out:
            row = known.get(code)
            if row is None and not advice.quantity:
                continue
            steps = [step._asdict() for step in advice.steps]
            told = (supplier_id, advice.quantity, advice.days, advice.expected, advice.spare, steps)
            if row is None:
                made.append((code, *told[:-1], json.dumps(steps)))
            elif row.chosen is None and row.order_id is None and row[4:] != told:
                changed.append({"id": row.id, **dict(zip(WORKED_OUT, told, strict=True))})
        if made:
            _insert(store_id, on, made)
        if changed:
            session.execute(update(Suggestion), changed)
        short = (Suggestion.id, Suggestion.merchant_code, Suggestion.chosen, *columns[:-1])
        return session.execute(select(*short).where(*here).order_by(Suggestion.merchant_code)).all()


def _insert(store_id: int, on: date, rows: Sequence[tuple[Any, ...]]) -> None:
    told = dict(zip(("merchant_code", *WORKED_OUT), zip(*rows, strict=True), strict=True))
    fixed = {**bulk.defaults(Suggestion.__table__), "store_id": store_id, "on": on.isoformat()}
    bulk.insert(Suggestion.__table__, {name: pa.array(values) for name, values in told.items()}, fixed)


def change(actor: Actor, suggestion_id: int, pieces: int | None, reason: str) -> Suggestion:
    """Order another quantity than the one that was worked out, and say why."""
    reason = reason.strip()[:500]
    if pieces is None or not 0 <= pieces <= MOST_PIECES:
        raise Refusal(fields={"pieces": msg("Give a number of pieces, 0 for none, at most 9,999,999.")})
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
            .order_by(Suggestion.supplier_id, Suggestion.merchant_code)
            .with_for_update()
            .execution_options(populate_existing=True)
        ).all()
        rows = [row for row in rows if pieces_of(row)]
        if not rows:
            raise Refusal(msg("Choose suggestions that are not ordered yet."))
        if lost := [row.merchant_code for row in rows if row.supplier_id is None]:
            raise Refusal(msg("Nobody offers %(codes)s; enter an offer first.", codes=together(lost[:5], LIST)))
        by_supplier: dict[tuple[int, int], list[Suggestion]] = defaultdict(list)
        for row in rows:
            by_supplier[row.store_id, row.supplier_id or 0].append(row)
        return [_order(actor, store_id, supplier_id, group) for (store_id, supplier_id), group in by_supplier.items()]


def _order(actor: Actor, store_id: int, supplier_id: int, rows: Sequence[Suggestion]) -> PurchaseOrder:
    names = stock.names(store_id, [row.merchant_code for row in rows])
    own = select(Offer).where(Offer.store_id == store_id, Offer.supplier_id == supplier_id)
    offers = {offer.merchant_code: offer for offer in db.session.scalars(own)}
    lines = [(row.merchant_code, names.get(row.merchant_code, ""), pieces_of(row)) for row in rows]
    usual = db.session.get_one(Supplier, supplier_id).lead_days
    asked = (offers[code].lead_days if code in offers else stock.LEAD_DAYS for code, *_ in lines)
    days = max(usual if each is None else each for each in asked)
    wanted = orders.Wanted(
        store_id, supplier_id, orders.priced(offers, lines), expected_on=localtime.today() + timedelta(days=days)
    )
    made = orders.draft_order(actor, wanted)
    for row in rows:
        row.order_id = made.id
    return made


def take(order: PurchaseOrder) -> None:
    """Count the newest suggestions of an order's articles as ordered by it. Inside a transaction."""
    here = Suggestion.store_id == order.store_id
    newest = select(func.max(Suggestion.on)).where(here).scalar_subquery()
    codes = [line.merchant_code for line in order.lines]
    rows = update(Suggestion).where(here, Suggestion.on == newest, Suggestion.merchant_code.in_(codes))
    db.session.execute(rows.where(Suggestion.order_id.is_(None)).values(order_id=order.id))


def wanted(suggestion_ids: Iterable[int]) -> tuple[int | None, list[tuple[str, str, int]]]:
    """The store of suggestions that are not ordered yet, and code, name and pieces of what they suggest."""
    query = select(Suggestion).where(Suggestion.id.in_(set(suggestion_ids)), Suggestion.order_id.is_(None))
    rows = [row for row in db.session.scalars(query.order_by(Suggestion.merchant_code)) if pieces_of(row)]
    if not rows:
        return None, []
    names = stock.names(rows[0].store_id, [row.merchant_code for row in rows])
    own = [row for row in rows if row.store_id == rows[0].store_id]
    return rows[0].store_id, [(row.merchant_code, names.get(row.merchant_code, ""), pieces_of(row)) for row in own]


def pieces_of(row: Suggestion) -> int:
    """What is to be ordered: what a person chose, or what was worked out."""
    return row.suggested if row.chosen is None else row.chosen


def score(store_id: int, on: date | None = None) -> int:
    """Say of suggestions whose days are over what was really sold in them; how many were scored."""
    on = on or localtime.today()
    waiting = (Suggestion.scored_at.is_(None), Suggestion.on <= on - timedelta(days=COVER_DAYS + 1))
    columns = (Suggestion.id, Suggestion.merchant_code, Suggestion.on, Suggestion.days)
    over: dict[tuple[date, int], list[tuple[int, str]]] = defaultdict(list)
    for number, code, day, days in db.session.execute(
        select(*columns).where(Suggestion.store_id == store_id, *waiting)
    ):
        span = days or COVER_DAYS
        if day + timedelta(days=span) < on:
            over[day, span].append((number, code))
    scored = []
    for (day, span), rows in over.items():
        sold = sales.sold(store_id, day + timedelta(days=span), span)
        scored += [{"id": number, "needed": sum(sold.get(code, ())), "scored_at": now()} for number, code in rows]
    with transaction() as session:
        if scored:
            session.execute(update(Suggestion), scored)
    return len(scored)


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
    here = (Suggestion.store_id == store_id, Suggestion.scored_at >= lately)
    ordered = func.coalesce(Suggestion.chosen, Suggestion.suggested)
    missing = func.coalesce(Suggestion.needed, 0) - func.coalesce(Suggestion.spare, 0)
    enough = case((missing > 0, missing), else_=0)
    sums = (
        func.count(),
        func.coalesce(func.sum(func.coalesce(Suggestion.expected, ordered)), 0),
        func.coalesce(func.sum(Suggestion.needed), 0),
        func.count(case((ordered < enough, 1))),
    )
    count, *pieces = db.session.execute(select(*sums).where(*here)).one()
    worst = select(Suggestion, enough).where(*here).order_by(func.abs(ordered - enough).desc(), Suggestion.id).limit(20)
    return Hindsight(count, *map(int, pieces), [(row, right) for row, right in db.session.execute(worst)])
