"""Pages of a Tmall Global store's payouts: the list, and one with its details, its fees and what does not tie."""

from typing import Any

from flask import request
from flask.typing import ResponseReturnValue
from sqlalchemy import func, select

from core.access import current_actor, load, needs
from core.extensions import db
from core.listing import LAST_PAGE
from core.stores.models import Store
from core.web import respond, whole_number
from plugins.finance.books.models import SettlementBatch, SettlementDetail
from plugins.finance.books.settlements import homeless, settlements
from plugins.finance.pages import bp

PER_PAGE, PAYOUTS_PER_PAGE = 50, 15


def stores_with(model: Any) -> list[tuple[int, str]]:
    """Id and name of the stores that have such records and that the actor sees."""
    has = select(model.store_id).distinct()
    query = select(Store.id, Store.name).where(Store.visible_to(current_actor()), Store.id.in_(has))
    return [(number, name) for number, name in db.session.execute(query.order_by(Store.name))]


def chosen(stores: list[tuple[int, str]]) -> int | None:
    """The store that the address names, or the first; None where there is none."""
    wanted, known = whole_number(request.args.get("store")), [number for number, _ in stores]
    return wanted if wanted in known else next(iter(known), None)


@bp.get("/settlements", endpoint="settlements")
@needs("finance.view")
def index() -> ResponseReturnValue:
    stores = stores_with(SettlementBatch)
    store_id = chosen(stores)
    mine = (SettlementBatch.store_id == store_id, SettlementBatch.visible_to(current_actor()))
    order = (SettlementBatch.settled_at.desc(), SettlementBatch.key)
    number = min(whole_number(request.args.get("page")) or 1, LAST_PAGE)
    query = select(SettlementBatch).where(*mine).order_by(*order)
    found = db.paginate(query, page=number, per_page=PAYOUTS_PER_PAGE, error_out=False)  # each is added up anew
    return respond(
        "finance/settlements.html",
        stores=stores,
        store_id=store_id,
        found=found,
        rows=settlements(store_id, [batch.id for batch in found.items]) if store_id else [],
        lost=_lost(store_id),
    )


def _lost(store_id: int | None) -> list[tuple[Any, str, int, int]]:
    """Details of which no payout is imported, by moment and currency: how many, how much."""
    some = select(func.count()).select_from(SettlementDetail).where(SettlementDetail.store_id == store_id)
    if store_id is None or not db.session.scalar(some):
        return []
    found: dict[tuple[Any, str], list[int]] = {}
    for detail in homeless(store_id):
        sums = found.setdefault((detail.settled_at, detail.currency), [0, 0])
        sums[0], sums[1] = sums[0] + 1, sums[1] + detail.settlement
    return [(*key, *sums) for key, sums in sorted(found.items())]


@bp.get("/settlements/<int:id>")
@needs("finance.view")
def settlement(id: int) -> ResponseReturnValue:
    batch = load(SettlementBatch, current_actor(), id=id)
    (found,) = settlements(batch.store_id, [id])
    only = request.args.get("show") == "other"
    details = found.other_period if only else found.details
    last = max(1, -(-len(details) // PER_PAGE))
    page = min(max(1, whole_number(request.args.get("page")) or 1), last)
    store = load(Store, current_actor(), id=batch.store_id)
    return respond(
        "finance/settlement.html",
        batch=batch,
        store=store,
        found=found,
        only=only,
        details=details[(page - 1) * PER_PAGE : page * PER_PAGE],
        rows=Page(page, last, len(details)),
    )


class Page:
    """Where in a list of rows a page is, as the pager asks."""

    def __init__(self, number: int, last: int, total: int):
        self.total, self.first = total, (number - 1) * PER_PAGE + 1
        self.last = min(number * PER_PAGE, total)
        self.has_prev, self.prev_num = number > 1, number - 1
        self.has_next, self.next_num = number < last, number + 1
