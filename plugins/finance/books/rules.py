"""How a money line finds its order, and when the trade behind it was paid: pure, and never a guess."""

import re
from collections.abc import Iterable
from datetime import UTC, datetime

from core.imports.rules import SHANGHAI

ORDER = r"(?<!\d)(\d{10,20})(?!\d)"
WHOLE_ORDER = re.compile(r"\d{10,20}", re.ASCII)

# The number that the platform gives a movement as its merchant's: a code and, in most, the order behind it.
MERCHANT = tuple(
    re.compile(pattern, re.ASCII)
    for pattern in (
        rf"^T\d+P{ORDER}",
        rf"^CAE_CHARITY_{ORDER}",
        rf"^HJ(?:COM|CAE)==.*=={ORDER}$",
        rf"^GXFZ_\w+?_{ORDER}",
        rf"^bill_\w+_YFX-{ORDER}",
        rf"^CPS_V3_{ORDER}",
    )
)
PARCEL = re.compile(r"^HJ(?:COM|CAE)==.*?==(LP\d{6,20})(?:==|$)", re.ASCII)  # cross-border: the parcel is named instead
NO_ORDER = re.compile(r"^MYBK")

MEMO = tuple(
    re.compile(pattern, re.ASCII)
    for pattern in (
        rf"佣金[^{{｛]*[{{｛]{ORDER}[}}｝]",
        rf"代扣返点积分\D?{ORDER}",
        rf"代扣交易退回积分\D{{0,3}}{ORDER}",
        rf"淘宝客佣金[^\[【]{{0,6}}[\[【]{ORDER}[\]】]",
        rf"tradeid[:：]\s*{ORDER}",
        r"T\d+P(\d{10,20})(?!\d)",
        rf"订单号?[:：]?\s*{ORDER}",
        rf"YFX-{ORDER}",
        rf"(?:KY_ITEM[)）]|保费收取|服务费|资金扣回|佣金)[(（]{ORDER}[)）]",
        rf"CPS_V3_{ORDER}",
        rf"售后(?:支付|退款|维权).*?{ORDER}",
        rf"保证金退款.*?{ORDER}",
    )
)
FOREIGN_TRADES = re.compile(r"(?:花呗|分期购)交易号[\[【][^\]】]*[\]】]")
WAYBILL = re.compile(r"运单号[:：]\s*@?([A-Za-z0-9-]{8,32})", re.ASCII)

TRADE_NO = re.compile(r"(20\d\d)(0[1-9]|1[0-2])([0-2]\d|3[01])\d{20}", re.ASCII)
TRADES = re.compile("付款|支付|退款|收款|售后|payment|refund", re.IGNORECASE)


def find_order(base: str | None, merchant: str | None, memo: str | None) -> tuple[str | None, str, str | None]:
    """The order of a line, what named it (``base``, ``merchant``, ``memo``, ``waybill`` or nothing), and the waybill.

    ``base`` is 业务基础订单号, which counts only if all of it is digits; ``merchant`` is 商户订单号. A line that names
    a parcel instead of an order has a waybill and no order.
    """
    if base and WHOLE_ORDER.fullmatch(base):
        return base, "base", None
    if merchant and (parcel := PARCEL.search(merchant)):
        return None, "waybill", parcel[1]
    if order := _first(MERCHANT, merchant or ""):
        return order, "merchant", None
    text = "" if NO_ORDER.search(merchant or "") else FOREIGN_TRADES.sub("", memo or "")
    if order := _first(MEMO, text):
        return order, "memo", None
    parcel = WAYBILL.search(text)
    return (None, "waybill", parcel[1]) if parcel else (None, "", None)


def _first(patterns: Iterable[re.Pattern[str]], text: str) -> str | None:
    return next((found[1] for pattern in patterns if (found := pattern.search(text))), None)


def opened_at(trade_no: str | None, kind: str | None) -> datetime | None:
    """The day on which a payment's or refund's trade was paid, which Alipay's trade number begins with."""
    found = TRADE_NO.fullmatch(trade_no or "")
    if found is None or not TRADES.search(kind or ""):
        return None
    try:
        return datetime(int(found[1]), int(found[2]), int(found[3]), tzinfo=SHANGHAI).astimezone(UTC)
    except ValueError:
        return None


# These memos say that the deposit moved, whole and literally: with a word more, it is money paid for something.
DEPOSIT_MOVES = {
    f"{whose}保证金-{what}{how}"
    for whose in ("天猫", "淘宝", "")
    for what in ("充值", "解冻", "转移", "提取")
    for how in ("", "（代扣）", "(代扣)")
}
