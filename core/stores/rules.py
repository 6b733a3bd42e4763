"""What the platform's words mean, and what a file may change in a record. Pure."""

import re
from collections.abc import Mapping
from typing import Any

from core.imports.rules import RowRejected, bare, differing, filling, money_text
from core.messages import N_, msg

PLATFORMS = {
    "tmall": N_("Tmall"),
    "tmall_global": N_("Tmall Global"),
    "taobao": N_("Taobao"),
    "jd": N_("JD"),
    "pdd": N_("Pinduoduo"),
    "douyin": N_("Douyin"),
    "other": N_("Other"),
}
STORE_STATES = {"open": N_("In business"), "paused": N_("Paused"), "closed": N_("Shut down")}
PRODUCT_STATES = {"": N_("Unknown"), "on_sale": N_("On sale"), "in_stock": N_("Off shelf"), "removed": N_("Removed")}

UNPAID, PAID, PART_SHIPPED, SHIPPED, DONE, CLOSED = "unpaid", "paid", "part_shipped", "shipped", "done", "closed"
ORDER_STATES = {
    UNPAID: N_("Awaiting payment"),
    PAID: N_("To be shipped"),
    PART_SHIPPED: N_("Partly shipped"),
    SHIPPED: N_("Shipped"),
    DONE: N_("Completed"),
    CLOSED: N_("Closed"),
    "": N_("Unknown"),
}
STAGE = {UNPAID: 1, PAID: 2, PART_SHIPPED: 3, SHIPPED: 4, DONE: 5, CLOSED: 5}

# Found in the text in this order; the comma inside the longer ones is written full- or half-width.
ORDER_WORDS = (
    ("关闭", CLOSED),
    ("TRADE_CLOSED", CLOSED),
    ("交易成功", DONE),
    ("TRADE_FINISHED", DONE),
    ("部分发货", PART_SHIPPED),
    ("CONSIGNED_PART", PART_SHIPPED),
    ("已发货", SHIPPED),
    ("已签收", SHIPPED),
    ("WAIT_BUYER_CONFIRM", SHIPPED),
    ("BUYER_SIGNED", SHIPPED),
    ("已付款", PAID),
    ("等待卖家发货", PAID),
    ("WAIT_SELLER_SEND", PAID),
    ("待收货", SHIPPED),  # these four are 1688's
    ("待发货", PAID),
    ("已收货", DONE),
    ("退换货", CLOSED),
    ("付款", UNPAID),
    ("付定金", UNPAID),
    ("WAIT_BUYER_PAY", UNPAID),
)
PRODUCT_WORDS = (
    ("出售中", "on_sale"),
    ("在售", "on_sale"),
    ("onsale", "on_sale"),
    ("仓库", "in_stock"),
    ("下架", "in_stock"),
    ("instock", "in_stock"),
    ("删除", "removed"),
)
NOT_CLOSED = "订单未关闭"
ORDER_NO = re.compile(r"[0-9A-Za-z-]{1,40}", re.ASCII)


def order_state(text: str | None) -> str:
    """One of ``ORDER_STATES`` for what an export calls it; "" for a word that is not known."""
    return next((state for word, state in ORDER_WORDS if word in (text or "")), "")


def product_state(text: str | None) -> str:
    """One of ``PRODUCT_STATES`` for what a product list calls it."""
    return next((state for word, state in PRODUCT_WORDS if word in (text or "").lower()), "")


def order_number(text: str | None, field: str = "order_no") -> str:
    """The order number; raises ``RowRejected`` where there is none."""
    if not text:
        raise RowRejected(msg("The order number is missing."), field)
    if not ORDER_NO.fullmatch(text):
        raise RowRejected(msg("Not an order number."), field)
    return text


def waybills(text: str | None) -> str | None:
    """Waybill numbers without the ``No:`` before each."""
    return re.sub(r"(?i)no:\s*", "", bare(text or "")).strip(" ,;") or None


def merge_sale(
    _kind: str, stored: Mapping[str, Any], new: Mapping[str, Any], *, fixed: tuple[str, ...]
) -> Mapping[str, Any]:
    """What a file changes in a stored order or line.

    The ``fixed`` amounts of a paid one never change: another one is a conflict for people to look at. A file older than
    what is stored (its status comes earlier) only fills in what is not known yet.
    """
    if stored.get("status") != UNPAID:  # the seller may change the price until it is paid
        for name in fixed:
            if None not in (stored.get(name), new.get(name)) and stored[name] != new[name]:
                why = msg(
                    "It is already stored with %(stored)s; a file may not change that.", stored=money_text(stored[name])
                )
                raise RowRejected(why, name, money_text(new[name]))
    changes = differing(stored, new)
    older = STAGE.get(new.get("status") or "", 9) < STAGE.get(stored.get("status") or "", 0)
    return filling(stored, changes) if older else changes


def merge_purchase(kind: str, stored: Mapping[str, Any], new: Mapping[str, Any]) -> Mapping[str, Any]:
    """``merge_sale`` for what is bought on 1688, whose state only the platform's words say."""
    before, after = ({**each, "status": order_state(each.get("status_text"))} for each in (stored, new))
    changes = merge_sale(kind, before, after, fixed=("paid", "goods_total"))
    return {name: value for name, value in changes.items() if name != "status"}
