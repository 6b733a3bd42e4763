"""What the words of carriers and warehouses mean, and what a file may change in a parcel."""

import math
import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from core.imports.rules import LARGEST, PROVINCE, RowRejected, differing, filling
from core.messages import N_, msg

WAITING, SHIPPED, CUSTOMS, COLLECTED, TRANSIT, DELIVERING = (
    "waiting",
    "shipped",
    "customs",
    "collected",
    "transit",
    "delivering",
)
SIGNED, REFUSED, WRONG_ADDRESS, DAMAGED, LOST, BACK, CLOSED = (
    "signed",
    "refused",
    "wrong_address",
    "damaged",
    "lost",
    "back",
    "closed",
)
STATES = {
    WAITING: N_("To be sent out"),
    SHIPPED: N_("Sent out, not collected"),
    CUSTOMS: N_("In customs"),
    COLLECTED: N_("Collected"),
    TRANSIT: N_("On the way"),
    DELIVERING: N_("Out for delivery"),
    SIGNED: N_("Signed for"),
    REFUSED: N_("Refused"),
    WRONG_ADDRESS: N_("Wrong address"),
    DAMAGED: N_("Damaged"),
    LOST: N_("Lost"),
    BACK: N_("Sent back"),
    CLOSED: N_("Closed, not sent"),
    "": N_("Unknown"),
}
MOVING = (CUSTOMS, COLLECTED, TRANSIT, DELIVERING)
UNDER_WAY = (SHIPPED, *MOVING)
STAGE = {name: place for place, name in enumerate(("", WAITING, SHIPPED, CUSTOMS, COLLECTED, TRANSIT, DELIVERING))}
LAST_STAGE = 9  # what ends a parcel's way, or stops it

# Found in the text in this order: what went wrong says more than how far it came.
WORDS = (
    ("拒收", REFUSED),
    ("拒签", REFUSED),
    ("退回", BACK),
    ("退件", BACK),
    ("丢失", LOST),
    ("遗失", LOST),
    ("破损", DAMAGED),
    ("损坏", DAMAGED),
    ("地址错", WRONG_ADDRESS),
    ("地址不详", WRONG_ADDRESS),
    ("地址异常", WRONG_ADDRESS),
    ("签收", SIGNED),
    ("妥投", SIGNED),
    ("关闭", CLOSED),
    ("取消", CLOSED),
    ("清关", CUSTOMS),
    ("派送", DELIVERING),
    ("派件", DELIVERING),
    ("运输", TRANSIT),
    ("在途", TRANSIT),
    ("未揽收", SHIPPED),
    ("揽收", COLLECTED),
    ("已出库", SHIPPED),
    ("已发货", SHIPPED),
    ("待", WAITING),
    ("未发货", WAITING),
)
WEIGHT = re.compile(r"(\d{1,7}(?:\.\d+)?)\s*(kg|千克|公斤|g|克)?", re.ASCII | re.IGNORECASE)
VOLUME = re.compile(r"(\d{1,9}(?:\.\d+)?)\s*(cm3|cm³|立方厘米|m3|m³|立方米|方)?", re.ASCII | re.IGNORECASE)
SIDES = re.compile(
    r"(\d{1,4}(?:\.\d+)?)\s*[*×xX]\s*(\d{1,4}(?:\.\d+)?)\s*[*×xX]\s*(\d{1,4}(?:\.\d+)?)\s*(?:cm|厘米)?", re.ASCII
)
LEAST_VOLUME = 10  # cubic centimetres: a lesser number without a unit means cubic metres
SPLIT = re.compile(r"[\s,;，；、]+")


def parcel_state(text: str | None) -> str:
    """One of ``STATES`` for what a file calls it; "" for a word that is not known."""
    return next((state for word, state in WORDS if word in (text or "")), "")


def grams(text: str | None, field: str = "grams") -> int | None:
    """A weight as files write it (kilograms, where no unit stands) in grams; part of a gram counts as one."""
    if not text:
        return None
    found = WEIGHT.fullmatch(text.strip())
    whole = Decimal(found[1]) * (1 if (found[2] or "").lower() in ("g", "克") else 1000) if found else LARGEST + 1
    if whole > LARGEST:
        raise RowRejected(msg("Not a weight."), field)
    return math.ceil(whole)


def volume(text: str | None, field: str = "volume") -> int | None:
    """A volume as files write it in cubic centimetres: with a unit, as three sides in centimetres, or a bare number."""
    if not text:
        return None
    sides, found = SIDES.fullmatch(text.strip()), VOLUME.fullmatch(text.strip())
    if sides:
        whole = Decimal(sides[1]) * Decimal(sides[2]) * Decimal(sides[3])
    elif found:
        number, unit = Decimal(found[1]), (found[2] or "").lower()
        metres = unit in ("m3", "m³", "立方米", "方") or (not unit and number < LEAST_VOLUME)
        whole = number * (1_000_000 if metres else 1)
    else:
        whole = Decimal(LARGEST + 1)
    if whole > LARGEST:
        raise RowRejected(msg("Not a volume."), field)
    return math.ceil(whole)


def province(text: str | None) -> str | None:
    """The short name of a province, by which bills, tariffs and parcels are compared: ``浙江`` for ``浙江省杭州市``."""
    words = (text or "").split()
    found = PROVINCE.match(words[0]) if words else None
    return found[1] if found else next(iter(words), None)


def waybills(text: str | None) -> list[str]:
    """The waybill numbers of an order, each once."""
    return list(dict.fromkeys(part for part in SPLIT.split(text or "") if part))


def stage(status: str | None) -> int:
    return STAGE.get(status or "", LAST_STAGE)


def merge(kind: str, stored: Mapping[str, Any], new: Mapping[str, Any]) -> Mapping[str, Any]:
    """What a file changes in what is stored; one that is older (its status comes earlier) only fills in gaps."""
    changes = differing(stored, new)
    if kind == "logistics.parcel" and stage(new.get("status")) < stage(stored.get("status")):
        return filling(stored, changes)
    return changes
