"""Order exports as columns for the engine. Pure."""

from collections.abc import Sequence

import numpy as np

from core.imports.rules import as_id
from core.messages import msg
from core.stores import rules as stores
from plugins.finance.comparing.cells import (
    MISSING,
    NEVER,
    RATE,
    RAW,
    TEXT,
    TIME,
    YUAN,
    Numbers,
    coded,
    demand,
    fen,
    ids,
    seconds,
)
from plugins.finance.comparing.exported import Block, Export, Found
from plugins.finance.matching import verdicts
from plugins.finance.matching.groups import Ints
from plugins.finance.matching.loading import PAID_STATES, UNSAID, money

TYPES = {
    "order_no": TEXT,
    "payment_no": TEXT,
    "total": YUAN,
    "kept": YUAN,
    "refund": YUAN,
    "status_text": RAW,
    "ordered_at": TIME,
    "paid_at": TIME,
    "confirmed_at": TIME,
    "commission_rate": RATE,
}
TO_PAY = {"goods_due": YUAN, "postage_due": YUAN}  # where the total is what was paid, and nothing was
STATES = list(stores.ORDER_STATES)
UNPAID, DONE, CLOSED, UNKNOWN = (STATES.index(each) for each in (stores.UNPAID, stores.DONE, stores.CLOSED, ""))
PAID = [STATES.index(each) for each in PAID_STATES]


def read_orders(export: Export, codes: Numbers) -> list[Found]:
    """The orders of an export, repeated rows as well, with what ``flagged`` asks."""
    modern = "modern" in export.table.columns

    def reduce(block: Block) -> Found:
        words, names = coded(block["status_text"], export.encoding)
        states = np.array([STATES.index(stores.order_state(each)) for each in names], np.int8)
        state = states[words]
        total, kept, refund = (fen(block[name], UNSAID) for name in ("total", "kept", "refund"))
        demand(total == UNSAID, "total", MISSING)
        demand(total < 0, "total", msg("The amount of an order cannot be negative."))
        if modern:
            due, postage = (fen(block[name], 0) for name in TO_PAY)
            total = np.where((total == 0) & ((state == UNPAID) | (state == CLOSED)), due + postage, total)
        paid_at = seconds(block["paid_at"])
        moment = (
            paid_at if (paid_at != NEVER).all() else np.where(paid_at == NEVER, seconds(block["ordered_at"]), paid_at)
        )
        return {
            "no": ids(block["order_no"], codes.orders, "order_no", msg("The order number is missing."), _number),
            "pay": ids(block["payment_no"], codes.trades, "payment_no"),
            **money(total, kept, refund),
            "own_rate": fen(block["commission_rate"], verdicts.UNKNOWN_RATE),
            "state": state,
            "paid": (paid_at != NEVER) | np.isin(states, PAID)[words] | ((state == CLOSED) & (refund > 0)),
            "nothing": (kept == 0) & (refund != UNSAID) & (refund >= total) & (total > 0),
            "moment": moment,
            "confirmed": seconds(block["confirmed_at"]),
        }

    return export.read(TYPES | (TO_PAY if modern else {}), reduce)


def _number(cell: str) -> str:
    return stores.order_number(as_id(cell))


def flagged(orders: Found, start: int, end: int, cutoff: int) -> np.ndarray:
    """What the engine wants to know of each order, as bits."""
    moment, confirmed, state = (orders[name] for name in ("moment", "confirmed", "state"))
    done, closed, late = state == DONE, state == CLOSED, moment >= cutoff
    told: Sequence[tuple[int, np.ndarray]] = (
        (verdicts.PAID, orders["paid"]),
        (verdicts.CARRIED, moment < start),
        (verdicts.LATE, late),
        (verdicts.CONFIRMED, (confirmed >= start) & (confirmed < end)),
        (verdicts.DONE, done),
        (verdicts.WAITING, ~closed & (state != UNKNOWN) & ~(done & (confirmed < end))),
        (verdicts.CLOSED, closed),
        (verdicts.DUE_LATE, (confirmed >= cutoff) | ((confirmed == NEVER) & late)),
    )
    flags = np.zeros(len(moment), np.uint8)
    for bit, condition in told:
        flags |= bit * condition.view(np.uint8)
    return flags


def waiting(orders: Found, end: int) -> Ints:
    """The rows of orders that were paid by then and not yet confirmed by the buyer."""
    moment, state = orders["moment"], orders["state"]
    open_ = orders["paid"] & np.isin(state, PAID[:-1])
    return np.flatnonzero(open_ & (moment != NEVER) & (moment < end))
