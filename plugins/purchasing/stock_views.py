"""Pages of stock: what to reorder, every article, one article."""

from collections import Counter

from flask import Response, abort, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from core.access import current_actor, load, needs
from core.exports import MEDIA
from core.extensions import db
from core.listing import download, paged
from core.messages import N_, Message, Refusal, msg
from core.web import go, say, whole_number
from plugins.purchasing import orders, rules, scoring, stock, suggesting
from plugins.purchasing.models import StockDay, StockMove, Suggestion, Supplier
from plugins.purchasing.pages import BUY, MOST_ROWS, VIEW, answer, bp, given_store, store_of

PER_PAGE = 100


@bp.get("/")
@needs(VIEW)
def index() -> ResponseReturnValue:
    return _index()


def _index(refusal: Refusal | None = None, asked: int | None = None) -> Response:
    """The newest suggestions of a store, those to be ordered first, and how earlier ones did."""
    store_id, stores = store_of(request.values.get("store"))
    here = Suggestion.store_id == store_id
    on = db.session.scalar(select(func.max(Suggestion.on)).where(here))
    query = select(Suggestion).where(here, Suggestion.on == on)
    if supplier := whole_number(request.args.get("supplier")):
        query = query.where(Suggestion.supplier_id == supplier)
    query = query.order_by(Suggestion.order_id.is_not(None), Suggestion.merchant_code)
    found = paged(query.options(joinedload(Suggestion.supplier), joinedload(Suggestion.order)), request.args)
    offered = db.session.scalars(
        select(Supplier)
        .where(Supplier.id.in_(select(Suggestion.supplier_id).where(here, Suggestion.on == on)))
        .order_by(Supplier.name)
    )
    return answer(
        "purchasing/reorder.html",
        refusal,
        store_id=store_id,
        stores=stores,
        on=on,
        found=found,
        names=stock.names(store_id, [row.merchant_code for row in found.items]) if store_id else {},
        suppliers=[(row.id, row.name) for row in offered],
        pieces_of=suggesting.pieces_of,
        asked=asked,
        ticked={*request.form.getlist("suggestion")} if refusal else set(),
    )


@bp.get("/hindsight")
@needs(VIEW)
def hindsight_box() -> str:
    """How last month's suggestions did, loaded after the page: there may be hundreds of thousands."""
    store_id, _ = store_of(request.args.get("store"))
    return render_template(
        "purchasing/_hindsight.html",
        store_id=store_id,
        past=suggesting.hindsight(store_id) if store_id else None,
        pieces_of=suggesting.pieces_of,
        percent=scoring.percent,
    )


@bp.post("/suggest")
@needs(BUY)
def work_out() -> Response:
    problems: dict[str, Message] = {}
    store_id = given_store(problems)
    if problems:
        abort(404)
    suggesting.suggest(store_id)
    return go("purchasing.index", msg("The suggestions are worked out anew."), store=store_id)


@bp.post("/suggestions/<int:id>")
@needs(BUY)
def change(id: int) -> Response:
    """Order another quantity of an article than the suggested one."""
    found = load(Suggestion, current_actor(), id=id)
    pieces = whole_number(request.form.get("pieces"))
    try:
        suggesting.change(current_actor(), found.id, pieces, request.form.get("reason", ""))
    except Refusal as refusal:
        return _index(refusal, asked=id)
    kept = {name: request.args[name] for name in ("supplier", "page") if name in request.args}
    return go("purchasing.index", msg("The change is stored."), store=found.store_id, **kept)


@bp.post("/order")
@needs(BUY)
def order_ticked() -> Response:
    """Draft one order per supplier for the ticked suggestions, or begin an inquiry for them."""
    ticked = [number for text in request.form.getlist("suggestion") if (number := whole_number(text))]
    if request.form.get("step") == "ask" and ticked:
        return go("purchasing.new_inquiry", suggestions=",".join(map(str, ticked[:MOST_ROWS])))
    try:
        made = suggesting.order(current_actor(), ticked)
    except Refusal as refusal:
        return _index(refusal)
    if len(made) == 1:
        return go("purchasing.order", msg("%(number)s is drafted.", number=made[0].number), id=made[0].id)
    return go("purchasing.orders", msg("%(count)s orders are drafted.", count=len(made)), state=orders.DRAFT)


