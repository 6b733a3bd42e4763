"""The way from a request to orders by quotes: several suppliers asked, their quotes entered, compared, chosen among."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import select

from core import localtime
from core.audit import services as audit
from core.board import services as board
from core.board.models import Task
from core.columns import now
from core.contracts import Actor, Ref
from core.extensions import db
from core.files import services as files
from core.files.rules import Accepted
from core.messages import N_, Message, Refusal, Stale, msg, refuse
from core.numbers import number_of_month
from core.transactions import transaction
from core.web import yuan
from plugins.purchasing import orders, quoting, rules, suggesting, suppliers
from plugins.purchasing.models import Inquiry, PurchaseOrder, Quote, Supplier

KIND, QUOTE = "purchasing.inquiry", "purchasing.quote"
OPEN, DECIDED, GIVEN_UP = "open", "decided", "given_up"
STATES = {OPEN: N_("Quotes are awaited"), DECIDED: N_("Suppliers chosen"), GIVEN_UP: N_("Given up")}
ASKED, QUOTED, DECLINED = "asked", "quoted", "declined"
QUOTE_STATES = {ASKED: N_("Asked"), QUOTED: N_("Quoted"), DECLINED: N_("Does not quote")}
MOST_SUPPLIERS = 8


@dataclass(frozen=True)
class Asked:
    """An inquiry to be written: ``lines`` are code, name, pieces; ``task`` is the request that it answers."""

    store_id: int
    suppliers: Sequence[int]
    lines: Sequence[tuple[str, str, int]]
    answer_by: date | None = None
    needed_on: date | None = None
    note: str = ""
    task: Task | None = None


def ask(actor: Actor, asked: Asked, inquiry_id: int | None = None, version: int | None = None) -> Inquiry:
    """Write an inquiry to several suppliers, or rewrite one that nobody has answered yet."""
    _demand_sound(asked)
    with transaction() as session:
        if inquiry_id is None:
            number = number_of_month("RFQ", "purchasing.inquiry")
            found = Inquiry(number=number, store_id=asked.store_id, by_id=actor.user_id)
            found.task_id = asked.task.id if asked.task else None
            session.add(found)
        else:
            found = locked(inquiry_id, version)
            if any(quote.state != ASKED for quote in found.quotes):
                raise Refusal(msg("A supplier has answered already; write a new inquiry for other goods."))
        found.lines = [{"merchant_code": code, "name": name, "quantity": pieces} for code, name, pieces in asked.lines]
        found.answer_by, found.needed_on, found.note = asked.answer_by, asked.needed_on, asked.note.strip()
        kept = {quote.supplier_id: quote for quote in found.quotes}
        for supplier_id in set(kept) - set(asked.suppliers):
            found.quotes.remove(kept[supplier_id])
            session.delete(kept[supplier_id])
        for supplier_id in dict.fromkeys(asked.suppliers):
            if supplier_id not in kept:
                found.quotes.append(_quote_of(found, supplier_id))
        session.flush()
        if asked.task is not None:
            board.link(session.get_one(Task, asked.task.id), [Ref(KIND, found.id)], actor)
        log(actor, found, N_("asked suppliers for quotes"), {"suppliers": len(found.quotes)})
    return found


def _quote_of(inquiry: Inquiry, supplier_id: int) -> Quote:
    return Quote(supplier_id=supplier_id, store_id=inquiry.store_id, lines=[])


def _demand_sound(asked: Asked) -> None:
    problems: dict[str, Message] = {}
    active = set(db.session.scalars(select(Supplier.id).where(Supplier.status == "active")))
    if not asked.suppliers or not set(asked.suppliers) <= active:
        problems["suppliers"] = msg("Choose the suppliers to ask.")
    elif len(set(asked.suppliers)) > MOST_SUPPLIERS:
        problems["suppliers"] = msg("At most %(count)s suppliers.", count=MOST_SUPPLIERS)
    if not asked.lines:
        problems["lines"] = msg("An inquiry needs at least one line.")
    if any(not code or pieces < 1 for code, _, pieces in asked.lines):
        problems["lines"] = msg("Each line needs a code and at least one piece.")
    if twice := rules.twice(code for code, *_ in asked.lines):
        problems["lines"] = msg("%(code)s stands on two lines; put them together.", code=twice)
    refuse(**problems)


def locked(inquiry_id: int, version: int | None = None) -> Inquiry:
    """An open inquiry, held until the end of the transaction; raises ``Stale`` if it is not as it was seen."""
    found = db.session.get(Inquiry, inquiry_id, with_for_update=True, populate_existing=True)
    if found is None or version not in (None, found.version):
        raise Stale(msg("Somebody else changed this inquiry meanwhile; look at it again."))
    if found.state != OPEN:
        raise Refusal(msg("%(number)s is closed.", number=found.number))
    found.version += 1
    return found


def enter_quote(
    actor: Actor, quote_id: int, given: Mapping[str, Any], version: int | None = None, paper: Accepted | None = None
) -> Quote:
    """Put down what a supplier quotes, or that it quotes nothing; a later quote takes the place of the first.

    ``given`` has lines (merchant_code, prices, minimum, pack) of the articles it offers, freight, lead_days, terms,
    valid_until and note; without lines the supplier declines.
    """
    asked = {line["merchant_code"] for line in db.session.get_one(Quote, quote_id).inquiry.lines}
    lines = [dict(line) for line in given["lines"]]
    if {line["merchant_code"] for line in lines} - asked or any(not line["prices"] for line in lines):
        raise Refusal(fields={"lines": msg("Quote only for what was asked, each with a price.")})
    if any(min(line["minimum"], line["pack"]) < 1 for line in lines):
        raise Refusal(fields={"lines": msg("At least one piece.")})
    if given["freight"] < 0:
        raise Refusal(fields={"freight": msg("An amount cannot be negative.")})
    kept = files.put(paper, actor) if paper else None
    with transaction() as session:
        quote = session.get_one(Quote, quote_id, populate_existing=True)
        inquiry = locked(quote.inquiry_id)
        if version not in (None, quote.version):
            raise Stale(msg("Somebody else changed this quote meanwhile; look at it again."))
        quote.lines, quote.state = lines, QUOTED if lines else DECLINED
        for name in ("freight", "lead_days", "terms", "valid_until", "note"):
            setattr(quote, name, given[name])
        quote.quoted_at, quote.version = now(), quote.version + 1
        if kept is not None:
            quote.file = kept
        session.flush()
        told = {"supplier": quote.supplier.name, "total": _quoted(quote).landed}
        log(actor, inquiry, N_("entered a quote") if lines else N_("noted that a supplier does not quote"), told)
    return quote


def _quoted(quote: Quote) -> quoting.Quoted:
    wanted = {line["merchant_code"]: line["quantity"] for line in quote.inquiry.lines}
    rows = [(line["merchant_code"], line) for line in quote.lines]
    bids = {code: quoting.bid(wanted[code], row["prices"], row["minimum"], row["pack"]) for code, row in rows}
    return quoting.Quoted(quote.id, bids, quote.freight)


def compared(inquiry: Inquiry) -> dict[int, quoting.Quoted]:
    """The quotes that came, as they are compared, by id."""
    return {quote.id: _quoted(quote) for quote in inquiry.quotes if quote.state == QUOTED}


def choose(
    actor: Actor,
    inquiry_id: int,
    chosen: Mapping[str, int],
    reason: str = "",
    *,
    keep_offers: bool = True,
    version: int | None = None,
) -> list[PurchaseOrder]:
    """Draft an order to each chosen supplier: ``chosen`` names a quote for each article that is to be ordered.

    A choice that is not the cheapest for these articles needs a reason. With ``keep_offers`` the chosen prices become
    what the suppliers offer.
    """
    reason = reason.strip()[:500]
    with transaction():
        inquiry = locked(inquiry_id, version)
        quotes = compared(inquiry)
        if not chosen or any(code not in quotes.get(number, _NOTHING).bids for code, number in chosen.items()):
            raise Refusal(fields={"chosen": msg("Choose for each article one of the quotes for it.")})
        cost, best = quoting.landed(quotes, chosen), quoting.cheapest(quotes.values(), chosen)[1]
        if cost > best and not reason:
            why = msg("It costs %(more)s more than the cheapest way; say why.", more=yuan(cost - best))
            raise Refusal(fields={"reason": why})
        made = [
            _order(actor, quote, quotes[quote.id], chosen) for quote in inquiry.quotes if quote.id in chosen.values()
        ]
        if keep_offers:
            _keep_offers(actor, inquiry, chosen)
        inquiry.state, inquiry.decided_at, inquiry.reason = DECIDED, now(), reason
        inquiry.chosen, inquiry.cheapest = cost, best
        if inquiry.task is not None:
            board.link(inquiry.task, [Ref(orders.KIND, order.id) for order in made], actor)
        told = {"text": reason, "chosen": cost, "cheapest": best, "orders": [order.number for order in made]}
        log(actor, inquiry, N_("chose among quotes"), told)
    return made


_NOTHING = quoting.Quoted(0, {})


def _order(actor: Actor, quote: Quote, quoted: quoting.Quoted, chosen: Mapping[str, int]) -> PurchaseOrder:
    taken = [line for line in quote.inquiry.lines if chosen.get(line["merchant_code"]) == quote.id]
    bids = {line["merchant_code"]: quoted.bids[line["merchant_code"]] for line in taken}
    lines = [
        (code, line["name"], bids[code].pieces, bids[code].price) for line in taken for code in (line["merchant_code"],)
    ]
    days = quote.supplier.lead_days if quote.lead_days is None else quote.lead_days
    expected = localtime.today() + timedelta(days=days)
    wanted = orders.Wanted(
        quote.store_id, quote.supplier_id, lines, freight=quote.freight, expected_on=expected, note=quote.terms
    )
    quote.order = orders.draft_order(actor, wanted)
    suggesting.take(quote.order)
    return quote.order


def _keep_offers(actor: Actor, inquiry: Inquiry, chosen: Mapping[str, int]) -> None:
    for quote in inquiry.quotes:
        for line in quote.lines:
            if chosen.get(line["merchant_code"]) == quote.id:
                values = {**line, "store_id": inquiry.store_id, "lead_days": quote.lead_days, "preferred": True}
                suppliers.put_offer(actor, quote.supplier_id, values)


def give_up(actor: Actor, inquiry_id: int, reason: str, version: int | None = None) -> Inquiry:
    """End an inquiry without an order."""
    reason = reason.strip()[:500]
    if not reason:
        raise Refusal(fields={"reason": msg("Say why in a few words.")})
    with transaction():
        found = locked(inquiry_id, version)
        found.state, found.decided_at, found.reason = GIVEN_UP, now(), reason
        log(actor, found, N_("gave an inquiry up"), {"text": reason})
    return found


def prices_given(text: str) -> list[list[int]]:
    """Price breaks of a quote as they are typed: one price for any quantity, or breaks parted by semicolons or lines.

    Raises ``ValueError`` for what is not that.
    """
    whole = text.replace(";", "\n").replace("\uff1b", "\n").strip()
    return rules.price_breaks(f"1 {whole}" if len(whole.split()) == 1 else whole)


def of_order(order_id: int) -> Quote | None:
    """The quote that an order was made of."""
    return db.session.scalar(select(Quote).where(Quote.order_id == order_id))


def log(actor: Actor, inquiry: Inquiry, verb: str, data: Mapping[str, Any]) -> None:
    """Put down in the log what was done with an inquiry."""
    facts = {"number": inquiry.number, "state": inquiry.state, **data}
    audit.record(actor, verb, Ref(KIND, inquiry.id), facts, store_id=inquiry.store_id, team=orders.TEAM)
