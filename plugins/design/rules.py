"""Design's rules: what a brief weighs, what its words may not say, who may take it, what a delivered picture must be.

Pure. A brief is a mapping of field name to plain value, as ``core.board.brief`` gives it.
"""

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from core.contracts import Field
from core.messages import LIST, N_, Message, msg, together

# Size points: one is about an hour of a designer's work.
PAGE_POINTS = {"home": 12, "detail": 8, "main_picture": 3, "promotion": 2, "video_cover": 2}
CAPACITY = 16  # of a designer for whom the lead has set none: two working days
LARGEST_CAPACITY = 200
PICTURES_PER_POINT = 4


def page_points(brief: Mapping[str, Any]) -> int:
    """Size points of a page request: by the kind of page, and one for each further size."""
    return PAGE_POINTS.get(brief.get("page_type", ""), 1) + len(brief.get("other_sizes", ()))


def shoot_points(brief: Mapping[str, Any]) -> int:
    """Size points of a photo shoot: setting up each scene and each item, then the pictures."""
    set_up = 2 * len(brief.get("scenes", ())) + len(brief.get("items", ()))
    return max(1, set_up + _shares(brief.get("pictures", 0)))


def retouch_points(brief: Mapping[str, Any]) -> int:
    """Size points of retouching: by the number of pictures; cutting out the background doubles them."""
    cut_out = brief.get("background", "keep") != "keep"
    return max(1, _shares(brief.get("count", 0)) * (2 if cut_out else 1))


def _shares(pictures: int) -> int:
    return -(-pictures // PICTURES_PER_POINT)


def left_empty(fields: Iterable[Field], brief: Mapping[str, Any]) -> list[str]:
    """The labels of the fields that the brief says nothing in."""
    return [field.label for field in fields if brief.get(field.name) in (None, "", [])]


@dataclass(frozen=True)
class Word:
    """A word that copy may not hold, and on what ground; a ``strict`` one refuses the brief, another warns."""

    text: str
    ground: str
    strict: bool


@dataclass(frozen=True)
class Finding:
    """A word found where it may not stand; ``label`` names the field of the brief."""

    word: Word
    label: str

    @property
    def message(self) -> Message:
        values = {"word": self.word.text, "field": Message(self.label), "ground": Message(self.word.ground)}
        if self.word.strict:
            return msg("“%(word)s” may not stand in “%(field)s”: %(ground)s.", **values)
        return msg("Look at “%(word)s” in “%(field)s” again: %(ground)s.", **values)


def own_words(brief: Mapping[str, Any]) -> list[Word]:
    """The words that the brief itself forbids."""
    return [Word(text, N_("this brief forbids it"), strict=True) for text in brief.get("forbidden", ())]


def findings(copy: Iterable[tuple[str, str]], words: Iterable[Word]) -> list[Finding]:
    """Words found in ``copy``, which is (label of the field, text) pairs: each word once per field.

    Blanks, letter case and full-width forms, by which such words are slipped past, make no difference.
    """
    sought = [(word, plain(word.text)) for word in words]
    found = {}
    for label, text in copy:
        line = plain(text)
        for word, needle in sought:
            if needle and needle in line:
                found[word.text, label] = Finding(word, label)
    return sorted(found.values(), key=lambda finding: not finding.word.strict)


def plain(text: str) -> str:
    """``text`` as words are compared: without blanks, in lower case, full-width forms made plain."""
    return "".join(unicodedata.normalize("NFKC", text).casefold().split())


def capacity_objection(held: int, points: int, capacity: int) -> Message | None:
    """Why a designer with ``held`` points in hand may not take ``points`` more; with empty hands any request fits."""
    if not held or held + points <= capacity:
        return None
    return msg(
        "You hold %(held)s of %(capacity)s points and this request weighs %(points)s. Deliver something first, or ask "
        "your lead to raise your capacity.",
        held=held,
        capacity=capacity,
        points=points,
    )


@dataclass(frozen=True)
class Picture:
    """What the check at delivery needs to know of a picture; ``size`` is in bytes."""

    width: int
    height: int
    size: int
    media_type: str


def picture_objections(brief: Mapping[str, Any], picture: Picture) -> list[Message]:
    """Why ``picture`` is not what the brief asks for: its pixels, its file format, its weight."""
    found = [_wrong_size(brief, picture), _wrong_format(brief, picture), _too_heavy(brief, picture)]
    return [reason for reason in found if reason]


def _wrong_size(brief: Mapping[str, Any], picture: Picture) -> Message | None:
    if not brief.get("size"):
        return None
    width, height = brief["size"]
    if brief.get("page_type") == "detail":  # as long as its story is; only the width is the platform's
        if picture.width == width:
            return None
        return msg(
            "The brief asks for a picture %(asked)s pixels wide, the delivered one is %(given)s pixels wide.",
            asked=width,
            given=picture.width,
        )
    if (picture.width, picture.height) == (width, height):
        return None
    return msg(
        "The brief asks for %(asked)s pixels, the delivered picture has %(given)s.",
        asked=f"{width}×{height}",
        given=f"{picture.width}×{picture.height}",
    )


def _wrong_format(brief: Mapping[str, Any], picture: Picture) -> Message | None:
    asked = brief.get("formats", ())
    given = picture.media_type.removeprefix("image/")
    if not asked or given in asked:
        return None
    return msg(
        "The brief asks for %(asked)s, the delivered picture is %(given)s.",
        asked=together([each.upper() for each in asked], LIST),
        given=given.upper(),
    )


def _too_heavy(brief: Mapping[str, Any], picture: Picture) -> Message | None:
    limit = brief.get("max_kb")
    if not limit or picture.size <= limit * 1024:
        return None
    return msg(
        "The brief allows %(asked)s KB, the delivered picture has %(given)s KB.",
        asked=limit,
        given=-(-picture.size // 1024),
    )
