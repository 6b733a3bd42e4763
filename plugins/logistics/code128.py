"""Code 128 barcodes, as the widths of bars and gaps and as an SVG path. Pure.

Symbols and check digit after ISO/IEC 15417; code set B for text, code set C for an even number of digits, which
takes half the width.
"""

from collections.abc import Sequence

# Widths of three bars and three gaps of each symbol, in modules; the last one, with a bar more, is the stop.
WIDTHS = (
    "212222 222122 222221 121223 121322 131222 122213 122312 132212 221213 221312 231212 112232 122132 122231 "
    "113222 123122 123221 223211 221132 221231 213212 223112 312131 311222 321122 321221 312212 322112 322211 "
    "212123 212321 232121 111323 131123 131321 112313 132113 132311 211313 231113 231311 112133 112331 132131 "
    "113123 113321 133121 313121 211331 231131 213113 213311 213131 311123 311321 331121 312113 312311 332111 "
    "314111 221411 431111 111224 111422 121124 121421 141122 141221 112214 112412 122114 122411 142112 142211 "
    "241211 221114 413111 241112 134111 111242 121142 121241 114212 124112 124211 411212 421112 421211 212141 "
    "214121 412121 111143 111341 131141 114113 114311 411113 411311 113141 114131 311141 411131 211412 211214 "
    "211232 2331112"
)
PATTERNS = tuple(WIDTHS.split())
START_B, START_C, STOP = 104, 105, 106
QUIET = 10  # modules left free on either side


def symbols(text: str) -> list[int]:
    """The symbols of ``text``, with start, check digit and stop; raises ``ValueError`` for what cannot be encoded."""
    if not text or not all(" " <= each <= "~" for each in text):
        raise ValueError("a barcode holds printable ASCII only")
    if text.isdigit() and len(text) % 2 == 0:
        start, data = START_C, [int(text[place : place + 2]) for place in range(0, len(text), 2)]
    else:
        start, data = START_B, [ord(each) - 32 for each in text]
    check = (start + sum(place * value for place, value in enumerate(data, 1))) % 103
    return [start, *data, check, STOP]


def widths(text: str) -> list[int]:
    """Widths of bars and gaps in turn, beginning with a bar."""
    return [int(width) for symbol in symbols(text) for width in PATTERNS[symbol]]


def modules(text: str) -> int:
    """How many modules wide the barcode is, with the quiet zones."""
    return sum(widths(text)) + 2 * QUIET


def path(bars: Sequence[int], height: int = 40) -> str:
    """The bars as one SVG path in a box of ``modules`` × ``height``."""
    parts, at = [], QUIET
    for place, width in enumerate(bars):
        if place % 2 == 0:
            parts.append(f"M{at} 0h{width}v{height}h-{width}z")
        at += width
    return "".join(parts)
