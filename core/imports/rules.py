"""What a cell of an exported file means: pure, exact, and never a guess."""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from core.messages import Message, msg

# The platform writes local time without a zone; China has had no summer time since 1991.
SHANGHAI_AHEAD = timedelta(hours=8)
SHANGHAI = timezone(SHANGHAI_AHEAD, "Asia/Shanghai")
EXCEL_EPOCH = datetime(1899, 12, 30, tzinfo=SHANGHAI)

BLANK_WORDS = {"", "null", "none", "nan", "-", "--", "—", "n/a", "#n/a"}
NO_REFUND_WORDS = {"无退款申请", "没有申请退款"}
EDGE = " \t\r\n\v\f\ufeff\u00a0\u3000\u200b"
WRAPPERS = {"'", "`", "="}
NARROW = str.maketrans("０１２３４５６７８９．，－＋：／", "0123456789.,-+:/")

PLAIN_MONEY = re.compile(r"-?\d{1,12}\.\d\d", re.ASCII)  # as nearly all are written
MONEY = re.compile(r"([+-]?)(\d{1,12}|\d{1,3}(?:,\d{3})+)(?:\.(\d*))?", re.ASCII)
RATE = re.compile(r"(\d{1,3})(?:\.(\d{0,6}))?(%?)", re.ASCII)
WHOLE = re.compile(r"([+-]?(?:\d{1,12}|\d{1,3}(?:,\d{3})+))(?:\.0*)?", re.ASCII)
SCIENTIFIC = re.compile(r"\d+(\.\d+)?[eE]\+\d+", re.ASCII)
FLOATED = re.compile(r"(\d+)\.0+", re.ASCII)
IDENTIFIER = re.compile(r"[^\s\x00-\x1f]{1,64}")
MOMENT = re.compile(
    r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?:[ T]+(\d{1,2}):(\d{1,2})(?::(\d{1,2})(?:\.\d+)?)?)?", re.ASCII
)
PLAIN_MOMENT = re.compile(r"20\d\d-\d\d-\d\d \d\d:\d\d:\d\d", re.ASCII)
SERIAL_DAY = re.compile(r"\d{5}(\.\d+)?", re.ASCII)
LARGEST = 2**31 - 1  # what an integer column holds
EXACT_DIGITS = 15  # a spreadsheet keeps no more
NEVER_ZEROS = "00000"  # the last that it keeps; where these are zeros too, they are the number's own
ROUNDED = msg("A spreadsheet has rounded this number; export it again and do not open it in between.")

PROVINCE = re.compile(
    "(北京|天津|上海|重庆|河北|山西|辽宁|吉林|黑龙江|江苏|浙江|安徽|福建|江西|山东|河南|湖北|湖南"
    "|广东|海南|四川|贵州|云南|陕西|甘肃|青海|台湾|内蒙古|广西|西藏|宁夏|新疆|香港|澳门|海外)"
    "(省|市|特别行政区|(壮族|回族|维吾尔)?自治区)?"
)
CITY = re.compile("[\u4e00-\u9fff]{1,14}(市|州|盟|地区|县|行政区划)")


class RowRejected(Exception):
    """A row that cannot be taken: why, and because of which field."""

    def __init__(self, message: Message, field: str = "", value: str | None = None):
        self.message, self.field, self.value = message, field, value
        super().__init__(str(message))


def bare(cell: str) -> str:
    """The cell without what exports and spreadsheets wrap around it; words for "nothing" become empty."""
    text = cell.strip(EDGE)
    if text[:1] in WRAPPERS:
        text = text.lstrip("'`")
        if text.startswith('="') and text.endswith('"') and len(text) > 2:
            text = text[2:-1].lstrip("'`")
        text = text.strip(EDGE)
    return "" if len(text) < 5 and text.lower() in BLANK_WORDS else text


def as_text(cell: str) -> str | None:
    return bare(cell) or None


def as_id(cell: str) -> str | None:
    """An identifier, digit for digit; raises ``RowRejected`` for one that a spreadsheet has rounded."""
    text = bare(cell)
    if text.isdecimal() and text.isascii() and len(text) <= 64 and rounded_digits(text) < 4:
        return text
    if text[:3].lower() == "no:":
        text = text[3:]
    text = text.lstrip("@").strip(EDGE)
    if not text:
        return None
    floated = FLOATED.fullmatch(text)
    if floated and len(floated[1]) <= EXACT_DIGITS:
        return floated[1]
    if SCIENTIFIC.fullmatch(text) or floated or (rounded_digits(text) >= 4 and not kept_as_text(cell)):
        raise RowRejected(ROUNDED)
    if not IDENTIFIER.fullmatch(text):
        raise RowRejected(msg("Not a number or code."))
    return text


def kept_as_text(cell: str) -> bool:
    """Whether a cell still wears what an export puts around a number to keep spreadsheets from rounding it."""
    return cell.startswith(('="', "'", "`")) or cell.endswith("\t")


