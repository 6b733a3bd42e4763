"""Money that order notes promise to buyers, and the way of a promise until it is paid once. Pure."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from core.imports.rules import money_text
from core.messages import N_, Message, msg

DRAFT, SAID_PAID, DROPPED, CONFIRMED = "draft", "said_paid", "dropped", "confirmed"
APPROVED, HANDED, PAID = "approved", "handed", "paid"
STATES = {
    DRAFT: N_("To confirm"),
    CONFIRMED: N_("Promise confirmed"),
    APPROVED: N_("Approved"),
    HANDED: N_("With finance"),
    PAID: N_("Paid out"),
    SAID_PAID: N_("Paid, says the note"),
    DROPPED: N_("Dropped as no promise"),
}
KINDS = {
    "goodwill": N_("Goodwill payment"),
    "cashback": N_("Cash back for a review"),
    "price_difference": N_("Price difference"),
}
# step: from which states, to which
STEPS = {
    "confirm": ({DRAFT, SAID_PAID, DROPPED}, CONFIRMED),
    "drop": ({DRAFT, SAID_PAID, CONFIRMED, APPROVED}, DROPPED),
    "approve": ({CONFIRMED}, APPROVED),
    "hand": ({APPROVED}, HANDED),
    "pay": ({HANDED}, PAID),
    "take_back": ({HANDED}, APPROVED),
}
STANDING = (CONFIRMED, APPROVED, HANDED, PAID)  # what the store has promised and means to keep
NO_REFUND = {"closed", "refused"}  # states of after-sale cases in which no money goes back

PROMISED = re.compile(
    r"(?P<done>已)?(?:退款?|返现?|补(?:偿|差价?)?|赔(?:付|偿)?|打款)\s*(?:款|给)?\s*[:：]?\s*"
    r"(?P<yuan>\d{1,5}(?:\.\d{1,2})?)(?![\d.])\s*(?:元|块)?(?!\s*[件天%个号年月日])",
    re.ASCII,
)


@dataclass(frozen=True)
class Promised:
    """Money that a note promises: how much, of what kind, and whether the note says that it is settled."""

    amount: int
    kind: str
    settled: bool


def promises_in(note: str | None) -> tuple[Promised, ...]:
    """What an order's note promises its buyer; a note that names no amount promises nothing that could be paid.

    Staff write ``前1000件 已登zfb 退39.1 莲``: numbers of pieces are no amounts, ``已退`` is settled already.
    """
    text = note or ""
    found: dict[int, Promised] = {}
    for match in PROMISED.finditer(text):
        yuan, _, cents = match["yuan"].partition(".")
        amount = int(yuan) * 100 + int(cents.ljust(2, "0") or 0)
        if amount and amount not in found:
            found[amount] = Promised(amount, _kind(text), bool(match["done"]) or "售后退款" in text)
    return tuple(found.values())


def _kind(text: str) -> str:
    if re.search("好评|返现|晒图", text):
        return "cashback"
    return "price_difference" if "差价" in text else "goodwill"


def key(order_no: str, amount: int) -> str:
    """What makes two promises the same one: the order and the amount."""
    return f"{order_no}:{amount}"


@dataclass(frozen=True)
class Refunded:
    """Money that goes back to a buyer another way: the platform's case (empty: as the order's own row says)."""

    case_no: str
    amount: int


def conflict(refunds: Iterable[Refunded]) -> Message | None:
    """Why a promise may not be paid: the same order is refunded by the platform."""
    refunds = list(refunds)
    if not refunds:
        return None
    total = money_text(sum(each.amount for each in refunds))
    number = next((each.case_no for each in refunds if each.case_no), "")
    if number:
        return msg("This order is refunded already: %(amount)s yuan, case %(case)s.", amount=total, case=number)
    return msg("This order is refunded already: %(amount)s yuan.", amount=total)


def may(step: str, state: str) -> bool:
    """Whether a promise in ``state`` may take ``step``."""
    return state in STEPS[step][0]
