"""The fonts of documents: two static weights, cut from a pinned package's variable font on first use.

One font is one file. WeasyPrint prints other Chinese characters and digits, without a warning, when a font comes in
pieces by unicode-range.
"""

import os
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from tempfile import NamedTemporaryFile

import uharfbuzz

PACKAGE = "justmytype_intl_cjk"
FAMILY = "Storeboard"
WEIGHTS = (400, 700)
MAIN = "SC"
LENDERS = ("TC", "JP", "KR")  # asked, in this order, for characters that the simplified Chinese font lacks
SUBSTITUTE = "\u3013"  # the geta mark, by which Chinese and Japanese printers show a missing type

# Signs that no font of the package has, and the nearest that all have.
ALIKE = {
    0x2610: "\u25a1",  # ballot box
    0x2611: "\u2713",  # ballot box with check
    0x2612: "\u00d7",  # ballot box with x
    0x2714: "\u2713",  # heavy check mark
    0x2717: "\u00d7",  # ballot x
    0x2718: "\u00d7",  # heavy ballot x
    0x2252: "\u2248",  # the one character of GBK that the font lacks
}


@dataclass(frozen=True)
class Coverage:
    """A text that can be printed whole: ``lent`` names characters from other regions' fonts, ``missing`` those that no
    font has and that now stand in ``text`` as a geta mark."""

    text: str
    lent: dict[str, str]
    missing: str


def source(region: str) -> Path:
    """The variable font of ``region``; raises ``RuntimeError`` when the font package is not installed."""
    spec = find_spec(PACKAGE)  # found, not imported: only its files are wanted
    if spec is None or spec.origin is None:
        raise RuntimeError(f"the package {PACKAGE}, which carries the Chinese font, is not installed: run make")
    name = f"NotoSans{region}"
    return Path(spec.origin).parent / "fonts" / "ofl" / name.lower() / f"{name}[wght].ttf"


def _face(region: str) -> uharfbuzz.Face:
    return uharfbuzz.Face(uharfbuzz.Blob.from_file_path(str(source(region))))


@cache
def repertoire(region: str) -> frozenset[int]:
    """The code points that ``region``'s font has."""
    return frozenset(_face(region).unicodes)


def cut(region: str, weight: int, characters: Iterable[int]) -> bytes:
    """A static TrueType font of one weight that holds ``characters``."""
    face = _face(region)
    wanted = uharfbuzz.SubsetInput()
    wanted.unicode_set.update(characters)
    if not wanted.pin_axis_location(face, "wght", weight):
        raise RuntimeError(f"{source(region)} has no weight axis")
    return uharfbuzz.subset(face, wanted).blob.data


def files(home: Path) -> dict[int, Path]:
    """Weight -> font file under ``home``, made now if it is not there yet. Several processes may ask at once."""
    made = {}
    for weight in WEIGHTS:
        path = home / "fonts" / f"{FAMILY}-{version(PACKAGE)}-{weight}.ttf"
        if not path.exists():
            _write(path, cut(MAIN, weight, repertoire(MAIN)))
        made[weight] = path
    return made


def fontconfig_file(home: Path) -> Path:
    """A fontconfig configuration that knows these fonts and no others, for a browser on a machine without any."""
    place = files(home)[WEIGHTS[0]].parent
    text = (
        '<?xml version="1.0"?>\n<!DOCTYPE fontconfig SYSTEM "urn:fontconfig:fonts.dtd">\n<fontconfig>'
        f"<dir>{place}</dir><cachedir>{place / 'cache'}</cachedir></fontconfig>\n"
    )
    path = place / "fonts.conf"
    if not path.exists() or path.read_text() != text:
        _write(path, text.encode())
    return path


def _write(path: Path, data: bytes) -> None:
    """Write a whole file or none, also when another process writes the same one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with NamedTemporaryFile(dir=path.parent, prefix=".making-", delete=False) as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    os.chmod(file.name, 0o644)
    os.replace(file.name, path)


def cover(text: str) -> Coverage:
    """Make ``text`` printable. Control and format characters go: they have no shape, and can turn a line around."""
    table: dict[int, str] = {}
    lent: dict[str, str] = {}
    missing = []
    for character in sorted(set(text)):
        point = ord(character)
        if _invisible(character):
            table[point] = ""
        elif point in repertoire(MAIN) or character in "\t\n\r":
            continue
        elif point in ALIKE:
            table[point] = ALIKE[point]
        elif unicodedata.category(character).startswith("Z"):
            table[point] = " "
        elif region := next((name for name in LENDERS if point in repertoire(name)), None):
            lent[region] = lent.get(region, "") + character
        else:
            table[point] = SUBSTITUTE
            missing.append(character)
    return Coverage(text.translate(table), lent, "".join(missing))


def _invisible(character: str) -> bool:
    if unicodedata.category(character) in {"Cc", "Cf"}:
        return character not in "\t\n\r"
    return "\ufe00" <= character <= "\ufe0f" or "\U000e0100" <= character <= "\U000e01ef"  # variation selectors


def lent_fonts(lent: dict[str, str]) -> dict[tuple[str, int], bytes]:
    """(family, weight) -> font that holds the lent characters of one region."""
    return {
        (f"{FAMILY} {region}", weight): cut(region, weight, map(ord, characters))
        for region, characters in lent.items()
        for weight in WEIGHTS
    }
