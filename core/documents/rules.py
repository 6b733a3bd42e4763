"""Pure rules of documents: amounts in Chinese capitals, numbers, digests of what a document says, its standing."""

import hashlib
import json
from collections.abc import Mapping
from datetime import date
from typing import Any

from core.messages import N_

DIGITS = "零壹贰叁肆伍陆柒捌玖"
PLACES = ("", "拾", "佰", "仟")
LIMIT = 10**16  # yuan; beyond that the words for the places are no longer agreed upon

CURRENT, SUPERSEDED, CHANGED, UNKNOWN = "current", "superseded", "changed", "unknown"
STANDINGS = {
    CURRENT: N_("Current"),
    SUPERSEDED: N_("Superseded"),
    CHANGED: N_("Data changed since"),
    UNKNOWN: N_("Cannot be compared now"),
}

# The key of a snapshot whose values move by themselves (running clocks, the log's end): printed, never compared.
MOMENT = "moment"


def capital_amount(fen: int) -> str:
    """An amount in the capitals that Chinese cheques and receipts use, without the currency's name.

    Follows the rules for filling in bills of the People's Bank of China (Payment and Settlement Measures, annex 1):
    any run of noughts inside the number is one 零, one stands after 元 when the yuan or the jiao is nought and
    something follows, and 整 closes an amount without fen.
    """
    sign, fen = ("负" if fen < 0 else ""), abs(fen)
    yuan, jiao, cent = fen // 100, fen // 10 % 10, fen % 10
    if yuan >= LIMIT:
        raise ValueError("the amount is too large to be written in capitals")
    words = f"{_whole(yuan)}元" if yuan else ""
    if not jiao and not cent:
        return f"{sign}{words or '零元'}整"
    if yuan and (yuan % 10 == 0 or not jiao):
        words += DIGITS[0]
    if jiao:
        words += f"{DIGITS[jiao]}角"
    return sign + words + (f"{DIGITS[cent]}分" if cent else "整")


def _whole(number: int) -> str:
    for size, name in ((10**8, "亿"), (10**4, "万")):
        if number >= size:
            high, low = divmod(number, size)
            joint = DIGITS[0] if 0 < low < size // 10 else ""
            return _whole(high) + name + joint + (_whole(low) if low else "")
    words, gap = "", False
    for place in (3, 2, 1, 0):
        digit = number // 10**place % 10
        if digit:
            words += (DIGITS[0] if gap and words else "") + DIGITS[digit] + PLACES[place]
        gap = not digit
    return words


def document_number(prefix: str, issued: date, sequence: int) -> str:
    """A document's number: ``DES-20261122-0003``."""
    return f"{prefix}-{issued:%Y%m%d}-{sequence:04d}"


def digest(values: Any) -> str:
    """The SHA-256 of plain values, the same for the same values in whatever order their keys come."""
    text = json.dumps(values, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def says_the_same(issued: Mapping[str, Any], now: Mapping[str, Any]) -> bool:
    """Whether two snapshots agree in all that does not move by itself."""
    first, second = ({key: value for key, value in side.items() if key != MOMENT} for side in (issued, now))
    return digest(first) == digest(second)