def rounded_digits(text: str) -> int:
    """How many digits beyond those a spreadsheet can keep are all zero; 0 if one is not."""
    tail = text[EXACT_DIGITS:]
    if not tail or tail.strip("0") or not text.isdigit():
        return 0
    return 0 if text[:EXACT_DIGITS].endswith(NEVER_ZEROS) else len(tail)


def looks_rounded(identifiers: list[str]) -> bool:
    """Whether a column of identifiers has been through a spreadsheet: chance would end them in zeros far less often."""
    long = [text for text in identifiers if len(text) > EXACT_DIGITS and text.isdigit()]
    zeros = [rounded_digits(text) for text in long]
    return sum(zeros) >= 3 and 2 * sum(1 for count in zeros if count) >= len(long)


def as_money(cell: str) -> int | None:
    """An amount in yuan as fen; raises ``RowRejected`` rather than round."""
    if PLAIN_MONEY.fullmatch(cell):
        return int(cell.replace(".", ""))
    text = bare(cell).translate(NARROW)
    if not text:
        return None
    if text in NO_REFUND_WORDS:
        return 0
    found = MONEY.fullmatch(text.strip("¥￥元 "))
    if found is None:
        raise RowRejected(msg("Not an amount of money."))
    sign, yuan, fraction = found[1], found[2].replace(",", ""), (found[3] or "").rstrip("0")
    if len(fraction) > 2:
        raise RowRejected(msg("An amount has at most two decimals."))
    fen = int(yuan) * 100 + int(fraction.ljust(2, "0"))
    return -fen if sign == "-" else fen


def as_rate(cell: str) -> int | None:
    """A share (``0.025`` or ``2.5%``) in basis points; raises ``RowRejected`` rather than round."""
    text = bare(cell).translate(NARROW)
    if not text:
        return None
    found = RATE.fullmatch(text)
    if found is None:
        raise RowRejected(msg("Not a rate."))
    places = 2 if found[3] else 4
    digits = (found[2] or "").rstrip("0")
    if len(digits) > places:
        raise RowRejected(msg("A rate has at most two decimals of a percent."))
    return int(found[1]) * 10**places + int(digits.ljust(places, "0") or 0)


def as_whole(cell: str) -> int | None:
    text = bare(cell).translate(NARROW)
    if not text:
        return None
    found = WHOLE.fullmatch(text)
    number = int(found[1].replace(",", "")) if found else LARGEST + 1
    if abs(number) > LARGEST:
        raise RowRejected(msg("Not a whole number."))
    return number


def as_moment(cell: str) -> datetime | None:
    """A local time of the platform, in UTC."""
    text = bare(cell)
    if not text:
        return None
    try:
        if PLAIN_MOMENT.fullmatch(text):
            return datetime.fromisoformat(text).replace(tzinfo=UTC) - SHANGHAI_AHEAD
        text = text.translate(NARROW)
        if found := MOMENT.fullmatch(text):
            parts = [int(part or 0) for part in found.groups()]
            local = datetime(*parts, tzinfo=SHANGHAI)  # type: ignore[arg-type, misc]
        elif SERIAL_DAY.fullmatch(text):
            local = EXCEL_EPOCH + timedelta(seconds=round(float(text) * 86400))
        else:
            raise ValueError
        if not 2000 <= local.year <= 2100:
            raise ValueError
    except ValueError:
        raise RowRejected(msg("Not a date and time.")) from None
    return local.astimezone(UTC)


def as_region(cell: str) -> str | None:
    """Province and city of an address; nothing of an address that does not begin with a province."""
    parts = bare(cell).split()
    province = PROVINCE.match(parts[0]) if parts else None
    if province is None:
        return None
    whole = province[0] == parts[0] and len(parts) > 1 and CITY.fullmatch(parts[1])
    return f"{province[0]} {parts[1]}" if whole else province[0]


def as_attributes(cell: str) -> dict[str, str] | None:
    """``colour:red;size:L`` as a mapping; a part without a name stands under the empty name."""
    pairs = {}
    for part in re.split(r"[;；]", bare(cell)):
        name, _, value = part.replace("：", ":").partition(":")
        if part.strip():
            pairs[name.strip() if value else ""] = value.strip() or name.strip()
    return pairs or None


CLEANERS: Mapping[str, Callable[[str], Any]] = {
    "id": as_id,
    "text": as_text,
    "note": as_text,
    "memo": as_text,
    "money": as_money,
    "int": as_whole,
    "rate": as_rate,
    "time": as_moment,
    "region": as_region,
    "attributes": as_attributes,
}


def differing(stored: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, Any]:
    """What ``new`` says otherwise than ``stored``; None says nothing."""
    return {name: value for name, value in new.items() if value is not None and stored.get(name) != value}


def filling(stored: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """Those of ``changes`` of which nothing is known yet: all that an older file may add."""
    return {name: value for name, value in changes.items() if stored.get(name) in (None, "")}


def money_text(fen: int) -> str:
    """Fen as yuan with two decimals, for machines."""
    return f"{'-' if fen < 0 else ''}{abs(fen) // 100}.{abs(fen) % 100:02d}"
