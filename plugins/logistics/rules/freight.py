"""What a courier may ask for a parcel, and where a bill asks for more: weight, region, price, twice, never shipped."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from core.board.brief import money
from core.imports.rules import money_text
from core.messages import N_, Message, Refusal, msg
from plugins.logistics.rules.parcels import province

DOUBLE, NOT_SHIPPED, PRICE, REGION, WEIGHT = "double", "not_shipped", "price", "region", "weight"
FINDINGS = {
    DOUBLE: N_("Billed twice"),
    NOT_SHIPPED: N_("Never shipped"),
    PRICE: N_("Another price than the template's"),
    REGION: N_("Billed to another region"),
    WEIGHT: N_("Billed heavier than it is"),
}
BASES = {"weight": N_("By weight"), "volume": N_("By weight or volume, what is more"), "piece": N_("By piece")}
USUAL_DIVISOR = 6000  # cubic centimetres that count as a kilogram
ELSEWHERE = "*"


@dataclass(frozen=True)
class Zone:
    """What parcels to some provinces cost: ``first_price`` up to ``first`` grams, ``next_price`` for each ``next``
    grams begun beyond. By piece, a parcel costs ``first_price`` whatever it weighs."""

    regions: tuple[str, ...]
    first: int
    first_price: int
    next: int
    next_price: int

    def price(self, grams: int, basis: str = "weight") -> int:
        """The freight of a parcel of ``grams``, in fen."""
        if basis == "piece":
            return self.first_price
        beyond = max(0, grams - self.first)
        return self.first_price + -(-beyond // self.next) * self.next_price


@dataclass(frozen=True)
class Measured:
    """What a parcel weighs (grams) and takes up (cubic centimetres), each as far as it is known."""

    grams: int | None = None
    volume: int | None = None

    def charged(self, basis: str, divisor: int = USUAL_DIVISOR) -> int | None:
        """The grams that freight is asked for: by volume those of the space, where they are more than those of the
        scales. None where it cannot be said."""
        if basis != "volume" or self.grams is None:
            return self.grams
        return None if self.volume is None else max(self.grams, -(-self.volume * 1000 // divisor))


def zones_of(stored: Iterable[Mapping[str, Any]]) -> list[Zone]:
    """Zones as a tariff stores them."""
    return [Zone(**{**zone, "regions": tuple(zone["regions"])}) for zone in stored]


def stored(zones: Iterable[Zone]) -> list[dict[str, Any]]:
    return [{**asdict(zone), "regions": list(zone.regions)} for zone in zones]


def zone_for(zones: Sequence[Zone], region: str | None) -> Zone | None:
    """The zone of a province; the one for everywhere else, if there is one."""
    named = next((zone for zone in zones if region and region in zone.regions), None)
    return named or next((zone for zone in zones if ELSEWHERE in zone.regions), None)


def parse(text: str) -> list[Zone]:
    """Zones from lines like ``浙江 上海 江苏: 1000g 3.20 + 1000g 0.80``; raises ``Refusal`` with the first bad line."""
    found, seen = [], set()
    for line in filter(None, map(str.strip, text.splitlines())):
        zone = _zone(line)
        if zone is None:
            raise Refusal(fields={"zones": msg("“%(line)s” is not a zone with its prices.", line=line[:60])})
        twice = seen & set(zone.regions)
        if twice:
            raise Refusal(fields={"zones": msg("“%(region)s” stands in two zones.", region=sorted(twice)[0])})
        seen |= set(zone.regions)
        found.append(zone)
    if not found:
        raise Refusal(fields={"zones": msg("Give at least one zone.")})
    return found


def _zone(line: str) -> Zone | None:
    names, _, prices = line.replace("：", ":").partition(":")
    words = prices.replace("+", " ").split()
    regions = tuple(dict.fromkeys(province(name) or "" for name in names.replace("、", " ").replace(",", " ").split()))
    if not regions or len(words) != 4:
        return None
    first, further = (_grams(words[place]) for place in (0, 2))
    first_price, next_price = (money(words[place]) for place in (1, 3))
    if not first or not further or first_price is None or next_price is None or min(first_price, next_price) < 0:
        return None
    return Zone(regions, first, first_price, further, next_price)


def _grams(word: str) -> int | None:
    number = word.lower().removesuffix("g")
    return int(number) if number.isascii() and number.isdigit() and len(number) < 7 else None


def written(zones: Iterable[Zone]) -> str:
    """Zones as ``parse`` reads them."""
    return "\n".join(
        f"{' '.join(z.regions)}: {z.first}g {money_text(z.first_price)} + {z.next}g {money_text(z.next_price)}"
        for z in zones
    )


def changes(before: Sequence[Zone], after: Sequence[Zone]) -> list[tuple[str, Zone | None, Zone | None]]:
    """What two versions of a template say differently, province by province."""
    old = {region: zone for zone in before for region in zone.regions}
    new = {region: zone for zone in after for region in zone.regions}

    def prices(zone: Zone | None) -> tuple[int, ...] | None:
        return zone and (zone.first, zone.first_price, zone.next, zone.next_price)

    return [
        (region, old.get(region), new.get(region))
        for region in sorted(old | new)
        if prices(old.get(region)) != prices(new.get(region))
    ]


@dataclass(frozen=True)
class Billed:
    """A line of a bill beside what is known of the parcel; what is not known is None."""

    amount: int
    region: str | None
    grams: int | None
    own_region: str | None
    own_grams: int | None


@dataclass(frozen=True)
class Checked:
    """What the line should ask for, and the differences by kind, which add up to amount - expected."""

    expected: int | None
    differences: Mapping[str, int]


def check(line: Billed, zones: Sequence[Zone], basis: str = "weight", tolerance: int = 0) -> Checked:
    """Take a bill line apart: first its price by the bill's own words, then its region, then its weight."""
    own_region = line.own_region or line.region
    grams = line.grams if line.grams is not None else line.own_grams
    own_grams = grams if line.own_grams is None else line.own_grams
    billed_zone, own_zone = zone_for(zones, line.region or own_region), zone_for(zones, own_region)
    if billed_zone is None or own_zone is None or grams is None or own_grams is None:
        return Checked(None, {})
    if abs(grams - own_grams) <= tolerance:
        own_grams = grams
    as_billed, in_region = billed_zone.price(grams, basis), own_zone.price(grams, basis)
    expected = own_zone.price(own_grams, basis)
    parts = {PRICE: line.amount - as_billed, REGION: as_billed - in_region, WEIGHT: in_region - expected}
    return Checked(expected, {kind: amount for kind, amount in parts.items() if amount})


def weight_problem(code: str, grams: int) -> Message | None:
    """What is wrong with an article's weight."""
    if not code or len(code) > 64 or not 1 <= grams <= 500_000:
        return msg("“%(code)s” needs a weight of 1 to 500,000 grams.", code=code[:40])
    return None


def divisor_problem(divisor: int | None) -> Message | None:
    """What is wrong with the cubic centimetres that count as a kilogram."""
    return None if divisor is None or 1000 <= divisor <= 20_000 else msg("Give 1,000 to 20,000; 6,000 is usual.")
