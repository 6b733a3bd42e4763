"""Members without identity: the pseudonym of a buyer in one store, their tier, and how far it can be trusted. Pure.

The last six digits of an order number are the same on all orders of one buyer in a store; they are all that is used.
"""

import hmac
from collections.abc import Mapping
from hashlib import sha256
from math import exp, log

from core.messages import N_

SUFFIX = 6
SHORTEST = 15  # older and shorter numbers say nothing of the buyer
ROOM = 10**SUFFIX
TIERS = {"svip": N_("Top member"), "vip": N_("Good member"), "repeat": N_("Comes back"), "new": N_("New customer")}
DEFAULTS = {"svip_from": 100_000, "vip_from": 30_000}  # spent, in fen
BANDS = (0, 10_000, 30_000, 100_000, 300_000)  # lower edges, in fen


def pseudonym(key: bytes, order_no: str) -> str | None:
    """The buyer's name in this store; None for a number that says nothing of the buyer."""
    if not (order_no.isascii() and order_no.isdigit() and len(order_no) >= SHORTEST):
        return None
    return hmac.new(key, order_no[-SUFFIX:].encode(), sha256).hexdigest()[:20]


def shared(members: int) -> float:
    """The share of members, in per cent, that are expected to be two buyers or more under one pseudonym.

    With n of a million suffixes in use there were about N = -10^6 ln(1 - n/10^6) buyers; of the suffixes in use,
    those with exactly one buyer are N/10^6 e^(-N/10^6) of a million.
    """
    if members <= 0:
        return 0.0
    if members >= ROOM:
        return 100.0
    load = -log(1 - members / ROOM)
    alone = ROOM * load * exp(-load)
    return 100 * max(0.0, 1 - alone / members)


def tier(spent: int, orders: int, bounds: Mapping[str, int] = DEFAULTS) -> str:
    """A member's tier, by what they spent (fen) and how many orders they paid."""
    if spent >= bounds["svip_from"]:
        return "svip"
    if spent >= bounds["vip_from"]:
        return "vip"
    return "repeat" if orders > 1 else "new"


def band(spent: int) -> str:
    """The spend band that an amount (fen) falls into, in whole yuan."""
    lower = max((edge for edge in BANDS if edge <= spent), default=0)
    upper = next((edge for edge in BANDS if edge > spent), None)
    return f"¥{lower // 100:,}–{upper // 100:,}" if upper else f"≥ ¥{lower // 100:,}"
