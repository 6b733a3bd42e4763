"""Quotes side by side: what each supplier would take for what was asked, landed, and the cheapest way. Pure."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from plugins.purchasing import rules


@dataclass(frozen=True)
class Bid:
    """What one supplier takes for one article: the pieces that have to be ordered, fen a piece."""

    pieces: int
    price: int

    @property
    def amount(self) -> int:
        return self.pieces * self.price


@dataclass(frozen=True)
class Quoted:
    """One supplier's quote as it is compared: bids by article, and the freight that comes on top of any of them."""

    id: int
    bids: Mapping[str, Bid]
    freight: int = 0

    @property
    def landed(self) -> int:
        """Everything it offers, with freight, in fen."""
        return sum(bid.amount for bid in self.bids.values()) + self.freight


def bid(asked: int, prices: Sequence[Sequence[int]], minimum: int = 1, pack: int = 1) -> Bid:
    """What so many pieces cost: raised to the smallest quantity and whole packs, at the price break reached by that."""
    least = min(pieces for pieces, _ in prices)
    pieces = rules.packed(max(asked, least), minimum, pack)
    return Bid(pieces, rules.price_for(prices, pieces) or 0)


def landed(quotes: Mapping[int, Quoted], chosen: Mapping[str, int]) -> int:
    """What a choice of a quote for each article costs, with the freight of each quote that is chosen for anything."""
    goods = sum(quotes[number].bids[code].amount for code, number in chosen.items())
    return goods + sum(quotes[number].freight for number in set(chosen.values()))


def cheapest(quotes: Collection[Quoted], codes: Collection[str]) -> tuple[dict[str, int], int]:
    """The cheapest way to get as many of these articles as are offered, from one supplier or several; and its cost."""
    offered = [code for code in codes if any(code in each.bids for each in quotes)]
    ways = [(_split(some, offered), some) for some in _subsets(list(quotes))]
    by_id = {each.id: each for each in quotes}
    whole = [(landed(by_id, way), len(some), place, way) for place, (way, some) in enumerate(ways) if way is not None]
    if not whole or not offered:
        return {}, 0
    cost, _, _, way = min(whole, key=lambda each: each[:3])
    return way, cost


def _subsets(quotes: Sequence[Quoted]) -> Iterator[Sequence[Quoted]]:
    for count in range(1, len(quotes) + 1):
        yield from combinations(quotes, count)


def _split(quotes: Sequence[Quoted], codes: Collection[str]) -> dict[str, int] | None:
    """Each article of whoever of these asks least for it; None where one of them offers none."""
    found = {}
    for code in codes:
        bids = [(each.bids[code].amount, each.id) for each in quotes if code in each.bids]
        if not bids:
            return None
        found[code] = min(bids)[1]
    return found


def goods_line(text: str) -> tuple[str, str, int | None]:
    """Code, name and pieces of an article as people write them in one line: ``A-1 dried berries 120``."""
    words = [word for word in text.replace("\u00b7", " ").replace("\uff0c", " ").replace(",", " ").split() if word]
    count = words[-1].lstrip("x\u00d7") if len(words) > 1 else ""
    pieces = int(count) if count.isascii() and count.isdigit() and len(count) < 8 else None
    named = words[1:-1] if pieces is not None else words[1:]
    return (words[0] if words else "", " ".join(named), pieces)