@bp.get("/stock", endpoint="stock")
@needs(VIEW)
def stock_list() -> ResponseReturnValue:
    """Every article of a store, what is short first."""
    store_id, stores = store_of(request.args.get("store"))
    rows = suggesting.described(store_id) if store_id else []
    counts = Counter(row.standing for row in rows)
    text, wanted = request.args.get("q", "").strip().lower(), request.args.get("standing", "")
    rows = [
        row
        for row in rows
        if (wanted not in stock.STANDINGS or row.standing == wanted)
        and text in f"{row.merchant_code} {row.name}".lower()
    ]
    if (form := request.args.get("export", "")) in MEDIA:
        return _export(rows, form)
    page = min(max(whole_number(request.args.get("page")) or 1, 1), max(1, -(-len(rows) // PER_PAGE)))
    start = (page - 1) * PER_PAGE
    return answer(
        "purchasing/stock.html",
        store_id=store_id,
        stores=stores,
        rows=rows[start : start + PER_PAGE],
        found=_Page(page, start, len(rows)),
        counts=counts,
        standings=stock.STANDINGS,
        on=rows[0].on if rows else None,
    )


class _Page:
    """Where a page of rows stands among all of them, as the pager of lists wants to know it."""

    def __init__(self, number: int, start: int, total: int) -> None:
        self.first, self.last, self.total = start + 1, min(start + PER_PAGE, total), total
        self.has_prev, self.prev_num = number > 1, number - 1
        self.has_next, self.next_num = start + PER_PAGE < total, number + 1


def _export(rows: list[stock.Article], form: str) -> Response:
    labels = (
        N_("Merchant code"),
        N_("Article name"),
        N_("On hand"),
        N_("Defective"),
        N_("Reserved"),
        N_("Coming"),
        N_("Sold in 28 days"),
        N_("Days of cover"),
        N_("Mark"),
    )
    body = (
        [
            row.merchant_code,
            row.name,
            row.good,
            row.defective,
            row.reserved,
            row.coming,
            sum(row.sold),
            "" if row.cover is None else row.cover,
            say(stock.STANDINGS.get(row.standing, "")),
        ]
        for row in rows
    )
    return download("stock", form, [say(label) for label in labels], body)


@bp.get("/stock/<int:store>/<path:code>")
@needs(VIEW)
def article(store: int, code: str) -> ResponseReturnValue:
    """One article: its stock by warehouse, its movements, its sales, and what is suggested."""
    store_id, names = store, dict(store_of(None)[1])
    found = stock.articles(store_id, code=code).get(code) if store_id in names else None
    if found is None:
        abort(404)
    source = suggesting.sources(store_id, code).get(code)
    found.lead_days = source.lead_days if source else stock.LEAD_DAYS
    latest = (Suggestion.store_id == store_id, Suggestion.merchant_code == code)
    return answer(
        "purchasing/article.html",
        article=found,
        store_id=store_id,
        store_name=names[store_id],
        snapshot=stock.snapshot_of(found, store_id),
        moves=stock.moves_of(store_id, code),
        standings=stock.STANDINGS,
        offer=source,
        daily=rules.decimal(found.daily),
        most=max([*found.sold, 1]),
        suggestion=db.session.scalar(select(Suggestion).where(*latest).order_by(Suggestion.on.desc()).limit(1)),
        pieces_of=suggesting.pieces_of,
    )


@bp.get("/stock/days/<int:id>")
@needs(VIEW)
def stock_day(id: int) -> Response:
    return _to_article(load(StockDay, current_actor(), id=id))


@bp.get("/stock/movements/<int:id>")
@needs(VIEW)
def stock_move(id: int) -> Response:
    return _to_article(load(StockMove, current_actor(), id=id))


def _to_article(row: StockDay | StockMove) -> Response:
    return go("purchasing.article", store=row.store_id, code=row.merchant_code)
