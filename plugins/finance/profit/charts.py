"""Where the marks of a chart stand: plain numbers that a template draws as SVG, on a page and on paper. Pure."""

from collections.abc import Sequence
from typing import Any

WIDTH, HEIGHT = 520, 140
LEFT, RIGHT, TOP, BOTTOM = 52, 6, 8, 26
STEPS = (1, 2, 5)


def waterfall(steps: Sequence[tuple[str, int]], last: str) -> dict[str, Any]:
    """From the first amount, through each that adds or takes, to what is left: one bar each."""
    bars, level = [], 0
    for label, amount in steps:
        bars.append({"label": label, "amount": amount, "from": level, "to": level + amount, "kind": "step"})
        level += amount
    bars.append({"label": last, "amount": level, "from": 0, "to": level, "kind": "total"})
    bars[0]["kind"] = "total"
    scale = _scale([each[end] for each in bars for end in ("from", "to")])
    drawn = _bars(bars, scale, 0.64)
    for bar in drawn[1::2]:
        bar["foot"] = HEIGHT - 3  # names stand in two rows, for they are longer than bars are wide
    return {**scale, "bars": drawn}


def columns(rows: Sequence[tuple[str, int, int, int]]) -> dict[str, Any]:
    """A column for each (label, amount, least, most), with the range that the amount may still move in."""
    scale = _scale([value for row in rows for value in row[1:]])
    bars = [
        {"label": label, "amount": amount, "from": 0, "to": amount, "kind": "total", "least": least, "most": most}
        for label, amount, least, most in rows
    ]
    drawn = _bars(bars, scale, 0.7)
    for bar, told in zip(drawn, bars, strict=True):
        bar["range"] = [_y(scale, told["most"]), _y(scale, told["least"])] if told["least"] != told["most"] else None
    every = max(1, -(-len(drawn) // 10))
    for place, bar in enumerate(drawn):
        bar["named"] = place % every == 0
    return {**scale, "bars": drawn}


def _bars(bars: Sequence[dict[str, Any]], scale: dict[str, Any], share: float) -> list[dict[str, Any]]:
    slot = (WIDTH - LEFT - RIGHT) / max(len(bars), 1)
    drawn = []
    for place, bar in enumerate(bars):
        top, foot = sorted((_y(scale, bar["from"]), _y(scale, bar["to"])))
        drawn.append(
            {
                "label": bar["label"],
                "amount": bar["amount"],
                "kind": bar["kind"],
                "x": round(LEFT + slot * (place + (1 - share) / 2), 2),
                "y": top,
                "width": round(slot * share, 2),
                "height": round(max(foot - top, 0.8), 2),
                "middle": round(LEFT + slot * (place + 0.5), 2),
                "foot": HEIGHT - 14,
                "named": True,
                "range": None,
            }
        )
    return drawn


def _scale(values: Sequence[int]) -> dict[str, Any]:
    """Round lines of the scale around all values and nought."""
    low, high = min([0, *values]), max([0, *values])
    step = _step(max(high - low, 100))
    low, high = low // step * step, -(-high // step) * step
    high = high if high > low else step
    scale = {"width": WIDTH, "height": HEIGHT, "left": LEFT, "right": WIDTH - RIGHT, "low": low, "high": high}
    return {**scale, "lines": [{"amount": each, "y": _y(scale, each)} for each in range(low, high + 1, step)]}


def _step(span: int) -> int:
    """The smallest round step that needs at most five lines."""
    power = 100
    while True:
        for each in STEPS:
            if each * power * 5 >= span:
                return each * power
        power *= 10


def _y(scale: dict[str, Any], amount: int) -> float:
    room = HEIGHT - TOP - BOTTOM
    return round(TOP + room * (scale["high"] - amount) / (scale["high"] - scale["low"]), 2)
